"""What tells early and what tells late: a month a row, each figure of a cohort in its time."""

from typing import Any

from django.utils.translation import gettext as _

from tenor.platform.core.models import Organisation
from tenor.platform.workbench.reports.kept import Kept, known
from tenor.platform.workbench.reports.over_time import month_name
from tenor.platform.workbench.reports.tables import Block, Column, Fact, Report, Table
from tenor.platform.workbench.reports.words import days
from tenor.platform.workbench.templatetags.tenor import percent

_KEPT = "kept_by_count_pct"


def report(organisation: Organisation, kept: Kept) -> Report:
    """Return the report of early and late signs."""
    months = kept.indicators
    question = _("What will the receivables do next, and what have they done?")
    if not months:
        text = _("Once a month has been planned, the signs of each month stand here.")
        return Report("signs", _("Early and late signs"), question, notices=[text])
    return Report(
        "signs",
        _("Early and late signs"),
        question,
        _facts(months),
        [_leading(months), _lagging(months), _table(months)],
    )


def _facts(months: list[dict[str, Any]]) -> list[Fact]:
    last = months[-1]
    before = next((m for m in reversed(months[:-1]) if m["is_complete"]), None)

    def month_before(read: Any) -> str:
        return _("%(value)s the month before") % {"value": read(before)} if before else ""

    def share(name: str) -> Any:
        return lambda m: _share(known(m[name]).value)

    def kept_promises(m: dict[str, Any]) -> str:
        return _share(known(m["promises"][_KEPT]).value)

    def late(m: dict[str, Any]) -> str:
        return days(known(m["days_late_each"]).value)

    facts = (
        (_("Early: late five days after the due day"), share("early_delinquency_pct")),
        (_("Early: promises kept"), kept_promises),
        (_("Late: days late of what was paid"), late),
        (_("Late: recovered of what was over 30 days late"), share("recovery_pct")),
    )
    return [Fact(label, read(last), month_before(read)) for label, read in facts]


def _share(value: Any) -> str:
    return percent(value / 100 if value is not None else None)


def _series(months: list[dict[str, Any]], read: Any, times: float) -> list[float | None]:
    values = [known(read(m)).value for m in months]
    return [None if v is None else float(v) * times for v in values]


def _leading(months: list[dict[str, Any]]) -> Block:
    data = {
        "names": [month_name(m["month"]) for m in months],
        "series": [
            {
                "name": _("late after 5 days"),
                "colour": "chart-3",
                "values": _series(months, lambda m: m["early_delinquency_pct"], 0.01),
            },
            {
                "name": _("promises kept"),
                "colour": "chart-4",
                "values": _series(months, lambda m: m["promises"][_KEPT], 0.01),
            },
            {
                "name": _("cured in 30 days"),
                "colour": "chart-1",
                "values": _series(months, lambda m: m["cure_pct"], 0.01),
            },
        ],
        "write": {"percent": True},
    }
    return Block(
        "leading",
        _("What tells early"),
        _("These move weeks before the receivables do."),
        form="lines",
        data=data,
    )


def _lagging(months: list[dict[str, Any]]) -> Block:
    data = {
        "names": [month_name(m["month"]) for m in months],
        "series": [
            {"name": _("days to pay"), "values": _series(months, lambda m: m["days_to_pay"], 1)},
            {
                "name": _("days late"),
                "colour": "chart-3",
                "values": _series(months, lambda m: m["days_late"], 1),
            },
        ],
        "write": {"digits": 1, "unit": _("days")},
    }
    return Block(
        "lagging",
        _("What tells late"),
        _("What has already come of it: days from issue and from the due day, by amount."),
        form="lines",
        data=data,
    )


def _table(months: list[dict[str, Any]]) -> Block:
    columns = [
        Column(_("Month")),
        Column(_("Late after 5 days"), "percent"),
        Column(_("Promises due"), "count"),
        Column(_("kept"), "percent"),
        Column(_("Cured in 30 days"), "percent"),
        Column(_("Paid off"), "count"),
        Column(_("Days to pay"), "number"),
        Column(_("Days late"), "number"),
        Column(_("Recovered over 30 days late"), "percent"),
    ]
    rows = [
        [
            m["month"][:7],
            known(m["early_delinquency_pct"]).value,
            m["promises"]["due"],
            known(m["promises"][_KEPT]).value,
            known(m["cure_pct"]).value,
            m["settled"],
            known(m["days_to_pay"]).value,
            known(m["days_late"]).value,
            known(m["recovery_pct"]).value,
        ]
        for m in months
    ]
    return Block("months", _("Each month in numbers"), "", Table(columns, rows))
