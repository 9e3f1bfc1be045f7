"""The tables of the ledger."""

from tenor.platform.ledger.models.accounts import OwnAccount, PaymentReference
from tenor.platform.ledger.models.agreements import (
    Dispute,
    Hold,
    Instalment,
    Note,
    Plan,
    PlanInvoice,
    Promise,
    PromiseInvoice,
)
from tenor.platform.ledger.models.customers import Consent, ContactPoint, Customer, Exposure
from tenor.platform.ledger.models.documents import InvoiceDocument
from tenor.platform.ledger.models.invoices import Entry, Invoice, InvoiceLine
from tenor.platform.ledger.models.money import Allocation, Payment
from tenor.platform.ledger.models.notices import LegalNotice
from tenor.platform.ledger.models.protected import ProtectedTraits

__all__ = [
    "Allocation",
    "Consent",
    "ContactPoint",
    "Customer",
    "Dispute",
    "Entry",
    "Exposure",
    "Hold",
    "Instalment",
    "Invoice",
    "InvoiceDocument",
    "InvoiceLine",
    "LegalNotice",
    "Note",
    "OwnAccount",
    "Payment",
    "PaymentReference",
    "Plan",
    "PlanInvoice",
    "Promise",
    "PromiseInvoice",
    "ProtectedTraits",
]
