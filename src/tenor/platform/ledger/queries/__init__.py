"""What can be asked of the ledger."""

from tenor.platform.ledger.queries.accounts import accounts, accounts_of_number, own_account
from tenor.platform.ledger.queries.ageing import Ageing, Bucket, ageing
from tenor.platform.ledger.queries.bookings import Booking, bookings_of
from tenor.platform.ledger.queries.customers import ONLY as CUSTOMERS_ONLY
from tenor.platform.ledger.queries.customers import customers
from tenor.platform.ledger.queries.documents import document_for, documents_of, own_document
from tenor.platform.ledger.queries.invoices import ONLY as INVOICES_ONLY
from tenor.platform.ledger.queries.invoices import invoices
from tenor.platform.ledger.queries.marks import MARKS
from tenor.platform.ledger.queries.pages import Page
from tenor.platform.ledger.queries.payments import payments_found
from tenor.platform.ledger.queries.rows import (
    customer_for,
    hold_for,
    invoice_for,
    invoices_of,
    notice_for,
    notices_of,
    open_invoices_of,
    payment_for,
    plan_for,
    plans_of,
    promise_for,
    promises_of,
)
from tenor.platform.ledger.queries.situations import Situation, situation
from tenor.platform.ledger.queries.statements import Line, statement, statements_of

__all__ = [
    "CUSTOMERS_ONLY",
    "INVOICES_ONLY",
    "MARKS",
    "Ageing",
    "Booking",
    "Bucket",
    "Line",
    "Page",
    "Situation",
    "accounts",
    "accounts_of_number",
    "ageing",
    "bookings_of",
    "customer_for",
    "customers",
    "document_for",
    "documents_of",
    "hold_for",
    "invoice_for",
    "invoices",
    "invoices_of",
    "notice_for",
    "notices_of",
    "open_invoices_of",
    "own_account",
    "own_document",
    "payment_for",
    "payments_found",
    "plan_for",
    "plans_of",
    "promise_for",
    "promises_of",
    "situation",
    "statement",
    "statements_of",
]
