"""Customers: who they are, where they can be reached, what they allow, what they owe in all."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.fields import AmountField
from tenor.platform.core.tenancy import Owned


class Customer(Owned):
    """A person or business that is invoiced."""

    class Kind(models.TextChoices):
        """Whom the law sees in them."""

        CONSUMER = "consumer"
        BUSINESS = "business"

    # The ERP's own number: how imports, the API and the engine name this customer.
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, blank=True)
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=12, blank=True)
    timezone = models.CharField(max_length=64, blank=True)
    # When they want to be reached, in their local time: "09:00-20:00", "Mon,Tue"; empty: any time.
    contact_hours = models.CharField(max_length=11, blank=True)
    contact_days = models.CharField(max_length=27, blank=True)
    # The free columns of the contract's table: features, and `ref_*` (carried along). What is
    # protected stands apart, in `ProtectedTraits`.
    attributes = models.JSONField(default=dict, blank=True)
    # Where each part came from and when: {"name": {"source": "import:12", "at": "…"}}
    lineage = models.JSONField(default=dict, blank=True)
    # The person who answers for this customer's case, where somebody does.
    owner = models.ForeignKey(
        "core.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """One customer a key."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="one_customer_a_key")
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "name"])]
        base_manager_name = "across"

    def __str__(self) -> str:
        """Return the name, or the key where there is none."""
        return self.name or self.key


class ContactPoint(Owned):
    """A place where a customer can be reached: an e-mail address, a number, a postal address."""

    class Kind(models.TextChoices):
        """What kind of place."""

        EMAIL = "email"
        MOBILE = "mobile"
        PHONE = "phone"
        POSTAL = "postal"
        PUSH = "push"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contact_points")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # For a postal address: its lines, as on an envelope.
    value = models.CharField(max_length=500)
    is_primary = models.BooleanField(default=False)
    # Since when messages to it come back, and why; empty: they arrive.
    bounced_at = models.DateTimeField(null=True, blank=True)
    bounced_because = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A place once a customer; found by its value (a reply, a search)."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "kind", "value"], name="one_contact_point"),
            models.UniqueConstraint(
                fields=["customer", "kind"],
                condition=models.Q(is_primary=True),
                name="one_primary_a_kind",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "value"])]
        base_manager_name = "across"


class Consent(Owned):
    """Whether a customer allows a channel (or open tracking); the audit log keeps what it was."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    # A channel's name, or "open_tracking".
    channel = models.CharField(max_length=40)
    granted = models.BooleanField()
    at = models.DateTimeField()
    source = models.CharField(max_length=60, blank=True)

    class Meta:
        """The present word a channel."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "channel"], name="one_consent_a_channel")
        ]
        base_manager_name = "across"


class Exposure(Owned):
    """What a customer owes in one currency: a sum over open invoices, renewed with each change."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="exposures")
    currency = models.CharField(max_length=3)
    open_amount = AmountField(default=0)
    open_count = models.PositiveIntegerField(default=0)
    oldest_due_on = models.DateField(null=True)

    class Meta:
        """A sum a currency; the largest are found first."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "currency"], name="one_exposure_a_currency")
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "-open_amount"]),
            models.Index(fields=["organisation", "oldest_due_on"]),
        ]
        base_manager_name = "across"
