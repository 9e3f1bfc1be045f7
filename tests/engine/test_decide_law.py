"""What the law takes is taken from every decision, whatever the policy allows."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from policy_world import AS_OF, at, contact, customer, days, event, invoice, left, named, world
from tenor.engine import decide
from tenor.engine.law.library import pack_of
from tenor.engine.policy.permitted import Permitted
from tenor.engine.policy.policyfile import Policy, parse_policy
from tenor.engine.predictors.model import Model

EMAIL = '[channels.email]\nhours = "00:00-24:00"\ntones = ["friendly", "firm"]\n'
LOOSE = "[limits]\nmin_days_between = 0\nmax_contacts_30d = 100\n"


def loose(channels: str = EMAIL, more: str = "", default: str = "NL") -> Policy:
    return parse_policy(f'{channels}{LOOSE}{more}[jurisdiction]\ndefault = "{default}"\n')


def open_hours(found: Permitted, row: int = 0) -> list[int]:
    flags = found.hours(np.array([row]))[0, 0]
    return [hour for hour, free in zip(found.grid.hours, flags, strict=True) if free]


# Day 3 is Ascension Day, day 4 equated with it by decree, days 6 and 13 are Sundays.
DUTCH = [0, 1, 2, 5, 7, 8, 9, 10, 11, 12]


def test_no_policy_opens_a_night_a_sunday_or_a_holiday() -> None:
    found = left(world(), loose())
    assert days(found) == DUTCH
    assert open_hours(found) == list(range(7, 20))
    assert named(found) == []


def test_the_law_is_that_of_the_customers_country() -> None:
    tables = world(
        customers=[customer("C1", "BE"), customer("C2", "US"), customer("C3", None)],
        invoices=[invoice("I1", "C1"), invoice("I2", "C2"), invoice("I3", "C3")],
    )
    found = left(tables, loose(default="US"))
    assert open_hours(found, 0) == list(range(8, 20))
    assert days(found, row=0) == [0, 1, 2, 4, 5, 7, 8, 9, 10, 11, 12]
    # A creditor's own claims in the United States: our own default.
    assert open_hours(found, 2) == open_hours(found, 1)


def test_a_country_without_a_pack_of_its_own_rests_on_its_own_holidays() -> None:
    places = [customer("C1", "ES"), customer("C2", "BR"), customer("C3", "XX")]
    tables = world(customers=places, invoices=[invoice(f"I{n}", f"C{n}") for n in (1, 2, 3)])
    as_of = at("2026-10-09 12:00")
    old = replace(tables, payments=tables.payments.clear())
    found = left(old, loose(default="XX"), as_of)
    # Monday 12 October is a holiday in Spain and in Brazil; Sundays are quiet everywhere.
    assert [3 in days(found, row=n) for n in range(3)] == [False, False, True]
    assert [2 in days(found, row=n) for n in range(3)] == [False, False, False]


def test_the_stricter_of_the_customers_place_and_of_ones_own_wins() -> None:
    there = world(customers=[customer("C1", "BE")], invoices=[invoice("I1", "C1")])
    # The second Dutch day off, by decree, is none in Belgium; a Dutch organisation keeps it.
    assert 4 in days(left(there, loose(default="BE")))
    assert 4 not in days(left(there, loose(default="NL")))


def test_caps_hold_whatever_the_policy_says() -> None:
    sent = [contact("2026-05-07 12:00", "email"), contact("2026-05-09 12:00", "email")]
    found = left(world(contacts=sent), loose())
    # Two e-mails in seven days: the first of them drops out on the fourteenth, a holiday.
    assert days(found)[0] == 5
    assert "law_caps" in named(found)


def test_an_agency_in_the_united_states_does_not_call_within_a_week_of_a_call() -> None:
    """A collector who has spoken to somebody waits seven days; whether they spoke is not told."""
    called = world(
        customers=[customer("C1", "US")],
        invoices=[invoice("I1", "C1")],
        contacts=[contact("2026-05-08 17:00", "call")],
    )
    calls = '[channels.call]\nhours = "08:00-20:00"\n'
    creditor = days(left(called, loose(calls, default="US")), "call")
    agency = f'{calls}{LOOSE}[jurisdiction]\ndefault = "US"\nactor = "agency"\n'
    collector = days(left(called, parse_policy(agency)), "call")
    # Day 0 is the tenth of May in New York. The eighth is the first of the seven days, the
    # fourteenth the last; counted in hours it is the middle of the fifteenth, so the day after.
    assert creditor[0] <= 2
    assert collector[0] == 6


@pytest.mark.parametrize(
    ("code", "tones", "first"),
    [("VULNERABLE", {"friendly"}, 0), ("OBJECTION_21", {"friendly", "firm"}, 0)],
)
def test_a_hold_that_spares_somebody_leaves_contact_in_a_calm_tone(
    code: str, tones: set[str], first: int
) -> None:
    held = event("hold_started", "2026-05-05", code=code)
    found = left(world(held), loose())
    (allowed,) = found.tones(np.zeros(1, dtype=np.int64))[:, 0]
    assert {t for t, free in zip(found.grid.tones, allowed, strict=True) if free} == tones
    assert days(found)[0] == first
    assert found.unexplored[0]


def test_a_hold_of_a_kind_that_stops_contact_silences_until_its_end() -> None:
    held = event("hold_started", "2026-05-05", code="BREATHING_SPACE", until="2026-05-12")
    assert days(left(world(held), loose()))[0] == 2
    assert days(left(world(event("hold_started", "2026-05-05", code="DECEASED")), loose())) == []


def test_a_hold_of_an_unknown_kind_silences() -> None:
    assert (
        days(left(world(event("hold_started", "2026-05-05", code="GONE_FISHING")), loose())) == []
    )


def test_a_hold_keeps_an_invoice_from_being_handed_over() -> None:
    old = world(invoices=[invoice("I1", due="2026-01-05", issued="2026-01-01")])
    assert left(old, loose()).escalate.tolist() == [True]
    held = event("hold_started", "2026-05-05", code="COMPLAINT")
    kept = replace(old, events=world(held).events)
    assert left(kept, loose()).escalate.tolist() == [False]


def test_who_has_only_pressing_channels_is_left_alone_while_spared() -> None:
    held = event("hold_started", "2026-05-05", code="VULNERABLE")
    policy = loose('[channels.letter]\ntones = ["firm"]\n')
    found = left(world(held), policy)
    assert days(found, "letter") == []
    assert "hold" in named(found)


def test_decisions_drawn_at_random_keep_the_law_too(model: Model) -> None:
    """Everybody explored: no contact at night, on a Sunday, a holiday, or in a pressing tone."""
    people = [f"C{n:03d}" for n in range(200)]
    tables = world(
        *(event("hold_started", "2026-05-05", customer=c, code="VULNERABLE") for c in people[:50]),
        customers=[customer(c, "NL") for c in people],
        invoices=[invoice(f"I{c}", c) for c in people],
    )
    policy = loose(more="[exploration]\nshare = 1\n[review]\nsample = 0\n")
    found = decide(tables, as_of=AS_OF, model=model, policy=policy)
    sent = found.filter(found["send_at"].is_not_null())
    local = sent["send_at"].dt.convert_time_zone("Europe/Amsterdam")
    assert sent.height > 140
    assert set(local.dt.hour()) <= set(range(7, 20))
    off = {date(2026, 5, 14), date(2026, 5, 15), date(2026, 5, 17), date(2026, 5, 24)}
    assert off.isdisjoint(local.dt.date())
    spared = sent.filter(sent["customer_id"].is_in(people[:50]))
    assert set(spared["tone"]) <= {"friendly"}
    assert not spared["explored"].any()
    assert sent["explored"].sum() > 100


def test_what_an_organisation_reads_more_strictly_holds() -> None:
    closed = replace(pack_of("NL"), own={}, parent=pack_of("none"), calendar="NL")
    policy = replace(loose(), packs={"NL": closed})
    assert open_hours(left(world(), policy)) == list(range(8, 20))
    assert policy.version != loose().version
    assert at("2026-05-11") + timedelta(0) == AS_OF
