"""Contact windows: what is open when, why not, and when again."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenor.engine.errors import LawError
from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.contact.windows import contact_window, contact_windows
from tenor.engine.law.days import is_holiday
from tenor.engine.law.library import SECTIONS, pack_of, stand
from tenor.engine.law.pack import Binding
from tenor.engine.law.reading import read_packs
from tenor.engine.law.ruling import Ruling

AMSTERDAM, NEW_YORK, LOS_ANGELES = "Europe/Amsterdam", "America/New_York", "America/Los_Angeles"


def local(zone: str, *when: int) -> datetime:
    return datetime(*when, tzinfo=ZoneInfo(zone))


def ruling(
    jurisdiction: str,
    at: datetime,
    *zones: str,
    channel: str = "email",
    actor: Actor = Actor.CREDITOR,
    debtor: Debtor | None = None,
) -> Ruling:
    return contact_window(
        pack_of(jurisdiction), at, zones=zones, channel=channel, actor=actor, debtor=debtor
    )


def codes(found: Ruling) -> list[str]:
    return [reason.code for reason in found.reasons]


def test_the_last_minute_is_open_and_the_closing_hour_is_not() -> None:
    open_still = ruling("NL", local(AMSTERDAM, 2026, 11, 20, 19, 59), AMSTERDAM)
    assert open_still.allowed and open_still.step == "contact.email"
    assert open_still.changes_at == datetime(2026, 11, 20, 19, tzinfo=UTC)
    closed = ruling("NL", local(AMSTERDAM, 2026, 11, 20, 20), AMSTERDAM)
    assert (closed.allowed, codes(closed)) == (False, ["QUIET_HOURS"])
    assert closed.changes_at == datetime(2026, 11, 21, 6, tzinfo=UTC)


def test_a_christmas_weekend_ends_on_monday_morning() -> None:
    boxing_day = ruling("NL", local(AMSTERDAM, 2026, 12, 26, 10), AMSTERDAM)
    assert codes(boxing_day) == ["PUBLIC_HOLIDAY"]
    assert boxing_day.changes_at == local(AMSTERDAM, 2026, 12, 28, 7)


def test_an_agency_is_bound_by_the_decree_and_a_creditor_by_our_policy() -> None:
    sunday = local(AMSTERDAM, 2026, 11, 22, 12)
    agency = ruling("NL", sunday, AMSTERDAM, actor=Actor.AGENCY)
    assert [(r.rule, r.binding) for r in agency.reasons] == [
        ("NL:windows.collectors", Binding.LAW),
        ("NL:windows.contact", Binding.POLICY),
    ]
    assert agency.reasons[0].text.startswith(
        "It is 12:00 on Sunday, 2026-11-22 in Europe/Amsterdam. Who collects for others"
    )
    creditor = ruling("NL", sunday, AMSTERDAM)
    assert [r.binding for r in creditor.reasons] == [Binding.POLICY]
    company = ruling("NL", sunday, AMSTERDAM, actor=Actor.AGENCY, debtor=Debtor.BUSINESS)
    assert [r.binding for r in company.reasons] == [Binding.POLICY]


def test_before_the_decree_only_our_policy_spoke() -> None:
    sunday = local(AMSTERDAM, 2024, 3, 31, 12)
    found = ruling("NL", sunday, AMSTERDAM, actor=Actor.AGENCY)
    assert [r.rule for r in found.reasons] == ["NL:windows.contact"]


def test_where_the_place_is_unclear_the_hour_must_be_right_in_every_zone() -> None:
    zones = (NEW_YORK, LOS_ANGELES)
    early = ruling("US", local(NEW_YORK, 2026, 11, 20, 10, 30), *zones, actor=Actor.AGENCY)
    assert (early.allowed, codes(early)) == (False, ["QUIET_HOURS"])
    assert early.changes_at == local(NEW_YORK, 2026, 11, 20, 11)
    late = ruling("US", local(NEW_YORK, 2026, 11, 20, 21, 30), *zones, actor=Actor.AGENCY)
    assert late.changes_at == local(NEW_YORK, 2026, 11, 21, 11)
    between = ruling("US", local(NEW_YORK, 2026, 11, 20, 12), *zones, actor=Actor.AGENCY)
    assert between.allowed and between.changes_at == local(NEW_YORK, 2026, 11, 20, 21)


def test_e_mail_has_been_free_at_night_in_florida_since_may_2025() -> None:
    night = {"hour": 22, "minute": 15}
    before = datetime(2025, 5, 15, tzinfo=UTC).replace(**night)
    after = datetime(2025, 5, 16, tzinfo=UTC).replace(**night)

    def state_says(at: datetime, channel: str) -> bool:
        found = ruling("US-FL", at, "UTC", channel=channel, debtor=Debtor.CONSUMER)
        return "US-FL:windows.state" in {reason.rule for reason in found.reasons}

    assert [state_says(at, "email") for at in (before, after)] == [True, False]
    assert [state_says(at, "sms") for at in (before, after)] == [True, True]


def test_the_strictest_of_two_places_wins() -> None:
    armistice = local("Europe/Brussels", 2026, 11, 11, 10)
    both = [pack_of("BE"), pack_of("NL")]
    asked = {"zones": ("Europe/Brussels",), "channel": "email", "debtor": None}
    found = contact_windows(both, armistice, actor=Actor.AGENCY, **asked)
    assert (found.allowed, codes(found)) == (False, ["PUBLIC_HOLIDAY"])
    # Belgium opens at eight, the Netherlands at seven.
    assert found.changes_at == local("Europe/Brussels", 2026, 11, 12, 8)
    assert ruling("NL", armistice, "Europe/Brussels", actor=Actor.AGENCY).allowed


def test_the_morning_after_the_clocks_change_begins_at_the_same_local_hour() -> None:
    sunday = local(AMSTERDAM, 2026, 10, 25, 12)
    found = ruling("NL", sunday, AMSTERDAM)
    assert found.changes_at == datetime(2026, 10, 26, 6, tzinfo=UTC)
    assert ruling("NL", sunday - timedelta(days=1), AMSTERDAM).changes_at == datetime(
        2026, 10, 24, 18, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("jurisdiction", "day"),
    [
        ("NL", date(2026, 5, 5)),  # every year, though shops are open
        ("NL", date(2026, 4, 3)),  # Good Friday
        ("NL", date(2027, 5, 7)),  # by decree
        ("BE", date(2026, 7, 21)),
        ("BE", date(2026, 11, 11)),
        ("DE", date(2027, 5, 6)),
        ("FR", date(2026, 7, 14)),
        ("UK", date(2026, 4, 6)),  # Easter Monday, not in Scotland
        ("UK", date(2026, 8, 31)),
        ("UK", date(2026, 12, 28)),  # in place of Boxing Day
        ("US", date(2026, 7, 3)),  # Independence Day is observed on the Friday
        ("US", date(2027, 7, 5)),
        ("US", date(2026, 11, 26)),
        ("US", date(2026, 6, 19)),
        ("US-MA", date(2026, 11, 26)),
    ],
)
def test_holidays_are_quiet(jurisdiction: str, day: date) -> None:
    assert is_holiday(pack_of(jurisdiction), day)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    assert "PUBLIC_HOLIDAY" in codes(ruling(jurisdiction, noon, "UTC"))


@pytest.mark.parametrize(
    ("jurisdiction", "day"),
    [
        ("NL", date(2026, 12, 24)),
        ("NL", date(2026, 11, 11)),
        ("BE", date(2026, 4, 3)),  # Good Friday is no holiday there
        ("FR", date(2026, 4, 3)),
        ("DE", date(2026, 11, 11)),
        ("UK", date(2026, 7, 3)),
        ("none", date(2026, 12, 25)),  # no place, no calendar
    ],
)
def test_ordinary_days_are_open(jurisdiction: str, day: date) -> None:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    assert ruling(jurisdiction, noon, "UTC").allowed


MOMENTS = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
JURISDICTIONS = st.sampled_from(["none", "NL", "BE", "DE", "FR", "UK", "US", "US-FL", "US-MA"])


@settings(max_examples=150, deadline=None)
@given(MOMENTS, JURISDICTIONS, st.sampled_from(list(Actor)))
def test_the_next_moment_is_open_and_nothing_between_is(
    at: datetime, jurisdiction: str, actor: Actor
) -> None:
    found = ruling(jurisdiction, at, "UTC", actor=actor)
    assert found.changes_at is not None and found.changes_at > at
    then = ruling(jurisdiction, found.changes_at, "UTC", actor=actor)
    assert then.allowed is not found.allowed or found.changes_at.hour == 0
    if not found.allowed:
        just_before = found.changes_at - timedelta(microseconds=1)
        assert not ruling(jurisdiction, just_before, "UTC", actor=actor).allowed


@settings(max_examples=100, deadline=None)
@given(MOMENTS, JURISDICTIONS, st.sampled_from(["Etc/GMT+8", "Etc/GMT-9", "Etc/GMT+3"]))
def test_shifting_the_zone_shifts_the_window(at: datetime, jurisdiction: str, zone: str) -> None:
    here = ruling(jurisdiction, at, "UTC")
    shift = at.astimezone(ZoneInfo(zone)).utcoffset()
    assert shift is not None
    there = ruling(jurisdiction, at - shift, zone)
    assert (there.allowed, codes(there)) == (here.allowed, codes(here))
    assert here.changes_at is not None and there.changes_at == here.changes_at - shift


@settings(max_examples=100, deadline=None)
@given(MOMENTS, JURISDICTIONS)
def test_two_packs_never_allow_what_one_of_them_forbids(at: datetime, jurisdiction: str) -> None:
    one, other = pack_of(jurisdiction), pack_of("BE")
    asked = {"zones": ("UTC",), "channel": "call", "actor": Actor.AGENCY, "debtor": None}
    both = contact_windows([one, other], at, **asked)
    alone = [contact_windows([pack], at, **asked) for pack in (one, other)]
    assert both.allowed == all(found.allowed for found in alone)


def _pack(row: str) -> None:
    text = f"""
[pack]
jurisdiction = "XX"
name = "Nowhere"
version = "1"
reviewed_on = 2026-11-21
[sources]
act = "The Act of Nowhere"
[windows.contact]
text = "Quiet at night."
source = "act"
confidence = "high"
in_force = [ {{ from = 2020-01-01, {row} }} ]
"""
    stand(read_packs(text, place="xx.toml", sections=SECTIONS))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("opens = 20:00:00, closes = 08:00:00", "not after opens"),
        ('days = "Sat-Mon"', 'write "Mon-Sat"'),
        ('days = "weekdays"', 'write "Mon-Sat"'),
        ('actors = ["friend"]', "there are creditor, agency, bailiff"),
        ("open = 08:00:00", "did you mean 'opens'?"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(row: str, said: str) -> None:
    with pytest.raises(LawError) as caught:
        _pack(row)
    assert said in str(caught.value)
