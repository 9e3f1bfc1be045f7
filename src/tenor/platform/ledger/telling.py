"""Tell the ledger what another system's history says: disputes, promises, credits, hand-overs.

Each fact is told as the person who heard it would have told it, with the organisation's clock at
its own instant, and once: a history that is brought in again changes nothing.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from tenor.engine.events import PROMISED_DAY, Kind
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import TenorError
from tenor.platform.core.models import IdempotentAnswer
from tenor.platform.ledger import actions
from tenor.platform.ledger.models import Customer, Dispute, Hold, Invoice

_ROUTE = "ledger.telling"
_AT_ONCE = 500
# What the ledger finds out by itself from money and days.
FOUND_OUT = frozenset({Kind.PROMISE_BROKEN})
# What the ledger hears and does not tell on: behaviour all the same.
_ALSO_BEHAVIOUR = frozenset({Kind.OPTED_OUT, Kind.OPTED_IN})


@dataclass(frozen=True)
class _Fact:
    """An event of another system, its detail read, and the invoice and customer it is about."""

    key: str
    kind: str
    at: datetime
    invoice_key: str
    customer_key: str
    detail: dict[str, Any]

    def day(self) -> date | None:
        """Return the first day that the detail names under any of the usual words."""
        for name in PROMISED_DAY:
            try:
                return date.fromisoformat(str(self.detail[name])[:10])
            except (KeyError, ValueError):
                continue
        return None

    def amount(self) -> Decimal | None:
        """Return the amount that the detail names."""
        try:
            return Decimal(str(self.detail["amount"])) if "amount" in self.detail else None
        except InvalidOperation:
            return None


@dataclass
class Told:
    """What became of the facts: how many were told, were told before, or were not taken and why."""

    new: int = 0
    same: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def may_be_told(kind: str) -> bool:
    """Say whether events of this kind become rows of the ledger (which tells them on itself)."""
    return (kind in _WAYS or kind in FOUND_OUT) and kind not in _ALSO_BEHAVIOUR


def tell(actor: Actor, events: pl.DataFrame) -> Told:
    """Tell the ledger these events (the contract's `events`), in the order in which they happened.

    Those that are only behaviour are passed over. The transaction is the caller's.
    """
    told = Told()
    kept = events.with_row_index("place").filter(pl.col("kind").is_in([*_WAYS, *FOUND_OUT]))
    rows = list(kept.sort("at", maintain_order=True).iter_rows(named=True))
    before = _told_before(actor, [key_of(row) for row in rows])
    owners = dict(
        Invoice.objects.of(actor.organisation).values_list("key", "customer__key").iterator()
    )
    organisation, clock_at = actor.organisation, actor.organisation.clock_at
    new: list[str] = []
    try:
        for row in rows:
            if (key := key_of(row)) in before:
                told.same += 1
                continue
            before.add(key)
            new.append(key)
            organisation.clock_at = row["at"]
            try:
                _tell(actor, _fact(row, owners))
                told.new += 1
            except TenorError as refused:
                told.refused.append((row["place"], refused.message))
    finally:
        organisation.clock_at = clock_at
    _remember(actor, new)
    return told


def note_told(actor: Actor, events: pl.DataFrame) -> None:
    """Remember that the ledger has these events already, so that telling them changes nothing."""
    rows = events.filter(pl.col("kind").is_in([*_WAYS, *FOUND_OUT])).iter_rows(named=True)
    keys = list(dict.fromkeys(key_of(row) for row in rows))
    before = _told_before(actor, keys)
    _remember(actor, [key for key in keys if key not in before])


def _tell(actor: Actor, fact: _Fact) -> None:
    way = _WAYS.get(fact.kind)
    if way is not None:
        way(actor, fact)


def _fact(row: dict[str, Any], owners: dict[str, str]) -> _Fact:
    try:
        detail = json.loads(row["detail"] or "{}")
    except ValueError:
        detail = {}
    invoice = row["invoice_id"] or ""
    customer = row["customer_id"] or owners.get(invoice, "")
    known = detail if isinstance(detail, dict) else {}
    return _Fact(key_of(row), row["kind"], row["at"].astimezone(UTC), invoice, customer, known)


def _open_invoices(actor: Actor, fact: _Fact) -> list[str]:
    """Return the invoice that the fact names, else all that the customer has open."""
    if fact.invoice_key:
        return [fact.invoice_key]
    rows = Invoice.objects.of(actor.organisation).filter(
        customer__key=fact.customer_key, is_open=True
    )
    return list(rows.values_list("key", flat=True))


def _promised(actor: Actor, fact: _Fact) -> None:
    day = fact.day()
    if day is not None:
        actions.make_promise(
            actor, customer_key=fact.customer_key, invoice_keys=_open_invoices(actor, fact),
            promised_on=day, amount=fact.amount(), source="import",
        )  # fmt: skip


def _disputed(actor: Actor, fact: _Fact) -> None:
    said = str(fact.detail.get("reason", ""))
    reason = said if said in Dispute.Reason.values else Dispute.Reason.OTHER
    for key in _open_invoices(actor, fact):
        actions.open_dispute(actor, invoice_key=key, reason=reason)


def _resolved(actor: Actor, fact: _Fact) -> None:
    said = str(fact.detail.get("outcome", ""))
    outcome = said if said in Dispute.Outcome.values else Dispute.Outcome.REJECTED
    rows = Dispute.objects.of(actor.organisation).filter(resolved_at=None)
    rows = (
        rows.filter(invoice__key=fact.invoice_key)
        if fact.invoice_key
        else rows.filter(invoice__customer__key=fact.customer_key)
    )
    for key in rows.values_list("invoice__key", flat=True):
        actions.resolve_dispute(actor, invoice_key=key, outcome=outcome)


def _held(actor: Actor, fact: _Fact) -> None:
    said = str(fact.detail.get("reason", ""))
    # An organisation's own word, a word of ours, or a code of the packs.
    reason = next((r for r in (said, said.lower()) if r in Hold.Reason.values), "internal")
    actions.start_hold(
        actor, customer_key=fact.customer_key, invoice_key=fact.invoice_key or None,
        reason=reason, ends_at=fact.day(),
    )  # fmt: skip


def _hold_ended(actor: Actor, fact: _Fact) -> None:
    rows = Hold.objects.of(actor.organisation).filter(
        customer__key=fact.customer_key, lifted_at=None
    )
    if fact.invoice_key:
        rows = rows.filter(invoice__key=fact.invoice_key)
    for number in rows.values_list("pk", flat=True):
        actions.lift_hold(actor, hold_id=number)


def _credited(actor: Actor, fact: _Fact) -> None:
    actions.credit_invoice(
        actor, invoice_key=fact.invoice_key, amount=fact.amount(), key=fact.key, at=fact.at
    )


def _changed(actor: Actor, fact: _Fact) -> None:
    total = fact.amount()
    if total is not None:
        actions.correct_total(
            actor, invoice_key=fact.invoice_key, total=total, key=fact.key, at=fact.at
        )


def _escalated(actor: Actor, fact: _Fact) -> None:
    keys = _open_invoices(actor, fact)
    if keys:
        actions.escalate(actor, invoice_keys=keys, reason="import", at=fact.at)


def _written_off(actor: Actor, fact: _Fact) -> None:
    for key in _open_invoices(actor, fact):
        actions.write_off(actor, invoice_key=key, reason="import")


def _opted(actor: Actor, fact: _Fact) -> None:
    channel = str(fact.detail.get("channel", ""))
    if channel and Customer.objects.of(actor.organisation).filter(key=fact.customer_key).exists():
        actions.set_consent(
            actor, customer_key=fact.customer_key, channel=channel,
            granted=fact.kind == Kind.OPTED_IN, source="import",
        )  # fmt: skip


_WAYS: dict[str, Callable[[Actor, _Fact], None]] = {
    Kind.PROMISED: _promised,
    Kind.DISPUTED: _disputed,
    Kind.DISPUTE_RESOLVED: _resolved,
    Kind.HOLD_STARTED: _held,
    Kind.HOLD_ENDED: _hold_ended,
    Kind.CREDITED: _credited,
    Kind.AMOUNT_CHANGED: _changed,
    Kind.ESCALATED: _escalated,
    Kind.WRITTEN_OFF: _written_off,
    Kind.OPTED_OUT: _opted,
    Kind.OPTED_IN: _opted,
}


def key_of(row: Mapping[str, Any]) -> str:
    """Return the key of an event that has none of its own: the hash of what it says."""
    parts = [row["kind"], row["at"].astimezone(UTC).isoformat(), *(row[n] or "" for n in _ABOUT)]
    return "import:" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:40]


_ABOUT = ("invoice_id", "customer_id", "contact_id", "detail")


def _told_before(actor: Actor, keys: list[str]) -> set[str]:
    kept = IdempotentAnswer.objects.of(actor.organisation).filter(route=_ROUTE)
    found: set[str] = set()
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        found |= set(kept.filter(key__in=some).values_list("key", flat=True))
    return found


def _remember(actor: Actor, keys: list[str]) -> None:
    IdempotentAnswer.objects.of(actor.organisation).bulk_create(
        [IdempotentAnswer(key=key, route=_ROUTE, digest="", status=200, body={}) for key in keys],
        batch_size=_AT_ONCE,
    )
