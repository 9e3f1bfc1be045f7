"""Invoices and every change of what they ask."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.fields import AmountField
from tenor.platform.core.tenancy import Owned
from tenor.platform.ledger.models.customers import Customer


class Invoice(Owned):
    """A request for payment. Its balance is `amount` + entries - allocations.

    `balance`, `settled_at` and `is_open` are that fold, kept: every action that adds an entry or
    an allocation renews them in the same transaction (`ledger.balances`), and a test holds them
    equal to the fold over all rows.
    """

    class Closed(models.TextChoices):
        """Why nothing more is asked of the customer by us, though something is owed."""

        ESCALATED = "escalated"
        WRITTEN_OFF = "written_off"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="invoices")
    # The ERP's own number: how imports, the API and the engine name this invoice.
    key = models.CharField(max_length=200)
    number = models.CharField(max_length=100, blank=True)
    amount = AmountField()
    currency = models.CharField(max_length=3)
    issued_on = models.DateField()
    due_on = models.DateField()
    attributes = models.JSONField(default=dict, blank=True)
    lineage = models.JSONField(default=dict, blank=True)
    # Kept folds.
    total = AmountField()
    paid = AmountField(default=0)
    balance = AmountField()
    settled_at = models.DateTimeField(null=True, blank=True)
    closed_as = models.CharField(max_length=12, choices=Closed.choices, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    is_open = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """One invoice a key; open ones are found by due date, by balance and by customer."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="one_invoice_a_key"),
            models.CheckConstraint(condition=models.Q(total__gte=0), name="total_is_not_negative"),
            # The last word on any race for a balance: more than is asked is never allocated.
            models.CheckConstraint(
                condition=models.Q(paid__gte=0, paid__lte=models.F("total")),
                name="paid_within_total",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "is_open", "due_on"]),
            models.Index(fields=["organisation", "is_open", "-balance"]),
            models.Index(fields=["organisation", "-issued_on"]),
            models.Index(fields=["organisation", "number"]),
        ]
        base_manager_name = "across"

    def __str__(self) -> str:
        """Return the number that the customer knows it by."""
        return self.number or self.key


class InvoiceLine(Owned):
    """A line of an invoice, where the source gives lines."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=500)
    quantity = models.DecimalField(max_digits=18, decimal_places=4, default=1)
    amount = AmountField()

    class Meta:
        """In the order of the invoice."""

        ordering: ClassVar = ["position"]
        base_manager_name = "across"


class Entry(Owned):
    """A change of what an invoice asks: added, never altered. Plus asks more, minus less."""

    class Kind(models.TextChoices):
        """Why it asks more or less."""

        CREDIT_NOTE = "credit_note"
        FEE = "fee"
        INTEREST = "interest"
        CORRECTION = "correction"
        WRITE_OFF = "write_off"

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="entries")
    # Of the source; the same credit note told twice counts once.
    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    amount = AmountField()
    at = models.DateTimeField()
    text = models.CharField(max_length=300, blank=True)
    # The entry that this one takes back, where it does.
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One entry a key."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="one_entry_a_key")
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "at"])]
        base_manager_name = "across"
