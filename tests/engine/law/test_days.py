"""Days as the law counts them."""

from datetime import date

import pytest

from tenor.engine.law.days import ONE_DAY, easter, is_holiday, nth_day, plus_months, plus_years
from tenor.engine.law.library import pack_of


def test_dutch_quiet_days_of_2026_include_those_that_calendars_miss() -> None:
    pack, day = pack_of("NL"), date(2026, 1, 1)
    found = [day + n * ONE_DAY for n in range(365) if is_holiday(pack, day + n * ONE_DAY)]
    assert [d.strftime("%m-%d") for d in found if d.weekday() != 6] == [
        "01-01", "01-02", "04-03", "04-06", "04-27", "05-05", "05-14", "05-15", "05-25",
        "12-25", "12-26",
    ]  # fmt: skip


def test_a_decree_day_counts_in_its_year_only() -> None:
    assert is_holiday(pack_of("NL"), date(2027, 5, 7))
    assert not is_holiday(pack_of("NL"), date(2026, 5, 7))


def test_nowhere_has_no_holidays() -> None:
    assert not is_holiday(pack_of("none"), date(2026, 12, 25))


@pytest.mark.parametrize(
    ("year", "day"), [(1818, "03-22"), (1943, "04-25"), (2026, "04-05"), (2027, "03-28")]
)
def test_easter_falls_where_the_tables_put_it(year: int, day: str) -> None:
    assert easter(year).strftime("%m-%d") == day


def test_months_and_years_end_where_the_month_ends() -> None:
    assert plus_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert plus_months(date(2026, 3, 31), -1) == date(2026, 2, 28)
    assert plus_months(date(2026, 12, 15), 1) == date(2027, 1, 15)
    assert plus_years(date(2024, 2, 29), 1) == date(2025, 2, 28)


def test_only_days_that_count_are_counted() -> None:
    friday = date(2026, 11, 20)
    assert nth_day(friday, 2, lambda d: d.weekday() < 5) == date(2026, 11, 24)
    assert nth_day(friday, 0, lambda d: False) == friday
