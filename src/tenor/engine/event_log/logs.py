"""Go through an event log case by case, without holding the whole of an XES file in memory."""

import csv
import gzip
import io
import xml.parsers.expat
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tenor.engine.errors import InputError
from tenor.engine.event_log.mapping import WIDE, LogForm

_CHUNK = 1 << 18
_GZIP = b"\x1f\x8b"
# A log that records the start and the end of an activity would count it twice.
_LIFECYCLE = "lifecycle:transition"
_ENDS = ("", "complete")


@dataclass
class Step:
    """One event of a case as the log has it: attributes by name, `place` for messages."""

    attributes: dict[str, str]
    place: str


@dataclass
class Case:
    """One case: its own attributes and its events in the order of the log.

    Of a wide row, the row is the case and its only event.
    """

    attributes: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


def read_cases(path: Path, log: LogForm, report: Callable[[int], None]) -> Iterator[Case]:
    """Yield the cases of `path`; `report` is told the bytes read since the last time.

    Raises
    ------
    InputError
        The file is neither XES nor CSV, is cut off, or declares a document type (a way to make
        a small file swell beyond any memory).
    """
    try:
        with path.open("rb") as file:
            plain = _unpacked(_Counting(file, report))
            start = plain.peek(64).lstrip(b"\xef\xbb\xbf \t\r\n")
            if start.startswith(b"<"):
                if log.form == WIDE:
                    raise InputError(f'{path}: is XML; form = "{WIDE}" is for CSV files')
                yield from _xes_cases(path, plain)
            else:
                yield from _csv_cases(path, plain, log)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: the gzip file is damaged or cut off ({error})") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error


class _Counting(io.RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, file: IO[bytes], report: Callable[[int], None]) -> None:
        self._file, self._report = file, report

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._report(len(data))
        return len(data)


def _unpacked(raw: io.RawIOBase) -> "io.BufferedReader[Any]":
    buffered: io.BufferedReader[Any] = io.BufferedReader(raw, _CHUNK)
    if buffered.peek(2)[:2] == _GZIP:
        return io.BufferedReader(gzip.GzipFile(fileobj=buffered), _CHUNK)
    return buffered


class _XesHandler:
    """Collects the cases that an XES parser meets."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.done: list[Case] = []
        self.saw_log = False
        self._case: Case | None = None
        self._event: dict[str, str] | None = None
        self._depth = 0

    def start(self, tag: str, given: dict[str, str]) -> None:
        if self._depth:
            # Attributes of attributes say more than any mapping asks for.
            self._depth += 1
        elif self._event is not None:
            self._event[given.get("key", "")] = given.get("value", "")
            self._depth = 1
        elif self._case is not None:
            if _local(tag) == "event":
                self._event = {}
            else:
                self._case.attributes[given.get("key", "")] = given.get("value", "")
                self._depth = 1
        elif _local(tag) == "trace":
            self._case = Case()
        elif _local(tag) == "log":
            self.saw_log = True

    def end(self, tag: str) -> None:
        if self._depth:
            self._depth -= 1
        elif self._case is not None and self._event is not None:
            self._case.steps.append(Step(self._event, f"event {len(self._case.steps) + 1}"))
            self._event = None
        elif self._case is not None:
            self.done.append(self._case)
            self._case = None

    def refuse_doctype(self, *_: object) -> None:
        raise InputError(
            f"{self.path}: declares a document type, which an event log has no need of; refused"
        )


def _local(tag: str) -> str:
    """Drop the prefix of a namespace."""
    return tag.rpartition(":")[2]


def _xes_cases(path: Path, file: "io.BufferedReader[Any]") -> Iterator[Case]:
    handler = _XesHandler(path)
    parser = xml.parsers.expat.ParserCreate()
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.StartDoctypeDeclHandler = handler.refuse_doctype
    try:
        while chunk := file.read(_CHUNK):
            parser.Parse(chunk, False)
            yield from handler.done
            handler.done.clear()
        parser.Parse(b"", True)
    except xml.parsers.expat.ExpatError as error:
        raise InputError(f"{path}: is damaged or cut off: {error}") from error
    yield from handler.done
    if not handler.saw_log:
        raise InputError(f"{path}: is XML, but no XES event log")


def _csv_cases(path: Path, file: "io.BufferedReader[Any]", log: LogForm) -> Iterator[Case]:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        first = text.readline()
        separator = max(",;\t|", key=first.count)
        header = next(csv.reader([first], delimiter=separator), [])
        needed = () if log.form == WIDE else (log.case, log.activity, log.timestamp)
        for name in needed:
            if name not in header:
                raise InputError(
                    f"{path}: there is no column {name!r}; [log] must name the columns of case, "
                    f"activity and timestamp among {', '.join(header)}"
                )
        rows = _csv_steps(path, csv.reader(text, delimiter=separator), header)
        if log.form == WIDE:
            yield from (Case(step.attributes, [step]) for step in rows)
        else:
            yield from _gathered(rows, log.case)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8; save it as CSV in UTF-8") from error
    except csv.Error as error:
        raise InputError(f"{path}: is neither XES nor CSV ({error})") from error


def _csv_steps(path: Path, rows: Iterator[list[str]], header: list[str]) -> Iterator[Step]:
    for number, row in enumerate(rows, start=2):
        if not any(row):
            continue
        if len(row) != len(header):
            raise InputError(
                f"{path}: row {number} has {len(row)} fields, the header {len(header)}"
            )
        yield Step(dict(zip(header, row, strict=True)), f"row {number}")


def _gathered(rows: Iterator[Step], case: str) -> Iterator[Case]:
    """Bring the events of a case together: in a CSV log they may stand anywhere."""
    cases: dict[str, Case] = {}
    for step in rows:
        found = cases.setdefault(step.attributes[case], Case({case: step.attributes[case]}))
        found.steps.append(step)
    yield from cases.values()


def is_completion(step: Step) -> bool:
    """Tell whether an event says that something happened, not that it began."""
    return step.attributes.get(_LIFECYCLE, "").lower() in _ENDS
