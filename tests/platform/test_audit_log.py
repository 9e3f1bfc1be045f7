"""The audit log: a chain that shows where somebody altered it, and a table that refuses it."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from cast import Cast
from tenor.platform.core import audit
from tenor.platform.core.append_only import allow_changes, refuse_changes
from tenor.platform.core.models import AuditEntry, AuditHead


def test_an_entry_says_who_what_before_after_and_from_where(cast: Cast) -> None:
    entry = audit.record(
        cast.actor("agent"), "invoice.write_off", "invoice:F-1",
        before={"balance": Decimal("12.5000")}, after={"balance": Decimal("0")},
    )  # fmt: skip
    read = AuditEntry.objects.of(cast.organisation).get(pk=entry.pk)
    assert (read.actor, read.actor_name) == (f"person:{cast.agent.user_id}", "Agent")
    assert (read.before, read.after) == ({"balance": "12.5"}, {"balance": "0"})
    assert read.origin == "192.0.2.7"


def test_an_untouched_chain_holds(cast: Cast) -> None:
    for number in range(5):
        audit.record(cast.actor(), "note.write", f"customer:{number}")
    assert list(audit.verify(cast.organisation)) == []
    assert list(audit.verify(None)) == []


@pytest.mark.parametrize(
    "column, value", [("after", {"x": 2}), ("actor", "person:99"), ("at", None)]
)
def test_an_altered_entry_is_found(cast: Cast, column: str, value: object) -> None:
    audit.record(cast.actor(), "note.write", "customer:1", after={"x": 1})
    last = AuditEntry.objects.of(cast.organisation).order_by("number").last()
    _without_triggers(last.pk, column, value if value is not None else cast.organisation.clock_at)
    assert [b.number for b in audit.verify(cast.organisation)] == [last.number]


def test_a_missing_entry_is_found(cast: Cast) -> None:
    for number in range(3):
        audit.record(cast.actor(), "note.write", f"customer:{number}")
    last = AuditHead.objects.get(organisation=cast.organisation).number
    _delete(AuditEntry.objects.of(cast.organisation).get(number=last - 1).pk)
    assert next(audit.verify(cast.organisation)).number == last - 1


def test_a_log_cut_short_is_found(cast: Cast) -> None:
    audit.record(cast.actor(), "note.write", "customer:1")
    last = AuditHead.objects.get(organisation=cast.organisation).number
    _delete(AuditEntry.objects.of(cast.organisation).get(number=last).pk)
    assert [b.number for b in audit.verify(cast.organisation)] == [last]


@pytest.mark.django_db
def test_the_database_refuses_to_change_or_delete(cast: Cast) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER core_auditentry_no_UPDATE")
        refuse_changes(connection, "core_auditentry")
    entry = audit.record(cast.actor(), "note.write", "customer:1")
    for change in ({"action": "nothing"}, None):
        rows = AuditEntry.objects.of(cast.organisation).filter(pk=entry.pk)
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(**change) if change else rows.delete()
    assert AuditEntry.objects.of(cast.organisation).get(pk=entry.pk).action == "note.write"


def _without_triggers(pk: int, column: str, value: object) -> None:
    """Alter an entry as somebody with the whole database in hands could."""
    _drop_triggers()
    AuditEntry.across.filter(pk=pk).update(**{column: value})


def _delete(pk: int) -> None:
    _drop_triggers()
    AuditEntry.across.filter(pk=pk).delete()


def _drop_triggers() -> None:
    allow_changes(connection, "core_auditentry")


@pytest.mark.parametrize("own", [True, False])
def test_a_number_stands_in_a_chain_once(cast: Cast, own: bool) -> None:
    last = AuditEntry.across.filter(organisation=cast.organisation if own else None).last()
    assert last is not None
    last.pk = None
    with pytest.raises(DatabaseError), transaction.atomic():
        last.save(force_insert=True)
