"""The parts of the audit report about time: how old, how soon, getting faster or slower."""

from decimal import Decimal

from tenor.engine.kpis.ageing import Bucket
from tenor.engine.kpis.curve import Curve
from tenor.engine.kpis.portfolio import CurrencyAudit
from tenor.engine.kpis.ratios import Figure
from tenor.engine.kpis.trend import TrendMonth
from tenor.engine.reports import charts, words
from tenor.engine.reports.charts import Bar, Mark, Series
from tenor.engine.reports.page import Grid, Part

_BUCKET_WORDS = {
    "current": "not yet due",
    "1-30": "1–30 days late",
    "31-60": "31–60 days late",
    "61-90": "61–90 days late",
    "90+": "over 90 days late",
}
_BUCKET_KINDS = {"current": "soft", "61-90": "careful", "90+": "stop"}
# The curve of payment is drawn from its first percent to where it is flat, within these days.
_EARLIEST, _SOONEST_END, _LATEST = -180, 60, 365
_QUARTERS = {0.25: "a quarter", 0.5: "half", 0.75: "three quarters"}
# A change of the DSO smaller than this is the usual wobble of a month's billing.
_SAME_DAYS = 1


def ageing(s: CurrencyAudit) -> Part:
    """Say how old the receivables are."""
    answer = "Nothing is owed."
    if s.open.invoices:
        answer = (
            f"Customers owe {words.round_money(s.open.amount, s.currency)} on "
            f"{words.count(s.open.invoices, 'invoice')}. {words.share(s.ageing[0].share_pct)} of "
            f"it is not yet due; {_oldest(s)} more than 90 days late."
        )
    rows = [
        _bucket_bar(
            b,
            float(b.amount),
            words.round_money(b.amount, s.currency),
            f"{words.share(b.share_pct)} · {words.count(b.invoices, 'invoice')}",
        )
        for b in s.ageing
    ]
    grid = Grid(
        ("age", "invoices", "amount", "share"),
        [
            (
                _BUCKET_WORDS[b.name],
                f"{b.invoices:,}",
                words.money(b.amount, s.currency),
                words.share(b.share_pct),
            )
            for b in s.ageing
        ],
    )
    drawn = (("Owed, by age", charts.bars(rows, says=answer)),)
    return Part("ageing", "How old is what is owed?", answer, drawn, grid, _gone(s))


def _oldest(s: CurrencyAudit) -> str:
    oldest = s.ageing[-1]
    if not oldest.invoices:
        return "nothing is"
    return f"{words.share(oldest.share_pct)} ({words.round_money(oldest.amount, s.currency)}) is"


def _bucket_bar(bucket: Bucket, value: float, text: str, note: str = "") -> Bar:
    kind = _BUCKET_KINDS.get(bucket.name, "plain")
    return Bar(_BUCKET_WORDS[bucket.name], value, text, note, kind)


def _gone(s: CurrencyAudit) -> list[str]:
    """Say what is owed to someone else by now, or to nobody."""
    stands = ((s.handed_over, "handed over to collection"), (s.written_off, "written off"))
    return [
        f"{words.count(stand.invoices, 'invoice')} with "
        f"{words.round_money(stand.amount, s.currency)} owed "
        f"{'was' if stand.invoices == 1 else 'were'} {what} and no longer counted here."
        for stand, what in stands
        if stand.invoices
    ]


def recovery(s: CurrencyAudit) -> Part:
    """Say what came in from each age within the following month."""
    title = "What comes in from each age?"
    known = [b for b in s.ageing if b.recovered_pct.value is not None]
    if not known:
        answer = "No past month end has thirty days behind it yet, so nothing can be said."
        return Part("recovery", title, answer)
    first, last = known[0], known[-1]
    answer = (
        f"Of every {words.round_money(Decimal(100), s.currency)} that was "
        f"{_BUCKET_WORDS[first.name]} at a month's end, {_of_hundred(first, s.currency)} came in "
        "within the next 30 days"
    )
    if last is not first:
        said = _of_hundred(last, s.currency)
        answer += f"; of what was {_BUCKET_WORDS[last.name]}, {said}"
    rows = [
        _bucket_bar(b, float(b.recovered_pct.value or 0), words.share(b.recovered_pct))
        for b in known
    ]
    grid = Grid(
        ("age at a month's end", "stood", "came in within 30 days", "share", "moved a bucket on"),
        [
            (
                _BUCKET_WORDS[b.name],
                words.money(b.stood, s.currency),
                words.money(b.recovered, s.currency),
                words.share(b.recovered_pct),
                "–" if b.rolled_pct is None else words.share(b.rolled_pct),
            )
            for b in s.ageing
        ],
    )
    drawn = (("Share paid within 30 days", charts.bars(rows, says=answer)),)
    remark = "The same invoices are looked at twice, over the last twelve month ends."
    return Part("recovery", title, f"{answer}.", drawn, grid, (remark,))


def _of_hundred(bucket: Bucket, currency: str) -> str:
    return words.money(bucket.recovered_pct.value or Decimal(0), currency)


def days_to_pay(s: CurrencyAudit) -> Part:
    """Say how long invoices take to be paid."""
    title = "How long do invoices take to be paid?"
    due = s.from_due
    if not due.invoices:
        return Part("days", title, "No invoice was issued in the last two years.")
    if not due.days or due.paid[-1] == 0:
        return Part("days", title, "No invoice of the last two years has been paid yet.")
    answer = _paid_by(due)
    says_late = 1 - due.paid_by(30)
    answer += f" {_pc(says_late)} are still unpaid 30 days after the due day."
    points = _curve_points(due)
    marks = [
        Mark(float(day.value), share, f"{name}: {_day(int(day.value))}")
        for share, name in _QUARTERS.items()
        if (day := due.quantile(share)).value is not None
        and points[0][0] <= day.value <= points[-1][0]
    ]
    chart = charts.curve(points, marks, zero="due day", unit="days after the due day", says=answer)
    grid = Grid(
        ("days after the due day", "paid", "handed over or written off"),
        [
            (f"{d:,}".replace("-", "−"), _pc(due.paid_by(d)), _pc(due.handed_over_by(d)))
            for d in (-14, -7, 0, 7, 14, 30, 60, 90, 180)
        ],
    )
    remarks = [
        f"{words.count(due.invoices, 'invoice')} of the last two years; one still open counts for "
        "as long as it has been watched, one handed over as never paid to you."
    ]
    issue = {name: s.from_issue.quantile(share).value for share, name in _QUARTERS.items()}
    said = [f"{name} within {_n_days(int(v))}" for name, v in issue.items() if v is not None]
    if said:
        remarks.append(f"Counted from the day of issue: {words.listed(said)}.")
    return Part("days", title, answer, (("Share of invoices paid", chart),), grid, remarks)


def _paid_by(due: Curve) -> str:
    half, most = due.quantile(0.5).value, due.quantile(0.75).value
    if half is None:
        return f"{_pc(due.paid[-1])} of the invoices were paid in the time watched; not yet half."
    said = f"Half of the invoices are paid {around_due(int(half))}"
    if most is None:
        return f"{said}."
    plain = f"within {_n_days(int(most))}" if half > 0 else around_due(int(most))
    return f"{said}, three quarters {plain}."


def _curve_points(due: Curve) -> list[tuple[float, float]]:
    """Return the part of the curve that is drawn: from its first percent to where it is flat."""
    reached = dict(zip(due.days, due.paid, strict=True))
    begun = next((d for d, paid in reached.items() if paid >= 0.01), 0)
    flat = next((d for d, paid in reached.items() if paid >= 0.99 * due.paid[-1]), 0)
    first = max(_EARLIEST, min(begun - 3, -3))
    last = min(_LATEST, max(flat + 7, _SOONEST_END))
    inner = [d for d in due.days if first < d < last]
    return [(float(d), due.paid_by(d)) for d in (first, *inner, last)]


def _pc(value: float) -> str:
    return words.percent(Decimal(repr(round(value * 100, 4))))


def _n_days(number: int) -> str:
    return words.count(number, "day")


def _day(number: int) -> str:
    return "on the due day" if number == 0 else f"day {number:+d}".replace("-", "−")


def around_due(number: int) -> str:
    """Say a number of days from the due day."""
    if number == 0:
        return "by the due day"
    if number < 0:
        return f"{_n_days(-number)} before the due day"
    return f"within {_n_days(number)} after the due day"


def trend(s: CurrencyAudit) -> Part:
    """Say whether the DSO moved over a year."""
    title = "Is it getting faster or slower?"
    # Month ends only: within a month the DSO follows the day on which bills are sent.
    known = [m for m in s.trend if m.dso.value is not None and m.is_complete]
    if len(known) < 2:
        return Part(
            "trend", title, "There are no two month ends with billing before them to compare."
        )
    now, earlier = known[-1], known[max(0, len(known) - 13)]
    change = (now.dso.value or Decimal(0)) - (earlier.dso.value or Decimal(0))
    moved = "About the same" if abs(change) < _SAME_DAYS else "Slower" if change > 0 else "Faster"
    answer = (
        f"{moved}: DSO was {words.days(earlier.dso)} at the end of {words.month(earlier.month)} "
        f"and {words.days(now.dso)} at the end of {words.month(now.month)}; "
        f"{words.days(now.average_days_delinquent)} of it is lateness."
    )
    series = [
        Series("DSO", [_float(m.dso) for m in s.trend]),
        Series("if none late", [_float(m.best_possible_dso) for m in s.trend], "second"),
    ]
    labels = [words.short_month(m.month) for m in s.trend]
    chart = charts.lines(labels, series, unit="days", says=answer, between="late")
    grid = Grid(
        ("at the end of", "DSO", "counted back", "if none late", "of which late"),
        [
            (
                _month_of(m),
                words.days(m.dso),
                words.days(m.count_back_dso),
                words.days(m.best_possible_dso),
                words.days(m.average_days_delinquent),
            )
            for m in reversed(s.trend)
        ],
    )
    remark = (
        "DSO moves with sales too: a month of high billing raises it though nobody pays later. "
        "Judge a way of working by days to pay, not by this line alone."
    )
    drawn = (("Days sales outstanding at each month end", chart),)
    return Part("trend", title, answer, drawn, grid, (remark,))


def _float(figure: Figure) -> float | None:
    return None if figure.value is None else float(figure.value)


def _month_of(month: TrendMonth) -> str:
    return words.short_month(month.month) + ("" if month.is_complete else " (so far)")


def early_warning(s: CurrencyAudit) -> Part:
    """Say how much of each month's billing stayed unpaid, before it shows in the DSO."""
    title = "What do the newest months warn of?"
    cohorts = [c for c in s.early_warning if c.unpaid_pct.value is not None]
    if not cohorts:
        return Part(
            "early", title, "No month of the last two years has billing that is 90 days old."
        )
    last, before = cohorts[-1], cohorts[-13:-1]
    answer = (
        f"Of what was billed in {words.month(last.month)}, {words.share(last.unpaid_pct)} was "
        "still unpaid 90 days later"
    )
    if before:
        mean = sum((c.unpaid_pct.value or Decimal(0) for c in before), Decimal(0)) / len(before)
        span = "month" if len(before) == 1 else f"{len(before)} months"
        answer += f"; the {span} before averaged {words.percent(mean)}"
    chart = charts.columns(
        [words.short_month(c.month) for c in cohorts],
        [_float(c.unpaid_pct) for c in cohorts],
        [words.share(c.unpaid_pct) for c in cohorts],
        says=answer,
    )
    grid = Grid(
        ("month of issue", "invoices", "asked", "unpaid after 90 days", "share"),
        [
            (
                words.month(c.month),
                f"{c.invoices:,}",
                words.money(c.billed, s.currency),
                words.money(c.unpaid, s.currency),
                words.share(c.unpaid_pct),
            )
            for c in reversed(cohorts)
        ],
    )
    drawn = (("Share of a month's billing unpaid after 90 days", chart),)
    return Part("early", title, f"{answer}.", drawn, grid)


def months(s: CurrencyAudit) -> Part:
    """Show every month's flows and balances."""
    head = ("month", "billed", "collected", "owed at its end", "past due", "CEI", "contacts",
            "their cost", "handed over")  # fmt: skip
    grid = Grid(
        head,
        [
            (
                _month_of(m),
                words.money(m.billed, s.currency),
                words.money(m.collected, s.currency),
                words.money(m.receivables, s.currency),
                words.share(m.overdue_pct),
                words.share(m.cei_pct),
                f"{m.contacts:,}",
                words.money(m.contact_cost, s.currency),
                f"{m.handed_over:,}",
            )
            for m in reversed(s.trend)
        ],
    )
    answer = _billed_against_collected(s)
    title = "What comes in each month?"
    if not any(m.collected for m in s.trend):
        return Part("months", title, answer, (), grid)
    chart = charts.columns(
        [words.short_month(m.month) for m in s.trend],
        [float(m.collected) for m in s.trend],
        [words.round_money(m.collected, s.currency) for m in s.trend],
        says=answer,
        last_is_open=not s.trend[-1].is_complete,
    )
    return Part("months", title, answer, (("Collected", chart),), grid)


def _billed_against_collected(s: CurrencyAudit) -> str:
    complete = [m for m in s.trend if m.is_complete][-12:]
    if not complete:
        return "The first month is not over yet."
    billed = sum((m.billed for m in complete), Decimal(0))
    collected = sum((m.collected for m in complete), Decimal(0))
    span = "last full month" if len(complete) == 1 else f"last {len(complete)} full months"
    return (
        f"In the {span} {words.round_money(collected, s.currency)} came in and "
        f"{words.round_money(billed, s.currency)} was billed."
    )
