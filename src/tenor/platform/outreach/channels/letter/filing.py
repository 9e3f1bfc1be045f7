"""Put a letter into the batch that is open: a row, and a file beside it."""

import hashlib

from django.db import IntegrityError, transaction

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.outreach import batch_files
from tenor.platform.outreach.channels.contract import Parcel
from tenor.platform.outreach.channels.letter.letter import Printed
from tenor.platform.outreach.models import Content, Letter, LetterBatch, Message


def put(organisation: Organisation, *, parcel: Parcel, made: Printed, mark: str) -> Letter:
    """Put a letter into the open batch, in the transaction that says that it went out.

    The batch's row is held until that ends: two workers give no two letters one place, and a batch
    that is being closed takes nothing more.
    """
    key = parcel.key.removeprefix(f"{organisation.slug}.")
    message = Message.objects.of(organisation).get(key=key)
    batch = _open_batch(organisation)
    batch.count, batch.pages = batch.count + 1, batch.pages + made.pages
    batch.save(update_fields=["count", "pages"])
    file = f"{batch_files.folder_of(batch)}/{batch.count:05}-{mark}.pdf"
    batch_files.write(file, made.pdf)
    Content.objects.of(organisation).update_or_create(
        message=message, defaults={"file": file, "pages": made.pages}
    )
    letter = Letter(
        organisation_id=organisation.pk, message=message, batch=batch, position=batch.count,
        file=file, sha256=hashlib.sha256(made.pdf).hexdigest(), pages=made.pages,
        country=parcel.country or organisation.country,
    )  # fmt: skip
    letter.save()
    return letter


def _open_batch(organisation: Organisation) -> LetterBatch:
    """Return the batch that is open, held; begin one where there is none."""
    rows = LetterBatch.objects.of(organisation)
    still_open = rows.filter(closed_at=None).select_for_update()
    found = still_open.first()
    if found is None:
        day = clock.today(organisation)
        last = rows.filter(day=day).order_by("-number").values_list("number", flat=True).first()
        try:
            with transaction.atomic():
                found = LetterBatch(
                    organisation_id=organisation.pk, day=day, number=(last or 0) + 1
                )
                found.save()
        except IntegrityError:
            # Somebody else began it in this moment.
            found = still_open.get()
    found.organisation = organisation
    return found
