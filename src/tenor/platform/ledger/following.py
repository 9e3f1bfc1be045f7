"""Promises and plans follow the money: what the covered invoices say about them, folded again.

What was agreed is a number of balances; what came off them since, by payment or credit, is what
was kept of it. So a reversed payment makes a kept promise open again, and a payment that is
told late but came in time keeps a promise that was held for broken.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Protocol

from tenor.engine.events import Kind
from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Organisation
from tenor.platform.events.actions import record
from tenor.platform.ledger.balances import NOTHING, is_nothing
from tenor.platform.ledger.models import (
    Allocation,
    Entry,
    Instalment,
    Invoice,
    Plan,
    PlanInvoice,
    Promise,
    PromiseInvoice,
)

Covered = PromiseInvoice | PlanInvoice


class Follower(Protocol):
    """What is done, in the same transaction, when the balance of invoices has changed."""

    def __call__(self, actor: Actor, invoices: Collection[Invoice]) -> None:
        """Follow the money of these invoices."""
        ...


class Mover(Protocol):
    """Moves the days of a plan of which an instalment was missed, where its rules allow it."""

    def __call__(self, actor: Actor, plan: Plan, instalments: Sequence[Instalment]) -> bool:
        """Say whether they were moved."""
        ...


_others: list[Follower] = []
_movers: list[Mover] = []


def also_follow(follower: Follower) -> None:
    """Let an app that stands above the ledger follow the money too; said twice, it does so once."""
    if follower not in _others:
        _others.append(follower)


def may_move(mover: Mover) -> None:
    """Let an app that stands above the ledger move a plan before it is called broken."""
    if mover not in _movers:
        _movers.append(mover)


def end_of(organisation: Organisation, day: date, tolerance_days: int = 0) -> datetime:
    """Return the last instant, at the organisation's place, of a day and its tolerance."""
    after = day + timedelta(days=tolerance_days + 1)
    return datetime.combine(after, time(), clock.zone(organisation)) - timedelta(microseconds=1)


def follow_money(actor: Actor, invoices: Collection[Invoice]) -> None:
    """Fold again what covers these invoices, and let others follow; their customers are locked."""
    follow_agreements(actor, invoices)
    tell_others(actor, invoices)


def tell_others(actor: Actor, invoices: Collection[Invoice]) -> None:
    """Let the apps above follow the money of these invoices."""
    for follower in _others if invoices else ():
        follower(actor, invoices)


def follow_agreements(actor: Actor, invoices: Collection[Invoice]) -> None:
    """Fold again the promises and plans that cover these invoices."""
    numbers = [invoice.pk for invoice in invoices]
    if not numbers:
        return
    promises = Promise.objects.of(actor.organisation).filter(covered__invoice__in=numbers)
    promises = promises.exclude(state=Promise.State.WITHDRAWN)
    follow_promises(actor, list(promises.select_related("customer").distinct()))
    plans = Plan.objects.of(actor.organisation).filter(covered__invoice__in=numbers)
    plans = plans.filter(state__in=[Plan.State.ACTIVE, Plan.State.COMPLETED])
    follow_plans(actor, list(plans.select_related("customer").distinct()))


def follow_promises(actor: Actor, promises: Sequence[Promise]) -> dict[str, list[int]]:
    """Set the state of promises as the facts and the clock have it; return the numbers by state."""
    now = clock.now(actor.organisation)
    covered = _covered(PromiseInvoice, "promise_id", promises)
    changes = _Changes(covered)
    came: dict[str, list[int]] = defaultdict(list)
    for promise in promises:
        deadline = end_of(actor.organisation, promise.promised_on, promise.tolerance_days)
        if changes.keeps(covered[promise.pk], promise.amount, deadline):
            state = Promise.State.KEPT
        else:
            state = Promise.State.BROKEN if now > deadline else Promise.State.OPEN
        if state == promise.state:
            continue
        before = {"state": promise.state}
        promise.state = state
        promise.decided_at = None if state == Promise.State.OPEN else now
        promise.save(update_fields=["state", "decided_at"])
        came[state].append(promise.pk)
        if state == Promise.State.BROKEN:
            tell_promise(actor, promise, covered[promise.pk], at=min(now, deadline))
        audit.record(
            actor, f"promise.{state}", f"customer:{promise.customer.key}", before=before,
            after={"promise": promise.pk, "state": str(state)},
        )  # fmt: skip
    return came


def follow_plans(actor: Actor, plans: Sequence[Plan]) -> dict[str, list[int]]:
    """Spread what came off the covered invoices over the instalments, in order."""
    now = clock.now(actor.organisation)
    covered = _covered(PlanInvoice, "plan_id", plans)
    changes = _Changes(covered)
    came: dict[str, list[int]] = defaultdict(list)
    for plan in plans:
        rows = covered[plan.pk]
        instalments = list(plan.instalments.order_by("position"))
        _spread(instalments, changes.came_off(rows, None))
        Instalment.objects.of(actor.organisation).bulk_update(instalments, ["paid"])
        state = Plan.State.ACTIVE
        if changes.keeps(rows, plan.amount, None):
            state = Plan.State.COMPLETED
        elif missed := _missed(actor.organisation, plan, instalments, rows, changes, now):
            moved = plan.moved_at is None and any(m(actor, plan, instalments) for m in _movers)
            state = Plan.State.ACTIVE if moved else Plan.State.BROKEN
        if state == plan.state:
            continue
        before = {"state": plan.state}
        plan.state = state
        plan.decided_at = None if state == Plan.State.ACTIVE else now
        plan.save(update_fields=["state", "decided_at"])
        came[state].append(plan.pk)
        if state == Plan.State.BROKEN and missed:
            tell_plan_broken(actor, plan, rows, at=min(now, missed), reason="instalment")
        audit.record(
            actor, f"plan.{state}", f"customer:{plan.customer.key}", before=before,
            after={"plan": plan.pk, "state": str(state)},
        )  # fmt: skip
    return came


def tell_promise(
    actor: Actor, promise: Promise, covered: Iterable[Covered], *, at: datetime, reason: str = ""
) -> None:
    """Tell the engine that a promise does not stand any more."""
    detail = {"reason": reason} if reason else None
    for row in covered:
        record(
            actor.organisation, Kind.PROMISE_BROKEN, at=at, detail=detail,
            key=f"tenor:promise:{promise.pk}:broken:{row.invoice_id}",
            customer_key=promise.customer.key, invoice_key=row.invoice.key,
        )  # fmt: skip


def tell_plan_broken(
    actor: Actor, plan: Plan, covered: Iterable[Covered], *, at: datetime, reason: str
) -> None:
    """Tell the engine that a plan does not stand any more."""
    for row in covered:
        record(
            actor.organisation, Kind.PLAN_BROKEN, at=at, detail={"reason": reason},
            key=f"tenor:plan:{plan.pk}:broken:{row.invoice_id}",
            customer_key=plan.customer.key, invoice_key=row.invoice.key,
        )  # fmt: skip


class _Changes:
    """What happened to the invoices that promises or plans cover, by instant."""

    def __init__(self, covered: dict[int, list[Covered]]) -> None:
        rows = [row for group in covered.values() for row in group]
        self._changes: dict[int, list[tuple[datetime, Decimal, Decimal]]] = defaultdict(list)
        if not rows:
            return
        organisation, numbers = rows[0].organisation_id, {row.invoice_id for row in rows}
        for row in rows:
            self._changes[row.invoice_id] = []
        entries = Entry.objects.of(organisation).filter(invoice__in=numbers)
        for number, at, amount in entries.values_list("invoice_id", "at", "amount"):
            self._changes[number].append((at, amount, NOTHING))
        allocations = Allocation.objects.of(organisation).filter(invoice__in=numbers)
        for number, at, amount in allocations.values_list("invoice_id", "at", "amount"):
            self._changes[number].append((at, NOTHING, amount))

    def owed(self, invoice: Invoice, at: datetime | None) -> tuple[Decimal, Decimal]:
        """Return what was owed on an invoice at an instant (None: in the end), and its total."""
        known = [c for c in self._changes[invoice.pk] if at is None or c[0] <= at]
        total = invoice.amount + sum((c[1] for c in known), NOTHING)
        return total - sum((c[2] for c in known), NOTHING), total

    def came_off(self, covered: Iterable[Covered], at: datetime | None) -> Decimal:
        """Return how much less was owed at an instant than when it was agreed."""
        rests = ((row.balance, self.owed(row.invoice, at)[0]) for row in covered)
        return sum((max(then - now, NOTHING) for then, now in rests), NOTHING)

    def keeps(self, covered: Collection[Covered], amount: Decimal, at: datetime | None) -> bool:
        """Say whether so much came off by then, or nothing worth asking for is left."""
        return self.came_off(covered, at) >= amount or all(
            is_nothing(*self.owed(row.invoice, at)) for row in covered
        )


def _covered(
    table: type[PromiseInvoice] | type[PlanInvoice], by: str, owners: Sequence[Promise | Plan]
) -> dict[int, list[Covered]]:
    found: dict[int, list[Covered]] = {owner.pk: [] for owner in owners}
    if owners:
        rows = table.objects.of(owners[0].organisation_id).filter(**{f"{by}__in": list(found)})
        for row in rows.select_related("invoice").order_by("pk"):
            found[getattr(row, by)].append(row)
    return found


def _spread(instalments: Iterable[Instalment], paid: Decimal) -> None:
    for instalment in instalments:
        instalment.paid = min(instalment.amount, paid)
        paid -= instalment.paid


def _missed(
    organisation: Organisation,
    plan: Plan,
    instalments: Iterable[Instalment],
    covered: Collection[Covered],
    changes: _Changes,
    now: datetime,
) -> datetime | None:
    """Return when the first instalment went by unpaid, tolerance included; nothing if none did."""
    expected = NOTHING
    for instalment in instalments:
        expected += instalment.amount
        deadline = end_of(organisation, instalment.due_on, plan.tolerance_days)
        if now > deadline and changes.came_off(covered, deadline) < expected:
            return deadline
    return None
