"""Reads of payments at providers: how somebody may pay, and what became of it."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from tenor.platform.core.models import Organisation
from tenor.platform.ledger.models import Customer, Invoice, OwnAccount, Payment
from tenor.platform.paying import madeup
from tenor.platform.paying.models import Checkout
from tenor.platform.paying.provider import Method, State
from tenor.platform.paying.providers import provider_for

# What people of a country use most for paying bills, where nothing is known of the person.
HABITS: dict[str, tuple[Method, ...]] = {
    "NL": (Method.IDEAL, Method.TRANSFER),
    "BE": (Method.BANCONTACT, Method.TRANSFER),
    "DE": (Method.TRANSFER, Method.PAYPAL, Method.DEBIT),
    "AT": (Method.TRANSFER, Method.PAYPAL, Method.DEBIT),
    "FR": (Method.CARD, Method.TRANSFER),
}
_ELSEWHERE = (Method.TRANSFER, Method.CARD)
# Where a way to pay is used at all.
_ONLY_IN = {
    Method.IDEAL: ({"NL"}, {"EUR"}),
    Method.BANCONTACT: ({"BE"}, {"EUR"}),
    Method.DEBIT: (None, {"EUR"}),
}
# Under which names books and banks keep the ways to pay.
_ALIASES = {
    "creditcard": Method.CARD, "credit_card": Method.CARD, "visa": Method.CARD,
    "banktransfer": Method.TRANSFER, "bank_transfer": Method.TRANSFER, "sct": Method.TRANSFER,
    "sepa": Method.TRANSFER, "directdebit": Method.DEBIT, "direct_debit": Method.DEBIT,
    "sepa_debit": Method.DEBIT, "mistercash": Method.BANCONTACT,
}  # fmt: skip
_LATEST = 20
# A direct debit is under way longest: days until it is collected, and days until it is sure.
LONGEST = timedelta(days=14)


def methods_for(organisation: Organisation, customer: Customer, *, currency: str) -> list[Method]:
    """Return how a customer may pay in a currency, the way that suits them best first.

    First what they paid with before (lately and often), then what is usual in their country; what
    failed for them lately comes after what did not.
    """
    provider = provider_for(organisation)
    found: list[Method] = []
    if OwnAccount.objects.of(organisation).filter(currency=currency).exists():
        found.append(Method.TRANSFER)
    if provider is not None and provider.takes(currency):
        found += [m for m in provider.methods if _fits(m, customer, currency)]
    used, failed = _used(organisation, customer), _failed(organisation, customer)
    usual = [*HABITS.get(customer.country, _ELSEWHERE), *Method]
    return sorted(found, key=lambda m: (failed[m] > used[m], -used[m], usual.index(m)))


def checkout_called(organisation: Organisation, customer: Customer, key: str) -> Checkout | None:
    """Return a payment that this customer began, by its key."""
    rows = Checkout.objects.of(organisation).filter(customer=customer, key=key)
    found: Checkout | None = rows.select_related("account", "payment").first()
    return found


def made_up_called(key: str) -> Checkout | None:
    """Return a payment at the made-up provider by its key, whoever's it is."""
    rows = Checkout.across.filter(key=key, account__provider=madeup.NAME)
    found: Checkout | None = rows.select_related("account", "customer", "organisation").first()
    if found is not None:
        found.customer.organisation = found.organisation
    return found if found is not None and found.organisation.synthetic else None


def checkouts_of(customer: Customer, limit: int = 20) -> list[Checkout]:
    """Return the payments that a customer began, the latest first."""
    rows = Checkout.objects.of(customer.organisation_id).filter(customer=customer)
    return list(rows.select_related("account").order_by("-begun_at", "-pk")[:limit])


def being_paid(
    organisation: Organisation, customers: Collection[int], at: datetime
) -> Iterable[int]:
    """Return the numbers of these customers' invoices of which the money is under way.

    Their payer is done, and the provider has not said yet that it came: nobody is asked again.
    One that stays under way longer than any bank takes holds nothing back any more.
    """
    rows = Checkout.objects.of(organisation).filter(
        customer_id__in=customers, state=State.PENDING, begun_at__gt=at - LONGEST
    )
    told = list(rows.values_list("customer_id", "shares"))
    if not told:
        return ()
    places = {(customer, key) for customer, shares in told for key in shares}
    invoices = Invoice.objects.of(organisation).filter(
        customer_id__in={customer for customer, _key in places}, key__in={k for _c, k in places}
    )
    found = invoices.values_list("pk", "customer_id", "key")
    return [number for number, customer, key in found if (customer, key) in places]


def under_way(customer: Customer) -> dict[str, Decimal]:
    """Return what is paid at a provider and not booked yet, by currency: money under way."""
    rows = Checkout.objects.of(customer.organisation_id).filter(customer=customer, state="pending")
    sums: dict[str, Decimal] = {}
    for currency, amount in rows.values_list("currency", "amount"):
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    return sums


def _fits(method: Method, customer: Customer, currency: str) -> bool:
    countries, currencies = _ONLY_IN.get(method, (None, None))
    here = countries is None or not customer.country or customer.country in countries
    return here and (currencies is None or currency in currencies)


def _used(organisation: Organisation, customer: Customer) -> Counter[Method]:
    rows = Payment.objects.of(organisation).filter(customer=customer, reversed_at=None)
    names = rows.order_by("-paid_at").values_list("method", flat=True)[:_LATEST]
    return _counted(names)


def _failed(organisation: Organisation, customer: Customer) -> Counter[Method]:
    rows = Checkout.objects.of(organisation).filter(customer=customer, state="failed")
    names = rows.order_by("-begun_at").values_list("method", flat=True)[:_LATEST]
    return _counted(names)


def _counted(names: Iterable[str]) -> Counter[Method]:
    known = {str(m): m for m in Method} | _ALIASES
    found = (known.get(name.strip().lower().replace(" ", "_")) for name in names)
    return Counter(method for method in found if method is not None)
