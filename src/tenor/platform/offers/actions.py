"""Propose, approve, send, accept and decline what is offered to a customer."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.offers.plans import Proposal
from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.decisions.live import live_policy
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.balances import NOTHING
from tenor.platform.ledger.locks import locked_customer, locked_invoices
from tenor.platform.ledger.models import Customer, Invoice, Plan
from tenor.platform.offers.barred import barred
from tenor.platform.offers.discounts import early_for, settlement_for
from tenor.platform.offers.following import change, follow
from tenor.platform.offers.models import Offer, OfferInvoice
from tenor.platform.offers.proposing import plan_proposals
from tenor.platform.outreach import actions as outreach

State = Offer.State
# An offer of a plan stands so long, and no longer than until its first instalment.
_STANDS = timedelta(days=14)
# Money that was paid in time may be told by the bank some days later.
_TOLD_WITHIN = timedelta(days=3)
_OPEN = (State.PROPOSED, State.APPROVED, State.SENT, State.ACCEPTED)


def propose_plan(
    actor: Actor,
    *,
    customer_key: str,
    invoice_keys: Sequence[str],
    count: int | None = None,
    room: Decimal | None = None,
    because: Sequence[str] = (),
) -> Offer:
    """Propose a plan of `count` instalments (else the best one) within the policy's limits."""
    actor.need(Right.WORK)
    with transaction.atomic():
        customer, invoices = _subject(actor, customer_key, invoice_keys)
        found = plan_proposals(customer, invoices, room)
        chosen = found.best if count is None else _of_count(found.plans, count)
        if chosen is None:
            raise Refused(_("No such plan is within the limits of the rules."))
        owed = _owed(invoices)
        first = chosen.instalments[0][0]
        return _keep(
            actor, customer, invoices, kind=Offer.Kind.PLAN, owed=owed, asked=owed,
            until=min(clock.today(actor.organisation) + _STANDS, first),
            instalments=[[day.isoformat(), f"{amount:f}"] for day, amount in chosen.instalments],
            chance=chosen.p_kept, because=list(because), needs_approval=found.needs_person,
        )  # fmt: skip


def propose_less(
    actor: Actor, *, customer_key: str, kind: str, invoice_keys: Sequence[str]
) -> Offer:
    """Propose a settlement, or less for paying one invoice early, as it is worth most."""
    actor.need(Right.WORK)
    with transaction.atomic():
        customer, invoices = _subject(actor, customer_key, invoice_keys)
        if kind == Offer.Kind.EARLY:
            less = early_for(customer, invoices[0]) if len(invoices) == 1 else None
        else:
            less = settlement_for(customer, invoices)
        if less is None or len(less.invoices) != len(invoices):
            raise Refused(
                _("Asking less for these invoices is not within the rules or brings nothing.")
            )
        rules = live_policy(actor.organisation).offers
        return _keep(
            actor, customer, invoices, kind=less.kind, owed=less.owed, asked=less.asked,
            until=less.until, expected_gain=less.gain, given_away=less.given_away,
            chance=less.p_anyway,
            needs_approval=not rules.without_person or less.discount > rules.amount_above,
        )  # fmt: skip


def approve(actor: Actor, *, offer_id: int) -> Offer:
    """Approve an offer that somebody else, or Tenor, proposed."""
    actor.need(Right.APPROVE)
    with transaction.atomic():
        offer = _locked(actor, offer_id)
        if offer.state == State.APPROVED:
            return offer
        _need_state(offer, State.PROPOSED)
        if actor.user_id is not None and offer.by_number == actor.user_id:
            raise Refused(_("You proposed this yourself: somebody else approves it."))
        _still_stands(actor, offer)
        offer.approved_by, offer.approved_at = actor.name[:200], clock.now(actor.organisation)
        offer.save(update_fields=["approved_by", "approved_at"])
        change(actor, offer, State.APPROVED)
    return offer


def send(actor: Actor, *, offer_id: int, channel: str = "") -> Offer:
    """Send a plan over a channel; with none, keep that the customer was told of the offer."""
    actor.need(Right.APPROVE if channel else Right.WORK)
    with transaction.atomic():
        offer = _locked(actor, offer_id)
        _need_state(offer, State.APPROVED)
        invoices = _still_stands(actor, offer)
        if channel:
            if offer.kind != Offer.Kind.PLAN:
                raise Refused(_("Tell them yourself: there is no text for this offer yet."))
            first, amount = offer.instalments[0]
            outreach.write(
                actor, customer_key=offer.customer.key, kind="plan_offer", channel=channel,
                invoice_keys=[invoice.key for invoice in invoices], tone="empathetic",
                offer=outreach.Offer(
                    len(offer.instalments), Decimal(amount), date.fromisoformat(first)
                ),
            )  # fmt: skip
        offer.sent_at = clock.now(actor.organisation)
        offer.save(update_fields=["sent_at"])
        change(actor, offer, State.SENT, note=channel or "told")
    return offer


def accept(actor: Actor, *, offer_id: int, source: str = "tenor") -> Offer:
    """Keep that the customer takes an offer; taken twice, it counts once.

    A plan is agreed. A settlement is a promise to pay what is asked by its last day; what remains
    is credited when that money has come in time, and only then.
    """
    actor.need(Right.WORK)
    with transaction.atomic():
        offer = _locked(actor, offer_id)
        if offer.state in (State.ACCEPTED, State.KEPT):
            return offer
        _need_state(offer, State.APPROVED, State.SENT)
        keys = [invoice.key for invoice in _still_stands(actor, offer, but=("promise",))]
        now, about = clock.now(actor.organisation), {"customer_key": offer.customer.key}
        if offer.kind == Offer.Kind.PLAN:
            offer.plan = ledger.agree_plan(
                actor, **about, invoice_keys=keys, source=source,
                instalments=[(date.fromisoformat(d), Decimal(a)) for d, a in offer.instalments],
            )  # fmt: skip
        elif offer.kind == Offer.Kind.SETTLEMENT:
            ledger.make_promise(
                actor, **about, invoice_keys=keys, promised_on=offer.until, amount=offer.asked,
                source=source,
            )  # fmt: skip
        offer.accepted_at, offer.sent_at = now, offer.sent_at or now
        offer.save(update_fields=["plan", "accepted_at", "sent_at"])
        change(actor, offer, State.ACCEPTED)
    return offer


def decline(actor: Actor, *, offer_id: int, note: str = "") -> Offer:
    """Keep that an offer is not wanted, by the customer or by who should approve it."""
    actor.need(Right.WORK)
    with transaction.atomic():
        offer = _locked(actor, offer_id)
        if offer.state == State.DECLINED:
            return offer
        _need_state(offer, State.PROPOSED, State.APPROVED, State.SENT)
        offer.note = note.strip()[:500]
        offer.save(update_fields=["note"])
        change(actor, offer, State.DECLINED, note=offer.note)
    return offer


def end_offers(actor: Actor) -> int:
    """End offers whose last day is over; follow plans that were agreed on. Safe to run twice."""
    actor.need(Right.WORK)
    organisation, today = actor.organisation, clock.today(actor.organisation)
    rows = Offer.objects.of(organisation)
    ended = 0
    for number in rows.filter(state__in=_OPEN).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            offer = _locked(actor, number)
            _find_plan(offer)
            if offer.plan_id is not None:
                follow(actor, number)
                continue
            told = offer.state in (State.SENT, State.ACCEPTED)
            last = offer.until + (_TOLD_WITHIN if told else timedelta())
            if offer.state in _OPEN and last < today:
                broken = offer.state == State.ACCEPTED
                change(actor, offer, State.BROKEN if broken else State.EXPIRED)
                ended += 1
    return ended


def _find_plan(offer: Offer) -> None:
    """Link the plan that a customer agreed to elsewhere after they were offered one."""
    if offer.kind != Offer.Kind.PLAN or offer.plan_id or offer.state != State.SENT:
        return
    plan = (
        Plan.objects.of(offer.organisation_id)
        .filter(
            customer=offer.customer_id, agreed_at__gte=offer.made_at, offer=None,
            covered__invoice__in=offer.covered.values("invoice"),
        )
        .order_by("agreed_at", "pk")
        .first()
    )  # fmt: skip
    if plan is not None:
        offer.plan, offer.accepted_at = plan, plan.agreed_at
        offer.save(update_fields=["plan", "accepted_at"])


def _subject(actor: Actor, key: str, keys: Sequence[str]) -> tuple[Customer, list[Invoice]]:
    """Return a locked customer and the invoices to offer something about, or refuse."""
    customer = locked_customer(actor, key=key)
    customer.organisation = actor.organisation
    if not keys:
        raise Invalid(_("Choose at least one invoice."), field="invoice_keys")
    invoices = locked_invoices(actor, customer, list(keys))
    _refuse(barred(customer, invoices))
    about = Offer.objects.of(actor.organisation).filter(state__in=_OPEN)
    if about.filter(covered__invoice__in=invoices).exists():
        raise Refused(_("There is an offer about these invoices already."))
    return customer, invoices


def _refuse(code: str) -> None:
    words = {
        "nothing": _("Choose at least one invoice."),
        "currencies": _("These invoices are in different currencies."),
        "closed": _("One of these invoices is not open any more."),
        "hardship": _("They are in difficulty: a person talks with them first."),
        "held": _("They are on hold: nothing is offered meanwhile."),
        "disputed": _("One of these invoices is disputed: answer that first."),
        "plan": _("A payment plan covers these invoices already."),
        "promise": _("They promised to pay: nothing is offered meanwhile."),
    }
    if code:
        raise Refused(words[code])


def _keep(
    actor: Actor, customer: Customer, invoices: Sequence[Invoice], *, needs_approval: bool,
    **terms: Any,
) -> Offer:  # fmt: skip
    now = clock.now(actor.organisation)
    approved = {} if needs_approval else {"approved_at": now}
    offer: Offer = Offer.objects.of(actor.organisation).create(
        customer=customer, currency=invoices[0].currency, made_at=now, by=actor.name[:200],
        by_number=actor.user_id, needs_approval=needs_approval,
        state=State.PROPOSED if needs_approval else State.APPROVED, **terms, **approved,
    )  # fmt: skip
    OfferInvoice.objects.of(actor.organisation).bulk_create(
        OfferInvoice(offer=offer, invoice=one, balance=one.balance, paid=one.paid)
        for one in invoices
    )
    audit.record(
        actor, "offer.propose", f"customer:{customer.key}",
        after={"offer": offer.pk, "kind": offer.kind, "state": offer.state, "owed": offer.owed,
               "asked": offer.asked, "until": offer.until,
               "invoices": [invoice.key for invoice in invoices]},
    )  # fmt: skip
    return offer


def _locked(actor: Actor, number: int) -> Offer:
    found: Offer = row_for(actor, Offer, pk=number)
    customer = locked_customer(actor, pk=found.customer_id)
    customer.organisation = actor.organisation
    offer: Offer = row_for(actor, Offer, pk=number)
    offer.customer, offer.organisation = customer, actor.organisation
    return offer


def _still_stands(actor: Actor, offer: Offer, but: tuple[str, ...] = ()) -> list[Invoice]:
    """Return the invoices of an offer whose day is not over and of which as much is owed."""
    if clock.today(actor.organisation) > offer.until:
        raise Refused(_("The last day of this offer is over."))
    rows = Invoice.objects.of(actor.organisation).filter(offered__offer=offer)
    invoices = list(rows.order_by("due_on", "pk"))
    code = barred(offer.customer, invoices)
    _refuse("" if code in but else code)
    if _owed(invoices) != offer.owed:
        raise Refused(_("What is owed has changed since. Make a new offer."))
    return invoices


def _need_state(offer: Offer, *states: str) -> None:
    if offer.state not in states:
        raise Refused(_("This offer is at another step already."))


def _of_count(plans: Sequence[Proposal], count: int) -> Proposal | None:
    return next((plan for plan in plans if plan.count == count), None)


def _owed(invoices: Sequence[Invoice]) -> Decimal:
    return sum((invoice.balance for invoice in invoices), NOTHING)
