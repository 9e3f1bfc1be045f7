"""The documents of invoices: which there are, and where their files lie."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import NotFound
from tenor.platform.core.roles import Right
from tenor.platform.ledger.documents import path_of
from tenor.platform.ledger.models import InvoiceDocument

if TYPE_CHECKING:
    from tenor.platform.ledger.models import Customer, Invoice


def documents_of(invoices: Collection["Invoice"]) -> dict[int, InvoiceDocument]:
    """Return the documents of some invoices of one organisation, by the invoice's number."""
    if not invoices:
        return {}
    organisation = next(iter(invoices)).organisation_id
    rows = InvoiceDocument.objects.of(organisation)
    return {row.invoice_id: row for row in rows.filter(invoice__in=[i.pk for i in invoices])}


def document_for(actor: Actor, number: int) -> tuple[InvoiceDocument, Path]:
    """Return a document by its number, and where its file is."""
    actor.need(Right.SEE)
    row: InvoiceDocument = row_for(actor, InvoiceDocument, pk=number)
    return row, _there(row)


def own_document(customer: "Customer", number: int) -> tuple[InvoiceDocument, Path] | None:
    """Return a document of one of a customer's own invoices; None where it is none of theirs."""
    rows = InvoiceDocument.objects.of(customer.organisation_id)
    row = rows.filter(pk=number, invoice__customer=customer).first()
    return None if row is None else (row, _there(row))


def _there(row: InvoiceDocument) -> Path:
    path = path_of(row.file)
    if not path.is_file():
        raise NotFound(_("The file of this document is gone. Send it again."))
    return path
