"""The fixed ladder on a portfolio: its rungs by age, under the same rules as everything else."""

from datetime import datetime, timedelta
from typing import Any

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
from tenor.engine.frames import Tables, empty_tables
from tenor.engine.policy.ladder import LADDER, SCHEMA, Step, ladder
from tenor.engine.policy.policyfile import Policy, parse_policy
from tenor.engine.simulation import World, WorldConfig
from tenor.engine.simulation.config import Place
from worlds import policy_of, shuffled

TONES = 'tones = ["neutral", "firm", "urgent"]\n'
CHANNELS = (
    f"[channels.email]\n{TONES}[channels.letter]\n{TONES}"
    f'[channels.call]\n{TONES}hours = "09:00-17:00"\ndays = "Mon-Fri"\n'
)


def today(tables: Tables, as_of: datetime = AS_OF, text: str = "", **more: Any) -> pl.DataFrame:
    return ladder(tables, as_of=as_of, policy=parse_policy(CHANNELS + text), **more)


def due(days_ago: int, id: str = "I1", **more: Any) -> dict[str, Any]:
    day = (AS_OF - timedelta(days=days_ago)).date().isoformat()
    return invoice(id, due=day, issued="2026-01-01", **more)


@pytest.mark.parametrize(
    ("overdue", "channel", "tone", "rung"),
    [(1, "email", "neutral", 0), (13, "email", "neutral", 0), (14, "letter", "firm", 1),
     (30, "call", "urgent", 2), (59, "call", "urgent", 2)],
)  # fmt: skip
def test_an_invoice_stands_on_the_highest_rung_that_its_age_has_reached(
    overdue: int, channel: str, tone: str, rung: int
) -> None:
    found = today(world(invoices=[due(overdue)]))
    assert dict(found.schema) == SCHEMA
    assert found.rows() == [("C1", ["I1"], "contact", channel, tone, at("2026-05-11 08:00"), rung)]


def test_nothing_happens_before_the_first_rung_and_escalation_after_the_last() -> None:
    assert today(world(invoices=[due(0)])).is_empty()
    handed = today(world(invoices=[due(60), due(20, "I2")]))
    assert handed.rows() == [("C1", ["I1"], "escalate", None, None, None, None)]
    later = today(world(invoices=[due(60)]), text="[limits]\nescalate_after = 90")
    assert later["channel"].to_list() == ["call"]


def test_a_contact_since_the_rung_was_reached_is_the_rung() -> None:
    on_rung, before = contact("2026-05-01"), contact("2026-04-20")
    assert today(world(invoices=[due(13)], contacts=[on_rung])).is_empty()
    climbed = today(world(invoices=[due(14)], contacts=[before]))
    assert climbed["channel"].to_list() == ["letter"]
    # Too soon after the last contact, whatever it was for.
    soon = contact("2026-05-09") | {"invoice_ids": ["I9"]}
    assert today(world(invoices=[due(14)], contacts=[soon])).is_empty()


def test_the_invoice_furthest_up_leads_and_all_that_is_overdue_is_asked_for() -> None:
    found = today(world(invoices=[due(2, "A"), due(20, "B"), due(0, "C"), due(-3, "D")]))
    assert found["channel"].to_list() == ["letter"]
    assert found["invoice_ids"].to_list() == [["B", "A", "C"]]


def test_the_same_rules_hold_as_for_every_other_contact() -> None:
    asleep = [
        event("promised", "2026-05-08", invoice="I1", date="2026-05-20"),
        event("disputed", "2026-05-08", invoice="I1"),
        event("hold_started", "2026-05-08"),
        event("opted_out", "2026-05-08"),
    ]
    for said in asleep:
        assert today(world(said, invoices=[due(14)])).is_empty(), said["kind"]
    rest = today(world(asleep[1], invoices=[due(14), due(15, "I2")]))
    assert rest["invoice_ids"].to_list() == [["I2"]]
    assert today(world(invoices=[due(14)], payments=[payment("2026-05-02", "100")])).is_empty()


def test_another_channel_stands_in_for_one_that_is_closed_but_not_for_one_that_sleeps() -> None:
    refused = customer(consent_letter=False)
    found = today(world(customers=[refused], invoices=[due(14)]))
    assert found.select("channel", "tone").rows() == [("email", "firm")]
    sunday = AS_OF - timedelta(days=1)
    call = world(invoices=[due(31)])
    assert today(call, as_of=sunday).is_empty()
    assert today(call)["channel"].to_list() == ["call"]


def test_capacity_goes_to_the_longest_overdue_and_the_others_wait() -> None:
    invoices = [due(30 + n, f"I{n}", customer=f"C{n}") for n in range(4)]
    tables = world(customers=[customer(f"C{n}") for n in range(4)], invoices=invoices)
    found = ladder(
        tables,
        as_of=AS_OF,
        policy=parse_policy(CHANNELS + "capacity_per_day = 2\n"),
    )
    assert found["customer_id"].to_list() == ["C2", "C3"]


def test_who_is_handed_over_takes_nobodys_call() -> None:
    invoices = [due(days, f"I{days}", customer=f"C{days}") for days in (31, 61)]
    tables = world(customers=[customer("C31"), customer("C61")], invoices=invoices)
    policy = parse_policy(CHANNELS + "capacity_per_day = 1\n")
    found = ladder(tables, as_of=AS_OF, policy=policy)
    assert found.select("customer_id", "verdict", "channel").rows() == [
        ("C31", "contact", "call"),
        ("C61", "escalate", None),
    ]


def test_other_rungs_may_be_given_and_unknown_tones_give_way() -> None:
    rungs = (Step(7, "email", "stern"), Step(-2, "email", "firm"))
    ahead = today(world(invoices=[due(-2), due(-3, "I2")]), rungs=rungs)
    assert ahead.select("invoice_ids", "tone", "rung").rows() == [(["I1"], "firm", 0)]
    late = today(world(invoices=[due(7)]), rungs=rungs)
    assert late.select("tone", "rung").rows() == [("neutral", 1)]


def test_later_hours_of_the_day_send_at_the_next_hour_that_is_left() -> None:
    found = today(world(invoices=[due(14)]), as_of=AS_OF + timedelta(hours=12, minutes=30))
    # 14:30 in Amsterdam: at three.
    assert found["send_at"].to_list() == [at("2026-05-11 13:00")]


def test_a_world_played_by_it_is_dunned_as_the_worlds_own_ladder_duns() -> None:
    """The simulation's ladder and this one agree on whom to contact, how, day by day."""
    places = (Place("NL", 1.0, ("nl",), ("Europe/Amsterdam",)),)
    config = WorldConfig(customers=250, randomised=0.0, places=places, calls_a_day=1000)
    own, ours = World(config, 5), World(config, 5)
    policy = without_law(
        parse_policy(
            f"[channels.email]\n{TONES}[channels.letter]\n{TONES}[channels.call]\n{TONES}"
            "[limits]\npromise_tolerance_days = 2\npause_after_complaint_days = 0\n"
            "max_contacts_30d = 30\n"
        )
    )
    for _ in range(90):
        own.play_ladder(1)
        planned = ladder(ours.tables(), as_of=ours.today, policy=policy)
        ours.step(planned.filter(pl.col("verdict") == "contact"), days=1)
    columns = ["customer_id", "channel", pl.col("sent_at").dt.date()]
    theirs, found = (w.tables().contacts.select(columns) for w in (own, ours))
    both = theirs.join(found, on=["customer_id", "channel", "sent_at"], how="inner")
    assert theirs.height > 100
    # Days between contacts are counted in hours here, in dates there.
    assert both.height / theirs.height > 0.97
    assert both.height / found.height > 0.97


def test_later_facts_and_the_order_of_rows_change_nothing(tables: Tables, as_of: datetime) -> None:
    policy = policy_of()
    found = ladder(tables, as_of=as_of, policy=policy)
    assert found.height > 5
    assert ladder(tables.known_at(as_of), as_of=as_of, policy=policy).equals(found)
    assert ladder(shuffled(tables, 4), as_of=as_of, policy=policy).equals(found)


def test_an_empty_portfolio_and_an_empty_policy_give_an_empty_day() -> None:
    assert dict(today(empty_tables()).schema) == SCHEMA
    assert ladder(world(invoices=[due(14)]), as_of=AS_OF, policy=Policy()).is_empty()
    assert today(world(invoices=[due(14)]), rungs=()).is_empty()
    assert [s.day for s in LADDER] == [1, 14, 30]
