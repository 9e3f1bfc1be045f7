"""Read the facts of a case from JSON: small, every key optional, the debtor protected by default.

A case is an object with any of these keys; a key that is not known is refused by name, since a
misspelt fact would otherwise silently protect or expose somebody.

=================  ==========================================================  ===================
key                what it says                                                 where it is missing
=================  ==========================================================  ===================
`at`               the moment asked about, with its offset                      the caller's moment
`zones`            IANA zones in which the debtor may be                        all of the country
`debtor`           `consumer`, `business` or `public_authority`                 the consumer's rules
`actor`            `creditor`, `agency` or `bailiff`                            `creditor`
`registered`       whether the agency stands in its register                    not shown to be
`mandate`          whether the agency holds the creditor's mandate              not shown to be
`deducts_vat`      whether the creditor can reclaim VAT                         yes: no VAT on costs
`opt_outs`         channels the debtor refused, or `all`                        none
`consents`         channels the debtor agreed to                                none
`claims`           what is owed, an object each (`invoice`, `principal`)        nothing owed
`notices`          letters the law asks for (`kind`, `sent_on`, `channel`)      none was sent
`contacts`         attempts so far (`at`, `channel`)                            none
`holds`            what stops steps (`code`, `since`)                           none
=================  ==========================================================  ===================

The objects in the lists have the fields of `Claim`, `Notice`, `Contact` and `Hold` in
`tenor.engine.law.case`; `paid` of a claim is a list of `{"on": day, "amount": sum}`.
Amounts are whole numbers, decimals or texts (`"820.00"`), days `"2026-11-21"`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, TypeVar, get_type_hints
from zoneinfo import ZoneInfo

from tenor.engine import calendar
from tenor.engine.errors import LawError
from tenor.engine.law.case import Actor, Case, Claim, Contact, Debtor, Hold, Notice
from tenor.engine.law.days import read_day
from tenor.engine.law.library import EU, NONE, pack_of, shipped
from tenor.engine.law.pack import Pack

_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)

# Where only the Union is known, the debtor may be anywhere from its western to its eastern edge.
_UNION_ZONES = ("Atlantic/Azores", "Europe/Berlin", "Europe/Helsinki")

# States in fewer zones than their country; Florida lies in two.
_REGION_ZONES = {
    "US-CA": ("America/Los_Angeles",),
    "US-FL": ("America/Chicago", "America/New_York"),
    "US-MA": ("America/New_York",),
    "US-NY-NYC": ("America/New_York",),
}


def read_case(facts: Mapping[str, Any], jurisdiction: str, *, at: datetime | None = None) -> Case:
    """Return the facts as the law's `Case`.

    Parameters
    ----------
    facts
        The object read from JSON, with the keys above; amounts that JSON wrote with a point must
        have been read as `Decimal` (`json.loads(..., parse_float=Decimal)`).
    jurisdiction
        The name of a shipped pack, in any case (`NL`, `US-MA`).
    at
        The moment (aware) that counts where the facts name none.

    Raises
    ------
    LawError
        For an unknown pack, key, word, day or sum: the message names its place and the remedy.
    """
    pack = pack_of(jurisdiction)
    known = [field.name for field in fields(Case) if field.name != "pack"]
    table = _Table(facts, "the facts", known)
    moment = table.take("at", _moment, at)
    if moment is None:
        raise LawError("the facts: 'at' is missing; say which moment is asked about")
    rows: dict[str, Any] = {name: table.rows(name, kind) for name, kind in _ROWS.items()}
    rows["holds"] = tuple(replace(hold, code=hold.code.upper()) for hold in rows["holds"])
    for number, notice in enumerate(rows["notices"], 1):
        _known_letter(notice.kind, f"notices, number {number}")
    zones = table.take("zones", _zones, zones_where(pack, moment))
    rest = table.fields_of(Case, ("at", "pack", "zones", *rows))
    return Case(at=moment, pack=pack, zones=zones, **rows, **rest)


def _known_letter(kind: str, place: str) -> None:
    """Refuse a letter of which no pack knows: it would count for nothing, unnoticed."""
    known = sorted({p.name for pack in shipped().values() for p in pack.section("notices")})
    if kind not in known:
        near = get_close_matches(kind, known, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"the letters there are: {_listed(known)}"
        raise LawError(f"{place}: 'kind' is {kind!r}; {hint}")


def zones_where(pack: Pack, at: datetime) -> tuple[str, ...]:
    """Return the zones in which somebody may be of whom only the jurisdiction is known.

    One zone of each offset that the country keeps at `at`, from west to east: a window has to be
    open in all of them. UTC where no country is known.
    """
    country, _dash, region = pack.jurisdiction.partition("-")
    if pack.jurisdiction in _REGION_ZONES:
        return _REGION_ZONES[pack.jurisdiction]
    if country == NONE:
        return (calendar.UTC,)
    if country == EU:
        # The regions of the Union's pack are its members.
        return zones_in(region, at) if region else _UNION_ZONES
    return zones_in("GB" if country == "UK" else country, at)


def zones_in(country: str, at: datetime) -> tuple[str, ...]:
    """Return one zone of each offset that a country (ISO 3166-1 alpha-2) keeps at `at`."""
    by_offset: dict[Any, str] = {}
    for zone in _zones_by_country().get(country, [calendar.UTC]):
        by_offset.setdefault(at.astimezone(ZoneInfo(zone)).utcoffset(), zone)
    return tuple(by_offset[offset] for offset in sorted(by_offset))


@cache
def _zones_by_country() -> dict[str, list[str]]:
    """Read which zones each country has, its capital's first."""
    text = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    found = {country: [zone] for country, zone in calendar.country_zones().items()}
    for line in text.splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found.setdefault(country, []).append(zone)
    return found


class _Table:
    """One object of the facts; a name in it that is not `known` is refused at once."""

    def __init__(self, table: object, place: str, known: Iterable[str]) -> None:
        if not isinstance(table, Mapping):
            raise LawError(f"{place}: this must be an object with names and values")
        self._table = table
        self._place = place
        names = list(known)
        for name in table:
            if name not in names:
                near = get_close_matches(str(name), names, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known are {_listed(names)}"
                raise LawError(f"{place}: {name!r} is not known here; {hint}")

    def take(self, name: str, read: Callable[[Any], Any], default: Any = None) -> Any:
        """Read a value, or return its default where it is missing or null."""
        value = self._table.get(name)
        if value is None:
            return default
        try:
            return read(value)
        except (LawError, ValueError, TypeError) as error:
            raise LawError(f"{self._place}: {name!r} is {value!r}; {error}") from error

    def need(self, name: str, read: Callable[[Any], Any]) -> Any:
        """Read a value that nothing can be assumed for."""
        if self._table.get(name) is None:
            raise LawError(f"{self._place}: {name!r} is missing")
        return self.take(name, read)

    def fields_of(self, kind: type[Any], left_out: Iterable[str] = ()) -> dict[str, Any]:
        """Read every field that a dataclass declares, by its type."""
        types = get_type_hints(kind)
        found = {}
        for field in fields(kind):
            if field.name in left_out:
                continue
            read = _READ_AS[types[field.name]]
            usual = _IMPLIED.get((kind, field.name), field.default)
            if usual is MISSING:
                found[field.name] = self.need(field.name, read)
            else:
                found[field.name] = self.take(field.name, read, usual)
        return found

    def rows(self, name: str, kind: type[_T]) -> tuple[_T, ...]:
        """Read a list of objects, each a row of `kind`."""
        rows = self._table.get(name) or []
        if not isinstance(rows, list | tuple):
            raise LawError(f"{self._place}: {name!r} must be a list")
        known = [field.name for field in fields(kind)]  # type: ignore[arg-type]
        tables = [_Table(row, f"{name}, number {n}", known) for n, row in enumerate(rows, 1)]
        return tuple(kind(**table.fields_of(kind)) for table in tables)


def _paid(value: Any) -> tuple[tuple[date, Decimal], ...]:
    """Read payments on a claim: a day and a sum each."""
    tables = [_Table(one, f"payment {n}", ("on", "amount")) for n, one in enumerate(value, 1)]
    return tuple((table.need("on", _day), table.need("amount", _sum)) for table in tables)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise LawError("write a text")
    return value.strip()


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise LawError("write true or false")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise LawError("write a whole number of zero or more")
    return value


def _sum(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise LawError('write an exact sum such as "820.00"')
    try:
        found = Decimal(value)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found < 0:
        raise LawError('write an exact sum of zero or more such as "820.00"')
    return found


def _day(value: Any) -> date:
    return read_day(value, "day")


def _moment(value: Any) -> datetime:
    wrong = LawError("write a moment with its offset such as 2026-11-21T10:00:00+01:00")
    try:
        found = datetime.fromisoformat(_text(value))
    except ValueError as error:
        raise wrong from error
    if found.tzinfo is None:
        raise wrong
    return found.astimezone(UTC)


def _zones(value: Any) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else tuple(value)
    known = calendar.known_zones()
    for name in names:
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise LawError(f"{name!r} is no zone{hint}")
    if not names:
        raise LawError("name at least one zone, or leave it out")
    return names


def _names(value: Any) -> frozenset[str]:
    if isinstance(value, str) or not all(isinstance(item, str) for item in value):
        raise LawError('write a list of texts such as ["email"]')
    return frozenset(value)


def _one_of(kind: type[_E]) -> Callable[[Any], _E]:
    def read(value: Any) -> _E:
        words = [str(word) for word in kind]
        if value not in words:
            near = get_close_matches(str(value), words, n=1)
            raise LawError(
                f"did you mean {near[0]!r}?" if near else f"it is one of {_listed(words)}"
            )
        return kind(value)

    return read


def _listed(names: list[Any]) -> str:
    return ", ".join(str(name) for name in names)


# How a field is read, by the type that its dataclass declares.
_READ_AS: dict[Any, Callable[[Any], Any]] = {
    str: _text,
    bool: _flag,
    bool | None: _flag,
    int | None: _whole,
    date: _day,
    date | None: _day,
    datetime: _moment,
    Decimal: _sum,
    Decimal | None: _sum,
    Actor: _one_of(Actor),
    Debtor | None: _one_of(Debtor),
    frozenset[str]: _names,
    tuple[tuple[date, Decimal], ...]: _paid,
}
_ROWS: dict[str, type[Any]] = {
    "claims": Claim,
    "notices": Notice,
    "contacts": Contact,
    "holds": Hold,
}
# What a row of the facts may leave out though its dataclass asks for it.
_IMPLIED: dict[tuple[type[Any], str], Any] = {
    (Claim, "invoice"): "",
    (Claim, "currency"): "EUR",
    (Notice, "channel"): "letter",
}
