"""The door of a customer's page: the link says whose it is, and nothing else is needed.

Whoever has the link may look and act for that customer, as with a letter in the hand. There are no
cookies: so no other site can make a reader's browser act in their name, and a form needs no token
of its own. A page tells nobody where it was opened from, is kept by nobody on the way, and is
found by no search engine.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, overload

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt

from tenor.platform.core import clock, rates
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import TenorError
from tenor.platform.core.models import Organisation
from tenor.platform.core.origin import origin_of
from tenor.platform.core.preferences import Preferences, preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.portal.words import Words, language_of, words_of
from tenor.platform.wording.draft import LANGUAGES
from tenor.platform.wording.links import link_of

if TYPE_CHECKING:
    from tenor.platform.ledger.models import Customer
    from tenor.platform.wording.models import PageLink

P = ParamSpec("P")

# A person looks a few times a minute; who tries out links looks more often.
_LOOKS_A_MINUTE = 120
_WRONG_A_MINUTE = 20
# What a form may hold.
_MOST_BYTES = 64 * 1024
# What a customer does for themselves: the ledger asks of whoever changes it that they may work.
_RIGHTS = frozenset({Right.SEE, Right.WORK})
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "script-src 'self'; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
        "worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}
_USUAL_COLOUR = "#1f5f8b"
# Languages as their readers call them.
_LANGUAGES = {"nl": "Nederlands", "en": "English", "de": "Deutsch", "fr": "Français"}


class Request(HttpRequest):
    """A request with a link that opens a customer's page."""

    link: "PageLink"
    text: str
    customer: "Customer"
    organisation: Organisation
    preferences: Preferences
    actor: Actor
    language: str
    words: Words


View = Callable[Concatenate[Any, P], HttpResponseBase]


Guarded = Callable[..., HttpResponseBase]


@overload
def page(view: View[P]) -> Guarded: ...


@overload
def page(
    *, after_end: bool = False, most: int = _LOOKS_A_MINUTE, most_bytes: int = _MOST_BYTES
) -> Callable[[View[P]], Guarded]: ...


def page(
    view: View[P] | None = None,
    *,
    after_end: bool = False,
    most: int = _LOOKS_A_MINUTE,
    most_bytes: int = _MOST_BYTES,
) -> Any:
    """Make a view of a customer's page: `/p/<text>/…`.

    The view is called without the text, with `request.customer`, `.organisation`, `.link`,
    `.preferences`, `.language`, `.words` (in the reader's language) and `.actor`, who acts for the
    customer. A link that is over or was taken back opens nothing, unless `after_end` (to end
    messages, a link is always good); one that is forged is no link. `most` is how often a minute
    one link may be looked at (this page by itself, where it is said), `most_bytes` what its form
    may hold. A refusal (`core.errors`) is shown as a page.
    """
    if view is None:
        return functools.partial(page, after_end=after_end, most=most, most_bytes=most_bytes)

    @csrf_exempt
    @functools.wraps(view)
    def guarded(request: Any, text: str, *args: Any, **named: Any) -> HttpResponseBase:
        return _guard(
            _answer(view, request, text, Limits(after_end, most, most_bytes), args, named)
        )

    guarded.page = True  # type: ignore[attr-defined]
    return guarded


def dressed(view: Any) -> Any:
    """Give a page that belongs to no link the headers of those that do."""

    @functools.wraps(view)
    def guarded(request: Any, *args: Any, **named: Any) -> HttpResponseBase:
        return _guard(view(request, *args, **named))

    return guarded


def _guard(response: HttpResponseBase) -> HttpResponseBase:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    # The installation's own policy is for the workbench.
    response._csp_exempt = True  # type: ignore[attr-defined]
    return response


@dataclass(frozen=True)
class Limits:
    """How a page is guarded; see `page`."""

    after_end: bool
    most: int
    most_bytes: int


def _size(request: Any) -> int:
    """Return how much a form holds, as it says itself: no server reads more than that of it."""
    told = request.META.get("CONTENT_LENGTH") or "0"
    return int(told) if told.isdigit() else 0


def _answer(
    view: Any, request: Any, text: str, limits: Limits, args: Any, named: Any
) -> HttpResponseBase:
    link = link_of(text)
    if link is None:
        if not rates.allowed("portal.wrong", origin_of(request), most=_WRONG_A_MINUTE, seconds=60):
            return closed(request, "busy", 429)
        return closed(request, "unknown", 404)
    # What is dear has a count of its own: reading other pages first does not use it up.
    dear = "" if limits.most == _LOOKS_A_MINUTE else f" {view.__name__}"
    if not rates.allowed("portal", f"{link.pk}{dear}", most=limits.most, seconds=60):
        return closed(request, "busy", 429, link)
    if _size(request) > limits.most_bytes:
        return closed(request, "broken", 413, link)
    _dress(request, link, text)
    with (
        translation.override(_installed(request.language)),
        timezone.override(clock.zone(request.organisation)),
    ):
        if not limits.after_end and is_over(link):
            return closed(request, "over", 410, link)
        try:
            response: HttpResponseBase = view(request, *args, **named)
        except TenorError as refused:
            context = {"problem": refused.message}
            return render_page(request, "portal/closed.html", context, status=refused.status)
        return response


def is_over(link: "PageLink") -> bool:
    """Say whether a link opens nothing any more: its time has passed, or it was taken back."""
    return link.revoked_at is not None or link.expires_at <= clock.now(link.organisation)


def closed(request: Any, why: str, status: int, link: "PageLink | None" = None) -> HttpResponse:
    """Say kindly why there is nothing: unknown, over, busy, broken. It names no customer."""
    organisation = link.organisation if link else None
    language = language_of(
        request.GET.get("lang", ""), request.headers.get("Accept-Language", ""),
        link.customer if link else None, organisation,
    )  # fmt: skip
    words = words_of(language)
    told = words["closed"][why]
    context: dict[str, Any] = {
        "why": why, "language": language, "all": words, "title": told["title"],
        "problem": told["text"],
    }  # fmt: skip
    if organisation is not None:
        context |= _sender(organisation)
    if link is not None and why == "over":
        context["renew"] = reverse("portal:renew", args=[request.text])
        context["q"] = query_of(request)
    response = _written("portal/closed.html", context, status)
    if status == 429:
        response["Retry-After"] = "60"
    return response


def render_page(
    request: Any, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Show a template of the pages, with what each of them needs."""
    shared = {
        **_sender(request.organisation),
        "customer": request.customer,
        "language": request.language,
        "languages": [(code, _LANGUAGES[code]) for code in LANGUAGES],
        "all": request.words,
        "home": home_of(request),
        "q": query_of(request),
    }
    return _written(template, shared | (context or {}), status)


def render_alone(
    organisation: Organisation, language: str, template: str, context: dict[str, Any]
) -> HttpResponse:
    """Show a page of an organisation that belongs to no link."""
    shared = {
        "language": language,
        "all": words_of(language).filled(organisation=organisation.name),
    }
    return _written(template, _sender(organisation) | shared | context, 200)


def home_of(request: Request) -> str:
    """Return the address of the first page behind a link."""
    return reverse("portal:page", args=[request.text])


def query_of(request: Request) -> str:
    """Return what keeps the language that the reader chose from page to page."""
    return f"?lang={request.language}" if request.GET.get("lang") else ""


def to(request: Request, place: str = "", **more: str) -> HttpResponse:
    """Go on to another of the pages, as one does after a form: reloading it does nothing again."""
    told = {"lang": request.language} if request.GET.get("lang") else {}
    query = urlencode(told | more)
    return HttpResponseRedirect(
        f"{home_of(request)}{place}{'?' if query else ''}{query}", status=303
    )


def _written(template: str, context: dict[str, Any], status: int) -> HttpResponse:
    """Write a page; what the workbench puts into each of its own (a session, a theme) stays out."""
    return HttpResponse(render_to_string(template, context), status=status)


def _sender(organisation: Organisation) -> dict[str, Any]:
    """Return how the organisation shows itself."""
    preferences = preferences_of(organisation)
    return {
        "organisation": organisation,
        "preferences": preferences,
        "colour": preferences.colour or _USUAL_COLOUR,
        "on_colour": text_on(preferences.colour or _USUAL_COLOUR),
    }


def text_on(colour: str) -> str:
    """Return black or white: whichever is read better on a colour (WCAG 2.2, 1.4.3)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if (light + 0.05) / 0.05 > 1.05 / (light + 0.05) else "#ffffff"


def _dress(request: Any, link: "PageLink", text: str) -> None:
    organisation = link.organisation
    customer = link.customer
    customer.organisation = organisation
    request.link, request.text = link, text
    request.customer, request.organisation = customer, organisation
    request.preferences = preferences_of(organisation)
    # What a customer does on their page is done in their name, within what the page offers.
    request.actor = Actor(
        organisation, "customer", customer.pk, f"customer {customer.key}"[:200], _RIGHTS,
        origin_of(request),
    )  # fmt: skip
    asked = request.GET.get("lang", "")
    accepted = request.headers.get("Accept-Language", "")
    request.language = language_of(asked, accepted, customer, organisation)
    request.words = words_of(request.language).filled(organisation=organisation.name)


def _installed(language: str) -> str:
    """Return the language for what the platform itself says: refusals, dates."""
    return language if translation.check_for_language(language) else "en"
