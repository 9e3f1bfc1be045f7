"""Write the text of an extension: begin one, and give one provision other values from a day on."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from tenor.engine.law.pack import Provision
from tenor.platform.core.errors import Invalid

_HEAD = re.compile(r"^\s*\[")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class NewRow:
    """What a provision says from `since` on: its values, and where they come from."""

    since: date
    values: Mapping[str, Any]
    source: str
    confidence: str
    binding: str


def begin(jurisdiction: str, organisation: str, today: date) -> str:
    """Return the head of an extension of a pack, with nothing in it yet."""
    head = {
        "jurisdiction": f"{jurisdiction}+{organisation}",
        "name": organisation,
        "version": "1",
        "reviewed_on": today,
        "extends": jurisdiction,
    }
    lines = "".join(f"{key} = {written(value)}\n" for key, value in head.items())
    return f"[pack]\n{lines}\n[sources]\n"


def with_row(text: str, provision: Provision, row: NewRow) -> str:
    """Return `text` in which `provision` says something else from `row.since` on.

    What the text says of it for earlier days stays, what it says for later ones goes.
    """
    table = _read(text)
    text, source = _with_source(text, table, row.source)
    said = table.get(provision.section, {}).get(provision.name, {})
    shared = {k: v for k, v in said.items() if k not in ("text", "in_force")}
    rows = [
        # A later row leaves no gap: what held until now ends the day before.
        _ended({**shared, **old}, row.since)
        for old in said.get("in_force", [])
        if old["from"] < row.since
    ]
    rows.append({"from": row.since, "source": source, "confidence": row.confidence,
                 "binding": row.binding, **row.values})  # fmt: skip
    block = _block(provision, said.get("text", provision.text), rows)
    changed = _without(text, f"{provision.section}.{provision.name}").rstrip("\n") + "\n\n" + block
    wanted = {"text": said.get("text", provision.text), "in_force": rows}
    if _read(changed).get(provision.section, {}).get(provision.name) != wanted:
        raise Invalid(
            _("This provision stands in the text in a way that only a person can change.")
        )
    return changed


def written(value: Any) -> str:
    """Write one value as TOML, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | date):
        return value.isoformat() if isinstance(value, date) else str(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, time):
        return value.isoformat("seconds")
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(key)} = {written(one)}" for key, one in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(written(one) for one in value)}]"
    return _quoted(str(value))


def _read(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(str(error), field="text") from None


def _ended(row: dict[str, Any], since: date) -> dict[str, Any]:
    if "to" in row and row["to"] >= since:
        return row | {"to": since - timedelta(days=1)}
    return row


def _with_source(text: str, table: Mapping[str, Any], words: str) -> tuple[str, str]:
    """Return the text with the source among its sources, and the name it has there."""
    sources = table.get("sources", {})
    for name, known in sources.items():
        if known == words:
            return text, name
    number = next(n for n in range(1, len(sources) + 2) if f"own_{n}" not in sources)
    line = f"own_{number} = {_quoted(words)}\n"
    if "sources" not in table:
        return f"{text.rstrip()}\n\n[sources]\n{line}", f"own_{number}"
    changed = re.sub(r"^\s*\[sources\]\s*?\n", lambda m: m[0] + line, text, count=1, flags=re.M)
    return changed, f"own_{number}"


def _block(provision: Provision, words: str, rows: list[dict[str, Any]]) -> str:
    inside = "".join(f"  {written(row)},\n" for row in rows)
    head = f"[{_key(provision.section)}.{_key(provision.name)}]"
    return f"{head}\ntext = {written(words)}\nin_force = [\n{inside}]\n"


def _without(text: str, name: str) -> str:
    """Return the text without the block of a table: from its head to the next one."""
    kept, inside = [], False
    for line in text.splitlines(keepends=True):
        if _HEAD.match(line):
            inside = re.sub(r"[\s\"'\[\]]", "", line.partition("#")[0]) == name
        if not inside:
            kept.append(line)
    return "".join(kept)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    # TOML's one-line texts hold no control characters.
    return '"' + re.sub(r"[\x00-\x1f\x7f]+", " ", escaped) + '"'
