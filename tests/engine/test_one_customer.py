"""One customer alone: with what is usual at hand, their facts are enough for their decision."""

from datetime import datetime, timedelta

import polars as pl
import pytest

from tenor.engine.decision import decide
from tenor.engine.features.build import Population, build, population_of
from tenor.engine.frames import Tables
from tenor.engine.policy.grid import alternatives
from tenor.engine.policy.policyfile import Policy
from tenor.engine.predictors.model import Model
from worlds import shuffled


@pytest.fixture(scope="module")
def population(tables: Tables, as_of: datetime) -> Population:
    return population_of(tables, as_of)


@pytest.fixture(scope="module")
def everybody(model: Model, tables: Tables, as_of: datetime, policy: Policy) -> pl.DataFrame:
    return decide(tables, as_of=as_of, model=model, policy=policy)


def alone(tables: Tables, customer: str) -> Tables:
    return tables.of_customers(pl.Series([customer]))


def test_the_features_of_some_are_those_they_have_among_all(
    tables: Tables, as_of: datetime, population: Population
) -> None:
    among = build(tables, as_of)
    few = among.rows["customer_id"].unique().sort().gather_every(9)
    found = build(tables.of_customers(few), as_of, population)
    assert found.rows.equals(among.of_customers(few).rows)
    order = ["customer_id", "channel"]
    rates = among.of_customers(few).answer_rates
    assert found.answer_rates.sort(order).equals(rates.sort(order))
    assert found.rows.height > 10


def test_the_decision_of_one_is_the_one_they_get_among_all(
    model: Model,
    tables: Tables,
    as_of: datetime,
    policy: Policy,
    population: Population,
    everybody: pl.DataFrame,
) -> None:
    """But for the capacity of calls, which the others take, and what is drawn for review."""
    unbound = ["decision_id", "invoice_ids", "p_paid_wait", "propensity", "rules", "candidates"]
    same = [*unbound, "channel", "tone", "send_at", "value", "reasons", "explored"]
    free = everybody.filter(
        ~pl.col("reasons").list.first().str.contains("people's time").fill_null(False)
    )
    for row in free.gather_every(7).iter_rows(named=True):
        customer = row["customer_id"]
        (found,) = decide(
            alone(tables, customer),
            as_of=as_of,
            model=model,
            policy=policy,
            population=population,
        ).iter_rows(named=True)
        called = "call" in (row["channel"], found["channel"])
        for column in unbound if called else same:
            assert found[column] == row[column], (customer, column)


def test_the_alternatives_of_one_need_no_other_facts(
    model: Model, tables: Tables, as_of: datetime, policy: Policy, population: Population
) -> None:
    customer = build(tables, as_of).rows["customer_id"][3]
    told = {"as_of": as_of, "model": model, "policy": policy, "customer_id": customer}
    among = alternatives(tables, **told)
    assert alternatives(alone(tables, customer), population=population, **told).equals(among)


def test_what_is_usual_comes_from_nothing_later_and_from_rows_in_any_order(
    model: Model, tables: Tables, as_of: datetime, policy: Policy, population: Population
) -> None:
    for other in (tables.known_at(as_of), shuffled(tables, 6)):
        found = population_of(other, as_of)
        assert found.habits.within == population.habits.within
        assert found.habits.mean_delay == pytest.approx(population.habits.mean_delay, rel=1e-12)
        assert found.answering.overall == pytest.approx(population.answering.overall, rel=1e-12)
        assert (found.ages.ended == population.ages.ended).all()
    later = population_of(tables, as_of + timedelta(days=30))
    assert later.habits != population.habits
