"""What outreach holds about a person: messages planned and sent, browsers that are told."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Coalesce

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.core.personal import Holding, by_year, rows_of
from tenor.platform.outreach import batch_files
from tenor.platform.outreach.models import Letter, Message, PushPlace

MESSAGES, BROWSERS = "messages", "browsers"


def export(organisation: Organisation, key: str) -> dict[str, list[dict[str, Any]]]:
    """Return every message to a customer, with the words that were sent."""
    return {
        "messages": rows_of(
            _about(organisation, key), "key", "channel", "tone", "language", "address", "subject",
            "body", "state", "send_at", "sent_at", "invoice_keys", "amount", "currency", "source",
        ),
        "browsers": rows_of(_browsers(organisation, key), "endpoint", "created_at"),
    }  # fmt: skip


def holdings(organisation: Organisation, key: str) -> list[Holding]:
    """Return which messages there are to a customer, by year."""
    zone = clock.zone(organisation)
    moments = _about(organisation, key).values_list("moment", flat=True)
    days = (moment.astimezone(zone).date() for moment in moments)
    found = [
        Holding(MESSAGES, "message", count, last, year)
        for year, (count, last) in by_year(days).items()
    ]
    told = _browsers(organisation, key).values_list("created_at", flat=True)
    made = [at.astimezone(zone).date() for at in told]
    if made:
        found.append(Holding(BROWSERS, "customer details", len(made), max(made)))
    return found


def erase(organisation: Organisation, key: str, *, part: str, year: int | None = None) -> int:
    """Remove the messages of a year, or all of them, with what was printed; or the browsers."""
    if part == BROWSERS:
        return int(_browsers(organisation, key).delete()[0])
    zone = clock.zone(organisation)
    rows = _about(organisation, key).values_list("pk", "moment")
    numbers = [pk for pk, at in rows if year in (None, at.astimezone(zone).year)]
    letters = Letter.objects.of(organisation).filter(message__in=numbers)
    files = list(letters.values_list("file", flat=True))
    transaction.on_commit(lambda: batch_files.forget(files))
    return int(Message.objects.of(organisation).filter(pk__in=numbers).delete()[0])


def _about(organisation: Organisation, key: str) -> Any:
    rows = Message.objects.of(organisation).filter(customer__key=key).order_by("pk")
    return rows.annotate(moment=Coalesce("sent_at", "send_at"))


def _browsers(organisation: Organisation, key: str) -> Any:
    return PushPlace.objects.of(organisation).filter(customer__key=key).order_by("pk")
