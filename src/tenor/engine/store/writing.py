"""Write tables and result rows: whole or not at all, and the same bytes for the same rows."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

import polars as pl

from tenor.engine.errors import InputError
from tenor.engine.frames import CONSENT_PREFIX, REACH_PREFIX, REFERENCE_PREFIX, Tables, Type
from tenor.engine.store import columns
from tenor.engine.store.files import ROW, open_table, write_atomically

_SEPARATOR = ";"
# Fixed, so that the bytes do not depend on how many threads a machine has.
_ROW_GROUP = 250_000
# How the columns of results are read back from CSV; others as `columns.infer` finds them.
_TYPES_BY_END = {
    "_ids": Type.TEXTS,
    "reasons": Type.TEXTS,
    "rules": Type.TEXTS,
    "removed_by": Type.TEXTS,
    "_id": Type.TEXT,
    "_version": Type.TEXT,
    "candidates": Type.TEXT,
    "_at": Type.INSTANT,
    "_on": Type.DATE,
}


def write_tables(
    tables: Tables,
    directory: Path,
    *,
    file_format: Literal["parquet", "csv"] = "parquet",
    metadata: dict[str, Any] | None = None,
) -> None:
    """Write all six tables into `directory`, and `metadata` beside them as `metadata.json`.

    Files of the same tables in the other format are removed: they would be read as a second
    version of the same facts.
    """
    other = "csv" if file_format == "parquet" else "parquet"
    for table, frame in tables:
        write_rows(frame, directory / f"{table.name}.{file_format}")
        (directory / f"{table.name}.{other}").unlink(missing_ok=True)
    if metadata is not None:
        text = json.dumps(metadata, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        write_text(directory / "metadata.json", text)


def write_rows(frame: pl.DataFrame, path: Path) -> None:
    """Write `frame` to `path`, which ends in `.parquet` or `.csv`.

    In CSV, lists of texts are joined by `;` (a `;` inside a reason becomes a comma; inside an id
    it is an error), other nested values are JSON, timestamps RFC 3339 in UTC.
    """
    write: Callable[[Path], object]
    if path.suffix == ".parquet":
        write = partial(
            frame.rechunk().write_parquet, compression="zstd", row_group_size=_ROW_GROUP
        )
    elif path.suffix == ".csv":
        write = partial(_flat(frame, path).write_csv, line_terminator="\n")
    else:
        raise InputError(f"{path}: write to a name that ends in .parquet or .csv")
    _write(path, write)


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` in UTF-8, whole or not at all."""
    _write(path, lambda temporary: temporary.write_bytes(text.encode()))


def _write(path: Path, write: Callable[[Path], object]) -> None:
    try:
        write_atomically(path, write)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error})") from error


def read_rows(path: Path) -> pl.DataFrame:
    """Read rows that `write_rows` wrote; columns of a CSV file get their types back by name."""
    if path.suffix not in (".parquet", ".csv"):
        raise InputError(f"{path}: a name that ends in .parquet or .csv is expected")
    if not path.is_file():
        raise InputError(f"{path}: does not exist")
    raw = open_table(path)
    frame = raw.frame.drop(ROW)
    if path.suffix == ".parquet":
        return frame
    if raw.problems.height:
        row, reason = raw.problems.row(0)
        raise InputError(f"{path}: row {row} {reason}")
    return frame.with_columns([_typed(frame[name], path) for name in frame.columns])


def _typed(series: pl.Series, path: Path) -> pl.Series:
    place = f"{path}: column {series.name}"
    wanted = next((t for end, t in _TYPES_BY_END.items() if series.name.endswith(end)), None)
    if series.name.startswith((CONSENT_PREFIX, REACH_PREFIX)):
        wanted = Type.FLAG
    elif series.name.startswith(REFERENCE_PREFIX):
        wanted = Type.TEXT
    if wanted is None:
        parsed = columns.infer(series)
    else:
        parsed = columns.parse(series, wanted, timezone=None, place=place)
    if parsed.bad.height:
        raise InputError(f"{place}: {parsed.bad['reason'][0]}")
    return parsed.values


def _flat(frame: pl.DataFrame, path: Path) -> pl.DataFrame:
    return frame.with_columns(
        [_flat_column(frame[name], path) for name in frame.columns if _needs_care(frame[name])]
    )


def _needs_care(series: pl.Series) -> bool:
    return series.dtype.is_nested() or series.dtype.is_decimal() or series.dtype == pl.Datetime


def _flat_column(series: pl.Series, path: Path) -> pl.Series:
    if series.dtype == pl.Datetime:
        return series.dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")
    if series.dtype.is_decimal():
        return series.cast(pl.String).str.replace(r"(\.\d\d)(\d*?)0+$", "$1$2")
    if series.dtype == pl.List(pl.String):
        return _joined(series, path)
    name = series.name
    wrapped = series.to_frame().select(pl.struct(name).struct.json_encode())
    return wrapped.select(pl.col(name).str.replace(r'^\{"[^"]*":(.*)\}$', "$1")).to_series()


def _joined(series: pl.Series, path: Path) -> pl.Series:
    inside = pl.element().str.contains(_SEPARATOR, literal=True)
    clash = series.list.eval(inside).list.any().fill_null(False)
    if clash.any() and series.name.endswith("_ids"):
        raise InputError(
            f"{path}: an id in column {series.name} contains '{_SEPARATOR}', which CSV uses "
            "between ids; write .parquet"
        )
    cleaned = series.list.eval(pl.element().str.replace_all(_SEPARATOR, ",", literal=True))
    return cleaned.list.join(_SEPARATOR)
