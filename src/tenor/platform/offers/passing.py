"""Plans offered unasked, by e-mail: to reliable payers who are short of money for a while.

All of it must hold: they paid reliably before, something says that money is short just now, the
predictor thinks that they will pay, and nothing stands in the way (`barred`). Offered once in sixty
days, and never where a plan of theirs broke within a year.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from tenor.engine.events import Kind
from tenor.engine.features.unpaid import NO_MONEY
from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right
from tenor.platform.decisions.live import live_policy
from tenor.platform.decisions.models import Score
from tenor.platform.events.models import Event
from tenor.platform.ledger.models import (
    Consent,
    ContactPoint,
    Customer,
    Invoice,
    Plan,
    Promise,
)
from tenor.platform.offers.actions import propose_plan, send
from tenor.platform.offers.barred import free
from tenor.platform.offers.models import Offer

# Signs and offers of so long ago say nothing of today.
_LATELY = timedelta(days=60)
_YEAR = timedelta(days=365)
# At least as likely as not.
_LIKELY = 0.5
# Reliable: of at least so many invoices before, this share was paid within a week.
_FEW, _SHARE, _IN_TIME = 3, 0.8, timedelta(days=7)
_EMAIL = "email"


def offer_plans(actor: Actor) -> int:
    """Offer a plan to each customer who is short for a while, where the rules say so; count them.

    What the rules leave to a person waits for approval instead. Safe to run twice.
    """
    actor.need(Right.WORK)
    policy = live_policy(actor.organisation)
    if not policy.plans.offer or _EMAIL not in {channel.name for channel in policy.channels}:
        return 0
    offered = 0
    likely = _likely(actor.organisation)
    signs = signs_of(actor.organisation, likely, visits=policy.review.visits_without_payment)
    for customer in _reachable(actor.organisation, signs):
        customer.organisation = actor.organisation
        some = free(customer, likely[customer.pk])
        first = min((invoice.due_on for invoice in some), default=None)
        # One currency at a time: two are for a person.
        if first is None or len({one.currency for one in some}) > 1:
            continue
        if pays_reliably(customer, before=first):
            offered += _offer(actor, customer, some, signs[customer.pk])
    return offered


def signs_of(
    organisation: Organisation, customers: Collection[int], *, visits: int
) -> dict[int, list[str]]:
    """Return what lately says of these customers that money is short; none: they are left out.

    Codes: insufficient_funds (a payment failed for it), visits (the page was opened so often, with
    nothing paid), broken_promise (one; more are a pattern, and for a person).
    """
    since = clock.now(organisation) - _LATELY
    # Read whole: more candidates than a database takes in one statement may stand here.
    every = Customer.objects.of(organisation).order_by().values_list("key", "pk")
    keys = {key: number for key, number in every if number in customers}
    found: dict[int, list[str]] = defaultdict(list)
    seen: Counter[str] = Counter()
    failed = set()
    rows = Event.objects.of(organisation).filter(
        kind__in=[Kind.PAYMENT_FAILED, Kind.PAGE_VISITED], at__gte=since
    )
    paid = _last_paid(organisation, since)
    for kind, key, at, detail in rows.values_list("kind", "customer_key", "at", "detail"):
        number = keys.get(key)
        if number is None:
            continue
        if kind == Kind.PAYMENT_FAILED and re.search(NO_MONEY, _reason(detail)):
            failed.add(key)
        elif kind == Kind.PAGE_VISITED and (number not in paid or at > paid[number]):
            seen[key] += 1
    promises = Promise.objects.of(organisation).filter(
        state=Promise.State.BROKEN, decided_at__gte=since
    )
    broken = Counter(promises.values_list("customer__key", flat=True))
    for key, number in keys.items():
        told = {
            "insufficient_funds": key in failed,
            "visits": seen[key] >= visits,
            "broken_promise": broken[key] == 1,
        }
        if any(told.values()) and broken[key] <= 1:
            found[number] = [code for code, holds in told.items() if holds]
    return dict(found)


def pays_reliably(customer: Customer, *, before: date) -> bool:
    """Say whether somebody paid nearly all that fell due before a day within a week."""
    rows = Invoice.objects.of(customer.organisation_id).filter(
        customer=customer, due_on__lt=before, paid__gt=0
    )
    past = list(rows.values_list("due_on", "settled_at"))
    good = sum(at is not None and at.date() <= due + _IN_TIME for due, at in past)
    return len(past) >= _FEW and good >= _SHARE * len(past)


def _likely(organisation: Organisation) -> dict[int, list[Invoice]]:
    """Return the overdue invoices that the predictor thinks will be paid, by customer."""
    rows = Score.objects.of(organisation).filter(
        p_paid_60d__gte=_LIKELY, invoice__is_open=True,
        invoice__due_on__lt=clock.today(organisation),
    )  # fmt: skip
    found: dict[int, list[Invoice]] = defaultdict(list)
    for score in rows.select_related("invoice").order_by("invoice__due_on", "invoice__pk"):
        found[score.invoice.customer_id].append(score.invoice)
    return dict(found)


def _reachable(organisation: Organisation, customers: Collection[int]) -> list[Customer]:
    """Return those with an e-mail address who may be written to and were offered nothing lately."""
    now = clock.now(organisation)
    points = ContactPoint.objects.of(organisation).filter(kind=_EMAIL, bounced_at=None)
    refused = Consent.objects.of(organisation).filter(channel=_EMAIL, granted=False)
    offered = Offer.objects.of(organisation).filter(made_at__gt=now - _LATELY)
    broken = Plan.objects.of(organisation).filter(
        state=Plan.State.BROKEN, decided_at__gt=now - _YEAR
    )
    out = {number for rows in (refused, offered, broken) for number in _customers(rows)}
    reached = (set(_customers(points)) & set(customers)) - out
    return list(Customer.objects.of(organisation).filter(pk__in=reached).order_by("pk"))


def _customers(rows: Any) -> list[int]:
    return list(rows.values_list("customer_id", flat=True))


def _reason(detail: str) -> str:
    """Return why a payment failed, from what was told as JSON."""
    told = json.loads(detail) if detail else {}
    return str(told.get("reason", "")) if isinstance(told, dict) else ""


def _last_paid(organisation: Organisation, since: datetime) -> dict[int, datetime]:
    rows = Invoice.objects.of(organisation).filter(settled_at__gte=since)
    found: dict[int, datetime] = {}
    for number, at in rows.order_by("settled_at").values_list("customer_id", "settled_at"):
        if at is not None:
            found[number] = at
    return found


def _offer(actor: Actor, customer: Customer, invoices: list[Invoice], signs: list[str]) -> int:
    keys = [invoice.key for invoice in invoices]
    try:
        with transaction.atomic():
            made = propose_plan(actor, customer_key=customer.key, invoice_keys=keys, because=signs)
            if made.state == Offer.State.APPROVED:
                send(actor, offer_id=made.pk, channel=_EMAIL)
    except (Invalid, Refused):
        # What the rules or the law do not allow just now is offered another day, or by a person.
        return 0
    return 1
