"""What made-up customers did in a day, told to the ledger as somebody who hears it would."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.frames import Tables
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import TenorError
from tenor.platform.events.actions import Figure, record_figures, record_many
from tenor.platform.events.arrivals import NewEvent
from tenor.platform.ledger import actions as ledger

log = logging.getLogger("tenor.demo")

SOURCE = "world"
# The ledger sees by itself that a promise was not kept.
_SEEN_BY_THE_LEDGER = frozenset({Kind.PROMISE_BROKEN})
_REASONS = {"amount": "wrong_amount"}


@dataclass(frozen=True)
class _Fact:
    """Something that happened at an instant, and how it is told."""

    at: datetime
    order: int
    tell: Callable[[], object]


def tell(actor: Actor, facts: Tables, *, contacts: Mapping[str, str]) -> int:
    """Tell the ledger the facts of a stretch of the world, in the order in which they happened.

    `contacts` names our message for each of the world's contacts. The organisation's clock stands
    at each fact while it is told; it is for the caller to keep a clock of its own afterwards, and
    to do all of it in one transaction: what is told twice would be there twice.
    """
    found = [*_invoices(actor, facts), *_payments(actor, facts), *_agreed(actor, facts)]
    _tell_in_order(actor, found)
    skipped = _KEPT_BY_THE_LEDGER | _SEEN_BY_THE_LEDGER
    behaviour = facts.events.filter(~pl.col("kind").is_in(list(skipped)))
    told = record_many(
        actor.organisation,
        (_event(row, contacts) for row in behaviour.iter_rows(named=True)),
        source=SOURCE,
    )
    return len(found) + told.accepted + _record_figures(actor, facts)


def record_all(actor: Actor, facts: Tables, *, source: str) -> int:
    """Record every event as it was told, and the figures from outside."""
    rows = (_event(row, {}) for row in facts.events.iter_rows(named=True))
    told = record_many(actor.organisation, rows, source=source)
    return told.accepted + _record_figures(actor, facts)


def _record_figures(actor: Actor, facts: Tables) -> int:
    figures = [
        Figure(row["name"], row["date"], row["value"], row["region"] or "", row["available_on"])
        for row in facts.external.iter_rows(named=True)
    ]
    return record_figures(actor.organisation, figures)


def _tell_in_order(actor: Actor, facts: list["_Fact"]) -> None:
    organisation, before = actor.organisation, actor.organisation.clock_at
    try:
        for fact in sorted(facts, key=lambda f: (f.at, f.order)):
            organisation.clock_at = fact.at
            try:
                fact.tell()
            except TenorError as refused:
                # The ledger knows better: it was settled, handed over or withdrawn meanwhile.
                log.info("the ledger did not take a fact: %s", refused.message)
    finally:
        organisation.clock_at = before


def _invoices(actor: Actor, facts: Tables) -> list[_Fact]:
    def told(row: dict[str, Any]) -> _Fact:
        known = {"invoice_id", "customer_id", "amount", "currency", "issued_on", "due_on", "number"}
        return _Fact(
            datetime.combine(row["issued_on"], datetime.min.time(), UTC), 0,
            lambda: ledger.record_invoice(
                actor, key=row["invoice_id"], customer_key=row["customer_id"],
                amount=row["amount"], currency=row["currency"], issued_on=row["issued_on"],
                due_on=row["due_on"], number=row["number"], source=SOURCE,
                attributes={k: v for k, v in row.items() if k not in known and v is not None},
            ),
        )  # fmt: skip

    return [told(row) for row in facts.invoices.iter_rows(named=True)]


def _payments(actor: Actor, facts: Tables) -> list[_Fact]:
    def told(row: dict[str, Any]) -> _Fact:
        return _Fact(
            row["paid_at"], 2,
            lambda: ledger.record_payment(
                actor, key=row["payment_id"], amount=row["amount"],
                currency=actor.organisation.currency,
                paid_at=row["paid_at"], invoice_key=row["invoice_id"], method=row["method"],
                source=SOURCE,
            ),
        )  # fmt: skip

    return [told(row) for row in facts.payments.iter_rows(named=True)]


def _agreed(actor: Actor, facts: Tables) -> list[_Fact]:
    """Return the events that change what the ledger knows of an invoice."""
    credits = facts.events.filter(pl.col("kind") == Kind.CREDITED)
    credited = dict(credits.select("invoice_id", "detail").iter_rows())
    ways: dict[str, Callable[[dict[str, Any], dict[str, Any]], object]] = {
        Kind.DISPUTED: lambda row, said: ledger.open_dispute(
            actor, invoice_key=row["invoice_id"], reason=_REASONS.get(said.get("reason"), "other")
        ),
        Kind.DISPUTE_RESOLVED: lambda row, _said: ledger.resolve_dispute(
            actor, invoice_key=row["invoice_id"],
            outcome="partly" if row["invoice_id"] in credited else "rejected",
        ),
        Kind.CREDITED: lambda row, said: ledger.credit_invoice(
            actor, invoice_key=row["invoice_id"], key=_key(row), at=row["at"],
            amount=Decimal(said["amount"]) if "amount" in said else None,
        ),
        Kind.AMOUNT_CHANGED: lambda row, said: ledger.correct_total(
            actor, invoice_key=row["invoice_id"], total=Decimal(said["amount"]),
            key=_key(row), at=row["at"],
        ),
        Kind.PROMISED: lambda row, said: ledger.make_promise(
            actor, customer_key=row["customer_id"], invoice_keys=[row["invoice_id"]],
            promised_on=date.fromisoformat(said["date"]), source=SOURCE,
            amount=Decimal(said["amount"]) if "amount" in said else None,
        ),
        Kind.ESCALATED: lambda row, _said: ledger.escalate(
            actor, invoice_keys=[row["invoice_id"]], reason="erp", at=row["at"]
        ),
        Kind.OPTED_OUT: lambda row, said: ledger.set_consent(
            actor, customer_key=row["customer_id"], channel=said["channel"], granted=False,
            source=SOURCE,
        ),
    }  # fmt: skip
    found = []
    for row in facts.events.iter_rows(named=True):
        way = ways.get(row["kind"])
        if way is not None:
            said = json.loads(row["detail"] or "{}")
            found.append(_Fact(row["at"], 1, lambda w=way, r=row, s=said: w(r, s)))
    return found


# What becomes a row of the ledger, which tells the engine by itself.
_KEPT_BY_THE_LEDGER = frozenset(
    {
        Kind.DISPUTED, Kind.DISPUTE_RESOLVED, Kind.CREDITED, Kind.AMOUNT_CHANGED, Kind.PROMISED,
        Kind.ESCALATED,
    }
)  # fmt: skip


def _event(row: dict[str, Any], contacts: Mapping[str, str]) -> NewEvent:
    """Return an event as it is recorded, about our own message where it is about one."""
    return NewEvent(
        key=_key(row),
        kind=row["kind"],
        at=row["at"],
        customer_key=row["customer_id"] or "",
        invoice_key=row["invoice_id"] or "",
        contact_key=contacts.get(row["contact_id"], row["contact_id"] or ""),
        detail=row["detail"],
    )


def _key(row: dict[str, Any]) -> str:
    about = row["invoice_id"] or row["contact_id"] or row["customer_id"]
    return f"world:{row['kind']}:{about}:{row['at'].isoformat()}"
