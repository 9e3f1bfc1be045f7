"""The document of an invoice: the PDF that its customer was sent."""

from django.db import models

from tenor.platform.core.tenancy import Owned
from tenor.platform.ledger.models.invoices import Invoice


class InvoiceDocument(Owned):
    """An invoice as it was drawn up; the file lies below the data folder."""

    invoice = models.OneToOneField(Invoice, on_delete=models.CASCADE, related_name="document")
    # Ours: cleaned of everything that a file system or a reader could trip over.
    name = models.CharField(max_length=120)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.CharField(max_length=300)
    put_at = models.DateTimeField()
    source = models.CharField(max_length=40)

    class Meta:
        """One an invoice."""

        base_manager_name = "across"
