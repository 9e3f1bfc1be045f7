"""Read a bank's file, of whatever format; refuse what is none, and say what to do instead."""

import lzma
import re
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO

from django.utils.translation import gettext as _

from tenor.engine.errors import InputError
from tenor.engine.payments.camt import Statement, StatementKind, read_camt
from tenor.engine.payments.mt940 import is_mt940, read_mt940
from tenor.platform.core.errors import Invalid

# A statement of a hundred thousand lines has about 120 MB; more is no statement of a day.
MOST_BYTES = 200 * 1024 * 1024
MOST_FILES = 500
_XML = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<|\xff\xfe<|\xfe\xff")
# What the library says of a ZIP file that is cut off, spoilt, locked or of a kind unknown to it.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError,
    NotImplementedError,
)  # fmt: skip
_CAMT = {
    StatementKind.STATEMENT: "CAMT.053",
    StatementKind.REPORT: "CAMT.052",
    StatementKind.NOTIFICATION: "CAMT.054",
}


@dataclass(frozen=True)
class Read:
    """A file as it was read."""

    format: str
    statements: tuple[Statement, ...]


def read_file(content: bytes, name: str) -> Read:
    """Return the statements of a file; raise `Invalid` where it cannot be read whole."""
    if not content.strip():
        raise Invalid(_("%(name)s is empty. Download it again from your bank.") % {"name": name})
    refuse_large(len(content), name)
    try:
        if _XML.match(content):
            statements = read_camt(content, name)
            kinds = {statement.kind for statement in statements}
            return Read(_CAMT[min(kinds)], statements)
        if is_mt940(content):
            statements = read_mt940(content, name)
            is_whole = any(statement.balances for statement in statements)
            return Read("MT940" if is_whole else "MT942", statements)
    except InputError as error:
        raise Invalid(
            _(
                "%(why)s. Nothing was taken in. Download the statement again from your bank, as "
                "CAMT.053 or MT940."
            )
            % {"why": error},
            field="files",
        ) from error
    raise Invalid(
        _(
            "%(name)s is no bank statement that Tenor reads. Download it from your bank as "
            "CAMT.053 (XML) or MT940."
        )
        % {"name": name},
        field="files",
    )


def refuse_large(size: int, name: str) -> None:
    """Refuse a file of which the size alone says that it is no statement."""
    if size > MOST_BYTES:
        raise Invalid(
            _("%(name)s is larger than %(most)s MB. Download a shorter period from your bank.")
            % {"name": name, "most": MOST_BYTES // 1024**2},
            field="files",
        )


def unpacked(content: bytes, name: str) -> list[tuple[str, bytes]]:
    """Return the files that were given: of a ZIP those in it, by name."""
    if not content.startswith(b"PK\x03\x04"):
        return [(name, content)]
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            inside = [one for one in packed.infolist() if not one.is_dir()]
            refuse_large(sum(one.file_size for one in inside), name)
            if len(inside) > MOST_FILES:
                raise Invalid(
                    _("%(name)s holds more than %(most)s files. Give them in smaller parts.")
                    % {"name": name, "most": MOST_FILES},
                    field="files",
                )
            inside.sort(key=lambda one: one.filename)
            return [(one.filename, packed.read(one)) for one in inside]
    except _BROKEN as error:
        raise Invalid(
            _("%(name)s is a ZIP file that cannot be opened. Unpack it and give the files in it.")
            % {"name": name},
            field="files",
        ) from error
