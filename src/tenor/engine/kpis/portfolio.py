"""The baseline of a portfolio: every figure of the audit, exact, a section per currency."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.frames import Tables
from tenor.engine.kpis import contacts as contact_facts
from tenor.engine.kpis import history, ratios
from tenor.engine.kpis.ageing import Bucket, ageing
from tenor.engine.kpis.contacts import Channel
from tenor.engine.kpis.curve import Curve, days_to_pay
from tenor.engine.kpis.periods import (
    YEAR_DAYS,
    count_back,
    dso_days,
    effectiveness,
    flow,
    last_days,
    month_ends,
    total,
)
from tenor.engine.kpis.ratios import CountBack, Figure, PromisesKept, Reason, Release
from tenor.engine.kpis.trend import Cohort, TrendMonth, early_warning, trend

# Two years of invoices show the slow payers too; older habits say little about today.
CURVE_DAYS = 730
_NONE = Decimal(0)


@dataclass(frozen=True)
class Standing:
    """How many invoices and how much money stand somewhere."""

    invoices: int
    amount: Decimal


@dataclass(frozen=True)
class Escalation:
    """Of the invoices that ended in the last year, how many were handed over to collection."""

    ended: int
    handed_over: int
    written_off: int
    share_pct: Figure
    amount_share_pct: Figure


@dataclass(frozen=True)
class CurrencyAudit:
    """All figures of the invoices in one currency; amounts are in that currency."""

    currency: str
    invoices: int
    customers: int
    first_issued_on: date
    open: Standing
    overdue: Standing
    overdue_pct: Figure
    handed_over: Standing
    written_off: Standing
    dso_days: int
    credit_sales: Decimal
    dso: Figure
    count_back: CountBack
    best_possible_dso: Figure
    average_days_delinquent: Figure
    cei_pct: Figure
    ageing: tuple[Bucket, ...]
    escalation: Escalation
    from_due: Curve
    from_issue: Curve
    collected: Decimal
    channels: tuple[Channel, ...]
    contact_cost: Decimal
    cost_per_collected: Figure
    promises: PromisesKept
    one_day: Release
    ten_days: Release
    early_warning: tuple[Cohort, ...]
    trend: tuple[TrendMonth, ...]


@dataclass(frozen=True)
class Audit:
    """The baseline of a portfolio at `as_of`; `sections` by number of invoices, largest first.

    `contacts_elsewhere` are contacts with customers that have no invoice. `complaints` and
    `opt_outs` are those of the last year.
    """

    as_of: datetime
    customers: int
    invoices: int
    contacts: int
    contacts_elsewhere: int
    complaints: int
    opt_outs: int
    sections: tuple[CurrencyAudit, ...]


def audit(tables: Tables, as_of: datetime) -> Audit:
    """Work out the baseline of a portfolio from what was known at `as_of` (aware).

    Never fails on thin data: a figure that has no meaning has no value and a `Reason`.
    """
    known = tables.known_at(as_of)
    course = history.courses(known)
    facts = _Facts(
        known,
        history.billing(known),
        history.collections(known),
        contact_facts.contacts_by_currency(known),
        as_of,
    )
    sizes = (
        known.invoices.group_by("currency").len().sort("len", "currency", descending=[True, False])
    )
    year_ago = as_of.date() - timedelta(days=YEAR_DAYS)

    def in_last_year(kind: Kind) -> int:
        return contact_facts.happened(known.events, [kind], since=year_ago, until=as_of.date())

    return Audit(
        as_of=as_of,
        customers=known.invoices["customer_id"].n_unique(),
        invoices=known.invoices.height,
        contacts=known.contacts.height,
        contacts_elsewhere=facts.contacts["currency"].null_count(),
        complaints=in_last_year(Kind.COMPLAINED),
        opt_outs=in_last_year(Kind.OPTED_OUT),
        sections=tuple(
            _section(currency, course.filter(pl.col("currency") == currency), facts.of(currency))
            for currency in sizes["currency"]
        ),
    )


@dataclass(frozen=True)
class _Facts:
    """The flows of a portfolio or of one currency in it, and the moment they are seen from."""

    tables: Tables
    billed: pl.DataFrame
    collected: pl.DataFrame
    contacts: pl.DataFrame
    as_of: datetime

    def of(self, currency: str) -> "_Facts":
        mine = pl.col("currency") == currency
        return _Facts(
            self.tables.with_(invoices=self.tables.invoices.filter(mine)),
            self.billed.filter(mine),
            self.collected.filter(mine),
            self.contacts.filter(mine),
            self.as_of,
        )


def _section(currency: str, course: pl.DataFrame, facts: _Facts) -> CurrencyAudit:
    as_of, invoices = facts.as_of, facts.tables.invoices
    first: date = invoices["issued_on"].min()  # type: ignore[assignment]
    now = history.standing(course, as_of)
    is_open, overdue = pl.col("is_open"), pl.col("days_past_due") > 0
    receivables = _stand(now, is_open)
    late = _stand(now, is_open & overdue)
    days = dso_days(first, as_of.date())
    sales = flow(facts.billed, as_of.date(), days)
    dso = ratios.dso_simple(receivables.amount, sales, days)
    best = ratios.best_possible_dso(receivables.amount - late.amount, sales, days)
    collected = flow(facts.collected, as_of.date(), YEAR_DAYS)
    contacts = facts.contacts.filter(last_days(as_of.date(), YEAR_DAYS))
    channels = contact_facts.by_channel(contacts)
    cost = sum((c.cost for c in channels), _NONE)
    ends = history.settled(course)
    recent = ends.filter(pl.col("issued_on") > as_of.date() - timedelta(days=CURVE_DAYS))
    months = month_ends(first, as_of)
    return CurrencyAudit(
        currency=currency,
        invoices=invoices.height,
        customers=invoices["customer_id"].n_unique(),
        first_issued_on=first,
        open=receivables,
        overdue=late,
        overdue_pct=ratios.share_pct(late.amount, receivables.amount),
        handed_over=_stand(now, pl.col("is_owing") & (pl.col("escalated_at") <= as_of)),
        written_off=_stand(now, pl.col("is_owing") & (pl.col("written_off_at") <= as_of)),
        dso_days=days,
        credit_sales=sales,
        dso=dso,
        count_back=count_back(receivables.amount, facts.billed, as_of.date(), first),
        best_possible_dso=best,
        average_days_delinquent=ratios.average_days_delinquent(dso, best),
        cei_pct=effectiveness(course, facts.billed, as_of - timedelta(days=days), as_of),
        ageing=ageing(course, as_of, months[:-1][-12:]),
        escalation=_escalation(ends, as_of),
        from_due=days_to_pay(recent, as_of, since="due_on"),
        from_issue=days_to_pay(recent, as_of, since="issued_on"),
        collected=collected,
        channels=channels,
        contact_cost=cost,
        cost_per_collected=_cost_per_collected(channels, cost, collected),
        promises=ratios.promise_kept(
            contact_facts.promises(
                facts.tables, course, since=as_of - timedelta(days=YEAR_DAYS), as_of=as_of
            )
        ),
        one_day=_release(receivables.amount, dso, 1),
        ten_days=_release(receivables.amount, dso, 10),
        early_warning=early_warning(course, as_of),
        trend=trend(course, facts.billed, facts.collected, facts.contacts, months),
    )


def _stand(now: pl.DataFrame, which: pl.Expr) -> Standing:
    rows = now.filter(which)
    return Standing(rows.height, total(rows["balance"]))


def _cost_per_collected(channels: tuple[Channel, ...], cost: Decimal, collected: Decimal) -> Figure:
    if all(c.unpriced == c.contacts for c in channels):
        return Figure.none(Reason.NO_COSTS)
    return ratios.cost_to_collect({"contacts": cost}, collected)


def _release(receivables: Decimal, dso: Figure, days: int) -> Release:
    if dso.value is None:
        none = Figure.none(dso.reason or Reason.NO_DSO)
        return Release(none, none)
    return ratios.release_at_dso(receivables, dso.value, Decimal(days))


def _escalation(ends: pl.DataFrame, as_of: datetime) -> Escalation:
    """Look at the invoices that were paid, handed over or written off in the last year."""
    ended_at = pl.min_horizontal("settled_at", "escalated_at", "written_off_at")
    ended = ends.filter((ended_at > as_of - timedelta(days=YEAR_DAYS)) & (ended_at <= as_of))
    escalated = ended.filter(pl.col("escalated_at") == ended_at)
    return Escalation(
        ended=ended.height,
        handed_over=escalated.height,
        written_off=ended.filter(
            (pl.col("written_off_at") == ended_at) & pl.col("escalated_at").ne_missing(ended_at)
        ).height,
        share_pct=ratios.share_pct(
            Decimal(escalated.height), Decimal(ended.height), Reason.NOTHING_ENDED
        ),
        amount_share_pct=ratios.share_pct(
            total(escalated["total"]), total(ended["total"]), Reason.NOTHING_ENDED
        ),
    )
