"""Charge collection costs and statutory interest: as much as the law allows now, and never more."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from tenor.engine.law.charges import costs_now, interest_now
from tenor.engine.law.explain import COSTS, INTEREST, ruling_on
from tenor.engine.law.ruling import Ruling
from tenor.platform.core import clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.decisions.law import case_of
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.locks import locked_customer
from tenor.platform.ledger.models import Customer, Entry, Invoice
from tenor.platform.ledger.values import amount_of

KINDS = {"costs": COSTS, "interest": INTEREST}
_NOTHING = Decimal(0)
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Offer:
    """What may be charged now: the law's answer, what of it stands already, and what is left.

    `invoices` are those it would be booked on, each with its part.
    """

    kind: str
    ruling: Ruling
    charged: Decimal
    invoices: tuple[tuple[str, Decimal], ...]
    currency: str

    @property
    def amount(self) -> Decimal:
        """Return how much may be charged on top of what stands already."""
        return sum((part for _key, part in self.invoices), _NOTHING)


def offers_of(customer: Customer, kind: str) -> list[Offer]:
    """Return what may be charged to a customer now, a currency each; nothing where nobody owes.

    Costs of several invoices under one letter are one sum, of which each has its share.
    """
    rows = Invoice.objects.of(customer.organisation_id).filter(customer=customer, is_open=True)
    today = clock.today(customer.organisation)
    by_currency: dict[str, list[str]] = {}
    late = rows.filter(due_on__lt=today).order_by("due_on", "pk")
    for key, currency in late.values_list("key", "currency"):
        by_currency.setdefault(currency, []).append(key)
    return [_offer(customer, kind, keys, currency) for currency, keys in by_currency.items()]


def charge(
    actor: Actor, *, customer_key: str, kind: str, amount: Decimal | None = None, currency: str = ""
) -> list[Entry]:
    """Charge what the law allows now, or less (`amount`); refused with the rule and its first day.

    Booked as fees or interest of the invoices. More than is allowed is refused, and nothing done.
    """
    actor.need(Right.MONEY)
    if kind not in KINDS:
        raise Invalid(_("Choose costs or interest."), field="kind")
    wanted = None if amount is None else amount_of(amount)
    customer: Customer = row_for(actor, Customer, key=customer_key)
    with transaction.atomic():
        customer = locked_customer(actor, pk=customer.pk)
        customer.organisation = actor.organisation
        offer = _chosen(customer, kind, currency)
        if not offer.ruling.allowed:
            raise Refused(refusal_of(offer.ruling, actor))
        if offer.amount <= 0:
            raise Refused(_("All that the law allows now is charged already."))
        if wanted is not None and wanted > offer.amount:
            raise Refused(
                _("The law allows %(most)s %(currency)s now: %(why)s")
                % {
                    "most": f"{offer.amount:.2f}",
                    "currency": offer.currency,
                    "why": _main_reason(offer.ruling),
                }
            )
        return _booked(actor, offer, wanted)


def refusal_of(ruling: Ruling, actor: Actor) -> str:
    """Return why something may not be charged now: the rule, its source, and the first day."""
    text = _main_reason(ruling)
    if ruling.changes_at is None:
        return text
    day = ruling.changes_at.astimezone(clock.zone(actor.organisation)).date()
    return f"{text} " + _("The first day on which it may be is %(day)s.") % {"day": day}


def _main_reason(ruling: Ruling) -> str:
    if not ruling.reasons:
        return " ".join(ruling.todo) or _("Nothing may be charged here.")
    reason = ruling.reasons[0]
    return f"{reason.text} ({reason.source})"


def _chosen(customer: Customer, kind: str, currency: str) -> Offer:
    found = [o for o in offers_of(customer, kind) if currency in ("", o.currency)]
    if not found:
        raise Refused(_("Nothing is late: there is nothing to charge for."))
    if len(found) > 1:
        raise Invalid(_("Choose the currency."), field="currency")
    return found[0]


def _offer(customer: Customer, kind: str, keys: list[str], currency: str) -> Offer:
    """Ask the law for each invoice's part of what may be charged, less what stands already."""
    case = case_of(customer, invoice_keys=keys)
    ask = costs_now if kind == "costs" else interest_now
    before = _charged(customer, kind, keys)
    parts = []
    for claim in (claim for claim in case.claims if claim.invoice in keys):
        own = ask(case, claim)
        left = (own.amount or _NOTHING) - before.get(claim.invoice, _NOTHING)
        if own.allowed and left > 0:
            parts.append((claim.invoice, left.quantize(_CENT)))
    charged, ruling = sum(before.values(), _NOTHING), ruling_on(case, KINDS[kind])
    room = max((ruling.amount or _NOTHING) - charged, _NOTHING)
    return Offer(kind, ruling, charged, tuple(_within(room, parts)), currency)


def _within(room: Decimal, parts: Sequence[tuple[str, Decimal]]) -> Iterator[tuple[str, Decimal]]:
    """Cut the parts to what is left in all: shares move when one of the invoices is paid."""
    for key, part in parts:
        taken = min(part, room)
        if taken > 0:
            yield key, taken
        room -= taken


def _charged(customer: Customer, kind: str, keys: Collection[str]) -> dict[str, Decimal]:
    """Return what stands of such charges, by invoice; what was taken back is not counted."""
    rows = Entry.objects.of(customer.organisation_id).filter(
        invoice__customer=customer, invoice__key__in=keys, key__startswith=_prefix(kind),
        reversed_by=None,
    )  # fmt: skip
    return dict(rows.order_by().values_list("invoice__key").annotate(sum=Sum("amount")))


def _booked(actor: Actor, offer: Offer, wanted: Decimal | None) -> list[Entry]:
    left = offer.amount if wanted is None else wanted
    book = ledger.add_fee if offer.kind == "costs" else ledger.add_interest
    rule = offer.ruling.reasons[0].rule if offer.ruling.reasons else ""
    entries = []
    for key, most in offer.invoices:
        part = min(most, left)
        if part <= 0:
            break
        number = Entry.objects.of(actor.organisation).filter(invoice__key=key).count() + 1
        entries.append(
            book(
                actor, invoice_key=key, amount=part, text=f"{_words(offer.kind)} ({rule})",
                key=f"{_prefix(offer.kind)}{key}:{number}"[:200],
            ).row
        )  # fmt: skip
        left -= part
    return entries


def _prefix(kind: str) -> str:
    return f"tenor:law:{kind}:"


def _words(kind: str) -> str:
    return _("Collection costs") if kind == "costs" else _("Statutory interest")
