"""End a case about money that was paid too much, or that was taken back in part."""

from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.decisions.models import Task
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.locks import locked_customer
from tenor.platform.ledger.models import Invoice
from tenor.platform.paying.refunds import Refund, refund_of

PAID_BACK, USED, KEPT = "paid_back", "used", "kept"
WAYS = (PAID_BACK, USED, KEPT)
_MOST_WORDS = 500


def settle_refund(
    actor: Actor, *, task: Task | int, way: str, invoice_key: str = "", note: str = ""
) -> Task:
    """Say what became of the money, book it, and end the case.

    "paid_back": it went back to the payer, from what lies free; where the provider took a part back
    by itself, what that part had paid is open again. "used": it pays another invoice of theirs, as
    far as that is open. "kept": it stays their credit, and nothing is booked.
    """
    actor.need(Right.MONEY)
    if way not in WAYS:
        raise Invalid(_("Choose what became of the money."), field="way")
    if len(note) > _MOST_WORDS:
        raise Invalid(_("A note has at most 500 characters."), field="note")
    with transaction.atomic():
        found, refund = _mine(actor, task)
        if way == PAID_BACK:
            _pay_back(actor, refund)
        elif way == USED:
            _use(actor, refund, invoice_key)
        now = clock.now(actor.organisation)
        found.state, found.outcome, found.note = Task.State.DONE, f"refund_{way}", note
        found.claimed_by_id, found.claimed_at = actor.user_id, found.claimed_at or now
        found.done_at = now
        found.save()
        audit.record(
            actor, "task.finish", f"task:{found.key}",
            after={"customer": found.customer.key, "outcome": found.outcome, "note": note,
                   "payment": refund.payment.key},
        )  # fmt: skip
    return found


def _mine(actor: Actor, task: Task | int) -> tuple[Task, Refund]:
    """Return the case under its customer's lock; refuse what is closed, or in others' hands."""
    number = getattr(task, "pk", task)
    customer = locked_customer(actor, pk=row_for(actor, Task, pk=number).customer_id)
    found: Task = row_for(actor, Task, lock=True, pk=number)
    found.customer = customer
    if found.state != Task.State.OPEN:
        raise Refused(_("This case is closed already."))
    if found.claimed_by_id not in (None, actor.user_id):
        raise Refused(_("Somebody else is working on this case."))
    refund = refund_of(found)
    if refund is None:
        raise Refused(_("This case is not about a payment."))
    return found, refund


def _pay_back(actor: Actor, refund: Refund) -> None:
    amount = refund.to_book if refund.taken_back else refund.to_return
    if amount <= 0:
        raise Refused(_("Nothing is left of this payment. End the case as credit."))
    ledger.refund_credit(
        actor, payment_key=refund.payment.key, amount=amount,
        reason="taken_back_in_part" if refund.taken_back else "paid_too_much",
        reopen=refund.taken_back,
    )  # fmt: skip


def _use(actor: Actor, refund: Refund, invoice_key: str) -> None:
    if refund.taken_back:
        raise Invalid(_("This money went back: it cannot pay an invoice."), field="way")
    invoice: Invoice | None = next((i for i in refund.owed if i.key == invoice_key), None)
    if invoice is None:
        raise Invalid(_("Choose an open invoice of this customer."), field="invoice_key")
    part = min(refund.to_return, invoice.balance)
    if part <= 0:
        raise Refused(_("Nothing is left of this payment. End the case as credit."))
    shares: dict[str, Decimal] = {invoice.key: part}
    ledger.allocate(actor, payment_key=refund.payment.key, shares=shares)
