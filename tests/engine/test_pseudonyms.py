"""A training set without names: attacked as others would, and against a naive one that falls."""

import hashlib
from datetime import datetime

import polars as pl
import pytest

from tenor.engine.errors import InputError
from tenor.engine.frames import Tables
from tenor.engine.pooling.attack import attack
from tenor.engine.pooling.bands import EVERY, lessons, recoded
from tenor.engine.pooling.pseudonyms import TrainingSet, pseudonym, training_set
from worlds import lived

KEY = b"a secret of sixteen bytes or more"


@pytest.fixture(scope="module")
def world() -> tuple[datetime, Tables]:
    """With postcodes, which the simulation does not make: two digits a tenth of the customers."""
    then, tables = lived(500, seed=1)
    place = pl.col("customer_id").hash(0) % 100
    customers = tables.customers.with_columns(
        postcode=(place + 1000).cast(pl.String) + " AB", name=pl.lit("J. Jansen")
    )
    return then.today, tables.with_(customers=customers)


@pytest.fixture(scope="module")
def made(world: tuple[datetime, Tables]) -> TrainingSet:
    as_of, tables = world
    return training_set(tables, as_of=as_of, key=KEY)


def test_every_row_equals_those_of_nine_other_customers(made: TrainingSet) -> None:
    names = made.rows.columns[1:]
    groups = made.rows.with_columns(owner=made.owners).group_by(names).agg(
        customers=pl.col("owner").n_unique(),
        most=pl.col("owner").value_counts().struct.field("count").max(),
        rows=pl.len(),
    )  # fmt: skip
    assert groups.height > 3
    assert groups["customers"].min() >= 10  # type: ignore[operator]
    # Nobody has more than one in ten of the rows that look alike.
    assert (groups["most"] * 10 <= groups["rows"]).all()


def test_nothing_says_who_it_was(world: tuple[datetime, Tables], made: TrainingSet) -> None:
    _, tables = world
    told = made.rows.write_csv()
    assert "Jansen" not in told
    assert not any(key in told for key in tables.customers["customer_id"])
    assert not any(key in told for key in tables.invoices["invoice_id"])
    assert made.owners.name not in made.rows.columns
    assert not any(dtype.is_numeric() or dtype.is_temporal() for dtype in made.rows.dtypes)


def test_what_is_left_out_is_counted(world: tuple[datetime, Tables], made: TrainingSet) -> None:
    as_of, tables = world
    assert made.considered == lessons(tables, as_of).height
    assert made.rows.height == made.considered - made.left_out
    assert 0 <= made.left_out <= 0.05 * made.considered
    assert set(made.levels) == set(made.rows.columns[1:])


def test_a_wider_circle_tells_less(world: tuple[datetime, Tables], made: TrainingSet) -> None:
    as_of, tables = world
    wide = training_set(tables, as_of=as_of, key=KEY, k=40)

    def different(found: TrainingSet) -> int:
        return found.rows.drop("row").unique().height

    assert different(wide) < different(made)


def test_the_attackers_find_nobody(world: tuple[datetime, Tables], made: TrainingSet) -> None:
    as_of, tables = world
    known = recoded(lessons(tables, as_of), made.levels)
    for found in attack(made.rows, made.owners, known, k=10):
        assert found.passes, found
        assert found.certain == 0
        assert found.tried == made.considered


def test_a_naive_export_falls_to_the_same_attackers(world: tuple[datetime, Tables]) -> None:
    as_of, tables = world
    told = lessons(tables, as_of)
    hashed = [hashlib.sha256(key.encode()).hexdigest()[:16] for key in told["customer_id"]]
    naive = told.select(pl.Series("row", hashed), *told.columns[2:])
    guesser, outsider, insider = attack(naive, told["customer_id"], told, k=10)
    assert guesser.found == 1.0
    assert outsider.found > 0.9
    assert insider.certain > 0.9 * told.height
    assert not any(one.passes for one in (guesser, outsider, insider))


def test_secret_pseudonyms_alone_do_not_hide_anybody(world: tuple[datetime, Tables]) -> None:
    as_of, tables = world
    told = lessons(tables, as_of)
    keyed = [pseudonym(key, key=KEY) for key in told["customer_id"]]
    naive = told.select(pl.Series("row", keyed), *told.columns[2:])
    guesser, outsider, _ = attack(naive, told["customer_id"], told, k=10)
    assert guesser.passes
    assert not outsider.passes


def test_pseudonyms_of_two_organisations_cannot_be_matched(made: TrainingSet) -> None:
    mine, theirs = (pseudonym("F-1", key=key) for key in (KEY, KEY[::-1]))
    assert mine != theirs
    assert len(made.rows["row"].unique()) == made.rows.height
    assert made.rows["row"].is_sorted()


def test_few_customers_are_hidden_by_telling_nothing(world: tuple[datetime, Tables]) -> None:
    as_of, tables = world
    few = tables.of_customers(tables.customers["customer_id"][:12])
    made = training_set(few, as_of=as_of, key=KEY, k=10)
    assert set(made.levels.values()) - {EVERY} == set() or made.left_out <= 0.05 * made.considered
    nobody = tables.of_customers(tables.customers["customer_id"][:5])
    assert training_set(nobody, as_of=as_of, key=KEY).rows.is_empty()


def test_a_key_that_can_be_guessed_or_a_crowd_of_one_is_refused(
    world: tuple[datetime, Tables],
) -> None:
    as_of, tables = world
    with pytest.raises(InputError, match="16 bytes"):
        training_set(tables, as_of=as_of, key=b"short")
    with pytest.raises(InputError, match="k is 2 or more"):
        training_set(tables, as_of=as_of, key=KEY, k=1)
