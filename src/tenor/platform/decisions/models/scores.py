"""What the predictors last said of each open invoice."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.tenancy import Owned
from tenor.platform.ledger.models import Invoice


class Score(Owned):
    """The chances of one open invoice, as of the last run; replaced by the next."""

    invoice = models.OneToOneField(Invoice, on_delete=models.CASCADE, related_name="score")
    as_of = models.DateTimeField()
    model_version = models.CharField(max_length=80)
    p_paid_7d = models.FloatField()
    p_paid_30d = models.FloatField()
    p_paid_60d = models.FloatField()
    expected_paid_on = models.DateField(null=True)
    p_escalated = models.FloatField(null=True)
    risk = models.CharField(max_length=1)
    segment = models.CharField(max_length=60, blank=True)
    why_unpaid = models.CharField(max_length=60, blank=True)
    reasons = models.JSONField(default=list)

    class Meta:
        """Found by risk."""

        indexes: ClassVar = [models.Index(fields=["organisation", "risk"])]
        base_manager_name = "across"
