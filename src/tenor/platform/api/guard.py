"""Who calls: the key in the header, the organisation that it is of, and what it may do."""

from dataclasses import replace

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from tenor.platform.api.problems import Problem
from tenor.platform.core.actor import Actor, program
from tenor.platform.core.errors import Forbidden
from tenor.platform.core.keys import find_key
from tenor.platform.core.origin import origin_of
from tenor.platform.core.roles import Access, Right, Scope

# What a scope adds to the rights that every program has.
_ADDED = {f"{Scope.REVIEWS}:{Access.WRITE}": frozenset({Right.APPROVE})}


class Caller(HttpRequest):
    """A request of a program whose key was found."""

    auth: Actor


class ApiKey(HttpBearer):
    """Asks for a key with one scope: `Authorization: Bearer tenor_…`."""

    def __init__(self, scope: Scope, access: Access) -> None:
        """Keep which scope is asked for."""
        self.needed = f"{scope}:{access}"
        super().__init__()

    def __call__(self, request: HttpRequest) -> Actor:
        """Return who calls, or refuse."""
        actor = actor_of(request)
        if actor.key is None or self.needed not in actor.key.scopes:
            raise Forbidden(
                _("This key has not the scope %(scope)s. Ask an administrator for one that has.")
                % {"scope": self.needed}
            )
        return actor

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """Return who calls (the part that the framework asks for)."""
        return self(request)


def reading(scope: Scope) -> ApiKey:
    """Ask for a key that may read this."""
    return ApiKey(scope, Access.READ)


def writing(scope: Scope) -> ApiKey:
    """Ask for a key that may change this."""
    return ApiKey(scope, Access.WRITE)


def actor_of(request: HttpRequest) -> Actor:
    """Return who calls, looked up once a request; refuse where no valid key is given."""
    found: Actor | None = getattr(request, "tenor_actor", None)
    if found is None:
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        key = find_key(token.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            raise Problem(
                401, _("Give a valid API key, in the header Authorization: Bearer tenor_….")
            )
        actor = program(key, origin=origin_of(request))
        added = frozenset[Right]().union(*(_ADDED.get(scope, ()) for scope in key.scopes))
        found = replace(actor, rights=actor.rights | added)
        request.tenor_actor = found  # type: ignore[attr-defined]
    return found
