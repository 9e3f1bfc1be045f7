"""Tenor beside the fixed ladder: what became of the invoices of each arm's customers.

Customers were drawn by lot, so a difference between the arms is what Tenor brings, apart from
chance; the interval says how far chance goes. The customer is what was drawn: each counts once,
however many invoices they have.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import sqrt

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.decisions.runs.arms import CONTROL, TREATED, control_of
from tenor.platform.ledger.queries.unprofiled import unprofiled

# Looked at so many days after the due day, when most that will be paid is paid.
LATER = 30
_LONGEST = timedelta(days=365)
# Two-sided 95%.
_Z = 1.96


@dataclass(frozen=True)
class Arm:
    """What became of an arm's invoices that fell due since the comparison began.

    `paid_30d` is the mean share of a customer's invoices paid within thirty days of the due day,
    `days_late` the mean days from due day to payment (an open one: so far), `escalated` the mean
    share handed over. `cost` is that of contacts, `collected` by currency.
    """

    name: str
    customers: int
    invoices: int
    paid_30d: float
    days_late: float
    escalated: float
    contacts: int
    cost: float
    collected: dict[str, Decimal]


@dataclass(frozen=True)
class Difference:
    """Treated less control: the difference of a mean, and the bounds of its 95% interval."""

    name: str
    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """Both arms since a day, and how they differ."""

    since: date
    treated: Arm
    control: Arm
    differences: tuple[Difference, ...]


def comparison(run: Run, known: Tables) -> Comparison | None:
    """Compare the arms; nothing where nobody is left to the ladder or nothing has run its time."""
    first = (
        Decision.objects.of(run.organisation_id)
        .filter(arm=CONTROL, run__isnull=False)
        .order_by("run__day")
        .values_list("run__day", flat=True)
        .first()
    )
    if first is None:
        return None
    since = max(first, (run.as_of - _LONGEST).date())
    cases = _cases(run, known, since)
    sides = [cases.filter(arm=name) for name in (TREATED, CONTROL)]
    if min(side.height for side in sides) < 2:
        return None
    treated, control = (
        _arm(name, side, known, since) for name, side in zip((TREATED, CONTROL), sides, strict=True)
    )
    differences = tuple(
        _difference(name, *sides) for name in ("paid_30d", "days_late", "escalated")
    )
    return Comparison(since, treated, control, differences)


def _cases(run: Run, known: Tables, since: date) -> pl.DataFrame:
    """Return a row a customer with an invoice that fell due long enough ago, and their arm."""
    as_of = run.as_of
    escalated = known.events.filter(
        (pl.col("kind") == Kind.ESCALATED) & pl.col("invoice_id").is_not_null()
    )["invoice_id"]
    due = pl.col("due_on").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    ended = pl.coalesce("settled_at", pl.lit(as_of))
    late = (ended - due).dt.total_seconds() / 86_400
    customers = (
        invoice_states(known, as_of)
        .filter(
            (pl.col("due_on") >= since)
            & (pl.col("due_on") <= (as_of - timedelta(days=LATER)).date())
        )
        .with_columns(
            late=late.clip(0.0),
            in_time=pl.col("settled_at").is_not_null() & (late <= LATER),
            handed=pl.col("invoice_id").is_in(escalated.implode()),
        )
        .group_by("customer_id")
        .agg(
            invoices=pl.len(),
            paid_30d=pl.col("in_time").cast(pl.Float64).mean(),
            days_late=pl.col("late").mean(),
            escalated=pl.col("handed").cast(pl.Float64).mean(),
        )
        .sort("customer_id")
    )
    # Who objected to profiling is left to the ladder without having been drawn by lot.
    objected = pl.col("customer_id").is_in(list(unprofiled(run.organisation, as_of)))
    customers = customers.filter(~objected)
    control = control_of(run.organisation, customers["customer_id"].to_list())
    left = pl.col("customer_id").is_in(list(control))
    return customers.with_columns(
        arm=pl.when(left).then(pl.lit(CONTROL)).otherwise(pl.lit(TREATED))
    )


def _arm(name: str, side: pl.DataFrame, known: Tables, since: date) -> Arm:
    mine = known.of_customers(side["customer_id"])
    sent = mine.contacts.filter(pl.col("sent_at").dt.date() >= since)
    came = mine.payments.filter(pl.col("paid_at").dt.date() >= since).join(
        mine.invoices.select("invoice_id", "currency"), on="invoice_id"
    )
    sums = came.group_by("currency").agg(pl.col("amount").sum()).sort("currency")
    return Arm(
        name=name,
        customers=side.height,
        invoices=int(side["invoices"].sum()),
        paid_30d=_mean(side["paid_30d"]),
        days_late=_mean(side["days_late"]),
        escalated=_mean(side["escalated"]),
        contacts=sent.height,
        cost=round(float(sent["cost"].fill_null(0.0).sum()), 2),
        collected=dict(sums.iter_rows()),
    )


def _difference(name: str, treated: pl.DataFrame, control: pl.DataFrame) -> Difference:
    here, there = treated[name], control[name]
    variance = sum(_number(side.std()) ** 2 / len(side) for side in (here, there))
    difference, reach = _mean(here) - _mean(there), _Z * sqrt(variance)
    return Difference(
        name, round(difference, 4), round(difference - reach, 4), round(difference + reach, 4)
    )


def _mean(values: pl.Series) -> float:
    return round(_number(values.mean()), 4)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
