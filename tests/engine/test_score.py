"""Scores: a row an open invoice, with chances that agree, a day, a grade and reasons in words."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from policy_world import AS_OF, event, invoice, payment, world
from tenor.engine.features.build import build
from tenor.engine.frames import Tables, empty_tables
from tenor.engine.ledger import invoice_states
from tenor.engine.predictors.model import Model
from tenor.engine.predictors.payment import EDGES
from tenor.engine.predictors.score import SCHEMA, _median_day, score
from tenor.engine.store import read_rows, read_tables, write_rows, write_tables
from worlds import shuffled

COLUMNS = {
    "invoice_id": pl.String,
    "p_paid_7d": pl.Float64,
    "p_paid_30d": pl.Float64,
    "p_paid_60d": pl.Float64,
    "expected_paid_on": pl.Date,
    "p_escalated": pl.Float64,
    "risk": pl.String,
    "reasons": pl.List(pl.String),
}
CHANCES = ["p_paid_7d", "p_paid_30d", "p_paid_60d", "p_escalated"]


def contract_columns(scores: pl.DataFrame) -> dict[str, pl.DataType]:
    """The first columns: more may be added behind them."""
    return dict(list(scores.schema.items())[: len(COLUMNS)])


@pytest.fixture(scope="module")
def scores(model: Model, tables: Tables, as_of: datetime) -> pl.DataFrame:
    return score(tables, as_of=as_of, model=model)


def test_the_columns_are_those_of_the_contract(scores: pl.DataFrame) -> None:
    assert contract_columns(scores) == COLUMNS
    assert dict(scores.schema) == SCHEMA
    assert sum(scores.select(*COLUMNS).null_count().row(0)) == 0


def test_there_is_a_row_for_every_open_invoice_in_order_of_its_id(
    scores: pl.DataFrame, tables: Tables, as_of: datetime
) -> None:
    open_ = invoice_states(tables, as_of).filter("is_open")["invoice_id"].sort()
    assert scores["invoice_id"].to_list() == open_.to_list()
    assert scores.height > 100


def test_chances_are_chances_and_a_longer_time_is_likelier(scores: pl.DataFrame) -> None:
    for column in CHANCES:
        assert scores[column].is_between(0.0, 1.0).all()
    assert (scores["p_paid_7d"] <= scores["p_paid_30d"]).all()
    assert (scores["p_paid_30d"] <= scores["p_paid_60d"]).all()
    assert (scores["p_paid_60d"] + scores["p_escalated"] <= 1.0 + 0.35).all()
    assert scores["p_paid_30d"].std() > 0.1


@pytest.mark.parametrize(
    ("grade", "least", "below"),
    [("A", 0.95, 1.01), ("B", 0.85, 0.95), ("C", 0.65, 0.85), ("D", 0.40, 0.65), ("E", 0.0, 0.40)],
)
def test_a_grade_always_means_the_same_chance(
    scores: pl.DataFrame, grade: str, least: float, below: float
) -> None:
    within = scores["p_paid_60d"]
    assert (scores["risk"] == grade).to_list() == ((within >= least) & (within < below)).to_list()


def test_the_expected_day_is_the_one_by_which_half_of_the_chance_is_used_up() -> None:
    # Paid by the end of each stretch; half of the last is reached within 8 to 14 days.
    paid = np.array([[0.0, 0.0, 0.2, 0.6, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8]])
    assert EDGES == (1, 3, 7, 14, 22, 30, 45, 60, 100, 200)
    assert _median_day(paid) == pytest.approx([7 + 7 * (0.4 - 0.2) / (0.6 - 0.2)])
    at_once = np.array([[0.9] * 10])
    assert _median_day(at_once) == pytest.approx([0.5])
    never = np.zeros((1, 10))
    assert 0.0 <= _median_day(never)[0] <= 200.0


def test_the_expected_day_lies_ahead_and_the_likelier_are_expected_earlier(
    scores: pl.DataFrame, as_of: datetime
) -> None:
    days = (scores["expected_paid_on"] - as_of.date()).dt.total_days()
    assert days.is_between(0, 200).all()
    order = np.argsort(scores["p_paid_7d"].to_numpy())
    few = len(order) // 5
    assert days.gather(order[-few:]).mean() < days.gather(order[:few]).mean()  # type: ignore[operator]


def test_reasons_are_up_to_three_phrases_that_say_their_direction(scores: pl.DataFrame) -> None:
    lengths = scores["reasons"].list.len()
    assert lengths.max() == 3
    assert (lengths > 0).mean() > 0.9  # type: ignore[operator]
    said = scores["reasons"].explode().drop_nulls()
    assert said.str.contains(r"\((raises|lowers) the chance\)$").all()
    assert not said.str.contains(r"[{}]|_").any()


def test_reasons_are_the_largest_contributions_first(
    model: Model, tables: Tables, as_of: datetime, scores: pl.DataFrame
) -> None:
    rows = build(tables, as_of).rows
    parts = model.payment.contributions(rows)
    signs = np.take_along_axis(parts, np.argsort(-np.abs(parts), axis=1, kind="stable"), axis=1)
    for reasons, ordered in zip(scores["reasons"].to_list(), signs, strict=True):
        strong = [p for p in ordered[:3] if abs(p) >= 0.05]
        directions = ["raises" if p > 0 else "lowers" for p in strong]
        assert [r.rsplit("(", 1)[1].split()[0] for r in reasons] == directions


def test_later_facts_and_the_order_of_rows_change_nothing(
    model: Model, tables: Tables, as_of: datetime, scores: pl.DataFrame
) -> None:
    assert score(tables.known_at(as_of), as_of=as_of, model=model).equals(scores)
    assert score(shuffled(tables, 3), as_of=as_of, model=model).equals(scores)


# Small and odd portfolios


def test_without_open_invoices_there_is_an_empty_table(model: Model) -> None:
    for nothing in (empty_tables(), world(payments=[payment("2026-05-02", "100")])):
        found = score(nothing, as_of=AS_OF, model=model)
        assert found.is_empty()
        assert contract_columns(found) == COLUMNS


def test_one_invoice_of_a_stranger_is_scored(model: Model) -> None:
    alone = world(customers=[])
    found = score(alone, as_of=AS_OF, model=model)
    assert found["invoice_id"].to_list() == ["I1"]
    assert 0.0 < found["p_paid_60d"][0] < 1.0
    assert found["expected_paid_on"][0] >= date(2026, 5, 11)


def test_columns_that_the_model_has_never_seen_are_of_no_consequence(model: Model) -> None:
    plain = score(world(), as_of=AS_OF, model=model)
    strange = world(
        event("teleported", "2026-05-02"), invoices=[invoice() | {"shoe_size": 44, "ref_x": "y"}]
    )
    found = score(strange, as_of=AS_OF, model=model)
    # An event of an unknown kind is a sign of life all the same; the columns say nothing.
    assert found["invoice_id"].equals(plain["invoice_id"])
    only = world(invoices=[invoice() | {"shoe_size": 44, "ref_x": "y"}])
    assert score(only, as_of=AS_OF, model=model).equals(plain)


def test_who_was_handed_over_or_paid_is_not_scored(model: Model) -> None:
    tables = world(
        event("escalated", "2026-05-02", invoice="I1"),
        event("written_off", "2026-05-02", invoice="I2"),
        invoices=[invoice(f"I{n}") for n in (1, 2, 3, 4)],
        payments=[payment("2026-05-02", "99.50", "I3")],
    )
    assert score(tables, as_of=AS_OF, model=model)["invoice_id"].to_list() == ["I4"]


def test_csv_tables_give_the_scores_of_the_same_tables_in_parquet(
    model: Model, tables: Tables, as_of: datetime, scores: pl.DataFrame, tmp_path: Path
) -> None:
    write_tables(tables, tmp_path / "csv", file_format="csv")
    read = read_tables(tmp_path / "csv")
    assert read.problems.is_empty()
    again = score(read.tables, as_of=as_of, model=model)
    assert again.equals(scores)
    write_rows(again, tmp_path / "scores.csv")
    assert (
        read_rows(tmp_path / "scores.csv")["p_paid_30d"].to_list() == scores["p_paid_30d"].to_list()
    )


def test_the_day_of_asking_counts(model: Model, tables: Tables, as_of: datetime) -> None:
    later: Any = score(tables, as_of=as_of + timedelta(days=3), model=replace(model))
    assert not later["p_paid_7d"].equals(score(tables, as_of=as_of, model=model)["p_paid_7d"])


def test_reasons_for_some_are_those_among_all_and_change_no_number(
    scores: pl.DataFrame, model: Model, tables: Tables, as_of: datetime
) -> None:
    some = scores["invoice_id"].gather_every(5)
    found = score(tables, as_of=as_of, model=model, explained=some)
    asked = pl.col("invoice_id").is_in(some.implode())
    assert found.drop("reasons").equals(scores.drop("reasons"))
    assert found.filter(asked)["reasons"].equals(scores.filter(asked)["reasons"])
    assert found.filter(~asked)["reasons"].list.len().max() == 0
