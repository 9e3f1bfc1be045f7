"""The organisation's own bank accounts, and the references that payers are asked to name."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.tenancy import Owned
from tenor.platform.ledger.models.customers import Customer


class OwnAccount(Owned):
    """An account of the organisation on which it is paid, in one currency."""

    currency = models.CharField(max_length=3)
    holder = models.CharField(max_length=70)
    iban = models.CharField(max_length=34)
    bic = models.CharField(max_length=11, blank=True)
    bank = models.CharField(max_length=100, blank=True)
    # The one that messages in this currency name.
    is_default = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """An account once; one that messages name a currency."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "iban", "currency"], name="one_own_account"
            ),
            models.UniqueConstraint(
                fields=["organisation", "currency"],
                condition=models.Q(is_default=True),
                name="one_default_account_a_currency",
            ),
        ]
        base_manager_name = "across"


class PaymentReference(Owned):
    """A structured reference, and what a payment that names it is for."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="payment_references"
    )
    # As a bank gives it back: letters and digits only.
    reference = models.CharField(max_length=40)
    invoice_keys = models.JSONField(default=list)
    currency = models.CharField(max_length=3)
    # Of the customer, the currency and the invoices: asked again, it is the same reference.
    key = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One a set of invoices; no two alike."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "reference"], name="one_payment_reference"
            ),
            models.UniqueConstraint(fields=["organisation", "key"], name="one_reference_a_set"),
        ]
        base_manager_name = "across"
