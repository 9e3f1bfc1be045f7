"""Where the files of a batch of letters are, and how they come and go."""

import os
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path

from django.conf import settings

from tenor.platform.outreach.models import Letter, LetterBatch

_ROOT = "letters"
MANIFEST = "manifest"


def folder_of(batch: LetterBatch) -> str:
    """Return the batch's folder, below the data folder."""
    return f"{_ROOT}/{batch.organisation.slug}/{name_of(batch)}"


def name_of(batch: LetterBatch) -> str:
    """Return the name of a batch: 2026-03-10-1."""
    return f"{batch.day.isoformat()}-{batch.number}"


def path_of(file: str) -> Path:
    """Return where a file below the data folder is."""
    return Path(settings.DATA) / file


def write(file: str, content: bytes) -> None:
    """Write a file whole or not at all."""
    path = path_of(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)


def clear(batch: LetterBatch, keep: Collection[str]) -> int:
    """Remove the PDFs that no row knows, or that were taken out; return how many."""
    kept, removed = {Path(file).name for file in keep}, 0
    for path in path_of(folder_of(batch)).glob("*.pdf"):
        if path.name not in kept:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def forget(files: Iterable[str]) -> None:
    """Remove letters for good, and the downloads that hold them; those are made again without."""
    for path in map(path_of, files):
        path.unlink(missing_ok=True)
        for made in (*path.parent.glob("*.zip"), *path.parent.glob(f"{MANIFEST}.*")):
            made.unlink(missing_ok=True)


def letters_of(batch: LetterBatch) -> list[Letter]:
    """Return the letters of a batch that were not taken out, in order."""
    rows = Letter.objects.of(batch.organisation_id).filter(batch=batch, dropped="")
    return list(rows.select_related("message__customer").order_by("position"))


def deliver(made: Path, batch: LetterBatch) -> Path | None:
    """Put a download where the print service picks it up, whole; nothing where there is no place.

    Raises `OSError` where that cannot be written to.
    """
    if not settings.LETTERS_FOLDER:
        return None
    folder = Path(settings.LETTERS_FOLDER) / batch.organisation.slug
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / made.name
    beside = path.with_name(f".{path.name}.part")
    shutil.copyfile(made, beside)
    beside.replace(path)
    return path
