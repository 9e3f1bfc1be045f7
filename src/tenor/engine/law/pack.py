"""A jurisdiction pack: provisions, each with what it says over time, its source and its weight.

A pack stands on its parent (NL on EU, EU on `none`): a provision of the same section and name
replaces the parent's, all others are inherited.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

_ONE_DAY = timedelta(days=1)


class Confidence(StrEnum):
    """How sure we are that the value is what the source says."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Binding(StrEnum):
    """What stands behind a provision."""

    LAW = "law"  # a statute, decree, regulation or settled case
    PRESUMPTION = "presumption"  # the law presumes a breach beyond it
    POLICY = "policy"  # our default where no law found demands it


@dataclass(frozen=True)
class Reason:
    """Why something may or may not be done: a code, words with the facts in them, and the rule."""

    code: str
    text: str
    rule: str
    source: str
    since: date
    confidence: Confidence
    binding: Binding


@dataclass(frozen=True)
class InForce:
    """What a provision says from `first` to `last` (both included; None: until further notice).

    `says` is the section's own value (a scale, a rate, a window); None where the value of that
    time was looked for and not found: nothing may be built on it. `written` are the values as the
    file has them, for people who read the pack; `review_by` is the day by which somebody looks
    whether it still holds (None: no such day is set).
    """

    first: date
    last: date | None
    says: Any
    source: str
    confidence: Confidence
    binding: Binding
    review_by: date | None = None
    written: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def holds_on(self, day: date) -> bool:
        """Say whether the row is in force on `day`."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Provision:
    """One rule of a pack: where it stands, what it is about, and its rows in order of time."""

    jurisdiction: str
    section: str
    name: str
    text: str
    rows: tuple[InForce, ...]

    @property
    def id(self) -> str:
        """Return the name by which explanations cite it, such as `NL:costs.consumer`."""
        return f"{self.jurisdiction}:{self.section}.{self.name}"

    def on(self, day: date) -> InForce | None:
        """Return what is in force on `day`; None before the first row or after the last."""
        return next((row for row in self.rows if row.holds_on(day)), None)

    def next_change(self, day: date) -> date | None:
        """Return the first day after `day` on which it says something else; None if none is known.

        A known end counts: from the day after it nothing is in force.
        """
        starts = [row.first for row in self.rows]
        ends = [row.last + _ONE_DAY for row in self.rows if row.last is not None]
        return min((d for d in starts + ends if d > day), default=None)

    def because(self, day: date, code: str, text: str = "") -> Reason:
        """Return this provision as the reason of a ruling on `day` (its own text by default).

        Raises `LookupError` where nothing is in force on `day`.
        """
        row = self.on(day)
        if row is None:
            raise LookupError(f"{self.id} says nothing on {day}")
        return Reason(
            code=code,
            text=text or self.text,
            rule=self.id,
            source=row.source,
            since=row.first,
            confidence=row.confidence,
            binding=row.binding,
        )


@dataclass(frozen=True, eq=False)
class Pack:
    """The provisions of one jurisdiction (`NL`, `US-MA`, `none`), with those of its parents.

    `calendar` is the place whose public holidays count there (ISO 3166-1 alpha-2, or a part of a
    country such as `GB-ENG`; empty where none), `currency` the one of its fixed sums. `own` holds
    what the pack itself says, by section and name; `cases` its worked cases, in the form of
    `tenor.engine.cases`.
    """

    jurisdiction: str
    name: str
    version: str
    reviewed_on: date
    currency: str
    calendar: str
    parent: "Pack | None"
    own: Mapping[tuple[str, str], Provision]
    cases: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def lineage(self) -> Iterator["Pack"]:
        """Go through the pack and those it stands on, nearest first."""
        pack: Pack | None = self
        while pack is not None:
            yield pack
            pack = pack.parent

    @cached_property
    def provisions(self) -> Mapping[tuple[str, str], Provision]:
        """All that holds here, inherited provisions included, by section and name."""
        inherited = self.parent.provisions if self.parent is not None else {}
        return {**inherited, **self.own}

    @cached_property
    def _sections(self) -> Mapping[str, tuple[Provision, ...]]:
        """The provisions by section: asked for at every step of every case, so sorted once."""
        found: dict[str, list[Provision]] = {}
        for key in sorted(self.provisions):
            found.setdefault(key[0], []).append(self.provisions[key])
        return {section: tuple(provisions) for section, provisions in found.items()}

    def find(self, section: str, name: str) -> Provision | None:
        """Return one provision, own or inherited; None where there is none."""
        return self.provisions.get((section, name))

    def section(self, section: str) -> list[Provision]:
        """Return the provisions of a section, own and inherited, in order of name."""
        return list(self._sections.get(section, ()))

    def in_force(self, section: str, day: date) -> Iterator[tuple[Provision, Any]]:
        """Go through what a section says on `day`: each provision with a known value."""
        for provision in self.section(section):
            row = provision.on(day)
            if row is not None and row.says is not None:
                yield provision, row.says

    def says(self, section: str, name: str, day: date) -> Any:
        """Return the value of a provision on `day`; None where it says nothing then."""
        provision = self.find(section, name)
        row = provision.on(day) if provision is not None else None
        return row.says if row is not None else None
