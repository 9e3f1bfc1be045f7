"""What tells early, and what tells late: a month of a currency in shares and days.

Early delinquency and kept promises move weeks before the receivables do; recovery and days to pay
say what has already come of it. All are shares of cohorts that are looked at when their time has
come, so that a figure never changes because its invoices are young.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import polars as pl

from tenor.engine.frames import Tables
from tenor.engine.kpis import contacts as contact_facts
from tenor.engine.kpis import history, ratios
from tenor.engine.kpis.ageing import BUCKETS, RECOVERY_DAYS, recovered_by_bucket
from tenor.engine.kpis.periods import month_ends
from tenor.engine.kpis.ratios import Figure, PromisesKept, Reason

# Money sent on the due day has arrived by then: who owes still is late, not slow at the bank.
EARLY_DAYS = 5
EARLY_WINDOW = 30
# Who became overdue is cured when paid within so many days of the due day.
CURE_DAYS = 30
# Recovery looks at what was overdue for longer than this at the month's beginning.
RECOVERY_FROM = BUCKETS[2:]


@dataclass(frozen=True)
class Indicators:
    """One month of one currency, as seen at `until` (its last day, or the day of asking).

    Leading
        `early_delinquency_pct`: of the invoices whose fifth day after the due day fell into the
        last 30 days, the share still owing on that day; `..._amount_pct` of what they asked.
        `promises`: those that fell due in the month.
        `cure_pct`: of the invoices that were owing on the day after their due day, and whose
        thirtieth day after it fell into the month, the share paid by then (handed over: not).
    Lagging
        `settled`: invoices paid off in the month; `days_to_pay` from issue and `days_late` from
        the due day, each the mean weighted by amount; `days_late_each` the plain mean.
        `recovery_pct`: of what was more than 30 days overdue 30 days ago, the share paid since.
    """

    currency: str
    month: date
    until: date
    is_complete: bool
    early_delinquency_pct: Figure
    early_delinquency_amount_pct: Figure
    promises: PromisesKept
    cure_pct: Figure
    cure_amount_pct: Figure
    settled: int
    days_to_pay: Figure
    days_late: Figure
    days_late_each: Figure
    recovery_pct: Figure


def indicators(tables: Tables, as_of: datetime, *, months: int = 24) -> tuple[Indicators, ...]:
    """Return the indicators of each currency's last months, oldest first, as known at `as_of`.

    At most `months` (up to 24) a currency, from its first invoice on; the last is the running one.
    """
    known = tables.known_at(as_of)
    course = history.courses(known)
    found = []
    for currency in known.invoices["currency"].unique().sort():
        mine = pl.col("currency") == currency
        own = course.filter(mine)
        first = own["issued_on"].min()
        assert isinstance(first, date)
        ends = history.settled(own)
        invoices = known.with_(invoices=known.invoices.filter(mine))
        found += [
            _month(currency, invoices, own, ends, moment)
            for moment in month_ends(first, as_of)[-months:]
        ]
    return tuple(found)


def _month(
    currency: str, known: Tables, course: pl.DataFrame, ends: pl.DataFrame, until: datetime
) -> Indicators:
    day = until.date()
    start = history.month_end(history.month_before(day))
    early = _owing_after(course, EARLY_DAYS, until - timedelta(days=EARLY_WINDOW), until)
    ran_out = _owing_after(course, CURE_DAYS, start, until)
    overdue = _owing_after(course, 1, None, until).filter("is_owing")
    cured = ran_out.join(overdue.select("invoice_id"), on="invoice_id", how="semi")
    paid = ends.filter(
        (pl.col("settled_at") > start)
        & (pl.col("settled_at") <= until)
        & (pl.col("total") > 0)
        & (history.closed_at().is_null() | (pl.col("settled_at") <= history.closed_at()))
    )
    stood = recovered_by_bucket(course, [until - timedelta(days=RECOVERY_DAYS)])
    amounts = [stood[name] for name in RECOVERY_FROM]
    return Indicators(
        currency=currency,
        month=day.replace(day=1),
        until=day,
        is_complete=until == history.month_end(day),
        early_delinquency_pct=_share(early, "is_owing"),
        early_delinquency_amount_pct=_amount_share(early, pl.col("balance").filter("is_owing")),
        promises=ratios.promise_kept(
            contact_facts.promises(known, course, since=start, as_of=until)
        ),
        cure_pct=_share(cured.with_columns(cured=~pl.col("is_owing")), "cured"),
        cure_amount_pct=_amount_share(
            cured, pl.min_horizontal(pl.col("total"), pl.col("total") - pl.col("balance"))
        ),
        settled=paid.height,
        days_to_pay=_mean_days(paid, "issued_on", by_amount=True),
        days_late=_mean_days(paid, "due_on", by_amount=True),
        days_late_each=_mean_days(paid, "due_on", by_amount=False),
        recovery_pct=ratios.share_pct(
            sum((came for _, came in amounts), Decimal(0)),
            sum((there for there, _ in amounts), Decimal(0)),
        ),
    )


def _owing_after(
    course: pl.DataFrame, days: int, after: datetime | None, until: datetime
) -> pl.DataFrame:
    """Return how each invoice stood at the end of the day so many days after its due day.

    Of those whose such day ended after `after` and by `until`. What was handed over or written
    off is owing.
    """
    end = pl.col("due_on").dt.offset_by(f"{days + 1}d").cast(pl.Datetime("us"))
    looked_at = end.dt.replace_time_zone("UTC") - timedelta(microseconds=1)
    when = looked_at <= until
    if after is not None:
        when &= looked_at > after
    holds = (pl.col("since") <= looked_at) & (
        pl.col("until").is_null() | (pl.col("until") > looked_at)
    )
    return course.filter(when & holds & (pl.col("total") > 0))


def _share(rows: pl.DataFrame, flag: str) -> Figure:
    return ratios.share_pct(Decimal(int(rows[flag].sum())), Decimal(rows.height))


def _amount_share(rows: pl.DataFrame, part: pl.Expr) -> Figure:
    found, asked = rows.select(part=part.sum(), asked=pl.col("total").sum()).row(0)
    return ratios.share_pct(Decimal(found or 0), Decimal(asked or 0))


def _mean_days(paid: pl.DataFrame, since: str, *, by_amount: bool) -> Figure:
    """Return the mean of the days from `since` to settlement, with two decimals."""
    days = (pl.col("settled_at").dt.date() - pl.col(since)).dt.total_days()
    rows = paid.select("total", days=days).rows()
    weights = [Decimal(total) if by_amount else Decimal(1) for total, _ in rows]
    weighed = sum((w * d for w, (_, d) in zip(weights, rows, strict=True)), Decimal(0))
    whole = sum(weights, Decimal(0))
    return ratios.ratio(weighed, whole, times=Decimal(1), otherwise=Reason.NOTHING_ENDED)
