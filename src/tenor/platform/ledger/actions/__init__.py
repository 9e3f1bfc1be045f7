"""What can be done to the ledger: a business verb each, checked, audited and told to the engine."""

from tenor.platform.ledger.actions.accounts import remove_account, set_account
from tenor.platform.ledger.actions.closing import escalate, write_off
from tenor.platform.ledger.actions.customers import (
    add_contact_point,
    assign_owner,
    mark_bounced,
    record_customer,
    set_consent,
)
from tenor.platform.ledger.actions.disputes import open_dispute, resolve_dispute
from tenor.platform.ledger.actions.documents import put_document, remove_document
from tenor.platform.ledger.actions.entries import (
    add_fee,
    add_interest,
    correct_total,
    credit_invoice,
    reverse_entry,
)
from tenor.platform.ledger.actions.holds import lift_hold, start_hold
from tenor.platform.ledger.actions.invoices import record_invoice
from tenor.platform.ledger.actions.notices import record_notice, record_receipt
from tenor.platform.ledger.actions.payments import allocate, record_payment, reverse_payment
from tenor.platform.ledger.actions.plans import agree_plan, cancel_plan
from tenor.platform.ledger.actions.promises import make_promise, withdraw_promise
from tenor.platform.ledger.actions.refunds import refund_credit
from tenor.platform.ledger.actions.settling import Settled, settle_agreements, write_note

__all__ = [
    "Settled",
    "add_contact_point",
    "add_fee",
    "add_interest",
    "agree_plan",
    "allocate",
    "assign_owner",
    "cancel_plan",
    "correct_total",
    "credit_invoice",
    "escalate",
    "lift_hold",
    "make_promise",
    "mark_bounced",
    "open_dispute",
    "put_document",
    "record_customer",
    "record_invoice",
    "record_notice",
    "record_payment",
    "record_receipt",
    "refund_credit",
    "remove_account",
    "remove_document",
    "resolve_dispute",
    "reverse_entry",
    "reverse_payment",
    "set_account",
    "set_consent",
    "settle_agreements",
    "start_hold",
    "withdraw_promise",
    "write_note",
    "write_off",
]
