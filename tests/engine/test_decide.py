"""Decisions from end to end: whom to contact, how and when, whom never, and what a person sees."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from policy_world import (
    AS_OF,
    at,
    contact,
    customer,
    event,
    invoice,
    payment,
    without_law,
    world,
)
from tenor.engine import decide
from tenor.engine.frames import INSTANT, Tables, empty_tables
from tenor.engine.ledger import invoice_states
from tenor.engine.policy.policyfile import Policy, parse_policy
from tenor.engine.predictors.harm import HarmPredictor
from tenor.engine.predictors.model import Model
from tenor.engine.store import read_rows, read_tables, write_rows, write_tables
from worlds import POLICY, policy_of, shuffled

COLUMNS = {
    "decision_id": pl.String,
    "customer_id": pl.String,
    "invoice_ids": pl.List(pl.String),
    "decided_at": INSTANT,
    "verdict": pl.String,
    "channel": pl.String,
    "tone": pl.String,
    "send_at": INSTANT,
    "propensity": pl.Float64,
    "explored": pl.Boolean,
    "p_paid": pl.Float64,
    "p_paid_wait": pl.Float64,
    "cost": pl.Float64,
    "value": pl.Float64,
    "review_reason": pl.String,
    "reasons": pl.List(pl.String),
    "rules": pl.List(pl.String),
    "candidates": pl.Int64,
    "model_version": pl.String,
    "policy_version": pl.String,
    "propensity_channel": pl.Float64,
    "propensity_tone": pl.Float64,
    "propensity_time": pl.Float64,
    "eligible": pl.String,
    "explored_by": pl.String,
    "expected_loss": pl.Float64,
}
NULLABLE = {"channel", "tone", "send_at", "review_reason", "eligible", "explored_by"}
# A payment is worth so much that everybody who may be contacted is; no chance and no person.
EAGER = """
[objective]
value_of_payment = 5000
cost_of_complaint = 0
cost_of_opt_out = 0
[exploration]
share = 0
[review]
sample = 0
amount_above = 1000000
uncertain_below = 0
visits_without_payment = 1000
"""
EMAIL = "[channels.email]\n"


def eager(channels: str = EMAIL, more: str = "") -> Policy:
    return parse_policy(EAGER + more + channels)


def reviewing(**review: Any) -> Policy:
    """The eager policy with other rules of review."""
    return replace(eager(), review=replace(eager().review, **review))


def decided(
    tables: Tables,
    model: Model,
    policy: Policy | None = None,
    *,
    as_of: datetime = AS_OF,
    seed: int = 0,
) -> dict[str, dict[str, Any]]:
    """The decisions by customer."""
    found = decide(tables, as_of=as_of, model=model, policy=policy or eager(), seed=seed)
    return {row["customer_id"]: row for row in found.iter_rows(named=True)}


def portfolio(count: int, *events: dict[str, Any], **more: Any) -> Tables:
    """So many customers C000, C001, … with one overdue invoice each."""
    ids = [f"C{n:03}" for n in range(count)]
    return world(
        *events,
        customers=[customer(i) for i in ids],
        invoices=[invoice(f"I{i[1:]}", i) for i in ids],
        **more,
    )


@pytest.fixture(scope="module")
def chance() -> Policy:
    """The four channels, with some exploration and some reviews."""
    return policy_of("[exploration]\nshare = 0.2\n[review]\nsample = 0.1\n")


@pytest.fixture(scope="module")
def day(model: Model, tables: Tables, as_of: datetime, chance: Policy) -> pl.DataFrame:
    """The decisions of a day in the simulated world."""
    return decide(tables, as_of=as_of, model=model, policy=chance, seed=5)


# The shape of what is decided


def test_the_columns_are_those_of_the_contract(day: pl.DataFrame) -> None:
    assert dict(list(day.schema.items())[: len(COLUMNS)]) == COLUMNS
    empty = [c for c in COLUMNS if c not in NULLABLE and day[c].null_count()]
    assert empty == []


def test_there_is_a_row_for_every_customer_with_an_open_invoice_in_order(
    day: pl.DataFrame, tables: Tables, as_of: datetime
) -> None:
    open_ = invoice_states(tables, as_of).filter("is_open")["customer_id"].unique().sort()
    assert day["customer_id"].to_list() == open_.to_list()
    assert day["decision_id"].n_unique() == day.height > 100
    assert set(day["verdict"]) <= {"contact", "wait", "review", "escalate"}
    assert {"contact", "wait"} <= set(day["verdict"])
    assert set(day["decided_at"]) == {as_of}


def test_a_contact_says_how_and_when_and_waiting_says_neither(day: pl.DataFrame) -> None:
    contacted = day.filter(pl.col("verdict") == "contact")
    for column in ("channel", "tone", "send_at"):
        assert contacted[column].null_count() == 0
    assert (contacted["cost"] > 0).all()
    waiting = day.filter(pl.col("verdict").is_in(["wait", "escalate"]))
    for column in ("channel", "tone", "send_at"):
        assert waiting[column].null_count() == waiting.height
    assert (waiting["cost"] == 0).all()
    assert (waiting["value"] == 0).all()
    assert waiting["p_paid"].equals(waiting["p_paid_wait"].alias("p_paid"))
    proposed = day.filter((pl.col("verdict") == "review") & pl.col("channel").is_not_null())
    assert proposed["send_at"].null_count() == 0


def test_chances_are_chances_and_what_is_chosen_gains(day: pl.DataFrame) -> None:
    for column in ("p_paid", "p_paid_wait", "propensity"):
        assert day[column].is_between(0.0, 1.0).all()
    chosen = day.filter((pl.col("verdict") == "contact") & ~pl.col("explored"))
    assert (chosen["value"] > 0).all()
    # Equal at the least: what goes out on the window's last day may act after it only.
    assert (chosen["p_paid"] >= chosen["p_paid_wait"]).all()
    assert (chosen["p_paid"] > chosen["p_paid_wait"] + 0.01).mean() > 0.8  # type: ignore[operator]


def test_every_decision_has_a_reason_in_words_and_reviews_say_why(day: pl.DataFrame) -> None:
    assert (day["reasons"].list.len() > 0).all()
    assert not day["reasons"].explode().str.contains(r"[{}]").any()
    seen = day["verdict"].is_in(["review", "escalate"])
    assert (day["review_reason"].is_not_null() == seen).all()


def test_versions_name_the_model_and_the_policy(
    day: pl.DataFrame, model: Model, chance: Policy
) -> None:
    assert set(day["model_version"]) == {model.version}
    assert set(day["policy_version"]) == {chance.version}


def test_what_is_sent_goes_by_a_channel_of_the_policy_in_a_tone_of_it(
    day: pl.DataFrame, chance: Policy
) -> None:
    tones = {c.name: c.tones for c in chance.channels}
    costs = {c.name: c.cost for c in chance.channels}
    sent = day.filter(pl.col("channel").is_not_null())
    assert all(t in tones[c] for c, t in sent.select("channel", "tone").rows())
    assert all(costs[ch] == c for ch, c in sent.select("channel", "cost").rows())


def test_the_same_facts_in_any_order_give_the_same_decisions(
    day: pl.DataFrame, model: Model, tables: Tables, as_of: datetime, chance: Policy
) -> None:
    again = decide(shuffled(tables, 8), as_of=as_of, model=model, policy=chance, seed=5)
    assert again.equals(day)
    other = decide(tables, as_of=as_of, model=model, policy=chance, seed=6)
    assert not set(other["decision_id"]) & set(day["decision_id"])
    assert other["explored"].to_list() != day["explored"].to_list()


# When


ZONES = ("Europe/Amsterdam", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "UTC")
HOURS = 'hours = "09:30-12:00"\ndays = "Tue,Thu"\n'


@pytest.mark.parametrize("hour", [0, 9, 23])
def test_a_contact_goes_out_in_the_customers_own_hours_and_days(model: Model, hour: int) -> None:
    as_of = AS_OF + timedelta(hours=hour)
    tables = world(
        customers=[customer(f"C{n}", timezone=zone) for n, zone in enumerate(ZONES)],
        invoices=[invoice(f"I{n}", f"C{n}") for n in range(len(ZONES))],
    )
    policy = eager(EMAIL + HOURS + "[channels.sms]\n" + HOURS)
    found = decided(tables, model, policy, as_of=as_of)
    assert [row["verdict"] for row in found.values()] == ["contact"] * len(ZONES)
    for zone, row in zip(ZONES, found.values(), strict=True):
        local = row["send_at"].astimezone(ZoneInfo(zone))
        assert row["send_at"] >= as_of
        assert local.hour in (10, 11), "the whole hour lies within"
        assert (local.minute, local.second) == (0, 0)
        assert local.strftime("%a") in ("Tue", "Thu")


@pytest.mark.parametrize("days", [1, 2, 14, 28, 40])
def test_nothing_is_planned_beyond_the_horizon(
    model: Model, tables: Tables, as_of: datetime, days: int
) -> None:
    policy = parse_policy(
        f"[decision]\nhorizon_days = {days}\n[exploration]\nshare = 0.5\n" + POLICY
    )
    sent = decide(tables, as_of=as_of, model=model, policy=policy)["send_at"].drop_nulls()
    assert sent.len() > 20
    # Day 0 is the customer's own today; in this world clocks are up to two hours ahead.
    assert sent.min() >= as_of  # type: ignore[operator]
    assert sent.max() < as_of + timedelta(days=days)  # type: ignore[operator]


def test_after_a_contact_the_gap_is_kept_to(model: Model) -> None:
    tables = portfolio(3, contacts=[contact("2026-05-10 15:00", customer="C001")])
    found = decided(tables, model)
    assert found["C001"]["send_at"] >= at("2026-05-14 15:00")
    assert "min_days_between" in found["C001"]["rules"]
    assert found["C000"]["send_at"] < at("2026-05-14 15:00")


# Whom never


@pytest.mark.parametrize(
    ("rule", "events", "traits"),
    [
        ("consent", [], {"consent_email": False}),
        ("opted_out", [event("opted_out", "2026-05-05")], {}),
        ("opted_out", [event("opted_out", "2026-05-05", channel="email")], {}),
        ("disputed", [event("disputed", "2026-05-05", invoice="I1")], {}),
        ("hold", [event("hold_started", "2026-05-05")], {}),
        ("promise", [event("promised", "2026-05-05", invoice="I1", date="2026-06-20")], {}),
        ("plan", [event("plan_agreed", "2026-05-05", invoice="I1")], {}),
        ("complaint", [event("complained", "2026-05-10")], {}),
        ("bounced", [event("bounced", "2026-05-05", channel="email")], {}),
    ],
)
def test_who_must_be_left_alone_is_left_alone_with_the_rule_as_reason(
    model: Model, rule: str, events: list[dict[str, Any]], traits: dict[str, Any]
) -> None:
    customers = [
        customer("C1", **traits),
        customer("C2", **({"consent_email": True} if traits else {})),
    ]
    tables = world(
        *events, customers=customers, invoices=[invoice("I1", "C1"), invoice("I2", "C2")]
    )
    # However much a payment is worth, and with half of the customers explored.
    policy = parse_policy(
        EAGER.replace("share = 0", "share = 0.5")
        + "[decision]\nhorizon_days = 10\n[channels.email]\n"
    )
    for seed in range(4):
        found = decided(tables, model, policy, seed=seed)
        assert found["C2"]["verdict"] == "contact"
        alone = found["C1"]
        assert alone["verdict"] == "wait"
        assert alone["channel"] is None
        assert rule in alone["rules"]
        assert alone["candidates"] == 0
        assert alone["propensity"] == 1.0
        assert not alone["explored"]
        assert alone["reasons"]


def test_only_the_refused_channel_is_closed(model: Model) -> None:
    tables = world(customers=[customer(consent_email=False, consent_sms=True)])
    found = decided(tables, model, eager("[channels.email]\n[channels.sms]\n"))
    assert found["C1"]["channel"] == "sms"
    assert "consent" in found["C1"]["rules"]


# What about


def test_a_contact_is_about_the_invoices_that_may_be_asked_for_by_then(model: Model) -> None:
    tables = world(
        event("disputed", "2026-05-05", invoice="I3"),
        invoices=[
            invoice("I1"),
            invoice("I2", due="2026-05-13"),
            invoice("I3"),
            invoice("I4", due="2026-07-01", issued="2026-05-10"),
        ],
    )
    policy = eager(more="[decision]\nhorizon_days = 1\n")
    found = decided(tables, model, policy)["C1"]
    assert found["verdict"] == "contact"
    assert found["invoice_ids"] == ["I1", "I2"]


def test_a_contact_is_about_one_currency_only(model: Model) -> None:
    tables = world(
        invoices=[
            invoice("I1", amount="100"),
            invoice("I2", amount="300") | {"currency": "USD"},
            invoice("I3", amount="150"),
            invoice("I4", amount="10") | {"currency": "GBP"},
        ]
    )
    for share in ("0", "1"):
        policy = parse_policy(EAGER.replace("share = 0", f"share = {share}") + EMAIL)
        found = decided(tables, model, policy)["C1"]
        assert found["verdict"] == "contact"
        assert found["invoice_ids"] == ["I2"]


def test_without_a_policy_for_channels_everybody_waits(model: Model) -> None:
    found = decided(portfolio(3), model, parse_policy(""))
    assert [row["verdict"] for row in found.values()] == ["wait"] * 3
    assert found["C000"]["reasons"][0] == "no channel is on"
    assert found["C000"]["candidates"] == 0


def test_channels_and_tones_of_which_nothing_is_known_can_be_used(model: Model) -> None:
    policy = eager('[channels.drone]\ncost = 1\ntones = ["chanting", "humming"]\n')
    found = decided(portfolio(3), model, policy)["C001"]
    assert found["verdict"] == "contact"
    assert found["channel"] == "drone"
    assert found["tone"] in ("chanting", "humming")
    assert found["p_paid"] > found["p_paid_wait"]


def test_a_dear_channel_is_used_less(model: Model, tables: Tables, as_of: datetime) -> None:
    counts = []
    for cost in ("0.02", "4", "40", "100000"):
        policy = parse_policy(f"[channels.email]\ncost = {cost}\n[exploration]\nshare = 0\n")
        found = decide(tables, as_of=as_of, model=model, policy=policy)
        counts.append(found["channel"].drop_nulls().len())
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[1] > counts[3] == 0


def test_who_is_dear_to_us_is_contacted_less_where_it_angers(
    model: Model, tables: Tables, as_of: datetime
) -> None:
    angering = replace(model, complaint=HarmPredictor(-3.0, {}, {}, 0.4))
    policy = policy_of("[exploration]\nshare = 0\n")
    contacted = []
    for worth in (0.0, 500.0, 50_000.0):
        said = tables.with_(customers=tables.customers.with_columns(customer_value=pl.lit(worth)))
        found = decide(said, as_of=as_of, model=angering, policy=policy)
        contacted.append(found["channel"].drop_nulls().len())
    assert contacted[0] > contacted[1] > contacted[2]


# What a person sees


def test_contacts_about_large_amounts_are_reviewed(model: Model) -> None:
    tables = world(
        customers=[customer("C1"), customer("C2")],
        invoices=[invoice("I1", "C1", amount="5000.01"), invoice("I2", "C2", amount="5000")],
    )
    found = decided(tables, model, reviewing(amount_above=Decimal(5000)))
    assert found["C1"]["verdict"] == "review"
    assert found["C1"]["channel"] == "email"
    assert found["C1"]["review_reason"] == "5000.01 is above 5000 EUR"
    assert found["C2"]["verdict"] == "contact"
    assert found["C2"]["review_reason"] is None


def test_uncertain_choices_are_reviewed_but_not_random_ones(
    model: Model, tables: Tables, as_of: datetime
) -> None:
    policy = policy_of(
        "[review]\nuncertain_below = 0.95\nsample = 0\namount_above = 100000\n"
        "visits_without_payment = 1000\n[exploration]\nshare = 0.3\n"
    )
    found = decide(tables, as_of=as_of, model=model, policy=policy)
    uncertain = found.filter(pl.col("review_reason").str.contains("likely to beat waiting"))
    assert uncertain.height > 5
    assert not uncertain["explored"].any()
    assert uncertain["review_reason"].str.contains(r"^only \d+% likely .*, 95% is asked$").all()
    assert uncertain["channel"].null_count() == 0


def test_a_share_is_drawn_for_review_whatever_the_verdict(model: Model) -> None:
    policy = reviewing(sample=1.0)
    found = decided(portfolio(2), model, policy)
    assert {row["verdict"] for row in found.values()} == {"review"}
    assert found["C000"]["review_reason"] == "drawn by chance (100% of decisions)"


@pytest.mark.parametrize(("visits", "reviewed"), [(2, False), (3, True)])
def test_who_keeps_visiting_and_does_not_pay_is_looked_at_with_the_obstacle(
    model: Model, visits: int, reviewed: bool
) -> None:
    seen = [event("page_visited", f"2026-05-0{n + 3}", invoice="I1") for n in range(visits)]
    failed = event(
        "payment_failed", "2026-05-08", invoice="I1", method="card", reason="expired_card"
    )
    policy = reviewing(visits_without_payment=3)
    found = decided(world(*seen, failed), model, policy)["C1"]
    assert (found["verdict"] == "review") == reviewed
    if reviewed:
        assert found["review_reason"] == (
            "likely obstacle: payment method (payment page seen 3 times since 2026-05-03, "
            "failed once, last failure: card, expired_card, nothing paid since)"
        )
        assert "likely obstacle: payment method" in found["reasons"]


@pytest.mark.parametrize(
    ("due", "verdict"), [("2026-03-13", "contact"), ("2026-03-12", "escalate")]
)
def test_it_is_handed_over_from_the_day_of_the_policy_and_a_person_confirms(
    model: Model, due: str, verdict: str
) -> None:
    tables = world(
        invoices=[invoice("I1", due=due, issued="2026-02-01"), invoice("I2", due="2026-05-01")],
        contacts=[contact("2026-04-01"), contact("2026-04-10", id="K2")],
    )
    found = decided(tables, model)["C1"]
    assert found["verdict"] == verdict
    if verdict == "escalate":
        assert found["invoice_ids"] == ["I1"]
        assert found["review_reason"] == "a person confirms every hand-over to collection"
        assert "escalate_after" in found["rules"]
        assert found["reasons"][0] == "unpaid after 2 contacts"
        assert found["channel"] is None
        assert found["propensity"] == 1.0


def test_the_policy_may_hand_over_without_a_person(model: Model) -> None:
    tables = world(invoices=[invoice(due="2026-01-01", issued="2025-12-01")])
    policy = reviewing(escalate_without_person=True)
    found = decided(tables, model, policy)["C1"]
    assert found["verdict"] == "escalate"
    assert found["review_reason"] is None


def test_what_is_disputed_is_not_handed_over(model: Model) -> None:
    tables = world(
        event("disputed", "2026-05-05", invoice="I1"),
        invoices=[invoice(due="2026-01-01", issued="2025-12-01")],
    )
    assert decided(tables, model)["C1"]["verdict"] == "wait"


# People's time


CALLS = '[channels.call]\ncapacity_per_day = 3\nhours = "09:00-17:00"\n'


def by_day(rows: dict[str, dict[str, Any]], channel: str = "call") -> Counter[date]:
    return Counter(row["send_at"].date() for row in rows.values() if row["channel"] == channel)


def test_no_day_has_more_calls_than_there_are_people_for(model: Model) -> None:
    policy = without_law(eager(CALLS, "[decision]\nhorizon_days = 5\n"))
    found = decided(portfolio(60), model, policy)
    counts = by_day(found)
    assert len(counts) == 5
    assert set(counts.values()) == {3}
    waiting = [row for row in found.values() if row["verdict"] == "wait"]
    assert len(waiting) == 45
    assert waiting[0]["reasons"][0].startswith("people's time does more elsewhere today")


def test_calls_made_today_are_taken_off_todays(model: Model) -> None:
    made = [contact(f"2026-05-11 0{n}:30", "call", f"C05{n}") for n in (6, 7)]
    found = decided(
        portfolio(60, contacts=made),
        model,
        eager(CALLS, "[decision]\nhorizon_days = 2\n"),
        as_of=at("2026-05-11 08:00"),
    )
    counts = by_day(found)
    assert counts == {date(2026, 5, 11): 1, date(2026, 5, 12): 3}


def test_calls_go_to_those_with_whom_they_gain_most(
    model: Model, tables: Tables, as_of: datetime
) -> None:
    text = "[exploration]\nshare = 0\n[decision]\nhorizon_days = 5\n[channels.call]\ncost = 1\n"
    free, scarce = (
        decide(tables, as_of=as_of, model=model, policy=policy, look_ahead=False)
        for policy in (
            without_law(parse_policy(text + bound)) for bound in ("", "capacity_per_day = 2\n")
        )
    )
    called = scarce["channel"].is_not_null()
    assert called.sum() == 10
    best = free["value"].sort(descending=True).head(10).mean()
    # Nearly: some of the best could be called on the same days only.
    assert free.filter(called)["value"].mean() > 0.85 * best  # type: ignore[operator]
    assert free.filter(called)["value"].min() > free["value"].median()  # type: ignore[operator]
    # Who would pay anyway is not called.
    assert scarce.filter(called)["p_paid_wait"].max() < 0.9  # type: ignore[operator]
    assert scarce["p_paid_wait"].max() > 0.9  # type: ignore[operator]


# Chance


SMALL_GRID = """
[decision]
horizon_days = 2
[channels.email]
tones = ["friendly", "firm"]
hours = "10:00-12:00"
[channels.sms]
tones = ["friendly"]
hours = "10:00-11:00"
"""


NOTHING_AT_STAKE = (
    "[objective]\nvalue_of_payment = 0\nvalue_per_day_earlier = 0\ncost_of_escalation = 0\n"
)


@pytest.mark.parametrize("verdict", ["contact", "wait"])
def test_actions_come_as_often_as_their_propensity_says(model: Model, verdict: str) -> None:
    # Alike in all but the name, so that the frequencies over customers are those of one customer.
    text = EAGER.replace("share = 0", "share = 0.5")
    if verdict == "wait":
        text = NOTHING_AT_STAKE + text[text.index("[exploration]") :]
    rows = decided(portfolio(900), model, parse_policy(text + SMALL_GRID)).values()
    # E-mail: 2 tones x 2 days x 2 hours; text message: 2 days.
    assert {row["candidates"] for row in rows} == {10}
    seen = Counter((r["channel"], r["tone"], r["send_at"], r["verdict"]) for r in rows)
    chance = {(r["channel"], r["tone"], r["send_at"], r["verdict"]): r["propensity"] for r in rows}
    greedy = max(chance, key=lambda k: chance[k])
    assert greedy[3] == verdict
    assert len(chance) == (10 if verdict == "contact" else 11)
    assert sum(chance.values()) == pytest.approx(1.0)
    for action, share in chance.items():
        spread = (share * (1 - share) / 900) ** 0.5
        assert abs(seen[action] / 900 - share) < 4 * spread, action


def test_over_seeds_a_customer_is_explored_as_often_as_the_share_says(model: Model) -> None:
    tables = portfolio(40)
    policy = parse_policy(EAGER.replace("share = 0", "share = 0.5") + SMALL_GRID)
    explored = np.array(
        [
            [r["explored"] for r in decided(tables, model, policy, seed=s).values()]
            for s in range(12)
        ]
    )
    assert explored.mean() == pytest.approx(0.5, abs=0.07)
    # Not the same customers over and over, nor all of them at once.
    assert explored.mean(axis=0).max() < 0.95
    assert explored.mean(axis=1).max() < 0.85


def test_what_was_drawn_is_flagged_and_says_so(day: pl.DataFrame) -> None:
    drawn = day.filter(pl.col("explored") & pl.col("channel").is_not_null())
    assert drawn.height > 5
    text = "a random permitted contact, so that its effect can be learned"
    assert drawn["reasons"].list.contains(text).all()
    certain = day.filter(~pl.col("explored") & (pl.col("candidates") > 0))
    assert (certain["propensity"] >= 0.8).all()


def test_without_exploration_everything_is_certain(
    model: Model, tables: Tables, as_of: datetime
) -> None:
    policy = policy_of("[exploration]\nshare = 0\n")
    found = decide(tables, as_of=as_of, model=model, policy=policy)
    assert not found["explored"].any()
    assert (found["propensity"] == 1.0).all()


# Small and odd portfolios


def test_nothing_to_decide_is_an_empty_table(model: Model) -> None:
    for tables in (empty_tables(), world(payments=[payment("2026-05-02", "100")])):
        found = decide(tables, as_of=AS_OF, model=model, policy=eager())
        assert found.is_empty()
        assert dict(list(found.schema.items())[: len(COLUMNS)]) == COLUMNS


def test_one_customer_of_whom_nothing_is_known_is_decided_about(model: Model) -> None:
    found = decided(world(customers=[]), model)
    assert list(found) == ["C1"]
    assert found["C1"]["verdict"] == "contact"
    assert found["C1"]["invoice_ids"] == ["I1"]


def test_tables_without_contacts_events_and_payments_will_do(
    model: Model, tables: Tables, as_of: datetime
) -> None:
    bare = tables.with_(
        contacts=tables.contacts.clear(),
        events=tables.events.clear(),
        external=tables.external.clear(),
    )
    found = decide(bare, as_of=as_of, model=model, policy=policy_of())
    assert found.height > 100
    assert "contact" in set(found["verdict"])


@pytest.mark.parametrize("missing", [["contacts", "events", "external", "payments"], []])
def test_csv_files_give_the_decisions_of_the_tables(
    model: Model, tmp_path: Path, missing: list[str]
) -> None:
    tables = portfolio(
        5,
        event("page_visited", "2026-05-05", customer="C001"),
        contacts=[contact("2026-05-01", customer="C002") | {"invoice_ids": ["I002"]}],
    )
    if missing:
        tables = tables.with_(**{n: getattr(tables, n).clear() for n in missing})
    write_tables(tables, tmp_path, file_format="csv")
    for name in missing:
        (tmp_path / f"{name}.csv").unlink()
    read = read_tables(tmp_path)
    assert read.problems.is_empty()
    found = decide(read.tables, as_of=AS_OF, model=model, policy=eager(CALLS + EMAIL))
    assert found.equals(decide(tables, as_of=AS_OF, model=model, policy=eager(CALLS + EMAIL)))
    write_rows(found, tmp_path / "decisions.csv")
    again = read_rows(tmp_path / "decisions.csv")
    for column in ("customer_id", "invoice_ids", "verdict", "channel", "send_at", "value"):
        assert again[column].to_list() == found[column].to_list(), column
