"""Who acts: a person, a program with a key, or Tenor itself; passed to every action."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from tenor.platform.core.errors import Forbidden
from tenor.platform.core.models import ApiKey, Membership, Organisation
from tenor.platform.core.roles import Right


@dataclass(frozen=True)
class Actor:
    """Somebody or something that acts in one organisation, with the rights it has there.

    `name` is kept in the audit log as it was; `origin` is the network address, where there is one.
    """

    organisation: Organisation
    kind: str
    number: int | None
    name: str
    rights: frozenset[Right]
    origin: str = ""
    membership: Membership | None = None
    key: ApiKey | None = None

    @property
    def code(self) -> str:
        """Return how the audit log names this actor: `person:12`."""
        return self.kind if self.number is None else f"{self.kind}:{self.number}"

    @property
    def user_id(self) -> int | None:
        """Return the number of the person, or nothing where no person acts."""
        return self.number if self.kind == "person" else None

    def may(self, right: Right) -> bool:
        """Say whether this actor has `right`."""
        return right in self.rights

    def need(self, right: Right) -> None:
        """Refuse unless this actor has `right`."""
        if not self.may(right):
            raise Forbidden(_("Your role does not include this. Ask an administrator."))


def person(membership: Membership, *, origin: str = "") -> Actor:
    """Return the actor that a member of an organisation is."""
    rights = frozenset(right for right in Right if membership.may(right))
    user = membership.user
    return Actor(
        membership.organisation, "person", user.pk, str(user), rights, origin, membership=membership
    )


def program(key: ApiKey, *, origin: str = "") -> Actor:
    """Return the actor that a program with an API key is; its scopes are asked route by route."""
    rights = frozenset({Right.SEE, Right.WORK, Right.MONEY, Right.IMPORT, Right.ANALYSE})
    return Actor(key.organisation, "key", key.pk, key.name, rights, origin, key=key)


def system(organisation: Organisation, name: str = "Tenor") -> Actor:
    """Return Tenor itself, at work for `organisation` (the day, an import by command)."""
    return Actor(organisation, "system", None, name, frozenset(Right))
