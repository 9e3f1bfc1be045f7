"""Send a new link where one has passed: to the address that is known, and to no other."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from tenor.platform.core import clock
from tenor.platform.outreach import actions as outreach
from tenor.platform.portal.door import Request, closed, page
from tenor.platform.portal.owed import open_invoices


@page(after_end=True, most=6)
@require_POST
def renew(request: Request) -> HttpResponse:
    """Send a new link, once a day; what is said is the same whether an address is known or not."""
    invoices = open_invoices(request.customer)
    currency = invoices[0].currency if invoices else ""
    outreach.notify(
        request.actor,
        customer=request.customer,
        kind="link",
        invoice_keys=[invoice.key for invoice in invoices if invoice.currency == currency],
        currency=currency,
        key=f"link:{request.customer.pk}:{clock.today(request.organisation).isoformat()}",
    )
    return closed(request, "renewed", 200, request.link)
