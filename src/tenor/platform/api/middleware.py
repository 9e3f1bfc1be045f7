"""What holds for every address under /api/: sizes, media types, and problems as answers."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tenor.platform.api.problems import MEDIA_TYPE, of_status, problem

PREFIX = "/api/"
# A thousand events with the longest keys and details that are allowed fit in it.
MOST_BYTES = 16 * 1024 * 1024
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class ApiMiddleware:
    """Refuses early what cannot be read, and lets no page of HTML answer a program."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next part of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        response = _unreadable(request) or self.get_response(request)
        told = response.get("Content-Type", "")
        if response.status_code >= 400 and not told.startswith(MEDIA_TYPE):
            allowed = response.get("Allow")
            response = of_status(response.status_code)
            if allowed is not None:
                response["Allow"] = allowed
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _unreadable(request: HttpRequest) -> HttpResponse | None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    size = int(length) if length.isdecimal() and length.isascii() else 0
    if size > MOST_BYTES:
        return problem(413, _("At most %(most)s bytes are taken at once.") % {"most": MOST_BYTES})
    if request.method in _WITH_BODY and size and request.content_type != "application/json":
        return problem(415, _("Send JSON, with Content-Type: application/json."))
    return None
