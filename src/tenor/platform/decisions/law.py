"""The facts of a customer as the law sees them: who owes what, where, what was sent and said."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.law.case import Actor, Case, Claim, Contact, Debtor, Hold, Notice
from tenor.engine.law.facts import zones_in
from tenor.engine.law.pack import Pack
from tenor.platform.core import clock
from tenor.platform.core.preferences import preferences_of
from tenor.platform.decisions.facts import contacts_of
from tenor.platform.decisions.models import Task
from tenor.platform.events.queries import listed
from tenor.platform.governance.law import home_place_of, pack_for
from tenor.platform.ledger import holding
from tenor.platform.ledger.balances import NOTHING
from tenor.platform.ledger.models import (
    Allocation,
    Consent,
    Customer,
    Dispute,
    Entry,
    Invoice,
    LegalNotice,
    PlanInvoice,
    PromiseInvoice,
)
from tenor.platform.ledger.queries.marks import holds_at

# What changes an invoice's own sum; fees and interest stand beside it.
_OF_THE_SUM = (Entry.Kind.CREDIT_NOTE, Entry.Kind.CORRECTION)
# What somebody names who wants to be left alone on every channel.
ALL = "all"
# The keys of bookings that are collection costs in law, among all fees.
COSTS_KEY = "tenor:law:costs:"
# So many of a customer's latest events of one kind are looked at.
_TOLD = 200
# A written message is a reminder of our own making; what else the law asks for is kept by hand.
_REMINDER, _WRITTEN = "reminder", ("email", "letter", "sms")
# How an `outcome` of a call says that somebody was spoken to (`Task.outcome`).
_SPOKEN = (
    "reached_promised", "reached_no_promise", "paid_already", "dispute", "hardship", "callback",
)  # fmt: skip


def case_of(
    customer: Customer,
    *,
    at: datetime | None = None,
    invoice_keys: Collection[str] | None = None,
    signed_by: str = "",
) -> Case:
    """Return the case of a customer at `at` (aware; the organisation's present if not given).

    It is about all open invoices, or about those that are named; with them go the other invoices
    of their letters, paid ones too: what a letter had to name is worked out on all of them. What
    is not known is left unknown: the law protects the customer then.
    """
    organisation = customer.organisation
    moment = at or clock.now(organisation)
    settings = preferences_of(organisation)
    pack = pack_of_customer(customer)
    invoices = _invoices(customer, invoice_keys)
    refused, agreed = _consents(customer)
    invoices += _beside(customer, invoices)
    keys = {invoice.key for invoice in invoices}
    sent = contacts_of(organisation, moment, [customer.key])
    return Case(
        at=moment,
        pack=pack,
        zones=_zones(customer, moment),
        debtor=Debtor(customer.kind) if customer.kind in list(Debtor) else None,
        actor=Actor(settings.actor) if settings.actor in list(Actor) else Actor.CREDITOR,
        claims=tuple(_claims(invoices, clock.zone(organisation))),
        notices=(*_notices(customer, keys), *_reminders(customer, sent, keys)),
        contacts=tuple(_contacts(customer, sent, moment)),
        holds=tuple(_holds(customer, pack, moment)),
        opt_outs=refused,
        consents=agreed,
        registered=True if settings.registration_number else None,
        mandate=True if settings.mandate else None,
        signed_by=signed_by,
    )


def pack_of_customer(customer: Customer) -> Pack:
    """Return the pack under which a customer is: that of the country, else the organisation's."""
    region = str(customer.attributes.get("region") or "") if customer.country else ""
    return pack_for(customer.organisation, customer.country or None, region or None)


def _zones(customer: Customer, at: datetime) -> tuple[str, ...]:
    """Return the zones in which a customer may be: their own, else all of their country."""
    if customer.timezone:
        return (customer.timezone,)
    country = customer.country or home_place_of(customer.organisation).partition("-")[0]
    return zones_in({"UK": "GB"}.get(country, country), at)


def _invoices(customer: Customer, keys: Collection[str] | None) -> list[Invoice]:
    rows = Invoice.objects.of(customer.organisation_id).filter(customer=customer, is_open=True)
    if keys is not None:
        rows = rows.filter(key__in=keys)
    return list(rows.order_by("due_on", "pk"))


def _beside(customer: Customer, invoices: list[Invoice]) -> list[Invoice]:
    """Return the other invoices that letters about these name."""
    keys = {invoice.key for invoice in invoices}
    rows = LegalNotice.objects.of(customer.organisation_id).filter(customer=customer)
    named = [set(row) for row in rows.values_list("invoice_keys", flat=True)]
    others = {key for about in named if about & keys for key in about} - keys
    if not others:
        return []
    found = Invoice.objects.of(customer.organisation_id).filter(customer=customer, key__in=others)
    return list(found.order_by("due_on", "pk"))


def _claims(invoices: list[Invoice], zone: ZoneInfo) -> Iterator[Claim]:
    """Give each invoice as a claim: its own sum, less what was paid or credited up to its day."""
    numbers = [invoice.pk for invoice in invoices]
    if not numbers:
        return
    whose = invoices[0].organisation_id
    changed: dict[int, Decimal] = defaultdict(Decimal)
    entries = Entry.objects.of(whose).filter(invoice__in=numbers, kind__in=_OF_THE_SUM)
    for number, amount in entries.values_list("invoice_id", "amount"):
        changed[number] += amount
    charged: dict[int, Decimal] = defaultdict(Decimal)
    fees = Entry.objects.of(whose).filter(
        invoice__in=numbers, kind=Entry.Kind.FEE, key__startswith=COSTS_KEY, reversed_by=None
    )
    for number, amount in fees.values_list("invoice_id", "amount"):
        charged[number] += amount
    paid: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    rows = Allocation.objects.of(whose).filter(invoice__in=numbers).order_by("at", "pk")
    for number, at, amount in rows.values_list("invoice_id", "at", "amount"):
        paid[number].append((at.astimezone(zone).date(), amount))
    for invoice in invoices:
        early = sum((a for on, a in paid[invoice.pk] if on <= invoice.due_on), NOTHING)
        known = invoice.attributes
        costs = charged[invoice.pk]
        yield Claim(
            invoice=invoice.key,
            principal=max(invoice.amount + changed[invoice.pk] - early, NOTHING),
            currency=invoice.currency,
            due_on=invoice.due_on,
            received_on=None,
            term_days=(invoice.due_on - invoice.issued_on).days,
            paid=tuple((on, a) for on, a in paid[invoice.pk] if on > invoice.due_on),
            costs_charged=costs,
            recurring=known.get("recurring") is True,
            costs_in_contract=known.get("costs_in_contract") is True,
        )


def _notices(customer: Customer, keys: set[str]) -> Iterator[Notice]:
    rows = LegalNotice.objects.of(customer.organisation_id).filter(customer=customer)
    for row in rows.order_by("sent_on", "pk"):
        if keys & set(row.invoice_keys):
            yield Notice(
                kind=row.kind,
                sent_on=row.sent_on,
                channel=row.channel,
                received_on=row.received_on,
                evidence=row.evidence,
                bounced=row.bounced,
                contains=frozenset(row.contains),
                costs=row.costs,
                invoices=frozenset(row.invoice_keys),
            )


def _reminders(customer: Customer, sent: pl.DataFrame, keys: set[str]) -> Iterator[Notice]:
    """Give each message about these invoices as the plain reminder that it is, or was to be."""
    zone = clock.zone(customer.organisation)
    told, _more = listed(
        customer.organisation, customer_key=customer.key, kind=Kind.BOUNCED, limit=_TOLD
    )
    back = {event.contact_key for event in told}
    rows = sent.filter(pl.col("channel").is_in(_WRITTEN)).sort("sent_at")
    columns = ("contact_id", "sent_at", "channel", "invoice_ids")
    for number, at, channel, invoices in rows.select(columns).iter_rows():
        about = frozenset(invoices or ()) & keys
        if about:
            day = at.astimezone(zone).date()
            yield Notice(_REMINDER, day, channel, bounced=number in back, invoices=about)


def _contacts(customer: Customer, sent: pl.DataFrame, at: datetime) -> Iterator[Contact]:
    """Give what was sent and rung; a call counts as spoken where its outcome says so."""
    rows = Task.objects.of(customer.organisation_id).filter(
        customer=customer, outcome__in=_SPOKEN, done_at__lte=at
    )
    spoken = set(rows.values_list("done_at", flat=True))
    for sent_at, channel in sent.select("sent_at", "channel").iter_rows():
        yield Contact(at=sent_at, channel=channel, conversation=sent_at in spoken)


def _holds(customer: Customer, pack: Pack, at: datetime) -> Iterator[Hold]:
    """Give all that stops steps: holds, open disputes, promises and plans that run."""
    organisation = customer.organisation
    for row in holds_at(organisation, at).filter(customer=customer).select_related("invoice"):
        row.customer, row.organisation = customer, organisation
        yield holding.held_as(row, pack=pack)
    zone = clock.zone(organisation)
    disputes = Dispute.objects.of(organisation).filter(invoice__customer=customer, resolved_at=None)
    for key, since in disputes.values_list("invoice__key", "opened_at"):
        yield Hold("DISPUTE", since.astimezone(zone).date(), None, key)
    promised = PromiseInvoice.objects.of(organisation).filter(
        promise__customer=customer, promise__state="open"
    )
    for one in promised.select_related("promise", "invoice"):
        since = one.promise.made_at.astimezone(zone).date()
        until = one.promise.promised_on + timedelta(days=one.promise.tolerance_days)
        yield Hold("PROMISE", since, until, one.invoice.key)
    planned = PlanInvoice.objects.of(organisation).filter(
        plan__customer=customer, plan__state="active"
    )
    for key, since in planned.values_list("invoice__key", "plan__agreed_at"):
        yield Hold("PLAN", since.astimezone(zone).date(), None, key)


def _consents(customer: Customer) -> tuple[frozenset[str], frozenset[str]]:
    """Return the channels that a customer refused (or `all`) and those that they agreed to."""
    rows = Consent.objects.of(customer.organisation_id).filter(customer=customer)
    said = dict(rows.values_list("channel", "granted"))
    refused = {channel for channel, granted in said.items() if not granted}
    refused |= opted_out(customer)
    agreed = {channel for channel, granted in said.items() if granted} - refused
    return frozenset(refused), frozenset(agreed)


def opted_out(customer: Customer) -> set[str]:
    """Return the channels (or `all`) of which the last word was that it should end."""
    told = []
    for kind in (Kind.OPTED_OUT, Kind.OPTED_IN):
        found, _more = listed(
            customer.organisation, customer_key=customer.key, kind=kind, limit=_TOLD
        )
        told += [(event.at, kind is Kind.OPTED_OUT, event.detail) for event in found]
    last: dict[str, bool] = {}
    for _at, out, detail in sorted(told):
        channel = json.loads(detail or "{}").get("channel") or ALL
        if not out and channel == ALL:
            last.clear()
        last[channel] = out
    return {channel for channel, out in last.items() if out}
