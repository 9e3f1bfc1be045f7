"""The payment predictor: honest chances out of its time, and a better order than habit."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from engine.conformance import Case, check_predictor
from tenor.engine.evaluate.metrics import auc
from tenor.engine.features.build import build
from tenor.engine.frames import Tables, tables_of
from tenor.engine.predictors.encoding import Encoding
from tenor.engine.predictors.history import Lessons, days_between, lessons, outcomes
from tenor.engine.predictors.model import Model
from tenor.engine.predictors.payment import (
    EDGES,
    Hazard,
    PaymentPredictor,
    fit_payment,
)
from worlds import tiny

Array = NDArray[np.float64]
SHOWN = [EDGES.index(h) for h in (7, 30, 60)]


@cache
def tiny_lessons() -> Lessons:
    as_of, tables = tiny()
    return lessons(tables, as_of)


def test_it_keeps_what_every_predictor_promises(tmp_path: Path) -> None:
    as_of, tables = tiny()
    case = Case(
        fit=lambda seed: fit_payment(tiny_lessons(), seed=seed),
        predict=lambda predictor, rows: np.concatenate(
            [predictor.predict(rows)[0][:, SHOWN], predictor.predict(rows)[0][:, -1:]], axis=1
        ),
        rows=build(tables, as_of).rows,
        classes=(PaymentPredictor, Hazard, Encoding),
    )
    check_predictor(case, tmp_path)


def test_being_paid_and_being_escalated_together_never_exceed_certainty(
    model: Model, tables: Tables, as_of: datetime
) -> None:
    paid, escalated = model.payment.predict(build(tables, as_of).rows)
    assert (np.diff(escalated, axis=1) >= -1e-12).all()
    assert (paid + escalated <= 1.0 + 1e-12).all()
    assert escalated[:, -1].max() > 0.3


def test_what_moves_the_chance_adds_up_to_it(model: Model, tables: Tables, as_of: datetime) -> None:
    rows = build(tables, as_of).rows
    parts = model.payment.contributions(rows)
    assert parts.shape == (rows.height, len(model.payment.encoding.columns))
    paid, escalated = model.payment.predict(rows)
    within = (paid / (paid + escalated).clip(1e-9))[:, EDGES.index(30)]
    # The sum of the reasons orders the invoices much as the chance itself does.
    order = np.corrcoef(parts.sum(axis=1).argsort().argsort(), within.argsort().argsort())
    assert order[0, 1] > 0.3


# Out of its time, in the simulated world


def later(tables: Tables, rows: pl.DataFrame, as_of: datetime, days: int) -> Array:
    """Whether each invoice was paid within so many days of `as_of`."""
    ends = rows.join(outcomes(tables), on="invoice_id", how="left", maintain_order="left")
    after = days_between(pl.Series([as_of]).new_from_index(0, rows.height), ends["settled_at"])
    return (after <= days).astype(np.float64)


@pytest.fixture(scope="module")
def judged(model: Model, tables: Tables, as_of: datetime) -> dict[int, tuple[Array, Array, Array]]:
    """By horizon: predicted, what came, and the own history's guess; asked weekly after the fit."""
    found: dict[int, list[tuple[Array, Array, Array]]] = {7: [], 30: [], 60: []}
    for weeks in range(5):
        at = as_of + timedelta(days=7 * weeks)
        rows = build(tables, at).rows
        paid, _ = model.payment.predict(rows)
        for horizon, parts in found.items():
            if weeks * 7 + horizon > 60:
                continue
            own = rows[f"paid_within_{horizon}"].fill_null(rows[f"paid_within_{horizon}"].mean())
            parts.append(
                (paid[:, EDGES.index(horizon)], later(tables, rows, at, horizon), own.to_numpy())
            )
    return {
        h: tuple(np.concatenate(column) for column in zip(*parts, strict=True))  # type: ignore[misc]
        for h, parts in found.items()
    }


@pytest.mark.parametrize(("horizon", "points"), [(7, 0.05), (30, 0.06), (60, 0.08)])
def test_as_many_are_paid_as_was_foretold(
    judged: dict[int, tuple[Array, Array, Array]], horizon: int, points: float
) -> None:
    predicted, came, _ = judged[horizon]
    assert predicted.mean() == pytest.approx(came.mean(), abs=points)
    order = np.argsort(predicted, kind="stable")
    for third in np.array_split(order, 3):
        assert predicted[third].mean() == pytest.approx(came[third].mean(), abs=2 * points)


@pytest.mark.parametrize("horizon", [7, 30])
def test_it_ranks_better_than_the_own_history(
    judged: dict[int, tuple[Array, Array, Array]], horizon: int
) -> None:
    predicted, came, own = judged[horizon]
    assert auc(predicted, came) > 0.68
    assert auc(predicted, came) > auc(own, came) + 0.03


# Censoring

START = datetime(2026, 1, 1, tzinfo=UTC)
MEAN_DAYS = 40.0


@cache
def memoryless(customers: int = 3000, days: int = 91) -> Tables:
    """Everybody pays after an exponential time, 40 days on average; many have not yet."""
    rng = np.random.default_rng(5)
    issued = rng.integers(0, days - 1, customers)
    after = issued + rng.exponential(MEAN_DAYS, customers)
    ids = [f"I{n:04}" for n in range(customers)]
    paid = np.flatnonzero(after <= days)
    return tables_of(
        customers=pl.DataFrame({"customer_id": [f"C{n:04}" for n in range(customers)]}),
        invoices=pl.DataFrame(
            {
                "invoice_id": ids,
                "customer_id": [f"C{n:04}" for n in range(customers)],
                "amount": ["100"] * customers,
                "currency": ["EUR"] * customers,
                "issued_on": [START.date() + timedelta(days=int(d)) for d in issued],
                "due_on": [START.date() + timedelta(days=int(d) + 14) for d in issued],
            }
        ),
        payments=pl.DataFrame(
            {
                "invoice_id": [ids[n] for n in paid],
                "paid_at": [START + timedelta(days=float(after[n])) for n in paid],
                "amount": ["100"] * len(paid),
            }
        ),
    )


def test_an_open_invoice_teaches_nothing_beyond_the_end_of_sight() -> None:
    as_of = START + timedelta(days=91)
    past = lessons(memoryless(), as_of)
    predictor = fit_payment(past, seed=0)
    paid, _ = predictor.predict(build(memoryless(), as_of).rows)
    for horizon in (7, 30, 60):
        truth = 1.0 - np.exp(-horizon / MEAN_DAYS)
        assert paid[:, EDGES.index(horizon)].mean() == pytest.approx(truth, abs=0.08)
    # What the naive ways would have said of sixty days, where it is 78%.
    seen = past.rows.join(past.outcomes, on="invoice_id", how="left")
    after = days_between(seen["instant"], seen["settled_at"])
    unpaid_is_never = float((after <= 60).mean())
    only_the_paid = float((after[~np.isnan(after)] <= 60).mean())
    assert unpaid_is_never < 0.68
    assert only_the_paid > 0.88
