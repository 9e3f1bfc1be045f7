"""References that payers copy onto a payment: made for a set of invoices, and found again.

The kind follows the account that is paid on: a Belgian account is paid with a structured
communication, a Finnish, Norwegian or Swiss one with the reference of that country, every other
with the international RF reference.
"""

import hashlib
from collections.abc import Iterable, Sequence
from enum import StrEnum

from django.db import IntegrityError, transaction

from tenor.engine.payments.iban import qr_bank
from tenor.engine.payments.references import (
    Kid,
    make_finnish,
    make_kid,
    make_ogm,
    make_qrr,
    make_rf,
    normalise,
)
from tenor.engine.payments.words import numbers_in
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.models import Customer, Invoice, OwnAccount, PaymentReference
from tenor.platform.ledger.queries.accounts import own_account

# Of ten digits a set of a hundred thousand meets itself now and then: another is drawn then.
_MOST_DRAWS = 20
_MOST_ASKED = 500


class Scheme(StrEnum):
    """The kinds of reference."""

    RF = "rf"  # ISO 11649, understood in every country of SEPA
    OGM = "ogm"  # Belgium
    FINNISH = "finnish"
    KID = "kid"  # Norway
    QRR = "qrr"  # Switzerland and Liechtenstein, on a QR-IBAN only


_DIGITS_BASE = {
    Scheme.RF: 12,
    Scheme.OGM: 10,
    Scheme.FINNISH: 11,
    Scheme.KID: 12,
    Scheme.QRR: 26,
}
_OF_COUNTRY = {"BE": Scheme.OGM, "FI": Scheme.FINNISH, "NO": Scheme.KID}


def reference_for(
    organisation: Organisation,
    customer: Customer,
    invoices: Iterable[Invoice],
    *,
    account: OwnAccount | None = None,
) -> str:
    """Return the reference under which these invoices (of one currency) are paid together.

    Asked again for the same invoices it is the same. It is written as a payer types it and as a
    payment code takes it: an RF without blanks, a Belgian one with its signs. `account` is the
    one that is paid on, where it is known; else it is looked up.
    """
    asked = sorted({invoice.key: invoice for invoice in invoices}.values(), key=lambda i: i.key)
    currencies = {invoice.currency for invoice in asked}
    if len(currencies) != 1:
        raise ValueError(f"a reference is for invoices of one currency, not {sorted(currencies)}")
    currency = currencies.pop()
    scheme = scheme_of(account or own_account(organisation, currency))
    keys = [invoice.key for invoice in asked]
    key = _digest(scheme, customer.key, currency, *keys)
    rows = PaymentReference.objects.of(organisation)
    kept = rows.filter(key=key).first()
    return as_written(scheme, kept.reference if kept else _made(
        organisation, customer, scheme=scheme, key=key, currency=currency, invoice_keys=keys
    ))  # fmt: skip


def found(organisation: Organisation, text: str) -> list[PaymentReference]:
    """Return the references that stand in what a payer wrote, each with its customer.

    However they are written there: in blocks, with signs, without the RF that stood before it.
    """
    told = found_in(organisation, [text])
    return told[0]


def found_in(organisation: Organisation, texts: Sequence[str]) -> list[list[PaymentReference]]:
    """Return for each text the references that stand in it: `found`, for many at once."""
    said = [_candidates(text) for text in texts]
    wanted = sorted({one for some in said for one in some})
    kept: dict[str, PaymentReference] = {}
    for start in range(0, len(wanted), _MOST_ASKED):
        rows = PaymentReference.objects.of(organisation).select_related("customer")
        some = rows.filter(reference__in=wanted[start : start + _MOST_ASKED])
        kept |= {row.reference: row for row in some}
    return [
        sorted({kept[one] for one in some if one in kept}, key=lambda row: row.pk) for some in said
    ]


def scheme_of(account: OwnAccount | None) -> Scheme:
    """Return the kind of reference that goes with an account; RF where there is none yet."""
    if account is None:
        return Scheme.RF
    if qr_bank(account.iban) is not None:
        return Scheme.QRR
    return _OF_COUNTRY.get(account.iban[:2], Scheme.RF)


def as_written(scheme: Scheme, reference: str) -> str:
    """Write a reference as a payer types it."""
    if scheme is Scheme.OGM:
        return f"+++{reference[:3]}/{reference[3:7]}/{reference[7:]}+++"
    return reference


def _made(
    organisation: Organisation, customer: Customer, *, scheme: Scheme, key: str, currency: str,
    invoice_keys: list[str],
) -> str:  # fmt: skip
    rows = PaymentReference.objects.of(organisation)
    for draw in range(_MOST_DRAWS):
        reference = _drawn(scheme, f"{organisation.slug}|{key}|{draw}")
        try:
            with transaction.atomic():
                row, _is_new = rows.get_or_create(
                    key=key,
                    defaults={
                        "customer": customer, "reference": reference, "currency": currency,
                        "invoice_keys": invoice_keys,
                    },
                )  # fmt: skip
        except IntegrityError:
            # Another set has this number already.
            continue
        kept: str = row.reference
        return kept
    raise RuntimeError("no free payment reference was found")


def _drawn(scheme: Scheme, seed: str) -> str:
    """Return a reference that tells nothing of the customer and is no neighbour of another.

    Its first digit is never 0: banks drop zeros at the beginning, or add them.
    """
    size = _DIGITS_BASE[scheme]
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest())
    base = str(10 ** (size - 1) + number % (9 * 10 ** (size - 1)))
    if scheme is Scheme.OGM:
        return normalise(make_ogm(base))
    if scheme is Scheme.FINNISH:
        return make_finnish(base)
    if scheme is Scheme.KID:
        return make_kid(base, Kid.MOD10)
    if scheme is Scheme.QRR:
        return make_qrr(base)
    return make_rf(base)


def _candidates(text: str) -> set[str]:
    """Return every number in a text that may be a reference, in the form in which one is kept."""
    numbers = numbers_in(text)
    # Payers leave the RF off, and some RF are also the long form of a Finnish reference.
    bare = {one for one in numbers if one.isdigit() and len(one) == _DIGITS_BASE[Scheme.RF]}
    return set(numbers) | {make_rf(one) for one in bare}


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
