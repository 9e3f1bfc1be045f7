"""What a payment provider tells about payments."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tenor.platform.core.errors import NotFound
from tenor.platform.paying import actions
from tenor.platform.paying.provider import Forged, Trouble

# More than any provider sends.
_MOST_BYTES = 256 * 1024


@csrf_exempt
@require_POST
def payments(request: HttpRequest, token: str) -> HttpResponse:
    """Take in news of payments; a status other than 200 has the provider tell it again."""
    if len(request.body) > _MOST_BYTES:
        return HttpResponse(status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        actions.hear(token, headers, request.body)
    except NotFound:
        return HttpResponse(status=404)
    except Forged:
        return HttpResponse(status=400)
    except Trouble:
        return HttpResponse(status=503)
    return HttpResponse(status=200)
