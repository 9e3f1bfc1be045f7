"""The folder into which a bank's own software, or a person, puts statement files.

What was taken in moves to `done`, what was refused to `failed`, with a text beside it that says
why. Nothing is ever removed, and a file that was broken off on the way is taken up again.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from tenor.platform.banking.models import BankFile
from tenor.platform.core import clock
from tenor.platform.core.errors import TenorError
from tenor.platform.core.models import Organisation

log = logging.getLogger("tenor.banking")

DONE, FAILED = "done", "failed"
# Still being written, as like as not.
_FRESH = timedelta(minutes=1)
_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")
Take = Callable[[str, bytes], object]


def folder_of(organisation: Organisation) -> Path | None:
    """Return where an organisation's files are put; None where no folder is set."""
    return Path(settings.BANK_FOLDER) / organisation.slug if settings.BANK_FOLDER else None


def pick_up(organisation: Organisation, take: Take) -> tuple[int, int]:
    """Take in the files that lie there, by name; return how many went in and how many did not.

    Each by itself: one that is refused keeps no other one back. Safe to break off and repeat.
    """
    folder = folder_of(organisation)
    if folder is None or not folder.is_dir():
        return 0, 0
    done = failed = 0
    for path in sorted(folder.iterdir()):
        if not _is_ready(path):
            continue
        content = path.read_bytes()
        try:
            # Taken in, and then broken off before it was moved.
            if not _is_known(organisation, content):
                take(path.name, content)
        except TenorError as refused:
            log.warning("%s: bank file %s was refused: %s", organisation.slug, path.name, refused)
            kept = _move(path, folder / FAILED)
            kept.with_name(f"{kept.name}.txt").write_text(f"{refused.message}\n", "utf-8")
            failed += 1
        else:
            _move(path, folder / DONE)
            done += 1
    return done, failed


def _is_ready(path: Path) -> bool:
    if path.is_symlink() or not path.is_file() or path.name.startswith("."):
        return False
    if path.suffix.lower() in _UNFINISHED:
        return False
    return clock.real_now().timestamp() - path.stat().st_mtime >= _FRESH.total_seconds()


def _is_known(organisation: Organisation, content: bytes) -> bool:
    digest = sha256(content).hexdigest()
    return BankFile.objects.of(organisation).filter(digest=digest).exists()


def _move(path: Path, folder: Path) -> Path:
    """Move a file aside under its own name, or the next free one."""
    folder.mkdir(exist_ok=True)
    target, number = folder / path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{path.stem}-{number}{path.suffix}"
    return path.rename(target)
