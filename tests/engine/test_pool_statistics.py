"""A pool's sums: exact to the bit without a person, bounded by the clip, and the effect layer's."""

from datetime import date, datetime

import numpy as np
import polars as pl
import pytest

from tenor.engine.frames import Tables
from tenor.engine.pooling.columns import CHANNELS, WIDTH, contact_columns, expected_coefficients
from tenor.engine.pooling.rows import HABITS, Rows, days_of
from tenor.engine.pooling.statistics import (
    CLIP_EFFECT,
    GRID,
    baseline_of,
    baseline_parts,
    effect_parts,
    statistics_of,
)
from tenor.engine.predictors.effect_layer import Statistics
from worlds import lived


@pytest.fixture(scope="module")
def world() -> tuple[datetime, Tables]:
    then, tables = lived(200, seed=4, days=120, later=10)
    return then.today, tables


@pytest.fixture(scope="module")
def rows(world: tuple[datetime, Tables]) -> Rows:
    return days_of(world[1], world[0])


@pytest.fixture(scope="module")
def public(rows: Rows) -> np.ndarray:
    """The baseline as it is known to everybody once the first round was given."""
    return baseline_of(baseline_parts(rows).total())


def without(tables: Tables, customer: str) -> Tables:
    return tables.of_customers(
        tables.customers.filter(pl.col("customer_id") != customer)["customer_id"]
    )


def test_taking_a_person_out_gives_bit_for_bit_the_sum_without_them(
    world: tuple[datetime, Tables], rows: Rows, public: np.ndarray
) -> None:
    as_of, tables = world
    parts = effect_parts(rows, public)
    for customer in parts.customer_ids[::40]:
        fewer = days_of(without(tables, customer), as_of)
        assert (parts.total() - parts.of(customer) == effect_parts(fewer, public).total()).all()
        one = baseline_parts(rows)
        assert (one.total() - one.of(customer) == baseline_parts(fewer).total()).all()
        assert np.abs(parts.of(customer)).sum() > 0


def test_the_effect_layers_statistics_forget_a_person_by_subtracting() -> None:
    rng = np.random.default_rng(1)
    rows = rng.standard_normal((500, 12))
    y = rng.standard_normal(500)
    mine = slice(100, 130)

    def learned(part: np.ndarray, of: np.ndarray) -> Statistics:
        return Statistics(part.T @ part, part.T @ of, float(len(of)))

    less = learned(rows, y) - learned(rows[mine], y[mine])
    kept = np.delete(np.arange(500), np.arange(100, 130))
    never = learned(rows[kept], y[kept])
    assert np.allclose(less.gram, never.gram, rtol=0, atol=1e-9)
    assert np.allclose(less.moment, never.moment, rtol=0, atol=1e-9)
    assert less.rows == never.rows


def test_nobodys_part_is_longer_than_the_clip(rows: Rows, public: np.ndarray) -> None:
    parts = effect_parts(rows, public)
    lengths = np.linalg.norm(parts.values.astype(float), axis=1) / GRID
    assert lengths.max() <= CLIP_EFFECT
    assert lengths.max() > 0.999 * CLIP_EFFECT
    assert parts.clipped == (lengths > 0.999 * CLIP_EFFECT).sum()


def test_a_customers_part_is_the_plain_sum_over_their_days(rows: Rows, public: np.ndarray) -> None:
    expected = expected_coefficients()
    parts = effect_parts(rows, public)
    customer = parts.customer_ids[3]
    place = rows.customer_ids.to_list().index(customer)
    gram, moment = np.zeros((WIDTH, WIDTH)), np.zeros(WIDTH)
    for n in np.flatnonzero((rows.customer == place) & (rows.last >= 0)):
        z = contact_columns(rows.log, rows.last[[n]], rows.lag[[n]])[0]
        if rows.before[n] >= 0:
            z = z + contact_columns(rows.log, rows.before[[n]], rows.lag_before[[n]])[0]
        own, added = -np.log(1.0 - public[rows.cell[n]]), 0.01 * (z @ expected)
        chance = 1.0 - np.exp(-(own + added if added >= 0 else own * own / (own - added)))
        # How the logit of the chance moves: the chance itself moves by its rest.
        z = z * 0.01 / chance * (1.0 if added >= 0 else (own / (own - added)) ** 2)
        gram += chance * (1.0 - chance) * np.outer(z, z)
        moment += z * (rows.paid[n] - chance)
    found = statistics_of(parts.of(customer))
    length = np.sqrt((gram**2).sum() + (moment**2).sum())
    shorter = min(1.0, CLIP_EFFECT / length)
    assert np.allclose(found.gram, shorter * gram, atol=2 / GRID)
    assert np.allclose(found.moment, shorter * moment, atol=2 / GRID)


def test_days_end_with_payment_and_people_are_told_apart_by_how_they_paid(
    world: tuple[datetime, Tables], rows: Rows
) -> None:
    as_of, tables = world
    known = tables.known_at(as_of)
    paid = rows.paid.sum()
    # Every payment in full counts once, but for those far outside the days that are looked at.
    assert 0.5 * known.payments["invoice_id"].n_unique() < paid
    assert paid <= known.payments["invoice_id"].n_unique()
    assert set(np.unique(rows.cell % HABITS)) <= set(range(HABITS))
    assert rows.last.max() < len(rows.log.key)


def test_other_names_of_channels_stay_outside(world: tuple[datetime, Tables]) -> None:
    as_of, tables = world
    renamed = tables.with_(
        contacts=tables.contacts.with_columns(
            channel=pl.when(pl.col("channel") == "email")
            .then(pl.lit("pigeon"))
            .otherwise("channel")
        )
    )
    theirs = days_of(renamed, as_of)
    used = np.unique(theirs.log.channel[theirs.last[theirs.last >= 0]])
    assert CHANNELS.index("email") not in used
    assert (used >= 0).all()


def test_an_organisation_without_contacts_adds_nothing(world: tuple[datetime, Tables]) -> None:
    as_of, tables = world
    silent = tables.with_(contacts=tables.contacts.clear())
    rows = days_of(silent, as_of)
    parts = effect_parts(rows, baseline_of(baseline_parts(rows).total()))
    assert len(parts.customer_ids) == 0
    assert (parts.total() == 0).all()


def test_nobody_at_all_adds_nothing() -> None:
    then, tables = lived(90, seed=3, days=90, later=40)
    before = days_of(tables, then.today.replace(year=2000))
    assert (baseline_parts(before).total() == 0).all()
    assert date(2000, 1, 1) < then.today.date()
