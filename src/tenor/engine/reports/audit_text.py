"""The audit for a terminal: its main figures as lines, and the whole in one."""

from tenor.engine.kpis.portfolio import Audit, CurrencyAudit
from tenor.engine.kpis.ratios import Figure
from tenor.engine.reports import words
from tenor.engine.reports.audit_time import around_due


def summary(audit: Audit) -> str:
    """Say the audit in a line for a terminal."""
    if not audit.sections:
        return f"No invoice had been issued by {words.day(audit.as_of)}: there is nothing to audit"
    said = [
        f"{words.round_money(s.open.amount, s.currency)} owed on "
        f"{words.count(s.open.invoices, 'invoice')}, {words.share(s.overdue_pct)} past due, "
        f"{_dso(s.dso)}"
        for s in audit.sections
    ]
    return f"On {words.day(audit.as_of)}: {'; '.join(said)}"


def overview(audit: Audit) -> str:
    """Write the main figures, a block a currency; what has no value is left out or says why."""
    return "\n\n".join(_block(s) for s in audit.sections)


def _dso(figure: Figure) -> str:
    if figure.value is None:
        return f"no DSO ({words.why_none(figure)})"
    return f"DSO {words.days(figure)}"


def _block(s: CurrencyAudit) -> str:
    title = (
        f"{s.currency}: {words.count(s.invoices, 'invoice')} of "
        f"{words.count(s.customers, 'customer')} since {words.day(s.first_issued_on)}"
    )
    rows = [(name, said) for name, said in _rows(s) if said]
    width = max(len(name) for name, _ in rows)
    return "\n".join([title, *(f"  {name:<{width}}  {said}" for name, said in rows)])


def _rows(s: CurrencyAudit) -> list[tuple[str, str]]:
    half, one_day = s.from_due.quantile(0.5), s.one_day.release
    best = f"if none were late: {words.days(s.best_possible_dso)}"
    return [
        (
            "owed",
            f"{words.money(s.open.amount, s.currency)} on "
            f"{words.count(s.open.invoices, 'invoice')}, {words.share(s.overdue_pct)} past due",
        ),
        ("by age", _shares({b.name: b.share_pct for b in s.ageing})),
        ("paid in 30 days", _shares({b.name: b.recovered_pct for b in s.ageing})),
        ("DSO", f"{_or_why(s.dso)}; counted back: {_or_why(s.count_back.dso)}"),
        ("of which late", _days_and(s.average_days_delinquent, best)),
        (
            "a day less frees",
            "" if one_day.value is None else words.money(one_day.value, s.currency),
        ),
        ("half are paid", "" if half.value is None else around_due(int(half.value))),
        ("effectiveness", _share_of(s.cei_pct, "of what could be collected (CEI)")),
        ("to collection", _share_of(s.escalation.share_pct, "of the invoices that ended")),
        ("promises kept", _share_of(s.promises.kept_by_count_pct, f"of {s.promises.due:,}")),
        ("contacts", _contacts(s)),
    ]


def _contacts(s: CurrencyAudit) -> str:
    made = sum(c.contacts for c in s.channels)
    said = f"{made:,} in twelve months"
    if s.contact_cost > 0:
        said += f", cost {words.money(s.contact_cost, s.currency)}"
    if s.cost_per_collected.value is not None:
        said += f", {s.cost_per_collected.value} for each {s.currency} collected"
    return said


def _or_why(figure: Figure) -> str:
    return words.days(figure) if figure.value is not None else words.why_none(figure)


def _days_and(figure: Figure, more: str) -> str:
    return "" if figure.value is None else f"{words.days(figure)}; {more}"


def _share_of(figure: Figure, what: str) -> str:
    return "" if figure.value is None else f"{words.share(figure)} {what}"


def _shares(figures: dict[str, Figure]) -> str:
    return ", ".join(f"{n} {words.share(f)}" for n, f in figures.items() if f.value is not None)
