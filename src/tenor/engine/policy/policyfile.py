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
from tenor.engine.policy.policywords import describe_chance, describe_channel, describe_limits

TONES = ("friendly", "neutral", "firm")

_SHARE = keys.number(0, 1)
_MONEY = keys.number(0, 1_000_000)
_DAYS = keys.whole(0, 365)


@dataclass(frozen=True)
class Objective:
    """What a decision is worth; money in `currency`."""

    currency: str = field(
        default="EUR",
        metadata=keys.key(
            keys.code(3, 'an ISO 4217 code such as "EUR"'),
            "ISO 4217 code of the costs and values of the policy; nothing is converted.",
        ),
    )
    value_per_day_earlier: float = field(
        default=0.0005,
        metadata=keys.key(_SHARE, "What a payment one day earlier is worth.", "of the amount"),
    )
    value_of_payment: float = field(
        default=25.0,
        metadata=keys.key(
            _MONEY, "What bringing a payment into the outcome window is worth.", "money"
        ),
    )
    cost_of_escalation: float = field(
        default=60.0,
        metadata=keys.key(
            _MONEY, "Charged for an invoice that is handed over to collection.", "money"
        ),
    )
    cost_of_complaint: float = field(
        default=40.0, metadata=keys.key(_MONEY, "Charged for an expected complaint.", "money")
    )
    cost_of_opt_out: float = field(
        default=15.0, metadata=keys.key(_MONEY, "Charged for an expected opt-out.", "money")
    )


@dataclass(frozen=True)
class ChannelPolicy:
    """How one channel may be used.

    `hours` are minutes since local midnight, from and until; `days` weekdays with Monday 0;
    a capacity of None is unbounded.
    """

    name: str
    cost: float = field(default=0.0, metadata=keys.key(_MONEY, "Cost of one contact.", "money"))
    tones: tuple[str, ...] = field(
        default=TONES,
        metadata=keys.key(keys.TONES, "Tones of voice that may be used on this channel."),
    )
    hours: tuple[int, int] = field(
        default=(8 * 60, 20 * 60),
        metadata=keys.key(keys.HOURS, "From and until when the channel may be used.", "local time"),
    )
    days: tuple[int, ...] = field(
        default=tuple(range(7)),
        metadata=keys.key(keys.DAYS, "On which weekdays the channel may be used.", "weekdays"),
    )
    days_to_arrive: float = field(
        default=0.0,
        metadata=keys.key(keys.number(0, 30), "How long a contact is under way.", "days"),
    )
    capacity_per_day: int | None = field(
        default=None,
        metadata=keys.key(
            keys.whole(0, 10_000_000), "At most so many a day, over all customers.", "contacts"
        ),
    )
    capacity_per_week: int | None = field(
        default=None,
        metadata=keys.key(
            keys.whole(0, 70_000_000), "At most so many a week, over all customers.", "contacts"
        ),
    )


@dataclass(frozen=True)
class Limits:
    """What is never done, whatever it would be worth."""

    min_days_between: int = field(
        default=4,
        metadata=keys.key(
            _DAYS, "Between two contacts with a customer, over all channels.", "days"
        ),
    )
    max_contacts_30d: int = field(
        default=6,
        metadata=keys.key(
            keys.whole(0, 1000), "Most contacts with a customer in any 30 days.", "contacts"
        ),
    )
    first_contact_from_due: int = field(
        default=-3,
        metadata=keys.key(
            keys.whole(-365, 365),
            "First day an invoice may be asked for, from its due date; negative: before.",
            "days",
        ),
    )
    escalate_after: int = field(
        default=60,
        metadata=keys.key(
            keys.whole(1, 36_500),
            "From when an invoice is proposed for collection.",
            "days overdue",
        ),
    )
    min_amount: Decimal = field(
        default=Decimal(0),
        metadata=keys.key(keys.AMOUNT, "Who owes less in all is left alone.", "money"),
    )
    quiet_holidays: bool = field(
        default=False,
        metadata=keys.key(
            keys.FLAG, "Whether nobody is contacted on a public holiday of their country."
        ),
    )
    promise_tolerance_days: int = field(
        default=3,
        metadata=keys.key(_DAYS, "How long after a promised day nothing is asked.", "days"),
    )
    pause_after_complaint_days: int = field(
        default=14,
        metadata=keys.key(_DAYS, "How long nobody contacts a customer who complained.", "days"),
    )


@dataclass(frozen=True)
class Exploration:
    """How much is left to chance, so that the engine keeps learning."""

    share: float = field(
        default=0.01,
        metadata=keys.key(
            _SHARE,
            "Who get an allowed action at random, so that its effect can be learned.",
            "of customers",
        ),
    )
    amount_below: Decimal | None = field(
        default=None,
        metadata=keys.key(
            keys.AMOUNT, "Only customers who owe less in all are explored with.", "money"
        ),
    )


@dataclass(frozen=True)
class Review:
    """Which decisions a person looks at first."""

    sample: float = field(
        default=0.01,
        metadata=keys.key(_SHARE, "Drawn at random for a person to look at.", "of decisions"),
    )
    amount_above: Decimal = field(
        default=Decimal(5000),
        metadata=keys.key(keys.AMOUNT, "A person sees contacts about more than this.", "money"),
    )
    uncertain_below: float = field(
        default=0.6,
        metadata=keys.key(
            _SHARE, "A person sees contacts less likely to beat waiting.", "probability"
        ),
    )
    visits_without_payment: int = field(
        default=3,
        metadata=keys.key(
            keys.whole(1, 1000),
            "A person sees who looked at the payment page so often unpaid.",
            "visits",
        ),
    )
    escalate_without_person: bool = field(
        default=False,
        metadata=keys.key(
            keys.FLAG, "Whether an invoice goes to collection without a person confirming."
        ),
    )


@dataclass(frozen=True)
class Jurisdiction:
    """Whose public holidays count for a customer without a country."""

    default: str = field(
        default="NL",
        metadata=keys.key(
            keys.code(2, 'an ISO 3166-1 code such as "NL"'),
            "Country (ISO 3166-1) whose public holidays count where none is stated.",
        ),
    )


@dataclass(frozen=True)
class Decision:
    """How far ahead a decision may plan, and how long its outcome is awaited."""

    horizon_days: int = field(
        default=14,
        metadata=keys.key(
            keys.whole(1, 60), "Within which a contact may be planned, today included.", "days"
        ),
    )
    outcome_window_days: int = field(
        default=14,
        metadata=keys.key(
            keys.whole(1, 120),
            "Within which a payment counts as the outcome of a decision.",
            "days",
        ),
    )


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
        return [describe_channel(c, self.objective.currency) for c in self.channels] + [
            *self.warnings,
            *describe_limits(self.limits),
            *describe_chance(self),
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
