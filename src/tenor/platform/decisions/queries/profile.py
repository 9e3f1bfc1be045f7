"""How a customer likes to be approached: what they said, and what their answers show."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from tenor.engine.events import Kind
from tenor.platform.core.clock import now
from tenor.platform.decisions.facts import contacts_of
from tenor.platform.decisions.queries.cases import zone_of
from tenor.platform.events.queries import events_frame
from tenor.platform.ledger.models import Consent, ContactPoint, Customer

# What counts as an answer to a contact, and within how many days of it.
_ANSWERS = (
    Kind.OPENED, Kind.CLICKED, Kind.PAGE_VISITED, Kind.PAYMENT_STARTED, Kind.REPLIED,
    Kind.PROMISED, Kind.PLAN_AGREED,
)  # fmt: skip
_WITHIN = timedelta(days=7)
# Fewer contacts than this say little: shown, not concluded from.
ENOUGH = 3
_POINTS = {
    "email": ContactPoint.Kind.EMAIL,
    "sms": ContactPoint.Kind.MOBILE,
    "call": ContactPoint.Kind.PHONE,
    "letter": ContactPoint.Kind.POSTAL,
    "push": ContactPoint.Kind.PUSH,
}


@dataclass
class ChannelProfile:
    """One channel with one customer: what they allow, whether it reaches them, what came of it.

    `consent`: True or False as stated, nothing where they said nothing. `paid` counts contacts
    after which something was paid within a week.
    """

    channel: str
    consent: bool | None = None
    consent_source: str = ""
    consent_at: datetime | None = None
    address: str = ""
    bounced: bool = False
    sent: int = 0
    answered: int = 0
    paid: int = 0
    last_at: datetime | None = None

    @property
    def rate(self) -> float | None:
        """Return the share of contacts that was answered or paid upon, where there were any."""
        return None if not self.sent else self.answered / self.sent

    @property
    def usable(self) -> bool:
        """Say whether nothing that is known speaks against it."""
        return self.consent is not False and not self.bounced


@dataclass(frozen=True)
class Profile:
    """A customer's ways: stated (language, consents, opt-outs) and learnt (channels, hours, days).

    `hours` and `weekdays` count when they opened, visited, answered or paid, at their own place;
    `best_*` are named only where enough is known.
    """

    language: str
    channels: Sequence[ChannelProfile]
    hours: dict[int, int] = field(default_factory=dict)
    weekdays: dict[int, int] = field(default_factory=dict)
    tones: dict[str, tuple[int, int]] = field(default_factory=dict)
    opted_out: Sequence[str] = ()
    complaints: int = 0
    best_channel: str = ""
    best_hour: int | None = None
    best_weekday: int | None = None
    best_tone: str = ""
    contacts: int = 0

    @property
    def learnt(self) -> bool:
        """Say whether enough contacts stand behind it to conclude anything."""
        return self.contacts >= ENOUGH


def preference_profile(customer: Customer) -> Profile:
    """Return how a customer likes to be approached, from their words and from their answers."""
    organisation = customer.organisation
    until = now(organisation)
    contacts = contacts_of(organisation, until, [customer.key]).sort("sent_at")
    invoices = list(customer.invoices.values_list("key", flat=True))
    events = events_frame(organisation, until, [customer.key], invoice_keys=invoices)
    answers = _answers(events)
    local = zone_of(customer)
    channels = _stated(customer, contacts["channel"].unique().to_list())
    tones: dict[str, list[int]] = {}
    paid_at = list(
        customer.payments.filter(paid_at__lte=until)
        .order_by("paid_at")
        .values_list("paid_at", flat=True)
    )
    paid = _after(contacts, [(at, None) for at in paid_at])
    answered = paid | _after(contacts, answers)
    for contact in contacts.iter_rows(named=True):
        one = channels[contact["channel"]]
        one.sent += 1
        one.answered += contact["contact_id"] in answered
        one.paid += contact["contact_id"] in paid
        one.last_at = contact["sent_at"]
        tone = tones.setdefault(contact["tone"] or "", [0, 0])
        tone[0] += 1
        tone[1] += contact["contact_id"] in answered
    moments = [at.astimezone(local) for at in [*(at for at, _ in answers), *paid_at]]
    hours, weekdays = Counter(m.hour for m in moments), Counter(m.weekday() for m in moments)
    known = {name: (sent, yes) for name, (sent, yes) in tones.items() if name}
    return Profile(
        language=customer.language or organisation.language,
        channels=sorted(channels.values(), key=lambda c: (-c.sent, c.channel)),
        hours=dict(sorted(hours.items())),
        weekdays=dict(sorted(weekdays.items())),
        tones=known,
        opted_out=_opted_out(events),
        complaints=events.filter(pl.col("kind") == Kind.COMPLAINED).height,
        best_channel=_best((c.channel, c.sent, c.answered) for c in channels.values() if c.usable),
        best_hour=_most(hours),
        best_weekday=_most(weekdays),
        best_tone=_best((name, sent, yes) for name, (sent, yes) in known.items()),
        contacts=contacts.height,
    )


def _answers(events: pl.DataFrame) -> list[tuple[datetime, Any]]:
    found = events.filter(pl.col("kind").is_in(_ANSWERS)).sort("at")
    return list(found.select("at", "contact_id").iter_rows())


def _after(contacts: pl.DataFrame, found: Iterable[tuple[datetime, Any]]) -> set[str]:
    """Return the contacts that were answered: the one that is named, else the last one before."""
    sent = list(contacts.select("sent_at", "contact_id").iter_rows())
    answered = set()
    for at, about in found:
        before = [
            key for sent_at, key in sent
            if sent_at < at <= sent_at + _WITHIN and about in (None, key)
        ]  # fmt: skip
        answered.update(before[-1:])
    return answered


def _opted_out(events: pl.DataFrame) -> list[str]:
    """Return the channels of which the last word was to opt out; "" is all of them."""
    found = events.filter(pl.col("kind").is_in([Kind.OPTED_OUT, Kind.OPTED_IN])).sort("at", "kind")
    names = found["detail"].str.json_path_match("$.channel").fill_null("")
    last = dict(zip(names, found["kind"], strict=True))
    return sorted(name for name, kind in last.items() if kind == Kind.OPTED_OUT)


def _stated(customer: Customer, used: Iterable[str]) -> dict[str, ChannelProfile]:
    rows = Consent.objects.of(customer.organisation_id).filter(customer=customer)
    consents = {row.channel: row for row in rows}
    points = list(
        ContactPoint.objects.of(customer.organisation_id)
        .filter(customer=customer)
        .order_by("bounced_at", "-is_primary", "pk")
    )
    names = {*_POINTS, *used, *consents} - {"open_tracking"}
    channels = {name: ChannelProfile(name) for name in names}
    for name, one in channels.items():
        if (said := consents.get(name)) is not None:
            one.consent, one.consent_source, one.consent_at = said.granted, said.source, said.at
        own = [p for p in points if p.kind == _POINTS.get(name)]
        if name == "call" and not own:
            own = [p for p in points if p.kind == ContactPoint.Kind.MOBILE]
        # One that arrives, before one that came back.
        own.sort(key=lambda p: p.bounced_at is not None)
        if own:
            one.address, one.bounced = own[0].value, own[0].bounced_at is not None
    return channels


def _best(rows: Iterable[tuple[str, int, int]]) -> str:
    """Return the name that was answered most often, drawn a little towards one half of a few."""
    fit = [((yes + 0.5) / (sent + 2), name) for name, sent, yes in rows if sent >= ENOUGH and yes]
    return max(fit)[1] if fit else ""


def _most(counts: Counter[int]) -> int | None:
    if sum(counts.values()) < ENOUGH:
        return None
    return max(counts.items(), key=lambda item: (item[1], -item[0]))[0]
