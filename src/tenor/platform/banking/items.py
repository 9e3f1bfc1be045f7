"""What is open in the books, laid out so that bank lines find what they may be for."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import F, Sum

from tenor.engine.payments.iban import is_iban, normalise
from tenor.engine.payments.matching import Payment as Told
from tenor.engine.payments.open_items import OpenItem, OpenItems
from tenor.platform.banking.models import Line, PayerAccount
from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.models import Customer, Invoice, Payment, PaymentReference

_NOTHING = Decimal(0)
# Free columns of an invoice by which who pays early may keep something.
DISCOUNT_AMOUNT, DISCOUNT_PERCENT, DISCOUNT_UNTIL = (
    "discount_amount",
    "discount_percent",
    "discount_until",
)
# A customer's own account, where the source of the customers tells it.
_OWN_ACCOUNT = ("iban", "account_iban")
_AT_ONCE = 2_000


def told_by(line: Line) -> Told:
    """Return what a line tells of a payment."""
    return Told(
        amount=line.amount if line.is_credit else -line.amount,
        currency=line.currency,
        reference=line.reference,
        end_to_end_id=line.end_to_end_id,
        text=line.text,
        account=line.account,
        name=line.name,
        day=line.booked_on,
    )


def paid_at(line: Line) -> datetime:
    """Return when the money counts: with the day of booking, at the organisation's place."""
    return datetime.combine(line.booked_on, time(), clock.zone(line.organisation))


def open_items(organisation: Organisation, currencies: Collection[str]) -> OpenItems:
    """Return what is open in these currencies; what was handed over or written off is not ours."""
    invoices = Invoice.objects.of(organisation).filter(
        balance__gt=0, closed_as="", currency__in=list(currencies)
    )
    rows = list(
        invoices.order_by("due_on", "pk").values_list(
            "key", "number", "balance", "currency", "customer__key", "customer__name",
            "customer_id", "amount", "attributes",
        )
    )  # fmt: skip
    customers = {row[6]: row[4] for row in rows}
    references = _references(organisation)
    accounts = _accounts(organisation, customers)
    items = (
        OpenItem(
            id=key, open=balance, currency=currency, references=tuple(references.get(key, ())),
            numbers=tuple({key, number} - {""}), customer=customer,
            accounts=tuple(accounts.get(of, ())), names=(name,) if name else (),
            **_discount(attributes, amount),
        )
        for key, number, balance, currency, customer, name, of, amount, attributes in rows
    )  # fmt: skip
    return OpenItems(items, credits=_credits(organisation, customers))


def _references(organisation: Organisation) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    rows = PaymentReference.objects.of(organisation).values_list("reference", "invoice_keys")
    for reference, keys in rows.iterator(chunk_size=_AT_ONCE):
        # Payers leave the RF and its check digits off.
        forms = [reference, reference[4:]] if reference.startswith("RF") else [reference]
        for key in keys:
            found[key] += forms
    return found


def _accounts(organisation: Organisation, customers: dict[int, str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    learned = PayerAccount.objects.of(organisation).order_by("pk")
    for of, account in learned.values_list("customer_id", "account").iterator(chunk_size=_AT_ONCE):
        found[of].append(account)
    told = Customer.objects.of(organisation).exclude(attributes={}).order_by("pk")
    for of, attributes in told.values_list("pk", "attributes").iterator(chunk_size=_AT_ONCE):
        for name in _OWN_ACCOUNT:
            account = attributes.get(name)
            if of in customers and isinstance(account, str) and is_iban(account):
                found[of].append(normalise(account))
    return found


def _credits(
    organisation: Organisation, customers: dict[int, str]
) -> dict[tuple[str, str], Decimal]:
    rows = Payment.objects.of(organisation).filter(
        reversed_at=None, allocated__lt=F("amount"), customer__isnull=False
    )
    sums = rows.order_by().values_list("customer_id", "currency")
    found = sums.annotate(whole=Sum("amount"), gone=Sum("allocated") + Sum("refunded"))
    return {
        (customers[of], currency): whole - gone
        for of, currency, whole, gone in found
        if of in customers
    }


def _discount(attributes: dict[str, Any], amount: Decimal) -> dict[str, Any]:
    """Return what the payer may keep, and until when, where the invoice says both."""
    until = attributes.get(DISCOUNT_UNTIL)
    if not isinstance(until, str):
        return {}
    try:
        last = date.fromisoformat(until[:10])
        if attributes.get(DISCOUNT_AMOUNT) is not None:
            kept = Decimal(str(attributes[DISCOUNT_AMOUNT]))
        else:
            kept = amount * Decimal(str(attributes.get(DISCOUNT_PERCENT, 0))) / 100
        kept = kept.quantize(Decimal("0.01"))
        if not _NOTHING < kept < amount:
            return {}
    except (ValueError, InvalidOperation):
        return {}
    return {"discount": kept, "discount_until": last}
