"""Pay by transfer: where to, how much, with which reference, and the code that an app reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import segno

from tenor.engine.errors import InputError
from tenor.engine.payments import epc
from tenor.engine.payments.references import is_rf
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.queries import own_account
from tenor.platform.ledger.references import reference_for
from tenor.platform.wording.facts import shown_reference

if TYPE_CHECKING:
    from tenor.platform.ledger.models import Customer, Invoice


@dataclass(frozen=True)
class Transfer:
    """What a payer types over or scans; `code` is the drawing, empty where there is none."""

    holder: str
    iban: str
    shown_iban: str
    bic: str
    reference: str
    shown_reference: str
    code: str


def transfer_of(
    organisation: Organisation,
    customer: "Customer",
    invoices: Sequence["Invoice"],
    amount: Decimal,
) -> Transfer | None:
    """Return how invoices of one currency are paid by transfer; None where no account is known."""
    account = own_account(organisation, invoices[0].currency) if invoices else None
    if account is None:
        return None
    reference = reference_for(organisation, customer, invoices)
    return Transfer(
        holder=account.holder,
        iban=account.iban,
        shown_iban=" ".join(account.iban[at : at + 4] for at in range(0, len(account.iban), 4)),
        bic=account.bic,
        reference=reference,
        shown_reference=shown_reference(reference),
        code=_code(account.holder, account.iban, account.bic, amount, reference)
        if account.currency == "EUR"
        else "",
    )


def _code(holder: str, iban: str, bic: str, amount: Decimal, reference: str) -> str:
    """Draw the code; nothing where the account or the amount cannot be put into one."""
    named = {"reference": reference} if is_rf(reference) else {"text": reference}
    try:
        made = epc.make(name=holder, iban=iban, bic=bic, amount=amount, **named)
    except InputError:
        return ""
    code = segno.make(made.payload, error="m", boost_error=False, micro=False, encoding="utf-8")
    return str(code.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=True))
