"""The money over time: months that were, and weeks to come."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from tenor.platform.workbench.reports.kept import Kept, known
from tenor.platform.workbench.reports.tables import Block, Column, Table
from tenor.platform.workbench.words import short_date


def months_of(section: dict[str, Any], kept: Kept) -> Block:
    """Return what was billed, collected, open and overdue, month by month."""
    months = section["trend"]
    columns = [
        Column(_("Month")), Column(_("Billed"), "sum"), Column(_("Collected"), "sum"),
        Column(_("Open"), "sum"), Column(_("Overdue"), "sum"),
        Column(_("Overdue share"), "percent"),
        Column(_("Collected of what could be (CEI)"), "percent"),
        Column(_("Handed over"), "count"),
    ]  # fmt: skip
    rows = [
        [
            m["month"][:7], m["billed"], m["collected"], m["receivables"], m["overdue"],
            known(m["overdue_pct"]).value, known(m["cei_pct"]).value, m["handed_over"],
        ]
        for m in months
    ]  # fmt: skip
    table = Table(columns, rows, kept.currency)
    data = {
        "names": [month_name(m["month"]) for m in months],
        "series": [
            {"name": _("open"), "values": [float(m["receivables"]) for m in months]},
            {
                "name": _("overdue"),
                "values": [float(m["overdue"]) for m in months],
                "colour": "chart-3",
            },
        ],
        "write": {"money": kept.currency},
    }
    return Block(
        "months",
        _("Open and overdue, month by month"),
        _("Does what is open grow, and does it age?"),
        table,
        "lines",
        data,
    )


def dso_of(section: dict[str, Any]) -> Block:
    """Return the DSO, counted back, and at best, month by month."""
    months = section["trend"]
    parts = (
        ("dso", _("DSO"), "chart-1"),
        ("count_back_dso", _("counted back"), "chart-4"),
        ("best_possible_dso", _("best possible"), "chart-2"),
    )
    values = {name: [known(m[name]).value for m in months] for name, _words, _colour in parts}
    late = [known(m["average_days_delinquent"]).value for m in months]
    data = {
        "names": [month_name(m["month"]) for m in months],
        "series": [
            {
                "name": words,
                "values": [None if v is None else float(v) for v in values[name]],
                "colour": colour,
            }
            for name, words, colour in parts
        ],
        "write": {"digits": 1, "unit": _("days")},
    }
    columns = [
        Column(_("Month")), Column(_("DSO"), "number"), Column(_("Counted back"), "number"),
        Column(_("Best possible"), "number"), Column(_("Late on top (ADD)"), "number"),
    ]  # fmt: skip
    rows = [
        [m["month"][:7], *(values[name][at] for name, _w, _c in parts), late[at]]
        for at, m in enumerate(months)
    ]
    question = _("How many days of sales are out, and how many would be if nobody were late?")
    return Block(
        "dso",
        _("Days of sales outstanding"),
        question,
        Table(columns, rows),
        "lines",
        data,
        note=_("DSO moves with billing; judge by days late and by the comparison with the ladder."),
    )


def cash_of(kept: Kept) -> Block | None:
    """Return the cash to come from what is open, summed up week by week."""
    weeks = kept.weeks
    if not weeks:
        return None
    names = ("expected", "low", "high", "cumulative", "cumulative_low", "cumulative_high")
    heads = (
        _("Expected"), _("At least"), _("At most"),
        _("Since today"), _("at least"), _("at most"),
    )  # fmt: skip
    columns = [
        Column(_("Week of")), *(Column(head, "sum") for head in heads),
        Column(_("Without contact"), "sum"),
    ]  # fmt: skip
    table = Table(
        columns,
        [[w["week"], *(w[name] for name in names), w["without_contact"]] for w in weeks],
        kept.currency,
    )
    data = {
        "names": [short_date(date.fromisoformat(w["week"]), "j M") for w in weeks],
        "series": [
            {
                "name": _("since today"),
                "values": [w["cumulative"] for w in weeks],
                "low": [w["cumulative_low"] for w in weeks],
                "high": [w["cumulative_high"] for w in weeks],
            }
        ],
        "write": {"money": kept.currency},
    }
    return Block(
        "cash",
        _("Cash to come from what is open"),
        _("How much has come in by the end of each week? The band holds four times out of five."),
        table,
        "lines",
        data,
    )


def at_risk_of(section: dict[str, Any], kept: Kept) -> Block | None:
    """Return the share of each month that was unpaid after ninety days."""
    months = section["early_warning"]
    if not months:
        return None
    table = Table(
        [
            Column(_("Month of issue")),
            Column(_("Invoices"), "count"),
            Column(_("Billed"), "sum"),
            Column(_("Unpaid after 90 days"), "sum"),
            Column(_("Share"), "percent"),
        ],
        [
            [m["month"][:7], m["invoices"], m["billed"], m["unpaid"], known(m["unpaid_pct"]).value]
            for m in months
        ],
        kept.currency,
    )
    shares = [known(m["unpaid_pct"]).value for m in months]
    data = {
        "names": [month_name(m["month"]) for m in months],
        "series": [
            {
                "name": _("unpaid after 90 days"),
                "values": [None if s is None else float(s) / 100 for s in shares],
                "colour": "chart-3",
            }
        ],
        "write": {"percent": True, "digits": 1},
    }
    return Block(
        "at-risk",
        _("At risk: unpaid after ninety days"),
        _("Of what each month billed, how much was still unpaid three months later?"),
        table,
        "bars",
        data,
    )


def month_name(month: str) -> str:
    """Write a month as a person says it: Mar 2026."""
    return short_date(date.fromisoformat(month), "M Y")
