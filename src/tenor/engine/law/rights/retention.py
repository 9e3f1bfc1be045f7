"""How long a record is kept: what a duty shields from erasure, and what may not stay longer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tenor.engine.errors import LawError
from tenor.engine.law.days import ONE_DAY, plus_months
from tenor.engine.law.pack import Binding, InForce, Pack, Provision, Reason
from tenor.engine.law.values import Values


class Start(StrEnum):
    """Where the term of a record begins."""

    YEAR_END = "year_end"  # after the year to which the record belongs
    EVENT = "event"  # on the day of the record itself: a call, a visit
    LAST_ACTIVITY = "last_activity"  # on the day when the account last saw something done


class Fate(StrEnum):
    """What becomes of a record when the person asks for erasure."""

    ERASE = "erase"
    RESTRICT = "restrict"  # kept for the duty alone, taken out of all other use


@dataclass(frozen=True)
class Retention:
    """A term of keeping, in whole months from `start`, for the kinds of record it names.

    `duty` says that the law wants the record kept so long, which is stronger than a request for
    erasure; without it the term is the longest that the record may stay. `claim_shields` says
    whether an open claim alone keeps it (Regulation (EU) 2016/679 art. 17(3)(e)).
    `chosen_by_record` says that the term in force in the record's own time holds, not today's.
    """

    records: tuple[str, ...]
    months: int
    start: Start
    duty: bool
    claim_shields: bool
    chosen_by_record: bool


def read_retention(values: Values) -> Retention:
    """Read the values of a provision of section `retention`."""
    years, months = values.whole("years", 0), values.whole("months", 0)
    if not years and not months:
        raise values.wrong("years", "is missing, as is 'months'; say how long the record is kept")
    return Retention(
        records=tuple(name.casefold() for name in values.texts("records")),
        months=12 * years + months,
        start=Start(values.choice("start", list(Start))),
        duty=values.flag("duty"),
        claim_shields=values.flag("claim_shields", True),
        chosen_by_record=values.flag("chosen_by_record", False),
    )


@dataclass(frozen=True)
class Kept:
    """How long one record is kept: `until` is the last day, and `reason` the rule behind it."""

    until: date
    duty: bool
    claim_shields: bool
    reason: Reason

    def has_run_out(self, day: date) -> bool:
        """Say whether the record may go on `day`."""
        return day > self.until

    @property
    def erasable_from(self) -> date:
        """Return the first day on which nothing keeps the record any more."""
        return self.until + ONE_DAY


@dataclass(frozen=True)
class Erasure:
    """What a request for erasure does to one record.

    `until` is the last day on which a kept record is kept; None where it goes now, or where it
    waits for the end of a claim, for which no day is known.
    """

    fate: Fate
    until: date | None
    reasons: tuple[Reason, ...]


def kept(pack: Pack, day: date, record: str, since: date) -> Kept:
    """Say how long a record of this kind is kept where `pack` holds.

    `record` is a kind that some provision of section `retention` names, in any case; `since` is a
    day in the year it belongs to, the day of the record, or of the last activity, as `Retention`
    says; `day` is the day on which it is asked. Raises `LawError` on a kind nobody names.
    """
    found = []
    for provision, row, rule in _about(pack, day, record, since):
        first = date(since.year, 12, 31) if rule.start is Start.YEAR_END else since
        until = plus_months(first, rule.months)
        words = f"{record}: kept until {until} ({_length(rule.months)} from {first})"
        reason = Reason(
            code="RETENTION",
            text=words,
            rule=provision.id,
            source=row.source,
            since=row.first,
            confidence=row.confidence,
            binding=row.binding,
        )
        found.append(Kept(until, rule.duty, rule.claim_shields, reason))
    if not found:
        names = {name for _p, rule in pack.in_force("retention", day) for name in rule.records}
        known = ", ".join(sorted(names))
        raise LawError(f"{pack.jurisdiction}: how long is {record!r} kept? Known: {known}")
    # Of two provisions that name the record, a statute goes before a policy, the longer before.
    return max(found, key=lambda k: (k.reason.binding is Binding.LAW, k.until))


def erasure(pack: Pack, day: date, record: str, since: date, *, open_claim: bool) -> Erasure:
    """Weigh a request for erasure made on `day` against what the law wants kept.

    A duty to keep and an open claim restrict the record; everything else is erased at once, for
    nobody may keep longer what a person wants gone and no law wants kept.
    """
    found = kept(pack, day, record, since)
    duty_holds = found.duty and not found.has_run_out(day)
    if open_claim and found.claim_shields:
        claim = pack.find("rights", "erasure_claims")
        reasons = (claim.because(day, "LEGAL_CLAIM"),) if claim and claim.on(day) else ()
        until = found.until if duty_holds else None
        return Erasure(Fate.RESTRICT, until, (*reasons, found.reason) if duty_holds else reasons)
    if duty_holds:
        return Erasure(Fate.RESTRICT, found.until, (found.reason,))
    right = pack.find("rights", "erasure")
    return Erasure(
        Fate.ERASE, None, (right.because(day, "ERASE"),) if right and right.on(day) else ()
    )


def _about(
    pack: Pack, day: date, record: str, since: date
) -> Iterator[tuple[Provision, InForce, Retention]]:
    for provision in pack.section("retention"):
        row = provision.on(day)
        if row is None or row.says is None or record.casefold() not in row.says.records:
            continue
        if row.says.chosen_by_record:
            row = provision.on(since) or provision.rows[0]
        if row.says is not None:
            yield provision, row, row.says


def _length(months: int) -> str:
    years, rest = divmod(months, 12)
    parts = [f"{years} years"] * bool(years) + [f"{rest} months"] * bool(rest)
    return " and ".join(parts)
