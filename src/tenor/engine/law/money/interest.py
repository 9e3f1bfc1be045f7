"""Statutory interest on a late payment, split where rate or principal change, a line a stretch.

Days are counted half-open: the first day of default bears interest, the day of payment does not.
A year has 365 days, in leap years too (ACT/365). The sum is rounded once, half up, to cents.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tenor.engine.errors import LawError
from tenor.engine.law.case import Debtor
from tenor.engine.law.days import ONE_DAY, plus_years
from tenor.engine.law.money.rates import Rate, rate_of
from tenor.engine.law.money.scales import rounded, shown
from tenor.engine.law.pack import Pack, Reason
from tenor.engine.law.ruling import Line, Ruling

STEP = "charge.interest"
DAYS_PER_YEAR = 365
_HUNDRED = Decimal(100)
_ZERO = Decimal(0)


@dataclass(frozen=True)
class Stretch:
    """Days with one rate on one sum: from `first` on, up to but not including `until`.

    `base` is the sum that bears interest, `percent` the yearly rate, `amount` what it gives,
    unrounded.
    """

    first: date
    until: date
    base: Decimal
    percent: Decimal
    amount: Decimal
    reason: Reason | None

    @property
    def days(self) -> int:
        """Return how many days bear interest."""
        return (self.until - self.first).days


@dataclass(frozen=True)
class Accrual:
    """Interest over a period: its stretches in order, or, where a rate is not known, why.

    `years` are the years of the period with what each began with and brought: (first day, end,
    sum at the beginning, interest). Where interest bears interest, what a year brought joins the
    sum in whole cents.
    """

    stretches: tuple[Stretch, ...]
    refused: Reason | None = None
    known: bool = True
    years: tuple[tuple[date, date, Decimal, Decimal], ...] = ()

    @property
    def amount(self) -> Decimal:
        """Return the interest of the whole period; what is not yet part of the sum, unrounded."""
        return sum((brought for _first, _end, _base, brought in self.years), _ZERO)


def simple_interest(principal: Decimal, percent: Decimal, days: int) -> Decimal:
    """Return the interest of so many days at a yearly percentage, unrounded."""
    return principal * percent * days / (_HUNDRED * DAYS_PER_YEAR)


def accrue(
    pack: Pack,
    *,
    principal: Decimal,
    debtor: Debtor | None,
    first: date,
    until: date,
    contract_percent: Decimal | None = None,
    paid: Iterable[tuple[date, Decimal]] = (),
    compounds: bool | None = None,
) -> Accrual:
    """Return the interest of a period, stretch by stretch; see `statutory_interest`.

    Raises `LawError` where `principal` or a payment is negative.
    """
    payments = sorted(paid)
    if principal < 0 or any(amount < 0 for _day, amount in payments):
        raise LawError("interest: principal and payments cannot be negative")

    def rate_on(day: date) -> Rate:
        return rate_of(pack, day, debtor=debtor, contract_percent=contract_percent)

    stretches: list[Stretch] = []
    years = []
    base = max(principal - _paid(payments, date.min, first), _ZERO)
    begin, number = first, 1
    while begin < until:
        end = min(plus_years(first, number), until)
        year, refused = _year(rate_on, base, begin, end, payments)
        if year is None:
            return Accrual((), refused, known=False)
        brought = sum((stretch.amount for stretch in year), _ZERO)
        joins = rate_on(end - ONE_DAY).compounds if compounds is None else compounds
        if joins and end < until:
            brought = rounded(brought)
        stretches += year
        years.append((begin, end, base, brought))
        left = max(base - _paid(payments, begin, end), _ZERO)
        base = left + (brought if joins else _ZERO)
        begin, number = end, number + 1
    return Accrual(tuple(_joined(stretches)), years=tuple(years))


def statutory_interest(
    pack: Pack,
    *,
    principal: Decimal,
    debtor: Debtor | None,
    first: date,
    until: date,
    contract_percent: Decimal | None = None,
    paid: Iterable[tuple[date, Decimal]] = (),
    compounds: bool | None = None,
    currency: str = "",
) -> Ruling:
    """Return the interest that the law lets a creditor charge for a period, line by line.

    Parameters
    ----------
    pack
        Where; its rates of each day count.
    principal
        What was open on `first`, without interest and costs. Zero or more.
    debtor
        Who owes; None (not known) counts as a consumer.
    first, until
        The first day of default, and the day paid (or asked about), which bears none.
    contract_percent
        The yearly rate that the contract sets, within the pack's bounds; None: none.
    paid
        Payments on the principal, (day, amount): from that day on it is less.
    compounds
        Whether interest bears interest after each full year; None: as the pack says, and at a rate
        of the contract it does not.
    currency
        Of the principal, for the ruling; empty: the pack's.

    Returns
    -------
    Ruling
        Step `charge.interest`; `amount` is the sum of the lines. Not allowed, without amount, where
        the rate of one of the days is not known or none is due.

    Raises
    ------
    LawError
        Where `principal` or a payment is negative.
    """
    found = accrue(
        pack,
        principal=principal,
        debtor=debtor,
        first=first,
        until=until,
        contract_percent=contract_percent,
        paid=paid,
        compounds=compounds,
    )
    if not found.known:
        why = () if found.refused is None else (found.refused,)
        todo = ("Look up the rate of interest and add it to the pack.",)
        due = any(reason.code == "NO_INTEREST_DUE" for reason in why)
        return Ruling(STEP, False, why, todo=() if due else todo)
    lines = [Line(_said(s), s.amount, s.reason) for s in found.stretches]
    total = rounded(found.amount)
    exact = sum((line.amount for line in lines), _ZERO)
    if total != exact:
        lines.append(Line("rounded to cents", total - exact))
    reasons = tuple(dict.fromkeys(s.reason for s in found.stretches if s.reason is not None))
    return Ruling(
        STEP, True, reasons, amount=total, currency=currency or pack.currency, lines=tuple(lines)
    )


def _year(
    rate_on: Callable[[date], Rate],
    base: Decimal,
    begin: date,
    end: date,
    payments: list[tuple[date, Decimal]],
) -> tuple[list[Stretch] | None, Reason | None]:
    """Go through a period of at most a year in which no interest bears interest."""
    stretches: list[Stretch] = []
    day = begin
    while day < end:
        rate = rate_on(day)
        if rate.percent is None:
            return None, rate.reason
        stops = [end, *(on for on, _amount in payments if on > day)]
        if rate.changes_on is not None:
            stops.append(rate.changes_on)
        open_now = max(base - _paid(payments, begin, day), _ZERO)
        stretches.append(_stretch(day, min(stops), open_now, rate.percent, rate.reason))
        day = min(stops)
    return stretches, None


def _paid(payments: list[tuple[date, Decimal]], after: date, until: date) -> Decimal:
    """Return what was paid after one day and up to another, that one included."""
    return sum((amount for day, amount in payments if after < day <= until), _ZERO)


def _stretch(
    first: date, until: date, base: Decimal, percent: Decimal, reason: Reason | None
) -> Stretch:
    amount = simple_interest(base, percent, (until - first).days)
    return Stretch(first, until, base, percent, amount, reason)


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Join neighbours of one rate and sum: a row of the table that changed nothing is no line."""
    joined: list[Stretch] = []
    for one in stretches:
        last = joined[-1] if joined else None
        if last is not None and (last.base, last.percent) == (one.base, one.percent):
            joined[-1] = _stretch(last.first, one.until, one.base, one.percent, last.reason)
        else:
            joined.append(one)
    return joined


def _said(stretch: Stretch) -> str:
    last = stretch.until - ONE_DAY
    return (
        f"{stretch.days} days, {stretch.first} to {last}, at {shown(stretch.percent)}% a year "
        f"on {stretch.base:,.2f}"
    )
