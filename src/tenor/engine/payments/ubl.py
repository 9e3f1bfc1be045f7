"""Electronic invoices in UBL 2.1 (EN 16931, Peppol BIS Billing 3.0): what collecting needs of them.

Names of fields carry the business term of EN 16931 in their comments.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from xml.etree.ElementTree import Element

from tenor.engine.errors import InputError
from tenor.engine.payments.iban import normalise
from tenor.engine.payments.xml_reading import day_of, root_of, signed_amount_of, text_of

# UNCL 1001 as EN 16931 takes it: the types that give money back.
CREDIT_TYPES = frozenset(
    {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"}
)
_TRANSFERS = frozenset({"30", "58"})  # UNCL 4461: transfer, SEPA transfer
_DEBITS = frozenset({"49", "59"})  # direct debit, SEPA direct debit
_ROOTS = ("Invoice", "CreditNote")


class Rule(StrEnum):
    """A rule of EN 16931 or Peppol that an invoice breaks."""

    NO_NUMBER = "BR-02"
    NO_ISSUE_DATE = "BR-03"
    NO_TYPE = "BR-04"
    NO_CURRENCY = "BR-05"
    NO_PAYABLE = "BR-15"
    NO_DUE_DATE_OR_TERMS = "BR-CO-25"  # something is to be paid, but not said until when
    NO_ACCOUNT = "BR-50/BR-61"  # to be paid by transfer, but not said where to
    NO_MANDATE = "PEPPOL-EN16931-R061"  # to be collected, but not said under which mandate


class Treatment(StrEnum):
    """What a document is to who collects."""

    CLAIM = "claim"  # money is owed
    CREDIT = "credit"  # money is given back: nobody is reminded of it
    SETTLED = "settled"  # nothing is left to pay


@dataclass(frozen=True)
class PaymentMeans:
    """A way in which the invoice may be paid; texts are empty where it does not say."""

    code: str  # BT-81
    payment_id: str = ""  # BT-83, the reference
    account: str = ""  # BT-84
    bic: str = ""  # BT-86
    mandate: str = ""  # BT-89


@dataclass(frozen=True)
class Party:
    """Seller or buyer: `endpoint` is the electronic address, `endpoint_scheme` its kind."""

    name: str = ""
    endpoint: str = ""
    endpoint_scheme: str = ""
    tax_number: str = ""


@dataclass(frozen=True)
class UblInvoice:
    """An invoice or a credit note; None and empty texts are what it does not say."""

    number: str  # BT-1
    issued_on: date | None  # BT-2
    due_on: date | None  # BT-9
    type_code: str  # BT-3
    currency: str  # BT-5
    payable: Decimal | None  # BT-115, negative where money is given back
    prepaid: Decimal | None = None  # BT-113
    total: Decimal | None = None  # BT-112, with tax
    buyer_reference: str = ""  # BT-10
    order: str = ""  # BT-13
    terms: str = ""  # BT-20
    preceding: tuple[str, ...] = ()  # BT-25
    means: tuple[PaymentMeans, ...] = ()
    seller: Party = Party()
    buyer: Party = Party()
    notes: tuple[str, ...] = ()  # BT-22


def read_ubl(content: bytes | str, name: str = "invoice") -> UblInvoice:
    """Read an invoice or a credit note; what it does not say is no error here (see `broken_rules`).

    Raises `InputError`, naming `name`, where it is no XML, declares a document type, is no UBL
    invoice, or where a date or an amount that is there cannot be read.
    """
    root = root_of(content, name)
    if root.tag not in _ROOTS:
        raise InputError(f"{name}: <{root.tag}> is no UBL invoice and no credit note")
    return UblInvoice(
        number=text_of(root, "ID"),
        issued_on=_day(root, name, "IssueDate"),
        # A credit note has no due date of its own: it stands with the means of payment.
        due_on=_day(root, name, "DueDate", "PaymentMeans/PaymentDueDate"),
        type_code=text_of(root, "InvoiceTypeCode", "CreditNoteTypeCode"),
        currency=text_of(root, "DocumentCurrencyCode"),
        payable=_amount(root, name, "LegalMonetaryTotal/PayableAmount"),
        prepaid=_amount(root, name, "LegalMonetaryTotal/PrepaidAmount"),
        total=_amount(root, name, "LegalMonetaryTotal/TaxInclusiveAmount"),
        buyer_reference=text_of(root, "BuyerReference"),
        order=text_of(root, "OrderReference/ID"),
        terms=_all(root, "PaymentTerms/Note", "\n"),
        preceding=tuple(
            (found.text or "").strip()
            for found in root.findall("BillingReference/InvoiceDocumentReference/ID")
        ),
        means=tuple(_means(found) for found in root.findall("PaymentMeans")),
        seller=_party(root.find("AccountingSupplierParty/Party")),
        buyer=_party(root.find("AccountingCustomerParty/Party")),
        notes=tuple((found.text or "").strip() for found in root.findall("Note")),
    )


def broken_rules(invoice: UblInvoice) -> tuple[Rule, ...]:
    """Return the rules that an invoice breaks, of those that matter to who collects."""
    broken = {
        Rule.NO_NUMBER: not invoice.number,
        Rule.NO_ISSUE_DATE: invoice.issued_on is None,
        Rule.NO_TYPE: not invoice.type_code,
        Rule.NO_CURRENCY: not invoice.currency,
        Rule.NO_PAYABLE: invoice.payable is None,
        Rule.NO_DUE_DATE_OR_TERMS: lacks_term(invoice.payable, invoice.due_on, invoice.terms),
        Rule.NO_ACCOUNT: any(lacks_account(means) for means in invoice.means),
        Rule.NO_MANDATE: any(lacks_mandate(means) for means in invoice.means),
    }
    return tuple(rule for rule, is_broken in broken.items() if is_broken)


def lacks_term(payable: Decimal | None, due_on: date | None, terms: str) -> bool:
    """Say whether something is to be paid, and neither a due date nor terms say until when."""
    return payable is not None and payable > 0 and due_on is None and not terms.strip()


def lacks_account(means: PaymentMeans) -> bool:
    """Say whether a transfer is asked for without an account to send it to."""
    return means.code in _TRANSFERS and not means.account


def lacks_mandate(means: PaymentMeans) -> bool:
    """Say whether a direct debit is announced without its mandate."""
    return means.code in _DEBITS and not means.mandate


def asks_for_due_date(payable: Decimal | None, due_on: date | None, terms: str) -> bool:
    """Say whether terms in words stand where a due date should: somebody reads them, or the
    organisation's own default holds."""
    return payable is not None and payable > 0 and due_on is None and bool(terms.strip())


def treatment(type_code: str, payable: Decimal | None) -> Treatment:
    """Say what a document is: an invoice of less than nothing is a credit, as a credit note is.

    A credit note of less than nothing takes a credit back: it is a claim.
    """
    if payable == 0:
        return Treatment.SETTLED
    is_negative = payable is not None and payable < 0
    is_credit = (type_code in CREDIT_TYPES) is not is_negative
    return Treatment.CREDIT if is_credit else Treatment.CLAIM


def _means(element: Element) -> PaymentMeans:
    account = element.find("PayeeFinancialAccount")
    return PaymentMeans(
        code=text_of(element, "PaymentMeansCode"),
        payment_id=text_of(element, "PaymentID"),
        account=normalise(text_of(account, "ID")),
        bic=text_of(account, "FinancialInstitutionBranch/ID"),
        mandate=text_of(element, "PaymentMandate/ID"),
    )


def _party(element: Element | None) -> Party:
    if element is None:
        return Party()
    endpoint = element.find("EndpointID")
    return Party(
        name=text_of(element, "PartyLegalEntity/RegistrationName", "PartyName/Name"),
        endpoint=text_of(element, "EndpointID"),
        endpoint_scheme="" if endpoint is None else endpoint.get("schemeID", ""),
        tax_number=text_of(element, "PartyTaxScheme/CompanyID"),
    )


def _all(root: Element, path: str, between: str) -> str:
    texts = [(found.text or "").strip() for found in root.findall(path)]
    return between.join(text for text in texts if text)


def _day(root: Element, name: str, *paths: str) -> date | None:
    written = text_of(root, *paths)
    found = day_of(written)
    if written and found is None:
        raise InputError(f"{name}: {paths[0]} {written!r} is no date")
    return found


def _amount(root: Element, name: str, path: str) -> Decimal | None:
    written = text_of(root, path)
    found = signed_amount_of(written)
    if written and found is None:
        raise InputError(f"{name}: {path.rpartition('/')[2]} {written!r} is no amount")
    return found
