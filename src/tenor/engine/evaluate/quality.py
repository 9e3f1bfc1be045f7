"""Out-of-time quality: what was predicted at past instants, against what then happened.

Every invoice open at an instant is scored from the facts known then; the outcome comes from
later facts. Outcomes that the data end too early to show are left out and counted, never
guessed. Beside the predictor stand two baselines: the customer's own history and the base rate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import numpy as np
import polars as pl

from tenor.engine.errors import InputError
from tenor.engine.evaluate.baselines import baselines
from tenor.engine.evaluate.figures import Figure, Score, scores
from tenor.engine.evaluate.metrics import auc, concordance
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states
from tenor.engine.predictors.history import outcomes
from tenor.engine.predictors.payment import EDGES

HORIZONS = (7, 30, 60)
# Escalation is judged over the longest of these that the data can see to the end.
# The first is what `p_escalated` speaks of.
ESCALATION_HORIZONS = (EDGES[-1], 150, 90, 60, 30)
# Days to payment beyond this many count as this many: one late payer shall not decide the mean.
RESTRICTED_TO_DAYS = 60
MOST_INSTANTS = 26
# The horizon that the summary speaks of.
MAIN_HORIZON = 30
ONE_POINT = 0.01

_NAN = float("nan")


class Scorer(Protocol):
    """Predicts for every invoice open at an instant, from facts known then."""

    def __call__(self, tables: Tables, as_of: datetime, /) -> pl.DataFrame:
        """Return `invoice_id, p_paid_7d, p_paid_30d, p_paid_60d, expected_paid_on, p_escalated`."""


@dataclass(frozen=True)
class Horizon:
    """How good "paid within `days`" was predicted.

    `rows` invoices at instants were judged, of `customers`; `censored` were left out because
    the data end before the horizon does. `lead` is the model's AUC less that of the best
    baseline.
    """

    days: int
    rows: int
    customers: int
    censored: int
    paid_share: float
    scores: tuple[Score, ...]
    lead: Figure


@dataclass(frozen=True)
class Days:
    """Error of the expected day of payment, in days, of one predictor.

    `settled` rows were paid before the data end; over them run the mean and median absolute
    error. The restricted error runs over all `restricted` rows seen for 60 days, paid or not,
    with both expectation and truth cut at 60 days. `concordance` is Harrell's C over all rows.
    """

    name: str
    settled: int
    mean_absolute: float
    median_absolute: float
    restricted: int
    restricted_mean_absolute: float
    concordance: float


@dataclass(frozen=True)
class Escalation:
    """How well the chance of escalation ranks: AUC over rows seen for `days`; nan if none was."""

    days: int
    rows: int
    escalated: int
    auc: float


@dataclass(frozen=True)
class Quality:
    """The whole judgement: at which instants, with facts up to `end`, and how good."""

    instants: tuple[datetime, ...]
    end: datetime
    horizons: tuple[Horizon, ...]
    days: tuple[Days, ...]
    escalation: Escalation
    summary: str


def quality(
    tables: Tables,
    *,
    score: Scorer,
    from_: datetime,
    to: datetime | None = None,
    seed: int = 0,
    report: Callable[[float], None] | None = None,
) -> Quality:
    """Judge predictions made at `from_` (and weekly until `to`) by what happened afterwards.

    Parameters
    ----------
    score : called with the facts known at each instant and that instant.
    from_, to : aware instants. Without `to` only `from_` is judged, by all later facts; with it
        at most 26 instants, as far as one week of the future is left, by facts until `to`.
    seed : of the resampling of customers behind the intervals.
    report : told the share of the work done, from 0 to 1.

    Raises
    ------
    InputError
        No invoice was open at any instant, or no week of facts follows `from_`.
    """
    return quality_of(
        *judged_rows(tables, score=score, from_=from_, to=to, report=report), seed=seed
    )


def quality_of(
    instants: list[datetime], end: datetime, rows: pl.DataFrame, *, seed: int = 0
) -> Quality:
    """Judge what `judged_rows` returned."""
    rng = np.random.default_rng(seed)
    horizons = tuple(horizon_of(rows, h, rng) for h in HORIZONS)
    return Quality(
        instants=tuple(instants),
        end=end,
        horizons=horizons,
        days=(_days("model", rows, "expected_days"), _days("own history", rows, "own_paid_days")),
        escalation=_escalation(rows),
        summary=summary(horizons),
    )


def judged_rows(
    tables: Tables,
    *,
    score: Scorer,
    from_: datetime,
    to: datetime | None = None,
    report: Callable[[float], None] | None = None,
) -> tuple[list[datetime], datetime, pl.DataFrame]:
    """Return the instants, the end of the facts, and a row an invoice open at each instant.

    The rows hold `invoice_id, customer_id, instant`, what was foretold (`p_paid_<h>d`,
    `p_escalated`, `expected_days`) and what the baselines said, and what came of it in days from
    the instant: `paid_days`, `escalated_days`, `closed_days` (null: not seen), `seen_days`.
    Arguments and errors as for `quality`.
    """
    end = _end_of_sight(tables, to)
    known = tables.known_at(end)
    instants = _instants(from_, end, several=to is not None)
    parts = []
    for i, instant in enumerate(instants):
        parts.append(_judged(known, score, instant))
        if report:
            report((i + 1) / (len(instants) + 1))
    rows = pl.concat(parts).sort("instant", "invoice_id")
    if rows.is_empty():
        raise InputError(f"no invoice was open at {from_:%Y-%m-%d}; give an earlier --from")
    return instants, end, _with_ends(rows, known, end)


def _end_of_sight(tables: Tables, to: datetime | None) -> datetime:
    """Return the latest fact's instant, at most `to`."""
    latest = [
        column.max()
        for column in (tables.payments["paid_at"], tables.contacts["sent_at"], tables.events["at"])
        if column.len() - column.null_count()
    ]
    if not latest:
        raise InputError("there are no payments, contacts or events to judge predictions by")
    end = max(latest)  # type: ignore[type-var]
    assert isinstance(end, datetime)
    return (end if to is None else min(end, to)).astimezone(UTC)


def _instants(from_: datetime, end: datetime, *, several: bool) -> list[datetime]:
    last = end - timedelta(days=min(HORIZONS))
    if from_ > last:
        raise InputError(
            f"the facts end on {end:%Y-%m-%d}: less than {min(HORIZONS)} days after "
            f"{from_:%Y-%m-%d}, too early to judge by; give an earlier --from"
        )
    if not several:
        return [from_]
    weeks = (last - from_) // timedelta(days=7)
    step = max(1, -(-(weeks + 1) // MOST_INSTANTS))
    return [from_ + timedelta(days=7 * k) for k in range(0, weeks + 1, step)]


def _judged(known: Tables, score: Scorer, instant: datetime) -> pl.DataFrame:
    """Return the invoices open at `instant`, with what model and baselines say of them."""
    past = known.known_at(instant)
    still_open = invoice_states(past, instant).filter("is_open")
    predicted = score(past, instant).select(
        "invoice_id",
        *(pl.col(f"p_paid_{h}d").cast(pl.Float64) for h in HORIZONS),
        pl.col("p_escalated").cast(pl.Float64),
        expected_days=(pl.col("expected_paid_on") - pl.lit(instant.date()))
        .dt.total_days()
        .cast(pl.Float64)
        .clip(0),
    )
    rows = baselines(past, still_open, instant, HORIZONS).join(
        predicted, on="invoice_id", how="left", maintain_order="left"
    )
    missing = rows.filter(pl.col(f"p_paid_{HORIZONS[0]}d").is_null()).height
    if missing:
        raise InputError(f"{missing} invoices open at {instant:%Y-%m-%d} were not scored")
    return rows.with_columns(instant=pl.lit(instant).cast(pl.Datetime("us", "UTC")))


def _with_ends(rows: pl.DataFrame, known: Tables, end: datetime) -> pl.DataFrame:
    """Add days from the instant to payment and escalation (null: not seen) and of sight."""

    def days(column: pl.Expr) -> pl.Expr:
        return (column - pl.col("instant")).dt.total_microseconds().cast(pl.Float64) / 86_400e6

    paid = pl.col("settled_at")
    return (
        rows.join(outcomes(known), on="invoice_id", how="left", maintain_order="left")
        .with_columns(
            # What is paid after it was handed over or written off was not paid to us in time.
            paid_days=days(
                pl.when(pl.col("closed_at").is_null() | (paid <= pl.col("closed_at"))).then(paid)
            ),
            escalated_days=days(pl.col("escalated_at")),
            closed_days=days(pl.col("closed_at")),
            seen_days=days(pl.lit(end).cast(pl.Datetime("us", "UTC"))),
        )
        .drop("settled_at", "escalated_at", "closed_at")
    )


def horizon_of(rows: pl.DataFrame, days: int, rng: np.random.Generator) -> Horizon:
    """Judge "paid within `days`" on rows of `judged_rows`, beside the naive answers."""
    seen = rows.filter(pl.col("seen_days") >= days)
    censored = rows.height - seen.height
    if seen.is_empty():
        nothing = Figure(_NAN, _NAN, _NAN)
        return Horizon(days, 0, 0, censored, _NAN, (), nothing)
    outcome = (seen["paid_days"] <= days).fill_null(False).cast(pl.Float64).to_numpy()
    chances = {
        "model": seen[f"p_paid_{days}d"].to_numpy(),
        "own history": seen[f"own_{days}d"].to_numpy(),
        "own, same age": seen[f"own_at_age_{days}d"].to_numpy(),
        "base rate": seen[f"base_{days}d"].to_numpy(),
    }
    found, lead = scores(
        chances,
        {"own punctuality": seen["punctual"].to_numpy()},
        outcome,
        seen["customer_id"].to_numpy(),
        rng=rng,
    )
    return Horizon(
        days=days,
        rows=seen.height,
        customers=seen["customer_id"].n_unique(),
        censored=censored,
        paid_share=float(outcome.mean()),
        scores=found,
        lead=lead,
    )


def _days(name: str, rows: pl.DataFrame, expected: str) -> Days:
    """Judge the expected days in column `expected` by the days it took."""
    paid = rows.filter(pl.col("paid_days") <= pl.col("seen_days"))
    error = (paid[expected].floor() - paid["paid_days"].floor()).abs()
    seen = rows.filter(pl.col("seen_days") >= RESTRICTED_TO_DAYS)
    cut = seen.select(
        (pl.col(expected).floor().clip(0, RESTRICTED_TO_DAYS) - _restricted()).abs()
    ).to_series()
    at_risk = rows.with_columns(
        # A closed invoice is no longer awaited: it is cut off there.
        end=pl.min_horizontal("paid_days", "closed_days", "seen_days"),
        paid=(pl.col("paid_days") <= pl.col("seen_days")).fill_null(False),
    )
    return Days(
        name=name,
        settled=paid.height,
        mean_absolute=_mean(error),
        median_absolute=_median(error),
        restricted=seen.height,
        restricted_mean_absolute=_mean(cut),
        concordance=concordance(
            at_risk[expected].to_numpy(), at_risk["end"].to_numpy(), at_risk["paid"].to_numpy()
        ),
    )


def _restricted() -> pl.Expr:
    unpaid = pl.lit(float(RESTRICTED_TO_DAYS))
    return pl.col("paid_days").floor().fill_null(unpaid).clip(0, RESTRICTED_TO_DAYS)


def _escalation(rows: pl.DataFrame) -> Escalation:
    for days in ESCALATION_HORIZONS:
        seen = rows.filter(pl.col("seen_days") >= days)
        if seen.height:
            outcome = (seen["escalated_days"] <= days).fill_null(False).cast(pl.Float64).to_numpy()
            found = auc(seen["p_escalated"].to_numpy(), outcome)
            return Escalation(days, seen.height, int(outcome.sum()), found)
    return Escalation(min(ESCALATION_HORIZONS), 0, 0, _NAN)


def _mean(values: pl.Series) -> float:
    return float(values.to_numpy().mean()) if len(values) else _NAN


def _median(values: pl.Series) -> float:
    return float(np.median(values.to_numpy())) if len(values) else _NAN


def summary(horizons: tuple[Horizon, ...]) -> str:
    """Say in one sentence whether the model beats the own history and is calibrated."""
    judged = [h for h in horizons if h.rows]
    if not judged:
        return "Nothing could be judged: the data end before the shortest horizon does."
    return f"{_compared(judged)}; {_calibrated(judged)}."


def _compared(judged: list[Horizon]) -> str:
    main = next((h for h in judged if h.days == MAIN_HORIZON), judged[-1])
    if not np.isfinite(main.lead.value):
        return f"Within {main.days} days all invoices ended alike: nothing to rank"
    model, *others = main.scores
    rival = max(others, key=lambda s: s.auc.value)
    figures = (
        f"within {main.days} days AUC {model.auc.value:.3f} against {rival.auc.value:.3f} by "
        f"{rival.name}, {main.lead.value:+.3f} ({main.lead.lower:+.3f} to {main.lead.upper:+.3f})"
    )
    if main.lead.lower > 0:
        return f"Ranks better than the customer's own history ({figures})"
    if main.lead.upper < 0:
        return f"Ranks worse than the customer's own history ({figures})"
    return (
        f"Ranks no differently from the customer's own history, as far as can be told ({figures})"
    )


def _calibrated(judged: list[Horizon]) -> str:
    """Say how far the mean prediction is off, in points of a percent, at each horizon."""
    off = {h.days: h.scores[0].probability.bias for h in judged if h.scores[0].probability}
    listed = ", ".join(
        f"{100 * b.value:+.1f} ({100 * b.lower:+.1f} to {100 * b.upper:+.1f}) at {days} days"
        for days, b in off.items()
    )
    if all(abs(b.value) <= ONE_POINT for b in off.values()):
        return f"calibrated within one point on average: {listed}"
    if any(b.lower > ONE_POINT or b.upper < -ONE_POINT for b in off.values()):
        return f"not calibrated within one point on average: {listed}"
    return f"whether calibrated within one point on average, these data cannot tell: {listed}"
