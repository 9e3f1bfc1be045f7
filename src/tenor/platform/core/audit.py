"""Append to the audit log, and check that nobody altered it."""

import hashlib
import json
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from tenor.platform.core.actor import Actor
from tenor.platform.core.clock import real_now
from tenor.platform.core.models import AuditEntry, AuditHead, Organisation

_SEALED = (
    "organisation_id", "number", "at", "actor", "actor_name", "action", "subject", "origin",
    "previous",
)  # fmt: skip
REDACT = "audit.redact"
_AT_ONCE = 500


def record(
    actor: Actor, action: str, subject: str, *, before: Any = None, after: Any = None
) -> AuditEntry:
    """Append an entry, in the transaction of the change that it describes.

    Parameters
    ----------
    action : the verb, as in "invoice.write_off".
    subject : what was changed, as in "invoice:F-12".
    before, after : what it was and is (values that JSON can hold, dates and amounts too).
    """
    return _append(
        actor.organisation,
        actor=actor.code,
        actor_name=actor.name,
        action=action,
        subject=subject,
        before=before,
        after=after,
        origin=actor.origin,
    )


def record_for_installation(
    action: str, subject: str, *, actor: str = "system", actor_name: str = "", origin: str = "",
    after: Any = None,
) -> AuditEntry:  # fmt: skip
    """Append an entry to the installation's own chain: signing in, a new organisation."""
    return _append(
        None, actor=actor, actor_name=actor_name, action=action, subject=subject, before=None,
        after=after, origin=origin,
    )  # fmt: skip


def _append(organisation: Organisation | None, **values: Any) -> AuditEntry:
    with transaction.atomic():
        AuditHead.objects.get_or_create(organisation=organisation)
        # The lock makes the chain one line, also with many writers.
        head = AuditHead.objects.select_for_update().get(organisation=organisation)
        values["before"], values["after"] = _plain(values["before"]), _plain(values["after"])
        entry = AuditEntry(
            organisation=organisation,
            number=head.number + 1,
            at=real_now(),
            previous=head.digest,
            salt=secrets.token_hex(16),
            **values,
        )
        entry.content = _content_of(entry)
        entry.digest = digest_of(entry)
        entry.save(force_insert=True)
        head.number, head.digest = entry.number, entry.digest
        head.save(update_fields=["number", "digest"])
    return entry


def digest_of(entry: AuditEntry) -> str:
    """Return the seal of an entry: the hash of all in it, the previous seal included."""
    sealed = {name: getattr(entry, name) for name in _SEALED}
    sealed["at"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    if entry.content:
        sealed["content"] = entry.content
    else:
        sealed |= {"before": entry.before, "after": entry.after}
    return _hash(sealed)


def redact(actor: Actor, subjects: Collection[str], *, keep: str) -> int:
    """Erase what was said before and after in all entries about `subjects`; count them.

    Who did what and when stays, and so does the seal. Entries whose action begins with `keep` are
    left whole. An entry of its own names the numbers: what was emptied unsaid is found by `verify`.
    """
    organisation = actor.organisation
    numbers: list[int] = []
    wanted = list(subjects)
    with transaction.atomic():
        for start in range(0, len(wanted), _AT_ONCE):
            rows = (
                AuditEntry.objects.of(organisation)
                .exclude(content="")
                .filter(subject__in=wanted[start : start + _AT_ONCE], redacted_at=None)
            )
            rows = rows.exclude(action__startswith=keep).exclude(action=REDACT)
            some = sorted(rows.values_list("number", flat=True))
            for at in range(0, len(some), _AT_ONCE):
                AuditEntry.objects.of(organisation).filter(
                    number__in=some[at : at + _AT_ONCE]
                ).update(before=None, after=None, salt="", redacted_at=real_now())
            numbers += some
        if numbers:
            record(actor, REDACT, wanted[0], after={"numbers": sorted(numbers)})
    return len(numbers)


def _content_of(entry: AuditEntry) -> str:
    return _hash({"before": entry.before, "after": entry.after, "salt": entry.salt})


def _hash(values: dict[str, Any]) -> str:
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Break:
    """A place where the chain does not hold."""

    organisation_id: int | None
    number: int
    problem: str


def verify(organisation: Organisation | None) -> Iterator[Break]:
    """Go through a chain from its first entry; yield every place where it does not hold."""
    previous, expected = "", 1
    emptied: set[int] = set()
    named: set[int] = set()
    entries = AuditEntry.across.filter(organisation=organisation).order_by("number")
    number = organisation.pk if organisation else None
    for entry in entries.iterator(chunk_size=2000):
        if entry.number != expected:
            yield Break(number, expected, f"entries {expected} to {entry.number - 1} are missing")
        if entry.previous != previous:
            yield Break(number, entry.number, "does not follow from the entry before it")
        if entry.digest != digest_of(entry) or not _is_whole(entry):
            yield Break(number, entry.number, "was altered after it was written")
        if entry.redacted_at is not None:
            emptied.add(entry.number)
        if entry.action == REDACT and entry.after:
            named |= set(entry.after["numbers"])
        previous, expected = entry.digest, entry.number + 1
    for unsaid in sorted(emptied - named):
        yield Break(number, unsaid, "was emptied, and no entry says so")
    head = AuditHead.objects.filter(organisation=organisation).first()
    if head is not None and (head.number, head.digest) != (expected - 1, previous):
        yield Break(number, expected, f"the log should end at entry {head.number}")


def _is_whole(entry: AuditEntry) -> bool:
    """Say whether before and after are those that were sealed, or were erased altogether."""
    if entry.redacted_at is not None:
        return bool(entry.content) and entry.before is None and entry.after is None
    return not entry.content or entry.content == _content_of(entry)


def _plain(value: Any) -> Any:
    """Return `value` in terms that JSON holds, so that what is sealed is what is read back."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(v) for v in value]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
