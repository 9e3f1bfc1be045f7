"""What the calendar does to the daily chance of payment beside any contact: smooth columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.features.payment import DAYS_A_MONTH
from tenor.engine.frames import Tables, received

Array = NDArray[np.float64]
Ints = NDArray[np.int_]

# Days around the due date between which the chance runs straight. Few after it on purpose: with a
# knot a day, the curve would claim what contacts on fixed days of a ladder brought about.
KNOTS = (-14.0, -8.0, -4.0, -1.0, 3.0, 9.0, 20.0, 45.0, 120.0)
# Days around the due date that may be days of their own (a direct debit falls on day 0), each
# expected to differ by half of what a knot may.
OWN_DAYS = tuple(range(-2, 8))
OWN_DAY_SIZE = 0.5
# Own habits count fully from about this many payments.
HABIT_PAYMENTS = 4.0


@dataclass(frozen=True)
class CalendarTerms:
    """Columns of a day: place after the due date, weekday, pay-day, own usual delay.

    `day_of_month` [31] is how much more often than on average payments come on a day of the
    month (logarithm, drawn to 0), `weekday` [7] the same for weekdays, learned once.
    """

    day_of_month: Array
    weekday: Array

    @property
    def count(self) -> int:
        """Number of columns."""
        return 2 + len(KNOTS) + len(OWN_DAYS) + 9

    def columns(self, rows: pl.DataFrame, start: datetime, row: Ints, day: Ints) -> Array:
        """Return [n, columns] for row `row[i]` of `rows` on the day `day[i]` days after `start`."""
        return np.stack(list(self._columns(rows, start, row, day)), axis=1)

    def effect(
        self, rows: pl.DataFrame, start: datetime, row: Ints, day: Ints, coefficients: Array
    ) -> Array:
        """Return `columns` times `coefficients` [n], without ever holding all columns."""
        total = np.zeros(len(day))
        for coefficient, column in zip(
            coefficients, self._columns(rows, start, row, day), strict=True
        ):
            total += coefficient * column
        return total

    def _columns(
        self, rows: pl.DataFrame, start: datetime, row: Ints, day: Ints
    ) -> Iterator[Array]:
        overdue = _filled(rows, "days_overdue", 0.0)[row] + day
        dates = [start + timedelta(days=int(d)) for d in range(int(day.max(initial=0)) + 1)]
        of_month = np.array([d.day for d in dates])[day]
        of_week = np.array([d.weekday() for d in dates])[day]
        yield np.ones(len(day))
        yield day / 14.0
        yield from _tents(overdue)
        yield from (OWN_DAY_SIZE * (overdue == own) for own in OWN_DAYS)
        on_due = _filled(rows, "paid_on_due", 0.0)[row]
        yield from (on_due * (overdue < 0), on_due * (overdue == 0), on_due * (overdue > 0))
        yield self.weekday[of_week]
        yield self.day_of_month[of_month - 1]
        strength = _filled(rows, "pay_day_strength", 0.0)[row]
        away = of_month - _filled(rows, "pay_day", 1.0)[row] + DAYS_A_MONTH / 2
        away = away % DAYS_A_MONTH - DAYS_A_MONTH / 2
        for width in (1.2, 4.0):
            yield strength * np.exp(-0.5 * (away / width) ** 2)
        sure = np.minimum(_filled(rows, "past_settled", 0.0) / HABIT_PAYMENTS, 1.0)[row]
        away = overdue - _filled(rows, "usual_delay", 0.0)[row]
        for width in (2.0, 7.0):
            yield sure * np.exp(-0.5 * (away / width) ** 2)


def calendar_terms(known: Tables) -> CalendarTerms:
    """Learn on which days of the month and week payments come."""
    paid = received(known.payments)["paid_at"]
    return CalendarTerms(
        _log_ratio(paid.dt.day().to_numpy() - 1, 31),
        _log_ratio(paid.dt.weekday().to_numpy() - 1, 7),
    )


def _log_ratio(place: NDArray[np.integer], places: int) -> Array:
    counts = np.bincount(place.astype(np.int_), minlength=places).astype(np.float64)
    usual = 20.0
    ratio = (counts + usual) / (counts.mean() + usual)
    return np.asarray(np.log(ratio))


def _tents(overdue: Array) -> Iterator[Array]:
    """Piecewise straight lines through the knots: each column 1 at its knot, 0 at the others."""
    for one in np.eye(len(KNOTS)):
        yield np.interp(overdue, KNOTS, one)


def _filled(rows: pl.DataFrame, column: str, otherwise: float) -> Array:
    return rows[column].fill_null(otherwise).to_numpy().astype(np.float64)
