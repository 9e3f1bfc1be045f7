"""A message's page in a frame that can do nothing: no script, no form, nothing fetched, no way out.

What is still being written has no address of its own. It is kept for some minutes under a name that
only its writer can ask for.
"""

import re
import secrets

from csp.constants import NONE, SELF
from django.core.cache import cache
from django.http import HttpResponse
from django.utils.translation import gettext as _

from tenor.platform.core.errors import NotFound
from tenor.platform.workbench.screens import Request

# The page of a message has its styles within it and its pictures as data.
_POLICY: dict[str, list[str | bool]] = {
    "default-src": [NONE],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": [True],
}
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
# A pressed link would open a window, which the sandbox does not allow: it does nothing.
_NOWHERE = '<base target="_blank">'
_KEPT_SECONDS = 600


def framed(html: str) -> HttpResponse:
    """Return a message's page so that it can be looked at, in a frame of our own pages only."""
    page, found = _HEAD.subn(lambda head: head[0] + _NOWHERE, html, count=1)
    response = HttpResponse(page if found else _NOWHERE + html)
    response._csp_config = _POLICY  # type: ignore[attr-defined]
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cache-Control"] = "private, no-store"
    return response


def keep(request: Request, html: str) -> str:
    """Keep a page for its writer's preview; return the name to ask for it by."""
    name = secrets.token_urlsafe(12)
    cache.set(_key(request, name), html, _KEPT_SECONDS)
    return name


def kept(request: Request, name: str) -> str:
    """Return a page that was kept for this person."""
    html = cache.get(_key(request, name))
    if html is None:
        raise NotFound(_("This preview is over: look at the text again."))
    return str(html)


def _key(request: Request, name: str) -> str:
    return f"frame:{request.organisation.pk}:{request.user.pk}:{name}"
