"""The policy file as text: every key described, a policy written out, one key of a text changed.

For screens that show the file as forms and write it back. A text that is changed keeps its
comments, its order and its notation; what it means is checked before it is given back.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal
from typing import Any

from tenor.engine.errors import PolicyError
from tenor.engine.policy import keys
from tenor.engine.policy.policyfile import SECTIONS, Policy, parse_policy
from tenor.engine.policy.sections import ChannelPolicy

CHANNELS = "channels"
ANY_CHANNEL = f"{CHANNELS}.*"
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_HEADER = re.compile(r"\s*\[(?P<name>[^\[\]]+)\]\s*(#.*)?$")


@dataclass(frozen=True)
class Key:
    """One key of the policy file.

    `section` is the block it stands in ("channels.*" for those of every channel); `type` one of
    number, whole, amount, flag, code, texts, hours, weekdays; `default` as a policy holds it
    (None: the key is left out, and bounds nothing), `written` the same as TOML. `least` and
    `most` bound numbers and amounts.
    """

    section: str
    name: str
    type: str
    default: Any
    written: str | None
    unit: str
    meaning: str
    least: float | Decimal | None
    most: float | Decimal | None


def policy_keys() -> tuple[Key, ...]:
    """Return every key that a policy file may hold, block by block in the handbook's order."""
    sections = {"objective": SECTIONS["objective"], ANY_CHANNEL: ChannelPolicy} | SECTIONS
    return tuple(key for name, section in sections.items() for key in _keys_of(name, section))


def render_policy(policy: Policy, *, defaults: bool = True) -> str:
    """Write a policy as TOML that is read back as the same policy.

    `defaults=False` leaves out the keys that hold their default.

    Example
    -------
    >>> print(render_policy(parse_policy("[channels.email]"), defaults=False))
    [channels.email]
    <BLANKLINE>
    """
    blocks: list[tuple[str, Any]] = [("objective", policy.objective)]
    blocks += [(_dotted(CHANNELS, c.name), c) for c in policy.channels]
    blocks += [(name, getattr(policy, name)) for name in SECTIONS if name != "objective"]
    written = []
    for name, section in blocks:
        lines = [
            f"{f.name} = {keys.writer_of(f.metadata)(value)}"
            for f in fields(section)
            if f.metadata
            for value in [getattr(section, f.name)]
            if value is not None and (defaults or value != f.default)
        ]
        if lines or isinstance(section, ChannelPolicy):
            written.append("\n".join([f"[{name}]", *lines]) + "\n")
    return "\n".join(written)


def set_key(text: str, name: str, value: Any) -> str:
    """Return the policy text with one key set, everything else as it stood.

    Parameters
    ----------
    text : a policy file.
    name : block and key, "limits.min_days_between" or "channels.email.cost"; a block that is not
        there yet is added at the end (for a channel, that turns it on).
    value : as a policy holds it (`Policy`), or as the file writes it ("08:00-20:00", "Mon-Fri", a
        list of tones); None takes the key out, so that its default holds.

    Raises
    ------
    PolicyError
        Where the key does not exist or the value cannot be used, naming the key; where the text
        is no policy; where it is written in a way that cannot be changed line by line.

    Example
    -------
    >>> set_key("[limits]\\nmin_days_between = 4  # calm\\n", "limits.min_days_between", 5)
    '[limits]\\nmin_days_between = 5  # calm\\n'
    """
    block, _, key = name.rpartition(".")
    kind = _kind_of(block, key)
    written = None if value is None else _written(name, kind, value)
    lines = text.splitlines(keepends=True)
    header, end = _block(lines, block)
    if header is None:
        changed = lines if written is None else _with_block(lines, block, [f"{key} = {written}\n"])
    else:
        changed = _with_key(lines, header, end, key, written)
    return _checked(text, "".join(changed), block, key, written)


def add_channel(text: str, name: str) -> str:
    """Return the policy text with a channel turned on with the defaults (unchanged if it was)."""
    block = _dotted(CHANNELS, name)
    lines = text.splitlines(keepends=True)
    if _block(lines, block)[0] is not None:
        return text
    return _checked(text, "".join(_with_block(lines, block, [])), block)


def remove_channel(text: str, name: str) -> str:
    """Return the policy text without a channel's block, which turns the channel off.

    Raises PolicyError where the text has no such block.
    """
    block = _dotted(CHANNELS, name)
    lines = text.splitlines(keepends=True)
    header, end = _block(lines, block)
    if header is None:
        raise PolicyError(f"{block}: there is no such block to take out")
    return _checked(text, "".join(lines[:header] + lines[end:]), block, gone=True)


def _keys_of(name: str, section: Any) -> Iterator[Key]:
    for f in fields(section):
        if f.metadata:
            default = None if f.default is MISSING else f.default
            yield Key(
                section=name,
                name=f.name,
                type=f.metadata["type"],
                default=default,
                written=None if default is None else keys.writer_of(f.metadata)(default),
                unit=f.metadata["unit"],
                meaning=f.metadata["meaning"],
                least=f.metadata.get("least"),
                most=f.metadata.get("most"),
            )


def _kind_of(block: str, key: str) -> keys.Kind:
    """Return the kind of a key; an unknown one raises what reading a file with it would."""
    section = ChannelPolicy if block.startswith(f"{CHANNELS}.") else SECTIONS.get(block)
    found = {f.name: f.metadata for f in fields(section) if f.metadata} if section else {}
    if key not in found:
        place = ".".join(_quoted_name(part) for part in _parts(block)) if block else ""
        parse_policy(f"[{place}]\n{_quoted_name(key)} = 0\n" if place else f"{key} = 0\n")
        raise PolicyError(f"policy: unknown key {block}.{key}")
    return found[key]


def _written(name: str, kind: keys.Kind, value: Any) -> str:
    """Return the value as TOML: of a policy's value, or of what a file would hold."""
    read, write = keys.reader_of(kind), keys.writer_of(kind)
    given = list(value) if isinstance(value, tuple) and kind["type"] == "texts" else value
    if kind["type"] in ("hours", "weekdays") and not isinstance(value, str):
        try:
            given = tomllib.loads(f"v = {write(tuple(value))}")["v"]
        except (TypeError, ValueError, IndexError):
            given = value
    if isinstance(value, float):
        given = Decimal(repr(value))
    try:
        return write(read(given))
    except keys.UnfitError as allowed:
        raise PolicyError(f"policy: {name} is {value!r}; it must be {allowed}") from allowed


def _block(lines: list[str], block: str) -> tuple[int | None, int]:
    """Return the line of the block's header and the line after its last; None: not there."""
    wanted, header = _parts(block), None
    for number, line in enumerate(lines):
        if found := _HEADER.match(line):
            if header is not None:
                return header, _without_tail(lines, number)
            if _parts(found["name"]) == wanted:
                header = number
    return header, len(lines)


def _without_tail(lines: list[str], end: int) -> int:
    """Leave to the next block the comments and blank lines right above its header."""
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end


def _with_block(lines: list[str], block: str, content: list[str]) -> list[str]:
    head = [*lines]
    if head and not head[-1].endswith("\n"):
        head[-1] += "\n"
    gap = ["\n"] if head and head[-1].strip() else []
    name = ".".join(_quoted_name(part) for part in _parts(block))
    return [*head, *gap, f"[{name}]\n", *content]


def _with_key(lines: list[str], header: int, end: int, key: str, written: str | None) -> list[str]:
    """Return the lines with the key's value replaced, added below the header, or taken out."""
    start = re.compile(rf"(?P<before>\s*(?:{key}|\"{key}\"|'{key}')\s*=\s*)")
    for number in range(header + 1, end):
        if found := start.match(lines[number]):
            upto, comment = _value_end("".join(lines[number:end])[found.end() :])
            whole = found.end() + upto
            until = number + 1 + "".join(lines[number:end])[:whole].count("\n")
            new = [] if written is None else [f"{found['before']}{written}{comment}\n"]
            return lines[:number] + new + lines[until:]
    if written is None:
        return lines
    last = header
    for number in range(header + 1, end):
        if lines[number].strip() and not lines[number].lstrip().startswith("#"):
            last = number
    head = lines[: last + 1]
    if not head[-1].endswith("\n"):
        head[-1] += "\n"
    return [*head, f"{key} = {written}\n", *lines[last + 1 :]]


def _value_end(text: str) -> tuple[int, str]:
    """Return how long the value at the start of `text` is, and the comment on its last line."""
    depth, quote, place = 0, "", 0
    while place < len(text):
        char = text[place]
        if quote:
            if char == "\\" and quote == '"':
                place += 1
            elif char == quote:
                quote = ""
        elif char in "\"'":
            quote = char
        elif char in "[{":
            depth += 1
        elif char in "]}":
            depth -= 1
        elif char == "#":
            line_end = text.find("\n", place)
            line_end = len(text) if line_end < 0 else line_end
            if depth == 0:
                value = text[:place].rstrip()
                return len(value), text[len(value) : line_end]
            place = line_end
        elif char == "\n" and depth == 0:
            break
        place += 1
    return len(text[:place].rstrip()), ""


def _checked(
    before: str,
    after: str,
    block: str,
    key: str | None = None,
    written: str | None = None,
    *,
    gone: bool = False,
) -> str:
    """Return the changed text if it means what was asked for and nothing else changed."""
    parse_policy(before)
    try:
        expected: dict[str, Any] = tomllib.loads(before, parse_float=Decimal)
        found = tomllib.loads(after, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(_unchangeable(block, key)) from error
    *above, last = _parts(block)
    place = expected
    for part in above:
        place = place.setdefault(part, {})
    if gone:
        place.pop(last, None)
    elif key is None or written is not None:
        place.setdefault(last, {})
    if key is not None and last in place:
        place[last].pop(key, None)
        if written is not None:
            place[last] |= tomllib.loads(f"{key} = {written}", parse_float=Decimal)
    if _plain(found) != _plain(expected):
        raise PolicyError(_unchangeable(block, key))
    parse_policy(after)
    return after


def _plain(content: dict[str, Any]) -> dict[str, Any]:
    """Return the content without empty blocks, which mean nothing (but for channels)."""
    return {name: value for name, value in content.items() if value != {}}


def _unchangeable(block: str, key: str | None) -> str:
    name = f"{block}.{key}" if key else block
    return (
        f"policy: {name} cannot be changed in this text line by line; "
        f"write the block as [{block}] with a line for each key"
    )


def _parts(name: str) -> list[str]:
    """Return the parts of a dotted name as TOML reads them."""
    try:
        content = tomllib.loads(f"[{name}]")
    except tomllib.TOMLDecodeError:
        # A channel's own word, not yet quoted.
        return name.split(".", 1)
    parts = []
    while content:
        ((part, content),) = content.items()
        parts.append(part)
    return parts


def _quoted_name(part: str) -> str:
    return part if _BARE.fullmatch(part) else keys.quoted(part)


def _dotted(block: str, name: str) -> str:
    return f"{block}.{_quoted_name(name)}"
