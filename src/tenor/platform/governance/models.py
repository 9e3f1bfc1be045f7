"""Versions of predictors, rules and law: the one in force, and how it came to be."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.tenancy import Owned


class PredictorVersion(Owned):
    """A model that was fitted: where its folder is, from which facts, how good it was."""

    class State(models.TextChoices):
        """Whether decisions use it."""

        FITTED = "fitted"
        LIVE = "live"
        RETIRED = "retired"

    # As the engine names it: the digest of what was learned.
    version = models.CharField(max_length=80)
    # Below the data folder.
    folder = models.CharField(max_length=300)
    fitted_at = models.DateTimeField()
    facts_until = models.DateTimeField()
    # Out-of-time quality, sizes, sufficiency: what the engine measured.
    figures = models.JSONField(default=dict)
    # Learned from made-up facts: its effects are never shown as learned from people.
    synthetic = models.BooleanField(default=False)
    # For whoever examines it, written when it was fitted: what it is, and what it learned from.
    card = models.TextField(blank=True, default="")
    sheet = models.TextField(blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.FITTED)

    class Meta:
        """One live predictor at a time."""

        ordering: ClassVar = ["-fitted_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=models.Q(state="live"),
                name="one_live_predictor",
            )
        ]
        base_manager_name = "across"


class PolicyVersion(Owned):
    """A version of the rules: the policy file's text, numbered, with who wrote and approved it."""

    class State(models.TextChoices):
        """Where it stands between drawing board and work."""

        DRAFT = "draft"
        SUBMITTED = "submitted"
        LIVE = "live"
        REJECTED = "rejected"
        RETIRED = "retired"

    number = models.PositiveIntegerField()
    text = models.TextField()
    note = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    drafted_by = models.ForeignKey(
        "core.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    drafted_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        "core.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decided_because = models.CharField(max_length=500, blank=True)
    # The figures of the last dry run: what would change, at what cost.
    dry_run = models.JSONField(default=dict, blank=True)

    class Meta:
        """A number once; one version in force at a time."""

        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "number"], name="one_policy_a_number"),
            models.UniqueConstraint(
                fields=["organisation"], condition=models.Q(state="live"), name="one_live_policy"
            ),
        ]
        base_manager_name = "across"


class LawExtension(Owned):
    """A version of what an organisation adds to one pack of the law: the file's text, numbered.

    What it changes against the shipped pack is worked out from the text, never kept: a new pack
    may make a stricter rule a looser one.
    """

    class State(models.TextChoices):
        """Where it stands between drawing board and work."""

        DRAFT = "draft"
        SUBMITTED = "submitted"
        LIVE = "live"
        REJECTED = "rejected"
        RETIRED = "retired"

    number = models.PositiveIntegerField()
    # The pack that it extends: "NL", "US-MA".
    jurisdiction = models.CharField(max_length=20)
    text = models.TextField()
    note = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    drafted_by = models.ForeignKey(
        "core.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    drafted_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        "core.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decided_because = models.CharField(max_length=500, blank=True)
    # Somebody who answers for the law signed for changes that are not simply stricter.
    signed_off = models.BooleanField(default=False)

    class Meta:
        """A number once; one version of a pack in force at a time."""

        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "number"], name="one_law_extension_a_number"
            ),
            models.UniqueConstraint(
                fields=["organisation", "jurisdiction"],
                condition=models.Q(state="live"),
                name="one_live_law_extension_a_pack",
            ),
        ]
        base_manager_name = "across"


class SegmentStrategy(Owned):
    """What holds for one segment of customers: whether a person gates, and which rules differ."""

    # As the engine names it: "late_payer", …
    segment = models.CharField(max_length=60)
    automatic = models.BooleanField(default=False)
    # Above this balance (in the organisation's currency) a person decides all the same.
    automatic_below = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    # A skill that a person needs to take over a case of this segment.
    skill = models.CharField(max_length=60, blank=True)
    # Keys of the policy file that hold for this segment instead: {"limits.min_days_between": 7}
    policy_changes = models.JSONField(default=dict, blank=True)

    class Meta:
        """A word a segment."""

        ordering: ClassVar = ["segment"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "segment"], name="one_strategy_a_segment"
            )
        ]
        base_manager_name = "across"


class Switch(Owned):
    """A part of learning that is turned off, since when and why; no row: it is on."""

    class What(models.TextChoices):
        """What can be turned off at once, without waiting for anybody's approval."""

        PREDICTOR = "predictor"  # nothing learned decides: everybody is left to the fixed ladder
        EXPLORATION = "exploration"  # nothing is left to chance
        EXPERIMENTS = "experiments"  # nobody is in an arm but those of the comparison group
        LEARNING = "learning"  # no new predictor is fitted by itself

    what = models.CharField(max_length=12, choices=What.choices)
    off_since = models.DateTimeField()
    because = models.CharField(max_length=300)
    # Empty: the rule that watches turned it off.
    by = models.ForeignKey("core.User", on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        """Off once."""

        ordering: ClassVar = ["what"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "what"], name="one_switch_a_part")
        ]
        base_manager_name = "across"
