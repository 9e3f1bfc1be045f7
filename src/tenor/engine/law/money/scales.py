"""Forms that a scale of costs can have: slices of a sum, bands it falls in, a lawyers' tariff.

A form is data of a pack; a country is a row of numbers, never a branch of code.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from itertools import pairwise

from tenor.engine.law.values import Values

CENT = Decimal("0.01")
_HUNDRED = Decimal(100)
# One step of a calculation: what it is in words, and its exact amount.
Part = tuple[str, Decimal]


def rounded(amount: Decimal) -> Decimal:
    """Round to cents, half up, as sums of money are stated."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def shown(number: Decimal) -> str:
    """Write a number for people: without superfluous zeros, never as a power of ten."""
    return f"{number.normalize():f}"


@dataclass(frozen=True)
class Slices:
    """Each slice of the sum at its own percentage.

    `slices` are (upper end of the slice, percent of what lies in it), lowest first; the last has
    no end.
    """

    slices: tuple[tuple[Decimal | None, Decimal], ...]

    def parts(self, base: Decimal) -> Iterator[Part]:
        """Go through the slices that `base` reaches into."""
        start = Decimal(0)
        for end, percent in self.slices:
            within = (base if end is None else min(base, end)) - start
            if within <= 0:
                return
            yield (
                f"{shown(percent)}% of {within:,.2f} (from {start:,.2f})",
                within * percent / _HUNDRED,
            )
            if end is None:
                return
            start = end


@dataclass(frozen=True)
class Band:
    """What is due where the sum lies in the band: a fixed amount and a share of what is above it.

    `end` is the upper edge of the band (None: none), `percent` counts from its lower edge on.
    """

    end: Decimal | None
    fixed: Decimal
    percent: Decimal


@dataclass(frozen=True)
class Bands:
    """One band, that in which the sum lies; a fixed amount is a single band without an end.

    `edge_above` says that a sum right on an edge lies in the band above it ("less than 1,000").
    """

    bands: tuple[Band, ...]
    edge_above: bool

    def parts(self, base: Decimal) -> Iterator[Part]:
        """Go through what the band of `base` asks for."""
        start = Decimal(0)
        for band in self.bands:
            if band.end is None or base < band.end or (base == band.end and not self.edge_above):
                yield from _of_band(band, base, start)
                return
            start = band.end


def _of_band(band: Band, base: Decimal, start: Decimal) -> Iterator[Part]:
    if band.fixed:
        yield f"fixed sum for a claim of {base:,.2f}", band.fixed
    above = base - start
    if band.percent and above > 0:
        text = f"{shown(band.percent)}% of {above:,.2f} (above {start:,.2f})"
        yield text, above * band.percent / _HUNDRED


@dataclass(frozen=True)
class Tariff:
    """A tariff of fees by value: a unit fee for the value, times a factor, with expenses on top.

    `small` are (value up to which, unit fee); above the last of them `steps` (value up to which,
    width, unit) add a unit for every width begun. `first`, `normal` and `hard` are factors: when
    the first demand is paid, normally at most, and for a case unusually hard. `least` is the
    smallest fee; expenses are a percentage of the fee, `expenses_most` at most. Fee and expenses
    are rounded each by itself, as tariffs do.
    """

    small: tuple[tuple[Decimal, Decimal], ...]
    steps: tuple[tuple[Decimal | None, Decimal, Decimal], ...]
    first: Decimal
    normal: Decimal
    hard: Decimal
    least: Decimal
    expenses_percent: Decimal
    expenses_most: Decimal

    def unit(self, value: Decimal) -> Decimal:
        """Return the unit fee for a value: factor 1."""
        for end, fee in self.small:
            if value <= end:
                return fee
        start, fee = self.small[-1]
        for upto, width, more in self.steps:
            within = (value if upto is None else min(value, upto)) - start
            if within <= 0:
                break
            fee += more * (within / width).to_integral_value(ROUND_CEILING)
            if upto is None:
                break
            start = upto
        return fee

    def times(self, factor: Decimal | None) -> Decimal:
        """Return the factor that counts: the normal one if none is given, `hard` at most."""
        return min(self.normal if factor is None else factor, self.hard)

    def fee(self, value: Decimal, factor: Decimal | None = None) -> Decimal:
        """Return the fee for a value without expenses, to the cent."""
        return max(rounded(self.unit(value) * self.times(factor)), self.least)

    def parts(self, base: Decimal, factor: Decimal | None = None) -> Iterator[Part]:
        """Go through fee, smallest fee and expenses."""
        times = self.times(factor)
        unit = self.unit(base)
        fee = rounded(unit * times)
        yield f"fee {shown(times)} of the unit of {unit:,.2f} for a claim of {base:,.2f}", fee
        if fee < self.least:
            yield f"smallest fee {self.least:,.2f}", self.least - fee
            fee = self.least
        expenses = min(rounded(fee * self.expenses_percent / _HUNDRED), self.expenses_most)
        yield (
            f"expenses {shown(self.expenses_percent)}%, {self.expenses_most:,.2f} at most",
            expenses,
        )


Scale = Slices | Bands | Tariff
# The forms by their names in a pack; a fixed amount and tiers are bands.
FORMS = ("slices", "bands", "fixed", "tariff", "nothing")


def read_scale(values: Values) -> Scale | None:
    """Read `form` and the numbers that belong to it; None for the form `nothing`."""
    form = values.choice("form", FORMS)
    if form == "slices":
        return _read_slices(values)
    if form == "bands":
        return _read_bands(values)
    if form == "fixed":
        return Bands((Band(None, values.number("amount"), Decimal(0)),), False)
    return _read_tariff(values) if form == "tariff" else None


def _read_slices(values: Values) -> Slices:
    found = []
    for row in values.tables("slices"):
        found.append((row.number("upto", None), row.number("percent")))
        row.done()
    _check_ends(values, "slices", [end for end, _percent in found])
    return Slices(tuple(found))


def _read_bands(values: Values) -> Bands:
    found = []
    for row in values.tables("bands"):
        percent = row.number("percent", Decimal(0))
        found.append(Band(row.number("upto", None), row.number("fixed"), percent))
        row.done()
    _check_ends(values, "bands", [band.end for band in found])
    return Bands(tuple(found), values.flag("edge_above", False))


def _read_tariff(values: Values) -> Tariff:
    small, steps = [], []
    for row in values.tables("small"):
        small.append((row.number("upto"), row.number("unit")))
        row.done()
    for row in values.tables("steps"):
        steps.append((row.number("upto", None), row.number("width"), row.number("unit")))
        row.done()
    _check_ends(values, "steps", [end for end, _unit in small] + [step[0] for step in steps])
    return Tariff(
        small=tuple(small),
        steps=tuple(steps),
        first=values.number("factor_first"),
        normal=values.number("factor_normal"),
        hard=values.number("factor_hard"),
        least=values.number("smallest_fee"),
        expenses_percent=values.number("expenses_percent"),
        expenses_most=values.number("expenses_most"),
    )


def _check_ends(values: Values, name: str, ends: Sequence[Decimal | None]) -> None:
    """Refuse a scale that does not rise from row to row or does not go on for ever."""
    if not ends or ends[-1] is not None:
        raise values.wrong(name, "must end with a row without 'upto': a scale has no top")
    known = [end for end in ends[:-1] if end is not None]
    if len(known) != len(ends) - 1 or any(a >= b for a, b in pairwise(known)):
        raise values.wrong(name, "must have an 'upto' that rises from row to row")
