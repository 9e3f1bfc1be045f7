"""What was claimed and agreed in the past, as rows of a new ledger.

The events themselves are recorded as they were told, so nothing here tells the engine anything:
these rows are what the screens show of them, and what goes on from here.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from tenor.engine.events import PROMISED_DAY, Kind
from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.balances import FOLDED, refold, renew_exposures
from tenor.platform.ledger.bulk.writing import insert, update
from tenor.platform.ledger.models import Dispute, Entry, Invoice, Promise, PromiseInvoice

_BY = "import"
# A promise that names no day is taken for a week, as the engine does.
_UNDATED = timedelta(days=7)
_TOLERANCE_DAYS = 3
_ENTRIES = {Kind.AMOUNT_CHANGED: Entry.Kind.FEE, Kind.CREDITED: Entry.Kind.CREDIT_NOTE}
_CLOSED = {
    Kind.ESCALATED: Invoice.Closed.ESCALATED,
    Kind.WRITTEN_OFF: Invoice.Closed.WRITTEN_OFF,
}
_REASONS = {"amount": Dispute.Reason.WRONG_AMOUNT}

Row = dict[str, Any]


def write_claims(organisation: Organisation, events: pl.DataFrame) -> None:
    """Write what changed an invoice: fees and credit notes, closing, disputes. Before the money."""
    rows = _rows(events, [*_ENTRIES, *_CLOSED, Kind.DISPUTED, Kind.DISPUTE_RESOLVED])
    invoices = _invoices(organisation, rows)
    totals = {key: invoice.total for key, invoice in invoices.items()}
    entries, disputes = [], []
    standing: dict[str, Dispute] = {}
    credited = {row["invoice_id"] for row in rows if row["kind"] == Kind.CREDITED}
    for row in rows:
        invoice = invoices.get(row["invoice_id"])
        if invoice is None:
            continue
        if row["kind"] in _ENTRIES:
            entry = _entry(organisation, invoice, row, totals)
            entries += [entry] if entry else []
        elif row["kind"] in _CLOSED:
            invoice.closed_as = invoice.closed_as or _CLOSED[row["kind"]]
            invoice.closed_at = invoice.closed_at or row["at"]
        elif row["kind"] == Kind.DISPUTED and invoice.key not in standing:
            standing[invoice.key] = dispute = _dispute(organisation, invoice, row)
            disputes.append(dispute)
        elif row["kind"] == Kind.DISPUTE_RESOLVED and invoice.key in standing:
            dispute = standing.pop(invoice.key)
            dispute.resolved_at = row["at"]
            right = invoice.key in credited
            dispute.outcome = Dispute.Outcome.PARTLY if right else Dispute.Outcome.REJECTED
    insert(entries)
    insert(disputes)
    changed = list(invoices.values())
    if changed:
        refold(changed)
        update(changed, FOLDED)
    renew_exposures(organisation.pk, None)


def write_promises(organisation: Organisation, events: pl.DataFrame) -> None:
    """Write promises, each kept or broken as the money has shown since. After the money."""
    rows = _rows(events, [Kind.PROMISED, Kind.PROMISE_BROKEN])
    invoices = _invoices(organisation, rows)
    broken: dict[str, list[datetime]] = defaultdict(list)
    for row in rows:
        if row["kind"] == Kind.PROMISE_BROKEN:
            broken[row["invoice_id"]].append(row["at"])
    made: list[tuple[Promise, Invoice]] = []
    for row in rows:
        invoice = invoices.get(row["invoice_id"])
        if row["kind"] == Kind.PROMISED and invoice is not None:
            made.append((_promise(organisation, invoice, row, broken[invoice.key]), invoice))
    # One by one: each needs the number of the other, and there are few.
    for promise, _invoice in made:
        promise.save(force_insert=True)
    insert(
        [
            PromiseInvoice(
                organisation=organisation, promise=promise, invoice=invoice, balance=promise.amount
            )
            for promise, invoice in made
        ]
    )


def _rows(events: pl.DataFrame, kinds: Iterable[str]) -> Sequence[Row]:
    wanted = events.filter(pl.col("kind").is_in(list(kinds)) & pl.col("invoice_id").is_not_null())
    rows = wanted.sort("at", maintain_order=True).to_dicts()
    for row in rows:
        row["detail"] = json.loads(row["detail"] or "{}")
    return rows


def _invoices(organisation: Organisation, rows: Iterable[Row]) -> dict[str, Invoice]:
    wanted = {row["invoice_id"] for row in rows}
    known = Invoice.objects.of(organisation).select_related("customer")
    return {invoice.key: invoice for invoice in known if invoice.key in wanted}


def _entry(
    organisation: Organisation, invoice: Invoice, row: Row, totals: dict[str, Decimal]
) -> Entry | None:
    total, said = totals[invoice.key], _amount(row["detail"].get("amount"))
    if row["kind"] == Kind.CREDITED:
        amount = -min(total, total if said is None else said)
    else:
        amount = Decimal(0) if said is None else said - total
    if amount == 0:
        return None
    totals[invoice.key] = total + amount
    kind = _ENTRIES[row["kind"]] if amount > 0 or row["kind"] == Kind.CREDITED else "correction"
    return Entry(
        organisation=organisation, invoice=invoice, kind=kind, amount=_money(amount), at=row["at"],
        key=f"{_BY}:{row['kind']}:{invoice.key}:{row['at'].isoformat()}",
    )  # fmt: skip


def _dispute(organisation: Organisation, invoice: Invoice, row: Row) -> Dispute:
    said = str(row["detail"].get("reason", ""))
    known = said in Dispute.Reason.values
    reason = said if known else _REASONS.get(said, Dispute.Reason.OTHER)
    return Dispute(
        organisation=organisation, invoice=invoice, reason=reason, opened_at=row["at"], by=_BY
    )


def _promise(
    organisation: Organisation, invoice: Invoice, row: Row, broken: Sequence[datetime]
) -> Promise:
    """Return a promise with what became of it by now."""
    now, place = clock.now(organisation), clock.zone(organisation)
    day = _day(row["detail"]) or (row["at"] + _UNDATED).astimezone(place).date()
    after = day + timedelta(days=_TOLERANCE_DAYS + 1)
    deadline = datetime.combine(after, time(), place).astimezone(UTC)
    said = next((at for at in broken if at >= row["at"]), None)
    promise = Promise(
        organisation=organisation, customer=invoice.customer, currency=invoice.currency,
        amount=_money(_amount(row["detail"].get("amount")) or invoice.total), made_at=row["at"],
        promised_on=day, tolerance_days=_TOLERANCE_DAYS, source=_BY, by=_BY,
    )  # fmt: skip
    paid = invoice.settled_at
    if paid is not None and paid <= (said or deadline):
        promise.state, promise.decided_at = Promise.State.KEPT, max(paid, row["at"])
    elif said is not None or now > deadline:
        promise.state, promise.decided_at = Promise.State.BROKEN, said or deadline
    return promise


def _money(amount: Decimal) -> Any:
    """Return an amount as the type checker lets a field take it."""
    return amount


def _day(detail: dict[str, Any]) -> date | None:
    for name in PROMISED_DAY:
        try:
            return date.fromisoformat(str(detail[name])[:10])
        except (KeyError, ValueError):
            continue
    return None


def _amount(value: Any) -> Decimal | None:
    try:
        amount = Decimal(str(value)).quantize(Decimal("0.0001"))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < Decimal(10**12) else None
