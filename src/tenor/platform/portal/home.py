"""The first page behind a link: who writes, and what one can do here."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from tenor.platform.portal.door import Request, page, render_page


@page
@require_safe
def show(request: Request) -> HttpResponse:
    """Say who writes and how to reach them."""
    return render_page(request, "portal/home.html", {"words": request.words["home"]})
