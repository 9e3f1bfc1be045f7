"""Why the DSO changed between two days: parts in days that add up to the change, to the cent.

Receivables are looked at by the age of what was billed. With s the sales a day, B what was billed
at an age (weeks up to a quarter, then thirty days, up to a year) and R what is open of it,

    DSO = sum over ages of w u  (+ what is older than a year),   w = B / s,   u = R / B
    u   = t e + (1 - t) v + d - g

t: the share billed that is not yet due (the terms); e: of that, the share unpaid; v: of what has
fallen due, the share unpaid; d: disputed or on hold; g: handed over or written off (counted as
unpaid in e and v, so that giving up does not look like being paid). Evenly spread sales make w the
width of its age, whatever their level: only their shape moves the DSO. The change of a product is
split evenly, D(x y) = mean(x) D(y) + mean(y) D(x), so that the parts add up:

    sales         sum u D(w)                     terms        sum w (e - v) D(t)
    before_due    sum w t D(e)                   blocked      sum w D(d)
    handed_over   - sum w D(g)                   old_debt     D(older than a year / s)
    lateness      sum w (1 - t) m_c D(v_c)       mix          sum w (1 - t) v_c D(m_c)

the last two over groups of customers c with the share m_c of what has fallen due: that they pay
later than before, and that more is billed to those who pay late. (The split of a product is that
of Marshall and Edgeworth; the ages make it an exact form of "best possible DSO + days delinquent".)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import polars as pl

from tenor.engine.frames import Tables
from tenor.engine.kpis.blocked import blocked
from tenor.engine.kpis.history import billing, closed_at, courses, standing
from tenor.engine.kpis.periods import dso_days, flow, last_days, total
from tenor.engine.kpis.ratios import CENT, Figure, Reason, dso_simple, rounded

# Ages are counted in days from issue: weeks up to a quarter, then thirty days, up to about a year.
AGES = (*range(0, 91, 7), *range(121, 362, 30))
NAMED = 5

# What each driver says, for people, of days that it adds to the DSO.
DRIVERS = {
    "sales": "billing is spread otherwise over the last months",
    "terms": "invoices fall due after other terms",
    "before_due": "more or less is unpaid before it falls due",
    "lateness": "customers pay later or earlier after the due day",
    "mix": "more or less is billed to those who pay late",
    "blocked": "disputed or on hold",
    "handed_over": "handed over or written off",
    "old_debt": "open for more than a year",
}


@dataclass(frozen=True)
class GroupLateness:
    """The days by which one group of customers paying later or earlier moved the DSO.

    `name` is the customer's id, or for all others their `kind` ("others" where none is stated).
    """

    name: str
    is_customer: bool
    days: Decimal


@dataclass(frozen=True)
class DsoChange:
    """The DSO of one currency at two days, and what moved it.

    `drivers` are in the order of DRIVERS and sum to `change`; `lateness` splits that driver and
    sums to it, the largest movement first. Where a DSO has no value, neither has the change, and
    both are empty.
    """

    currency: str
    start: date
    end: date
    dso_start: Figure
    dso_end: Figure
    change: Figure
    drivers: tuple[tuple[str, Decimal], ...]
    lateness: tuple[GroupLateness, ...]


def dso_drivers(
    tables: Tables, *, start: datetime, end: datetime, named: int = NAMED
) -> tuple[DsoChange, ...]:
    """Say for each currency why the DSO at `end` is another than at `start` (both aware).

    Facts later than `end` are not looked at. The DSO is that of the audit: open receivables over
    the sales a day of the last quarter. `named` customers, those who were billed most in the two
    quarters, stand by themselves among the latecomers; the others by `customers.kind`.
    """
    known = tables.known_at(end)
    course, billed = courses(known), billing(known)
    groups = _groups(known, start, end, named)
    found = []
    for currency in known.invoices["currency"].unique().sort():
        mine = pl.col("currency") == currency
        own, sold = course.filter(mine), billed.filter(mine)
        first = own["issued_on"].min()
        assert isinstance(first, date)
        sides = [_side(known, own, sold, groups, at, first) for at in (start, end)]
        found.append(_change(currency, start.date(), end.date(), *sides))
    return tuple(found)


@dataclass(frozen=True)
class _Cell:
    """Sums of one age and group: billed and owed before and after the due day, and the rest."""

    ahead: Fraction = Fraction(0)
    ahead_owed: Fraction = Fraction(0)
    due: Fraction = Fraction(0)
    due_owed: Fraction = Fraction(0)
    blocked: Fraction = Fraction(0)
    gone: Fraction = Fraction(0)


@dataclass(frozen=True)
class _Side:
    """One of the two days: sales a day, the sums by (age, group), and what is older."""

    dso: Figure
    daily: Fraction
    cells: dict[tuple[int, str], _Cell]
    old: Fraction


def _groups(known: Tables, start: datetime, end: datetime, named: int) -> pl.DataFrame:
    """Return `invoice_id, group`: the customer's id for the largest, else their kind."""
    quarters = [last_days(t.date(), 90) for t in (start, end)]
    invoices = known.invoices.select("invoice_id", "customer_id", "amount", on="issued_on")
    largest = (
        invoices.filter(quarters[0] | quarters[1])
        .group_by("customer_id")
        .agg(pl.col("amount").sum())
        .sort("amount", "customer_id", descending=[True, False])
        .head(named)["customer_id"]
    )
    kinds = known.customers.select("customer_id", "kind")
    own = pl.lit("customer ") + pl.col("customer_id")
    group = pl.when(pl.col("customer_id").is_in(largest.implode())).then(own).otherwise("kind")
    return invoices.join(kinds, on="customer_id", how="left").select(
        "invoice_id", group=group.fill_null("others")
    )


def _side(
    known: Tables,
    course: pl.DataFrame,
    billed: pl.DataFrame,
    groups: pl.DataFrame,
    at: datetime,
    first: date,
) -> _Side:
    days = dso_days(first, at.date())
    sales = flow(billed, at.date(), days)
    rows = standing(course, at).join(groups, on="invoice_id", how="left")
    rows = rows.with_columns(
        age=(pl.lit(at.date()) - pl.col("issued_on")).dt.total_days(),
        gone=pl.col("is_owing") & (closed_at() <= at).fill_null(False),
        blocked=pl.col("is_open") & pl.col("invoice_id").is_in(blocked(known, at).implode()),
        is_due=pl.col("days_past_due") > 0,
    )
    receivables = total(rows.filter("is_open")["balance"])
    daily = Fraction(sales) / days if days > 0 else Fraction(0)
    young = pl.col("age") < AGES[-1]
    old = total(rows.filter(pl.col("is_open") & ~young)["balance"])
    number = sum((pl.col("age") >= age).cast(pl.Int64) for age in AGES)
    free, due = pl.col("is_owing") & ~pl.col("blocked"), pl.col("is_due")
    sums = (
        rows.filter(young)
        .group_by(age_number=number, group="group")
        .agg(
            ahead=pl.col("total").filter(~due).sum(),
            ahead_owed=pl.col("balance").filter(free & ~due).sum(),
            due=pl.col("total").filter(due).sum(),
            due_owed=pl.col("balance").filter(free & due).sum(),
            blocked=pl.col("balance").filter("blocked").sum(),
            gone=pl.col("balance").filter("gone").sum(),
        )
    )
    cells = {
        (row[0], row[1]): _Cell(*(Fraction(amount) for amount in row[2:])) for row in sums.rows()
    }
    return _Side(dso_simple(receivables, sales, days), daily, cells, Fraction(old))


def _change(currency: str, start: date, end: date, before: _Side, after: _Side) -> DsoChange:
    dso = before.dso, after.dso
    if dso[0].value is None or dso[1].value is None:
        none = Figure.none(dso[0].reason or dso[1].reason or Reason.NO_SALES)
        return DsoChange(currency, start, end, *dso, none, (), ())
    parts = dict.fromkeys(DRIVERS, Fraction(0))
    lateness: dict[str, Fraction] = {}
    groups = sorted({group for side in (before, after) for _, group in side.cells})
    for age in range(len(AGES) + 1):
        _add_age(age, groups, (before, after), parts, lateness)
    parts["lateness"] = sum(lateness.values(), Fraction(0))
    parts["old_debt"] = after.old / after.daily - before.old / before.daily
    change = dso[1].value - dso[0].value
    days = _rounded(parts, change)
    late = _rounded(lateness, days["lateness"])
    split = sorted(late.items(), key=lambda item: (-abs(item[1]), item[0]))
    return DsoChange(
        currency,
        start,
        end,
        *dso,
        Figure(change),
        tuple(days.items()),
        tuple(
            GroupLateness(g.removeprefix("customer "), g.startswith("customer "), d)
            for g, d in split
        ),
    )


def _add_age(
    age: int,
    groups: list[str],
    sides: tuple[_Side, _Side],
    parts: dict[str, Fraction],
    lateness: dict[str, Fraction],
) -> None:
    """Add what the invoices of one age did to the DSO to `parts` and `lateness`."""
    cells = [[side.cells.get((age, g), _Cell()) for g in groups] for side in sides]
    ahead, ahead_owed, due, due_owed, held, gone = (
        [sum((getattr(c, name) for c in row), Fraction(0)) for row in cells]
        for name in ("ahead", "ahead_owed", "due", "due_owed", "blocked", "gone")
    )
    billed = [a + d for a, d in zip(ahead, due, strict=True)]
    width = [b / side.daily for b, side in zip(billed, sides, strict=True)]
    t = _shares(ahead, billed)
    e = _shares(ahead_owed, ahead)
    v = _shares(due_owed, due)
    d, g = _shares(held, billed), _shares(gone, billed)
    u = [t[i] * e[i] + (1 - t[i]) * v[i] + d[i] - g[i] for i in (0, 1)]
    w = _mean(width)
    parts["sales"] += _mean(u) * _step(width)
    parts["terms"] += w * (_mean(e) - _mean(v)) * _step(t)
    parts["before_due"] += w * _mean(t) * _step(e)
    parts["blocked"] += w * _step(d)
    parts["handed_over"] -= w * _step(g)
    fallen_due = w * (1 - _mean(t))
    for number, group in enumerate(groups):
        own = [row[number] for row in cells]
        share = _shares([c.due for c in own], due)
        unpaid = _shares([c.due_owed for c in own], [c.due for c in own])
        late = fallen_due * _mean(share) * _step(unpaid)
        lateness[group] = lateness.get(group, Fraction(0)) + late
        parts["mix"] += fallen_due * _mean(unpaid) * _step(share)


def _shares(part: list[Fraction], whole: list[Fraction]) -> tuple[Fraction, Fraction]:
    """Return part / whole on both days; where there is no whole, as on the other day."""
    found = [p / w if w else None for p, w in zip(part, whole, strict=True)]
    before, after = found
    return (
        before if before is not None else after or Fraction(0),
        after if after is not None else before or Fraction(0),
    )


def _mean(pair: Iterable[Fraction]) -> Fraction:
    return sum(pair, Fraction(0)) / 2


def _step(pair: Iterable[Fraction]) -> Fraction:
    before, after = pair
    return after - before


def _rounded(parts: dict[str, Fraction], whole: Decimal) -> dict[str, Decimal]:
    """Round each part to cents; the largest takes what is then missing from `whole`."""
    days = {n: rounded(Decimal(p.numerator) / Decimal(p.denominator)) for n, p in parts.items()}
    if days:
        largest = max(days, key=lambda name: abs(days[name]))
        days[largest] += whole - sum(days.values(), Decimal(0))
    # A tiny negative part rounds to minus nothing: adding 0 takes its sign away.
    return {name: part.quantize(CENT) + 0 for name, part in days.items()}
