"""Read a pack file: TOML to provisions. An overlap, a gap or a missing source stops the loading."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tenor.engine.errors import LawError
from tenor.engine.law.pack import Binding, Confidence, InForce, Provision
from tenor.engine.law.values import Values

# How the values of a section are read; the table of all sections is in `library`.
Reader = Callable[[Values], Any]

_ONE_DAY = timedelta(days=1)
# What a row says of itself, beside the values of its section.
ABOUT = ("from", "to", "source", "confidence", "binding", "review_by", "unknown")


@dataclass(frozen=True)
class PackText:
    """One pack as it stands in its file, not yet put on its parent."""

    jurisdiction: str
    name: str
    version: str
    reviewed_on: date
    currency: str
    calendar: str
    extends: str
    own: Mapping[tuple[str, str], Provision]
    cases: tuple[Mapping[str, Any], ...]


def read_packs(text: str, *, place: str, sections: Mapping[str, Reader]) -> list[PackText]:
    """Return the pack of a file and those of its regions (`[regions.MA]` of US is `US-MA`).

    Raises `LawError` with a line for all that is wrong: `place` (the file), the provision, and what
    to do about it.
    """
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise LawError(f"{place}: this is not TOML ({error})") from error
    head = Values(table.pop("pack", {}), f"{place}, [pack]")
    sources = table.pop("sources", {})
    regions = table.pop("regions", {})
    main = PackText(
        jurisdiction=head.text("jurisdiction"),
        name=head.text("name"),
        version=head.text("version"),
        reviewed_on=head.day("reviewed_on"),
        currency=head.text("currency", ""),
        calendar=head.text("calendar", ""),
        extends=head.text("extends", ""),
        own={},
        cases=tuple(table.pop("cases", [])),
    )
    head.done()
    wrong: list[str] = []

    def provisions(rules: Mapping[str, Any], code: str) -> dict[tuple[str, str], Provision]:
        of_file = _File(place, sources, sections)
        return _provisions(rules, code, of_file, wrong)

    found = [replace(main, own=provisions(table, main.jurisdiction))]
    for region, rules in regions.items():
        rest = dict(rules)
        code = f"{main.jurisdiction}-{region}"
        above = rest.pop("extends", main.jurisdiction)
        called = Values({"name": rest.pop("name", None)}, f"{place}, [regions.{region}]")
        part = replace(main, jurisdiction=code, name=called.text("name"), extends=above, cases=())
        found.append(replace(part, own=provisions(rest, code)))
    if wrong:
        raise LawError("\n".join(wrong))
    return found


@dataclass(frozen=True)
class _File:
    place: str
    sources: Mapping[str, str]
    sections: Mapping[str, Reader]


def _provisions(
    table: Mapping[str, Any], jurisdiction: str, file: _File, wrong: list[str]
) -> dict[tuple[str, str], Provision]:
    """Read what can be read; what cannot is added to `wrong`, to be said all at once."""
    found = {}
    for section, rules in table.items():
        read = file.sections.get(section)
        if read is None or not isinstance(rules, dict):
            known = ", ".join(file.sections)
            wrong.append(f"{file.place}: there is no section [{section}]; the sections are {known}")
            continue
        for name, rule in rules.items():
            where = f"{file.place}, [{section}.{name}] of {jurisdiction}"
            try:
                rows = _rows(rule, where, file.sources, read)
            except LawError as error:
                wrong.append(str(error))
                continue
            found[section, name] = Provision(jurisdiction, section, name, rule["text"], rows)
    return found


def _rows(rule: Any, where: str, sources: Mapping[str, str], read: Reader) -> tuple[InForce, ...]:
    if not isinstance(rule, dict):
        raise LawError(f"{where}: a provision is a table with text, source and in_force")
    head = Values(rule, where)
    head.text("text")
    # What holds for every row is written once, above them.
    shared = {key: value for key, value in rule.items() if key not in ("text", "in_force")}
    rows = []
    head.tables("in_force")
    for number, part in enumerate(rule["in_force"], 1):
        table = {**shared, **part}
        values = Values(table, f"{where}, in_force {number}")
        row = _row(values, sources, read)
        written = {key: value for key, value in table.items() if key not in ABOUT}
        rows.append(replace(row, written=written))
    if not rows:
        raise LawError(f"{where}: in_force is empty; say from when it holds")
    return _in_order(rows, where)


def _row(values: Values, sources: Mapping[str, str], read: Reader) -> InForce:
    source = values.text("source")
    if source not in sources:
        raise values.wrong("source", f"is {source!r}, which [sources] does not list")
    first, last = values.day("from"), values.day("to", None)
    review_by = values.day("review_by", None)
    confidence = Confidence(values.choice("confidence", list(Confidence)))
    binding = Binding(values.choice("binding", list(Binding), "law"))
    if last is not None and last < first:
        raise values.wrong("to", f"is {last}, before its from, {first}")
    says = None if values.flag("unknown", False) else read(values)
    if says is not None:
        values.done()
    return InForce(first, last, says, sources[source], confidence, binding, review_by)


def _in_order(rows: list[InForce], where: str) -> tuple[InForce, ...]:
    """Give each row without an end the day before the next one begins; refuse overlaps and gaps."""
    closed = []
    for row, after in zip(rows, [*rows[1:], None], strict=True):
        if after is None:
            closed.append(row)
            continue
        if after.first <= row.first or (row.last is not None and after.first <= row.last):
            raise LawError(
                f"{where}: the row from {after.first} overlaps the one from {row.first}; "
                "end the earlier one the day before"
            )
        if row.last is not None and after.first > row.last + _ONE_DAY:
            raise LawError(
                f"{where}: nothing is in force from {row.last + _ONE_DAY} to "
                f"{after.first - _ONE_DAY}; say what held then, or `unknown = true`"
            )
        closed.append(replace(row, last=after.first - _ONE_DAY))
    return tuple(closed)
