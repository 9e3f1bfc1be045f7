"""What a channel needs, what it may never be, and what its outside may not give away.

Also how soon a wish to stop must be heeded and what may be said to confirm it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.contact.replies import plain
from tenor.engine.law.contact.scope import Scope, channel_name, read_scope, weightiest_first
from tenor.engine.law.days import is_holiday, nth_day
from tenor.engine.law.pack import Pack, Provision
from tenor.engine.law.ruling import Ruling
from tenor.engine.law.values import Values

CHANNEL_FORBIDDEN = "CHANNEL_FORBIDDEN"
THIRD_PARTY_DISCLOSURE = "THIRD_PARTY_DISCLOSURE"
CONVEYS_DEBT = "CONVEYS_DEBT"
VOICEMAIL_ONLY = "VOICEMAIL_ONLY"
MISSING_CONTENT = "MISSING_CONTENT"
_Rule = TypeVar("_Rule", "Use", "Outside", "LimitedContent", "Revocation", "Confirmation")
_SATURDAY = 5
_PHONE_NUMBER = re.compile(r"\d(?:[\d\s().-]*\d){6,}")


class Need(StrEnum):
    """What a channel may need before it is used."""

    CONSENT = "consent"  # the person agreed to it
    REGISTERED_BRAND = "registered_brand"  # the sender is registered with the carriers
    OPT_OUT_TEXT = "opt_out_text"  # the message says plainly how to stop
    CARRIER_APPROVAL = "carrier_approval"  # the carrier takes messages of such a sender


# What is said where a need is not met; where the need itself is named in words for people.
_LACKS: Mapping[Need, tuple[str, str]] = {
    Need.CONSENT: ("NO_CONSENT", "Ask the person whether this channel may be used."),
    Need.REGISTERED_BRAND: ("NO_REGISTERED_BRAND", "Register the sender with the carriers."),
    Need.CARRIER_APPROVAL: ("NO_CARRIER_APPROVAL", "Ask the carrier for its leave in writing."),
    Need.OPT_OUT_TEXT: ("NO_OPT_OUT_TEXT", "Say in the message how to stop it, free of charge."),
}


@dataclass(frozen=True)
class Use:
    """A condition of using the channels of `scope`: `never`, or only with what they need."""

    never: bool
    needs: tuple[Need, ...]
    code: str
    scope: Scope


@dataclass(frozen=True)
class Outside:
    """Words that give away a debt, on the `surfaces` that others may see or hear.

    A word that ends in * stands for all that begin so.
    """

    surfaces: frozenset[str]
    words: tuple[str, ...]

    def gives_away(self, text: str) -> str | None:
        """Return the word of `text` that gives away a debt; None where there is none."""
        said = f" {plain(text)} "
        for word in self.words:
            begun = word.removesuffix("*")
            if f" {begun}" in said if word != begun else f" {word} " in said:
                return begun
        return None


@dataclass(frozen=True)
class LimitedContent:
    """A voicemail that is no communication about a debt: what it must have, in regular words.

    `asks` are the words of a request to call back, `introduces` those before a person's name.
    """

    asks: tuple[str, ...]
    introduces: tuple[str, ...]


@dataclass(frozen=True)
class Revocation:
    """How soon a wish to stop must be heeded: at once by default, at most `business_days` later.

    `ends_all`: a stop in answer to one kind of message ends consent for all kinds.
    """

    business_days: int
    ends_all: bool


@dataclass(frozen=True)
class Confirmation:
    """What may be sent after a stop: at most `most` texts within `minutes`."""

    most: int
    minutes: int
    marketing: bool


ChannelRule = Use | Outside | LimitedContent | Revocation | Confirmation


def read_channel_rule(values: Values) -> ChannelRule:
    """Read the values of a provision of section `channels`, of the kind that it names."""
    return _READERS[values.choice("kind", list(_READERS))](values)


def _read_use(values: Values) -> Use:
    needs = values.texts("needs", ())
    unknown = set(needs) - set(Need)
    if unknown:
        raise values.wrong("needs", f"has {min(unknown)!r}; there are {', '.join(Need)}")
    never = values.flag("never", False)
    if never == bool(needs):
        raise values.wrong("needs", "or `never = true`: exactly one of them")
    code = values.text("code", CHANNEL_FORBIDDEN)
    return Use(never, tuple(map(Need, needs)), code, read_scope(values))


def _read_outside(values: Values) -> Outside:
    words = (w.rstrip("*") for w in values.texts("words"))
    stars = ("*" * w.endswith("*") for w in values.texts("words"))
    found = tuple(plain(w) + star for w, star in zip(words, stars, strict=True))
    return Outside(frozenset(values.texts("surfaces")), found)


def _read_limited(values: Values) -> LimitedContent:
    asks, introduces = values.texts("asks"), values.texts("introduces")
    return LimitedContent(tuple(map(plain, asks)), tuple(map(plain, introduces)))


def _read_revocation(values: Values) -> Revocation:
    return Revocation(values.whole("business_days"), values.flag("ends_all", False))


def _read_confirmation(values: Values) -> Confirmation:
    marketing = values.flag("marketing", False)
    return Confirmation(values.whole("most"), values.whole("minutes"), marketing)


_READERS: Mapping[str, Callable[[Values], ChannelRule]] = {
    "use": _read_use,
    "outside": _read_outside,
    "voicemail": _read_limited,
    "revocation": _read_revocation,
    "confirmation": _read_confirmation,
}


def channel_use(
    pack: Pack,
    day: date,
    *,
    channel: str,
    has: frozenset[Need] = frozenset(),
    actor: Actor,
    debtor: Debtor | None,
) -> Ruling:
    """Rule whether `channel` may be used on `day` with what is there (`has`).

    Step `contact.<channel>`; codes CHANNEL_FORBIDDEN (or the pack's own, such as
    THIRD_PARTY_DISCLOSURE), NO_CONSENT, NO_REGISTERED_BRAND, NO_OPT_OUT_TEXT; `todo` says what is
    missing. Where nothing speaks of the channel it is allowed.
    """
    reasons, todo = [], []
    for provision, rule in pack.in_force("channels", day):
        if not isinstance(rule, Use) or not rule.scope.takes_in(channel):
            continue
        if not rule.scope.speaks_of(actor, debtor):
            continue
        if rule.never:
            reasons.append(provision.because(day, rule.code))
        for need in rule.needs:
            if need not in has:
                code, remedy = _LACKS[need]
                reasons.append(provision.because(day, code))
                todo.append(remedy)
    step = f"contact.{channel_name(channel)}"
    return Ruling(step, not reasons, weightiest_first(reasons), todo=tuple(dict.fromkeys(todo)))


def needs_of(
    pack: Pack, day: date, *, channel: str, actor: Actor, debtor: Debtor | None
) -> frozenset[Need]:
    """Return all that `channel` needs on `day`."""
    return frozenset(
        need
        for _provision, rule in pack.in_force("channels", day)
        if isinstance(rule, Use)
        and rule.scope.takes_in(channel)
        and rule.scope.speaks_of(actor, debtor)
        for need in rule.needs
    )


def seen_from_outside(pack: Pack, day: date, *, surface: str, text: str) -> Ruling:
    """Rule whether `text` may stand where others see or hear it.

    `surface` is `envelope`, `subject` (of an e-mail, or what a locked screen shows) or `voicemail`.
    Step `disclose.<surface>`, code CONVEYS_DEBT.
    """
    step = f"disclose.{surface}"
    for provision, rule in pack.in_force("channels", day):
        if isinstance(rule, Outside) and surface in rule.surfaces:
            word = rule.gives_away(text)
            if word is not None:
                said = f"{provision.text} Here it is “{word}”."
                reason = provision.because(day, CONVEYS_DEBT, said)
                return Ruling(step, False, (reason,), todo=("Write it so that it tells nothing.",))
    return Ruling(step, True)


def limited_content(pack: Pack, day: date, *, medium: str, text: str) -> Ruling:
    """Rule whether a message counts as a limited-content one, which tells nobody of a debt.

    Only a voicemail can be one (VOICEMAIL_ONLY); it must not convey a debt (CONVEYS_DEBT), name a
    person, ask for a call back and give a number (MISSING_CONTENT). Step `voicemail`; where the
    pack knows no such message, nothing is one.
    """
    found = _only(pack, day, LimitedContent)
    if found is None:
        return Ruling("voicemail", False)
    provision, rule = found
    conveys = not seen_from_outside(pack, day, surface="voicemail", text=text).allowed
    said = f" {plain(text)} "
    complete = (
        _PHONE_NUMBER.search(text) is not None
        and any(f" {word} " in said for word in rule.asks)
        and any(f" {word} " in said for word in rule.introduces)
    )
    for code, speaks in (
        (VOICEMAIL_ONLY, medium != "voicemail"),
        (CONVEYS_DEBT, conveys),
        (MISSING_CONTENT, not complete),
    ):
        if speaks:
            return Ruling("voicemail", False, (provision.because(day, code),))
    return Ruling("voicemail", True, (provision.because(day, "LIMITED_CONTENT"),))


def heed_by(
    pack: Pack, received: date, *, closed: frozenset[date] = frozenset()
) -> tuple[date, Provision] | None:
    """Return the last day on which a wish to stop, received on a day, may still be carried out.

    Counted in business days: without weekends, the pack's public holidays and `closed`. None where
    no law sets a term. Tenor itself stops at once.
    """
    found = _only(pack, received, Revocation)
    if found is None:
        return None
    provision, rule = found

    def counts(day: date) -> bool:
        return day.weekday() < _SATURDAY and day not in closed and not is_holiday(pack, day)

    return nth_day(received, rule.business_days, counts), provision


def confirm_stop(
    pack: Pack, day: date, *, minutes_after: int = 0, marketing: bool = False, count: int = 1
) -> Ruling:
    """Rule whether a text that confirms a stop may be sent; `count` is this one's number.

    Step `confirm_stop`, codes TOO_MANY, TOO_LATE, MARKETING.
    """
    found = _only(pack, day, Confirmation)
    if found is None:
        return Ruling("confirm_stop", False)
    provision, rule = found
    refused = [
        provision.because(day, code)
        for code, speaks in (
            ("TOO_MANY", count > rule.most),
            ("TOO_LATE", minutes_after > rule.minutes),
            ("MARKETING", marketing and not rule.marketing),
        )
        if speaks
    ]
    return Ruling("confirm_stop", not refused, tuple(refused) or (provision.because(day, "OK"),))


def _only(pack: Pack, day: date, kind: type[_Rule]) -> tuple[Provision, _Rule] | None:
    """Return the first provision of a kind in force; there is at most one of it in a pack."""
    found = ((p, rule) for p, rule in pack.in_force("channels", day) if isinstance(rule, kind))
    return next(found, None)
