"""Offers to customers: their terms, what was expected of them, and what became of them."""

from decimal import Decimal
from typing import ClassVar

from django.db import models

from tenor.platform.core.fields import AmountField
from tenor.platform.core.tenancy import Owned
from tenor.platform.ledger.models import Customer, Invoice, Plan


class Offer(Owned):
    """A plan, a settlement, or less for paying early, about open invoices of one currency."""

    class Kind(models.TextChoices):
        """What is offered."""

        PLAN = "plan"
        SETTLEMENT = "settlement"
        EARLY = "early"

    class State(models.TextChoices):
        """How far it is; kept and broken are said of what was accepted."""

        PROPOSED = "proposed"
        APPROVED = "approved"
        SENT = "sent"
        ACCEPTED = "accepted"
        KEPT = "kept"
        BROKEN = "broken"
        DECLINED = "declined"
        EXPIRED = "expired"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="offers")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    currency = models.CharField(max_length=3)
    # What was owed when it was made, and what is asked instead (of a plan: the same).
    owed = AmountField()
    asked = AmountField()
    # Until when it stands; of a settlement and of less for paying early: the money must be there.
    until = models.DateField()
    # Of a plan: [day, amount] each.
    instalments = models.JSONField(default=list)
    # What it brings over not offering, and what is expected to go to those who would have paid.
    expected_gain = models.FloatField(null=True)
    given_away = models.FloatField(null=True)
    # The chance that it would be paid anyway, or of a plan that it is kept.
    chance = models.FloatField(null=True)
    # Words of the policy or the predictor that led to it, where Tenor made it by itself.
    because = models.JSONField(default=list)
    plan = models.OneToOneField(
        Plan, on_delete=models.SET_NULL, null=True, blank=True, related_name="offer"
    )
    made_at = models.DateTimeField()
    by = models.CharField(max_length=200)
    # The person who made it, empty for Tenor: somebody else approves.
    by_number = models.IntegerField(null=True)
    needs_approval = models.BooleanField(default=True)
    approved_by = models.CharField(max_length=200, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        """Newest first; those that wait are found by their state."""

        ordering: ClassVar = ["-made_at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["organisation", "state", "until"])]
        base_manager_name = "across"

    @property
    def discount(self) -> Decimal:
        """Return how much less is asked."""
        return Decimal(self.owed - self.asked)


class OfferInvoice(Owned):
    """An invoice that an offer is about, with what was owed and paid on it then."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="covered")
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="offered")
    balance = AmountField()
    paid = AmountField(default=0)

    class Meta:
        """An invoice once an offer."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["offer", "invoice"], name="one_offer_an_invoice")
        ]
        base_manager_name = "across"
