"""Payments, and to which invoices they went."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.fields import AmountField
from tenor.platform.core.tenancy import Owned
from tenor.platform.ledger.models.customers import Customer
from tenor.platform.ledger.models.invoices import Invoice


class Payment(Owned):
    """Money that arrived; what is not allocated yet stays the customer's credit."""

    # Empty: nobody knows yet whose it is.
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="payments"
    )
    # Of the source: the bank line or the provider's payment; told twice, it counts once.
    key = models.CharField(max_length=200)
    amount = AmountField()
    currency = models.CharField(max_length=3)
    paid_at = models.DateTimeField()
    method = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=40, blank=True)
    # A returned debit or a charge-back took the money away again.
    reversed_at = models.DateTimeField(null=True, blank=True)
    reversed_because = models.CharField(max_length=200, blank=True)
    # Kept fold: the part that went to invoices.
    allocated = AmountField(default=0)
    # What went back to the payer since: it is credit no more.
    refunded = AmountField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One payment a key."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="one_payment_a_key"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payment_is_positive"),
            models.CheckConstraint(
                condition=models.Q(
                    allocated__gte=0,
                    refunded__gte=0,
                    allocated__lte=models.F("amount") - models.F("refunded"),
                ),
                name="allocated_within_payment",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "-paid_at"]),
            # Few payments have something left: these are looked for a customer each, and in all.
            models.Index(
                fields=["organisation", "customer"],
                condition=models.Q(reversed_at=None, allocated__lt=models.F("amount")),
                name="payment_with_a_rest",
            ),
        ]
        base_manager_name = "across"


class Allocation(Owned):
    """A part of a payment that went to an invoice: added, never altered; taken back by a minus."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="allocations")
    amount = AmountField()
    # When it counts for the invoice: the payment's instant, or that of the reversal.
    at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Read in bulk by time."""

        indexes: ClassVar = [models.Index(fields=["organisation", "at"])]
        base_manager_name = "across"
