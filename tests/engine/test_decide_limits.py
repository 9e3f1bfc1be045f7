"""Chance keeps to people's time, hand-overs take nobody's place, requests keep to one currency."""

from collections import Counter
from datetime import datetime, timedelta

import polars as pl
from polars.testing import assert_frame_equal

from engine.test_decide import CALLS, EAGER, EMAIL, decided, eager, portfolio
from policy_world import AS_OF, customer, invoice, world
from tenor.engine.decision import SCHEMA, decide
from tenor.engine.frames import Tables
from tenor.engine.policy.policyfile import Policy, parse_policy
from tenor.engine.predictors.model import Model


def test_random_calls_too_keep_to_the_capacity(model: Model) -> None:
    text = EAGER.replace("share = 0", "share = 0.5") + "[decision]\nhorizon_days = 3\n"
    for channels in (CALLS, CALLS + EMAIL):
        found = decided(portfolio(80), model, parse_policy(text + channels))
        calls = Counter(r["send_at"].date() for r in found.values() if r["channel"] == "call")
        assert max(calls.values(), default=0) <= 3


def test_who_is_handed_over_takes_nobodys_call(model: Model) -> None:
    tables = world(
        customers=[customer("C1"), customer("C2")],
        invoices=[
            invoice("I1", "C1", due="2026-01-01", issued="2025-12-01"),
            invoice("I3", "C1", due="2026-04-20", amount="900"),
            invoice("I2", "C2", due="2026-05-01"),
        ],
    )
    policy = eager(CALLS.replace("= 3", "= 1"), "[decision]\nhorizon_days = 1\n")
    found = decided(tables, model, policy)
    assert found["C1"]["verdict"] == "escalate"
    assert found["C2"]["verdict"] == "contact"


def test_a_random_contact_too_is_about_invoices_that_may_be_asked_for(model: Model) -> None:
    # I1 may be asked for today; I2, in another currency and larger, from the tenth day on.
    soon = (AS_OF + timedelta(days=13)).date().isoformat()
    tables = world(
        invoices=[
            invoice("I1", amount="100"),
            invoice("I2", amount="300", due=soon, issued="2026-05-01") | {"currency": "USD"},
        ]
    )
    policy = parse_policy(EAGER.replace("share = 0", "share = 1") + EMAIL)
    for seed in range(12):
        found = decided(tables, model, policy, seed=seed)["C1"]
        assert found["verdict"] == "contact"
        assert len(found["invoice_ids"]) == 1
        if found["invoice_ids"] == ["I2"]:
            assert found["send_at"] >= AS_OF + timedelta(days=9)


def test_deciding_about_some_decides_as_among_all(
    tables: Tables, as_of: datetime, model: Model
) -> None:
    unbounded = parse_policy(
        "[channels.email]\ncost = 0.02\n[channels.sms]\ncost = 0.07\n[review]\nsample = 0.0"
    )
    everybody = decide(tables, as_of=as_of, model=model, policy=unbounded)
    some = everybody["customer_id"].to_list()[::7]
    found = decide(tables, as_of=as_of, model=model, policy=unbounded, customers=some)
    expected = everybody.filter(pl.col("customer_id").is_in(some))
    assert found.height > 10 and found["verdict"].n_unique() > 1
    assert_frame_equal(found, expected)


def test_deciding_about_nobody_known_is_an_empty_table(
    tables: Tables, as_of: datetime, model: Model, policy: Policy
) -> None:
    found = decide(tables, as_of=as_of, model=model, policy=policy, customers=["nobody"])
    assert found.is_empty() and dict(found.schema) == SCHEMA
