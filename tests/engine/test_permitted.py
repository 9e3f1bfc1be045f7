"""The rules together: reasons, hand-over to collection, and what holds for any portfolio."""

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_world import (
    AS_OF,
    at,
    contact,
    customer,
    event,
    invoice,
    left,
    named,
    payment,
    policy_of,
    waiting,
    world,
)
from tenor.engine import calendar
from tenor.engine.frames import Tables
from tenor.engine.policy.actions import send_at
from tenor.engine.policy.permitted import Permitted


def test_an_everyday_rule_is_named_where_it_leaves_nothing() -> None:
    policy = policy_of(channels='[channels.call]\ndays = "Sun"\n[decision]\nhorizon_days = 3')
    found = left(world(), policy)
    assert (waiting(found), named(found)) == (["channel_days"], ["channel_days"])
    one_day = policy_of("[decision]\nhorizon_days = 1")
    late = left(world(), one_day, as_of=at("2026-05-11 19:00"))
    assert waiting(late) == ["hours_passed"]


def test_without_a_channel_everybody_waits_and_the_rule_says_so() -> None:
    found = left(world(event("opted_out", "2026-05-05")), policy_of(channels=""))
    assert waiting(found) == ["no_channel_on"]
    assert found.may_contact.tolist() == [False]
    assert found.channel_day.shape == (1, 0, 14)


def test_where_only_several_rules_together_leave_nothing_all_are_named() -> None:
    found = left(
        world(
            event("opted_out", "2026-05-05", channel="call"),
            customers=[customer(consent_email=False)],
        )
    )
    assert waiting(found) == ["opted_out", "consent", "channel_days"]


def test_the_rule_that_leaves_nothing_alone_is_the_reason() -> None:
    found = left(
        world(
            event("hold_started", "2026-05-05"),
            event("opted_out", "2026-05-05", channel="call"),
            contacts=[contact("2026-05-10")],
        )
    )
    assert waiting(found) == ["hold"]
    assert named(found) == ["hold", "opted_out", "min_days_between"]


@pytest.mark.parametrize(
    ("due", "events", "handed_over"),
    [
        ("2026-03-12", [], True),  # sixty days
        ("2026-03-13", [], False),
        ("2026-03-01", [event("disputed", "2026-05-05", invoice="I1")], False),
        ("2026-03-01", [event("promised", "2026-05-09", date="2026-05-12")], False),
        ("2026-03-01", [event("hold_started", "2026-05-05")], False),
        ("2026-03-01", [event("plan_agreed", "2026-05-05")], False),
        ("2026-03-01", [event("complained", "2026-05-05")], False),
        ("2026-03-01", [event("opted_out", "2026-05-05")], True),
        ("2026-03-01", [event("escalated", "2026-05-05")], False),
    ],
)
def test_an_invoice_is_proposed_for_collection_when_overdue_long_enough_and_nothing_speaks_against(
    due: str, events: list[dict[str, Any]], handed_over: bool
) -> None:
    found = left(world(*events, invoices=[invoice(due=due, issued="2026-02-01")]))
    assert found.escalate.tolist() == [handed_over]
    assert found.invoices["escalate"].to_list() == [handed_over]
    assert ("escalate_after" in named(found)) is handed_over


def test_an_invoice_handed_over_already_is_gone() -> None:
    tables = world(
        event("escalated", "2026-05-05", invoice="I1"), invoices=[invoice(due="2026-03-01")]
    )
    assert left(tables).customers.height == 0


def test_nobody_owing_anything_is_an_empty_answer() -> None:
    found = left(world(payments=[payment("2026-05-03", "100")]))
    assert found.customers.height == found.invoices.height == 0
    assert found.channel_day.shape == (0, 2, 14)
    assert found.slots(np.array([], dtype=np.int64)).shape == (0, 2, 14, 12)


# What must hold whatever happened: small random portfolios.

COUNTRIES = st.sampled_from(["NL", "US", "JP", "GB", None])
ZONES = st.sampled_from([None, "Asia/Kolkata", "America/New_York"])
STARTS = ["hold_started", "disputed", "promised", "plan_agreed", "complained", "opted_out"]
ENDS = ["hold_ended", "dispute_resolved", "promise_broken", "plan_broken", "bounced", "delivered"]
KINDS = st.sampled_from([*STARTS, *ENDS])
PEOPLE = ("C1", "C2", "C3")


def moments(first: int, last: int) -> st.SearchStrategy[str]:
    """Give instants between two numbers of days before the moment of deciding, to the hour."""
    hours = st.integers(first * 24, last * 24)
    return hours.map(lambda h: f"{AS_OF - timedelta(hours=h):%Y-%m-%d %H:%M}")


@st.composite
def portfolios(draw: st.DrawFn) -> Tables:
    people = [
        customer(p, draw(COUNTRIES), consent_email=draw(st.sampled_from([True, False, None])))
        | {"timezone": draw(ZONES)}
        for p in PEOPLE
    ]
    due = st.integers(-20, 80).map(lambda d: f"{AS_OF - timedelta(days=d):%Y-%m-%d}")
    invoices = [
        invoice(f"I{n}", draw(st.sampled_from(PEOPLE)), due=draw(due), issued="2026-01-01")
        for n in range(draw(st.integers(1, 5)))
    ]
    contacts = [
        contact(
            when, draw(st.sampled_from(["email", "call"])), draw(st.sampled_from(PEOPLE)), f"K{n}"
        )
        for n, when in enumerate(draw(st.lists(moments(0, 40), max_size=6)))
    ]
    events = [
        event(
            draw(KINDS),
            when,
            customer=draw(st.sampled_from(PEOPLE)),
            invoice=draw(st.sampled_from([None, "I0"])),
            contact=draw(st.sampled_from([None, "K0", "K1"])),
            **draw(
                st.sampled_from(
                    [{}, {"date": "2026-05-15", "until": "2026-05-14"}, {"channel": "email"}]
                )
            ),
        )
        for when in draw(st.lists(moments(0, 30), max_size=6))
    ]
    return world(*events, customers=people, invoices=invoices, contacts=contacts)


def allowed(found: Permitted) -> np.ndarray:
    return found.slots(np.arange(found.customers.height))


STRICTER = [
    "min_days_between = 9",
    "max_contacts_30d = 1",
    "first_contact_from_due = 5",
    "min_amount = 150",
    "quiet_holidays = true",
    "promise_tolerance_days = 8",
    "pause_after_complaint_days = 30",
]


@settings(max_examples=25, deadline=None)
@given(portfolios(), st.sampled_from(STRICTER))
def test_a_stricter_limit_never_permits_more(tables: Tables, limit: str) -> None:
    plain, strict = left(tables), left(tables, policy_of(f"[limits]\n{limit}"))
    assert not (allowed(strict) & ~allowed(plain)).any()
    assert not (strict.escalate & ~plain.escalate).any()


@settings(max_examples=25, deadline=None)
@given(portfolios(), st.integers(0, 2**32 - 1))
def test_the_order_of_rows_does_not_matter(tables: Tables, seed: int) -> None:
    shuffled = Tables(*(frame.sample(fraction=1, shuffle=True, seed=seed) for _, frame in tables))
    one, other = left(tables), left(shuffled)
    assert one.customers.equals(other.customers)
    assert one.invoices.equals(other.invoices)
    assert (allowed(one) == allowed(other)).all()
    assert all((a[1] == b[1]).all() for a, b in zip(one.removed, other.removed, strict=True))


@settings(max_examples=25, deadline=None)
@given(portfolios(), st.integers(0, 60 * 24))
def test_nothing_is_permitted_outside_the_hours_days_and_limits(
    tables: Tables, minutes: int
) -> None:
    as_of = AS_OF + timedelta(minutes=minutes)
    found = left(tables, as_of=as_of)
    row, channel, day, hour = np.nonzero(allowed(found))
    zones = found.customers["zone"].gather(row)
    instants = send_at(found.grid, as_of=as_of, zones=zones, day=day, hour=hour)
    local = calendar.local_times(instants, zones)
    plan = pl.DataFrame(
        {
            "customer_id": found.customers["customer_id"].gather(row),
            "at": instants,
            "hour": local.dt.hour(),
            "weekday": local.dt.weekday(),
            "call": channel == 0,
        }
    )
    assert plan.filter(
        (pl.col("at") < as_of) | (pl.col("at") > as_of + timedelta(days=14))
    ).is_empty()
    call = pl.col("call")
    assert plan.filter(
        call & ((pl.col("weekday") > 5) | ~pl.col("hour").is_between(9, 16))
    ).is_empty()
    assert plan.filter(~call & ~pl.col("hour").is_between(8, 19)).is_empty()
    earlier = plan.join(tables.contacts, on="customer_id").filter(pl.col("sent_at") <= as_of)
    assert earlier.filter(pl.col("at") - pl.col("sent_at") < timedelta(days=4)).is_empty()


@settings(max_examples=15, deadline=None)
@given(st.integers(-11, 11), st.integers(0, 23))
def test_shifting_the_zone_shifts_the_windows(shift: int, hour: int) -> None:
    def first_instants(zone: str, as_of: Any) -> list[int]:
        tables = world(customers=[customer() | {"timezone": zone}])
        found = left(tables, as_of=as_of)
        _, _, day, slot = np.nonzero(allowed(found))
        zones = pl.Series([zone]).new_from_index(0, len(day))
        sent = send_at(found.grid, as_of=as_of, zones=zones, day=day, hour=slot)
        return sent.to_physical().to_list()

    # Zones named Etc/GMT+5 lie five hours behind UTC.
    here = AS_OF + timedelta(hours=hour)
    there = f"Etc/GMT{-shift:+d}" if shift else "UTC"
    moved = first_instants(there, here - timedelta(hours=shift))
    hours = shift * 3600 * 1_000_000
    assert [i + hours for i in moved] == first_instants("UTC", here)


@settings(max_examples=25, deadline=None)
@given(portfolios())
def test_a_rule_took_something_wherever_something_is_missing(tables: Tables) -> None:
    found = left(tables)
    full = left(world(customers=[customer(timezone="UTC")]))
    everything = allowed(full)[0].sum()
    for row, cells in enumerate(allowed(found)):
        if not cells.any():
            assert waiting(found, row)
        elif found.customers["zone"][row] == "UTC" and not named(found, row):
            assert cells.sum() == everything
