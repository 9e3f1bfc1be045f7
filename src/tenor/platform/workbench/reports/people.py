"""How people and Tenor agree: what was approved, changed, held and refused, and why."""

from datetime import timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenor.platform.core.clock import now
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.queries.labels import Agreement, agreement
from tenor.platform.workbench.reports.kept import Kept
from tenor.platform.workbench.reports.over_time import month_name
from tenor.platform.workbench.reports.tables import Block, Column, Fact, Report, Table
from tenor.platform.workbench.templatetags.tenor import count, percent

_YEAR = timedelta(days=365)
VERDICTS: dict[str, tuple[str | Promise, str]] = {
    "agreed": (gettext_lazy("agreed"), "chart-1"),
    "changed": (gettext_lazy("changed"), "chart-4"),
    "held": (gettext_lazy("held"), "chart-3"),
    "vetoed": (gettext_lazy("refused"), "stop"),
    "disagreed": (gettext_lazy("disagreed"), "chart-2"),
    "flagged": (gettext_lazy("flagged as wrong"), "careful"),
}


def report(organisation: Organisation, kept: Kept) -> Report:
    """Return the report of people and Tenor."""
    found = agreement(organisation, now(organisation) - _YEAR)
    question = _("Do people agree with Tenor, and where they do not, why?")
    if not found.said:
        text = _(
            "Nobody has approved, changed, held or refused a decision yet. Each time somebody "
            "does, it is counted here, and Tenor learns from the reason."
        )
        return Report("people", _("People"), question, notices=[text])
    blocks = [months(found), reasons(found)]
    return Report("people", _("People"), question, _facts(found), blocks)


def _facts(found: Agreement) -> list[Fact]:
    unlike = found.said - found.verdicts.get("agreed", 0)
    return [
        Fact(
            _("Agreed"), percent(found.share), _("of %(said)s words") % {"said": count(found.said)}
        ),
        Fact(
            _("Otherwise"),
            count(unlike),
            _("changed, held, refused or disagreed with"),
        ),
        Fact(_("Seen by a person"), count(found.seen), _("decisions in a year")),
        Fact(
            _("Went by the rules"), count(found.by_rules), _("approved for their segment, unseen")
        ),
    ]


def months(found: Agreement) -> Block:
    """Return what people said, month by month."""
    rows: list[list[Any]] = [
        [month.isoformat()[:7], *(counts.get(verdict, 0) for verdict in VERDICTS)]
        for month, counts in found.months
    ]
    heads = [str(words) for words, _colour in VERDICTS.values()]
    data = {
        "names": [month_name(month.isoformat()) for month, _counts in found.months],
        "series": [
            {
                "name": str(words),
                "values": [counts.get(verdict, 0) for _month, counts in found.months],
                "colour": colour,
            }
            for verdict, (words, colour) in VERDICTS.items()
            if verdict in found.verdicts
        ],
        "stacked": True,
        "write": {},
    }
    table = Table([Column(_("Month")), *(Column(head, "count") for head in heads)], rows)
    return Block(
        "months",
        _("What people said, month by month"),
        _("Does agreement grow as Tenor learns?"),
        table,
        "bars",
        data,
    )


def reasons(found: Agreement) -> Block:
    """Return why people decide otherwise, most often first."""
    rows = [[words, n] for _code, words, n in found.reasons]
    data = {
        "parts": [{"name": words, "value": n} for words, n in rows[:6]],
        "write": {},
    }
    return Block(
        "reasons",
        _("Why people decide otherwise"),
        _("What do they know that Tenor does not?"),
        Table([Column(_("Reason")), Column(_("How often"), "count")], rows),
        "ranked" if rows else "",
        data if rows else None,
        empty=_("Nobody has decided otherwise yet."),
    )
