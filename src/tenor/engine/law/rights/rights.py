"""What a person may ask about their data, by when it is answered, and what a machine may decide."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tenor.engine.law.days import plus_months
from tenor.engine.law.pack import Pack, Provision, Reason
from tenor.engine.law.values import Values


class Right(StrEnum):
    """What a provision of section `rights` is about."""

    ANSWER = "answer"  # by when a request is answered
    OBJECTION = "objection"  # what an objection stops
    PORTABILITY = "portability"
    AUTOMATED = "automated"  # decisions of a machine alone
    GROUND = "ground"  # what else a ruling rests on (erasure, legal claims)


class Stop(StrEnum):
    """How far an objection reaches."""

    AT_ONCE = "immediately"
    UNTIL_WEIGHED = "until_weighed"
    NOT = "not"


@dataclass(frozen=True)
class RightRule:
    """The values of one provision; which of them count depends on `right`.

    answer: `months` from receipt, `extra_months` where the request is complex and the person is
    told so within the first term. objection: `stop`, and the `words` by which the processing that
    it is about is known (none: all that no other provision names). portability: legal `bases` and
    `data` (provided, observed) it covers. automated: the `grounds` of which one must be there for a
    decision with legal or similarly serious effect (empty: none is asked), the same for
    `special_grounds` where special categories of data are used, and the `safeguards`.
    """

    right: Right
    months: int = 0
    extra_months: int = 0
    stop: Stop = Stop.NOT
    words: tuple[str, ...] = ()
    ground: str = ""
    bases: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    special_grounds: tuple[str, ...] = ()
    safeguards: tuple[str, ...] = ()


def read_rights(values: Values) -> RightRule:
    """Read the values of a provision of section `rights`."""
    right = Right(values.choice("right", list(Right)))
    if right is Right.ANSWER:
        return RightRule(
            right, months=values.whole("months"), extra_months=values.whole("extra_months", 0)
        )
    if right is Right.OBJECTION:
        stop = Stop(values.choice("stop", list(Stop)))
        return RightRule(
            right, stop=stop, words=values.texts("words", ()), ground=values.text("ground", "")
        )
    if right is Right.PORTABILITY:
        return RightRule(right, bases=values.texts("bases"), data=values.texts("data"))
    if right is Right.AUTOMATED:
        return RightRule(
            right,
            grounds=values.texts("grounds"),
            special_grounds=values.texts("special_grounds"),
            safeguards=values.texts("safeguards"),
        )
    return RightRule(right)


@dataclass(frozen=True)
class Deadline:
    """The last day on which a request must be answered, and the one if it may be extended."""

    answer_by: date
    at_most: date
    reason: Reason


@dataclass(frozen=True)
class Objection:
    """What an objection does to one processing; `ground` says what lets it go on, if anything."""

    stop: Stop
    ground: str
    reason: Reason

    @property
    def may_continue(self) -> bool:
        """Say whether the processing may go on while nobody has weighed anything."""
        return self.stop is Stop.NOT

    @property
    def is_weighed(self) -> bool:
        """Say whether interests are balanced; marketing stops without."""
        return self.stop is Stop.UNTIL_WEIGHED


@dataclass(frozen=True)
class Automated:
    """Whether a machine alone may take a decision: why, and what must be offered with it."""

    is_bound: bool  # by the rules on automated decisions
    allowed: bool
    code: str
    reason: Reason | None
    safeguards: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def answer_by(pack: Pack, received: date, request: str = "answer") -> Deadline | None:
    """Return by when a request received on that day is answered; None where nothing says so.

    `request` names a provision with a term of its own (`human_review`); the general term holds for
    all others. The term ends on the same day of the month, or the last of a shorter month.
    """
    for name in (request, "answer"):
        provision = pack.find("rights", name)
        rule: RightRule | None = pack.says("rights", name, received)
        if provision is not None and rule is not None and rule.right is Right.ANSWER:
            return _term(provision, rule, received)
    return None


def _term(provision: Provision, rule: RightRule, received: date) -> Deadline:
    first = plus_months(received, rule.months)
    last = plus_months(received, rule.months + rule.extra_months)
    words = f"received on {received}, to be answered by {first}"
    return Deadline(first, last, provision.because(received, "ANSWER_BY", words))


def objection(pack: Pack, day: date, processing: str) -> Objection | None:
    """Say what an objection made on `day` does to a processing, named in plain words.

    Of the provisions whose words occur in the name the strictest holds (profiling about a claim is
    profiling); where none does, the one that has no words.
    """
    said = processing.casefold()
    named, other = [], []
    for provision, rule in pack.in_force("rights", day):
        if rule.right is Right.OBJECTION:
            found = Objection(rule.stop, rule.ground, provision.because(day, "OBJECTION_21"))
            if any(word in said for word in rule.words):
                named.append(found)
            elif not rule.words:
                other.append(found)
    strictness = list(Stop)
    return min(named or other, key=lambda f: strictness.index(f.stop), default=None)


def portable(pack: Pack, day: date, *, basis: str, data: str = "provided") -> bool:
    """Say whether data held on a legal basis (such as `6(1)(b)`) is to be handed over portably.

    `data` is what was `provided` or `observed`; what was derived from it (a score) never is.
    """
    rule: RightRule | None = pack.says("rights", "portability", day)
    return rule is not None and basis in rule.bases and data in rule.data


def automated(
    pack: Pack,
    day: date,
    *,
    solely_automated: bool,
    serious: bool,
    grounds: Collection[str] = (),
    safeguards: Collection[str] = (),
    special_data: bool = False,
) -> Automated:
    """Say whether a decision with such facts may be taken on `day` where `pack` holds.

    `serious`: it has legal or similarly significant effect (a plan refused, a hand-over).
    `grounds` are those that hold (`contract_necessity`, `law_authorises`, `explicit_consent`),
    `safeguards` those offered, by the names of the provision.
    """
    provision = pack.find("rights", "automated")
    row = provision.on(day) if provision is not None else None
    if provision is None or row is None or row.says is None or not (solely_automated and serious):
        return Automated(False, True, "", None)
    rule: RightRule = row.says
    reason = provision.because(day, "ART22")
    missing = tuple(name for name in rule.safeguards if name not in safeguards)
    asked = rule.special_grounds if special_data else rule.grounds
    if (asked or special_data) and not set(asked) & set(grounds):
        return Automated(True, False, "ART22", reason, rule.safeguards, missing)
    if missing:
        return Automated(True, False, "SAFEGUARDS", reason, rule.safeguards, missing)
    return Automated(True, True, "", reason, rule.safeguards)
