"""Local time, business days and public holidays."""

from datetime import UTC, date, datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenor.engine import calendar

clock = datetime.fromisoformat


def zones(timezone: list[str | None], country: list[str | None]) -> list[str]:
    frame = pl.DataFrame(
        {"timezone": timezone, "country": country},
        schema={"timezone": pl.String, "country": pl.String},
    )
    return calendar.zones_of(frame).to_list()


def local(instants: list[datetime], names: list[str]) -> list[datetime]:
    return calendar.local_times(
        pl.Series(instants, dtype=pl.Datetime("us", "UTC")), pl.Series(names)
    ).to_list()


def utc(times: list[datetime], names: list[str]) -> list[datetime]:
    found = calendar.utc_times(pl.Series(times, dtype=pl.Datetime("us")), pl.Series(names))
    return found.to_list()


@pytest.mark.parametrize(
    ("timezone", "country", "zone"),
    [
        ("Asia/Tokyo", "NL", "Asia/Tokyo"),
        (None, "NL", "Europe/Amsterdam"),
        (None, "nl", "Europe/Amsterdam"),
        ("", "BE", "Europe/Brussels"),
        (None, "US", "America/New_York"),
        (None, "AU", "Australia/Sydney"),
        (None, "BR", "America/Sao_Paulo"),
        (None, "CA", "America/Toronto"),
        (None, "KZ", "Asia/Almaty"),
        (None, "UK", "Europe/London"),
        (None, "ZZ", "UTC"),
        (None, None, "UTC"),
        ("Mars/Olympus", "NL", "UTC"),
        ("Factory", "NL", "UTC"),
    ],
)
def test_the_zone_is_the_customers_else_its_countrys_else_utc(
    timezone: str | None, country: str | None, zone: str
) -> None:
    assert zones([timezone], [country]) == [zone]


def test_zones_of_nobody_are_none() -> None:
    assert zones([], []) == []


def test_every_country_has_a_zone_that_exists() -> None:
    found = calendar.country_zones()
    assert len(found) == 249
    assert set(found.values()) <= calendar.known_zones()


def test_every_country_with_several_zones_is_decided_in_the_table() -> None:
    # Where the tz database lists a country twice, its first line need not be the capital's.
    lines = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text().splitlines()
    codes = [line.split("\t")[0] for line in lines if not line.startswith("#")]
    assert {c for c in codes if codes.count(c) > 1} == set(calendar.CAPITAL_ZONES)


def test_every_known_zone_can_be_used() -> None:
    names = sorted(calendar.known_zones())
    instant = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert None not in local([instant] * len(names), names)


def test_an_instant_is_shown_on_each_rows_own_clock() -> None:
    instant = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert local([instant] * 3, ["Europe/Amsterdam", "UTC", "America/New_York"]) == [
        clock("2026-07-02 00:30"),
        clock("2026-07-01 22:30"),
        clock("2026-07-01 18:30"),
    ]


@pytest.mark.parametrize(
    ("zone", "time", "instant"),
    [
        # Clocks jump from 02:00 to 03:00: 02:30 is not shown that night.
        ("Europe/Amsterdam", clock("2026-03-29 02:30"), clock("2026-03-29 01:30")),
        ("Europe/Amsterdam", clock("2026-03-29 02:00"), clock("2026-03-29 01:00")),
        # From 03:00 back to 02:00: 02:30 is shown twice, the first is meant.
        ("Europe/Amsterdam", clock("2026-10-25 02:30"), clock("2026-10-25 00:30")),
        ("Europe/Amsterdam", clock("2026-10-25 03:00"), clock("2026-10-25 02:00")),
        # A jump at midnight, and one of half an hour.
        ("Africa/Cairo", clock("2026-04-24 00:00"), clock("2026-04-23 22:00")),
        ("Australia/Lord_Howe", clock("2026-10-04 02:00"), clock("2026-10-03 15:30")),
        ("UTC", clock("2026-03-29 02:30"), clock("2026-03-29 02:30")),
    ],
)
def test_skipped_hours_move_forward_and_doubled_ones_take_the_first(
    zone: str, time: datetime, instant: datetime
) -> None:
    assert utc([time], [zone]) == [instant.replace(tzinfo=UTC)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.datetimes(clock("2001-01-01 00:00"), clock("2036-01-01 00:00")),
            st.sampled_from(["Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "UTC"]),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_conversion_agrees_with_the_standard_library(rows: list[tuple[datetime, str]]) -> None:
    times = [t.replace(microsecond=0) for t, _ in rows]
    names = [z for _, z in rows]
    # The standard library reads a skipped time with the offset before the jump, as we do.
    expected = [
        t.replace(tzinfo=ZoneInfo(z)).astimezone(UTC) for t, z in zip(times, names, strict=True)
    ]
    assert utc(times, names) == expected
    shown = [
        i.astimezone(ZoneInfo(z)).replace(tzinfo=None) for i, z in zip(expected, names, strict=True)
    ]
    assert local(expected, names) == shown


def test_missing_times_and_zones_stay_missing() -> None:
    instants = pl.Series([None, datetime(2026, 1, 1, tzinfo=UTC)], dtype=pl.Datetime("us", "UTC"))
    assert calendar.local_times(instants, pl.Series(["UTC", None])).to_list() == [None, None]


def days(*dates: date) -> np.ndarray:
    return calendar.days_since_epoch(pl.Series(dates))


def test_weekdays_count_from_monday() -> None:
    assert calendar.weekdays(days(date(2026, 11, 23), date(2026, 11, 22))).tolist() == [0, 6]


def test_public_holidays_are_those_of_the_country() -> None:
    kings_day, bastille = date(2026, 4, 27), date(2026, 7, 14)
    countries = pl.Series(["NL", "FR", None, "ZZ"])
    at = np.stack([days(kings_day, bastille)] * 4)
    assert calendar.are_holidays(at, countries).tolist() == [
        [True, False],
        [False, True],
        [False, False],
        [False, False],
    ]


def test_holidays_are_found_across_the_turn_of_the_year() -> None:
    at = days(date(2026, 12, 25), date(2027, 1, 1), date(2027, 1, 4))
    assert calendar.are_holidays(at[None, :], pl.Series(["nl"])).tolist() == [[True, True, False]]


def test_business_days_follow_the_weekend_of_the_country() -> None:
    thursday = date(2026, 11, 19)
    week = days(*[thursday + timedelta(days=i) for i in range(4)])
    found = calendar.are_business_days(np.stack([week] * 3), pl.Series(["NL", "IR", None]))
    assert found.tolist() == [
        [True, True, False, False],
        [True, False, True, True],
        [True, True, False, False],
    ]
