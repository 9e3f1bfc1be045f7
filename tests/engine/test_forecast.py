"""Cash to come: sums that agree with the chances, currencies apart, and bounds that hold."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tenor.engine.forecast import LEAST_SHOCK, SCHEMA, Shock, expected_cash, shock_of
from tenor.engine.frames import Tables, empty_tables
from tenor.engine.ledger import invoice_states
from tenor.engine.predictors.model import Model
from tenor.engine.predictors.score import chances, foretell, score
from tenor.engine.simulation import World
from worlds import shuffled


def monday_after(as_of: datetime) -> datetime:
    return as_of + timedelta(days=(7 - as_of.weekday()) % 7)


def owed(tables: Tables, as_of: datetime) -> pl.DataFrame:
    return invoice_states(tables, as_of).filter("is_open")


@pytest.fixture(scope="module")
def forecast(model: Model, tables: Tables, as_of: datetime) -> pl.DataFrame:
    return expected_cash(tables, as_of=as_of, model=model)


def test_there_is_a_row_a_week_from_the_running_one(
    forecast: pl.DataFrame, as_of: datetime
) -> None:
    assert dict(forecast.schema) == SCHEMA
    first = as_of.date() - timedelta(days=as_of.weekday())
    assert forecast["week"].to_list() == [first + timedelta(weeks=w) for w in range(13)]
    assert forecast["currency"].unique().to_list() == ["EUR"]


def test_a_week_from_monday_brings_the_balances_times_the_chances_within_seven_days(
    model: Model, tables: Tables, as_of: datetime
) -> None:
    monday = monday_after(as_of)
    found = expected_cash(tables, as_of=monday, model=model, weeks=2)
    scored = chances(tables, as_of=monday, model=model).join(
        owed(tables, monday), on="invoice_id", how="left"
    )
    exactly = (scored["p_paid_7d"] * scored["balance"].cast(pl.Float64)).sum()
    assert found["expected"][0] == pytest.approx(exactly, abs=0.5)
    assert found["cumulative"][0] == found["expected"][0]


def test_sums_of_weeks_add_up_and_lie_within_their_bounds(
    forecast: pl.DataFrame, tables: Tables, as_of: datetime
) -> None:
    total = float(owed(tables, as_of)["balance"].sum())
    assert forecast["cumulative"].to_list() == pytest.approx(
        forecast["expected"].cum_sum().to_list(), abs=0.1
    )
    for low, middle, high in (
        ("low", "expected", "high"),
        ("cumulative_low", "cumulative", "cumulative_high"),
    ):
        assert (forecast[low] >= 0.0).all()
        assert (forecast[low] < forecast[middle]).all()
        assert (forecast[middle] < forecast[high]).all()
        assert (forecast[high] <= total).all()


def test_without_contact_is_told_of_whole_weeks_within_four(
    forecast: pl.DataFrame, as_of: datetime
) -> None:
    ends = forecast["week"] + timedelta(weeks=1)
    seen = ends <= as_of.date() + timedelta(days=28)
    assert forecast["without_contact"].is_not_null().to_list() == seen.to_list()
    sums = forecast.filter(seen)
    assert 0.0 < sums["without_contact"].sum() < sums["expected"].sum()


def test_a_wider_band_is_asked_for_by_its_level_and_comes_from_a_larger_shock(
    model: Model, tables: Tables, as_of: datetime, forecast: pl.DataFrame
) -> None:
    surer = expected_cash(tables, as_of=as_of, model=model, level=0.95)
    moved = expected_cash(tables, as_of=as_of, model=model, shock=Shock(0.3))
    for other in (surer, moved):
        assert other["expected"].equals(forecast["expected"])
        assert (other["low"] <= forecast["low"]).all()
        assert (other["high"] > forecast["high"]).all()


def test_currencies_are_never_added_up(
    model: Model, tables: Tables, as_of: datetime, forecast: pl.DataFrame
) -> None:
    last = pl.col("customer_id").str.tail(1).str.to_integer()
    mixed = tables.with_(
        invoices=tables.invoices.with_columns(
            currency=pl.when(last < 3).then(pl.lit("SEK")).otherwise("currency")
        )
    )
    found = expected_cash(mixed, as_of=as_of, model=model)
    assert found["currency"].to_list() == ["EUR"] * 13 + ["SEK"] * 13
    apart = found.group_by("week", maintain_order=True).agg(pl.col("expected").sum())
    assert apart["expected"].to_list() == pytest.approx(forecast["expected"].to_list(), abs=0.02)
    krona = found.filter(pl.col("currency") == "SEK")["cumulative_high"]
    owed_there = owed(mixed, as_of).filter(pl.col("currency") == "SEK")["balance"].sum()
    assert krona[-1] <= float(owed_there)


def test_eight_of_ten_weeks_come_within_the_bounds(
    model: Model, then: World, tables: Tables, as_of: datetime
) -> None:
    """The same people meet other luck: what comes in lies in the band of 80% about so often."""
    found = expected_cash(tables, as_of=as_of, model=model, weeks=5)[1:]
    open_ids = owed(tables, as_of)["invoice_id"]
    inside, inside_so_far = [], []
    for luck in range(12):
        world = then.copy()
        world.seed = 1000 + luck
        world.play_ladder(35)
        came = (
            world.tables()
            .payments.filter(
                (pl.col("paid_at") > as_of) & pl.col("invoice_id").is_in(open_ids.implode())
            )
            .group_by(week=pl.col("paid_at").dt.date().dt.truncate("1w"))
            .agg(came=pl.col("amount").cast(pl.Float64).sum())
            .sort("week")
            .with_columns(so_far=pl.col("came").cum_sum())
        )
        met = found.join(came, on="week", how="left", maintain_order="left")
        inside += met.select(pl.col("came").is_between("low", "high")).to_series().to_list()
        so_far = pl.col("so_far").is_between("cumulative_low", "cumulative_high")
        inside_so_far += met.select(so_far).to_series().to_list()
    assert 0.65 <= np.mean(inside) <= 0.95
    assert 0.60 <= np.mean(inside_so_far) <= 1.0


def test_the_shock_is_learned_from_weeks_in_which_everybody_moved_at_once(
    model: Model, tables: Tables, as_of: datetime
) -> None:
    calm = shock_of(tables, as_of=as_of, model=model)
    assert LEAST_SHOCK <= calm.share < 0.25
    assert calm.weeks == 40
    # A bank that is closed every other week, and makes up for it in the next.
    shut = (pl.col("paid_at").dt.week() % 2 == 0) & pl.col("paid_at").is_between(
        as_of - timedelta(weeks=14), as_of - timedelta(weeks=1)
    )
    late = tables.with_(
        payments=tables.payments.with_columns(
            paid_at=pl.when(shut).then(pl.col("paid_at") + timedelta(weeks=1)).otherwise("paid_at")
        )
    )
    assert shock_of(late, as_of=as_of, model=model).share > 0.4


def test_later_facts_and_the_order_of_rows_change_nothing(
    model: Model, tables: Tables, as_of: datetime, forecast: pl.DataFrame
) -> None:
    known = tables.known_at(as_of)
    assert expected_cash(known, as_of=as_of, model=model).equals(forecast)
    assert expected_cash(shuffled(tables, 5), as_of=as_of, model=model).equals(forecast)
    assert shock_of(known, as_of=as_of, model=model) == shock_of(tables, as_of=as_of, model=model)


def test_where_nothing_is_open_nothing_is_expected(model: Model) -> None:
    as_of = datetime(2026, 5, 1, tzinfo=UTC)
    found = expected_cash(empty_tables(), as_of=as_of, model=model)
    assert found.is_empty()
    assert dict(found.schema) == SCHEMA
    assert shock_of(empty_tables(), as_of=as_of, model=model) == Shock()


def test_what_was_foretold_once_need_not_be_worked_out_again(
    tables: Tables, as_of: datetime, model: Model
) -> None:
    foretold = foretell(tables, as_of=as_of, model=model)
    for work in (expected_cash, score):
        again = work(tables, as_of=as_of, model=model, foretold=foretold)
        assert again.equals(work(tables, as_of=as_of, model=model))
