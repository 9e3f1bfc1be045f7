"""A model that judges by what people do: who they are has no influence whatever."""

from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import worlds
from tenor.engine.features.build import build
from tenor.engine.features.identity import identity_columns
from tenor.engine.frames import Tables
from tenor.engine.predictors.model import Model, fit, load_model
from tenor.engine.predictors.score import chances, score


@pytest.fixture(scope="module")
def small() -> tuple[datetime, Tables]:
    return worlds.tiny()


@pytest.fixture(scope="module")
def blind(small: tuple[datetime, Tables]) -> Model:
    as_of, tables = small
    return fit(tables, as_of=as_of, behaviour_only=True)


def others(tables: Tables) -> Tables:
    """The same facts about customers who are somebody else: every trait changes hands."""
    kept = ["customer_id", "timezone", *(c for c in tables.customers.columns if "consent" in c)]
    traits = tables.customers.drop(kept)
    moved = traits[np.roll(np.arange(traits.height), 7)].with_columns(country=pl.lit("PT"))
    return tables.with_(
        customers=pl.concat([tables.customers.select(kept), moved], how="horizontal")
    )


def test_the_columns_of_who_somebody_is_are_those_of_customers_and_of_regions(
    small: tuple[datetime, Tables],
) -> None:
    as_of, tables = small
    columns = build(tables, as_of).rows.columns
    assert set(identity_columns(tables, columns)) == {
        *("customer_kind", "customer_country", "customer_language", "customer_sector"),
        *("customer_region", "customer_tenure_years", "customer_autopay"),
        *("external_temperature_anomaly", "external_temperature_anomaly_change"),
    }


def test_no_predictor_reads_a_column_of_who_somebody_is(
    small: tuple[datetime, Tables], blind: Model
) -> None:
    as_of, tables = small
    barred = set(identity_columns(tables, build(tables, as_of).rows.columns))
    read = {
        *blind.payment.encoding.columns,
        *blind.effect.baseline.encoding.columns,
        *(column for column, _ in blind.effect.state.columns),
    }
    assert read & barred == set()
    assert {"mean_delay", "days_overdue", "invoice_subscription"} <= read


def test_another_person_with_the_same_behaviour_gets_the_same_score_and_reasons(
    small: tuple[datetime, Tables], blind: Model
) -> None:
    as_of, tables = small
    assert score(others(tables), as_of=as_of, model=blind).equals(
        score(tables, as_of=as_of, model=blind)
    )


def test_without_the_switch_who_somebody_is_does_count(
    tables: Tables, as_of: datetime, model: Model
) -> None:
    there = chances(tables, as_of=as_of, model=model)
    assert not chances(others(tables), as_of=as_of, model=model).equals(there)
    assert model.facts["behaviour_only"] is False


def test_a_kept_model_says_so_and_stays_blind(
    small: tuple[datetime, Tables], blind: Model, tmp_path: Path
) -> None:
    as_of, tables = small
    blind.save(tmp_path)
    kept = load_model(tmp_path)
    assert kept.facts["behaviour_only"] is True
    assert kept.version == blind.version
    assert chances(others(tables), as_of=as_of, model=kept).equals(
        chances(tables, as_of=as_of, model=blind)
    )
