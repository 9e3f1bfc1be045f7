"""Tenor beside the fixed ladder: what became of the customers of each arm, and of their invoices.

Customers were drawn by lot, so a difference between the arms is what Tenor brings, apart from
chance; the interval says how far chance goes. The customer is what was drawn: each counts once,
however many invoices they have. The figures are shown every day, so the intervals are those that
may be looked at every day; what a customer did before the comparison began makes them narrower.
Experiments are part of what Tenor does: those in one count as treated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isfinite

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.experiments.adjust import adjusted
from tenor.engine.experiments.outcomes import KNOWN, Better, Outcome
from tenor.engine.experiments.outcomes import Kind as What
from tenor.engine.experiments.sequential import multiplier
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states
from tenor.platform.decisions import live
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.decisions.runs.arms import CONTROL, TREATED, control_of
from tenor.platform.ledger.queries.unprofiled import unprofiled

# Looked at so many days after the due day, when most that will be paid is paid.
LATER = 30
_LONGEST = timedelta(days=365)
# What tells early, what tells late, what it costs and how people feel treated.
OUTCOMES: tuple[Outcome, ...] = (
    Outcome("paid_by_due", What.SHARE, Better.HIGHER),
    Outcome("reacted", What.SHARE, Better.HIGHER),
    KNOWN["paid_30d"],
    Outcome("days_late", What.MEAN, Better.LOWER),
    KNOWN["escalated"],
    Outcome("cost", What.SUM, Better.LOWER),
    KNOWN["complained"],
    KNOWN["opted_out"],
    KNOWN["rated"],
)
# Effects for which the intervals are about as narrow as can be. Rather large ones: of the small
# group of a first month something must be said too, and a year later it costs a tenth of width.
_TUNED = {
    "paid_by_due": 0.2, "reacted": 0.2, "paid_30d": 0.2, "days_late": 5.0, "escalated": 0.1,
    "complained": 0.05, "opted_out": 0.05, "rated": 0.5,
}  # fmt: skip
# Of an amount: in standard deviations among customers.
_TUNED_AMOUNT = 0.5
_PAST = ("paid_by_due", "paid_30d", "days_late", "escalated")
_ANSWERS = (Kind.CLICKED, Kind.PAGE_VISITED, Kind.PAYMENT_STARTED, Kind.REPLIED, Kind.PROMISED)
_SIGNS = {
    "reacted": _ANSWERS,
    "complained": (Kind.COMPLAINED,),
    "opted_out": (Kind.OPTED_OUT,),
}


@dataclass(frozen=True)
class Arm:
    """What became of an arm's customers, and of their invoices that fell due since it began.

    Means over customers: `paid_by_due` and `paid_30d` of the share of their invoices paid by the
    due day and within thirty days of it, `days_late` of the days from due day to payment (an open
    one: so far), `escalated` of the share handed over, `reacted`, `complained` and `opted_out` of
    whether they did, `rated` of the marks they gave (None: nobody did). `contacts` and `cost` are
    those of contacts, `handed_over` counts invoices and `hand_over_cost` is theirs by the rules;
    `collected` by currency.
    """

    name: str
    customers: int
    invoices: int
    paid_by_due: float
    paid_30d: float
    days_late: float
    escalated: float
    reacted: float
    complained: float
    opted_out: float
    rated: float | None
    raters: int
    contacts: int
    cost: float
    handed_over: int
    hand_over_cost: float
    collected: dict[str, Decimal]


@dataclass(frozen=True)
class Difference:
    """Treated less control: the difference of a mean, and the bounds of its 95% interval.

    The bounds hold at every look together, however often one looks.
    """

    name: str
    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """Both arms since a day, and how they differ; `kind` is what the other arm gets."""

    since: date
    treated: Arm
    control: Arm
    differences: tuple[Difference, ...]
    kind: str = "ladder"


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
    price = live.policy_of(run.organisation, run.policy).objective.cost_of_escalation
    treated, control = (
        _arm(name, side, known, since, price)
        for name, side in zip((TREATED, CONTROL), sides, strict=True)
    )
    found = (_difference(outcome, cases) for outcome in OUTCOMES)
    kind = run.organisation.settings.get("control_kind", "ladder")
    return Comparison(since, treated, control, tuple(d for d in found if d is not None), kind)


def _cases(run: Run, known: Tables, since: date) -> pl.DataFrame:
    """Return a row a customer with an invoice that fell due long enough ago, and their arm.

    With what became of them, and `before_…`: the same of what fell due before the lot was drawn.
    """
    as_of, until = run.as_of, (run.as_of - timedelta(days=LATER)).date()
    customers = _invoices(known, as_of, since, until)
    past = _invoices(known, as_of, since - _LONGEST, since - timedelta(days=LATER))
    past = past.select("customer_id", *(pl.col(name).alias(f"before_{name}") for name in _PAST))
    parts = [past, _sent(known, since), *(_sign(known, name, since) for name in _SIGNS)]
    parts.append(_ratings(known, since))
    for part in parts:
        customers = customers.join(part, on="customer_id", how="left", maintain_order="left")
    customers = customers.with_columns(pl.col("contacts", "cost", *_SIGNS).fill_null(0))
    # Who objected to profiling is left to the ladder without having been drawn by lot.
    objected = pl.col("customer_id").is_in(list(unprofiled(run.organisation, as_of)))
    customers = customers.filter(~objected)
    control = control_of(run.organisation, customers["customer_id"].to_list())
    left = pl.col("customer_id").is_in(list(control))
    return customers.with_columns(
        arm=pl.when(left).then(pl.lit(CONTROL)).otherwise(pl.lit(TREATED))
    )


def _invoices(known: Tables, as_of: datetime, start: date, end: date) -> pl.DataFrame:
    """Return what became of each customer's invoices that fell due from `start` to `end`."""
    escalated = known.events.filter(
        (pl.col("kind") == Kind.ESCALATED) & pl.col("invoice_id").is_not_null()
    )["invoice_id"]
    due = pl.col("due_on").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    late = (pl.coalesce("settled_at", pl.lit(as_of)) - due).dt.total_seconds() / 86_400
    is_paid = pl.col("settled_at").is_not_null()

    def mean(name: str) -> pl.Expr:
        return pl.col(name).cast(pl.Float64).mean()

    return (
        invoice_states(known, as_of)
        .filter(pl.col("due_on").is_between(start, end))
        .with_columns(
            late=late.clip(0.0),
            # The due day itself is still in time.
            by_due=is_paid & (late < 1.0),
            in_time=is_paid & (late <= LATER),
            handed=pl.col("invoice_id").is_in(escalated.implode()),
        )
        .group_by("customer_id")
        .agg(
            invoices=pl.len(),
            paid_by_due=mean("by_due"),
            paid_30d=mean("in_time"),
            days_late=mean("late"),
            escalated=mean("handed"),
            handed_over=pl.col("handed").sum(),
        )
        .sort("customer_id")
    )


def _sent(known: Tables, since: date) -> pl.DataFrame:
    sent = known.contacts.filter(pl.col("sent_at").dt.date() >= since)
    return sent.group_by("customer_id").agg(
        contacts=pl.len(), cost=pl.col("cost").fill_null(0.0).sum()
    )


def _sign(known: Tables, name: str, since: date) -> pl.DataFrame:
    told = _events(known, _SIGNS[name], since)
    return told.select("customer_id", pl.lit(1.0).alias(name)).unique("customer_id")


def _ratings(known: Tables, since: date) -> pl.DataFrame:
    score = pl.col("detail").str.json_path_match("$.score").cast(pl.Float64, strict=False)
    told = _events(known, (Kind.RATED,), since)
    return told.group_by("customer_id").agg(rated=score.mean())


def _events(known: Tables, kinds: Sequence[Kind], since: date) -> pl.DataFrame:
    """Return the events of these kinds since a day, each with the customer whom it is about."""
    owners = known.invoices.select("invoice_id", owner="customer_id")
    return (
        known.events.filter(pl.col("kind").is_in(kinds) & (pl.col("at").dt.date() >= since))
        .join(owners, on="invoice_id", how="left")
        .select("detail", customer_id=pl.coalesce("customer_id", "owner"))
        .drop_nulls("customer_id")
    )


def _arm(name: str, side: pl.DataFrame, known: Tables, since: date, price: float) -> Arm:
    mine = known.of_customers(side["customer_id"])
    came = mine.payments.filter(pl.col("paid_at").dt.date() >= since).join(
        mine.invoices.select("invoice_id", "currency"), on="invoice_id"
    )
    sums = came.group_by("currency").agg(pl.col("amount").sum()).sort("currency")
    means = ("paid_by_due", "paid_30d", "days_late", "escalated", *_SIGNS)
    handed = int(side["handed_over"].sum())
    marks = side["rated"].drop_nulls()
    return Arm(
        name=name,
        customers=side.height,
        invoices=int(side["invoices"].sum()),
        **{each: _mean(side[each]) for each in means},
        rated=_mean(marks) if len(marks) else None,
        raters=len(marks),
        contacts=int(side["contacts"].sum()),
        cost=round(float(side["cost"].sum()), 2),
        handed_over=handed,
        hand_over_cost=round(handed * price, 2),
        collected=dict(sums.iter_rows()),
    )


def _difference(outcome: Outcome, cases: pl.DataFrame) -> Difference | None:
    """Compare a mean; nothing where too few have the figure for any bound."""
    some = cases.drop_nulls(outcome.name)
    before = f"before_{outcome.name}"
    found = adjusted(
        some[outcome.name].cast(pl.Float64).to_numpy(),
        (some["arm"] == TREATED).to_numpy(),
        some[before].fill_null(float("nan")).to_numpy() if before in some.columns else None,
        bounds=(0.0, 1.0) if outcome.kind is What.SHARE else None,
    )
    if not isfinite(found.error):
        return None
    tuned = _TUNED.get(outcome.name) or _TUNED_AMOUNT * _number(some[outcome.name].std())
    reach = 0.0
    if found.error > 0.0 and tuned > 0.0:
        reach = found.error * multiplier(found.error, tuned_to=tuned)
    difference = found.difference
    return Difference(
        outcome.name,
        round(difference, 4),
        round(difference - reach, 4),
        round(difference + reach, 4),
    )


def _mean(values: pl.Series) -> float:
    return round(_number(values.mean()), 4)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
