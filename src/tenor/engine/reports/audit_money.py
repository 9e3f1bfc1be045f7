"""The parts of the audit report about money and effort: contacts, endings, what a day is worth."""

from decimal import Decimal

from tenor.engine.kpis.contacts import Channel
from tenor.engine.kpis.portfolio import CurrencyAudit
from tenor.engine.reports import charts, words
from tenor.engine.reports.charts import Bar
from tenor.engine.reports.page import Grid, Headline, Part


def headlines(section: CurrencyAudit) -> list[Headline]:
    """Return the four figures that a credit manager looks for first."""
    s = section
    back = s.count_back.dso
    counted = f"counted back {words.days(back)}" if back.value is not None else ""
    one_day = s.one_day.release
    return [
        Headline("Days sales outstanding", words.days(s.dso), words.why_none(s.dso) or counted),
        Headline(
            "of which late",
            words.days(s.average_days_delinquent),
            f"if none were late {words.days(s.best_possible_dso)}",
        ),
        Headline(
            "Past due",
            words.share(s.overdue_pct),
            f"{words.round_money(s.overdue.amount, s.currency)} on "
            f"{words.count(s.overdue.invoices, 'invoice')}",
        ),
        Headline(
            "One day less frees",
            "–" if one_day.value is None else words.round_money(one_day.value, s.currency),
            words.why_none(one_day) or "once, for every day",
        ),
    ]


def contacts(s: CurrencyAudit) -> Part:
    """Say what contact was made in the last year and what it cost."""
    title = "What contact was made, and what did it cost?"
    made = sum(c.contacts for c in s.channels)
    if not made:
        return Part("contacts", title, "No contact was made in the last twelve months.")
    answer = f"{words.count(made, 'contact')} in the last twelve months "
    if s.cost_per_collected.value is None:
        answer += f"({words.why_none(s.cost_per_collected)})."
    else:
        of_hundred = words.money(s.cost_per_collected.value * 100, s.currency)
        answer += (
            f"cost {words.round_money(s.contact_cost, s.currency)}: {of_hundred} for every "
            f"{words.round_money(Decimal(100), s.currency)} collected."
        )
    counts = [
        Bar(c.name, c.contacts, f"{c.contacts:,}", words.percent(Decimal(c.contacts * 100) / made))
        for c in s.channels
    ]
    drawn = [("How many", charts.bars(counts, says=answer))]
    if s.contact_cost > 0:
        drawn.append(("What they cost", charts.bars(_costs(s), says=answer)))
    grid = Grid(
        ("channel", "contacts", "cost", "a contact", "without a cost"),
        [
            (
                c.name,
                f"{c.contacts:,}",
                words.money(c.cost, s.currency),
                _each(c, s.currency),
                f"{c.unpriced:,}",
            )
            for c in s.channels
        ],
    )
    remarks = (
        f"{words.money(s.collected, s.currency)} was collected in those months, part of which "
        "would have come unaided: the figure says what contact costs, not what it brings.",
        "Only the cost of contacts is known here; staff, platform and legal costs are not.",
    )
    return Part("contacts", title, answer, drawn, grid, remarks)


def _costs(s: CurrencyAudit) -> list[Bar]:
    return [
        Bar(
            c.name,
            float(c.cost),
            words.round_money(c.cost, s.currency),
            words.percent(c.cost * 100 / s.contact_cost),
        )
        for c in s.channels
    ]


def _each(channel: Channel, currency: str) -> str:
    priced = channel.contacts - channel.unpriced
    return words.money(channel.cost / priced, currency) if priced else "–"


def endings(s: CurrencyAudit) -> Part:
    """Say how invoices ended in the last year, and whether promises were kept."""
    e, p = s.escalation, s.promises
    answer = "No invoice ended in the last twelve months."
    drawn = []
    if e.share_pct.value is not None:
        answer = (
            f"Of {words.count(e.ended, 'invoice')} that ended in the last twelve months "
            f"{e.handed_over:,} ({words.share(e.share_pct)}) went to collection."
        )
    if p.kept_by_count_pct.value is None:
        answer += " No promise to pay fell due."
    else:
        answer += (
            f" Of {words.count(p.due, 'promise')} that fell due {p.kept:,} "
            f"({words.share(p.kept_by_count_pct)}) {'was' if p.kept == 1 else 'were'} kept."
        )
    if e.ended:
        drawn.append(("How invoices ended", charts.bars(_ends(s), says=answer)))
    grid = Grid(
        ("", "by number", "by amount"),
        [
            ("went to collection", words.share(e.share_pct), words.share(e.amount_share_pct)),
            ("promises kept", words.share(p.kept_by_count_pct), words.share(p.kept_by_amount_pct)),
            ("promised money that came in time", "", words.share(p.paid_in_time_of_promised_pct)),
            ("collection effectiveness (CEI)", "", words.share(s.cei_pct)),
        ],
    )
    return Part("endings", "How do invoices end, and are promises kept?", answer, drawn, grid)


def _ends(s: CurrencyAudit) -> list[Bar]:
    e = s.escalation
    counts = {
        ("paid", "good"): e.ended - e.handed_over - e.written_off,
        ("went to collection", "stop"): e.handed_over,
        ("written off", "careful"): e.written_off,
    }
    return [
        Bar(name, number, f"{number:,}", words.percent(Decimal(number * 100) / e.ended), kind)
        for (name, kind), number in counts.items()
    ]


def release(s: CurrencyAudit) -> Part:
    """Say what one day and ten days of DSO set free."""
    title = "What is a day worth?"
    one, ten = s.one_day.release, s.ten_days.release
    if one.value is None or ten.value is None:
        return Part("release", title, f"It cannot be said: {words.why_none(one)}.")
    answer = (
        f"Every day of DSO ties up {words.round_money(one.value, s.currency)}. Ten days less "
        f"would free {words.round_money(ten.value, s.currency)}"
    )
    freed = [("1 day less", one.value, "1 day"), ("10 days less", ten.value, "10 days")]
    if s.overdue.invoices:
        answer += f"; if nothing were late, {words.round_money(s.overdue.amount, s.currency)}"
        days_late = words.days(s.average_days_delinquent)
        freed.append(("nothing late", s.overdue.amount, days_late))
    rows = [
        Bar(name, float(amount), words.round_money(amount, s.currency),
            days if name == "nothing late" else "")
        for name, amount, days in freed
    ]  # fmt: skip
    grid = Grid(
        ("", "days of DSO", "cash set free"),
        [(name, days, words.money(amount, s.currency)) for name, amount, days in freed],
    )
    remark = "Freed once. What returns every year is the interest on it."
    drawn = (("Cash set free", charts.bars(rows, says=answer)),)
    return Part("release", title, f"{answer}.", drawn, grid, (remark,))
