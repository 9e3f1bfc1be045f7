"""End messages on a channel with one press, and choose again; tell that a message was opened."""

import base64

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from tenor.platform.core import clock
from tenor.platform.portal.door import Request, page, render_page
from tenor.platform.replies import actions, queries

# The channels that a reader can end here; a letter that a law asks for comes all the same.
OFFERED = ("email", "sms", "push", "letter", "call")
# RFC 8058: what a mail program posts when somebody presses its own button.
_ONE_CLICK = ("List-Unsubscribe", "One-Click")
# The smallest picture there is, of which nothing is seen.
_PICTURE = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@page(after_end=True)
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: Request) -> HttpResponse:
    """Show what can be ended; end it, or open it again, when somebody presses.

    Looking ends nothing: mail programs and scanners follow links by themselves.
    """
    done = ""
    if request.method == "POST":
        if request.POST.get(_ONE_CLICK[0]) == _ONE_CLICK[1]:
            _change(request, _of_link(request), granted=False)
            return HttpResponse(status=204)
        channel = request.POST.get("channel", "")
        if channel in OFFERED:
            granted = request.POST.get("want") == "again"
            _change(request, channel, granted=granted)
            done = f"{'again_done' if granted else 'ended'}:{channel}"
    return render_page(request, "portal/stop.html", _shown(request, done))


@page(after_end=True, most=30)
@require_safe
def seen(request: Request) -> HttpResponse:
    """Give a picture of nothing; that it was fetched is kept where the reader agreed to that."""
    message = None
    if request.method == "GET":
        message = queries.message_called(request.organisation, request.link.contact_key)
    if message is not None and message.customer_id == request.customer.pk:
        actions.saw_opening(request.organisation, message)
    return HttpResponse(_PICTURE, content_type="image/gif")


def _of_link(request: Request) -> str:
    """Return the channel that the message with this link came over; e-mail where nobody knows."""
    return request.link.channel if request.link.channel in OFFERED else "email"


def _change(request: Request, channel: str, *, granted: bool) -> None:
    standing = {said.channel: said.granted for said in queries.consents_of(request.customer)}
    if (standing[channel] is not False) == granted:
        return  # it is as they wish already: pressed twice, or a page that was left open
    change = actions.opt_in if granted else actions.opt_out
    change(
        request.actor, request.customer, channel,
        key=f"page:{request.link.pk}:{channel}:{clock.real_now().isoformat()}",
        source="page", contact_key=request.link.contact_key,
    )  # fmt: skip


def _shown(request: Request, done: str) -> dict[str, object]:
    words = request.words["stop"]
    standing = {said.channel: said.granted for said in queries.consents_of(request.customer)}
    first = _of_link(request)
    ordered = [first, *(name for name in OFFERED if name != first)]
    rows = [
        {"channel": name, "name": words["channels"][name], "open": standing[name] is not False}
        for name in ordered
    ]
    what, _colon, channel = done.partition(":")
    told = words.filled(channel=words["channels"][channel])[what] if channel else ""
    return {"words": words, "first": rows[0], "others": rows[1:], "told": told, "what": what,
            "changed": channel}  # fmt: skip
