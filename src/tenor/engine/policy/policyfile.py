"""The policy file: what the organisation wants and allows, as TOML with a default for every key.

The list of keys is in `sections`.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from tenor.engine.errors import PolicyError
from tenor.engine.law.library import pack_of
from tenor.engine.law.pack import Pack
from tenor.engine.policy import keys
from tenor.engine.policy.policywords import (
    describe_chance,
    describe_channel,
    describe_limits,
    describe_offers,
)
from tenor.engine.policy.sections import (
    ChannelPolicy,
    Decision,
    Exploration,
    Judgement,
    Jurisdiction,
    Limits,
    Objective,
    Offers,
    Plans,
    Review,
)


@dataclass(frozen=True)
class Policy:
    """A whole policy file, read: every key with its value. Channels stand in order of name.

    `packs` are the jurisdictions that the organisation reads more strictly than the shipped packs;
    they are no part of the file.
    """

    objective: Objective = field(default_factory=Objective)
    channels: tuple[ChannelPolicy, ...] = ()
    limits: Limits = field(default_factory=Limits)
    exploration: Exploration = field(default_factory=Exploration)
    review: Review = field(default_factory=Review)
    jurisdiction: Jurisdiction = field(default_factory=Jurisdiction)
    decision: Decision = field(default_factory=Decision)
    plans: Plans = field(default_factory=Plans)
    offers: Offers = field(default_factory=Offers)
    judgement: Judgement = field(default_factory=Judgement)
    packs: Mapping[str, Pack] = field(default_factory=dict)

    def pack(self, jurisdiction: str) -> Pack:
        """Return the law of a jurisdiction: as the organisation reads it, else as shipped."""
        return self.packs.get(jurisdiction) or pack_of(jurisdiction)

    @property
    def horizon_days(self) -> int:
        """Return how many days ahead, today included, a contact may be planned."""
        return self.decision.horizon_days

    @property
    def outcome_window_days(self) -> int:
        """Return within how many days a payment counts as the outcome of a decision."""
        return self.decision.outcome_window_days

    @property
    def days_to_arrive(self) -> dict[str, float]:
        """Return per channel how many days a message is under way."""
        return {channel.name: channel.days_to_arrive for channel in self.channels}

    @property
    def version(self) -> str:
        """Return twelve hexadecimal digits that change with any value, not with its notation."""
        content: dict[str, Any] = {name: _plain(getattr(self, name)) for name in SECTIONS}
        for name in _LATER:
            if getattr(self, name) == SECTIONS[name]():
                del content[name]
        for name, later in _LATER_KEYS.items():
            known = {f.name: f.default for f in fields(SECTIONS[name])}
            for key in later:
                if getattr(getattr(self, name), key) == known[key]:
                    del content[name][key]
        content["channels"] = [_channel(channel) for channel in self.channels]
        if self.packs:
            content["packs"] = {name: pack.version for name, pack in sorted(self.packs.items())}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]

    @property
    def warnings(self) -> list[str]:
        """Return what is allowed but probably not meant."""
        if not self.channels:
            return [
                "no channel is on, so everybody is left alone: add a block such as [channels.email]"
            ]
        if self.limits.max_contacts_30d == 0:
            return ["limits.max_contacts_30d is 0, so everybody is left alone"]
        known = {channel.name for channel in self.channels}
        return [
            f"exploration.channels names {name}, which is no channel of this policy"
            for name in self.exploration.channels
            if name not in known
        ]

    def describe(self) -> list[str]:
        """Say the policy in plain sentences, one a line."""
        return [describe_channel(c, self.objective.currency) for c in self.channels] + [
            *self.warnings,
            *describe_limits(self.limits),
            *describe_chance(self),
            *describe_offers(self),
        ]


# The tables of the file besides `channels`, each with the keys it may hold.
SECTIONS: dict[str, Any] = {
    "objective": Objective,
    "limits": Limits,
    "exploration": Exploration,
    "review": Review,
    "jurisdiction": Jurisdiction,
    "decision": Decision,
    "plans": Plans,
    "offers": Offers,
    "judgement": Judgement,
}
# Tables that came later: at their defaults they leave the version of a policy as it was, so that
# decisions made before still name the policy that they were made with.
_LATER = ("plans", "offers", "judgement")
_LATER_KEYS = {"exploration": ("price_per_day", "draws", "temper", "channels")}


def read_policy(path: Path | None) -> Policy:
    """Read the policy file at `path`; None is the empty file: defaults, and no channel on.

    Raises PolicyError that names every place with a problem, what stands there and what may.
    """
    if path is None:
        return Policy()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise PolicyError(f"{path}: the policy file cannot be read: {reason}") from error
    return parse_policy(text, source=str(path))


def parse_policy(text: str, source: str = "policy") -> Policy:
    """Read policy TOML from `text`; `source` names it in errors.

    Example
    -------
    >>> parse_policy("[limits]\\nmin_days_between = 7").limits.min_days_between
    7
    """
    try:
        content = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{source}: this is not TOML: {error}") from error
    problems: list[str] = []
    parts: dict[str, Any] = {}
    for name, value in content.items():
        if name == "channels":
            parts[name] = _read_channels(value, problems)
        elif name in SECTIONS:
            parts[name] = _read_section(SECTIONS[name], value, name, {}, problems)
        else:
            blocks = get_close_matches(name, [*SECTIONS, "channels"], n=1, cutoff=0.0)
            near = blocks[0] if isinstance(value, dict) else _nearest("", name)
            problems.append(f"unknown key {name}; did you mean {near}?")
    if problems:
        raise PolicyError(f"{source}: " + "; ".join(problems))
    return Policy(**parts)


def _read_channels(value: Any, problems: list[str]) -> tuple[ChannelPolicy, ...]:
    if not isinstance(value, dict):
        problems.append(f"channels is {_shown(value)}; it must be blocks such as [channels.email]")
        return ()
    if any(not name.strip() for name in value):
        problems.append("a channel has no name; its block must be headed such as [channels.email]")
    return tuple(
        _read_section(ChannelPolicy, block, f"channels.{name}", {"name": name}, problems)
        for name, block in sorted(value.items())
    )


def _read_section(
    section: Any, value: Any, place: str, given: Mapping[str, str], problems: list[str]
) -> Any:
    """Build `section` from the TOML table `value`, adding every problem to `problems`."""
    if not isinstance(value, dict):
        problems.append(f"{place} is {_shown(value)}; it must be a block headed [{place}]")
        return section(**given)
    readers = {f.name: keys.reader_of(f.metadata) for f in fields(section) if f.metadata}
    read: dict[str, Any] = dict(given)
    for key, found in value.items():
        if key not in readers:
            problems.append(f"unknown key {place}.{key}; did you mean {_nearest(place, key)}?")
            continue
        try:
            read[key] = readers[key](found)
        except keys.UnfitError as allowed:
            problems.append(f"{place}.{key} is {_shown(found)}; it must be {allowed}")
    return section(**read)


def _nearest(place: str, key: str) -> str:
    """Return the known key most like `key`: of the same name elsewhere, of its block, of any."""
    places: dict[str, Any] = SECTIONS | {"channels.email": ChannelPolicy}
    if place.startswith("channels."):
        places[place] = ChannelPolicy
    names = {p: [f.name for f in fields(section) if f.metadata] for p, section in places.items()}
    for p, known in names.items():
        if key in known:
            return f"{p}.{key}"
    if near := get_close_matches(key, names.get(place, []), n=1):
        return f"{place}.{near[0]}"
    everywhere = {name: p for p, known in names.items() for name in known}
    near = get_close_matches(key, everywhere, n=1, cutoff=0.0)
    return f"{everywhere[near[0]]}.{near[0]}"


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, default=str)


def _channel(channel: ChannelPolicy) -> dict[str, Any]:
    """Return a channel's keys; one that came later counts where it says something."""
    content: dict[str, Any] = _plain(channel)
    if not channel.fallback:
        del content["fallback"]
    return content


def _plain(section: Any) -> dict[str, Any]:
    """Return a section as JSON values, the same however a number was written."""
    return {
        f.name: f"{value.normalize():f}" if isinstance(value, Decimal) else value
        for f in fields(section)
        for value in [getattr(section, f.name)]
    }
