"""Read the audit log: newest first, by person, subject, action and day."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tenor.platform.core.models import AuditEntry, Organisation


@dataclass(frozen=True)
class Difference:
    """One value that an entry changed."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Pages:
    """Entries of the log, and where the next ones begin (None at the end)."""

    entries: list[AuditEntry]
    before: int | None


def entries(
    organisation: Organisation,
    *,
    who: str = "",
    subject: str = "",
    action: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Pages:
    """Return entries of the organisation's log, newest first, from below number `before`."""
    rows = AuditEntry.objects.of(organisation).order_by("-number")
    if who:
        rows = rows.filter(actor_name__icontains=who)
    if subject:
        rows = rows.filter(subject__startswith=subject)
    if action:
        rows = rows.filter(action__startswith=action)
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    if before is not None:
        rows = rows.filter(number__lt=before)
    found = list(rows[: limit + 1])
    more = found[limit - 1].number if len(found) > limit else None
    return Pages(found[:limit], more)


def differences(entry: AuditEntry) -> list[Difference]:
    """Return what an entry changed, value by value."""
    before, after = _named(entry.before), _named(entry.after)
    return [
        Difference(name, before.get(name), after.get(name))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def _named(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    return value if isinstance(value, dict) else {"": value}
