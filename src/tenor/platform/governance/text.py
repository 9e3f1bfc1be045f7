"""Change one value in the text of a policy file, and find the lines that an error speaks of."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from tenor.engine.errors import PolicyError
from tenor.engine.policy import policytext
from tenor.engine.policy.policyfile import parse_policy
from tenor.platform.core.errors import Invalid

_HEAD = re.compile(r"^\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_ASSIGNED = re.compile(r"""^(\s*)("?)([A-Za-z0-9_-]+)\2(\s*=\s*)(.*)$""")
# Between two mistakes, and not before the second half of one.
_PARTS = re.compile(r"; (?!did you mean |it must be )")


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

    Remarks and order stay. What cannot be used, or cannot be changed line by line, is refused.
    """
    return _changed(key, policytext.set_key, text, key, value)


def add_channel(text: str, name: str) -> str:
    """Return `text` with a block for a channel, all of it at its defaults: the channel is on."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,29}", name):
        raise Invalid(_("A channel's name is small letters, digits and dashes."), field="channel")
    return _changed("channel", policytext.add_channel, text, name)


def remove_channel(text: str, name: str) -> str:
    """Return `text` without the block of a channel: it is off then."""
    return _changed("channel", policytext.remove_channel, text, name)


def _changed(field: str, change: Callable[..., str], *given: Any) -> str:
    try:
        return change(*given)
    except PolicyError as error:
        raise Invalid(str(error).removeprefix("policy: "), field=field) from None


def _section(line: str) -> str:
    found = _HEAD.match(line)
    return re.sub(r"[\s\"']", "", found[1]) if found else ""


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
