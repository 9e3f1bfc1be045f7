"""Audits of fairness as they were kept, and what people said of each finding."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.tenancy import Owned
from tenor.platform.governance.models import PolicyVersion, PredictorVersion


class FairnessAudit(Owned):
    """One examination: figures of groups of thirty people or more, and nothing of anybody."""

    class Occasion(models.TextChoices):
        """Why it was made."""

        MONTH = "month"
        RELEASE = "release"
        ASKED = "asked"

    occasion = models.CharField(max_length=10, choices=Occasion.choices)
    # Which month ("2026-11"), which release ("release 4"), or the instant somebody asked.
    turn = models.CharField(max_length=60)
    as_of = models.DateTimeField()
    made_at = models.DateTimeField()
    predictor = models.ForeignKey(
        PredictorVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, null=True, related_name="+")
    # Empty: these data cannot tell.
    passes = models.BooleanField(null=True)
    # What `engine.reports.fairness.fairness_json` says of it; small groups carry no figure there.
    figures = models.JSONField(default=dict)

    class Meta:
        """The newest first; one a turn."""

        ordering: ClassVar = ["-as_of", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "occasion", "turn"], name="one_fairness_audit_a_turn"
            )
        ]
        base_manager_name = "across"


class Finding(Owned):
    """Something uneven that an audit found, and the answer that a person gave."""

    class Place(models.TextChoices):
        """Where it was found."""

        TREATMENT = "treatment"  # what the decisions do
        SWAP = "swap"  # what another value of one column changes
        HISTORY = "history"  # what was done in the past that is learned from

    class Answer(models.TextChoices):
        """What a person said of it."""

        OPEN = ""
        ACCEPTED = "accepted"  # there is a lawful reason for it, which stands in `because`
        MEND = "mend"  # to be mended; `because` says how

    audit = models.ForeignKey(FairnessAudit, on_delete=models.CASCADE, related_name="findings")
    place = models.CharField(max_length=10, choices=Place.choices)
    # The same unevenness has the same key in every audit.
    key = models.CharField(max_length=300)
    facts = models.JSONField(default=dict)
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True, default="")
    because = models.CharField(max_length=500, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        "core.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    answered_by_name = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        """In the order in which they were found."""

        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["audit", "key"], name="one_finding_a_key")
        ]
        base_manager_name = "across"
