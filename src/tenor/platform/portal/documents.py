"""Hand out the PDF of one's own invoice."""

from django.http import FileResponse
from django.views.decorators.http import require_safe

from tenor.platform.core.errors import NotFound
from tenor.platform.ledger import queries
from tenor.platform.portal.door import Request, page

# A file is handed out as bytes to keep, never as something to open here.
_DOWNLOAD = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
}


@page(most=60)
@require_safe
def document(request: Request, number: int) -> FileResponse:
    """Give the PDF where the invoice is theirs; of anybody else's there is none."""
    found = queries.own_document(request.customer, number)
    if found is None:
        raise NotFound(request.words["home"]["no_document"])
    row, path = found
    response = FileResponse(
        path.open("rb"), as_attachment=True, filename=row.name, content_type="application/pdf"
    )
    for name, value in _DOWNLOAD.items():
        response[name] = value
    return response
