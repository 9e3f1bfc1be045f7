"""Bring hundreds of thousands of rows into the ledger: as the single actions would, but fast.

Each door takes a frame with the contract's columns, in the transaction of the caller, who writes
one audit entry for the batch. The right to import is asked for. Rows that are refused are
counted with their place in the frame (from 0) and the reason; the others go in.
"""

from tenor.platform.ledger.bulk.customers import upsert_customers
from tenor.platform.ledger.bulk.invoices import upsert_invoices
from tenor.platform.ledger.bulk.payments import add_payments
from tenor.platform.ledger.bulk.writing import Counts

__all__ = ["Counts", "add_payments", "upsert_customers", "upsert_invoices"]
