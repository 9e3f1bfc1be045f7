"""Preferences: the language, the ways and the times at which somebody is reached, a browser."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from tenor.engine.policy.keys import WEEKDAYS
from tenor.engine.policy.wished import wish_of
from tenor.platform.core import clock
from tenor.platform.ledger import actions as ledger
from tenor.platform.outreach.actions.push import subscribe
from tenor.platform.outreach.channels.push.keys import public_key
from tenor.platform.portal.door import Request, page, render_page, to
from tenor.platform.portal.stopping import OFFERED
from tenor.platform.replies import actions, queries
from tenor.platform.wording.draft import LANGUAGES

# Hours that can be chosen; between any two of them there is time in every channel's hours.
FROM = range(7, 13)
UNTIL = range(14, 23)
_DONE = frozenset({"language", "stop", "again", "push", "times"})


@page
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: Request) -> HttpResponse:
    """Show and keep what somebody prefers."""
    words = request.words["preferences"]
    problem = ""
    if request.method == "POST":
        language = request.POST.get("language", "")
        if language in LANGUAGES:
            ledger.record_customer(request.actor, key=request.customer.key, language=language)
            return to(request, "preferences/", lang=language, done="language")
        if request.POST.get("all") in ("stop", "again"):
            _all(request, granted=request.POST["all"] == "again")
            return to(request, "preferences/", done=request.POST["all"])
        if "times" in request.POST:
            problem = _keep_times(request)
            if not problem:
                return to(request, "preferences/", done="times")
    done = request.GET.get("done", "")
    standing = {said.channel: said.granted for said in queries.consents_of(request.customer)}
    return render_page(
        request,
        "portal/preferences.html",
        {
            "words": words, "channels": request.words["stop"]["channels"],
            "done": words["done"][done] if done in _DONE else "",
            "problem": words["problems"][problem] if problem else "",
            "some": [request.words["stop"]["channels"][name] for name in OFFERED
                     if standing[name] is not False],
            "push_key": public_key(), **_times(request),
        },
        status=422 if problem else 200,
    )  # fmt: skip


@page
@require_POST
def push(request: Request) -> HttpResponse:
    """Tell this browser from now on, as its owner just allowed."""
    subscribe(
        request.actor, customer_key=request.customer.key,
        endpoint=request.POST.get("endpoint", ""), p256dh=request.POST.get("p256dh", ""),
        auth=request.POST.get("auth", ""),
    )  # fmt: skip
    return to(request, "preferences/", done="push")


def _all(request: Request, *, granted: bool) -> None:
    standing = {said.channel: said.granted for said in queries.consents_of(request.customer)}
    change = actions.opt_in if granted else actions.opt_out
    for channel in OFFERED:
        if (standing[channel] is not False) != granted:
            change(
                request.actor, request.customer, channel,
                key=f"page:{request.link.pk}:{channel}:{clock.real_now().isoformat()}",
                source="page", contact_key=request.link.contact_key,
            )  # fmt: skip


def _keep_times(request: Request) -> str:
    """Keep when they want to be reached, or return the code of what is wrong with it."""
    first, last = request.POST.get("from", ""), request.POST.get("until", "")
    days = request.POST.getlist("day")
    if not days or not set(days) <= set(WEEKDAYS):
        return "days"
    hours = [*map(str, FROM), *map(str, UNTIL), *(str(hour) for hour in _hours(request)), ""]
    if first not in hours or last not in hours or int(first or 0) >= int(last or 24):
        return "hours"
    ledger.record_customer(
        request.actor, key=request.customer.key, source="page",
        contact_hours=f"{int(first or 0):02}:00-{int(last or 24):02}:00" if first or last else "",
        contact_days=",".join(days),
    )  # fmt: skip
    return ""


def _times(request: Request) -> dict[str, Any]:
    """Return the hours and weekdays for the form, with those that stand."""
    first, last = _hours(request)
    customer, names = request.customer, request.words["preferences"]["weekdays"]
    days = wish_of("", customer.contact_days).days
    return {
        "froms": _choices({*FROM, first} - {0}, first),
        "untils": _choices({*UNTIL, last} - {24}, last),
        "weekdays": [(code, names[code], place in days) for place, code in enumerate(WEEKDAYS)],
    }  # fmt: skip


def _hours(request: Request) -> tuple[int, int]:
    wish = wish_of(request.customer.contact_hours, "")
    return wish.start // 60, wish.end // 60


def _choices(hours: set[int], chosen: int) -> list[tuple[int, str, bool]]:
    return [(hour, f"{hour}:00", hour == chosen) for hour in sorted(hours)]
