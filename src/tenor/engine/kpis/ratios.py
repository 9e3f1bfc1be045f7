"""The formulas of credit management on single figures: exact decimals, rounded once, half up.

A figure that has no meaning (nothing sold, nothing due) has no value and a reason, never a zero
and never an error. Money is `Decimal`; a float is refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from enum import StrEnum

CENT = Decimal("0.01")
# A euro collected costs a few cents: two decimals would hide the figure.
TENTH_OF_A_MILLE = Decimal("0.0001")
DAYS_PER_YEAR = 365

# Sums of a portfolio (up to 38 digits) divided by each other keep every digit that can matter.
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


class Reason(StrEnum):
    """Why a figure has no value."""

    NO_SALES = "NO_SALES"  # nothing was billed in the period
    HISTORY_TOO_SHORT = "HISTORY_TOO_SHORT"  # the months given do not cover the receivables
    NOTHING_TO_COLLECT = "NOTHING_TO_COLLECT"  # nothing in the period could have been collected
    NOTHING_COLLECTED = "NOTHING_COLLECTED"  # no money came in
    NO_COSTS = "NO_COSTS"  # no contact names what it cost
    NO_PROMISES_DUE = "NO_PROMISES_DUE"  # no promise has fallen due
    NOTHING_THERE = "NOTHING_THERE"  # the base of the share is empty
    NOTHING_ENDED = "NOTHING_ENDED"  # no invoice was paid, handed over or written off
    NOT_REACHED = "NOT_REACHED"  # so large a share has not been paid by the last day seen
    NO_DSO = "NO_DSO"  # no day of sales outstanding to divide by


@dataclass(frozen=True)
class Figure:
    """A number with two or four decimals, or the reason why there is none."""

    value: Decimal | None
    reason: Reason | None = None

    @classmethod
    def none(cls, reason: Reason) -> "Figure":
        """Return the figure that has no value because of `reason`."""
        return cls(None, reason)


@dataclass(frozen=True)
class Month:
    """What was billed in a month, and how many days of it count."""

    sales: Decimal
    days: int


@dataclass(frozen=True)
class CountBack:
    """The count-back DSO; where history is too short, the days it covers and the amount left."""

    dso: Figure
    covered_days: Decimal
    uncovered: Decimal


@dataclass(frozen=True)
class Promise:
    """A promise that has fallen due: what was promised, what was paid, and whether in time."""

    amount: Decimal
    paid: Decimal
    in_time: bool


@dataclass(frozen=True)
class PromisesKept:
    """Shares of the promises that fell due, in percent."""

    due: int
    kept: int
    kept_by_count_pct: Figure
    kept_by_amount_pct: Figure
    paid_in_time_of_promised_pct: Figure


@dataclass(frozen=True)
class Release:
    """Cash set free once by fewer days of sales outstanding, and the yearly sales behind it."""

    release: Figure
    implied_annual_sales: Figure


def rounded(value: Decimal, step: Decimal = CENT) -> Decimal:
    """Round half up to `step`."""
    return value.quantize(step, context=_EXACT)


def ratio(part: Decimal, whole: Decimal, *, times: Decimal, otherwise: Reason) -> Figure:
    """Return part / whole x times with two decimals; no value where `whole` is not positive."""
    if whole <= 0:
        return Figure.none(otherwise)
    return Figure(rounded(_EXACT.divide(_EXACT.multiply(part, times), whole)))


def share_pct(part: Decimal, whole: Decimal, otherwise: Reason = Reason.NOTHING_THERE) -> Figure:
    """Return part / whole x 100."""
    return ratio(part, whole, times=Decimal(100), otherwise=otherwise)


def dso_simple(receivables: Decimal, credit_sales: Decimal, days: int) -> Figure:
    """Return days sales outstanding: receivables / credit sales of the period x its days.

    Example
    -------
    >>> dso_simple(Decimal(300), Decimal(900), 90).value
    Decimal('30.00')
    """
    return ratio(receivables, credit_sales, times=Decimal(days), otherwise=Reason.NO_SALES)


def best_possible_dso(current_receivables: Decimal, credit_sales: Decimal, days: int) -> Figure:
    """Return the DSO if nothing were late: receivables not yet due / credit sales x days."""
    return dso_simple(current_receivables, credit_sales, days)


def average_days_delinquent(dso: Figure, best: Figure) -> Figure:
    """Return DSO - best possible DSO: the days of the DSO that are lateness."""
    if dso.value is None or best.value is None:
        return Figure.none(dso.reason or best.reason or Reason.NO_SALES)
    return Figure(dso.value - best.value)


def dso_countback(receivables: Decimal, months_latest_first: Iterable[Month]) -> CountBack:
    """Return the DSO by counting back: use up the receivables month by month from the newest.

    A month whose sales are used up whole counts all its days; the last one counts
    remainder / sales x days. A month without sales counts its days. Where the months end before
    the receivables do, the DSO has no value; the covered days and the uncovered amount say how
    far the months reach.
    """
    left, days = receivables, Decimal(0)
    with localcontext(_EXACT):
        for month in months_latest_first:
            if left <= 0:
                break
            if left < month.sales:
                days, left = days + left / month.sales * month.days, Decimal(0)
            else:
                days, left = days + month.days, left - month.sales
    if left > 0:
        return CountBack(Figure.none(Reason.HISTORY_TOO_SHORT), rounded(days), left)
    return CountBack(Figure(rounded(days)), rounded(days), Decimal(0))


def cei(
    beginning_receivables: Decimal,
    credit_sales: Decimal,
    ending_total: Decimal,
    ending_current: Decimal,
) -> Figure:
    """Return the collection effectiveness index in percent.

    (beginning + sales - ending total) / (beginning + sales - ending not yet due) x 100: of what
    could have been collected in the period, how much was.
    """
    base = beginning_receivables + credit_sales
    return share_pct(base - ending_total, base - ending_current, Reason.NOTHING_TO_COLLECT)


def receivables_turnover(credit_sales: Decimal, average_receivables: Decimal) -> Figure:
    """Return credit sales / average receivables: how often a period they are turned into cash."""
    return ratio(
        credit_sales, average_receivables, times=Decimal(1), otherwise=Reason.NOTHING_THERE
    )


def roll_rate(amount_in_next_now: Decimal, amount_in_bucket_before: Decimal) -> Figure:
    """Return in percent: amount now in bucket i+1 / amount in bucket i one period ago."""
    return share_pct(amount_in_next_now, amount_in_bucket_before)


def cost_to_collect(costs: Mapping[str, Decimal], collected: Decimal) -> Figure:
    """Return all costs / collected, with four decimals: what a euro collected costs.

    Payments that would have come unaided are in the base and flatter the figure.
    """
    if collected <= 0:
        return Figure.none(Reason.NOTHING_COLLECTED)
    total = sum(costs.values(), Decimal(0))
    return Figure(rounded(_EXACT.divide(total, collected), TENTH_OF_A_MILLE))


def promise_kept(promises: Sequence[Promise]) -> PromisesKept:
    """Return which share of the promises that fell due was kept, by count and by amount.

    Kept = the full sum by its date plus grace. Paid in time of promised = money that came in
    time, at most what was promised, / promised. Promises not yet due stay out of the base.
    """
    kept = [p for p in promises if p.in_time and p.paid >= p.amount]
    promised = sum((p.amount for p in promises), Decimal(0))
    in_time = sum((min(p.paid, p.amount) for p in promises if p.in_time), Decimal(0))
    none_due = Reason.NO_PROMISES_DUE
    return PromisesKept(
        due=len(promises),
        kept=len(kept),
        kept_by_count_pct=share_pct(Decimal(len(kept)), Decimal(len(promises)), none_due),
        kept_by_amount_pct=share_pct(sum((p.amount for p in kept), Decimal(0)), promised, none_due),
        paid_in_time_of_promised_pct=share_pct(in_time, promised, none_due),
    )


def release_at_dso(
    receivables: Decimal, dso: Decimal, days_less: Decimal, *, basis: int = DAYS_PER_YEAR
) -> Release:
    """Return the cash that `days_less` fewer days set free: receivables / DSO x days less.

    Once, not every year; what recurs is the interest on it.
    """
    no_dso = Reason.NO_DSO
    return Release(
        release=ratio(receivables, dso, times=days_less, otherwise=no_dso),
        implied_annual_sales=ratio(receivables, dso, times=Decimal(basis), otherwise=no_dso),
    )


def release_at_sales(
    annual_credit_sales: Decimal, days_less: Decimal, *, basis: int = DAYS_PER_YEAR
) -> Release:
    """Return the cash that `days_less` fewer days set free: yearly credit sales / basis x days."""
    return Release(
        release=ratio(
            annual_credit_sales, Decimal(basis), times=days_less, otherwise=Reason.NO_SALES
        ),
        implied_annual_sales=Figure(rounded(annual_credit_sales)),
    )
