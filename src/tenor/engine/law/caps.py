"""Caps on contact: how often a debtor may be approached, on one channel and over all of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.pack import Pack, Provision
from tenor.engine.law.scope import Scope, read_scope
from tenor.engine.law.values import Values


class Counts(StrEnum):
    """Which earlier contacts a cap counts, among those on its channels."""

    CONTACTS = "contacts"
    CONVERSATIONS = "conversations"  # those in which the person was spoken to
    ELSEWHERE = "elsewhere"  # those at another place than home or the person's own phone


@dataclass(frozen=True)
class Cap:
    """At most `most` contacts on the channels of `scope` within a sliding window.

    The window is either `days`, calendar days of the debtor, the day of the new contact included
    (a contact on day 1 of seven drops out when day 8 begins), or `hours` (`days` is then 0).
    """

    counts: Counts
    most: int
    days: int
    hours: int | None
    scope: Scope


def read_cap(values: Values) -> Cap:
    """Read the values of a provision of section `caps`."""
    most = values.whole("most")
    if most < 1:
        raise values.wrong("most", "is 0; to forbid a channel, use section channels")
    days, hours = values.whole("days", 0), values.whole("hours", None)
    if (days == 0) == (hours is None):
        raise values.wrong("days", "and hours: exactly one of them says how long the window is")
    counts = Counts(values.choice("counts", list(Counts), Counts.CONTACTS.value))
    return Cap(counts=counts, most=most, days=days, hours=hours, scope=read_scope(values))


def caps_in_force(
    pack: Pack, day: date, *, actor: Actor, debtor: Debtor | None
) -> Iterator[tuple[Provision, Cap]]:
    """Go through the caps that bind `actor` towards `debtor` on `day`."""
    for provision, cap in pack.in_force("caps", day):
        if cap.scope.speaks_of(actor, debtor):
            yield provision, cap
