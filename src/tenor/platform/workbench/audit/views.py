"""The audit log on screen: who changed what, and whether anybody altered it since."""

from datetime import date, datetime, time, timedelta
from itertools import islice

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tenor.platform.core import audit, clock
from tenor.platform.core.audit_log import differences, entries
from tenor.platform.core.errors import Invalid
from tenor.platform.core.models import AuditEntry, Organisation
from tenor.platform.core.roles import Right
from tenor.platform.workbench.audit.words import address_of, words_of
from tenor.platform.workbench.screens import Request, screen

# A log that was altered is altered; more places than these say nothing more.
_BREAKS_SHOWN = 20


@screen(Right.AUDIT)
def show(request: Request) -> HttpResponse:
    """List the entries, newest first."""
    asked = request.GET
    organisation = request.organisation
    found = entries(
        organisation,
        who=asked.get("who", "").strip(),
        subject=asked.get("subject", "").strip(),
        action=asked.get("action", "").strip(),
        since=_midnight(organisation, asked.get("since", "")),
        until=_midnight(organisation, asked.get("until", ""), days=1),
        before=_number(asked.get("before", "")),
    )
    filtered = asked.copy()
    filtered.pop("before", None)
    first = f"?{filtered.urlencode()}" if asked.get("before") else ""
    if found.before is not None:
        filtered["before"] = str(found.before)
    context = {
        "lines": [_line(organisation, entry) for entry in found.entries],
        "next": f"?{filtered.urlencode()}" if found.before is not None else "",
        "first": first,
        "asked": asked,
    }
    return render(request, "workbench/audit/audit.html", context)


@screen(Right.AUDIT)
@require_POST
def verify(request: Request) -> HttpResponse:
    """Go through the whole chain, and say whether it holds."""
    breaks = list(islice(audit.verify(request.organisation), _BREAKS_SHOWN))
    last = entries(request.organisation, limit=1).entries
    context = {"breaks": breaks, "count": last[0].number if last else 0}
    return render(request, "workbench/audit/verified.html", context)


def _line(organisation: Organisation, entry: AuditEntry) -> dict[str, object]:
    return {
        "entry": entry,
        "words": words_of(entry.action),
        "differences": differences(entry),
        "address": address_of(organisation, entry.subject),
    }


def _midnight(organisation: Organisation, text: str, *, days: int = 0) -> datetime | None:
    if not text:
        return None
    try:
        on = date.fromisoformat(text) + timedelta(days=days)
    except (ValueError, OverflowError):
        raise Invalid(_("Write a day as 2026-03-31."), field="since") from None
    return datetime.combine(on, time.min, clock.zone(organisation))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
