"""Accounts at payment providers, and the payments that people began there."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.fields import AmountField
from tenor.platform.core.tenancy import Owned
from tenor.platform.ledger.models import Customer, Payment
from tenor.platform.paying.provider import State


class ProviderAccount(Owned):
    """An organisation's account at a payment provider; its secrets are sealed."""

    provider = models.CharField(max_length=40)
    settings = models.JSONField(default=dict, blank=True)
    secrets = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    # In the address at which the provider tells news; nobody can guess it.
    hook = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One in use an organisation."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=models.Q(is_active=True),
                name="one_active_provider",
            )
        ]
        base_manager_name = "across"


class Checkout(Owned):
    """A payment that somebody began at a provider, and what the provider last said of it."""

    account = models.ForeignKey(ProviderAccount, on_delete=models.PROTECT, related_name="checkouts")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="checkouts")
    # Ours: the provider makes one payment of it, however often it is asked.
    key = models.CharField(max_length=64, unique=True)
    # The provider's; empty until it has answered.
    reference = models.CharField(max_length=200, blank=True)
    # What it is for: invoice key to amount, as text.
    shares = models.JSONField()
    amount = AmountField()
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=40, blank=True)
    contact_key = models.CharField(max_length=200, blank=True)
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in State], default=State.OPEN
    )
    reason = models.CharField(max_length=200, blank=True)
    address = models.TextField(blank=True)
    begun_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    # Since when it stands so; the organisation's own clock.
    since = models.DateTimeField(null=True, blank=True)
    # When the provider was asked last; the machine's own clock.
    looked_at = models.DateTimeField(null=True, blank=True)
    payment = models.OneToOneField(
        Payment, on_delete=models.SET_NULL, null=True, blank=True, related_name="checkout"
    )
    taken_back = AmountField(default=0)
    # Of a made-up provider: what it says when it is asked.
    made_up = models.CharField(max_length=10, blank=True)

    class Meta:
        """Found by the provider's number, by customer, and by what is still open."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "reference"],
                condition=~models.Q(reference=""),
                name="one_checkout_a_reference",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer", "-begun_at"]),
            models.Index(fields=["organisation", "state", "begun_at"]),
        ]
        base_manager_name = "across"
