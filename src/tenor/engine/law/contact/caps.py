"""Caps on contact: how often a debtor may be approached, on one channel and over all of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from tenor.engine.law.case import Actor, Contact, Debtor
from tenor.engine.law.contact.scope import Scope, channel_name, read_scope, weightiest_first
from tenor.engine.law.pack import Pack, Provision, Reason
from tenor.engine.law.ruling import Ruling
from tenor.engine.law.values import Values

MIN_GAP = "MIN_GAP"
OVERALL_CAP = "OVERALL_CAP"
# Places that are the person's own; a contact at any other is one elsewhere.
_OWN_PLACES = frozenset({"", "home", "cell", "mobile"})


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
    Attempts made on direct prior consent are left out for `consent_days`, the day of the consent
    being the first; 0: they count.
    """

    counts: Counts
    most: int
    days: int
    hours: int | None
    scope: Scope
    consent_days: int = 0

    @property
    def code(self) -> str:
        """Return the code of a refusal by this cap."""
        if self.counts is Counts.CONVERSATIONS:
            return f"POST_CONVERSATION_{self.days}_DAYS"
        if self.hours is not None:
            return MIN_GAP
        if self.scope.all_channels:
            return OVERALL_CAP
        return f"MORE_THAN_{self.most}_IN_{self.days}"

    def takes_in(self, contact: Contact) -> bool:
        """Say whether an earlier contact is one of those that it counts.

        A conversation counts as one whoever began it, also where the attempt itself does not.
        """
        if not self.scope.takes_in(contact.channel):
            return False
        if self.counts is Counts.CONVERSATIONS:
            return contact.conversation
        elsewhere = self.counts is not Counts.ELSEWHERE or is_elsewhere(contact.place)
        return contact.counts and elsewhere

    def drops_out(self, at: datetime, zone: str) -> datetime:
        """Return when (UTC) a contact made at `at` (aware) no longer counts."""
        if self.hours is not None:
            return at.astimezone(UTC) + timedelta(hours=self.hours)
        day = at.astimezone(ZoneInfo(zone)).date() + timedelta(days=self.days)
        return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def read_cap(values: Values) -> Cap:
    """Read the values of a provision of section `caps`."""
    most = values.whole("most")
    if most < 1:
        raise values.wrong("most", "is 0; to forbid a channel, use section channels")
    days, hours = values.whole("days", 0), values.whole("hours", None)
    if (days == 0) == (hours is None):
        raise values.wrong("days", "and hours: exactly one of them says how long the window is")
    counts = Counts(values.choice("counts", list(Counts), Counts.CONTACTS.value))
    return Cap(
        counts=counts,
        most=most,
        days=days,
        hours=hours,
        scope=read_scope(values),
        consent_days=values.whole("consent_days", 0),
    )


def contact_caps(
    pack: Pack,
    at: datetime,
    *,
    zones: Sequence[str],
    channel: str,
    contacts: Sequence[Contact],
    actor: Actor,
    debtor: Debtor | None,
    place: str = "",
) -> Ruling:
    """Rule whether one more contact at `at` (aware) obeys every cap in force then.

    `contacts` are those made so far; later ones than `at` are not looked at. `zones` are the IANA
    zones in which the debtor may be: the day of each counts, the strictest wins. `place` is where
    the contact would reach the person (empty: home or own phone, `work` …). Step
    `contact.<channel>`; codes MORE_THAN_<most>_IN_<days>, OVERALL_CAP, MIN_GAP,
    POST_CONVERSATION_<days>_DAYS. `changes_at`: when one more contact is free again.
    """
    at = at.astimezone(UTC)
    reasons: list[Reason] = []
    free = at
    for zone in zones or ("UTC",):
        day = at.astimezone(ZoneInfo(zone)).date()
        for provision, cap in caps_in_force(pack, day, actor=actor, debtor=debtor):
            if not cap.scope.takes_in(channel) or (
                cap.counts is Counts.ELSEWHERE and not is_elsewhere(place)
            ):
                continue
            counted = sorted(c.at for c in contacts if c.at <= at and cap.takes_in(c))
            until = cap.drops_out(counted[-cap.most], zone) if len(counted) >= cap.most else at
            if until > at:
                free = max(free, until)
                reasons.append(provision.because(day, cap.code, _words(provision, counted, zone)))
    step = f"contact.{channel_name(channel)}"
    if not reasons:
        return Ruling(step, True)
    return Ruling(step, False, weightiest_first(dict.fromkeys(reasons)), changes_at=free)


def counts_towards(
    cap: Cap, *, connected: bool = True, consent_days_ago: int | None = None
) -> bool:
    """Say whether an attempt counts towards a cap: `Contact.counts` of what is recorded.

    An attempt that did not connect to the dialled number (busy, out of service) does not; one that
    rang, went to voicemail or was left there without ringing does. `consent_days_ago` is when the
    person directly agreed to be called (0: the same day; None: never).
    """
    agreed = consent_days_ago is not None and consent_days_ago < cap.consent_days
    return connected and not agreed


def is_elsewhere(place: str) -> bool:
    """Say whether a place is neither the person's home nor the person's own phone."""
    return place.strip().lower() not in _OWN_PLACES


def _words(provision: Provision, counted: Sequence[datetime], zone: str) -> str:
    latest = counted[-1].astimezone(ZoneInfo(zone))
    return f"{provision.text} The latest was at {latest:%H:%M on %A, %Y-%m-%d}."


def caps_in_force(
    pack: Pack, day: date, *, actor: Actor, debtor: Debtor | None
) -> Iterator[tuple[Provision, Cap]]:
    """Go through the caps that bind `actor` towards `debtor` on `day`."""
    for provision, cap in pack.in_force("caps", day):
        if cap.scope.speaks_of(actor, debtor):
            yield provision, cap
