"""Change what an invoice asks: credit notes, fees, interest, corrections, each an entry."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.ledger.balances import NOTHING
from tenor.platform.ledger.changes import add_entry, moment_for
from tenor.platform.ledger.following import follow_money
from tenor.platform.ledger.locks import locked_invoice
from tenor.platform.ledger.models import Entry, Invoice
from tenor.platform.ledger.shares import balance_out
from tenor.platform.ledger.told import News, Told
from tenor.platform.ledger.values import amount_of, instant_of, text_of


def credit_invoice(
    actor: Actor,
    *,
    invoice_key: str,
    amount: Decimal | None = None,
    key: str = "",
    text: str = "",
    at: datetime | None = None,
) -> Told[Entry]:
    """Ask less for an invoice: by `amount`, or by all that it asks.

    Money that it no longer needs becomes the customer's credit.
    """
    return _enter(
        actor, "invoice.credit", Entry.Kind.CREDIT_NOTE, invoice_key,
        amount=None if amount is None else -amount_of(amount), key=key, text=text, at=at,
    )  # fmt: skip


def add_fee(
    actor: Actor, *, invoice_key: str, amount: Decimal, key: str = "", text: str = "",
    at: datetime | None = None,
) -> Told[Entry]:  # fmt: skip
    """Ask a fee on top of an invoice."""
    return _enter(
        actor, "invoice.fee", Entry.Kind.FEE, invoice_key,
        amount=amount_of(amount), key=key, text=text, at=at,
    )  # fmt: skip


def add_interest(
    actor: Actor, *, invoice_key: str, amount: Decimal, key: str = "", text: str = "",
    at: datetime | None = None,
) -> Told[Entry]:  # fmt: skip
    """Ask interest on top of an invoice."""
    return _enter(
        actor, "invoice.interest", Entry.Kind.INTEREST, invoice_key,
        amount=amount_of(amount), key=key, text=text, at=at,
    )  # fmt: skip


def correct_total(
    actor: Actor, *, invoice_key: str, total: Decimal, key: str = "", text: str = "",
    at: datetime | None = None,
) -> Told[Entry] | None:  # fmt: skip
    """Set what an invoice asks in all; nothing where it asks that already."""
    actor.need(Right.MONEY)
    total = amount_of(total, field="total", positive=False)
    if total < 0:
        raise Invalid(_("An invoice cannot ask less than nothing."), field="total")
    with transaction.atomic():
        invoice = locked_invoice(actor, key=invoice_key)
        if key and (kept := _known(actor, key)) is not None:
            _refuse_another(kept, invoice, Entry.Kind.CORRECTION, None)
            return Told(kept, News.SAME)
        if invoice.total == total:
            return None
        return _enter(
            actor, "invoice.correct_total", Entry.Kind.CORRECTION, invoice_key,
            amount=total - invoice.total, key=key, text=text, at=at,
        )  # fmt: skip


def reverse_entry(
    actor: Actor, *, entry_key: str, text: str = "", at: datetime | None = None
) -> Told[Entry]:
    """Take an entry back by its opposite; a second time changes nothing."""
    actor.need(Right.MONEY)
    with transaction.atomic():
        found: Entry = row_for(actor, Entry, key=entry_key, related=("invoice",))
        invoice = locked_invoice(actor, pk=found.invoice_id)
        reversal = Entry.objects.of(actor.organisation).filter(reverses=found).first()
        if reversal is not None:
            return Told(reversal, News.SAME)
        if found.reverses_id is not None:
            raise Refused(_("This entry takes another back already."))
        at = None if at is None else max(instant_of(at), found.at)
        return Told(
            _apply(
                actor, "entry.reverse", invoice, kind=found.kind, amount=-found.amount,
                at=moment_for(actor, invoice, at), key=f"tenor:reversal:{found.pk}", text=text,
                reverses=found,
            ),
            News.NEW,
        )  # fmt: skip


def _enter(
    actor: Actor,
    verb: str,
    kind: str,
    invoice_key: str,
    *,
    amount: Decimal | None,
    key: str,
    text: str,
    at: datetime | None,
) -> Told[Entry]:
    actor.need(Right.MONEY)
    key = text_of(key, field="key", most=200)
    at = None if at is None else instant_of(at)
    with transaction.atomic():
        invoice = locked_invoice(actor, key=invoice_key)
        if key and (kept := _known(actor, key)) is not None:
            _refuse_another(kept, invoice, kind, amount)
            return Told(kept, News.SAME)
        if amount is None:
            amount = -invoice.total
        if amount == 0:
            raise Refused(_("Invoice %(key)s asks for nothing already.") % {"key": invoice.key})
        entry = _apply(
            actor, verb, invoice, kind=kind, amount=amount, at=moment_for(actor, invoice, at),
            key=key, text=text,
        )  # fmt: skip
    return Told(entry, News.NEW)


def _apply(
    actor: Actor,
    verb: str,
    invoice: Invoice,
    *,
    kind: str,
    amount: Decimal,
    at: datetime,
    key: str,
    text: str,
    reverses: Entry | None = None,
) -> Entry:
    """Add the entry, free or take money accordingly, and let promises and plans follow."""
    if invoice.total + amount < 0:
        raise Refused(
            _("Invoice %(key)s asks for %(total)s in all; it cannot ask %(amount)s less.")
            % {"key": invoice.key, "total": f"{invoice.total:.2f}", "amount": f"{-amount:.2f}"}
        )
    before = {"total": invoice.total, "balance": invoice.balance}
    text = text_of(text, field="text", most=300)
    entry = add_entry(
        actor, invoice, kind=kind, amount=amount, at=at, key=key, text=text, reverses=reverses
    )
    balance_out([invoice], at=at, more={invoice.pk: max(amount, NOTHING)})
    follow_money(actor, [invoice])
    audit.record(
        actor, verb, f"invoice:{invoice.key}", before=before,
        after={"total": invoice.total, "balance": invoice.balance, "entry": entry.key,
               "amount": amount, "text": text},
    )  # fmt: skip
    return entry


def _known(actor: Actor, key: str) -> Entry | None:
    found: Entry | None = (
        Entry.objects.of(actor.organisation).filter(key=key).select_related("invoice").first()
    )
    return found


def _refuse_another(kept: Entry, invoice: Invoice, kind: str, amount: Decimal | None) -> None:
    same = kept.invoice_id == invoice.pk and kept.kind == kind
    if not same or (amount is not None and kept.amount != amount):
        raise Refused(
            _("The key %(key)s is that of another entry: %(kind)s of %(amount)s on %(invoice)s.")
            % {
                "key": kept.key,
                "kind": kept.get_kind_display(),
                "amount": f"{kept.amount:.2f}",
                "invoice": kept.invoice.key,
            }
        )
