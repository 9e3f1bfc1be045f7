"""A message says what the books say at that instant: every amount, date and account is theirs."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

import make
import plans
from cast import NOW, Cast
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Customer, Invoice
from tenor.platform.wording.composing import compose
from tenor.platform.wording.draft import Draft, Kind
from tenor.platform.wording.plain import plain

IBAN = "NL91ABNA0417164300"


@pytest.fixture
def house(cast: Cast) -> Cast:
    """Delta Water, with an address, a phone, and an account in euros."""
    plans.settle(
        cast, postal_address="Kade 1\n1011 AB Amsterdam", phone="020 123 45 67",
        reply_email="geld@delta.example", website="https://delta.example",
    )  # fmt: skip
    return cast


def composed(cast: Cast, *keys: str, **values: Any) -> Draft:
    """Compose a reminder about these invoices of C1, as an e-mail."""
    usual: dict[str, Any] = {
        "kind": Kind.REMINDER, "tone": "neutral", "channel": "email", "at": NOW,
    }  # fmt: skip
    customer = Customer.objects.of(cast.organisation).get(key="C1")
    invoices = list(Invoice.objects.of(cast.organisation).filter(key__in=keys))
    return compose(cast.organisation, customer, invoices, **{**usual, **values})


def test_all_invoices_stand_in_one_table_with_the_total_of_what_is_open(house: Cast) -> None:
    make.invoice(house, "F1", amount="1200.50", number="2026-1", due_on=date(2026, 2, 1))
    make.invoice(house, "F2", amount="100", number="2026-2", due_on=date(2026, 1, 15))
    make.payment(house, "P1", invoice="F1", amount="200.25")
    ledger.credit_invoice(house.system, invoice_key="F2", key="K1", amount=Decimal("30"))
    draft = composed(house, "F1", "F2")
    assert [line.number for line in draft.lines] == ["2026-2", "2026-1"]
    assert [line.open for line in draft.lines] == ["€\u00a070,00", "€\u00a01.000,25"]
    assert (draft.total, draft.amount) == ("€\u00a01.070,25", Decimal("1070.25"))
    text = plain(draft)
    assert "2026-2   16-12-2025    15-01-2026      € 70,00" in text
