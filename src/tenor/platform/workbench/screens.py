"""The door of every screen: who asks, in which organisation, with which right; how it refuses."""

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from tenor.engine.errors import ModelError
from tenor.platform.core import clock
from tenor.platform.core.access import membership_in
from tenor.platform.core.actor import Actor, person
from tenor.platform.core.errors import Forbidden, Refused, TenorError
from tenor.platform.core.models import Organisation, User
from tenor.platform.core.origin import origin_of
from tenor.platform.core.preferences import preferences_of
from tenor.platform.core.roles import Right

P = ParamSpec("P")


class Request(HttpRequest):
    """A request of somebody who is signed in, to a screen of an organisation."""

    user: User
    actor: Actor
    organisation: Organisation


View = Callable[Concatenate[Any, P], HttpResponseBase]


def screen(right: Right) -> Callable[[View[P]], Callable[..., HttpResponseBase]]:
    """Make a view of an organisation: `/o/<slug>/…`, for members with `right` only.

    The view is called with `request.actor` and `request.organisation` set and without the slug.
    Somebody who is no member learns nothing: to them there is no such page.
    """

    def decorate(view: View[P]) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def guarded(request: Any, slug: str, *args: Any, **named: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            try:
                membership = membership_in(request.user, slug)
            except TenorError as error:
                return refusal(request, error)
            request.actor = person(membership, origin=origin_of(request))
            request.organisation = organisation = membership.organisation
            if lacks_second_factor(request):
                return redirect("mfa_index")
            language = request.user.language or organisation.language
            with translation.override(language), timezone.override(clock.zone(organisation)):
                request.LANGUAGE_CODE = translation.get_language()
                try:
                    request.actor.need(right)
                    response = view(request, *args, **named)
                except TenorError as error:
                    response = refusal(request, error)
                except ModelError:
                    response = refusal(request, Refused(_unreadable()))
                if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                    response = response.render()
            return response

        guarded.right = right  # type: ignore[attr-defined]
        return guarded

    return decorate


def lacks_second_factor(request: Request) -> bool:
    """Say whether the organisation asks for a second factor that this person has not set up.

    Who came in through the organisation's own provider has shown there what it asks for.
    """
    if not preferences_of(request.organisation).second_factor_required:
        return False
    if any(
        m.get("method") == "socialaccount"
        for m in get_authentication_records(request, request.user)
    ):
        return False
    if is_mfa_enabled(request.user):
        return False
    messages.warning(
        request,
        _("%(organisation)s asks for a second factor. Set one up here, and then go on.")
        % {"organisation": request.organisation},
    )
    return True


def refusal(request: HttpRequest, error: TenorError) -> HttpResponse:
    """Say what happened and what to do: a page, or a line on the page where htmx asked."""
    part = request.headers.get("HX-Request") == "true"
    template = "workbench/refusal_line.html" if part else "workbench/refusal.html"
    inside = hasattr(request, "actor")
    context = {
        "error": error,
        "forbidden": isinstance(error, Forbidden),
        "back": _came_from(request),
        "frame": "workbench/base.html" if inside else "workbench/outside.html",
    }
    response = render(request, template, context, status=error.status)
    if part:
        response["HX-Retarget"], response["HX-Reswap"] = "#notices", "innerHTML"
    return response


def _unreadable() -> str:
    """Say what to do about a predictor that this version cannot read."""
    return _(
        "The predictor in force was learned by another version of Tenor, and this one cannot read "
        "it. Have one learned anew under Rules, Predictor."
    )


def _came_from(request: HttpRequest) -> str:
    """Return the page on which a form was sent in, so that one can go back there; else nothing."""
    page = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        page, {request.get_host()}, require_https=request.is_secure()
    )
    return page if request.method == "POST" and is_ours else ""
