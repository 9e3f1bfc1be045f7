"""Where the files of an import are kept, below the installation's data folder."""

import shutil
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.utils.translation import gettext as _

from tenor.platform.connectors.models import Import
from tenor.platform.core.errors import Invalid

# A year of a large creditor as CSV; more than that comes as Parquet or over the API.
MOST_BYTES = 2_000_000_000


def source_of(row: Import) -> Path:
    """Return the folder of the files as they were given."""
    return _folder(row) / "source"


def mapped_of(row: Import) -> Path:
    """Return the folder of the tables in the contract's form."""
    return _folder(row) / "mapped"


def problems_of(row: Import) -> Path:
    """Return the file that lists every row that cannot be used."""
    return _folder(row) / "problems.parquet"


def keep_upload(row: Import, file: "File[bytes]") -> None:
    """Keep a file that came through the browser, under its own name and nowhere else."""
    name = Path(file.name or "").name
    if not name or name.startswith("."):
        raise Invalid(_("A file needs a name."), field="files")
    if (file.size or 0) > MOST_BYTES:
        raise Invalid(_("%(file)s is larger than 2 GB.") % {"file": name}, field="files")
    source_of(row).mkdir(parents=True, exist_ok=True)
    with (source_of(row) / name).open("wb") as target:
        for chunk in file.chunks():
            target.write(chunk)


def keep_copy(row: Import, path: Path) -> None:
    """Keep a copy of a file on this machine."""
    source_of(row).mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, source_of(row) / path.name)


def has_files(row: Import) -> bool:
    """Say whether anything of an import's files is still here."""
    return bool(row.folder) and _folder(row).is_dir()


def forget(row: Import) -> None:
    """Remove all files of an import."""
    shutil.rmtree(_folder(row), ignore_errors=True)


def _folder(row: Import) -> Path:
    return Path(settings.DATA) / row.folder
