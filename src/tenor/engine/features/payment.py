"""Habits of paying: what a customer's own past says, drawn towards the population when short."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.frames import Tables, received

Array = NDArray[np.float64]

# Own past counts fully from about this many settled invoices; before that the population leads.
# (Five is the order at which the customer's own mean beats the population's on trial data.)
EVIDENCE = 5.0
# A delay beyond this many days says no more than this many (fines are paid after years).
LONGEST_DELAY = 180.0
DAYS_A_MONTH = 30.44
HORIZONS = (7, 30, 60)
MOST_COUNTED = 8.0
# What one did when invoices were as late as this one is now counts fully from about so many.
EVIDENCE_AT_AGE = 2.0


@dataclass(frozen=True)
class Habits:
    """How the population has paid: what a short past of one's own is drawn towards.

    Means over every invoice that tells something: of the delay in days and its square, of the
    delay of those settled, of the shares late, paid on the due day, handed over, and paid within
    so many days of it.
    """

    mean_delay: float
    mean_delay2: float
    settled_delay: float
    late: float
    on_due: float
    escalated: float
    within: dict[int, float]


@dataclass(frozen=True, eq=False)
class Ages:
    """The delays (days, rising) at which the population's invoices were paid, ended, or stand."""

    paid: Array
    ended: Array
    still_open: Array

    def usual(self, age: Array, days: int) -> Array:
        """Return everybody's share paid within `days` after each age [rows]."""
        hits = _above(self.paid, age) - _above(self.paid, age + days)
        known = _above(self.ended, age) + _above(self.still_open, age + days - 1e-9)
        return np.asarray((hits + 0.5) / (known + 1.0))


def payment_habits(
    known: Tables, states: pl.DataFrame, as_of: datetime, habits: Habits | None = None
) -> pl.DataFrame:
    """Return a row a customer with an invoice: how they have paid until now.

    `habits` are those of the population; None: of these very invoices.

    Delays are in days from the due date to settlement (negative: early). An open invoice counts
    as late as soon as it is overdue, with the delay it already has: leaving open ones out would
    make the slowest payers look the best.
    """
    del known  # everything is in the states already
    telling = _telling(states, as_of)
    late = (pl.col("delay") > 1.0).cast(pl.Float64)
    weight = pl.col("recent")
    sums = telling.group_by("customer_id").agg(
        past_invoices=pl.len().cast(pl.Float64),
        past_settled=pl.col("is_settled").sum().cast(pl.Float64),
        past_escalated=pl.col("is_escalated").sum().cast(pl.Float64),
        _delay=pl.col("delay").sum(),
        _delay2=(pl.col("delay") ** 2).sum(),
        _late=late.sum(),
        _recent_delay=(pl.col("delay") * weight).sum(),
        _recent_weight=weight.sum(),
        _typical_delay=pl.col("delay").filter("is_settled").sum(),
        _on_due=(pl.col("is_settled") & pl.col("delay").is_between(0.0, 1.0, closed="left")).sum(),
        **{f"_within_{h}": (pl.col("is_settled") & (pl.col("delay") <= h)).sum() for h in HORIZONS},
        last_delay=pl.col("delay").sort_by("due_on", "invoice_id").last(),
    )
    return _shrunk(sums, habits or _habits(telling))


def habits_of(states: pl.DataFrame, as_of: datetime) -> Habits:
    """Return how all these invoices (rows of `ledger.invoice_states`) have been paid."""
    return _habits(_telling(states, as_of))


def _telling(states: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Return the invoices that say something about paying: ended, or late already."""
    now = pl.lit(as_of)
    due = pl.col("due_on").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    ended = pl.coalesce("settled_at", "closed_at", now)
    seen = states.with_columns(
        delay=((ended - due).dt.total_seconds() / 86_400).clip(-60.0, LONGEST_DELAY),
        is_settled=pl.col("settled_at").is_not_null(),
        is_escalated=pl.col("closed_at").is_not_null() & pl.col("settled_at").is_null(),
    ).with_columns(
        counts=pl.col("is_settled") | pl.col("is_escalated") | (pl.col("delay") > 0),
        recent=(-(now - ended).dt.total_seconds() / (86_400 * 180)).exp(),
    )
    # In one piece: a mean of floats over several would add in another order.
    return seen.filter("counts").rechunk()


def same_age(states: pl.DataFrame, as_of: datetime, ages: Ages | None = None) -> pl.DataFrame:
    """Return a row an open invoice: what became of others that were once as late as it is now.

    `again_7` and `again_30`: among the customer's own earlier invoices that were still open so
    many days after (or before) their due date, the share paid within 7 and 30 further days, drawn
    to everybody's share at that age by two pseudo-invoices. `ages` are everybody's; None: those
    of these very invoices.
    """
    aged = _aged(states, as_of)
    ages = ages or _ages(aged)
    opened = aged.filter("is_open").select("invoice_id", "customer_id", age="delay")
    everywhere = aged.lazy()
    pairs = (
        opened.lazy()
        .join(everywhere.drop("invoice_id"), on="customer_id", how="left")
        .filter(pl.col("delay") > pl.col("age"))
    )
    own = pairs.group_by("invoice_id").agg(
        **{f"hit_{h}": _paid_by(h).sum() for h in HORIZONS[:2]},
        **{f"known_{h}": _told_by(h).sum() for h in HORIZONS[:2]},
    )
    age = opened["age"].to_numpy()
    share = {
        f"again_{h}": (pl.col(f"hit_{h}") + EVIDENCE_AT_AGE * pl.Series(ages.usual(age, h)))
        / (pl.col(f"known_{h}") + EVIDENCE_AT_AGE)
        for h in HORIZONS[:2]
    }
    return (
        opened.lazy()
        .join(own, on="invoice_id", how="left", maintain_order="left")
        .fill_null(0)
        .select("invoice_id", **share)
        .collect()
    )


def ages_of(states: pl.DataFrame, as_of: datetime) -> Ages:
    """Return how late all these invoices (rows of `ledger.invoice_states`) were, or are."""
    return _ages(_aged(states, as_of))


def _aged(states: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    due = pl.col("due_on").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    ended = pl.coalesce("settled_at", "closed_at", pl.lit(as_of))
    return states.select(
        "invoice_id",
        "customer_id",
        "is_open",
        delay=(ended - due).dt.total_seconds() / 86_400,
        paid=pl.col("settled_at").is_not_null(),
        over=pl.col("settled_at").is_not_null() | pl.col("closed_at").is_not_null(),
    )


def _ages(aged: pl.DataFrame) -> Ages:
    delay, paid, over = (aged[c].to_numpy() for c in ("delay", "paid", "over"))
    return Ages(np.sort(delay[paid]), np.sort(delay[over]), np.sort(delay[~over]))


def _above(sorted_delays: Array, least: Array) -> Array:
    return np.asarray(len(sorted_delays) - np.searchsorted(sorted_delays, least, side="right"))


def _paid_by(days: int) -> pl.Expr:
    return pl.col("paid") & (pl.col("delay") <= pl.col("age") + days)


def _told_by(days: int) -> pl.Expr:
    """Tell which invoices say what happened: ended, or still open after those days."""
    return pl.col("over") | (pl.col("delay") >= pl.col("age") + days)


def _habits(telling: pl.DataFrame) -> Habits:
    rows = max(telling.height, 1)
    settled = telling.filter("is_settled")
    mean_delay = _number(telling["delay"].mean(), 10.0)
    on_time = pl.col("delay").is_between(0.0, 1.0, closed="left")
    return Habits(
        mean_delay=mean_delay,
        mean_delay2=_number((telling["delay"] ** 2).mean(), mean_delay**2 + 100.0),
        settled_delay=_number(settled["delay"].mean(), mean_delay),
        late=float((telling["delay"] > 1.0).sum()) / rows,
        on_due=float(settled.filter(on_time).height) / rows,
        escalated=float(telling["is_escalated"].sum()) / rows,
        within={h: float(settled.filter(pl.col("delay") <= h).height) / rows for h in HORIZONS},
    )


def _shrunk(sums: pl.DataFrame, usual: Habits) -> pl.DataFrame:
    """Draw each customer's sums towards the population's means by `EVIDENCE` pseudo-invoices."""
    n = pl.col("past_invoices")

    def towards(total: str, population: float, count: pl.Expr = n) -> pl.Expr:
        return (pl.col(total) + EVIDENCE * population) / (count + EVIDENCE)

    return sums.select(
        "customer_id",
        # Counted no further: with the years everybody has more of them, and is no better for it.
        n.clip(0.0, MOST_COUNTED),
        "past_settled",
        "past_escalated",
        "last_delay",
        mean_delay=towards("_delay", usual.mean_delay),
        recent_delay=towards("_recent_delay", usual.mean_delay, pl.col("_recent_weight")),
        usual_delay=towards("_typical_delay", usual.settled_delay, pl.col("past_settled")),
        delay_spread=(
            towards("_delay2", usual.mean_delay2) - towards("_delay", usual.mean_delay) ** 2
        )
        .clip(0.0)
        .sqrt(),
        late_share=towards("_late", usual.late),
        paid_on_due=towards("_on_due", usual.on_due),
        escalated_share=towards("past_escalated", usual.escalated),
        **{f"paid_within_{h}": towards(f"_within_{h}", usual.within[h]) for h in HORIZONS},
    )


def pay_days(known: Tables, as_of: datetime) -> pl.DataFrame:
    """Return a row a customer who ever paid: when money usually comes.

    `pay_day` is the day of the month (1 to 31.44, circular mean), `pay_day_strength` how
    concentrated payments are there (0 none to 1 always, drawn to 0 by five pseudo-payments),
    `payments` their number and `days_since_payment`, `part_payments` the share of payments that
    were less than half of the invoice.
    """
    # Step by step: as one plan, sums of floats would be taken in another order.
    paid = received(known.payments).join(
        known.invoices.select("invoice_id", "customer_id", total="amount"),
        on="invoice_id",
        how="inner",
        maintain_order="left",
    )
    angle = (pl.col("paid_at").dt.day().cast(pl.Float64) - 1.0) * (2.0 * 3.141592653589793)
    angle = angle / DAYS_A_MONTH
    part = pl.col("amount").cast(pl.Float64) < 0.5 * pl.col("total").cast(pl.Float64)
    sums = paid.group_by("customer_id").agg(
        payments=pl.len().cast(pl.Float64),
        _cos=angle.cos().sum(),
        _sin=angle.sin().sum(),
        part_payments=part.cast(pl.Float64).mean(),
        days_since_payment=(pl.lit(as_of) - pl.col("paid_at").max()).dt.total_seconds() / 86_400,
    )
    turn = pl.arctan2("_sin", "_cos") / (2.0 * 3.141592653589793)
    return sums.select(
        "customer_id",
        "payments",
        "part_payments",
        "days_since_payment",
        pay_day=1.0 + DAYS_A_MONTH * pl.when(turn < 0).then(turn + 1.0).otherwise(turn),
        pay_day_strength=(pl.col("_cos") ** 2 + pl.col("_sin") ** 2).sqrt()
        / (pl.col("payments") + EVIDENCE),
    )


def _number(value: object, otherwise: float) -> float:
    return float(value) if isinstance(value, int | float) else otherwise
