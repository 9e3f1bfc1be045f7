"""Letters as people see them: batches with what they hold and cost, a letter, a page to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db.models import Count, Q, Sum

from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import NotFound
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Decision
from tenor.platform.outreach.batch_files import name_of, path_of
from tenor.platform.outreach.channels.letter import place_for, previewed
from tenor.platform.outreach.channels.letter.places import Place, places
from tenor.platform.outreach.models import Letter, LetterBatch
from tenor.platform.outreach.queries.messages import preview_of

__all__ = [
    "BatchSeen",
    "batch_for",
    "batches",
    "envelopes",
    "letter_picture",
    "letters_in",
    "open_batch",
    "pdf_of",
    "place_for",
]

_KEPT_IN = Q(letters__dropped="")


@dataclass(frozen=True)
class BatchSeen:
    """A batch with what goes out in it: letters, pages, their cost, and how many were taken out."""

    batch: LetterBatch
    letters: int
    pages: int
    cost: float
    dropped: int

    @property
    def name(self) -> str:
        """What people call it: its day and number."""
        return name_of(self.batch)

    @property
    def is_open(self) -> bool:
        """Say whether letters still come in, or its closing was broken off."""
        return not self.batch.folder


def batches(organisation: Organisation, limit: int = 50) -> list[BatchSeen]:
    """Return the batches, the newest first."""
    return _seen(organisation, Q(), limit)


def open_batch(organisation: Organisation) -> BatchSeen | None:
    """Return the batch that is not closed yet; the oldest, where a closing was broken off."""
    found = _seen(organisation, Q(folder=""), 10)
    return found[-1] if found else None


def batch_for(actor: Actor, number: int) -> BatchSeen:
    """Return a batch of the actor's organisation, or refuse."""
    row: LetterBatch = row_for(actor, LetterBatch, pk=number)
    return _seen(actor.organisation, Q(pk=row.pk), 1)[0]


def letters_in(batch: LetterBatch, *, after: int = 0, limit: int = 100) -> list[Letter]:
    """Return the letters of a batch behind a place in it, those that were taken out too."""
    rows = Letter.objects.of(batch.organisation_id).filter(batch=batch, position__gt=after)
    return list(rows.select_related("message__customer").order_by("position")[:limit])


def pdf_of(actor: Actor, number: int) -> Path:
    """Return where a letter's PDF is, as it went or will go to the printer; or refuse."""
    letter: Letter = row_for(actor, Letter, pk=number)
    path = path_of(letter.file)
    if not path.exists():
        raise NotFound("This letter was taken out, and is not kept.")
    return path


def letter_picture(decision: Decision, page: int = 1) -> bytes:
    """Return a page of the letter that a decision would send now, as a PNG picture.

    Raises `wording.composing.CannotSay` where none can be made, `NotFound` where it is no letter.
    """
    draft = preview_of(decision) if decision.channel == "letter" else None
    if draft is None:
        raise NotFound("There is no letter to show.")
    customer = decision.customer
    return previewed(decision.organisation, draft, country=customer.country, page=page)


def envelopes() -> Sequence[Place]:
    """Return the layouts for window envelopes that there are."""
    return list(places().values())


def _seen(organisation: Organisation, which: Q, limit: int) -> list[BatchSeen]:
    rows = LetterBatch.objects.of(organisation).filter(which)
    counted = rows.annotate(
        kept=Count("letters", filter=_KEPT_IN),
        taken=Count("letters", filter=~_KEPT_IN & Q(letters__isnull=False)),
        sides=Sum("letters__pages", filter=_KEPT_IN),
        spent=Sum("letters__message__cost", filter=_KEPT_IN),
    ).order_by("-day", "-number")[:limit]  # fmt: skip
    return [
        BatchSeen(row, row.kept, row.sides or 0, row.spent or 0.0, row.taken) for row in counted
    ]
