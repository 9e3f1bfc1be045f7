"""Windows and caps of many customers at once: exact slots and instants."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.contact.masks import earliest_by_caps, open_slots
from tenor.engine.law.library import SECTIONS, pack_of, stand
from tenor.engine.law.reading import read_packs

SATURDAY, SUNDAY = date(2026, 11, 21), date(2026, 11, 22)
CHANNELS = ["email", "sms", "letter", "call"]
DAY = 86_400_000_000


def microseconds(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp()) * 1_000_000


def open_hours(
    jurisdiction: str,
    day: date,
    channel: str = "email",
    actor: Actor = Actor.CREDITOR,
    debtor: Debtor | None = None,
) -> list[int]:
    found = open_slots(
        pack_of(jurisdiction),
        dates=[day],
        channels=[channel],
        hours=range(24),
        actor=actor,
        debtor=debtor,
    )
    assert found.shape == (1, 1, 24)
    return np.flatnonzero(found[0, 0]).tolist()


def earliest(
    jurisdiction: str,
    contacts: list[tuple[int, int, str]],
    *,
    count: int = 1,
    actor: Actor = Actor.CREDITOR,
    zone: str | None = None,
    spoken: bool = False,
) -> list[list[int]]:
    index = [CHANNELS.index(c) if c in CHANNELS else -1 for _row, _at, c in contacts]
    found = earliest_by_caps(
        pack_of(jurisdiction),
        day=SATURDAY,
        channels=CHANNELS,
        count=count,
        row=np.array([row for row, _at, _c in contacts], dtype=np.int64),
        sent_at=np.array([at for _row, at, _c in contacts], dtype=np.int64),
        channel=np.array(index, dtype=np.int64),
        actor=actor,
        debtor=None,
        zones=None if zone is None else pl.Series([zone] * count),
        conversation=np.full(len(contacts), spoken),
    )
    assert found.shape == (count, len(CHANNELS)) and found.dtype == np.int64
    return found.tolist()


def test_only_whole_hours_inside_the_window_are_open() -> None:
    assert open_hours("none", SATURDAY) == list(range(8, 20))
    assert open_hours("NL", SATURDAY) == list(range(7, 20))
    assert open_hours("US", SATURDAY, actor=Actor.AGENCY) == list(range(8, 21))


def test_sundays_and_holidays_are_closed_for_every_channel_known_or_not() -> None:
    for channel in ("email", "sms", "whatsapp", "push", "letter", "call", "carrier pigeon"):
        assert open_hours("none", SUNDAY, channel) == []
        assert open_hours("NL", date(2026, 5, 5), channel) == []
        assert open_hours("NL", date(2026, 5, 6), channel) == list(range(7, 20))


def test_an_agency_in_the_united_states_may_write_on_sunday_but_a_creditor_of_ours_does_not() -> (
    None
):
    assert open_hours("US", SUNDAY, actor=Actor.AGENCY) == list(range(8, 21))
    assert open_hours("US", SUNDAY) == []
    assert open_hours("US", SUNDAY, actor=Actor.AGENCY, debtor=Debtor.BUSINESS) == []


def test_nothing_earlier_leaves_every_channel_free() -> None:
    assert earliest("none", []) == [[0, 0, 0, 0]]
    assert earliest("none", [], count=2) == [[0, 0, 0, 0], [0, 0, 0, 0]]


def test_the_gap_holds_over_all_channels_to_the_microsecond() -> None:
    at = microseconds(2026, 11, 20, 9, 30) + 7
    assert earliest("none", [(0, at, "email")]) == [[at + 2 * DAY] * 4]
    assert earliest("none", [(0, at, "fax")]) == [[at + 2 * DAY] * 4]


def test_the_third_latest_contact_decides_when_three_in_seven_days_are_used_up() -> None:
    first, second, third = (microseconds(2026, 11, d, 10) for d in (15, 17, 19))
    mixed = [(0, third, "call"), (0, first, "email"), (0, second, "fax")]
    assert earliest("none", mixed) == [[first + 7 * DAY] * 4]
    assert earliest("none", [*mixed, (0, first - DAY, "push")]) == [[first + 7 * DAY] * 4]


def test_a_cap_on_one_channel_leaves_the_others_free() -> None:
    letters = [
        (0, microseconds(2026, 11, 1, 10), "letter"),
        (0, microseconds(2026, 11, 10, 10), "letter"),
    ]
    free = microseconds(2026, 12, 1, 10)
    assert earliest("none", letters) == [[0, 0, free, 0]]


def test_customers_do_not_count_for_each_other() -> None:
    one, two = microseconds(2026, 11, 20, 9), microseconds(2026, 11, 20, 11)
    found = earliest("none", [(2, two, "email"), (0, one, "email")], count=3)
    assert found == [[one + 2 * DAY] * 4, [0] * 4, [two + 2 * DAY] * 4]


def test_a_day_of_a_cap_ends_at_the_midnight_of_the_debtor() -> None:
    days = [microseconds(2026, 11, d, 15) for d in (14, 14, 14)]
    at = [(0, when, "call") for when in days]
    assert earliest("none", at, zone="America/New_York")[0][3] == microseconds(2026, 11, 21, 5)
    assert earliest("none", at)[0][3] == microseconds(2026, 11, 21, 15)


def test_after_a_conversation_no_call_for_seven_days() -> None:
    at = microseconds(2026, 11, 19, 15)
    spoken = earliest("US", [(0, at, "call")], actor=Actor.AGENCY, spoken=True)
    assert spoken == [[at + 2 * DAY] * 3 + [at + 7 * DAY]]
    assert earliest("US", [(0, at, "call")], spoken=True) == [[at + 2 * DAY] * 4]


def test_what_has_long_passed_is_nought() -> None:
    at = microseconds(2026, 11, 1, 9)
    assert earliest("none", [(0, at, "email")]) == [[0] * 4]


def test_a_fortnight_of_slots_is_a_fortnight_of_single_days() -> None:
    dates = [date(2026, 12, 20) + timedelta(days=n) for n in range(14)]
    found = open_slots(
        pack_of("BE"),
        dates=dates,
        channels=CHANNELS,
        hours=range(24),
        actor=Actor.CREDITOR,
        debtor=Debtor.BUSINESS,
    )
    open_days = [
        d.isoformat()[5:] for d, ok in zip(dates, found.any(axis=(1, 2)), strict=True) if ok
    ]
    assert open_days == [
        "12-21", "12-22", "12-23", "12-24", "12-26", "12-28", "12-29", "12-30", "12-31", "01-02",
    ]  # fmt: skip


TWO_RULES = """
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
opens = {opens:02}:00:00
closes = {closes:02}:00:00
in_force = [ {{ from = 2020-01-01, days = "Mon-{last}" }} ]
[caps.email]
text = "Few e-mails."
source = "act"
confidence = "high"
in_force = [ {{ from = 2020-01-01, channels = ["email"], most = {most}, days = {days} }} ]
"""


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10),
    st.integers(14, 23),
    st.sampled_from(["Sat", "Sun"]),
    st.integers(2, 4),
    st.integers(1, 20),
    st.lists(st.integers(0, 30 * 24), max_size=8),
)
def test_stricter_rules_never_leave_more(
    opens: int, closes: int, last: str, most: int, days: int, hours_ago: list[int]
) -> None:
    def answers(**rules: object) -> tuple[np.ndarray, np.ndarray]:
        said = {"opens": opens, "closes": closes, "last": last, "most": most, "days": days}
        texts = read_packs(
            TWO_RULES.format(**{**said, **rules}), place="xx.toml", sections=SECTIONS
        )
        who = {"actor": Actor.AGENCY, "debtor": None, "channels": CHANNELS}
        pack = stand(texts)["XX"]
        dates = [SATURDAY + timedelta(days=n) for n in range(7)]
        sent = [microseconds(2026, 11, 21) - h * 3_600_000_000 for h in hours_ago]
        return (
            open_slots(pack, dates=dates, hours=range(24), **who),
            earliest_by_caps(
                pack,
                day=SATURDAY,
                count=1,
                row=np.zeros(len(sent), dtype=np.int64),
                sent_at=np.array(sent, dtype=np.int64),
                channel=np.zeros(len(sent), dtype=np.int64),
                **who,
            ),
        )

    slots, earliest = answers()
    for stricter in ({"opens": opens + 1}, {"closes": closes - 1}, {"last": "Fri"}):
        fewer, _same = answers(**stricter)
        assert not (fewer & ~slots).any() and (fewer != slots).any()
    for stricter in ({"most": most - 1}, {"days": days + 2}):
        _same, later = answers(**stricter)
        assert (later >= earliest).all()
