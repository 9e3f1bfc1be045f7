"""Whose reply it is: by the message that it answers, by its address, by its sender, by invoices."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import phonenumbers
from django.db.models import Q

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.models import ContactPoint, Customer, Invoice
from tenor.platform.outreach.models import Message
from tenor.platform.replies.mime import Incoming
from tenor.platform.replies.models import Reply
from tenor.platform.wording.links import link_of

Matched = Reply.Matched

# An answer without a number is to the last message of so many days.
_ANSWERS_WITHIN = timedelta(days=60)
_MOST_KEYS = 200
# What may be the number of an invoice: it has a digit.
_NUMBER = re.compile(r"(?<![\w.-])(?=[\w./-]*\d)[\w][\w./-]{2,39}(?![\w-])")
_LAST_DIGITS = 4


@dataclass(frozen=True)
class Match:
    """Whose it is and how that is known. `candidates`: all who may have written it."""

    customer: Customer | None = None
    message: Message | None = None
    by: str = ""
    candidates: tuple[Customer, ...] = ()


def match(organisation: Organisation, incoming: Incoming) -> Match:
    """Say whose it is. Where several customers have the sender's address, nobody is chosen."""
    message = message_numbered(organisation, incoming.refers)
    if message is not None:
        return Match(message.customer, message, Matched.HEADER, (message.customer,))
    named = _named_by_address(organisation, incoming.to)
    if named is not None:
        last = _last(organisation, named, incoming.channel)
        return Match(named, last, Matched.TOKEN, (named,))
    there = customers_at(organisation, incoming.channel, incoming.sender)
    if len(there) == 1:
        one = there[0]
        return Match(one, _last(organisation, one, incoming.channel), Matched.ADDRESS, (one,))
    owing = _named_in(organisation, f"{incoming.subject}\n{incoming.whole}", there)
    if len(owing) == 1:
        one = owing[0]
        last = _last(organisation, one, incoming.channel) if there else None
        return Match(one, last, Matched.INVOICE, tuple(there) or (one,))
    return Match(candidates=tuple(there))


def message_numbered(organisation: Organisation, numbers: Iterable[str]) -> Message | None:
    """Return the message that has one of these numbers: a Message-ID of ours or the provider's."""
    # Outside, our key has the organisation's name in front.
    ours = f"{organisation.slug}."
    for number in list(numbers)[:_MOST_KEYS]:
        bare = number.strip().strip("<>")
        if not bare:
            continue
        # What a number may not hold is quoted in it; what no database keeps is in none of ours.
        local = unquote(bare.rpartition("@")[0] or bare).replace("\0", "")
        keys = {bare, local, bare.removeprefix(ours), local.removeprefix(ours)}
        rows = Message.objects.of(organisation).filter(
            Q(provider_key__in=[bare, f"<{bare}>"]) | Q(key__in=keys)
        )
        found: Message | None = rows.select_related("customer").order_by("-pk").first()
        if found is not None:
            found.customer.organisation = organisation
            return found
    return None


def customers_at(organisation: Organisation, channel: str, sender: str) -> list[Customer]:
    """Return the customers that can be reached at the sender's address or number."""
    if not sender:
        return []
    rows = Customer.objects.of(organisation)
    if channel == "email":
        found = rows.filter(contact_points__kind="email", contact_points__value=sender.lower())
        return _with(organisation, found.distinct().order_by("pk")[:20])
    wanted = e164(sender, organisation.country)
    ending = re.sub(r"\D", "", sender)[-_LAST_DIGITS:]
    if not wanted or not ending:
        return []
    # Numbers are kept as they were given; only those that end alike are read.
    points = ContactPoint.objects.of(organisation).filter(
        kind__in=["mobile", "phone"], value__endswith=ending[-2:]
    )
    numbers = {
        customer
        for customer, value, country in points.values_list(
            "customer_id", "value", "customer__country"
        )
        if e164(value, country or organisation.country) == wanted
    }
    return _with(organisation, rows.filter(pk__in=numbers).order_by("pk")[:20])


def e164(number: str, country: str) -> str:
    """Return a telephone number in the one form that all have, or nothing where it is none."""
    text = number if number.startswith(("+", "00", "0")) else f"+{number}"
    try:
        found = phonenumbers.parse(text.replace("00", "+", 1) if text.startswith("00") else text,
                                   country or None)  # fmt: skip
    except phonenumbers.NumberParseException:
        return ""
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


def _named_by_address(organisation: Organisation, addresses: Iterable[str]) -> Customer | None:
    """Return the customer whose link stands in an address: replies+<link>@…"""
    for address in addresses:
        local = address.rpartition("@")[0]
        _box, plus, token = local.partition("+")
        link = link_of(token) if plus else None
        if link is not None and link.organisation_id == organisation.pk:
            customer: Customer = link.customer
            customer.organisation = organisation
            return customer
    return None


def _named_in(organisation: Organisation, text: str, among: list[Customer]) -> list[Customer]:
    """Return whose invoices a text names: among some, or among all where there are none."""
    numbers = list(dict.fromkeys(found.strip("./-") for found in _NUMBER.findall(text)))
    rows = Invoice.objects.of(organisation).filter(
        Q(key__in=numbers[:_MOST_KEYS]) | Q(number__in=numbers[:_MOST_KEYS])
    )
    if among:
        rows = rows.filter(customer__in=[customer.pk for customer in among])
    found = Customer.objects.of(organisation).filter(pk__in=rows.values("customer_id"))
    return _with(organisation, found.order_by("pk")[:3]) if numbers else []


def _last(organisation: Organisation, customer: Customer, channel: str) -> Message | None:
    since = clock.now(organisation) - _ANSWERS_WITHIN
    rows = Message.objects.of(organisation).filter(
        customer=customer, channel=channel, sent_at__gte=since
    )
    found: Message | None = rows.order_by("-sent_at", "-pk").first()
    return found


def _with(organisation: Organisation, rows: Any) -> list[Customer]:
    found = list(rows)
    for customer in found:
        customer.organisation = organisation
    return found
