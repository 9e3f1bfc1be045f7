"""Record money that arrived, say what it is for, and take it back where a bank did."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.events import Kind
from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.events.actions import record
from tenor.platform.ledger.balances import renew
from tenor.platform.ledger.following import follow_money
from tenor.platform.ledger.locks import locked_customer, locked_invoices, named_customer
from tenor.platform.ledger.models import Customer, Invoice, Payment
from tenor.platform.ledger.shares import (
    balance_out,
    counts_from,
    credit_of,
    give,
    spread,
    taken_from,
    unpaid_of,
)
from tenor.platform.ledger.told import News, Told
from tenor.platform.ledger.values import amount_of, currency_of, instant_of, text_of

_TEXTS = {"method": 40, "reference": 300, "source": 40}


def record_payment(
    actor: Actor,
    *,
    key: str,
    amount: Decimal,
    currency: str,
    paid_at: datetime,
    customer_key: str | None = None,
    invoice_key: str | None = None,
    shares: Mapping[str, Decimal] | None = None,
    method: str | None = None,
    reference: str | None = None,
    source: str | None = None,
) -> Told[Payment]:
    """Record money that arrived, and let it count.

    It goes to the invoice it names; what is left to the customer's oldest open invoices of its
    currency; what is left then stays the customer's credit. Where the payer said what it is for
    (`shares`, invoice key to amount), it goes there, to each no more than is open, and all that is
    left stays credit. Told again it counts once; with
    another amount, currency, time or customer it is refused.
    """
    actor.need(Right.MONEY)
    key = text_of(key, field="key", most=200, needed=True)
    money: dict[str, Any] = {
        "amount": amount_of(amount),
        "currency": currency_of(currency),
        "paid_at": instant_of(paid_at, field="paid_at"),
    }
    given = {"method": method, "reference": reference, "source": source}
    texts = {
        name: text_of(text, field=name, most=_TEXTS[name])
        for name, text in given.items()
        if text is not None
    }
    with transaction.atomic():
        customer, named = _destination(actor, customer_key, invoice_key, money["currency"])
        # Money of nobody is under no customer's lock: of two who tell it, one makes the row.
        payment, is_new = Payment.objects.of(actor.organisation).get_or_create(
            key=key, defaults={"customer": customer, **money, **texts}
        )
        if not is_new:
            return _tell_again(actor, payment.pk, customer, named, money, texts)
        if shares is None:
            after = _settle(actor, payment, customer, named)
        else:
            after = _share_out(actor, payment, customer, shares)
        audit.record(
            actor, "payment.record", f"payment:{key}",
            after={**money, **texts, "customer": customer and customer.key, "to": after},
        )  # fmt: skip
    return Told(payment, News.NEW)


def allocate(
    actor: Actor, *, payment_key: str, shares: Mapping[str, Decimal] | None = None
) -> Payment:
    """Let what is left of a payment count: as `shares` (invoice key to amount), or oldest first.

    Money of which nobody knew whose it is becomes that customer's whose invoices are named.
    """
    actor.need(Right.MONEY)
    wanted = {key: amount_of(part, field="shares") for key, part in (shares or {}).items()}
    with transaction.atomic():
        found: Payment = row_for(actor, Payment, key=payment_key)
        customer = _whose(actor, found, list(wanted))
        payment: Payment = row_for(actor, Payment, pk=found.pk, lock=True)
        before = {"left": credit_of(payment), "customer": found.customer and customer.key}
        if sum(wanted.values(), Decimal(0)) > credit_of(payment):
            raise Refused(
                _("Only %(left)s of this payment is left.")
                % {"left": f"{credit_of(payment):.2f} {payment.currency}"}
            )
        payment.customer = customer
        met: list[Invoice] = []
        now = clock.now(actor.organisation)
        for invoice in locked_invoices(actor, customer, list(wanted)):
            part = wanted[invoice.key]
            if part > invoice.balance:
                raise Refused(
                    _("On %(key)s only %(balance)s is owed.")
                    % {"key": invoice.key, "balance": f"{invoice.balance:.2f}"}
                )
            give(payment, invoice, part, at=counts_from(payment, invoice, now=now))
            met.append(invoice)
        if shares is None:
            met = spread(payment, unpaid_of(customer, payment.currency), now=now)
        _close_up(actor, payment, met)
        audit.record(
            actor, "payment.allocate", f"payment:{payment.key}", before=before,
            after={"left": credit_of(payment), "customer": customer.key, "to": _parts(payment)},
        )  # fmt: skip
    return payment


def reverse_payment(
    actor: Actor, *, payment_key: str, reason: str = "", at: datetime | None = None
) -> Told[Payment]:
    """Take a payment back: a returned debit, a charge-back. The invoices it paid are open again."""
    actor.need(Right.MONEY)
    return take_money_back(actor, payment_key=payment_key, reason=reason, at=at)


def take_money_back(
    actor: Actor, *, payment_key: str, reason: str, at: datetime | None
) -> Told[Payment]:
    """Reverse a payment for somebody whose right to it was asked for already."""
    reason = text_of(reason, field="reason", most=200)
    moment = clock.now(actor.organisation) if at is None else instant_of(at)
    with transaction.atomic():
        found: Payment = row_for(actor, Payment, key=payment_key)
        customer = found.customer_id and locked_customer(actor, pk=found.customer_id)
        payment: Payment = row_for(actor, Payment, pk=found.pk, lock=True)
        if payment.reversed_at is not None:
            return Told(payment, News.SAME)
        moment = max(moment, payment.paid_at)
        parts = taken_from(payment)
        invoices = list(Invoice.objects.of(actor.organisation).filter(pk__in=parts).order_by("pk"))
        for invoice in invoices:
            invoice.customer = customer
            give(payment, invoice, -parts[invoice.pk], at=moment)
        payment.reversed_at, payment.reversed_because = moment, reason
        payment.save(update_fields=["reversed_at", "reversed_because", "allocated"])
        balance_out(invoices, at=moment, more=parts)
        follow_money(actor, invoices)
        _tell_failure(actor, payment, customer, {i.key: parts[i.pk] for i in invoices}, reason)
        audit.record(
            actor, "payment.reverse", f"payment:{payment.key}",
            before={"to": {i.key: parts[i.pk] for i in invoices}},
            after={"reversed_at": moment, "reason": reason},
        )  # fmt: skip
    return Told(payment, News.CHANGED)


def _destination(
    actor: Actor, customer_key: str | None, invoice_key: str | None, currency: str
) -> tuple[Customer | None, Invoice | None]:
    """Return whose money it is and which invoice it names, the customer locked."""
    if not invoice_key:
        return (named_customer(actor, customer_key) if customer_key else None), None
    rows = Invoice.objects.of(actor.organisation).filter(key=invoice_key)
    found = rows.select_related("customer").first()
    if found is None:
        raise Invalid(
            _("There is no invoice %(key)s. Record the invoice first.") % {"key": invoice_key},
            field="invoice_key",
        )
    if customer_key and found.customer.key != customer_key:
        raise Invalid(
            _("Invoice %(key)s is another customer's.") % {"key": invoice_key},
            field="customer_key",
        )
    if found.currency != currency:
        raise Refused(
            _("Invoice %(key)s is in %(asked)s: a payment in %(paid)s cannot pay it.")
            % {"key": invoice_key, "asked": found.currency, "paid": currency}
        )
    customer = locked_customer(actor, pk=found.customer_id)
    return customer, locked_invoices(actor, customer, [invoice_key])[0]


def _tell_again(
    actor: Actor,
    number: int,
    customer: Customer | None,
    named: Invoice | None,
    money: dict[str, Any],
    texts: dict[str, str],
) -> Told[Payment]:
    payment: Payment = row_for(actor, Payment, pk=number, lock=True)
    for name, value in money.items():
        if getattr(payment, name) != value:
            raise Refused(
                _("Payment %(key)s is known with another %(field)s (%(kept)s, not %(told)s).")
                % {
                    "key": payment.key,
                    "field": name,
                    "kept": getattr(payment, name),
                    "told": value,
                }
            )
    if customer and payment.customer_id not in (None, customer.pk):
        raise Refused(_("Payment %(key)s is another customer's.") % {"key": payment.key})
    before = {n: getattr(payment, n) for n, text in texts.items() if getattr(payment, n) != text}
    after: dict[str, Any] = {name: texts[name] for name in before}
    for name, text in after.items():
        setattr(payment, name, text)
    if customer and payment.customer_id is None:
        payment.customer = customer
        before["customer"], after["customer"] = None, customer.key
        if payment.reversed_at is None:
            after["to"] = _settle(actor, payment, customer, named)
    if not after:
        return Told(payment, News.SAME)
    payment.save()
    audit.record(actor, "payment.change", f"payment:{payment.key}", before=before, after=after)
    return Told(payment, News.CHANGED)


def _settle(
    actor: Actor, payment: Payment, customer: Customer | None, named: Invoice | None
) -> dict[str, Decimal]:
    """Let a new payment count: first for the invoice it names, then for the oldest."""
    if customer is None:
        return {}
    now = clock.now(actor.organisation)
    met = spread(payment, [] if named is None else [named], now=now)
    if credit_of(payment) > 0:
        others = unpaid_of(customer, payment.currency, issued_by=payment.paid_at)
        met += spread(payment, [i for i in others if not named or i.pk != named.pk], now=now)
    _close_up(actor, payment, met)
    return _parts(payment)


def _share_out(
    actor: Actor, payment: Payment, customer: Customer | None, shares: Mapping[str, Decimal]
) -> dict[str, Decimal]:
    """Let a new payment count for what its payer meant, as far as that is still open."""
    if customer is None:
        raise Invalid(_("Say whose payment it is."), field="customer_key")
    now = clock.now(actor.organisation)
    met = []
    for invoice in locked_invoices(actor, customer, list(shares)):
        part = min(credit_of(payment), invoice.balance, amount_of(shares[invoice.key]))
        if part > 0 and not invoice.closed_as:
            give(payment, invoice, part, at=counts_from(payment, invoice, now=now))
            met.append(invoice)
    _close_up(actor, payment, met)
    return _parts(payment)


def _close_up(actor: Actor, payment: Payment, met: list[Invoice]) -> None:
    payment.save()
    renew(met)
    follow_money(actor, met)


def _parts(payment: Payment) -> dict[str, Decimal]:
    parts = taken_from(payment)
    keys = Invoice.objects.of(payment.organisation_id).filter(pk__in=parts).order_by("pk")
    return {key: parts[number] for number, key in keys.values_list("pk", "key")}


def _whose(actor: Actor, payment: Payment, keys: list[str]) -> Customer:
    """Return the payment's customer, or the one whose invoices are named, locked."""
    if payment.customer_id is not None:
        return locked_customer(actor, pk=payment.customer_id)
    if not keys:
        raise Refused(_("Nobody knows whose payment this is: say which invoices it pays."))
    invoice: Invoice = row_for(actor, Invoice, key=keys[0])
    return locked_customer(actor, pk=invoice.customer_id)


def _tell_failure(
    actor: Actor, payment: Payment, customer: Any, parts: dict[str, Decimal], reason: str
) -> None:
    """Tell the engine that a payment came to nothing: for each invoice it had paid."""
    at = payment.reversed_at
    if not customer or at is None:
        return
    for invoice_key, amount in (parts or {"": payment.amount}).items():
        detail = {"reason": reason or "reversed", "amount": f"{amount:f}", "payment": payment.key}
        if payment.method:
            detail["method"] = payment.method
        place = f":{invoice_key}" if invoice_key else ""
        record(
            actor.organisation, Kind.PAYMENT_FAILED, at=at,
            key=f"tenor:payment:{payment.pk}:reversed{place}"[:200],
            customer_key=customer.key, invoice_key=invoice_key, detail=detail,
        )  # fmt: skip
