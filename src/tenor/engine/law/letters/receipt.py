"""When a message is taken to have been received: evidence first, else what is presumed."""

from dataclasses import dataclass, replace
from datetime import date

from tenor.engine.errors import LawError
from tenor.engine.law.case import Notice
from tenor.engine.law.contact.scope import Scope, read_scope
from tenor.engine.law.days import is_holiday, nth_day
from tenor.engine.law.pack import Pack, Provision, Reason
from tenor.engine.law.values import Values

SECTION = "receipt"
_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class ReceiptRule:
    """How many days a message takes by presumption.

    The `days`-th day after sending, of those that count: not the weekdays in `not_on` (Monday is
    0), nor public holidays where `not_on_holidays`. 0 is the day of sending.
    """

    days: int
    not_on: frozenset[int]
    not_on_holidays: bool
    scope: Scope

    def counts(self, pack: Pack, day: date) -> bool:
        """Say whether something can arrive on `day`."""
        if day.weekday() in self.not_on:
            return False
        return not (self.not_on_holidays and is_holiday(pack, day))


@dataclass(frozen=True)
class Receipt:
    """The day on which a message counts as received (None: it was not), presumed or shown."""

    on: date | None
    presumed: bool
    reasons: tuple[Reason, ...]


def read_receipt(values: Values) -> ReceiptRule:
    """Read the values of a provision of section `receipt`."""
    return ReceiptRule(
        days=values.whole("days"),
        not_on=read_weekdays(values, "not_on"),
        not_on_holidays=values.flag("not_on_holidays", False),
        scope=read_scope(values),
    )


def read_weekdays(values: Values, name: str) -> frozenset[int]:
    """Read a list such as `["Sat", "Sun"]` as weekdays (Monday is 0)."""
    found = values.texts(name, ())
    for day in found:
        if day not in _WEEK:
            raise values.wrong(name, f"has {day!r}; write {', '.join(_WEEK)}")
    return frozenset(map(_WEEK.index, found))


def presumed_on(pack: Pack, sent_on: date, channel: str) -> tuple[date, tuple[Reason, ...]]:
    """Return the day on which what was sent on `sent_on` is presumed to arrive, and why.

    Of a channel that the pack does not name, the slowest presumption counts. Raises `LookupError`
    where the pack presumes nothing on that day.
    """
    found = _rules(pack, sent_on, channel)
    if not found:
        raise LookupError(f"{pack.jurisdiction} presumes no receipt on {sent_on}")
    arrivals = [(_arrival(pack, sent_on, rule), provision) for provision, rule in found]
    day, slowest = max(arrivals, key=lambda arrival: arrival[0])
    text = f"Sent by {channel} on {sent_on}, presumed received on {day}. {slowest.text}"
    return day, (slowest.because(sent_on, "RECEIPT_PRESUMED", text),)


def received(pack: Pack, notice: Notice) -> Receipt:
    """Return when a notice counts as received: never if it bounced; evidence beats presumption.

    Raises `LawError` where it would have been received before it was sent.
    """
    day, reasons = presumed_on(pack, notice.sent_on, notice.channel)
    (presumption,) = reasons
    if notice.bounced:
        text = f"What was sent by {notice.channel} on {notice.sent_on} came back: not received."
        return Receipt(None, False, (_as(presumption, "BOUNCED", text),))
    if notice.received_on is None:
        return Receipt(day, True, reasons)
    if notice.received_on < notice.sent_on:
        raise LawError(
            f"a notice sent on {notice.sent_on} cannot have been received on {notice.received_on}"
        )
    shown = f" ({notice.evidence})" if notice.evidence else ""
    text = f"Received on {notice.received_on}, as shown{shown}."
    return Receipt(notice.received_on, False, (_as(presumption, "RECEIPT_SHOWN", text),))


def _arrival(pack: Pack, sent_on: date, rule: ReceiptRule) -> date:
    return nth_day(sent_on, rule.days, lambda day: rule.counts(pack, day))


def _rules(pack: Pack, day: date, channel: str) -> list[tuple[Provision, ReceiptRule]]:
    all_of_them = list(pack.in_force(SECTION, day))
    return [found for found in all_of_them if found[1].scope.takes_in(channel)] or all_of_them


def _as(reason: Reason, code: str, text: str) -> Reason:
    return replace(reason, code=code, text=text)
