"""To whom nothing is offered, and about which invoices: a dispute, a hold, hardship, a promise."""

from collections.abc import Sequence

from tenor.platform.ledger.models import Customer, Invoice
from tenor.platform.ledger.queries import Situation, situation
from tenor.platform.ledger.queries.agreements import HARDSHIP


def barred(customer: Customer, invoices: Sequence[Invoice]) -> str:
    """Return why less may not be asked, or a plan not offered unasked, for these; "": it may.

    Codes: nothing, currencies, closed, hardship, held, disputed, plan, promise.
    """
    if not invoices:
        return "nothing"
    if len({invoice.currency for invoice in invoices}) > 1:
        return "currencies"
    if any(not invoice.is_open or invoice.balance <= 0 for invoice in invoices):
        return "closed"
    return _why(situation(customer), invoices)


def free(customer: Customer, invoices: Sequence[Invoice]) -> list[Invoice]:
    """Return those of these invoices about which something may be offered, one by one."""
    stands = situation(customer)
    some = [invoice for invoice in invoices if invoice.is_open and invoice.balance > 0]
    return [invoice for invoice in some if not _why(stands, [invoice])]


def _why(stands: Situation, invoices: Sequence[Invoice]) -> str:
    numbers = {invoice.pk for invoice in invoices}
    held = [hold for hold in stands.holds if hold.invoice_id in (None, *numbers)]
    if any(hold.reason in HARDSHIP for hold in stands.holds):
        return "hardship"
    if held:
        return "held"
    if any(dispute.invoice_id in numbers for dispute in stands.disputes):
        return "disputed"
    for code, agreed in (("plan", stands.plans), ("promise", stands.promises)):
        if any(row.invoice_id in numbers for one in agreed for row in one.covered.all()):
            return code
    return ""
