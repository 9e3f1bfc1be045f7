"""Messages as they were received: the page of one that was sent, for a frame."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tenor.platform.core.errors import NotFound
from tenor.platform.core.roles import Right
from tenor.platform.outreach.queries import message_for
from tenor.platform.workbench.framing import framed, kept
from tenor.platform.workbench.screens import Request, screen


@screen(Right.SEE)
@require_safe
def received(request: Request, number: int) -> HttpResponse:
    """Return the page of a message as its reader got it."""
    content = getattr(message_for(request.actor, number), "content", None)
    if content is None or not content.html:
        raise NotFound(_("This message had no page: its words are all there was."))
    return framed(content.html)


@screen(Right.SEE)
@require_safe
def preview_page(request: Request, name: str) -> HttpResponse:
    """Return the page of a preview that this person asked for."""
    return framed(kept(request, name))
