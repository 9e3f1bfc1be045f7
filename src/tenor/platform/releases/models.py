"""What goes live: versions on their way together, with the evidence for them and who signed."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.tenancy import Owned
from tenor.platform.governance.models import LawExtension, PolicyVersion, PredictorVersion
from tenor.platform.wording.models import Template


class Release(Owned):
    """New versions, carried together from a draft to what holds for everybody.

    Of the predictor, the rules, the organisation's own law, and of its texts (`CarriedText`).
    """

    class State(models.TextChoices):
        """Where it stands on its way."""

        DRAFT = "draft"
        SUBMITTED = "submitted"  # waits for the words of others
        APPROVED = "approved"  # waits for its turn
        SHADOW = "shadow"  # decides beside the day; nothing is sent from it
        CANARY = "canary"  # decides for a share of customers
        LIVE = "live"
        RETIRED = "retired"  # another took its place, or its author set it aside
        REJECTED = "rejected"
        ROLLED_BACK = "rolled_back"

    class Recipe(models.TextChoices):
        """What was done to get the predictor."""

        NONE = ""
        UPDATE = "update"  # the same recipe on newer facts
        REBUILD = "rebuild"  # all anew, the recipe chosen again

    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    note = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    predictor = models.ForeignKey(
        PredictorVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, null=True, related_name="+")
    law = models.ForeignKey(LawExtension, on_delete=models.PROTECT, null=True, related_name="+")
    recipe = models.CharField(max_length=10, choices=Recipe.choices, blank=True)
    # What it took the place of: where rolling back leads.
    replaced_predictor = models.ForeignKey(
        PredictorVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    replaced_policy = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    replaced_law = models.ForeignKey(
        LawExtension, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Goes by rule alone as long as every check passes and nothing alarms.
    automatic = models.BooleanField(default=False)
    # Empty: Tenor, by the timetable.
    author = models.ForeignKey("core.User", on_delete=models.SET_NULL, null=True, related_name="+")
    author_name = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    # What people decide on: figures and codes, words are made when it is shown. Kept as it is from
    # the moment it is submitted.
    evidence = models.JSONField(default=dict, blank=True)
    shadow_days = models.PositiveSmallIntegerField(default=7)
    # Why the rule that watches does not let it go on by itself; a person may.
    held = models.CharField(max_length=500, blank=True)
    # The canary: its experiment, the share of customers it has, and since which day.
    experiment = models.CharField(max_length=60, blank=True)
    share = models.FloatField(default=0)
    share_since = models.DateField(null=True)
    live_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """A number once; one on trial at a time, so that each is compared with what is live."""

        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "number"], name="one_release_a_number"),
            models.UniqueConstraint(
                fields=["organisation"],
                condition=models.Q(state__in=["shadow", "canary"]),
                name="one_release_on_trial",
            ),
        ]
        base_manager_name = "across"


class CarriedText(Owned):
    """A version of a text that a release carries, and the own text that it took the place of."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="texts")
    text = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="+")
    # Empty: the built-in text spoke before, or it is not live yet.
    replaced = models.ForeignKey(Template, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        """A text once a release."""

        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "text"], name="one_text_a_release")
        ]
        base_manager_name = "across"


class Passage(Owned):
    """A step that a release took: from where to where, by whose hand or which rule, and why."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="passages")
    before = models.CharField(max_length=12, blank=True)
    after = models.CharField(max_length=12)
    at = models.DateTimeField()
    # Empty: by rule.
    by = models.ForeignKey("core.User", on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=200, blank=True)
    because = models.CharField(max_length=1000, blank=True)
    # A step was left out, by the signature of whoever stands here.
    exception = models.BooleanField(default=False)

    class Meta:
        """In the order in which they were taken."""

        ordering: ClassVar = ["pk"]
        base_manager_name = "across"


class Approval(Owned):
    """Somebody's word for a release: for which part of the house, on which evidence, and why."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="approvals")
    by = models.ForeignKey("core.User", on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    # "finance", "legal", "data" or "operations": that of their role when they signed.
    group = models.CharField(max_length=20)
    because = models.CharField(max_length=500)
    at = models.DateTimeField()
    # The digest of the evidence that was signed.
    seal = models.CharField(max_length=64)
    # The checks without an answer that they have seen, by name.
    seen = models.JSONField(default=list, blank=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_because = models.CharField(max_length=500, blank=True)

    class Meta:
        """One standing word a person."""

        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["release", "by"],
                condition=models.Q(revoked_at=None),
                name="one_standing_approval_a_person",
            )
        ]
        base_manager_name = "across"


class ShadowDay(Owned):
    """What a release would have done on a day, beside what was done: counts and sums, nobody."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    figures = models.JSONField(default=dict)

    class Meta:
        """One a day."""

        ordering: ClassVar = ["day"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "day"], name="one_shadow_a_day")
        ]
        base_manager_name = "across"


class Training(Owned):
    """An attempt to learn anew: when, by whose wish, and what came of it or kept it from being."""

    class Outcome(models.TextChoices):
        """What came of it."""

        FITTED = "fitted"
        REFUSED = "refused"

    at = models.DateTimeField()
    # The turn of the timetable ("2026-Q3"); empty: somebody asked.
    turn = models.CharField(max_length=20, blank=True)
    recipe = models.CharField(max_length=10, choices=Release.Recipe.choices, blank=True)
    by = models.ForeignKey("core.User", on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    # What was looked at before: [{"name", "passed", "figure", "limit", "text"}]
    checks = models.JSONField(default=list)
    predictor = models.ForeignKey(
        PredictorVersion, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    release = models.ForeignKey(Release, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        """The newest first."""

        ordering: ClassVar = ["-pk"]
        base_manager_name = "across"
