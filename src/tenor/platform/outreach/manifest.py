"""A closed batch as the printer gets it: a list of its letters, and all of it as one download.

What is on the disk can be made again from the rows and the PDFs: a list or a download that is
missing is written when somebody asks for it.
"""

import csv
import json
import os
import zipfile
from collections.abc import Iterable
from io import StringIO
from pathlib import Path

from tenor.platform.outreach.batch_files import MANIFEST, letters_of, name_of, path_of, write
from tenor.platform.outreach.channels.letter.address import envelope
from tenor.platform.outreach.channels.letter.places import Place
from tenor.platform.outreach.models import Letter, LetterBatch

# Printed on both sides of paper of 80 g/m2; an envelope weighs about as much as a sheet.
_SIDES, _SHEET_GRAMS, _ENVELOPE_GRAMS = 2, 5, 5
# Files in the download carry no hour, so that it is the same to the last byte each time.
_NO_HOUR = (1980, 1, 1, 0, 0, 0)


def archive(batch: LetterBatch, place: Place) -> Path:
    """Return the download of a closed batch; written anew where it is not there."""
    path = path_of(f"{batch.folder}/letters-{batch.organisation.slug}-{name_of(batch)}.zip")
    if path.exists():
        return path
    letters = letters_of(batch)
    listed = manifest(batch, letters, place)
    for name, text in listed.items():
        write(f"{batch.folder}/{name}", text.encode())
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(beside, "w") as into:
        for name, text in listed.items():
            into.writestr(zipfile.ZipInfo(name, _NO_HOUR), text)
        for letter in letters:
            # A PDF is packed already.
            into.writestr(
                zipfile.ZipInfo(Path(letter.file).name, _NO_HOUR),
                path_of(letter.file).read_bytes(),
            )
    beside.replace(path)
    return path


def manifest(batch: LetterBatch, letters: Iterable[Letter], place: Place) -> dict[str, str]:
    """Return the list of a batch as CSV and as JSON, by file name."""
    rows = [_row(letter, batch) for letter in letters]
    table = StringIO()
    writer = csv.DictWriter(table, fieldnames=list(_COLUMNS), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    described = {
        "batch": name_of(batch),
        "organisation": batch.organisation.slug,
        "closed_at": batch.closed_at.isoformat() if batch.closed_at else "",
        "letters": len(rows),
        "pages": sum(int(row["pages"]) for row in rows),
        "sheets": sum(int(row["sheets"]) for row in rows),
        "paper": "A4",
        "window": {"layout": place.key, "mm": list(place.window)},
        "folds_mm": list(place.measures["folds"]),
        "columns": _COLUMNS,
        "files": rows,
    }
    text = json.dumps(described, indent=1, ensure_ascii=False) + "\n"
    return {f"{MANIFEST}.csv": table.getvalue(), f"{MANIFEST}.json": text}


_COLUMNS = {
    "position": "Place in the batch; a number that is missing was taken out before closing.",
    "file": "The PDF.",
    "sha256": "Of the file's bytes.",
    "mark": "Printed at the foot of each page, before its number.",
    "pages": "Printed sides.",
    "sheets": "Sheets of paper, printed on both sides.",
    "grams": "About what it weighs in its envelope.",
    "post": "domestic or foreign.",
    "country": "Where it goes.",
    "address_lines": "How many lines show in the window.",
    "duplex": "Printed on both sides.",
    "colour": "yes where the sender's own colour is printed.",
    "reference": "What the payer is asked to name.",
}


def _row(letter: Letter, batch: LetterBatch) -> dict[str, str]:
    organisation, message = batch.organisation, letter.message
    sheets = -(-letter.pages // _SIDES)
    lines = envelope(
        message.address.splitlines(), name=message.customer.name, country=letter.country,
        home=organisation.country,
    )  # fmt: skip
    return {
        "position": str(letter.position),
        "file": Path(letter.file).name,
        "sha256": letter.sha256,
        "mark": message.provider_key,
        "pages": str(letter.pages),
        "sheets": str(sheets),
        "grams": str(sheets * _SHEET_GRAMS + _ENVELOPE_GRAMS),
        "post": "domestic" if letter.country in ("", organisation.country) else "foreign",
        "country": letter.country,
        "address_lines": str(len(lines)),
        "duplex": "yes",
        "colour": "yes" if organisation.settings.get("colour") else "no",
        "reference": message.reference,
    }
