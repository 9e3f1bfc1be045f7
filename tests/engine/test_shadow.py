"""A candidate beside the live way on one day: what differs is counted exactly, and days add up."""

import json
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from tenor.engine.errors import InputError
from tenor.engine.release.shadow import compare, complaint_rates, difference_of, total

T = datetime(2026, 3, 2, tzinfo=UTC)
LATER = T + timedelta(hours=9)


def decisions(rows, decided_at=T):
    names = ("customer_id", "verdict", "channel", "tone", "send_at", "cost", "value",
             "review_reason")  # fmt: skip
    schema = dict(zip(names, [pl.String()] * 4 + [pl.Datetime("us", "UTC")] + [pl.Float64()] * 2
                      + [pl.String()], strict=True))  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        decided_at=pl.lit(decided_at)
    )


LIVE = decisions([
    ("A", "contact", "email", "firm", LATER, 0.02, 3.0, None),
    ("B", "contact", "email", "firm", LATER, 0.02, 2.0, None),
    ("C", "wait", None, None, None, 0.0, 0.0, None),
    ("D", "review", "call", "firm", LATER, 4.5, 9.0, "large_amount"),
    ("E", "escalate", None, None, None, 0.0, 0.0, None),
    ("F", "wait", None, None, None, 0.0, 0.0, None),
    ("G", "contact", "sms", "friendly", LATER, 0.08, 1.0, None),
])  # fmt: skip
NEW = decisions([
    ("A", "contact", "email", "friendly", LATER, 0.02, 4.0, None),
    ("B", "contact", "sms", "firm", LATER, 0.08, 2.5, None),
    ("C", "contact", "call", "firm", LATER, 4.5, 6.0, None),
    ("D", "contact", "call", "firm", LATER, 4.5, 9.0, None),
    ("E", "escalate", None, None, None, 0.0, 0.0, None),
    ("F", "wait", None, None, None, 0.0, 0.0, None),
    ("G", "contact", "sms", "friendly", LATER + timedelta(hours=2), 0.08, 1.0, None),
])  # fmt: skip


def test_each_customer_counts_under_what_differs():
    found = compare(LIVE, NEW)
    assert {kind: n for kind, n in found.kinds.items() if n} == {
        "same": 2,
        "another time": 1,
        "another tone": 1,
        "another channel": 1,
        "only the candidate contacts": 1,
        "only live asks a person": 1,
    }
    assert found.agreement == pytest.approx(3 / 7)


def test_value_cost_and_people_are_counted_for_both_sides():
    found = compare(LIVE, NEW)
    assert (found.live.cost, found.candidate.cost) == (4.62, 9.18)
    assert (found.live.value, found.candidate.value) == (15.0, 22.5)
    assert (found.live.review, found.candidate.review) == (1, 0)
    assert found.live.review_reasons == {"large_amount": 1}
    assert found.candidate.channels == {"call": 2, "email": 1, "sms": 2}


def test_contacts_beyond_the_room_of_a_channel_and_expected_complaints_are_said():
    found = compare(LIVE, NEW, capacity={"call": 1}, complaints={"call": 0.01, "sms": 0.002})
    assert found.over_capacity == {"live": {"call": 0}, "candidate": {"call": 1}}
    assert found.live.complaints == pytest.approx(0.012)
    assert found.candidate.complaints == pytest.approx(0.024)


def test_who_is_treated_otherwise_is_told_by_segment():
    segments = pl.DataFrame(
        {"customer_id": ["A", "B", "C", "D", "E", "F"], "kind": ["business"] * 3 + ["consumer"] * 3}
    )
    found = compare(LIVE, NEW, segments=segments)
    assert found.segments["kind"] == {
        "business": {"customers": 3, "alike": 0, "live_contacts": 2, "candidate_contacts": 3},
        "consumer": {"customers": 3, "alike": 2, "live_contacts": 1, "candidate_contacts": 1},
        "not known": {"customers": 1, "alike": 1, "live_contacts": 1, "candidate_contacts": 1},
    }


def test_days_add_up_and_survive_being_kept_as_json():
    segments = pl.DataFrame({"customer_id": ["A"], "kind": ["business"]})
    day = compare(LIVE, NEW, segments=segments, capacity={"call": 1})
    kept = difference_of(json.loads(json.dumps(day.as_dict())))
    assert kept == day
    both = total([day, kept])
    assert (both.days, both.customers, both.candidate.value) == (2, 14, 45.0)
    assert both.kinds["same"] == 4
    assert both.candidate.channels == {"call": 4, "email": 2, "sms": 4}
    assert both.segments["kind"]["not known"]["customers"] == 12
    assert both.agreement == day.agreement


def test_of_no_days_nothing_is_claimed():
    assert total([]).agreement is None


def test_decisions_of_different_instants_are_not_compared():
    with pytest.raises(InputError, match="different instants"):
        compare(LIVE, decisions([("A", "wait", None, None, None, 0, 0, None)], T + timedelta(1)))


def test_a_customer_only_one_side_decides_on_is_said():
    assert compare(LIVE, NEW.filter(pl.col("customer_id") != "A")).kinds["only one decides"] == 1


def test_complaints_are_counted_by_the_contact_they_name():
    contacts = pl.DataFrame({"contact_id": ["1", "2", "3"], "channel": ["sms", "sms", "call"]})
    events = pl.DataFrame({"kind": ["complained", "opened"], "contact_id": ["2", "3"]})
    assert complaint_rates(contacts, events) == {"call": 0.0, "sms": 0.5}
