"""Put a line into the books, and take it out again: the one place where bank money is booked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.payments.matching import SURE
from tenor.platform.banking import waiting
from tenor.platform.banking.items import paid_at
from tenor.platform.banking.models import Line, PayerAccount, Posting
from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.actions.withdrawing import withdraw_payment
from tenor.platform.ledger.locks import locked_customer, locked_invoices
from tenor.platform.ledger.models import Customer, Invoice
from tenor.platform.ledger.shares import credit_of, free_money
from tenor.platform.ledger.values import amount_of

_NOTHING = Decimal(0)
OPEN = (Line.State.NEW, Line.State.WAITING)
METHOD, SOURCE = "transfer", "bank"


@dataclass(frozen=True)
class Part:
    """A part of a line: whose it is, how much, and for which invoices.

    `shares` may come to less (the rest is the customer's credit), and to more by `credit` of the
    customer's that lies free. `discounts` are what the customer keeps for paying early.
    """

    customer_key: str
    amount: Decimal
    shares: Mapping[str, Decimal] = field(default_factory=dict)
    discounts: Mapping[str, Decimal] = field(default_factory=dict)
    credit: Decimal = _NOTHING


def book(
    actor: Actor, *, number: int, parts: Sequence[Part], basis: str = "HAND", score: int = 100
) -> Line:
    """Book a line that waits as payments of customers; its parts make its amount to the cent.

    What was open meanwhile less than a share is refused: somebody looks again.
    """
    actor.need(Right.MONEY)
    with transaction.atomic():
        line = locked_line(actor, number)
        _refuse_parts(line, parts)
        line.attempt += 1
        before = {"state": line.state}
        waiting.lock(actor, line, [part.customer_key for part in parts])
        for nth, part in enumerate(sorted(parts, key=lambda p: p.customer_key)):
            _post(actor, line, part, nth)
        _decide(actor, line, Line.State.BOOKED, basis=basis, score=score)
        waiting.release(actor, line)
        audit.record(
            actor, "bank.book", f"bank_line:{line.pk}", before=before,
            after={"amount": line.amount, "currency": line.currency, "basis": basis,
                   "score": score, "to": [_said(part) for part in parts]},
        )  # fmt: skip
    return line


def undo(actor: Actor, *, number: int, reason: str = "") -> Line:
    """Take back what was decided about a line: it waits again, and is not booked by itself."""
    actor.need(Right.MONEY)
    with transaction.atomic():
        line: Line = row_for(actor, Line, pk=number, lock=True)
        if line.state not in (Line.State.BOOKED, Line.State.ASIDE):
            raise Refused(_("There is nothing to undo: this line is not booked and not set aside."))
        before = {"state": line.state, "aside_as": line.aside_as or None}
        rows = Posting.objects.of(actor.organisation).filter(line=line, undone_at=None)
        postings = list(rows.select_related("customer").order_by("pk"))
        waiting.lock(actor, line, [p.customer.key for p in postings if p.customer])
        for posting in postings:
            for key in posting.discounts.values():
                ledger.reverse_entry(actor, entry_key=key, text=_("The payment was undone."))
            withdraw_payment(actor, payment_key=posting.payment_key, reason=reason or "undone")
            posting.undone_at = clock.now(actor.organisation)
            posting.save(update_fields=["undone_at"])
            _forget_account(line, posting)
        line.aside_as, line.by_hand, line.note = "", True, reason[:500]
        _decide(actor, line, Line.State.WAITING, basis="", score=0)
        audit.record(
            actor, "bank.undo", f"bank_line:{line.pk}", before=before, after={"reason": reason}
        )
    return line


def set_aside(actor: Actor, *, number: int, aside_as: str, note: str = "") -> Line:
    """Say that a line is not for the books of customers, and why."""
    actor.need(Right.MONEY)
    if aside_as not in Line.Aside.values:
        raise Invalid(_("Say why this line is set aside."), field="aside_as")
    if aside_as == Line.Aside.OTHER and not note.strip():
        raise Invalid(_("Write in a few words why this line is set aside."), field="note")
    with transaction.atomic():
        line = locked_line(actor, number)
        waiting.lock(actor, line, ())
        line.aside_as, line.note = aside_as, note.strip()[:500]
        _decide(actor, line, Line.State.ASIDE, basis=line.basis, score=0)
        waiting.release(actor, line)
        audit.record(
            actor, "bank.set_aside", f"bank_line:{line.pk}",
            after={"amount": line.amount, "currency": line.currency, "reason": aside_as,
                   "note": line.note},
        )  # fmt: skip
    return line


def locked_line(actor: Actor, number: int) -> Line:
    """Return a line that still waits, locked; refuse one that somebody decided already."""
    line: Line = row_for(actor, Line, pk=number, lock=True)
    if line.state not in OPEN:
        raise Refused(
            _("Somebody was quicker: %(by)s has already decided about this line.")
            % {"by": line.decided_by or "Tenor"}
        )
    return line


def _refuse_parts(line: Line, parts: Sequence[Part]) -> None:
    if not line.is_credit or line.is_return:
        raise Refused(_("This is no money that came in: it cannot be booked as a payment."))
    if not parts:
        raise Invalid(_("Say whose money this is."), field="customer")
    total = sum((amount_of(part.amount) for part in parts), _NOTHING)
    if total != line.amount:
        raise Invalid(
            _("The parts make %(total)s, the payment is %(amount)s. They have to be the same.")
            % {"total": f"{total:.2f}", "amount": f"{line.amount:.2f}"},
            field="amount",
        )


def _post(actor: Actor, line: Line, part: Part, nth: int) -> None:
    """Record a part as a payment that counts for its invoices, and remember where it went."""
    customer = locked_customer(actor, key=part.customer_key)
    discounts = _discounts(actor, line, part)
    from_payment, from_credit = _divided(actor, customer, line, part)
    key = f"bank:{line.key}:{line.attempt}:{nth}"
    ledger.record_payment(
        actor, key=key, amount=part.amount, currency=line.currency, paid_at=paid_at(line),
        customer_key=part.customer_key, shares=from_payment, method=METHOD, source=SOURCE,
        reference=(line.reference or line.text or line.end_to_end_id)[:300],
    )  # fmt: skip
    _use_credit(actor, customer, line.currency, from_credit)
    Posting.objects.of(actor.organisation).create(
        line=line, customer=customer, payment_key=key, amount=part.amount,
        shares=[[invoice, f"{amount:f}"] for invoice, amount in from_payment.items()],
        discounts=discounts, by=actor.name, at=clock.now(actor.organisation),
    )  # fmt: skip
    _learn(line, customer)


def _divided(
    actor: Actor, customer: Customer, line: Line, part: Part
) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Part the shares into what the payment pays and what the customer's credit pays."""
    left, from_payment, from_credit = part.amount, {}, {}
    for invoice in locked_invoices(actor, customer, list(part.shares)):
        wanted = amount_of(part.shares[invoice.key], field="shares")
        _refuse_share(invoice, line, wanted)
        paid = min(left, wanted)
        left -= paid
        if paid:
            from_payment[invoice.key] = paid
        if wanted > paid:
            from_credit[invoice.key] = wanted - paid
    if sum(from_credit.values(), _NOTHING) > part.credit:
        raise Invalid(_("More is put on invoices than was paid."), field="shares")
    return from_payment, from_credit


def _refuse_share(invoice: Invoice, line: Line, wanted: Decimal) -> None:
    said = {"number": str(invoice), "balance": f"{invoice.balance:.2f} {invoice.currency}"}
    if invoice.currency != line.currency:
        raise Refused(_("Invoice %(number)s is in another currency.") % said)
    if invoice.closed_as:
        raise Refused(_("Invoice %(number)s was closed: nothing is booked on it any more.") % said)
    if wanted > invoice.balance:
        raise Refused(_("On invoice %(number)s only %(balance)s is open now.") % said)


def _use_credit(
    actor: Actor, customer: Customer, currency: str, wanted: Mapping[str, Decimal]
) -> None:
    for key, amount in wanted.items():
        left = amount
        for payment in free_money(customer, currency):
            part = min(left, credit_of(payment))
            if part > 0:
                ledger.allocate(actor, payment_key=payment.key, shares={key: part})
                left -= part
        if left > 0:
            raise Refused(_("The credit that completes this payment was used meanwhile."))


def _discounts(actor: Actor, line: Line, part: Part) -> dict[str, str]:
    """Ask less for what was paid early; return the key of each entry by its invoice."""
    keys = {}
    for invoice, amount in part.discounts.items():
        keys[invoice] = f"bank:{line.key}:{line.attempt}:discount:{invoice}"[:200]
        ledger.credit_invoice(
            actor, invoice_key=invoice, amount=amount, key=keys[invoice],
            text=_("Discount for paying early"),
        )  # fmt: skip
    return keys


def _decide(actor: Actor, line: Line, state: str, *, basis: str, score: int) -> None:
    line.state, line.basis, line.score = state, basis, score
    line.decided_by, line.decided_at = actor.name, clock.now(actor.organisation)
    line.save()


def _said(part: Part) -> dict[str, Any]:
    return {
        "customer": part.customer_key, "amount": part.amount, "shares": dict(part.shares),
        "discounts": dict(part.discounts),
    }  # fmt: skip


def _learn(line: Line, customer: Customer) -> None:
    """Remember from which account this customer paid."""
    if not line.account:
        return
    row, is_new = PayerAccount.objects.of(line.organisation_id).get_or_create(
        account=line.account, customer=customer,
        defaults={"times": 1, "last_on": line.booked_on},
    )  # fmt: skip
    if not is_new:
        row.times, row.last_on = row.times + 1, max(row.last_on, line.booked_on)
        row.save(update_fields=["times", "last_on"])


def _forget_account(line: Line, posting: Posting) -> None:
    rows = PayerAccount.objects.of(line.organisation_id).filter(
        account=line.account, customer=posting.customer_id
    )
    for row in rows:
        row.times -= 1
        if row.times <= 0:
            row.delete()
        else:
            row.save(update_fields=["times"])


def is_sure(score: int) -> bool:
    """Say whether a score is high enough to book without a person."""
    return score >= SURE
