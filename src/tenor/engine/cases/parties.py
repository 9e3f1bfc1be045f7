"""Read who asks, who owes and when from the words of a worked case."""

import re
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.days import ONE_DAY, is_holiday
from tenor.engine.law.pack import Pack

_ACTORS = (
    (
        Actor.BAILIFF,
        re.compile(r"bailiff|deurwaarder|huissier|gerichtsvollzieher|commissaire", re.IGNORECASE),
    ),
    (
        Actor.AGENCY,
        re.compile(
            r"agency|collector|third[ _-]party|debt[ _](buyer|purchaser)|incass"
            r"|inkasso|recouvrement",
            re.IGNORECASE,
        ),
    ),
    (Actor.CREDITOR, re.compile(r"creditor|own[ _](claims|name)|first[ _-]party", re.IGNORECASE)),
)
_LAWYER = re.compile(r"lawyer|attorney|advoca|avocat|solicitor|anwalt", re.IGNORECASE)
_PRIVATE = re.compile(
    r"\bnon[ _-]?(business|commercial|professional)|natural[ _]person", re.IGNORECASE
)
_BUSINESS = re.compile(
    r"business|compan|ltd|b2b|(_|\b)(bv|nv|sa|sarl|llc|plc|inc)\b|gmbh|merchant|commercial"
    r"|professional|corporat|enterprise|stichting|foundation|legal[ _](person|entity)|partnership",
    re.IGNORECASE,
)
_SATURDAY = 5


def actor(words: Any, default: Actor, *, lawyer: Actor = Actor.BAILIFF) -> Actor:
    """Return who asks: `collection_agency`, `original creditor in own name`, `bailiff` …

    `lawyer` is as whom the place's law sees a lawyer who collects: in the Union like a bailiff,
    excused from the register but not from the rules; in the United States a collector.

    Raises `ValueError` where the words name nobody that is known.
    """
    if words is None:
        return default
    for known, pattern in _ACTORS:
        if pattern.search(str(words)):
            return known
    if _LAWYER.search(str(words)):
        return lawyer
    raise ValueError(f"{words!r} is neither creditor nor agency nor bailiff")


def debtor(words: Any) -> Debtor | None:
    """Return who owes; None where it is not said.

    Who trades alone is a natural person: like a consumer when it comes to being approached.
    """
    if words is None:
        return None
    if "public" in str(words):
        return Debtor.PUBLIC_AUTHORITY
    private = _PRIVATE.search(str(words)) or not _BUSINESS.search(str(words))
    return Debtor.CONSUMER if private else Debtor.BUSINESS


def moment(words: str, zone: str = "UTC") -> datetime:
    """Return a moment from its text: one with an offset as it is, another in local time."""
    found = datetime.fromisoformat(words)
    return found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(zone))


def local_moment(words: Any, pack: Pack, on: Any = None) -> datetime:
    """Return the local time of a case as if the debtor lived in UTC; noon where none is given.

    A case that names no day means an ordinary one.
    """
    text = str(words or "12:00")
    if "T" in text:
        return moment(text)
    clock = time.fromisoformat(text)
    return datetime.combine(day_of(pack, on), clock, UTC)


def day_of(pack: Pack, on: Any = None) -> date:
    """Return the day of a case; where none is named, an ordinary one of the law as reviewed.

    That is neither weekend nor holiday.
    """
    if on is not None:
        return date.fromisoformat(str(on))
    day = pack.reviewed_on
    while day.weekday() >= _SATURDAY or is_holiday(pack, day):
        day += ONE_DAY
    return day
