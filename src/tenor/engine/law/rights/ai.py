"""What the rules on artificial intelligence say of a system: its class, from when, what to tell."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tenor.engine.law.pack import Pack, Reason
from tenor.engine.law.values import Values


class Duty(StrEnum):
    """What a provision of section `ai` asks for."""

    HIGH_RISK = "high_risk"  # the duties of a listed system
    DISCLOSURE = "disclosure"  # a person must know that a machine answers


@dataclass(frozen=True)
class AiRule:
    """One entry of the law: the systems it names, and from when its duties apply.

    `name` is the entry as it is cited; `systems` are the words by which a system is known. A system
    that none names is to be assessed, and treated as `unlisted` says. `natural_only`: the entry
    covers people, sole traders included, and no companies.
    """

    duty: Duty
    name: str
    systems: tuple[str, ...]
    applies_from: date
    natural_only: bool
    unlisted: str
    gates: tuple[str, ...]


def read_ai(values: Values) -> AiRule:
    """Read the values of a provision of section `ai`."""
    return AiRule(
        duty=Duty(values.choice("duty", list(Duty))),
        name=values.text("name"),
        systems=values.texts("systems"),
        applies_from=values.day("applies_from"),
        natural_only=values.flag("natural_only", False),
        unlisted=values.text("unlisted", ""),
        gates=values.texts("gates", ()),
    )


class Place(StrEnum):
    """Where a system stands towards an entry."""

    LISTED = "listed"
    OUTSIDE = "outside"  # of the same kind, yet not about people
    ASSESS = "assess"  # not named: somebody has to look


@dataclass(frozen=True)
class Classified:
    """The class of a system; `gates` says that its answer opens or closes something serious."""

    place: Place
    entry: str
    applies_from: date | None
    treatment: str
    gates: bool
    reason: Reason


def classify(
    pack: Pack, day: date, system: str, use: str = "", *, natural_person: bool = True
) -> Classified | None:
    """Class a system by its description and use, in plain words; None where no law does.

    The entry is the one in force on `day`; `applies_from` is when its duties begin, which may lie
    ahead.
    """
    said = f"{system} {use}".casefold()
    for provision, rule in pack.in_force("ai", day):
        if rule.duty is not Duty.HIGH_RISK:
            continue
        reason = provision.because(day, "AI_ACT")
        gates = any(word in use.casefold() for word in rule.gates)
        if not natural_person and rule.natural_only:
            return Classified(Place.OUTSIDE, rule.name, None, "", gates, reason)
        if any(word in said for word in rule.systems):
            return Classified(Place.LISTED, rule.name, rule.applies_from, "", gates, reason)
        return Classified(Place.ASSESS, rule.name, None, rule.unlisted, gates, reason)
    return None


def must_disclose(pack: Pack, day: date, system: str) -> Reason | None:
    """Return the rule by which people must be told on `day` that a machine answers; None if none.

    `system` is its description: a chatbot, a voice assistant.
    """
    said = system.casefold()
    for provision, rule in pack.in_force("ai", day):
        applies = rule.duty is Duty.DISCLOSURE and day >= rule.applies_from
        if applies and any(word in said for word in rule.systems):
            return provision.because(day, "AI_DISCLOSURE")
    return None
