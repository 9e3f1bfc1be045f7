"""Bring tables in: take files, match their columns, check them. Writing them is the jobs' part."""

import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.connectors import folders
from tenor.platform.connectors.models import Import
from tenor.platform.connectors.reading import Checked, check, guessed, sheets_of
from tenor.platform.connectors.targets import (
    FEATURE,
    LEAVE_OUT,
    REFERENCE,
    TABLE_NAMES,
    guess_columns,
    targets,
)
from tenor.platform.core import audit
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.clock import real_now
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right

_OPEN = (Import.State.UPLOADED, Import.State.CHECKED)


def take_files(actor: Actor, *, files: Iterable["File[bytes] | Path"]) -> Import:
    """Keep the files of an import and guess what each of them is."""
    actor.need(Right.IMPORT)
    given = list(files)
    if not given:
        raise Invalid(_("Choose at least one file."), field="files")
    row: Import = Import.objects.of(actor.organisation).create(
        folder="", by=actor.name, created_at=real_now(), timezone=actor.organisation.timezone
    )
    row.folder = f"imports/{actor.organisation.slug}/{row.pk}-{secrets.token_hex(4)}"
    try:
        for file in given:
            if isinstance(file, Path):
                folders.keep_copy(row, file)
            else:
                folders.keep_upload(row, file)
        row.mapping = guessed(row)
    except Exception:
        folders.forget(row)
        row.delete()
        raise
    row.save(update_fields=["folder", "mapping"])
    names = [part["file"] for part in row.mapping.values()]
    audit.record(actor, "import.take_files", f"import:{row.pk}", after={"files": names})
    return row


def match_columns(
    actor: Actor, *, number: int, mapping: dict[str, Any], timezone: str = ""
) -> Import:
    """Say which table each file is, and what each of its columns is."""
    with transaction.atomic():
        row = _open_import(actor, number)
        given = {part["file"] for part in row.mapping.values()}
        for table, part in mapping.items():
            if part["file"] not in given:
                raise Invalid(_("There is no file %(file)s.") % {"file": part["file"]})
            known = {t.column for t in targets(table)} | {LEAVE_OUT, FEATURE, REFERENCE}
            unknown = next((t for t in part["columns"].values() if t not in known), None)
            if unknown is not None:
                raise Invalid(_("There is no column %(column)s.") % {"column": unknown})
        row.mapping, row.timezone = mapping, timezone or row.timezone
        row.state = Import.State.UPLOADED
        row.save(update_fields=["mapping", "timezone", "state"])
    return row


def check_import(actor: Actor, *, number: int) -> tuple[Import, Checked]:
    """Read the files and say what is wrong with which row; nothing is written to the ledger."""
    row = _open_import(actor, number, lock=False)
    checked = check(row)
    bad = checked.bad_rows
    row.counts = {
        table: {"rows": rows, "bad": bad.get(table, 0)} for table, rows in checked.rows.items()
    }
    row.problems = sum(bad.values())
    row.state = Import.State.CHECKED
    row.save(update_fields=["counts", "problems", "state"])
    return row, checked


def cancel_import(actor: Actor, *, number: int) -> None:
    """Forget an import that was not written; its files go."""
    with transaction.atomic():
        row = _open_import(actor, number)
        row.state, row.finished_at = Import.State.CANCELLED, real_now()
        row.save(update_fields=["state", "finished_at"])
        audit.record(actor, "import.cancel", f"import:{row.pk}")
    folders.forget(row)


def swap_table(actor: Actor, *, number: int, table: str, becomes: str) -> Import:
    """Say that a file is another table than was guessed; its columns are guessed anew."""
    with transaction.atomic():
        row = _open_import(actor, number)
        if table not in row.mapping or becomes not in TABLE_NAMES:
            raise Invalid(_("There is no such table."))
        if becomes in row.mapping and becomes != table:
            raise Refused(_("Another file is that table already."))
        sheet = sheets_of(row)[table]
        part = {"file": sheet.name, "columns": guess_columns(becomes, sheet.columns)}
        others = {name: kept for name, kept in row.mapping.items() if name != table}
        row.mapping, row.state = {**others, becomes: part}, Import.State.UPLOADED
        row.save(update_fields=["mapping", "state"])
    return row


def begin_writing(actor: Actor, *, number: int, skip_bad_rows: bool) -> Import:
    """Give a checked import to whoever writes it; from here on nobody changes it."""
    actor.need(Right.IMPORT)
    with transaction.atomic():
        row: Import = row_for(actor, Import, pk=number, lock=True)
        if row.state != Import.State.CHECKED:
            raise Refused(_("Check the files first: this import is not ready to be written."))
        if row.problems and not skip_bad_rows:
            raise Refused(_("Some rows cannot be used. Mend them, or leave them out."))
        row.state, row.skip_bad_rows = Import.State.WAITING, skip_bad_rows
        row.save(update_fields=["state", "skip_bad_rows"])
    return row


def end_writing(
    actor: Actor, row: Import, *, counts: dict[str, dict[str, int]], message: str = ""
) -> None:
    """Say what became of the rows, in the transaction that wrote them."""
    row.counts, row.message = counts, message[:500]
    row.state, row.finished_at = Import.State.WRITTEN, real_now()
    row.save(update_fields=["counts", "state", "finished_at", "message"])
    audit.record(actor, "import.write", f"import:{row.pk}", after=counts)


def refuse_writing(row: Import, message: str) -> None:
    """Say why nothing was written."""
    row.state, row.message, row.finished_at = Import.State.REFUSED, message[:500], real_now()
    row.save(update_fields=["state", "message", "finished_at"])


def _open_import(actor: Actor, number: int, *, lock: bool = True) -> Import:
    actor.need(Right.IMPORT)
    row: Import = row_for(actor, Import, pk=number, lock=lock)
    if row.state not in _OPEN:
        raise Refused(_("This import is finished; begin another one."))
    return row
