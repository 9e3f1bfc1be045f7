"""Caps on contact: how many, in which window, what counts, and when it is free again."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenor.engine.errors import LawError
from tenor.engine.law.case import Actor, Contact, Debtor
from tenor.engine.law.contact.caps import Cap, contact_caps, counts_towards
from tenor.engine.law.library import SECTIONS, pack_of, stand
from tenor.engine.law.pack import Binding, Pack
from tenor.engine.law.reading import read_packs
from tenor.engine.law.ruling import Ruling

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NEW_YORK = "America/New_York"

ONE_CAP = """
[pack]
jurisdiction = "XX"
name = "Nowhere"
version = "1"
reviewed_on = 2026-11-21
[sources]
act = "The Act of Nowhere"
[caps.calls]
text = "Few calls."
source = "act"
confidence = "high"
in_force = [ { from = 2020-01-01, channels = ["call"], %s } ]
"""


def only(row: str) -> Pack:
    text = ONE_CAP % row
    return stand(read_packs(text, place="xx.toml", sections=SECTIONS))["XX"]


def days_ago(days: int, channel: str = "call", **more: object) -> Contact:
    return Contact(NOW - timedelta(days=days), channel, **more)


def ruling(
    pack: Pack,
    contacts: list[Contact],
    channel: str = "call",
    *,
    at: datetime = NOW,
    zone: str = "UTC",
    actor: Actor = Actor.AGENCY,
    debtor: Debtor | None = None,
    place: str = "",
) -> Ruling:
    return contact_caps(
        pack,
        at,
        zones=(zone,),
        channel=channel,
        contacts=contacts,
        actor=actor,
        debtor=debtor,
        place=place,
    )


def codes(found: Ruling) -> set[str]:
    return {reason.code for reason in found.reasons}


def test_the_cap_is_reached_by_the_number_and_free_when_the_oldest_day_drops_out() -> None:
    pack = only("most = 2, days = 7")
    assert ruling(pack, [days_ago(3)]).allowed
    full = ruling(pack, [days_ago(3), days_ago(6)])
    assert (full.allowed, codes(full)) == (False, {"MORE_THAN_2_IN_7"})
    assert full.changes_at == datetime(2026, 11, 21, tzinfo=UTC)
    assert ruling(pack, [days_ago(3), days_ago(6)], at=full.changes_at).allowed
    assert ruling(pack, [days_ago(3), days_ago(7)]).allowed


def test_a_day_is_the_debtors() -> None:
    pack = only("most = 1, days = 1")
    late = Contact(datetime(2026, 11, 20, 3, tzinfo=UTC), "call")  # 22:00 of the 19th there
    assert ruling(pack, [late], zone=NEW_YORK).allowed
    in_utc = ruling(pack, [late])
    assert in_utc.changes_at == datetime(2026, 11, 21, tzinfo=UTC)
    there = ruling(pack, [days_ago(0)], zone=NEW_YORK)
    assert there.changes_at == datetime(2026, 11, 21, tzinfo=ZoneInfo(NEW_YORK))


def test_what_comes_later_and_what_does_not_count_is_left_out() -> None:
    pack = only("most = 1, days = 7")
    assert ruling(pack, [days_ago(-1)]).allowed
    assert ruling(pack, [days_ago(1, counts=False)]).allowed
    assert ruling(pack, [days_ago(1, "email")]).allowed
    assert not ruling(pack, [days_ago(1, "Telephone")]).allowed
    assert ruling(pack, [days_ago(1)], "sms").allowed


def test_seven_calls_in_seven_days_are_presumed_to_be_the_most() -> None:
    seven = [days_ago(d) for d in range(7)]
    found = ruling(pack_of("US"), seven)
    assert {"MORE_THAN_7_IN_7"} < codes(found)
    presumed = next(r for r in found.reasons if r.code == "MORE_THAN_7_IN_7")
    assert (presumed.rule, presumed.binding) == ("US:caps.reg_f_calls", Binding.PRESUMPTION)
    creditor = ruling(pack_of("US"), seven, actor=Actor.CREDITOR)
    assert "MORE_THAN_7_IN_7" not in codes(creditor)
    company = ruling(pack_of("US"), seven, debtor=Debtor.BUSINESS)
    assert "MORE_THAN_7_IN_7" not in codes(company)


def test_the_day_of_a_conversation_is_the_first_of_the_seven() -> None:
    spoken = [days_ago(6, conversation=True)]
    sixth, seventh = NOW, NOW + timedelta(days=1)
    assert codes(ruling(pack_of("US"), spoken, at=sixth)) == {"POST_CONVERSATION_7_DAYS"}
    assert ruling(pack_of("US"), spoken, at=seventh).allowed
    called_by_the_person = [days_ago(2, conversation=True, counts=False)]
    assert "POST_CONVERSATION_7_DAYS" in codes(ruling(pack_of("US"), called_by_the_person))


def test_massachusetts_caps_calls_and_texts_together_for_creditors_too() -> None:
    two = [days_ago(4, "sms"), days_ago(5, "call")]
    found = ruling(pack_of("US-MA"), two, "sms", actor=Actor.CREDITOR)
    assert codes(found) == {"MORE_THAN_2_IN_7"}
    assert ruling(pack_of("US-MA"), two, "email", actor=Actor.CREDITOR).allowed
    assert ruling(pack_of("US"), two, "sms", actor=Actor.CREDITOR).allowed


def test_massachusetts_counts_calls_to_work_for_thirty_days() -> None:
    work = [days_ago(20, place="work"), days_ago(29, place="work")]
    assert codes(ruling(pack_of("US-MA"), work, place="work")) == {"MORE_THAN_2_IN_30"}
    assert ruling(pack_of("US-MA"), work).allowed
    assert ruling(pack_of("US-MA"), [days_ago(20), days_ago(29)], place="work").allowed


def test_new_york_city_caps_all_channels_since_september_2026() -> None:
    def found(at: datetime) -> set[str]:
        three = [
            Contact(at - timedelta(days=d), way) for d, way in ((3, "fax"), (4, "sms"), (5, "call"))
        ]
        reasons = ruling(pack_of("US-NY-NYC"), three, "letter", at=at).reasons
        return {r.rule for r in reasons}

    before = datetime(2026, 8, 31, 12, tzinfo=UTC)
    assert found(before) == {"none:caps.overall"}
    assert found(before + timedelta(days=1)) == {"none:caps.overall", "US-NY-NYC:caps.city"}


def test_between_two_contacts_lie_48_hours_to_the_minute() -> None:
    early = ruling(pack_of("none"), [days_ago(2)], "email", at=NOW - timedelta(minutes=1))
    assert (codes(early), early.changes_at) == ({"MIN_GAP"}, NOW)
    assert ruling(pack_of("none"), [days_ago(2)], "email").allowed


def test_the_refusal_says_what_and_when() -> None:
    found = ruling(pack_of("none"), [days_ago(1)], "email")
    assert found.step == "contact.email"
    assert found.reasons[0].text == (
        "At least 48 hours between two contacts, whatever the channel. "
        "The latest was at 12:00 on Thursday, 2026-11-19."
    )


def test_what_did_not_connect_or_was_agreed_to_does_not_count() -> None:
    cap = pack_of("US").says("caps", "reg_f_calls", date(2026, 11, 20))
    assert isinstance(cap, Cap)
    assert counts_towards(cap)
    assert not counts_towards(cap, connected=False)
    # The day of the consent is the first of seven.
    agreed = [counts_towards(cap, consent_days_ago=days) for days in (0, 6, 7, 8)]
    assert agreed == [False, False, True, True]
    ours = pack_of("none").says("caps", "call", date(2026, 11, 20))
    assert counts_towards(ours, consent_days_ago=0)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 800), st.sampled_from(["email", "sms", "call", "fax"]))),
    st.sampled_from(["email", "whatsapp", "call", "letter"]),
    st.sampled_from(["none", "NL", "US", "US-MA", "US-NY-NYC"]),
)
def test_the_next_moment_is_free_and_the_one_before_is_not(
    hours_ago: list[tuple[int, str]], channel: str, jurisdiction: str
) -> None:
    contacts = [Contact(NOW - timedelta(hours=h), way) for h, way in hours_ago]
    pack = pack_of(jurisdiction)
    found = ruling(pack, contacts, channel, zone=NEW_YORK)
    if found.allowed:
        assert found.reasons == () and found.changes_at is None
        return
    assert found.changes_at is not None
    assert ruling(pack, contacts, channel, zone=NEW_YORK, at=found.changes_at).allowed
    before = found.changes_at - timedelta(microseconds=1)
    assert not ruling(pack, contacts, channel, zone=NEW_YORK, at=before).allowed


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 400)), st.integers(1, 4), st.integers(2, 20))
def test_a_stricter_cap_never_allows_more(hours_ago: list[int], most: int, days: int) -> None:
    contacts = [Contact(NOW - timedelta(hours=h), "call") for h in hours_ago]
    allowed = ruling(only(f"most = {most}, days = {days}"), contacts).allowed
    for stricter in (
        f"most = {most}, days = {days + 3}",
        f"most = {max(most - 1, 1)}, days = {days}",
    ):
        assert not ruling(only(stricter), contacts).allowed or allowed


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("most = 0, days = 7", "use section channels"),
        ("most = 2", "exactly one of them"),
        ("most = 2, days = 7, hours = 48", "exactly one of them"),
        ('most = 2, days = 7, counts = "clicks"', "one of contacts, conversations, elsewhere"),
    ],
)
def test_a_cap_that_makes_no_sense_is_refused(row: str, said: str) -> None:
    with pytest.raises(LawError) as caught:
        only(row)
    assert said in str(caught.value)
