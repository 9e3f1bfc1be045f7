"""What was seen week by week, what was foretold, what each check said, and the alarms."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.tenancy import Owned
from tenor.platform.ledger.models import Invoice


class Look(Owned):
    """What features and chances were like in a week, as counts; and what came of the chances.

    Nobody can be told from it. `edges` is what all looks are counted by; it stands in the first.
    """

    at = models.DateTimeField()
    model_version = models.CharField(max_length=80)
    # {feature: {segment: {part: rows}}}
    counts = models.JSONField()
    edges = models.JSONField(default=dict)
    # Sums of what came true, a list of rows as `calibration.MATURED` has them.
    came = models.JSONField(default=list)
    # All that was foretold has had its time: `came` is final, and the chances are forgotten.
    is_over = models.BooleanField(default=False)

    class Meta:
        """In order."""

        ordering: ClassVar = ["at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "at"], name="one_look_an_instant")
        ]
        base_manager_name = "across"


class Foretold(Owned):
    """A chance that was foretold of an invoice, kept until time has shown what came of it."""

    look = models.ForeignKey(Look, on_delete=models.CASCADE, related_name="foretold")
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="foretold")
    segment = models.CharField(max_length=60, blank=True)
    p_paid_7d = models.FloatField()
    p_paid_30d = models.FloatField()

    class Meta:
        """Found by what they are about."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["look", "invoice"], name="foretold_once_a_look")
        ]
        base_manager_name = "across"


class Reading(Owned):
    """What a check said on a day: its value, between what it usually lies, and its state."""

    day = models.DateField()
    code = models.CharField(max_length=40)
    subject = models.CharField(max_length=120, blank=True)
    panel = models.CharField(max_length=12)
    unit = models.CharField(max_length=8)
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    state = models.CharField(max_length=8)
    since = models.DateField(null=True)
    facts = models.JSONField(default=dict)
    # The weeks before, [[day, value]]; kept with the latest reading alone.
    past = models.JSONField(default=list)

    class Meta:
        """One reading a check and day."""

        ordering: ClassVar = ["day", "panel", "code", "subject"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "day", "code", "subject"], name="one_reading_a_day"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "code", "subject", "day"])]
        base_manager_name = "across"


class Alarm(Owned):
    """Something that changed and matters: since when, what it means, what people did about it."""

    key = models.CharField(max_length=160)
    panel = models.CharField(max_length=12)
    step = models.CharField(max_length=20)
    means = models.CharField(max_length=40)
    # [{code, subject, unit, value, facts}], the surest first; `also`: what it explains.
    checks = models.JSONField()
    also = models.JSONField(default=list)
    since = models.DateField(null=True)
    # In how many years chance alone brings this once, at least.
    years = models.FloatField()
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    # The machine turned the predictor off because of it.
    fell_back_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        "core.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    acknowledged_name = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        """Open once; newest first."""

        ordering: ClassVar = ["-opened_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "key"],
                condition=models.Q(closed_at=None),
                name="one_open_alarm_a_key",
            )
        ]
        base_manager_name = "across"
