"""What it does for people besides money: room in hardship, hand-overs avoided, promises kept."""

from datetime import timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenor.platform.core.clock import now
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.queries.agreements import Agreed, agreed
from tenor.platform.workbench.reports.kept import Kept, known
from tenor.platform.workbench.reports.tables import Block, Column, Fact, Report, Table
from tenor.platform.workbench.reports.words import number
from tenor.platform.workbench.templatetags.tenor import count, money, percent

_YEAR = timedelta(days=365)
# Besluit vergoeding voor buitengerechtelijke incassokosten (NL): the least that may be charged.
_LEAST_FEE_NL = 40
HOLDS: dict[str, str | Promise] = {
    "hardship": gettext_lazy("hardship"),
    "breathing_space": gettext_lazy("breathing space"),
    "represented": gettext_lazy("somebody helps or represents them"),
    "insolvency": gettext_lazy("insolvency"),
    "deceased": gettext_lazy("deceased"),
    "complaint": gettext_lazy("complaint"),
    "agreed": gettext_lazy("agreed with the customer"),
    "unmatched_money": gettext_lazy("money that is not matched yet"),
    "internal": gettext_lazy("our own reason"),
}
STATES: dict[str, str | Promise] = {
    "open": gettext_lazy("running"),
    "active": gettext_lazy("running"),
    "kept": gettext_lazy("kept"),
    "completed": gettext_lazy("kept"),
    "broken": gettext_lazy("not kept"),
    "withdrawn": gettext_lazy("withdrawn"),
    "cancelled": gettext_lazy("withdrawn"),
}
_CHARGES: dict[str, str | Promise] = {
    "fee": gettext_lazy("fees"),
    "interest": gettext_lazy("interest"),
}


def report(organisation: Organisation, kept: Kept) -> Report:
    """Return the report of what it does for people."""
    found = agreed(organisation, now(organisation) - _YEAR)
    return Report(
        "society",
        _("Society"),
        _("Does collecting keep people out of trouble, or push them in?"),
        _facts(organisation, found, kept),
        [_avoided(organisation, kept), _room(found), _agreements(found), _charged(found, kept)],
    )


def _facts(organisation: Organisation, found: Agreed, kept: Kept) -> list[Fact]:
    audit = kept.figures.get("audit") or {}
    promises = known(((kept.section or {}).get("promises") or {}).get("kept_by_count_pct"))
    avoided = Fact(_("Hand-overs avoided"), *_told(_fewer(kept)))
    return [
        avoided,
        Fact(_("Given room in hardship"), count(found.hardship), _("holds in a year")),
        Fact(
            _("Promises kept"),
            percent(promises.value / 100) if promises.value is not None else "–",
            str(promises.why) or _("in full and in time, in a year"),
        ),
        Fact(
            _("Complaints and opt-outs"),
            f"{count(audit.get('complaints', 0))} · {count(audit.get('opt_outs', 0))}",
            _("in a year; both are counted against contact"),
        ),
    ]


def _told(fewer: tuple[float, float, float] | None) -> tuple[str, str]:
    """Say how many hand-overs were avoided; where chance may explain it, that it is not shown."""
    if fewer is None:
        return "–", _("not known: nobody is left to the fixed ladder")
    bounds = {"low": number(fewer[1], 0), "high": number(fewer[2], 0)}
    if not any(fewer):
        return "0", _("nobody was handed over, in either group")
    if fewer[1] <= 0 <= fewer[2]:
        return _("not shown"), _("between %(low)s and %(high)s: may be chance") % bounds
    return number(fewer[0], 0), _("between %(low)s and %(high)s, beside the ladder") % bounds


def _fewer(kept: Kept) -> tuple[float, float, float] | None:
    """Return how many hand-overs fewer than by the ladder, and the bounds; nothing if unknown.

    The difference is of customers' mean shares; times their invoices it is a number of invoices.
    """
    compared = kept.compared("escalated")
    if compared is None or kept.arms is None:
        return None
    invoices = kept.arms["treated"]["invoices"]
    bounds = (-compared.difference, -compared.high, -compared.low)
    best, low, high = (bound * invoices for bound in bounds)
    return best, low, high


def _avoided(organisation: Organisation, kept: Kept) -> Block:
    fewer, question = _fewer(kept), _("What did people not have to go through?")
    if fewer is None:
        text = _(
            "Not known: nobody is left to the fixed ladder, so there is nothing to compare with."
        )
        return Block("avoided", _("Avoided beside the ladder"), question, empty=text)
    rows: list[list[Any]] = [[_("Invoices handed over to collection"), *fewer]]
    note = ""
    if organisation.country == "NL":
        rows.append([_("Collection costs, at the least"), *(f * _LEAST_FEE_NL for f in fewer)])
        note = _(
            "Collection costs are counted at %(fee)s a hand-over, the least that Dutch law allows "
            "a collector to charge a consumer; most are charged more."
        ) % {"fee": money(_LEAST_FEE_NL, "EUR")}
    columns = [
        Column(""),
        Column(_("Fewer"), "number", 0),
        Column(_("at least"), "number", 0),
        Column(_("at most"), "number", 0),
    ]
    return Block(
        "avoided",
        _("Avoided beside the ladder"),
        question,
        Table(columns, rows),
        note=note,
        size="half",
    )


def _room(found: Agreed) -> Block:
    rows = [
        [str(HOLDS.get(reason, reason)), n]
        for reason, n in sorted(found.holds.items(), key=lambda item: -item[1])
    ]
    return Block(
        "holds",
        _("Left alone for a reason"),
        _("Who was given time, and why?"),
        Table([Column(_("Reason")), Column(_("Holds"), "count")], rows),
        "ranked" if rows else "",
        {"parts": [{"name": r[0], "value": r[1]} for r in rows[:6]], "write": {}} if rows else None,
        size="low",
        empty=_("Nobody has been put on hold in the last year."),
    )


def _agreements(found: Agreed) -> Block:
    rows = [
        [_("Payment plans"), str(STATES.get(state, state)), n] for state, n in found.plans.items()
    ]
    rows += [[_("Promises"), str(STATES.get(s, s)), n] for s, n in found.promises.items()]
    rows += [[_("Disputes"), _dispute(outcome), n] for outcome, n in sorted(found.disputes.items())]
    columns = [Column(_("What")), Column(_("What became of it")), Column(_("How many"), "count")]
    return Block(
        "agreements",
        _("What was agreed, and what was objected to"),
        _("Do agreements hold, and were people right to object?"),
        Table(columns, rows),
        empty=_("No plan, promise or objection in the last year."),
        size="half",
    )


def _dispute(outcome: str) -> str:
    words = {
        "": _("open"),
        "upheld": _("the customer was right"),
        "partly": _("right in part"),
        "rejected": _("not right"),
        "withdrawn": _("withdrawn"),
    }
    return words.get(outcome, outcome)


def _charged(found: Agreed, kept: Kept) -> Block:
    rows = [
        [str(_CHARGES.get(kind, kind)), n, total]
        for currency, kind, n, total in found.charged
        if currency == kept.currency
    ]
    columns = [Column(_("What")), Column(_("How often"), "count"), Column(_("Sum"), "money")]
    return Block(
        "charged",
        _("Charged on top"),
        _("What was added to what people owed?"),
        Table(columns, rows, kept.currency),
        empty=_("No fee and no interest was charged in the last year."),
        size="half",
    )
