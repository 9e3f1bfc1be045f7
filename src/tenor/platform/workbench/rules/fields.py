"""The policy file as a form: a field a key, with its words, its default and what it may be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from tenor.engine.policy import keys
from tenor.engine.policy.policyfile import SECTIONS as ENGINE_SECTIONS
from tenor.engine.policy.policyfile import Policy
from tenor.engine.policy.sections import ChannelPolicy
from tenor.platform.core.errors import Invalid
from tenor.platform.governance.text import set_key
from tenor.platform.workbench.rules import words
from tenor.platform.workbench.templatetags.tenor import money, word

# The tones that predictors know from elsewhere; others are an organisation's own.
TONES = ("friendly", "neutral", "firm", "urgent", "empathetic")
# How the form shows each type of the engine.
_KINDS = {"texts": "tones", "weekdays": "days"}


@dataclass(frozen=True)
class Option:
    """One of several that may be ticked."""

    value: str
    ticked: bool


@dataclass(frozen=True)
class Field:
    """A key in a form. `text` is what stands in the field, `shown` the value as people read it.

    `lowest` and `highest` are in the unit of the field; `default` is written as `shown` is.
    """

    key: str
    kind: str
    words: words.Words
    value: Any
    text: str
    shown: str
    default: str
    is_default: bool
    lowest: str = ""
    highest: str = ""
    options: tuple[Option, ...] = ()
    optional: bool = False
    error: str = ""

    @property
    def id(self) -> str:
        """Return the key as an element's id."""
        return re.sub(r"[^a-z0-9]+", "-", self.key)


@dataclass(frozen=True)
class Group:
    """A section of the form: the limits, or one channel."""

    place: str
    words: words.Section
    fields: list[Field] = field(default_factory=list)
    channel: str = ""

    @property
    def differing(self) -> int:
        """Return how many values are not the default."""
        return sum(not f.is_default for f in self.fields)


def groups(policy: Policy, given: Mapping[str, Any] | None = None,
           errors: Mapping[str, str] | None = None) -> list[Group]:  # fmt: skip
    """Return the form of `policy`; with `given` what somebody typed, and `errors` by key."""
    currency = policy.objective.currency
    found = []
    for place, section in words.SECTIONS.items():
        if place != "channels":
            part = getattr(policy, place)
            made = _fields(place, ENGINE_SECTIONS[place](), part, currency, given, errors)
            found.append(Group(place, section, [_of_channels(f, policy, given) for f in made]))
            continue
        for channel in policy.channels:
            name, at = channel.name, f"channels.{channel.name}"
            made = _fields(at, ChannelPolicy(name), channel, currency, given, errors)
            found.append(Group(at, section, made, channel=name))
    return found


@dataclass(frozen=True)
class ChannelRow:
    """One key of all channels, side by side."""

    words: words.Words
    fields: list[Field]


def channel_rows(found: list[Group]) -> list[ChannelRow]:
    """Turn the blocks of the channels by their side: a row a key, a column a channel."""
    blocks = [group.fields for group in found if group.channel]
    return [ChannelRow(row[0].words, list(row)) for row in zip(*blocks, strict=True)]


def changed_text(text: str, policy: Policy, given: Mapping[str, Any]) -> str:
    """Return `text` with every value that differs from `policy`'s in what somebody typed.

    Raises `FormErrors` that names every field that cannot be used.
    """
    errors: dict[str, str] = {}
    for group in groups(policy):
        for f in group.fields:
            if f.kind not in ("flag", "tones", "days") and f.key not in given:
                continue
            try:
                value = _value(f, given)
            except ValueError as error:
                errors[f.key] = str(error)
                continue
            if value == _plain(f):
                continue
            try:
                text = set_key(text, f.key, value)
            except Invalid as refused:
                bounds = {"low": f.lowest, "high": f.highest}
                errors[f.key] = (
                    _("from %(low)s to %(high)s, please") % bounds
                    if f.lowest and value is not None
                    else refused.message.removeprefix(f"{f.key} ")
                )
    if errors:
        raise FormErrors(errors)
    return text


class FormErrors(Invalid):
    """Some fields cannot be used; `errors` says why, by key."""

    def __init__(self, errors: dict[str, str]) -> None:
        """Keep what is wrong with each field."""
        super().__init__(_("Some values cannot be used: they are marked below. Nothing was saved."))
        self.errors = errors


def readable(key: str, value: Any, currency: str) -> str:
    """Write the value of a key as people read it; a key that is not there is a dash."""
    return "–" if value is None else _shown(_kind_of(key), _words_of(key).unit, value, currency)


def words_of(key: str) -> str:
    """Return the name of a key in the reader's language, its channel before it."""
    place = key.split(".")
    name = str(_words_of(key).name)
    return f"{word(place[1])}: {name}" if place[0] == "channels" else name


def _fields(
    place: str,
    default: Any,
    part: Any,
    currency: str,
    given: Mapping[str, Any] | None,
    errors: Mapping[str, str] | None,
) -> list[Field]:
    made = []
    for f in fields(part):
        if not f.metadata:
            continue
        key, value, usual = f"{place}.{f.name}", getattr(part, f.name), getattr(default, f.name)
        kind, said = _kind(f), _words_of(f"{place}.{f.name}")
        text = _text(kind, said.unit, value)
        if given is not None and key in given and kind not in ("flag", "tones", "days"):
            text = str(given[key])
        lowest, highest = _bounds(f, said.unit)
        made.append(
            Field(
                key=key, kind=kind, words=said, value=value, text=text,
                shown=_shown(kind, said.unit, value, currency),
                default=_shown(kind, said.unit, usual, currency),
                is_default=value == usual, lowest=lowest, highest=highest,
                options=_options(kind, key, value, given),
                optional=usual is None, error=(errors or {}).get(key, ""),
            )
        )  # fmt: skip
    return made


def _of_channels(f: Field, policy: Policy, given: Mapping[str, Any] | None) -> Field:
    """Let a field that lists channels offer those of the policy."""
    if f.key != "exploration.channels":
        return f
    ticked = f.value if given is None else _listed(given, f.key)
    names = dict.fromkeys([*(channel.name for channel in policy.channels), *f.value])
    return replace(f, options=tuple(Option(name, name in ticked) for name in names))


def _words_of(key: str) -> words.Words:
    parts = key.split(".")
    general = f"{parts[0]}.{parts[-1]}"
    return words.KEYS.get(general) or words.Words(parts[-1].replace("_", " "), "")


def _kind(declared: Any) -> str:
    kind = str(declared.metadata["type"])
    return _KINDS.get(kind, kind)


def _kind_of(key: str) -> str:
    place, _dot, name = key.rpartition(".")
    section = ChannelPolicy if place.startswith("channels.") else ENGINE_SECTIONS[place]
    return next(_kind(f) for f in fields(section) if f.name == name)


def _bounds(declared: Any, unit: Any) -> tuple[str, str]:
    """Return between what the engine accepts the value, written in the unit of the field."""
    ends = declared.metadata.get("least"), declared.metadata.get("most")
    if None in ends:
        return "", ""
    scale = 100 if unit == "share" else 1
    low, high = (Decimal(str(end)) * scale for end in ends)
    return number_format(_trimmed(low)), number_format(_trimmed(high), force_grouping=True)


def _options(
    kind: str, key: str, value: Any, given: Mapping[str, Any] | None
) -> tuple[Option, ...]:
    if kind not in ("tones", "days"):
        return ()
    known = TONES if kind == "tones" else keys.WEEKDAYS
    ticked = value if kind == "tones" else [keys.WEEKDAYS[d] for d in value]
    if given is not None:
        ticked = _listed(given, key)
    every = dict.fromkeys([*known, *(value if kind == "tones" else ())])
    return tuple(Option(name, name in ticked) for name in every)


def _listed(given: Mapping[str, Any], key: str) -> list[str]:
    many = getattr(given, "getlist", None)
    return list(many(key)) if many else list(given.get(key, []))


def _text(kind: str, unit: Any, value: Any) -> str:
    """Write a value as it stands in its field: plain digits, the point as machines write it."""
    if value is None:
        return ""
    if kind == "hours":
        return _hours(value)
    if unit == "share":
        value = Decimal(str(value)) * 100
    if isinstance(value, float | Decimal):
        plain = f"{Decimal(str(value)):f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    return str(value)


def _shown(kind: str, unit: Any, value: Any, currency: str) -> str:
    if value is None:
        return _("no bound")
    if kind == "flag":
        return _("yes") if value else _("no")
    if kind == "tones":
        return ", ".join(word(one) for one in value) or "–"
    if kind == "days":
        return (
            _("every day") if len(value) == 7 else ", ".join(str(WEEKDAYS_ABBR[d]) for d in value)
        )
    text = _text(kind, unit, value)
    if unit == "share":
        return f"{number_format(text)}%"
    if unit == "money":
        return money(value, currency)
    if kind in ("whole", "number"):
        return f"{number_format(text)} {unit}".strip().replace("-", "−")
    return text


def _hours(value: tuple[int, int]) -> str:
    start, end = (f"{minutes // 60:02d}:{minutes % 60:02d}" for minutes in value)
    return f"{start}-{end}"


def _plain(f: Field) -> Any:
    """Return a field's present value as it is compared with what was typed."""
    if f.value is None:
        return None
    if f.kind == "hours":
        return _hours(f.value)
    if f.kind == "days":
        return ",".join(keys.WEEKDAYS[d] for d in f.value)
    if f.kind == "tones":
        return list(f.value)
    if f.kind in ("number", "amount"):
        return Decimal(str(f.value))
    return f.value


def _value(f: Field, given: Mapping[str, Any]) -> Any:
    """Read what was typed as the value of a key; nothing typed is the default (None)."""
    if f.kind == "flag":
        return f.key in given
    if f.kind == "tones":
        return _listed(given, f.key)
    if f.kind == "days":
        return ",".join(d for d in keys.WEEKDAYS if d in _listed(given, f.key))
    text = str(given[f.key]).strip()
    if not text:
        return None
    if f.kind in ("hours", "code"):
        return text
    if f.kind == "whole":
        if not re.fullmatch(r"-?\d{1,9}", text):
            raise ValueError(_("a whole number, please"))
        return int(text)
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise ValueError(_("a number, please")) from None
    if not number.is_finite():
        raise ValueError(_("a number, please"))
    return _trimmed(number / 100 if f.words.unit == "share" else number)


def _trimmed(number: Decimal) -> Decimal:
    """Write a number without the zeros that nobody typed."""
    return Decimal(f"{number.normalize():f}")
