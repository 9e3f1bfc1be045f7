"""Add an entry to an invoice, and tell it to the engine so that its fold gives the same total.

The engine knows two sorts of change: `credited` lowers the total by an amount, `amount_changed`
sets it to one. Credits may therefore arrive late and in any order; a change that sets a total
was computed without what was told later about an earlier instant, and is told again a
microsecond after itself, with the total that is right now. The balances are then the ledger's;
the instant of settling may be that of the telling again.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from tenor.engine.events import Kind
from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.events.actions import record
from tenor.platform.ledger.balances import NOTHING
from tenor.platform.ledger.models import Entry, Invoice
from tenor.platform.ledger.values import start_of

TICK = timedelta(microseconds=1)


def moment_for(actor: Actor, invoice: Invoice, at: datetime | None) -> datetime:
    """Return when a change counts: as told, or now; never before the invoice's first day.

    Without a time of its own a change follows those of the same instant: a made-up clock may
    stand still for a whole day.
    """
    if at is not None:
        return max(at, start_of(invoice.issued_on))
    moment = max(clock.now(actor.organisation), start_of(invoice.issued_on))
    taken = set(
        Entry.objects.of(invoice.organisation_id)
        .filter(invoice=invoice, at__gte=moment)
        .values_list("at", flat=True)
    )
    while moment in taken:
        moment += TICK
    return moment


def add_entry(
    actor: Actor,
    invoice: Invoice,
    *,
    kind: str,
    amount: Decimal,
    at: datetime,
    key: str = "",
    text: str = "",
    reverses: Entry | None = None,
) -> Entry:
    """Add an entry under a key (one of its own where the source has none) and tell the engine."""
    rows = Entry.objects.of(actor.organisation)
    others = list(rows.filter(invoice=invoice).order_by("at", "pk"))
    entry: Entry = rows.create(
        invoice=invoice,
        key=key or f"tenor:{kind}:{invoice.pk}:{len(others) + 1}",
        kind=kind,
        amount=amount,
        at=at,
        text=text,
        reverses=reverses,
    )
    _tell(actor, invoice, entry, others)
    for place, later in enumerate(o for o in others if o.at >= at and not _is_credit(o)):
        # Later than every repeat before it, so that the last word is the right one: the nth entry
        # repeats fewer than n others.
        tick = TICK * (len(others) * (len(others) - 1) // 2 + place + 1)
        _tell_total(
            actor, invoice, later, at=later.at + tick, key=f"{entry.pk}",
            total=_total(invoice, [*others, entry], later.at),
        )  # fmt: skip
    return entry


def _is_credit(entry: Entry) -> bool:
    return bool(entry.kind == Entry.Kind.CREDIT_NOTE and entry.amount < 0)


def _tell(actor: Actor, invoice: Invoice, entry: Entry, others: list[Entry]) -> None:
    if _is_credit(entry):
        record(
            actor.organisation,
            Kind.CREDITED,
            key=f"tenor:entry:{entry.pk}",
            at=entry.at,
            customer_key=invoice.customer.key,
            invoice_key=invoice.key,
            detail={"amount": f"{-entry.amount:f}", "entry": entry.key},
        )
        return
    # A credit of this very instant is taken off by the engine after the total was set.
    before = [o for o in others if o.at < entry.at or not _is_credit(o)]
    total = _total(invoice, [*before, entry], entry.at)
    _tell_total(actor, invoice, entry, at=entry.at, key="", total=total)


def _tell_total(
    actor: Actor, invoice: Invoice, entry: Entry, *, at: datetime, key: str, total: Decimal
) -> None:
    record(
        actor.organisation,
        Kind.AMOUNT_CHANGED,
        key=f"tenor:entry:{entry.pk}" + (f":again:{key}" if key else ""),
        at=at,
        customer_key=invoice.customer.key,
        invoice_key=invoice.key,
        detail={"amount": f"{total:f}", "entry": entry.key, "kind": entry.kind},
    )


def _total(invoice: Invoice, entries: list[Entry], at: datetime) -> Decimal:
    total: Decimal = invoice.amount + sum((e.amount for e in entries if e.at <= at), NOTHING)
    return total
