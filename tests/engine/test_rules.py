"""What is forbidden: each rule by cases."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from policy_world import (
    AS_OF,
    at,
    contact,
    customer,
    days,
    event,
    invoice,
    left,
    named,
    payment,
    policy_of,
    waiting,
    world,
)
from tenor.engine.policy.rules import RULES

ALL = list(range(14))


def from_day(first: int) -> list[int]:
    return ALL[first:]


def test_an_overdue_customer_without_history_may_be_contacted_every_day() -> None:
    found = left(world())
    assert days(found) == ALL
    # Monday to Friday, from Monday the eleventh.
    assert days(found, "call") == [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]
    assert waiting(found) == []
    assert named(found) == []
    assert found.invoices.select("invoice_id", "days_overdue", "from_day", "left_out").rows() == [
        ("I1", 10, 0, None)
    ]


def test_only_customers_with_an_open_invoice_are_there_in_order_of_their_id() -> None:
    tables = world(
        customers=[customer("C2"), customer("C3"), customer("C1")],
        invoices=[
            invoice("I2", "C2", due="2026-05-02"),
            invoice("I1", "C1"),
            invoice("I3", "C3"),
            invoice("I0", "C2", due="2026-05-09"),
            invoice("I9", "C9"),
        ],
        payments=[payment("2026-05-03", "100", "I3")],
    )
    found = left(tables)
    assert found.customers["customer_id"].to_list() == ["C1", "C2", "C9"]
    assert found.invoices.select("invoice_id", "row").rows() == [
        ("I1", 0),
        ("I2", 1),
        ("I0", 1),
        ("I9", 2),
    ]
    # C9 stands in no table of customers: UTC, and the policy's country.
    assert found.customers.row(2)[1:4] == ("UTC", "NL", None)


@pytest.mark.parametrize(
    ("events", "first", "rule"),
    [
        # A hold, for good, until a day, ended, or ended for one invoice only.
        ([event("hold_started", "2026-05-05")], None, "hold"),
        ([event("hold_started", "2026-05-05", invoice="I1")], None, "hold"),
        ([event("hold_started", "2026-05-05", until="2026-05-13")], 3, "hold"),
        ([event("hold_started", "2026-05-05", until="2026-05-13T12:00:00Z")], 3, "hold"),
        ([event("hold_started", "2026-05-05", until="2026-05-10")], 0, None),
        ([event("hold_started", "2026-03-05")], None, "hold"),
        ([event("hold_started", "2026-05-05"), event("hold_ended", "2026-05-06")], 0, None),
        (
            [event("hold_started", "2026-05-05"), event("hold_ended", "2026-05-06", invoice="I1")],
            None,
            "hold",
        ),
        (
            [event("hold_started", "2026-05-05", invoice="I1"), event("hold_ended", "2026-05-06")],
            0,
            None,
        ),
        ([event("hold_ended", "2026-05-04"), event("hold_started", "2026-05-05")], None, "hold"),
        (
            [
                event("hold_started", "2026-05-04"),
                event("hold_started", "2026-05-05", until="2026-05-12"),
            ],
            None,
            "hold",
        ),
        # A dispute.
        ([event("disputed", "2026-05-05", invoice="I1")], None, "disputed"),
        ([event("disputed", "2026-05-05")], None, "disputed"),
        ([event("disputed", "2026-03-05")], 0, None),
        (
            [
                event("disputed", "2026-05-05", invoice="I1"),
                event("dispute_resolved", "2026-05-07", invoice="I1"),
            ],
            0,
            None,
        ),
        # A plan.
        ([event("plan_agreed", "2026-05-05", invoice="I1")], None, "plan"),
        ([event("plan_agreed", "2026-05-05"), event("plan_broken", "2026-05-09")], 0, None),
        # A promise: its day and three more are waited for; without a day, a week.
        ([event("promised", "2026-05-09", date="2026-05-12")], 5, "promise"),
        ([event("promised", "2026-05-09", invoice="I1", date="2026-05-12")], 5, "promise"),
        ([event("promised", "2026-05-09", date="2026-05-07")], 0, None),
        ([event("promised", "2026-05-09", date="2026-05-08")], 1, "promise"),
        ([event("promised", "2026-05-09")], 9, "promise"),
        ([event("promised", "2026-05-09", date="soon")], 9, "promise"),
        ([event("promised", "2026-05-09", date="2026-06-09")], None, "promise"),
        (
            [
                event("promised", "2026-05-08", date="2026-05-12"),
                event("promise_broken", "2026-05-10"),
            ],
            0,
            None,
        ),
        # Handed over as a whole.
        ([event("escalated", "2026-05-05")], None, "with_collection"),
        ([event("written_off", "2026-05-05")], None, "with_collection"),
        ([event("escalated", "2026-03-05")], 0, None),
        # A complaint on the fifth: quiet for fourteen days.
        ([event("complained", "2026-05-05")], 8, "complaint"),
        ([event("complained", "2026-05-05", invoice="I1")], 8, "complaint"),
        ([event("complained", "2026-04-20")], 0, None),
        # Late in the evening it is already the next day in Amsterdam.
        ([event("complained", "2026-05-05 23:00")], 9, "complaint"),
        ([event("opted_out", "2026-05-05")], None, "opted_out"),
        # What nobody decided keeps nobody quiet.
        ([event("replied", "2026-05-05"), event("page_visited", "2026-05-06")], 0, None),
        # Later facts are not known yet.
        ([event("hold_started", "2026-05-12")], 0, None),
    ],
)
def test_what_happened_decides_from_which_day_on_the_customer_may_be_asked(
    events: list[dict[str, Any]], first: int | None, rule: str | None
) -> None:
    found = left(world(*events))
    assert days(found) == (from_day(first) if first is not None else [])
    assert named(found) == ([rule] if rule else [])
    assert waiting(found) == ([rule] if first is None else [])


def test_a_disputed_invoice_is_left_out_and_the_rest_goes_on() -> None:
    tables = world(
        event("disputed", "2026-05-05", invoice="I1"),
        invoices=[invoice("I1"), invoice("I2", due="2026-05-03")],
    )
    found = left(tables)
    assert days(found) == ALL
    assert found.invoices["left_out"].to_list() == ["disputed", None]
    assert found.invoices["from_day"].to_list()[1] == 0
    assert found.invoices["from_day"][0] >= 14
    assert named(found) == ["disputed"]


def test_a_hold_on_the_customer_is_about_later_invoices_too_a_plan_is_not() -> None:
    invoices = [invoice("I1"), invoice("I2", due="2026-05-10", issued="2026-05-08")]
    held = left(world(event("hold_started", "2026-05-05"), invoices=invoices))
    planned = left(world(event("plan_agreed", "2026-05-05"), invoices=invoices))
    assert held.invoices["left_out"].to_list() == ["hold", "hold"]
    assert planned.invoices["left_out"].to_list() == ["plan", None]


def test_a_later_payment_ends_a_promise() -> None:
    promised = event("promised", "2026-05-05", date="2026-05-20")
    assert days(left(world(promised, payments=[payment("2026-05-04", "20")]))) == [13]
    assert days(left(world(promised, payments=[payment("2026-05-06", "20")]))) == ALL


def test_the_tolerance_of_a_promise_and_the_pause_after_a_complaint_are_the_policys() -> None:
    policy = policy_of("[limits]\npromise_tolerance_days = 0\npause_after_complaint_days = 7")
    assert days(
        left(world(event("promised", "2026-05-09", date="2026-05-12")), policy)
    ) == from_day(2)
    assert days(left(world(event("complained", "2026-05-09")), policy)) == from_day(5)


def test_an_opt_out_of_a_channel_leaves_the_others() -> None:
    found = left(world(event("opted_out", "2026-05-05", channel="email")))
    assert days(found, "email") == []
    assert days(found, "call")[0] == 0
    assert named(found) == ["opted_out"]
    # Of a channel that is not ours: nothing changes.
    assert named(left(world(event("opted_out", "2026-05-05", channel="fax")))) == []


def test_who_wants_messages_again_is_reached_again_until_the_next_opt_out() -> None:
    out, back = event("opted_out", "2026-05-05", channel="email"), event("opted_in", "2026-05-07")
    again = event("opted_out", "2026-05-08", channel="email")
    assert days(left(world(out, back)), "email")[0] == 0
    assert days(left(world(back, out, again)), "email") == []
    # An opt-in on one channel opens no other.
    of_call = event("opted_in", "2026-05-07", channel="call")
    assert days(left(world(event("opted_out", "2026-05-05"), of_call)), "email") == []
    assert days(left(world(event("opted_out", "2026-05-05"), of_call)), "call")[0] == 0


@pytest.mark.parametrize(("given", "allowed"), [(True, True), (False, False), (None, True)])
def test_refused_consent_turns_a_channel_off_and_unknown_consent_does_not(
    given: bool | None, allowed: bool
) -> None:
    found = left(
        world(customers=[customer(consent_email=given), customer("C0", consent_email=True)])
    )
    assert (days(found) == ALL) is allowed
    assert named(found) == ([] if allowed else ["consent"])
    assert days(found, "call")


def test_a_column_of_consent_that_nobody_filled_refuses_nothing() -> None:
    assert days(left(world(customers=[customer(consent_email=None)]))) == ALL


def early(kind: str, contact: str) -> dict[str, Any]:
    return event(kind, "2026-04-02", contact=contact)


def later(kind: str, contact: str) -> dict[str, Any]:
    return event(kind, "2026-04-10", contact=contact)


@pytest.mark.parametrize(
    ("events", "off"),
    [
        ([early("bounced", "K1")], True),
        ([early("bounced", "K1"), later("delivered", "K2")], False),
        ([early("bounced", "K1"), later("clicked", "K2")], False),
        ([early("delivered", "K1"), later("bounced", "K2")], True),
        ([later("delivered", "K1"), later("bounced", "K2")], True),
        # What arrived by text message says nothing of mail.
        ([early("bounced", "K1"), later("delivered", "K3")], True),
        ([early("bounced", "K3")], False),
        ([event("bounced", "2026-04-02", channel="email")], True),
        ([event("bounced", "2026-04-02")], False),
    ],
)
def test_a_channel_is_off_while_its_latest_delivery_failed(
    events: list[dict[str, Any]], off: bool
) -> None:
    contacts = [
        contact("2026-04-01", "email", id="K1"),
        contact("2026-04-09", "email", id="K2"),
        contact("2026-04-08", "sms", id="K3"),
    ]
    found = left(world(*events, contacts=contacts))
    assert (days(found) == []) is off
    assert ("bounced" in named(found)) is off
    assert days(found, "call")[0] == 0


@pytest.mark.parametrize(
    ("due", "first"),
    [
        ("2026-05-14", 0),  # three days before it is due
        ("2026-05-15", 1),
        ("2026-05-20", 6),
        ("2026-05-27", 13),
        ("2026-05-28", None),
    ],
)
def test_an_invoice_may_be_asked_for_from_three_days_before_its_due_date(
    due: str, first: int | None
) -> None:
    found = left(world(invoices=[invoice(due=due)]))
    assert days(found) == ([] if first is None else from_day(first))
    assert waiting(found) == ([] if first is not None else ["first_contact_from_due"])
    assert found.invoices["left_out"].to_list() == [
        None if first is not None else "first_contact_from_due"
    ]


def test_the_first_contact_counts_in_the_customers_own_days() -> None:
    # At 23:00 UTC it is the twelfth in Amsterdam and still the eleventh in New York.
    tables = world(
        customers=[customer("C1", "NL"), customer("C2", "US")],
        invoices=[invoice("I1", "C1", due="2026-05-16"), invoice("I2", "C2", due="2026-05-16")],
    )
    found = left(tables, as_of=at("2026-05-11 23:00"))
    assert found.invoices["from_day"].to_list() == [1, 2]


@pytest.mark.parametrize(("least", "quiet"), [("150", False), ("150.01", True), ("0", False)])
def test_who_owes_less_than_the_least_amount_is_left_alone(least: str, quiet: bool) -> None:
    tables = world(
        invoices=[invoice("I1", amount="100.25"), invoice("I2", amount="99.75", due="2026-02-01")],
        payments=[payment("2026-05-03", "50")],
    )
    found = left(tables, policy_of(f"[limits]\nmin_amount = {least}"))
    assert (waiting(found) == ["min_amount"]) is quiet
    assert found.escalate.tolist() == [not quiet]


@pytest.mark.parametrize(
    ("sent", "first"),
    [
        (["2026-05-06 23:00"], (0, 0)),
        # Sent at 11:00 in Amsterdam: four days later from 11:00 on, which is slot 3.
        (["2026-05-07 09:00"], (0, 3)),
        (["2026-05-07 09:01"], (0, 4)),
        # After the last hour of the day, so from the next day on.
        (["2026-05-07 18:00"], (1, 0)),
        (["2026-05-10 06:00"], (3, 0)),
        (["2026-05-10 06:00", "2026-04-20 06:00"], (3, 0)),
        (["2026-05-12 06:00"], (0, 0)),
    ],
)
def test_whole_days_pass_after_a_contact_before_the_next(
    sent: list[str], first: tuple[int, int]
) -> None:
    found = left(world(contacts=[contact(when, "letter") for when in sent]))
    assert (found.first_day[0], found.first_hour[0]) == first
    assert days(found) == from_day(first[0])
    assert named(found) == ([] if first == (0, 0) else ["min_days_between"])


def test_a_channel_without_a_later_hour_that_day_is_off_that_day() -> None:
    # From 18:00 local on day 0: e-mail has hours left, the telephone (until 17:00) has not.
    found = left(world(contacts=[contact("2026-05-07 16:00")]))
    assert days(found, "email")[0] == 0
    assert days(found, "call")[0] == 1


@pytest.mark.parametrize(
    ("ages", "most", "first"),
    [
        ([10, 20], 3, 0),
        ([10, 20, 25], 3, 5),  # the oldest of three leaves the window five days on
        ([10, 20, 25, 29], 3, 5),
        ([10, 20, 25, 29], 4, 1),
        ([10], 1, None),
        ([], 0, None),
    ],
)
def test_any_thirty_days_hold_no_more_contacts_than_allowed(
    ages: list[int], most: int, first: int | None
) -> None:
    # At half past five UTC, before the first hour of the day.
    sent = [contact(f"{(AS_OF - timedelta(days=a)).date()} 05:30", id=f"K{a}") for a in ages]
    policy = policy_of(f"[limits]\nmax_contacts_30d = {most}\nmin_days_between = 0")
    found = left(world(contacts=sent), policy)
    assert days(found) == ([] if first is None else from_day(first))
    assert named(found) == ([] if first == 0 else ["max_contacts_30d"])
    assert found.customers["contacts_30d"].to_list() == [len(ages)]


def test_contacts_are_counted_over_all_channels_and_shown() -> None:
    found = left(world(contacts=[contact("2026-04-01", "fax"), contact("2026-05-01", "sms")]))
    assert found.customers["last_contact_at"].to_list() == [at("2026-05-01")]
    assert found.customers["contacts_30d"].to_list() == [1]
    assert left(world()).customers["last_contact_at"].to_list() == [None]


def test_public_holidays_are_quiet_where_the_policy_says_so() -> None:
    tables = world(
        customers=[customer("C1", "NL"), customer("C2", "FR"), customer("C3", None)],
        invoices=[invoice("I1", "C1"), invoice("I2", "C2"), invoice("I3", "C3")],
    )
    # Day 3 is Ascension Day in both countries; day 13 Whit Sunday, a holiday by Dutch law only.
    quiet = left(tables, policy_of("[limits]\nquiet_holidays = true"))
    dutch, french = ALL[:3] + ALL[4:13], ALL[:3] + ALL[4:]
    assert [days(quiet, row=r) for r in range(3)] == [dutch, french, dutch]
    assert named(quiet) == ["quiet_holidays"]
    assert days(left(tables)) == ALL


def test_the_hours_of_today_that_have_begun_are_over() -> None:
    # 10:30 in Amsterdam: the slots 8, 9 and 10 have begun.
    found = left(world(), as_of=at("2026-05-11 08:30"))
    assert (found.first_day[0], found.first_hour[0]) == (0, 3)
    assert days(found) == ALL
    # On the hour, that hour may still be used.
    assert left(world(), as_of=at("2026-05-11 08:00")).first_hour.tolist() == [2]
    # 17:30: the telephone's day is over, the mail's is not.
    late = left(world(), as_of=at("2026-05-11 15:30"))
    assert (days(late, "call")[0], days(late, "email")[0]) == (1, 0)
    # 21:00: nothing today.
    assert days(left(world(), as_of=at("2026-05-11 19:00"))) == from_day(1)


def test_every_rule_has_its_own_id_words_source_and_line_in_the_handbook() -> None:
    handbook = (Path(__file__).parents[2] / "docs" / "handbook" / "policy.md").read_text("utf-8")
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    for rule in RULES:
        assert rule.text
        assert rule.source
        assert rule.verdict.__doc__
        assert f"| `{rule.id}` |" in handbook
