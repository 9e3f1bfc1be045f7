"""What a hold means in law: its code, what it stops, how long it lasts, and who may lift it.

The words of a hold are the ledger's (`Hold.Reason`); their meaning is the jurisdiction pack's, of
the customer's country. A hold that stops less than contact does not silence a case.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from tenor.engine.law import holds as law
from tenor.engine.law.case import Hold as Held
from tenor.engine.law.holds import HoldRule, Reach, Step
from tenor.engine.law.library import jurisdiction_of, pack_of
from tenor.engine.law.pack import Pack, Provision
from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right
from tenor.platform.ledger.models import Hold

# Words that press somebody to pay.
PRESSING = frozenset({"firm", "urgent"})
# Who sits at the desks that the packs name. The machine lifts what ends by a fact.
_DESKS: dict[Right, frozenset[str]] = {
    Right.WORK: frozenset({"collections", "data"}),
    Right.APPROVE: frozenset(
        {"collections", "data", "care", "complaints", "disputes", "estate", "fraud", "legal"}
    ),
    Right.RULES_APPROVE: frozenset({"compliance", "privacy", "legal"}),
}
_MANY = 4_096
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Meaning:
    """A kind of hold in one country, on one day: its code and the pack's rule."""

    code: str
    provision: Provision
    rule: HoldRule

    @property
    def covers_all(self) -> bool:
        """Say whether it is about the person: all invoices, whichever it names."""
        return self.rule.covers is Reach.CASE

    @property
    def stops_reminders(self) -> bool:
        """Say whether nobody is asked for money while it is on."""
        return bool(self.rule.stops & {Step.CONTACT, Step.DEMAND})

    @property
    def on_a_channel(self) -> bool:
        """Say whether it closes one channel only."""
        return self.rule.covers is Reach.CHANNEL


PackOf = Callable[[str], Pack]
_sources: list[Callable[[Organisation], PackOf]] = []


def packs_come_from(source: Callable[[Organisation], PackOf]) -> None:
    """Say who knows which packs an organisation has: its additions live above this app."""
    _sources[:] = [source]


def packs_of(organisation: Organisation) -> PackOf:
    """Return which pack holds in a country (empty: not known) for an organisation."""
    if _sources:
        return _sources[0](organisation)
    return lambda country: pack_of(jurisdiction_of(country or organisation.country))


def meaning_of(reason: str, *, pack: Pack, day: date) -> Meaning:
    """Return what a hold for `reason` (a word of the ledger, or a code) means in law."""
    return _meaning(reason, pack, day)


def stops(hold: Hold, step: Step, *, pack: Pack, day: date, channel: str = "") -> bool:
    """Say whether a hold that stands stops a step (contact and notice: over a channel)."""
    found = _meaning(hold.reason, pack, day)
    if found.on_a_channel and hold.channel and channel not in ("", hold.channel):
        return False
    return str(step) in _steps(hold.reason, pack, day)


def longest_of(reason: str, *, pack: Pack, start: date) -> date | None:
    """Return the last day that the law gives such a hold; None: until a person or fact ends it."""
    return law.ends_on(pack, Held(_meaning(reason, pack, start).code, start))


def may_lift(actor: Actor, hold: Hold, *, pack: Pack, day: date) -> bool:
    """Say whether somebody sits at a desk that may lift this hold; the machine may lift any."""
    if actor.kind == "system":
        return True
    wanted = set(_meaning(hold.reason, pack, day).rule.lift)
    return any(actor.may(right) and wanted & desks for right, desks in _DESKS.items())


def held_as(hold: Hold, *, pack: Pack) -> Held:
    """Return a hold as the law looks at it, its days those of the organisation's place."""
    zone = clock.zone(hold.organisation)
    since = hold.starts_at.astimezone(zone).date()
    last = None
    if hold.ends_at is not None:
        # It ends with an instant; the last day on which it stands is that of the one before.
        last = (hold.ends_at - _TICK).astimezone(zone).date()
    invoice = hold.invoice.key if hold.invoice else ""
    return Held(_meaning(hold.reason, pack, since).code, since, last, invoice, hold.channel)


@lru_cache(maxsize=_MANY)
def _meaning(reason: str, pack: Pack, day: date) -> Meaning:
    provision, rule = law.rule_of(pack, reason, day)
    return Meaning(provision.name.upper(), provision, rule)


@lru_cache(maxsize=_MANY)
def _steps(reason: str, pack: Pack, day: date) -> frozenset[str]:
    """Return all that such a hold stops while it stands, without its channel."""
    stopped = law.effects(pack, day, [Held(_meaning(reason, pack, day).code, day)])
    return frozenset(step.removesuffix(".*") for step in stopped)
