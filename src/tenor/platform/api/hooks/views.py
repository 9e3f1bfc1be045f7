"""Answer a provider's call: known by its secret, read, followed; a stranger changes nothing."""

import logging

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from tenor.platform.api.problems import of_status
from tenor.platform.core import rates
from tenor.platform.core.origin import origin_of
from tenor.platform.replies import actions
from tenor.platform.replies.hooks import MOST_BYTES, Unreadable, account_called, may_call, told_by

log = logging.getLogger("tenor.replies")

# So many wrong calls a minute from one address are enough to find out that the password is wrong.
_WRONG_A_MINUTE = 60
_NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@csrf_exempt
def tell(
    request: HttpRequest, channel: str, provider: str, hook: str, inbound: str = ""
) -> HttpResponse:
    """Take in what a provider tells."""
    if inbound not in ("", "inbound") or (inbound and channel != "email"):
        return of_status(404)
    found = account_called(channel, provider, hook)
    if found is None:
        return _stranger(request, 404)
    organisation, account = found
    if request.method == "HEAD":
        return HttpResponse()  # some ask whether anybody is here before they are told to call
    if request.method not in ("POST", "GET"):
        return of_status(405)
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > MOST_BYTES:
        return of_status(413)
    if not may_call(account, request):
        return _stranger(request, 401)
    try:
        told = told_by(account, request, inbound=bool(inbound))
    except Unreadable as error:
        log.warning("a call of %s could not be read: %s", provider, error)
        return of_status(400)
    for news in told.news:
        actions.hear(organisation, channel, news)
    for incoming in told.incoming:
        actions.take_in(organisation, incoming)
    if provider == "twilio":
        return HttpResponse(_NOTHING_TO_SAY, content_type="text/xml")
    return HttpResponse()


def _stranger(request: HttpRequest, status: int) -> HttpResponse:
    if not rates.allowed("hook", origin_of(request), most=_WRONG_A_MINUTE, seconds=60):
        return of_status(429)
    response = of_status(status)
    if status == 401:
        response["WWW-Authenticate"] = 'Basic realm="Tenor", charset="UTF-8"'
    return response
