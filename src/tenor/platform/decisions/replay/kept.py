"""The facts that a day was decided from: where they are kept, how they are read and found whole.

A folder a run below the data folder: the tables of the contract and who was decided about how, as
parquet files, each holding some of the customers, so that one person can be taken out without
writing everything anew; and `manifest.json` with the digest of every file.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings

from tenor.engine.experiments.assign import lots
from tenor.engine.frames import TABLES, Tables
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Run

MANIFEST, WHO = "manifest.json", "who"
# About so many customers a file: to take one person out, only theirs is read and written, on each
# of the days that are kept. Fewer would be quicker, and many more files.
CUSTOMERS_A_PART = 1_000
_SALT = "kept facts"


class Gone(Exception):
    """The facts of a run cannot be had; `cause` says why, as a code of `again.CAUSES`."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


@dataclass(frozen=True)
class Kept:
    """The facts of a run, read: the tables, who was decided about (`who`), and its manifest."""

    tables: Tables
    who: pl.DataFrame
    manifest: dict[str, Any]


def folder_of(run: Run) -> str:
    """Return where the facts of a run are kept, below the data folder."""
    return f"facts/{run.organisation_id}/{run.day.isoformat()}-{run.pk}"


def home_of(organisation: Organisation) -> str:
    """Return where the facts of an organisation are kept, below the data folder."""
    return f"facts/{organisation.pk}"


def run_of(name: str) -> int:
    """Return the number of the run to which a folder belongs, whole or being written; else 0."""
    parts = name.lstrip(".").split("-")
    return int(parts[3]) if len(parts) > 3 and parts[3].isdigit() else 0


def turn_of(name: str) -> int:
    """Return how many people were taken out of the facts of a run until a folder was written."""
    parts = name.split("-")
    return int(parts[4]) if len(parts) > 4 and parts[4].isdigit() else 0


def path_of(folder: str) -> Path:
    """Return where a folder below the data folder is."""
    return Path(settings.DATA) / folder


def part_of(customer_keys: pl.Series, parts: int) -> pl.Series:
    """Return in which part each customer's facts stand."""
    drawn = lots(customer_keys.cast(pl.String), salt=_SALT)
    return (drawn * parts).floor().cast(pl.Int64)


def read(run: Run) -> Kept:
    """Return the facts of a run; raises `Gone` where there are none, or not as they were kept."""
    if not run.facts:
        raise Gone("not_kept")
    folder = path_of(run.facts)
    manifest = manifest_of(run)
    frames: dict[str, list[pl.DataFrame]] = {}
    for name, digest in manifest["files"].items():
        try:
            content = (folder / name).read_bytes()
        except OSError as error:
            raise Gone("facts_gone") from error
        if digest_of(content) != digest:
            raise Gone("facts_changed")
        frames.setdefault(name.partition("-")[0], []).append(pl.read_parquet(content))
    whole = {name: pl.concat(some) for name, some in frames.items()}
    who = whole.pop(WHO)
    return Kept(Tables(**whole).known_at(run.as_of), who, manifest)


def manifest_of(run: Run) -> dict[str, Any]:
    """Return the manifest of a run's facts; raises `Gone`."""
    try:
        content = (path_of(run.facts) / MANIFEST).read_bytes()
    except OSError as error:
        raise Gone("facts_gone") from error
    if digest_of(content) != run.facts_digest:
        raise Gone("facts_changed")
    found: dict[str, Any] = json.loads(content)
    return found


def split(tables: Tables, who: pl.DataFrame, parts: int) -> Iterator[tuple[str, pl.DataFrame]]:
    """Go through the files of some facts: the name and what it holds."""
    customers = pl.concat([tables.customers["customer_id"], who["customer_id"]]).unique()
    customers = customers.drop_nulls()
    where = pl.DataFrame({"customer_id": customers, "kept_part": part_of(customers, parts)})
    owners = tables.invoices.select("invoice_id", "customer_id").join(
        where, on="customer_id", how="left"
    )
    of_invoice = owners.select("invoice_id", "kept_part").unique("invoice_id")
    for table in TABLES.values():
        frame = getattr(tables, table.name)
        if "customer_id" in frame.columns:
            found = frame.join(where, on="customer_id", how="left", maintain_order="left")
        elif "invoice_id" in frame.columns:
            found = frame.join(of_invoice, on="invoice_id", how="left", maintain_order="left")
        else:
            found = frame.with_columns(kept_part=pl.lit(0, dtype=pl.Int64))
        if table.name == "events":
            theirs = frame.join(of_invoice, on="invoice_id", how="left", maintain_order="left")
            found = found.with_columns(
                kept_part=pl.coalesce(found["kept_part"], theirs["kept_part"])
            )
        yield from _files(table.name, found, parts)
    yield from _files(WHO, who.join(where, on="customer_id", how="left"), parts)


def _files(name: str, frame: pl.DataFrame, parts: int) -> Iterator[tuple[str, pl.DataFrame]]:
    place = pl.col("kept_part").fill_null(0)
    for part in range(parts):
        mine = frame.filter(place == part)
        # The first part is written though it is empty: the columns of the table stand in it.
        if part == 0 or mine.height:
            yield f"{name}-{part:04}.parquet", mine.drop("kept_part")


def digest_of(content: bytes) -> str:
    """Return the digest of a file."""
    return hashlib.sha256(content).hexdigest()
