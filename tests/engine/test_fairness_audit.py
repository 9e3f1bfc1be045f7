"""An audit finds groups that are treated worse, and leaves alone those that are not."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

import fair
from tenor.engine.errors import InputError
from tenor.engine.fairness.audit import Audit, audit
from tenor.engine.fairness.findings import Comparison, Verdict, limits_on
from tenor.engine.fairness.groups import groups_of, with_intersections
from tenor.engine.fairness.rows import Pressing, outcomes_of
from tenor.engine.frames import tables_of


def of(found: Audit, attribute: str, group: str, measure: str) -> Comparison:
    return next(
        c
        for c in found.comparisons
        if (c.attribute, c.group, c.measure.column) == (attribute, group, measure)
    )


def test_groups_that_differ_in_risk_and_are_treated_by_it_pass() -> None:
    rng = np.random.default_rng(1)
    decisions, tables = fair.world(rng)
    found = audit(decisions, tables, as_of=fair.DAY, outcomes=fair.outcomes(decisions, rng))
    assert found.passes is True
    pressed = of(found, "protected_origin", "origin 2", "pressed")
    assert pressed.rate is not None and pressed.contrast is not None
    # Plainly it is pressed more; beside others who owe alike it is not.
    whole = found.comparisons[0].rate
    assert whole is not None
    assert pressed.contrast.ratio == pytest.approx(1.0, abs=0.2)


def test_a_group_that_is_pressed_more_than_others_who_owe_alike_is_found_and_named() -> None:
    rng = np.random.default_rng(2)
    decisions, tables = fair.world(rng)
    unfair = fair.pressed_more(decisions, tables, "origin 1", rng, 0.35)
    found = audit(unfair, tables, as_of=fair.DAY)
    assert found.passes is False
    worst = of(found, "protected_origin", "origin 1", "pressed")
    assert worst.verdict is Verdict.UNEVEN
    assert worst.contrast is not None and worst.contrast.lower > 1.25
    assert "origin 1" in found.text
    assert of(found, "protected_sex", "f", "pressed").verdict is Verdict.EVEN


def test_who_is_worse_off_only_where_two_groups_meet_is_found_there() -> None:
    rng = np.random.default_rng(3)
    decisions, tables = fair.world(rng, 4000, origins=2)
    women = tables.customers.filter(
        (pl.col("protected_sex") == "f") & (pl.col("protected_origin") == "origin 1")
    )["customer_id"]
    hit = pl.col("customer_id").is_in(women.implode()) & (pl.col("verdict") == "contact")
    unfair = decisions.with_columns(
        tone=pl.when(hit).then(pl.lit("urgent")).otherwise("tone"),
    )
    found = audit(unfair, tables, as_of=fair.DAY)
    where = of(found, "protected_origin & protected_sex", "origin 1 & f", "pressed")
    assert where.verdict is Verdict.UNEVEN and where.mixed


def test_a_small_group_is_too_few_and_shows_no_figure_however_it_is_treated() -> None:
    rng = np.random.default_rng(4)
    decisions, tables = fair.world(rng, 300)
    few = tables.customers["customer_id"][:20]
    odd = pl.col("customer_id").is_in(few.implode())
    tables = tables_of(
        customers=tables.customers.with_columns(
            protected_origin=pl.when(odd).then(pl.lit("few")).otherwise(pl.lit("many"))
        )
    )
    found = audit(
        decisions.with_columns(verdict=pl.when(odd).then(pl.lit("escalate")).otherwise("verdict")),
        tables,
        as_of=fair.DAY,
    )
    cell = of(found, "protected_origin", "few", "escalated")
    assert (cell.verdict, cell.rate, cell.contrast, cell.customers) == (
        Verdict.TOO_FEW, None, None, 20
    )  # fmt: skip


def test_where_nobody_belongs_to_a_group_nothing_is_said() -> None:
    decisions, tables = fair.world(np.random.default_rng(5), 200)
    plain = tables_of(customers=tables.customers.select("customer_id", "kind"))
    found = audit(decisions, plain, as_of=fair.DAY)
    assert found.passes is None
    assert found.text.startswith("No groups are known")


def test_thirty_people_cannot_tell_and_are_never_called_even() -> None:
    decisions, tables = fair.world(np.random.default_rng(6), 70, origins=2)
    found = audit(decisions, tables, as_of=fair.DAY)
    assert found.passes is None
    assert Verdict.EVEN not in {c.verdict for c in found.comparisons if c.measure.blocks}


def test_an_attribute_of_which_nothing_is_found_alike_is_named_and_nothing_passes() -> None:
    rng = np.random.default_rng(1)
    decisions, tables = fair.world(rng)
    few = np.where(np.arange(tables.customers.height) < 40, "few", "many")
    customers = tables.customers.with_columns(protected_faith=pl.Series(few))
    found = audit(decisions, tables_of(customers=customers), as_of=fair.DAY)
    assert not found.uneven
    assert found.untold == ("protected_faith",)
    assert found.passes is None
    assert found.text.startswith("These data cannot tell whether groups by faith are treated alike")
    assert "times as often as others would be noticed" in found.text


def test_a_predictor_that_errs_against_a_group_is_found_although_its_decisions_follow_it() -> None:
    rng = np.random.default_rng(7)
    decisions, tables = fair.world(rng)
    came = fair.outcomes(decisions, rng)
    origin = tables.customers.select("customer_id", "protected_origin")
    # Of origin 1 it foretells a sixth less than what then comes.
    wrong = decisions.join(origin, on="customer_id").with_columns(
        p_paid=pl.when(pl.col("protected_origin") == "origin 1")
        .then((pl.col("p_paid") - 0.17).clip(0, 1))
        .otherwise("p_paid")
    )
    found = audit(wrong, tables, as_of=fair.DAY, outcomes=came)
    assert of(found, "protected_origin", "origin 1", "error").verdict is Verdict.UNEVEN
    assert found.passes is False


def test_the_same_day_decided_ten_times_is_no_surer_than_once() -> None:
    rng = np.random.default_rng(8)
    decisions, tables = fair.world(rng, 400)
    once = audit(decisions, tables, as_of=fair.DAY)
    often = audit(fair.days(decisions, 10), tables, as_of=fair.DAY)
    for a, b in zip(once.comparisons, often.comparisons, strict=True):
        if a.contrast is not None and b.contrast is not None:
            assert b.contrast.p_value == pytest.approx(a.contrast.p_value, abs=1e-6)


def test_twenty_groups_give_a_false_alarm_in_about_one_audit_of_twenty_at_most() -> None:
    """Sixteen fair worlds, each with some twenty groups and intersections and nine measures."""
    alarms = 0
    for seed in range(16):
        rng = np.random.default_rng(1000 + seed)
        decisions, tables = fair.world(rng, 1200, origins=5)
        came = fair.outcomes(decisions, rng)
        alarms += audit(decisions, tables, as_of=fair.DAY, outcomes=came).passes is False
    # Of sixteen at five in a hundred, more than four come once in a thousand such runs.
    assert alarms <= 4


def test_numbers_are_banded_and_unknown_stays_unknown() -> None:
    customers = pl.DataFrame(
        {
            "customer_id": [f"C{i}" for i in range(10)],
            "protected_age": [18.0, 25, 31, 38, 44, 50, 57, 63, 90, None],
            "country": ["NL", "BE"] * 5,
        }
    )
    found = groups_of(customers, named=["country"])
    assert found.columns == ["customer_id", "protected_age", "country"]
    assert found["protected_age"][0] == "18 to 31"
    assert found["protected_age"][8] == "57 to 90"
    assert found["protected_age"][9] is None
    both = with_intersections(found)
    assert both["protected_age & country"][0] == "18 to 31 & NL"
    assert both["protected_age & country"][9] is None
    with pytest.raises(InputError, match="no column 'faith'"):
        groups_of(customers, named=["faith"])


def test_of_a_thousand_postcodes_the_most_frequent_stand_by_themselves() -> None:
    places = [f"{n % 40:02}" if n % 3 else "00" for n in range(900)]
    customers = pl.DataFrame(
        {
            "customer_id": [f"C{n}" for n in range(900)],
            "area": places,
            "protected_born": [date(1940 + n % 60, 1, 1) for n in range(900)],
        }
    )
    found = groups_of(customers, named=["area"])
    assert found["area"].n_unique() == 13
    assert {"00", "all others"} <= set(found["area"])
    assert found["protected_born"].n_unique() == 4
    assert found["protected_born"][0] == "1940 to 1955"


def test_what_presses_is_said_in_the_organisations_own_words() -> None:
    decisions, tables = fair.world(np.random.default_rng(9), 400)
    none = audit(decisions, tables, as_of=fair.DAY, pressing=Pressing(tones=("bailiff",)))
    assert of(none, "protected_sex", "f", "pressed").verdict is Verdict.TOO_FEW


def test_old_facts_are_judged_by_the_first_limits() -> None:
    assert limits_on(date(2012, 1, 1)) == limits_on(date(2020, 1, 1))
    assert limits_on(date(2026, 1, 1)).least == 0.8


def test_what_followed_is_looked_at_only_where_its_time_is_over(tables, as_of, policy) -> None:  # type: ignore[no-untyped-def]
    invoices = tables.invoices.head(3)
    decisions = pl.DataFrame(
        {
            "decision_id": ["A", "B", "C"],
            "customer_id": invoices["customer_id"],
            "invoice_ids": [[i] for i in invoices["invoice_id"]],
            "decided_at": [as_of.replace(day=1), as_of.replace(day=1), as_of],
        }
    ).with_columns(pl.col("decided_at").cast(pl.Datetime("us", "UTC")))
    found = outcomes_of(decisions, tables, until=as_of)
    assert set(found["decision_id"]) <= {"A", "B"}
    assert found.columns == ["decision_id", "paid", "complained", "offered", "charged"]
    # Who was offered a plan is looked at where the facts name any offer.
    then, who = as_of - timedelta(days=20), invoices["customer_id"][0]
    offer = tables.events.clear().vstack(
        pl.DataFrame(
            [(then + timedelta(hours=1), "plan_offered", None, who, None, None)],
            schema=tables.events.schema,
            orient="row",
        )
    )
    told = tables.with_(events=pl.concat([tables.events, offer]))
    before = decisions.with_columns(decided_at=pl.lit(then).cast(pl.Datetime("us", "UTC")))
    proposed = outcomes_of(before, told, until=as_of)["proposed"].to_list()
    assert proposed == [key == who for key in before["customer_id"]] and any(proposed)
