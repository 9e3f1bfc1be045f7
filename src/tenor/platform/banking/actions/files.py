"""Take in what a bank tells: a file whole or not at all, and each line once."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.banking import matching, taking
from tenor.platform.banking.models import BankFile
from tenor.platform.banking.reading import read_file, refuse_large, unpacked
from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right


def take_upload(
    actor: Actor, *, files: Iterable[tuple[str, bytes]], accept_difference: bool = False
) -> list[BankFile]:
    """Take in several files, those in a ZIP too: all of them, or none where one is refused."""
    actor.need(Right.MONEY)
    given = [one for name, content in files for one in unpacked(content, name)]
    if not given:
        raise Invalid(_("Choose at least one file."), field="files")
    with transaction.atomic():
        return [
            take_file(actor, content=content, name=name, accept_difference=accept_difference)
            for name, content in given
        ]


def take_file(
    actor: Actor, *, content: bytes, name: str, accept_difference: bool = False
) -> BankFile:
    """Take in a bank statement: its lines wait to be looked at (`look_at_lines`).

    Refused, with place and remedy, are a file that was taken in before, one that cannot be read
    whole, one of an unknown account, and one that does not add up unless that is accepted.
    """
    actor.need(Right.MONEY)
    name = (name or "bank file").rpartition("/")[2][:200]
    refuse_large(len(content), name)
    digest = sha256(content).hexdigest()
    _refuse_known(actor, digest, name)
    read = read_file(content, name)
    taking.refuse_incomplete(read, name, accept_difference=accept_difference)
    with transaction.atomic():
        # Of two who bring overlapping files at once, the second sees the lines of the first.
        Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation.pk)
        _refuse_known(actor, digest, name)
        found = taking.own_accounts(actor.organisation, read, name)
        file: BankFile = BankFile.objects.of(actor.organisation).create(
            name=name, digest=digest, size=len(content), format=read.format, by=actor.name,
            taken_at=clock.now(actor.organisation),
        )  # fmt: skip
        taken = taking.keep(file, found)
        file.lines, file.known, file.remarks = taken.lines, taken.known, taken.remarks
        file.save(update_fields=["lines", "known", "remarks"])
        audit.record(
            actor, "bank.take_file", f"bank_file:{file.pk}",
            after={"name": name, "digest": digest, "format": read.format, "lines": taken.lines,
                   "known": taken.known, "accept_difference": accept_difference},
        )  # fmt: skip
    return file


def look_at_lines(
    actor: Actor, *, files: Sequence[int] = (), progress: matching.Progress | None = None
) -> matching.Looked:
    """Book what is sure and propose for the rest; lines that wait are looked at again.

    `files` (their numbers) are those of which all lines have been looked at then.
    """
    actor.need(Right.MONEY)
    return matching.look(actor.organisation, files=files, progress=progress)


def _refuse_known(actor: Actor, digest: str, name: str) -> None:
    known = BankFile.objects.of(actor.organisation).filter(digest=digest).first()
    if known is not None:
        raise Refused(
            _("%(name)s was taken in already, on %(day)s by %(by)s. Nothing was taken in twice.")
            % {"name": name, "day": known.taken_at.date().isoformat(), "by": known.by}
        )
