"""Batches of letters: closed by a person or at an hour of the day, then fetched by a printer.

Between the day a letter was set and the moment it goes to the printer, people pay. Closing asks
about every letter again, and takes out what should not go any more; the next plan decides anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor, system
from tenor.platform.core.errors import Refused
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.decisions.models import Decision
from tenor.platform.outreach import batch_files, costs, kinds, notices
from tenor.platform.outreach.asking import About, Standing, lock_customers, standing
from tenor.platform.outreach.channels.letter import CHANNEL, place_for
from tenor.platform.outreach.manifest import archive
from tenor.platform.outreach.models import Content, Letter, LetterBatch, Message
from tenor.platform.outreach.stops import closed

State = Message.State

# Why a letter was taken out, beside what is asked of every message.
BY_HAND, AMOUNT, ADDRESS, TOO_OLD = "by_hand", "amount_changed", "address_changed", "too_old"
# A letter says when it was written and until when one can pay; older ones say it wrongly.
KEPT_DAYS = 2
_TOGETHER = 200


@dataclass
class Closing:
    """What came of closing: the batch, and how many letters were taken out."""

    batch: LetterBatch
    dropped: int = 0


def close_batch(actor: Actor) -> Closing:
    """Ask about every letter of the open batch again, then make its files ready for the printer.

    Safe to repeat: what was broken off is gone on with, and a closed batch stays as it was.
    """
    actor.need(Right.APPROVE)
    if closed(actor.organisation, CHANNEL.name):
        raise Refused(
            _("Sending is switched off: no letters go to the printer before it is switched on.")
        )
    closing = Closing(_shut(actor))
    closing.dropped = _ask_again(actor, closing.batch)
    _finish(actor, closing)
    _put_ready(closing.batch)
    return closing


def close_due(organisation: Organisation) -> Closing | None:
    """Close the batch that is open, if it holds anything and sending is on: for the timetable."""
    rows = Letter.objects.of(organisation).filter(batch__folder="", dropped="")
    if closed(organisation, CHANNEL.name) or not rows.exists():
        return None
    return close_batch(system(organisation))


def closing_turn(organisation: Organisation) -> str:
    """Name today once the hour has come at which batches are closed; "" before it, or by hand."""
    hour = preferences_of(organisation).letters_close_at
    now = clock.now(organisation).astimezone(clock.zone(organisation))
    return now.date().isoformat() if hour and f"{now:%H:%M}" >= hour else ""


def drop_letter(actor: Actor, *, number: int) -> Letter:
    """Take a letter out of the open batch: it is not sent, and the next plan decides anew."""
    actor.need(Right.APPROVE)
    with transaction.atomic():
        letter: Letter = row_for(actor, Letter, related=("message__customer", "batch"), pk=number)
        lock_customers(actor, [letter.message.customer_id])
        if letter.batch.closed_at is not None:
            raise Refused(_("This batch is closed: its letters are with the printer."))
        if not _drop(actor, letter, BY_HAND, clock.now(actor.organisation)):
            raise Refused(_("This letter was taken out already."))
        audit.record(
            actor, "letters.drop", f"message:{letter.message.key}",
            after={"batch": batch_files.name_of(letter.batch), "position": letter.position},
        )  # fmt: skip
    batch_files.forget([letter.file])
    return letter


def fetch_batch(actor: Actor, *, number: int) -> Path:
    """Return the download of a closed batch; the same each time, and each time written down."""
    actor.need(Right.APPROVE)
    with transaction.atomic():
        batch: LetterBatch = row_for(actor, LetterBatch, lock=True, pk=number)
        batch.organisation = actor.organisation
        if not batch.folder:
            raise Refused(_("This batch is still open: close it first."))
        audit.record(
            actor, "letters.fetch", f"letters:{batch_files.name_of(batch)}",
            after={"letters": batch.count},
        )  # fmt: skip
        if batch.fetched_at is None:
            batch.fetched_at = clock.now(actor.organisation)
            batch.save(update_fields=["fetched_at"])
    return archive(batch, place_for(actor.organisation))


def _shut(actor: Actor) -> LetterBatch:
    """Let nothing more into the batch; return it. One whose closing was broken off comes first."""
    with transaction.atomic():
        rows = LetterBatch.objects.of(actor.organisation).filter(folder="")
        held = rows.order_by("day", "number").select_for_update()
        found: LetterBatch | None = held.first()
        if found is None:
            raise Refused(_("There is no open batch: letters come in as the plan is carried out."))
        batch: LetterBatch = found
        batch.organisation = actor.organisation
        if batch.closed_at is None:
            batch.closed_at = clock.now(actor.organisation)
            batch.closed_by = actor.name[:200]
            batch.save(update_fields=["closed_at", "closed_by"])
    return batch


def _ask_again(actor: Actor, batch: LetterBatch) -> int:
    """Take out what should not go any more; return how many."""
    letters = Letter.objects.of(actor.organisation).filter(batch=batch, dropped="")
    numbers = list(letters.order_by("position").values_list("pk", "message__customer_id"))
    dropped = 0
    for start in range(0, len(numbers), _TOGETHER):
        some = numbers[start : start + _TOGETHER]
        with transaction.atomic():
            lock_customers(actor, sorted({customer for _pk, customer in some}))
            held = letters.filter(pk__in=[pk for pk, _customer in some])
            rows = list(held.select_related("message__customer").order_by("position"))
            now = clock.now(actor.organisation)
            asked = standing(actor.organisation, [_about(row.message) for row in rows], now)
            for letter, left in zip(rows, asked, strict=True):
                reason = _reason(actor.organisation, letter, left, now)
                dropped += bool(reason) and _drop(actor, letter, reason, now)
    return dropped


def _about(message: Message) -> About:
    """Return what the books are asked: all but the decision, which this letter has carried out."""
    return About(
        message.customer_id, message.invoice_keys, message.currency, message.channel,
        CHANNEL.point, tone=message.tone, asks=kinds.asks(message.kind),
    )  # fmt: skip


def _reason(organisation: Organisation, letter: Letter, left: Standing, now: datetime) -> str:
    """Return why a letter should not go any more; empty where it should."""
    message = letter.message
    if message.state != State.SENT:
        return BY_HAND
    if left.refusal:
        return left.refusal
    if left.address != message.address:
        return ADDRESS
    if kinds.asks(message.kind):
        owed = sum((invoice.balance for invoice in left.invoices), Decimal(0))
        if owed != message.amount or {i.key for i in left.invoices} != set(message.invoice_keys):
            return AMOUNT
    zone = clock.zone(organisation)
    assert message.sent_at is not None
    age = (now.astimezone(zone).date() - message.sent_at.astimezone(zone).date()).days
    # The law counts the days of its letters from the one on which they are posted.
    return TOO_OLD if age > (0 if message.facts.get("letter") else KEPT_DAYS) else ""


def _drop(actor: Actor, letter: Letter, reason: str, at: datetime) -> bool:
    """Take a letter out: it was no contact, cost nothing, and its decision has lapsed."""
    organisation, message = actor.organisation, letter.message
    rows = Letter.objects.of(organisation).filter(pk=letter.pk, dropped="")
    if not rows.update(dropped=reason[:100]):
        return False
    message.organisation = organisation
    sent = Message.objects.of(organisation).filter(pk=message.pk, state=State.SENT)
    if sent.update(state=State.CANCELLED, refusal=reason, sent_at=None):
        costs.take_back(message, at=at)
        notices.came_back(actor, message)
        decisions = Decision.objects.of(organisation).filter(
            pk=message.decision_id or 0, state=Decision.State.HANDED_OVER
        )
        decisions.update(state=Decision.State.LAPSED)
    Content.objects.of(organisation).filter(message=message).update(file="", pages=0)
    return True


def _finish(actor: Actor, closing: Closing) -> None:
    """Write down what goes to the printer, once."""
    organisation = actor.organisation
    with transaction.atomic():
        rows = LetterBatch.objects.of(organisation).select_for_update()
        batch = rows.get(pk=closing.batch.pk)
        batch.organisation = organisation
        closing.batch = batch
        if batch.folder:
            return
        letters = batch_files.letters_of(batch)
        batch.count, batch.pages = len(letters), sum(letter.pages for letter in letters)
        batch.folder = batch_files.folder_of(batch)
        batch.save(update_fields=["count", "pages", "folder"])
        _posted(organisation, [letter.message_id for letter in letters])
        audit.record(
            actor, "letters.close", f"letters:{batch_files.name_of(batch)}",
            after={"letters": batch.count, "pages": batch.pages, "taken out": closing.dropped},
        )  # fmt: skip


def _posted(organisation: Organisation, messages: Sequence[int]) -> None:
    """Say that these went out now."""
    now, rows = clock.now(organisation), Message.objects.of(organisation)
    for start in range(0, len(messages), 500):
        rows.filter(pk__in=messages[start : start + 500]).update(sent_at=now)


def _put_ready(batch: LetterBatch) -> None:
    """Clear what is left over, make the download, and put it where it is picked up."""
    batch_files.clear(batch, [letter.file for letter in batch_files.letters_of(batch)])
    made = archive(batch, place_for(batch.organisation))
    try:
        batch_files.deliver(made, batch)
    except OSError as error:
        raise Refused(
            _("The batch is closed, but could not be put into the folder of the print service: "
              "%(error)s. Download it here.") % {"error": error.strerror or error}
        ) from error  # fmt: skip
