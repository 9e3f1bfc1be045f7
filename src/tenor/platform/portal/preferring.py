"""Preferences: the language, the ways by which somebody is reached, all of them off, a browser."""

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from tenor.platform.core import clock
from tenor.platform.ledger import actions as ledger
from tenor.platform.outreach.actions.push import subscribe
from tenor.platform.outreach.channels.push.keys import public_key
from tenor.platform.portal.door import Request, page, render_page, to
from tenor.platform.portal.stopping import OFFERED
from tenor.platform.replies import actions, queries
from tenor.platform.wording.draft import LANGUAGES


@page(after_end=True)
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: Request) -> HttpResponse:
    """Show and keep what somebody prefers."""
    words = request.words["preferences"]
    if request.method == "POST":
        language = request.POST.get("language", "")
        if language in LANGUAGES:
            ledger.record_customer(request.actor, key=request.customer.key, language=language)
            return to(request, "preferences/", lang=language, done="language")
        if request.POST.get("all") in ("stop", "again"):
            _all(request, granted=request.POST["all"] == "again")
            return to(request, "preferences/", done=request.POST["all"])
    done = request.GET.get("done", "")
    standing = {said.channel: said.granted for said in queries.consents_of(request.customer)}
    return render_page(
        request,
        "portal/preferences.html",
        {
            "words": words, "channels": request.words["stop"]["channels"],
            "done": words["done"][done] if done in ("language", "stop", "again", "push") else "",
            "some": [request.words["stop"]["channels"][name] for name in OFFERED
                     if standing[name] is not False],
            "push_key": public_key(),
        },
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
