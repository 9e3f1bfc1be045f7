"""Cases that left the house: to whom, on which list, by whose signature, with which file."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.fields import AmountField
from tenor.platform.core.tenancy import Owned
from tenor.platform.decisions.models.plan import Decision
from tenor.platform.ledger.models import Customer


class HandOver(Owned):
    """A signed hand-over with its file: added when a person signs, never altered."""

    class Route(models.TextChoices):
        """Where the case goes."""

        AGENCY = "agency"
        COURT = "court"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="hand_overs")
    # Empty: a person opened it, no decision proposed it.
    decision = models.ForeignKey(Decision, on_delete=models.SET_NULL, null=True, related_name="+")
    invoice_keys = models.JSONField()
    amount = AmountField()
    currency = models.CharField(max_length=3)
    route = models.CharField(max_length=10, choices=Route.choices)
    to = models.CharField(max_length=200)
    # The list as it stood when it was signed: code, words, met, evidence of each.
    checklist = models.JSONField()
    reason = models.CharField(max_length=300)
    signed_by = models.ForeignKey(
        "core.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    signed_name = models.CharField(max_length=200)
    signed_at = models.DateTimeField()
    # The zip file, as it was made then, and its SHA-256.
    file = models.BinaryField()
    digest = models.CharField(max_length=64)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-signed_at"]
        indexes: ClassVar = [models.Index(fields=["customer", "-signed_at"])]
        base_manager_name = "across"
