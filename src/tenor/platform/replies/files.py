"""Files that come with replies: a clean name, a type by their bytes, kept away from everything.

Nothing here opens a file's content: it is looked at as bytes, kept as bytes, and given to a person
as a download.
"""

import hashlib
import io
import os
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

MOST_BYTES = 15 * 1024 * 1024
MOST_FILES = 20
_LONGEST_NAME = 100

PDF, TEXT = "application/pdf", "text/plain"
_OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX, XLSX = f"{_OFFICE}.wordprocessingml.document", f"{_OFFICE}.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
# What is kept, with the ending that its name then has.
ENDINGS = {
    PDF: ".pdf", "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif",
    "image/heic": ".heic", "image/webp": ".webp", TEXT: ".txt", DOCX: ".docx", XLSX: ".xlsx",
    ODT: ".odt",
}  # fmt: skip
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_HEIC = frozenset({b"heic", b"heix", b"hevc", b"mif1", b"msf1"})
# A text that begins like this is a page or a program, whatever it is called.
_ACTIVE = re.compile(rb"^\s*(?:<|#!|\xef\xbb\xbf\s*<|%!PS|MZ)")


@dataclass(frozen=True)
class Given:
    """A file as it came: what the sender calls it, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Looked:
    """A file that was looked at: `type` is empty and `refused` says why where it is not kept."""

    name: str
    type: str
    size: int
    sha256: str
    refused: str = ""


def look_at(given: Given) -> Looked:
    """Say what a file is by its bytes, and whether it is kept: too_large, empty, type, macros."""
    content = given.content
    digest = hashlib.sha256(content).hexdigest()
    kind, refused = "", ""
    if not content:
        refused = "empty"
    elif len(content) > MOST_BYTES:
        refused = "too_large"
    else:
        kind, refused = _kind(content)
    return Looked(clean_name(given.name, kind), kind, len(content), digest, refused)


def clean_name(name: str, kind: str = "") -> str:
    """Return a name that no file system, header or reader trips over, with the type's ending."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    # Letters and digits of any script; marks that turn the reading direction are none.
    plain = "".join(c if c.isalnum() or c in " ._-()+," else "_" for c in plain)
    plain = re.sub(r"_{2,}", "_", " ".join(plain.split())).strip(" ._") or "file"
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 5:
        stem, ending = plain, ""
    wanted = ENDINGS.get(kind, f".{ending.lower()}" if ending else "")
    if kind == TEXT and ending.lower() in ("csv", "md", "ics", "eml", "log"):
        # Text all the same, under the name that says what for.
        wanted = f".{ending.lower()}"
    return f"{stem[:_LONGEST_NAME]}{wanted}"


def place_of(organisation_id: int, sha256: str) -> str:
    """Return where a file of an organisation is kept, below the data folder: under its hash."""
    return f"attachments/{organisation_id}/{sha256[:2]}/{sha256}"


def keep(organisation_id: int, content: bytes, sha256: str) -> None:
    """Keep a file. Safe to repeat."""
    target = path_of(place_of(organisation_id, sha256))
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{sha256}.{os.getpid()}.part")
        part.write_bytes(content)
        part.chmod(0o600)
        part.replace(target)


def path_of(file: str) -> Path:
    """Return where a kept file is."""
    return Path(settings.DATA) / file


def forget(file: str) -> None:
    """Remove a kept file."""
    path_of(file).unlink(missing_ok=True)


def _kind(content: bytes) -> tuple[str, str]:
    for beginning, kind in _BEGINNINGS:
        if content.startswith(beginning):
            return kind, ""
    # A PDF may begin with a little else (ISO 32000-1, appendix H).
    if b"%PDF-" in content[:1024]:
        return PDF, ""
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        return "image/heic", ""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp", ""
    if content.startswith(b"PK\x03\x04"):
        return _zipped(content)
    return (TEXT, "") if _is_text(content) else ("", "type")


def _zipped(content: bytes) -> tuple[str, str]:
    """Tell an office document from any other archive by its list of parts; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return "", "type"
    if any(name.lower().endswith(("vbaproject.bin", ".exe", ".js")) for name in names):
        return "", "macros"
    if "[Content_Types].xml" in names:
        if "word/document.xml" in names:
            return DOCX, ""
        if "xl/workbook.xml" in names:
            return XLSX, ""
    if content[30:38] == b"mimetype" and content[38 : 38 + len(ODT)] == ODT.encode():
        return ODT, ""
    return "", "type"


def _is_text(content: bytes) -> bool:
    if _ACTIVE.match(content):
        return False
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(ord(c) < 32 and c not in "\t\n\r\f" for c in text)
