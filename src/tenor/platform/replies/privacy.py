"""What replies hold about a person: what they wrote, and the files that came with it."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.core.personal import Holding, by_year, rows_of
from tenor.platform.replies import files
from tenor.platform.replies.models import Attachment, Reply

REPLIES = "replies"


def export(organisation: Organisation, key: str) -> dict[str, list[dict[str, Any]]]:
    """Return every reply of a customer whole, and which files came with them."""
    attached = Attachment.objects.of(organisation).filter(reply__customer__key=key)
    return {
        "replies": rows_of(
            _of(organisation, key).order_by("pk"), "channel", "sender", "sender_name", "subject",
            "whole", "received_at", "state", "handled_at",
        ),
        "attachments": rows_of(
            attached.order_by("pk"), "reply__received_at", "name", "type", "size", "sha256",
        ),
    }  # fmt: skip


def holdings(organisation: Organisation, key: str) -> list[Holding]:
    """Return which replies there are of a customer, by year."""
    zone = clock.zone(organisation)
    moments = _of(organisation, key).values_list("received_at", flat=True)
    days = (at.astimezone(zone).date() for at in moments)
    return [
        Holding(REPLIES, "message", count, last, year)
        for year, (count, last) in by_year(days).items()
    ]


def erase(organisation: Organisation, key: str, *, part: str, year: int | None = None) -> int:
    """Remove the replies of a year, or all of them, with their files."""
    zone = clock.zone(organisation)
    rows = _of(organisation, key).values_list("pk", "received_at")
    numbers = [pk for pk, at in rows if year in (None, at.astimezone(zone).year)]
    return _remove(organisation, numbers)


def expire(organisation: Organisation, before: datetime) -> int:
    """Remove replies of which nobody ever knew whose they were, received before an instant."""
    rows = Reply.objects.of(organisation).filter(customer=None, received_at__lt=before)
    return _remove(organisation, list(rows.values_list("pk", flat=True)))


def _remove(organisation: Organisation, numbers: list[int]) -> int:
    attached = Attachment.objects.of(organisation)
    kept = set(
        attached.filter(reply_id__in=numbers).exclude(file="").values_list("file", flat=True)
    )
    count = int(Reply.objects.of(organisation).filter(pk__in=numbers).delete()[0])
    # A file that somebody else sent too stays with them.
    shared = set(attached.filter(file__in=kept).values_list("file", flat=True))
    # Bytes do not come back when a transaction is undone.
    transaction.on_commit(partial(_forget, kept - shared))
    return count


def _forget(kept: set[str]) -> None:
    for file in kept:
        files.forget(file)


def _of(organisation: Organisation, key: str) -> Any:
    return Reply.objects.of(organisation).filter(customer__key=key)
