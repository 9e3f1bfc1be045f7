"""The files of invoices' documents: PDFs by their bytes, kept below the data folder.

Nothing here opens a document's content. Each invoice has a file of its own, though two may be the
same bytes: so one is forgotten without asking who else needs it.
"""

import os
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from tenor.platform.core.errors import Invalid

# Written as base64 it still fits into what a program may send at once.
MOST_BYTES = 10 * 1024 * 1024
_LONGEST_NAME = 100


def check(content: bytes) -> None:
    """Refuse what is no PDF, or too much of one."""
    if len(content) > MOST_BYTES:
        raise Invalid(
            _("A document has at most %(most)s megabytes.") % {"most": MOST_BYTES // 1024**2},
            field="content",
        )
    # A PDF may begin with a little else, and has its end near the end (ISO 32000-1, appendix H).
    if b"%PDF-" not in content[:1024] or b"%%EOF" not in content[-2048:]:
        raise Invalid(_("This is no PDF, or only a part of one. Send the whole file."),
                      field="content")  # fmt: skip


def clean_name(name: str, key: str) -> str:
    """Return a name that no file system, header or reader trips over; the invoice's where empty."""
    plain = unicodedata.normalize("NFC", name or key).replace("\\", "/")
    plain = plain.rpartition("/")[2] if name else plain.replace("/", "-")
    plain = plain.removesuffix(".pdf").removesuffix(".PDF")
    plain = "".join(c if c.isalnum() or c in " ._-()+," else "_" for c in plain)
    return f"{plain.strip(' ._')[:_LONGEST_NAME] or 'invoice'}.pdf"


def place_of(organisation_id: int, invoice_id: int, sha256: str) -> str:
    """Return where an invoice's document is kept, below the data folder."""
    return f"documents/{organisation_id}/{invoice_id % 1000:03}/{invoice_id}-{sha256}.pdf"


def keep(file: str, content: bytes) -> None:
    """Write a document whole or not at all, for our own eyes."""
    target = path_of(file)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.chmod(0o600)
    part.replace(target)


def path_of(file: str) -> Path:
    """Return where a kept document is."""
    return Path(settings.DATA) / file


def forget(files: Iterable[str]) -> None:
    """Remove kept documents."""
    for file in files:
        path_of(file).unlink(missing_ok=True)
