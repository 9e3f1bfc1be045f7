"""What an entry says can be erased and nothing else of it; the chain holds and tells what went."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from cast import Cast
from tenor.platform.core import audit
from tenor.platform.core.append_only import allow_changes
from tenor.platform.core.clock import real_now
from tenor.platform.core.models import AuditEntry, AuditHead

GONE: dict[str, Any] = {"before": None, "after": None, "salt": "", "redacted_at": real_now()}


def entry(cast: Cast, said: str = "Ann moved to Delft") -> AuditEntry:
    """Append an entry about a customer."""
    return audit.record(cast.actor(), "note.write", "customer:C1", after={"text": said})


def rows(cast: Cast, one: AuditEntry) -> Any:
    """Return the entry as a query."""
    return AuditEntry.objects.of(cast.organisation).filter(pk=one.pk)


def problems(cast: Cast) -> list[str]:
    """Return where the chain does not hold."""
    return [found.problem for found in audit.verify(cast.organisation)]


def test_what_was_said_goes_and_who_did_what_and_when_stays(cast: Cast) -> None:
    one = entry(cast)
    kept = audit.record(cast.actor(), "rights.answer", "customer:C1", after={"state": "granted"})
    other = audit.record(cast.actor(), "note.write", "customer:C2", after={"text": "Bob"})

    assert audit.redact(cast.actor("compliance"), ["customer:C1"], keep="rights.") == 1

    after = rows(cast, one).get()
    assert (after.before, after.after, after.salt) == (None, None, "")
    assert (after.action, after.actor, after.at, after.digest) == (
        one.action, one.actor, one.at, one.digest,
    )  # fmt: skip
    assert rows(cast, kept).get().after == {"state": "granted"}
    assert rows(cast, other).get().after == {"text": "Bob"}
    last = AuditEntry.objects.of(cast.organisation).order_by("number").last()
    assert last is not None
    assert (last.action, last.after) == ("audit.redact", {"numbers": [one.number]})
    assert problems(cast) == []
    assert audit.redact(cast.actor("compliance"), ["customer:C1"], keep="rights.") == 0
    assert problems(cast) == []


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "0" * 64}, {"content": "0" * 64}, {"previous": "0" * 64}, {"number": 99},
        {"after": {"text": "Ann stayed"}}, {"salt": "1" * 32}, {"redacted_at": None},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_the_database_refuses_to_alter_anything_else_with_it(
    cast: Cast, change: dict[str, Any]
) -> None:
    one = entry(cast)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows(cast, one).update(**{**GONE, **change})
    assert rows(cast, one).get().after == {"text": "Ann moved to Delft"}


def test_an_entry_is_emptied_once(cast: Cast) -> None:
    one = entry(cast)
    audit.redact(cast.actor(), ["customer:C1"], keep="rights.")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows(cast, one).update(**GONE)


def test_what_was_emptied_unsaid_is_found(cast: Cast) -> None:
    one = entry(cast)
    rows(cast, one).update(**GONE)
    assert problems(cast) == ["was emptied, and no entry says so"]


@pytest.mark.parametrize("change", [{"after": {"text": "Ann stayed"}}, {"salt": "1" * 32}])
def test_what_was_said_cannot_be_said_otherwise(cast: Cast, change: dict[str, Any]) -> None:
    one = entry(cast)
    allow_changes(connection, "core_auditentry")
    rows(cast, one).update(**change)
    assert problems(cast) == ["was altered after it was written"]


def test_the_same_words_have_another_seal_each_time(cast: Cast) -> None:
    first, second = entry(cast), entry(cast)
    assert first.content != second.content
    assert len(first.salt) == 32


def test_entries_from_before_hold_as_they_are_and_stay_whole(cast: Cast) -> None:
    head = AuditHead.objects.get(organisation=cast.organisation)
    old = AuditEntry(
        organisation=cast.organisation, number=head.number + 1, at=real_now(), actor="system",
        action="note.write", subject="customer:C1", after={"text": "Ann"}, previous=head.digest,
    )  # fmt: skip
    old.digest = audit.digest_of(old)
    old.save(force_insert=True)
    head.number, head.digest = old.number, old.digest
    head.save()
    assert problems(cast) == []

    assert audit.redact(cast.actor(), ["customer:C1"], keep="rights.") == 0

    assert rows(cast, old).get().after == {"text": "Ann"}
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows(cast, old).update(**GONE)
    allow_changes(connection, "core_auditentry")
    rows(cast, old).update(after={"text": "Bob"})
    assert problems(cast) == ["was altered after it was written"]
