"""What was paid is not asked for any more: what was under way is stopped with the payment itself.

Whatever goes out is asked about again when it does; this makes the plan and the worklist say so at
once, and takes the message off the queue in the transaction that books the money.
"""

from collections.abc import Collection, Iterable

from tenor.platform.core.actor import Actor
from tenor.platform.decisions.models import Decision, Task
from tenor.platform.ledger.models import Invoice
from tenor.platform.outreach.models import Message
from tenor.platform.wording.draft import Kind

PAID = "paid"
# What is as right when nothing is owed: it answers the payment, or what a reader asked for.
_ALSO_WHEN_PAID = (Kind.THANK_YOU, Kind.STATEMENT, Kind.LINK)
# What nobody has carried out yet.
_PENDING = (Decision.State.PROPOSED, Decision.State.APPROVED, Decision.State.HELD)
_AT_ONCE = 500


def stop_what_is_paid(actor: Actor, invoices: Collection[Invoice]) -> None:
    """Stop messages, decisions and calls of which nothing is left to ask for."""
    closed = {invoice.customer_id for invoice in invoices if not invoice.is_open}
    customers = sorted(closed)
    for start in range(0, len(customers), _AT_ONCE):
        _stop(actor, customers[start : start + _AT_ONCE])


def _stop(actor: Actor, customers: list[int]) -> None:
    messages = (
        Message.objects.of(actor.organisation)
        .filter(customer__in=customers, state=Message.State.PLANNED)
        .exclude(kind__in=_ALSO_WHEN_PAID)
    )
    decisions = Decision.objects.of(actor.organisation).filter(
        customer__in=customers, state__in=_PENDING
    )
    calls = Task.objects.of(actor.organisation).filter(
        customer__in=customers, state=Task.State.OPEN, kind=Task.Kind.CALL, claimed_by=None
    )
    asked = list(messages.values_list("pk", "customer_id", "invoice_keys"))
    meant = list(decisions.values_list("pk", "customer_id", "invoice_keys"))
    called = [
        (number, customer, facts.get("invoice_keys", []))
        for number, customer, facts in calls.values_list("pk", "customer_id", "facts")
    ]
    wanted = [*asked, *meant, *called]
    if not wanted:
        return
    owed = _owed(actor, wanted)
    messages.filter(pk__in=_settled(asked, owed)).update(
        state=Message.State.CANCELLED, refusal=PAID
    )
    decisions.filter(pk__in=_settled(meant, owed)).update(state=Decision.State.LAPSED, gate=PAID)
    calls.filter(pk__in=_settled(called, owed)).update(state=Task.State.LAPSED)


Wanted = tuple[int, int, list[str]]


def _owed(actor: Actor, wanted: Iterable[Wanted]) -> set[tuple[int, str]]:
    """Return which of the invoices that are asked for are still open."""
    rows = Invoice.objects.of(actor.organisation).filter(
        customer__in={customer for _n, customer, _k in wanted}, is_open=True, balance__gt=0
    )
    return set(rows.values_list("customer_id", "key"))


def _settled(wanted: Iterable[Wanted], owed: set[tuple[int, str]]) -> list[int]:
    return [
        number
        for number, customer, keys in wanted
        if keys and not any((customer, key) in owed for key in keys)
    ]
