"""The gate tried on made-up portfolios, to know how often it errs before trusting it.

Their true chances are known; customers pay or not as a whole more than by chance. A candidate is
held against the checks of the gate that judge a predictor.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.evaluate.bootstrap import Floats
from tenor.engine.evaluate.by_segment import quality_by_segment
from tenor.engine.evaluate.quality import MAIN_HORIZON, horizon_of
from tenor.engine.release.check import Check
from tenor.engine.release.predictor_checks import (
    beside_live_checks,
    calibration_check,
    group_check,
    lead_check,
)

_AT = datetime(2026, 3, 2, tzinfo=UTC)
# Of what keeps somebody from paying, so much is the customer's and not the invoice's.
_TOGETHER = 0.3


@dataclass(frozen=True)
class Answer:
    """What the gate says of a candidate: which checks it `failed`, and whether one cannot tell."""

    failed: tuple[str, ...]
    open: bool

    @property
    def refuses(self) -> bool:
        """Say whether the candidate is refused."""
        return bool(self.failed)


@dataclass(frozen=True)
class Portfolio:
    """A row an open invoice: whose, the logit of its true chance, and whether it was paid."""

    customers: Floats
    logit: Floats
    paid: NDArray[np.bool_]


def portfolio(customers: int, rng: np.random.Generator) -> Portfolio:
    """Make up one to six open invoices a customer."""
    of = np.repeat(np.arange(customers), rng.integers(1, 7, size=customers))
    logit = rng.normal(0.6, 1.1, size=customers)[of] + rng.normal(0.0, 0.5, size=len(of))
    shared = np.sqrt(_TOGETHER) * rng.normal(size=customers)[of]
    moved = shared + np.sqrt(1.0 - _TOGETHER) * rng.normal(size=len(of))
    # Ranks are even, so each is paid with its own chance however customers hang together.
    lots = (np.argsort(np.argsort(moved)) + 0.5) / len(of)
    return Portfolio(of.astype(np.float64), logit, lots < chance(logit))


def chance(logit: Floats) -> Floats:
    """Return the chance of a logit."""
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))


def _noisy(truth: Portfolio, rng: np.random.Generator, sd: float = 0.15) -> Floats:
    return np.asarray(truth.logit + rng.normal(0.0, sd, size=len(truth.logit)))


# What is released: a fit anew, one that promises too much, one whose scores all moved to the
# middle, and one that knows little of who pays.
CANDIDATES: dict[str, Callable[[Portfolio, np.random.Generator], Floats]] = {
    "harmless": _noisy,
    "promises 15 points too much": lambda truth, rng: _noisy(truth, rng) + 0.9,
    "moved to the middle": lambda truth, rng: 0.3 * _noisy(truth, rng) + 0.4,
    "hardly knows who pays": lambda truth, rng: 0.25 * _noisy(truth, rng, 3.0) + 0.4,
}


def checks_of(truth: Portfolio, candidate: Floats, rng: np.random.Generator) -> list[Check]:
    """Hold a candidate's logits against a live predictor that is as good as can be."""
    own = _noisy(truth, rng, 0.8)
    rows = pl.DataFrame(
        {
            "invoice_id": [f"I{n}" for n in range(len(candidate))],
            "customer_id": [f"C{int(n)}" for n in truth.customers],
            "p_paid_30d": chance(candidate),
            "own_30d": chance(own),
            "own_at_age_30d": chance(own),
            "base_30d": np.full(len(candidate), truth.paid.mean()),
            "punctual": own,
            "paid_days": np.where(truth.paid, 10.0, 90.0),
            "seen_days": np.full(len(candidate), 60.0),
        }
    ).with_columns(instant=pl.lit(_AT).cast(pl.Datetime("us", "UTC")))
    mine = rows.select("invoice_id", "customer_id", p="p_paid_30d")
    live = mine.with_columns(p=pl.Series(chance(_noisy(truth, rng))))
    horizon = horizon_of(rows, MAIN_HORIZON, rng)
    groups = quality_by_segment(rows, {_AT: _segments(rows)}, rng=rng)
    return [
        lead_check(horizon),
        calibration_check(horizon),
        group_check(groups),
        *beside_live_checks(mine, live, seed=0),
    ]


def answers(kind: str, customers: int, draws: int, seed: int = 0) -> Iterator[Answer]:
    """Return what the gate says of a candidate of `CANDIDATES`, one made-up portfolio a draw."""
    for draw in range(draws):
        rng = np.random.default_rng([seed, customers, draw])
        truth = portfolio(customers, rng)
        found = checks_of(truth, CANDIDATES[kind](truth, rng), rng)
        wrong = tuple(check.name for check in found if check.passed is False)
        yield Answer(wrong, any(check.passed is None for check in found))


def _segments(rows: pl.DataFrame) -> pl.DataFrame:
    who = rows["customer_id"].unique(maintain_order=True)
    numbers = who.str.strip_prefix("C").cast(pl.Int64)
    return pl.DataFrame({"customer_id": who}).with_columns(
        kind=(numbers % 3).cast(pl.String), size=(numbers % 4).cast(pl.String)
    )
