"""The calendar's columns, and their effect worked out without holding them."""

from datetime import UTC, datetime

import numpy as np
import polars as pl

from tenor.engine.frames import tables_of
from tenor.engine.predictors.calendar_terms import KNOTS, CalendarTerms, calendar_terms

START = datetime(2026, 3, 1, tzinfo=UTC)  # a Sunday
ROWS = pl.DataFrame(
    {
        "days_overdue": [-5.0, 0.0, 12.5],
        "usual_delay": [2.0, None, 10.0],
        "past_settled": [1.0, None, 9.0],
        "paid_on_due": [0.2, None, 0.0],
        "pay_day": [25.0, None, 1.0],
        "pay_day_strength": [0.5, None, 0.9],
    }
)


def terms() -> CalendarTerms:
    paid = [datetime(2026, 1, day, 12, tzinfo=UTC) for day in (25, 25, 25, 26, 5)]
    payments = pl.DataFrame({"invoice_id": list("abcde"), "paid_at": paid, "amount": ["1"] * 5})
    return calendar_terms(tables_of(payments=payments))


def test_the_effect_is_the_columns_times_the_coefficients() -> None:
    row, day = np.repeat(np.arange(3), 20), np.tile(np.arange(20), 3)
    learned = terms()
    columns = learned.columns(ROWS, START, row, day)
    assert columns.shape == (60, learned.count)
    coefficients = np.random.default_rng(1).standard_normal(learned.count)
    effect = learned.effect(ROWS, START, row, day, coefficients)
    assert np.allclose(effect, columns @ coefficients, rtol=0, atol=1e-12)


def test_between_knots_the_chance_runs_straight() -> None:
    row, day = np.zeros(20, dtype=int), np.arange(20)
    columns = terms().columns(ROWS, START, row, day)
    tents = columns[:, 2 : 2 + len(KNOTS)]
    assert np.allclose(tents.sum(axis=1), 1.0)
    assert np.allclose(tents @ np.array(KNOTS), -5.0 + day)


def test_the_usual_day_of_the_month_stands_out() -> None:
    learned = terms()
    assert learned.day_of_month.argmax() == 24
    assert learned.day_of_month[24] > 0 > learned.day_of_month[10]
    columns = learned.columns(ROWS, START, np.zeros(31, dtype=int), np.arange(31))
    assert columns[:, -4].argmax() == 24
