"""The audit as a page a credit manager can read, and as JSON a program can."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from tenor.engine.kpis.portfolio import Audit, CurrencyAudit
from tenor.engine.reports import audit_money, audit_time, words
from tenor.engine.reports.page import Part, render

# In the order in which they are read.
PARTS: tuple[Callable[[CurrencyAudit], Part], ...] = (
    audit_time.ageing,
    audit_time.recovery,
    audit_time.days_to_pay,
    audit_time.trend,
    audit_time.early_warning,
    audit_money.contacts,
    audit_money.endings,
    audit_money.release,
    audit_time.months,
)

# How each figure is worked out, in the words of the trade.
DEFINITIONS: tuple[tuple[str, str], ...] = (
    ("Receivables", "what is owed on invoices that were neither handed over nor written off; rests "
     "of at most one unit of currency and 1% of the invoice count as nothing"),
    ("DSO", "receivables / billing of the last 90 days × 90 (fewer days where history is shorter)"),
    ("DSO counted back", "receivables are used up month by month from the newest month's billing; "
     "the days of the months used up, the last one pro rata"),
    ("Best possible DSO", "receivables not yet due / billing of the last 90 days × 90"),
    ("Of which late", "DSO − best possible DSO (average days delinquent)"),
    ("CEI", "(receivables 90 days ago + billing − receivables now) / (receivables 90 days ago + "
     "billing − receivables now not yet due); what was handed over or written off counts as not "
     "collected; in the monthly table over the month"),
    ("Recovery", "of what stood in an age at the last twelve month ends, what those same invoices "
     "were paid in the next 30 days"),
    ("Moved a bucket on", "what stands in the next age at a month's end / what stood in this one a "
     "month earlier"),
    ("Share paid by a day", "invoices of the last two years, open ones counted for as long as they "
     "were watched (Kaplan–Meier; those handed over count as never paid: Aalen–Johansen)"),
    ("Unpaid after 90 days", "of what the invoices of a month asked 90 days after their issue, "
     "what was not paid by then"),
    ("Went to collection", "of the invoices that were paid, handed over or written off in the last "
     "365 days, those handed over"),
    ("Promise kept", "the full promised sum came by its day and three days of grace; a promise "
     "without a day is taken for a week, one without a sum for all that was owed"),
    ("A day of DSO", "receivables / DSO, the sales of one day"),
)  # fmt: skip


def audit_report(audit: Audit, *, name: str, synthetic: bool) -> str:
    """Return the audit as a self-contained HTML page; `name` says whose portfolio it is.

    `synthetic` data is marked as made up, on every screen and print of it.
    """
    return render(
        "audit.html.j2",
        title=f"Receivables audit: {name}",
        name=name,
        as_of=words.day(audit.as_of),
        exact=audit.as_of.isoformat(),
        synthetic=synthetic,
        lede=_lede(audit),
        remarks=_remarks(audit),
        sections=[
            {
                "currency": s.currency,
                "headlines": audit_money.headlines(s),
                "parts": [part(s) for part in PARTS],
            }
            for s in audit.sections
        ],
        definitions=DEFINITIONS,
    )


def audit_json(audit: Audit, *, synthetic: bool) -> dict[str, Any]:
    """Return the audit for programs: amounts and figures as text, exact; dates as ISO 8601.

    A figure is `{"value": …}` or, where it has none, `{"value": null, "reason": …}`. The curves
    give days and shares paid by then.
    """
    return {"synthetic": synthetic} | _fields(audit)


def _lede(audit: Audit) -> str:
    if not audit.sections:
        return "No invoice had been issued by then, so there is nothing to audit."
    owed = [_owed(s) for s in audit.sections]
    return (
        f"On {words.day(audit.as_of)} {words.count(audit.customers, 'customer')} had been sent "
        f"{words.count(audit.invoices, 'invoice')}. {words.listed(owed)}."
    )


def _owed(s: CurrencyAudit) -> str:
    if not s.open.invoices:
        return f"Nothing is owed in {s.currency}"
    late = f", {words.share(s.overdue_pct)} of it past due" if s.overdue.invoices else ", none late"
    return f"{words.round_money(s.open.amount, s.currency)} is owed{late}"


def _remarks(audit: Audit) -> list[str]:
    found = []
    if audit.complaints or audit.opt_outs:
        found.append(
            "In the last twelve months customers complained "
            f"{words.count(audit.complaints, 'time')} and opted out of contact "
            f"{words.count(audit.opt_outs, 'time')}."
        )
    if audit.contacts_elsewhere:
        what = words.count(audit.contacts_elsewhere, "contact")
        found.append(f"{what} went to customers without an invoice and count in no currency.")
    if len(audit.sections) > 1:
        found.append(
            "Amounts of different currencies are never added up. The cost of a contact is taken to "
            "be in the currency of its invoices."
        )
    return found


def _fields(value: object) -> dict[str, Any]:
    """Return the fields of a dataclass; a reason only where there is one."""
    assert is_dataclass(value)
    named = {f.name: getattr(value, f.name) for f in fields(value)}
    return {n: _plain(v) for n, v in named.items() if not (n == "reason" and v is None)}


def _plain(value: object) -> object:
    """Turn a figure of the audit into what JSON can hold, without losing a cent."""
    if is_dataclass(value):
        return _fields(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return value
