"""A policy on the past: what is counted adds up, nothing later is seen, and what it cannot tell."""

from dataclasses import asdict, replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

import worlds
from tenor.engine.errors import InputError
from tenor.engine.evaluate.backtest import Backtest, backtest
from tenor.engine.evaluate.harm import Answer
from tenor.engine.evaluate.imagined import carried_out, handed_over, imagined, steps
from tenor.engine.evaluate.overlap import Finding
from tenor.engine.frames import Tables
from tenor.engine.release.policy_checks import policy_checks
from tenor.engine.reports.backtest import backtest_report

WEEK = timedelta(days=7)


@pytest.fixture(scope="module")
def few(tables: Tables) -> Tables:
    """The facts of 150 customers of the small world."""
    return tables.of_customers(tables.customers["customer_id"].sort().head(150))


def played(facts: Tables, start: datetime, model, policy, **more) -> Backtest:
    arguments = {"to": start + 2 * WEEK, "every": 7, "model": model} | more
    rng = np.random.default_rng(0)
    return backtest(facts, policy=policy, from_=start, rng=rng, **arguments)


@pytest.fixture(scope="module")
def blind(few: Tables) -> Tables:
    """The same facts without any recorded probability."""
    return without_probabilities(few)


def without_probabilities(facts: Tables) -> Tables:
    unknown = pl.lit(None, dtype=pl.Float64)
    return facts.with_(contacts=facts.contacts.with_columns(propensity=unknown))


@pytest.fixture(scope="module")
def found(few: Tables, as_of: datetime, model, policy) -> Backtest:
    return played(few, as_of, model, policy, segments=True)


def test_the_steps_add_up_to_the_whole_and_the_past_is_counted_as_it_was(found, few, as_of):
    assert [step.at for step in found.steps] == [as_of, as_of + WEEK]
    assert found.would.contacts == sum(step.contacts for step in found.steps) > 0
    assert found.would.contacts == sum(found.would.channels.values())
    assert found.would.cost == pytest.approx(sum(step.cost for step in found.steps), abs=0.02)
    real = few.contacts.filter(pl.col("sent_at").is_between(as_of, as_of + 2 * WEEK, closed="left"))
    assert found.done.contacts == real.height == sum(step.contacts_done for step in found.steps)
    assert found.done.channels == dict(sorted(real["channel"].value_counts().rows()))
    assert found.done.cost == pytest.approx(float(real["cost"].sum()), abs=0.01)


def test_agreement_and_those_left_alone_are_counted_over_all_decisions(found):
    agreed = found.agreement
    decided = agreed.both + agreed.only_policy + agreed.only_past + agreed.neither
    assert decided == sum(step.open for step in found.steps) - _handed_over(found)
    assert agreed.both + agreed.only_policy == found.would.contacts
    alone = found.left_alone
    assert alone.decisions == alone.untouched + alone.contacted
    assert 0 <= alone.untouched_paid <= alone.untouched


def _handed_over(found: Backtest) -> int:
    """Customers handed over have no other decision; here each has one invoice that is."""
    return sum(step.handed_over for step in found.steps)


def test_nothing_after_an_instant_moves_what_is_decided_then(found, few, as_of, model, policy):
    later = as_of + WEEK
    changed = worlds.later_deleted(few, later)
    again = played(changed, as_of, model, policy)
    would = [
        {k: v for k, v in asdict(step).items() if not k.endswith("_done")} for step in found.steps
    ]
    assert [
        {k: v for k, v in asdict(step).items() if not k.endswith("_done")} for step in again.steps
    ] == would


def test_a_model_that_has_seen_the_period_is_refused(few, as_of, model, policy):
    with pytest.raises(InputError, match="has seen what came after"):
        played(few, as_of - WEEK, model, policy)


def test_a_period_that_ends_before_it_begins_and_steps_of_no_day_are_refused(
    few, as_of, model, policy
):
    with pytest.raises(InputError, match="later --to"):
        played(few, as_of, model, policy, to=as_of)
    with pytest.raises(InputError, match="--every"):
        played(few, as_of, model, policy, every=0)


def test_models_fitted_on_the_way_have_seen_nothing_later():
    as_of, facts = worlds.tiny()
    start = as_of - WEEK
    tried = backtest(
        without_probabilities(facts),
        policy=worlds.policy_of(),
        from_=start,
        to=as_of + timedelta(days=1),
        every=7,
        refit_days=7,
        rng=np.random.default_rng(0),
    )
    assert [(m.at, m.fitted_at) for m in tried.models] == [(start, start), (as_of, as_of)]
    assert len({m.version for m in tried.models}) == 2


def test_a_past_without_probabilities_cannot_tell_what_a_policy_is_worth(
    blind, as_of, model, policy
):
    tried = played(blind, as_of, model, policy, to=as_of + WEEK, segments=True, gains=True)
    assert tried.value is None
    assert tried.verdict.finding is Finding.CANNOT_TELL
    assert "has a propensity" in tried.verdict.text
    assert tried.harm.answer is Answer.CANNOT_TELL
    assert tried.gain.contacts == 0
    assert tried.would.contacts > 0
    assert [check.passed for check in policy_checks(tried)] == [None, None]


def test_few_contacts_left_to_chance_are_said_to_be_too_few(found):
    assert found.verdict.finding is Finding.CANNOT_TELL
    assert found.verdict.text.startswith("These logs cannot tell")
    assert {g.by for g in found.harm.groups} == {"how they pay", "amount owed", "kind", "country"}


def test_the_report_says_what_it_is(found):
    page = backtest_report(found, name="Delta", synthetic=True)
    assert "Synthetic data" in page
    assert "These logs cannot tell" in page
    assert f"{found.would.contacts:,} contacts instead of {found.done.contacts:,}" in page


def test_equal_facts_give_an_equal_backtest_whatever_the_order_of_their_rows(
    blind, as_of, model, policy
):
    one, other = (
        played(facts, as_of, model, policy, to=as_of + WEEK)
        for facts in (blind, worlds.shuffled(blind, 1))
    )
    assert one == other
    assert backtest_report(one, name="D", synthetic=False) == backtest_report(
        other, name="D", synthetic=False
    )


def test_the_policys_own_contacts_and_hand_overs_take_the_place_of_the_real_ones(few, as_of):
    decisions = pl.DataFrame(
        {
            "decision_id": ["d1", "d2", "d3"],
            "customer_id": ["A", "B", "C"],
            "invoice_ids": [["I1"], ["I2"], ["I3", "I4"]],
            "decided_at": [as_of] * 3,
            "verdict": ["contact", "contact", "escalate"],
            "channel": ["email", "sms", None],
            "tone": ["firm", "firm", None],
            "send_at": [as_of + timedelta(hours=9), as_of + timedelta(days=9), None],
            "cost": [0.02, 0.07, 0.0],
            "propensity": [1.0] * 3,
            "policy_version": ["p"] * 3,
        },
        schema_overrides={"send_at": pl.Datetime("us", "UTC")},
    )
    out = carried_out(decisions, until=as_of + WEEK)
    assert out["customer_id"].to_list() == ["A"]
    now = imagined(few, from_=as_of, contacts=[out], handed=[handed_over(decisions)])
    since = now.contacts.filter(pl.col("sent_at") >= as_of)
    assert since["contact_id"].to_list() == ["policy-d1"]
    over = now.events.filter((pl.col("kind") == "escalated") & (pl.col("at") >= as_of))
    assert over["invoice_id"].to_list() == ["I3", "I4"]
    assert now.payments.equals(few.payments)


def test_the_last_step_ends_with_the_period(as_of):
    assert steps(as_of, as_of + timedelta(days=10), 7) == [
        (as_of, as_of + WEEK),
        (as_of + WEEK, as_of + timedelta(days=10)),
    ]


def test_a_policy_that_contacts_nobody_has_no_contacts_and_says_so(blind, as_of, model, policy):
    quiet = replace(policy, limits=replace(policy.limits, max_contacts_30d=0))
    tried = played(blind, as_of, model, quiet, to=as_of + WEEK)
    assert (tried.would.contacts, tried.would.channels) == (0, {})
    assert tried.agreement.both == 0
    assert tried.verdict.finding is Finding.CANNOT_TELL
