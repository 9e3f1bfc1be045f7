"""The policy file: what the organisation wants and allows, as TOML with a default for every key.

The dataclasses below are the list of keys: each field carries its default, how its value is
read and which values it allows. `docs/handbook/policy.md` says the same at more length.
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
from tenor.engine.policy import keys

TONES = ("friendly", "neutral", "firm")

_SHARE = keys.number(0, 1)
_MONEY = keys.number(0, 1_000_000)
_DAYS = keys.whole(0, 365)


@dataclass(frozen=True)
class Objective:
    """What a decision is worth; money in `currency`."""

    currency: str = field(default="EUR", metadata=keys.code(3, 'an ISO 4217 code such as "EUR"'))
    value_per_day_earlier: float = field(default=0.0005, metadata=_SHARE)
    value_of_payment: float = field(default=25.0, metadata=_MONEY)
    cost_of_escalation: float = field(default=60.0, metadata=_MONEY)
    cost_of_complaint: float = field(default=40.0, metadata=_MONEY)
    cost_of_opt_out: float = field(default=15.0, metadata=_MONEY)


@dataclass(frozen=True)
class ChannelPolicy:
    """How one channel may be used.

    `hours` are minutes since local midnight, from and until; `days` weekdays with Monday 0;
    a capacity of None is unbounded.
    """

    name: str
    cost: float = field(default=0.0, metadata=_MONEY)
    tones: tuple[str, ...] = field(default=TONES, metadata=keys.TONES)
    hours: tuple[int, int] = field(default=(8 * 60, 20 * 60), metadata=keys.HOURS)
    days: tuple[int, ...] = field(default=tuple(range(7)), metadata=keys.DAYS)
    days_to_arrive: float = field(default=0.0, metadata=keys.number(0, 30))
    capacity_per_day: int | None = field(default=None, metadata=keys.whole(0, 10_000_000))
    capacity_per_week: int | None = field(default=None, metadata=keys.whole(0, 70_000_000))


@dataclass(frozen=True)
class Limits:
    """What is never done, whatever it would be worth."""

    min_days_between: int = field(default=4, metadata=_DAYS)
    max_contacts_30d: int = field(default=6, metadata=keys.whole(0, 1000))
    first_contact_from_due: int = field(default=-3, metadata=keys.whole(-365, 365))
    escalate_after: int = field(default=60, metadata=keys.whole(1, 36_500))
    min_amount: Decimal = field(default=Decimal(0), metadata=keys.AMOUNT)
    quiet_holidays: bool = field(default=False, metadata=keys.FLAG)
    promise_tolerance_days: int = field(default=3, metadata=_DAYS)
    pause_after_complaint_days: int = field(default=14, metadata=_DAYS)


@dataclass(frozen=True)
class Exploration:
    """How much is left to chance, so that the engine keeps learning."""

    share: float = field(default=0.01, metadata=_SHARE)
    amount_below: Decimal | None = field(default=None, metadata=keys.AMOUNT)


@dataclass(frozen=True)
class Review:
    """Which decisions a person looks at first."""

    sample: float = field(default=0.01, metadata=_SHARE)
    amount_above: Decimal = field(default=Decimal(5000), metadata=keys.AMOUNT)
    uncertain_below: float = field(default=0.6, metadata=_SHARE)
    visits_without_payment: int = field(default=3, metadata=keys.whole(1, 1000))
    escalate_without_person: bool = field(default=False, metadata=keys.FLAG)


@dataclass(frozen=True)
class Jurisdiction:
    """Whose public holidays count for a customer without a country."""

    default: str = field(default="NL", metadata=keys.code(2, 'an ISO 3166-1 code such as "NL"'))


@dataclass(frozen=True)
class Decision:
    """How far ahead a decision may plan, and how long its outcome is awaited."""

    horizon_days: int = field(default=14, metadata=keys.whole(1, 60))
    outcome_window_days: int = field(default=14, metadata=keys.whole(1, 120))


@dataclass(frozen=True)
class Policy:
    """A whole policy file, read: every key with its value. Channels stand in order of name."""

    objective: Objective = Objective()
    channels: tuple[ChannelPolicy, ...] = ()
    limits: Limits = Limits()
    exploration: Exploration = Exploration()
    review: Review = Review()
    jurisdiction: Jurisdiction = Jurisdiction()
    decision: Decision = Decision()

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
        content["channels"] = [_plain(channel) for channel in self.channels]
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
        return []

    def describe(self) -> list[str]:
        """Say the policy in plain sentences, one a line."""
        return [_describe_channel(c, self.objective.currency) for c in self.channels] + [
            *self.warnings,
            *_describe_limits(self.limits),
            *_describe_chance(self),
        ]


# The tables of the file besides `channels`, each with the keys it may hold.
SECTIONS: dict[str, Any] = {
    "objective": Objective,
    "limits": Limits,
    "exploration": Exploration,
    "review": Review,
    "jurisdiction": Jurisdiction,
    "decision": Decision,
}


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


def _plain(section: Any) -> dict[str, Any]:
    """Return a section as JSON values, the same however a number was written."""
    return {
        f.name: f"{value.normalize():f}" if isinstance(value, Decimal) else value
        for f in fields(section)
        for value in [getattr(section, f.name)]
    }


def _describe_channel(channel: ChannelPolicy, currency: str) -> str:
    start, end = (f"{m // 60:02d}:{m % 60:02d}" for m in channel.hours)
    days = (
        "every day" if len(channel.days) == 7 else ", ".join(keys.WEEKDAYS[d] for d in channel.days)
    )
    bounds = [
        f"at most {bound} a {period}"
        for period, bound in [
            ("day", channel.capacity_per_day),
            ("week", channel.capacity_per_week),
        ]
        if bound is not None
    ]
    parts = [
        f"{channel.name}: {channel.cost:.2f} {currency} each",
        " or ".join(channel.tones),
        f"{days} between {start} and {end} local time",
        *([f"{channel.days_to_arrive:g} days to arrive"] if channel.days_to_arrive else []),
        *bounds,
    ]
    return "; ".join(parts)


def _describe_limits(limits: Limits) -> list[str]:
    first = limits.first_contact_from_due
    side = "after" if first > 0 else "before"
    when = f"{abs(first)} days {side} the due date" if first else "on the due date"
    return [
        f"at least {limits.min_days_between} days between two contacts with a customer, "
        f"and at most {limits.max_contacts_30d} in 30 days, over all channels",
        f"an invoice is first asked for {when}",
        f"proposed for collection {limits.escalate_after} days after it was due",
    ]


def _describe_chance(policy: Policy) -> list[str]:
    review = policy.review
    return [
        f"{policy.exploration.share:.1%} of customers get a random allowed action, to learn from",
        f"a person sees {review.sample:.1%} of decisions at random, contacts about more than "
        f"{review.amount_above} {policy.objective.currency}, choices less than "
        f"{review.uncertain_below:.0%} likely to beat waiting, and customers who saw the payment "
        f"page {review.visits_without_payment} times without paying",
    ]
