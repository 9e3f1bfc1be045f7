"""Change one value in the text of a policy file, and find the lines that an error speaks of."""

import json
import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from tenor.engine.errors import PolicyError
from tenor.engine.policy.policyfile import parse_policy
from tenor.platform.core.errors import Invalid, Refused

_HEAD = re.compile(r"^\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_ASSIGNED = re.compile(r"""^(\s*)("?)([A-Za-z0-9_-]+)\2(\s*=\s*)(.*)$""")
# Between two mistakes, and not before the second half of one.
_PARTS = re.compile(r"; (?!did you mean |it must be )")
# A value on one line, and the remark behind it.
_VALUE = re.compile(r"""^((?:"(?:[^"\\]|\\.)*"|'[^']*'|\[[^\]]*\]|[^#"'\[])*?)(\s*#.*)?$""")


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a policy text, and on which line of it; 0 where no line is known."""

    line: int
    words: str


def mistakes(text: str) -> list[Mistake]:
    """List what the engine says is wrong with `text`, each with its line."""
    try:
        parse_policy(text)
    except PolicyError as error:
        said = str(error).removeprefix("policy: ")
    else:
        return []
    if "this is not TOML" in said:
        place = re.search(r"line (\d+)", said)
        return [Mistake(int(place[1]) if place else len(text.splitlines()), said)]
    lines = _lines_of_keys(text)
    return [Mistake(_line_of(part, lines), part) for part in _PARTS.split(said) if part]


def set_key(text: str, key: str, value: Any) -> str:
    """Return `text` with `key` ("limits.min_amount") set to `value`; None leaves it to its default.

    Remarks and order stay. The value is a number, a text, a truth or a list of texts. A text that
    is laid out so that this cannot be done surely is refused: it is changed as text.
    """
    place, _dot, name = key.rpartition(".")
    lines = text.splitlines()
    head = next((i for i, line in enumerate(lines) if _section(line) == place), None)
    if head is None:
        if value is None:
            return text
        lines += [*([""] if lines and lines[-1].strip() else []), f"[{place}]", _line(name, value)]
        return _checked(text, lines, place, name, value)
    end = next((i for i in range(head + 1, len(lines)) if _section(lines[i])), len(lines))
    for number in range(head + 1, end):
        found = _ASSIGNED.match(lines[number])
        if found is None or found[3] != name:
            continue
        if value is None:
            del lines[number]
        else:
            old = _VALUE.match(found[5])
            remark = (old[2] or "") if old else ""
            lines[number] = f"{found[1]}{name}{found[4]}{_literal(value)}{remark}"
        return _checked(text, lines, place, name, value)
    if value is None:
        return text
    while end > head + 1 and not lines[end - 1].strip():
        end -= 1
    lines.insert(end, _line(name, value))
    return _checked(text, lines, place, name, value)


def add_channel(text: str, name: str) -> str:
    """Return `text` with a block for a channel, all of it at its defaults."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,29}", name):
        raise Invalid(_("A channel's name is small letters, digits and dashes."), field="channel")
    if any(_section(line) == f"channels.{name}" for line in text.splitlines()):
        raise Refused(_("There is a channel %(name)s already.") % {"name": name})
    return f"{text.rstrip()}\n\n[channels.{name}]\n".lstrip("\n")


def remove_channel(text: str, name: str) -> str:
    """Return `text` without the block of a channel: it is off then."""
    lines = text.splitlines()
    head = next((i for i, x in enumerate(lines) if _section(x) == f"channels.{name}"), None)
    if head is None:
        raise Refused(_("There is no block of its own for channel %(name)s.") % {"name": name})
    end = next((i for i in range(head + 1, len(lines)) if _section(lines[i])), len(lines))
    return "\n".join([*lines[:head], *lines[end:]]).rstrip() + "\n"


def _section(line: str) -> str:
    found = _HEAD.match(line)
    return re.sub(r"[\s\"']", "", found[1]) if found else ""


def _line(name: str, value: Any) -> str:
    return f"{name} = {_literal(value)}"


def _literal(value: Any) -> str:
    """Write a value as TOML does: for these kinds as JSON does."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value, ensure_ascii=False)


def _checked(before: str, lines: list[str], place: str, name: str, value: Any) -> str:
    """Return the lines as text where this key and no other differs from `before`."""
    text = "\n".join(lines) + "\n"
    try:
        old, new = tomllib.loads(before), tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise Refused(_("This text is laid out in a way of its own: change it as text.")) from None
    old_block, new_block = _block(old, place), _block(new, place)
    there = new_block.pop(name, None)
    old_block.pop(name, None)
    meant = value if value is None else tomllib.loads(f"x = {_literal(value)}")["x"]
    if there != meant or _pruned(old) != _pruned(new):
        raise Refused(_("This text is laid out in a way of its own: change it as text."))
    return text


def _block(content: dict[str, Any], place: str) -> dict[str, Any]:
    for part in place.split("."):
        content = content.setdefault(part, {})
    return content


def _pruned(content: dict[str, Any]) -> dict[str, Any]:
    """Leave out empty blocks of sections: `[limits]` with nothing below it says nothing."""
    return {k: v for k, v in content.items() if v != {}}


def _lines_of_keys(text: str) -> dict[str, int]:
    """Return on which line each key and each section's head stands."""
    found: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if head := _section(line):
            section = head
            found.setdefault(section, number)
            found.setdefault(section.split(".")[0], number)
        elif assigned := _ASSIGNED.match(line):
            found.setdefault(f"{section}.{assigned[3]}".lstrip("."), number)
    return found


def _line_of(mistake: str, lines: dict[str, int]) -> int:
    """Return the line of the key that a mistake names first."""
    for word in re.findall(r"[A-Za-z0-9_.-]+", mistake):
        if word in lines:
            return lines[word]
    near = get_close_matches(mistake.split(" ")[0], lines, n=1)
    return lines[near[0]] if near else 0
