"""Local time, business days and public holidays of the place where a customer lives.

An instant is UTC everywhere else in the engine; here it becomes the customer's own date and
hour and back. Zones and countries come as columns, so that a frame is converted at once.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import numpy.typing as npt
import polars as pl

UTC = "UTC"
LOCAL = pl.Datetime("us")

# Countries with several zones: the zone of the capital. Capitals and their zones as in the IANA
# tz database (`zone.tab`, comments of the regional files); countries with one zone need no line.
CAPITAL_ZONES = {
    "AQ": "Antarctica/McMurdo",  # no capital: the largest station
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",  # Canberra keeps Sydney's time
    "BR": "America/Sao_Paulo",  # Brasília
    "CA": "America/Toronto",  # Ottawa
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",  # Beijing
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",  # Quito
    "ES": "Europe/Madrid",
    "FM": "Pacific/Pohnpei",  # Palikir
    "GL": "America/Nuuk",
    "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa",
    "KZ": "Asia/Almaty",  # Astana keeps Almaty's time
    "MH": "Pacific/Majuro",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",  # Wellington
    "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Hebron",  # Ramallah lies in the West Bank
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UM": "Pacific/Midway",  # no capital, hardly an inhabitant
    "US": "America/New_York",  # Washington
    "UZ": "Asia/Tashkent",
}

# Codes in common use that are not ISO 3166-1: the European Union writes these two its own way.
_ALIASES = {"UK": "GB", "EL": "GR"}
_ONE_DAY = timedelta(days=1)
_EPOCH = date(1970, 1, 1)


@cache
def known_zones() -> frozenset[str]:
    """Return every zone name of the IANA tz database that can be used.

    "Factory" is left out: it stands for a machine whose zone nobody has set.
    """
    names = (resources.files("tzdata") / "zones").read_text(encoding="utf-8").split()
    return frozenset(names) - {"Factory"}


@cache
def country_zones() -> dict[str, str]:
    """Return the zone of every ISO 3166-1 alpha-2 country: its capital's where it has several."""
    text = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    zones: dict[str, str] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            zones.setdefault(country, zone)
    zones |= CAPITAL_ZONES
    return zones | {alias: zones[country] for alias, country in _ALIASES.items()}


def zones_of(customers: pl.DataFrame) -> pl.Series:
    """Name the zone of each row of `customers` (columns `timezone`, `country`; both may be null).

    The customer's own zone, else its country's, else UTC. A name that is no zone is UTC: the
    reader of the tables reports it, here it must only not stop the day.
    """
    pairs = zip(customers["timezone"].to_list(), customers["country"].to_list(), strict=True)
    return pl.Series("zone", [_zone(own, country) for own, country in pairs], dtype=pl.String)


@cache
def _zone(own: str | None, country: str | None) -> str:
    if own:
        return own if own in known_zones() else UTC
    return country_zones().get((country or "").upper(), UTC)


def local_times(instants: pl.Series, zones: pl.Series) -> pl.Series:
    """Return the wall-clock time (naive, microseconds) of each UTC instant in its row's zone."""
    return _by_zone(instants.dt.replace_time_zone(None), zones, _to_local)


def utc_times(local: pl.Series, zones: pl.Series) -> pl.Series:
    """Return the UTC instant of each wall-clock time (naive) in its row's zone.

    A time that the clocks skip moves forward by what they skip (02:30 becomes 03:30); of a time
    that they show twice, the first is meant.
    """
    return _by_zone(local, zones, _to_utc).dt.replace_time_zone(UTC)


def local_dates_at(instant: datetime, zones: pl.Series) -> npt.NDArray[np.int32]:
    """Return the local date of each zone at `instant` (aware), as days since 1970-01-01."""
    days = np.zeros(len(zones), dtype=np.int32)
    for zone, rows in groups(zones):
        days[rows] = (instant.astimezone(ZoneInfo(zone)).date() - _EPOCH).days
    return days


def days_since_epoch(dates: pl.Series) -> npt.NDArray[np.int32]:
    """Return dates or naive times as whole days since 1970-01-01; null becomes 0."""
    days = pl.lit(dates).cast(pl.Date).to_physical().fill_null(0)
    return pl.select(days).to_series().to_numpy().astype(np.int32)


def weekdays(days: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return the weekday (Monday 0 to Sunday 6) of days since 1970-01-01, itself a Thursday."""
    return (days + 3) % 7


@cache
def public_holidays(country: str, year: int) -> frozenset[date]:
    """Return the nation-wide public holidays of `country` (ISO 3166-1 alpha-2) in `year`.

    With a subdivision of ISO 3166-2 (`GB-ENG`), those of that part of the country. Empty for a
    place that the `holidays` library does not know.
    """
    whole, _, part = country.partition("-")
    code = _iso(whole)
    known = holidays.list_supported_countries()
    if code not in known or (part and part not in known[code]):
        return frozenset()
    return frozenset(holidays.country_holidays(code, subdiv=part or None, years=[year]))


@cache
def weekend(country: str) -> frozenset[int]:
    """Return the weekdays (Monday 0) on which `country` rests; Saturday and Sunday if unknown."""
    code = _iso(country)
    if code not in holidays.list_supported_countries():
        return frozenset({5, 6})
    return frozenset(holidays.country_holidays(code, years=[]).weekend)


def are_holidays(days: npt.NDArray[np.int32], countries: pl.Series) -> npt.NDArray[np.bool_]:
    """Tell which `days` (since 1970-01-01, [N] or [N, D]) are public holidays in the row's country.

    Countries are ISO 3166-1 alpha-2, null where unknown: no holidays there.
    """
    answer = np.zeros(days.shape, dtype=bool)
    if days.size == 0:
        return answer
    years = range(_year(int(days.min())), _year(int(days.max())) + 1)
    for country, rows in groups(countries):
        dates = [d for year in years for d in public_holidays(country, year)]
        answer[rows] = np.isin(days[rows], days_since_epoch(pl.Series(dates, dtype=pl.Date)))
    return answer


def are_business_days(days: npt.NDArray[np.int32], countries: pl.Series) -> npt.NDArray[np.bool_]:
    """Tell which `days` (since 1970-01-01, [N] or [N, D]) are neither weekend nor public holiday.

    An unknown country (null) rests on Saturday and Sunday only.
    """
    resting = np.isin(weekdays(days), [5, 6])
    for country, rows in groups(countries):
        resting[rows] = np.isin(weekdays(days[rows]), sorted(weekend(country)))
    return ~resting & ~are_holidays(days, countries)


def groups(keys: pl.Series) -> Iterator[tuple[str, npt.NDArray[np.intp]]]:
    """Go through the distinct texts of `keys`, each with the positions of its rows; not null."""
    if len(keys) == 1:
        if keys[0] is not None:
            yield keys[0], np.zeros(1, dtype=np.intp)
        return
    codes = keys.cast(pl.Categorical).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    order = np.argsort(codes, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        if rows.size and codes[rows[0]] >= 0:
            yield keys[int(rows[0])], rows


def _iso(country: str) -> str:
    code = country.upper()
    return _ALIASES.get(code, code)


def _year(day: int) -> int:
    return int(np.datetime64(day, "D").astype("datetime64[Y]").astype(int)) + 1970


def _to_local(instants: pl.Series, zone: str) -> pl.Series:
    utc = pl.lit(instants).dt.replace_time_zone(UTC)
    local = utc.dt.convert_time_zone(zone).dt.replace_time_zone(None)
    return pl.select(local.alias(instants.name)).to_series()


def _to_utc(local: pl.Series, zone: str) -> pl.Series:
    exact = _instants(local, zone)
    if exact.null_count() > local.null_count():
        # The day before has the offset that held until the clocks jumped: a day later on that
        # offset is the skipped time moved forward.
        moved = _instants(local - _ONE_DAY, zone) + _ONE_DAY
        exact = pl.select(pl.coalesce(exact, moved)).to_series()
    return exact


def _instants(local: pl.Series, zone: str) -> pl.Series:
    zoned = pl.lit(local).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    utc = zoned.dt.convert_time_zone(UTC).dt.replace_time_zone(None)
    return pl.select(utc.alias(local.name)).to_series()


def _by_zone(
    times: pl.Series, zones: pl.Series, convert: Callable[[pl.Series, str], pl.Series]
) -> pl.Series:
    """Convert naive `times` zone by zone; a row without a zone, or without a time, is null."""
    converted = np.full(len(times), np.datetime64("NaT"), dtype="datetime64[us]")
    for zone, rows in groups(zones):
        part = times if len(rows) == len(times) else times.gather(rows)
        converted[rows] = convert(part, zone).to_numpy()
    return pl.Series(times.name, converted, dtype=LOCAL)
