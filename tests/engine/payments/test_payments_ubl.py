"""Electronic invoices: every field read exactly, and what is missing for collecting is named."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tenor.engine.errors import InputError
from tenor.engine.payments.ubl import (
    Party,
    PaymentMeans,
    Rule,
    Treatment,
    UblInvoice,
    broken_rules,
    read_ubl,
    treatment,
)

SAMPLES = Path(__file__).parent / "samples"
WHOLE = UblInvoice(
    number="V-88",
    issued_on=date(2026, 5, 4),
    due_on=date(2026, 6, 3),
    type_code="380",
    currency="EUR",
    payable=Decimal("90.75"),
    means=(PaymentMeans("58", account="NL20INGB0001234567"),),
)


def test_an_invoice_is_read_field_by_field() -> None:
    assert read_ubl((SAMPLES / "invoice.xml").read_bytes()) == UblInvoice(
        number="V-88",
        issued_on=date(2026, 5, 4),
        due_on=date(2026, 6, 3),
        type_code="380",
        currency="EUR",
        payable=Decimal("90.75"),
        prepaid=Decimal("30.25"),
        total=Decimal("121.00"),
        buyer_reference="KST-7",
        order="PO-31",
        terms="30 dagen netto\n2% korting binnen 8 dagen",
        preceding=("V-80", "V-81"),
        means=(
            PaymentMeans("58", "RF18539007547034", "NL20INGB0001234567", "INGBNL2A"),
            PaymentMeans("59", mandate="M-4"),
        ),
        seller=Party("Kade Verhuur B.V.", "12345678", "0106", "NL001234567B01"),
        buyer=Party("Bäckerei Müller"),
        notes=("Levering week 18",),
    )


def test_a_credit_note_has_its_due_date_with_the_means_of_payment() -> None:
    note = read_ubl((SAMPLES / "credit_note.xml").read_bytes())

    assert (note.number, note.type_code, note.due_on) == ("C-9", "381", date(2026, 7, 1))
    assert note.payable == Decimal("20.00")
    assert treatment(note.type_code, note.payable) is Treatment.CREDIT


def test_an_invoice_with_all_that_collecting_needs_breaks_no_rule() -> None:
    assert broken_rules(WHOLE) == ()
    assert broken_rules(read_ubl((SAMPLES / "invoice.xml").read_bytes())) == ()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"number": ""}, Rule.NO_NUMBER),
        ({"issued_on": None}, Rule.NO_ISSUE_DATE),
        ({"type_code": ""}, Rule.NO_TYPE),
        ({"currency": ""}, Rule.NO_CURRENCY),
        ({"payable": None}, Rule.NO_PAYABLE),
        ({"due_on": None}, Rule.NO_DUE_DATE_OR_TERMS),
        ({"due_on": None, "terms": " "}, Rule.NO_DUE_DATE_OR_TERMS),
        ({"means": (PaymentMeans("30"),)}, Rule.NO_ACCOUNT),
        ({"means": (PaymentMeans("59"),)}, Rule.NO_MANDATE),
        ({"means": (PaymentMeans("49"),)}, Rule.NO_MANDATE),
    ],
)
def test_what_is_missing_is_named_by_its_rule(change: dict[str, Any], rule: Rule) -> None:
    assert broken_rules(UblInvoice(**{**vars(WHOLE), **change})) == (rule,)


@pytest.mark.parametrize(
    "change",
    [
        {"due_on": None, "terms": "30 days"},
        {"due_on": None, "payable": Decimal(0)},
        {"due_on": None, "payable": Decimal("-1.00")},
        {"means": ()},
        {"means": (PaymentMeans("10"), PaymentMeans("59", mandate="M-1"))},
    ],
)
def test_what_need_not_be_there_is_not_missed(change: dict[str, Any]) -> None:
    assert broken_rules(UblInvoice(**{**vars(WHOLE), **change})) == ()


@pytest.mark.parametrize(
    ("type_code", "payable", "what"),
    [
        ("380", "1.00", Treatment.CLAIM),
        ("384", "1.00", Treatment.CLAIM),
        ("380", "-1.00", Treatment.CREDIT),
        ("381", "1.00", Treatment.CREDIT),
        ("381", "-1.00", Treatment.CLAIM),
        ("380", "0.00", Treatment.SETTLED),
    ],
)
def test_less_than_nothing_turns_a_document_round(
    type_code: str, payable: str, what: Treatment
) -> None:
    assert treatment(type_code, Decimal(payable)) is what


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("<Order/>", "<Order> is no UBL invoice"),
        ("<Invoice><ID>1</Invoice>", "this is not XML"),
        ('<!DOCTYPE Invoice [<!ENTITY a "b">]><Invoice><ID>&a;</ID></Invoice>', "document type"),
        ("<Invoice><DueDate>soon</DueDate></Invoice>", "DueDate 'soon' is no date"),
        (
            "<Invoice><LegalMonetaryTotal><PayableAmount>1,00</PayableAmount>"
            "</LegalMonetaryTotal></Invoice>",
            "PayableAmount '1,00' is no amount",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(content: Any, why: str) -> None:
    with pytest.raises(InputError, match=f"^F1: .*{why}|^F1, line 1.*{why}"):
        read_ubl(content, "F1")
