"""Messages: planned ones, sent ones, and those that other systems sent before or beside Tenor."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.fields import AmountField
from tenor.platform.core.tenancy import Owned
from tenor.platform.decisions.models import Decision
from tenor.platform.ledger.models import Customer


class Message(Owned):
    """One contact with one customer about all that it names. The row is the queue."""

    class State(models.TextChoices):
        """Where it stands. UNCLEAR: handed over, and nobody knows whether it arrived there."""

        PLANNED = "planned"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        UNCLEAR = "unclear"
        CANCELLED = "cancelled"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="messages")
    decision = models.OneToOneField(
        Decision, on_delete=models.SET_NULL, null=True, blank=True, related_name="message"
    )
    # The contract's contact_id, and the idempotency key towards the channel.
    key = models.CharField(max_length=200)
    channel = models.CharField(max_length=40)
    tone = models.CharField(max_length=40, blank=True)
    template = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=12, blank=True)
    invoice_keys = models.JSONField(default=list)
    amount = AmountField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    address = models.CharField(max_length=500, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    send_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    # Why it was cancelled or failed: a code, and words.
    refusal = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    propensity = models.FloatField(null=True)
    cost = models.FloatField(default=0)
    minutes = models.DecimalField(max_digits=6, decimal_places=1, null=True, blank=True)
    policy = models.CharField(max_length=80, blank=True)
    # "tenor", "import", "erp": who sent it.
    source = models.CharField(max_length=40, default="tenor")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One message a key; due ones are found by time, a customer's by when they went."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="one_message_a_key")
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state", "send_at"]),
            models.Index(fields=["customer", "-sent_at"]),
            models.Index(fields=["organisation", "-sent_at"]),
        ]
        base_manager_name = "across"
