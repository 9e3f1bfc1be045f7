"""How long invoices take to be paid: the share paid by each day, and its quartiles."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.kpis.history import closed_at
from tenor.engine.kpis.ratios import Figure, Reason

# A share this close to a quartile has reached it: guards the sums against rounding.
_NEARLY = 1e-9


@dataclass(frozen=True)
class Curve:
    """The share of invoices paid by each day: `days` rising, `paid` in [0, 1] beside it.

    `handed_over` is the share that was handed over or written off instead by the same day.
    """

    invoices: int
    days: tuple[int, ...]
    paid: tuple[float, ...]
    handed_over: tuple[float, ...]

    def paid_by(self, day: int) -> float:
        """Return the share paid up to and including `day`."""
        return self._by(day, self.paid)

    def handed_over_by(self, day: int) -> float:
        """Return the share handed over or written off up to and including `day`."""
        return self._by(day, self.handed_over)

    def _by(self, day: int, shares: tuple[float, ...]) -> float:
        reached = bisect_right(self.days, day)
        return shares[reached - 1] if reached else 0.0

    def quantile(self, share: float) -> Figure:
        """Return the first day by which `share` of the invoices was paid."""
        reached = next(
            (d for d, p in zip(self.days, self.paid, strict=True) if p >= share - _NEARLY), None
        )
        if reached is None:
            return Figure.none(Reason.NOT_REACHED)
        return Figure(Decimal(reached))


def days_to_pay(invoices: pl.DataFrame, as_of: datetime, *, since: str) -> Curve:
    """Return the curve of payment of `invoices` (rows of `history.settled`) from `since` on.

    `since` is `due_on` (days may be negative: paid before the due day) or `issued_on`. Open
    invoices count as seen up to `as_of` (Kaplan and Meier 1958); those handed over or written
    off can no longer be paid to us and count as never paid (Aalen and Johansen 1978: with none
    of them the curve is one minus Kaplan-Meier). Invoices over nothing (credit notes) are left out.
    """
    paid_first = pl.col("settled_at").is_not_null() & (
        closed_at().is_null() | (pl.col("settled_at") <= closed_at())
    )
    ended = (
        pl.when(paid_first).then("settled_at").otherwise(pl.coalesce(closed_at(), pl.lit(as_of)))
    )
    rows = invoices.filter(pl.col("total") > 0).select(
        day=(ended.dt.date() - pl.col(since)).dt.total_days(),
        outcome=pl.when(paid_first).then(1).when(closed_at().is_not_null()).then(2).otherwise(0),
    )
    return _incidence(rows["day"].to_numpy(), rows["outcome"].to_numpy())


def _incidence(day: NDArray[np.int64], outcome: NDArray[np.int32]) -> Curve:
    """Return the cumulative incidence of outcomes 1 (paid) and 2 (closed); 0 is censored."""
    days, where = np.unique(day, return_inverse=True)
    ended = np.bincount(where, minlength=len(days))
    paid = np.bincount(where, weights=outcome == 1, minlength=len(days))
    closed = np.bincount(where, weights=outcome == 2, minlength=len(days))
    at_risk = len(day) - np.concatenate([[0], np.cumsum(ended)[:-1]]) if len(days) else ended
    staying = np.cumprod(1 - (paid + closed) / np.maximum(at_risk, 1))
    before = np.concatenate([[1.0], staying[:-1]]) if len(days) else staying
    step = before / np.maximum(at_risk, 1)
    keep = (paid + closed) > 0
    return Curve(
        invoices=len(day),
        days=tuple(int(d) for d in days[keep]),
        paid=tuple(float(p) for p in np.cumsum(step * paid)[keep].round(9)),
        handed_over=tuple(float(c) for c in np.cumsum(step * closed)[keep].round(9)),
    )
