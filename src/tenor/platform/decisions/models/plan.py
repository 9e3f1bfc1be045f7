"""Runs of the day, the decisions each made, and what people said of them."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.fields import AmountField
from tenor.platform.core.tenancy import Owned
from tenor.platform.governance.models import PolicyVersion, PredictorVersion
from tenor.platform.ledger.models import Customer


class Run(Owned):
    """One organisation's day: which step it has reached, from which versions, with which figures.

    The row is the queue: a run that was cut short goes on from the step that stands here.
    """

    class Step(models.TextChoices):
        """The steps of the day, in their order; the name is the step that comes next."""

        SYNC = "sync"
        SCORE = "score"
        DECIDE = "decide"
        GATE = "gate"
        SEND = "send"
        CHECK = "check"
        DONE = "done"

    day = models.DateField()
    # The instant as of which all was decided: set when the run begins, kept when it resumes.
    as_of = models.DateTimeField()
    step = models.CharField(max_length=10, choices=Step.choices, default=Step.SYNC)
    seed = models.PositiveIntegerField()
    # How far the facts and settings had come when the run began: see `queries.standing`.
    seen = models.JSONField(default=dict)
    # All that it was decided from, kept below the data folder so that it can be decided again.
    facts = models.CharField(max_length=300, blank=True, default="")
    facts_digest = models.CharField(max_length=64, blank=True, default="")
    # Whether `Standing` says who stands in them; those of older days are looked through.
    facts_indexed = models.BooleanField(default=False)
    predictor = models.ForeignKey(
        PredictorVersion, on_delete=models.PROTECT, null=True, related_name="runs"
    )
    policy = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, null=True, related_name="runs"
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    # Days before this one that had no run: what was missed, said aloud.
    missed_days = models.PositiveSmallIntegerField(default=0)
    # Counts and sums of the plan, KPIs, forecast: what the overview shows without asking again.
    figures = models.JSONField(default=dict)
    # What a person should know: [{"level": "warn", "text": "…"}]
    remarks = models.JSONField(default=list)
    error = models.TextField(blank=True)

    class Meta:
        """One run a day."""

        ordering: ClassVar = ["-day"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "day"], name="one_run_a_day")
        ]
        base_manager_name = "across"


class Decision(Owned):
    """What Tenor intends for a customer on a day, and what people made of it.

    The first block is the engine's row as it came; `original` keeps what a person changed.
    """

    class State(models.TextChoices):
        """Where it stands."""

        PROPOSED = "proposed"  # waits for a person
        APPROVED = "approved"  # may go out at its time
        HELD = "held"  # a person keeps it back
        VETOED = "vetoed"  # a person said no
        HANDED_OVER = "handed_over"  # became a message, a task or a hand-over
        LAPSED = "lapsed"  # a later run decided anew
        NOTHING = "nothing"  # left alone: nothing to approve

    # Empty for a decision that was asked for one invoice through the API.
    run = models.ForeignKey(Run, on_delete=models.CASCADE, null=True, related_name="decisions")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="decisions")
    key = models.CharField(max_length=80)
    decided_at = models.DateTimeField()
    invoice_keys = models.JSONField()
    verdict = models.CharField(max_length=10)
    channel = models.CharField(max_length=40, blank=True)
    tone = models.CharField(max_length=40, blank=True)
    send_at = models.DateTimeField(null=True)
    propensity = models.FloatField(null=True)
    explored = models.BooleanField(default=False)
    p_paid = models.FloatField(null=True)
    p_paid_wait = models.FloatField(null=True)
    cost = models.FloatField(default=0)
    value = models.FloatField(default=0)
    review_reason = models.CharField(max_length=300, blank=True)
    reasons = models.JSONField(default=list)
    rules = models.JSONField(default=list)
    candidates = models.PositiveIntegerField(default=0)
    # What it is about, as it was then.
    amount = AmountField(default=0)
    currency = models.CharField(max_length=3)
    days_overdue = models.IntegerField(default=0)
    segment = models.CharField(max_length=60, blank=True)
    # What the fixed ladder would have done today; empty: nothing.
    ladder_channel = models.CharField(max_length=40, blank=True)
    ladder_tone = models.CharField(max_length=40, blank=True)
    # "treated" by Tenor, "control": left to the fixed ladder for comparison, or the arm of the
    # experiment named beside it.
    arm = models.CharField(max_length=60, default="treated")
    experiment = models.CharField(max_length=60, blank=True, default="")
    # The probability of each part of the choice (channel, tone, time), and among what it was made:
    # what another policy is judged by on these decisions.
    factors = models.JSONField(default=dict, blank=True)
    eligible = models.JSONField(default=dict, blank=True)
    # With what it was made, where that is not what its run names.
    model_version = models.CharField(max_length=80, blank=True, default="")
    policy_version = models.CharField(max_length=80, blank=True, default="")
    # How far facts and settings had come, where that is not what the run noted.
    seen = models.JSONField(default=dict, blank=True)
    # The gate, and people.
    state = models.CharField(max_length=12, choices=State.choices, default=State.PROPOSED)
    gate = models.CharField(max_length=300, blank=True)
    original = models.JSONField(null=True, blank=True)
    text = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        "core.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    changed_at = models.DateTimeField(null=True)

    class Meta:
        """One decision a customer and run."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "customer"], name="one_decision_a_run"),
            models.UniqueConstraint(fields=["organisation", "key"], name="one_decision_a_key"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["run", "verdict", "channel", "-value"]),
            models.Index(fields=["run", "state"]),
            # All that the plan's groups are summed from, so that no row is read for them.
            models.Index(
                fields=[
                    "run",
                    "state",
                    "verdict",
                    "channel",
                    "tone",
                    "gate",
                    "currency",
                    "amount",
                    "cost",
                    "value",
                    "organisation",
                ],
                name="decision_groups",
            ),
            models.Index(fields=["customer", "-decided_at"]),
            models.Index(fields=["organisation", "state", "send_at"]),
        ]
        base_manager_name = "across"


class Review(Owned):
    """What a person said of a decision: a label that learning keeps."""

    class Verdict(models.TextChoices):
        """Whether they agreed."""

        AGREED = "agreed"
        CHANGED = "changed"
        HELD = "held"
        VETOED = "vetoed"
        DISAGREED = "disagreed"
        FLAGGED = "flagged"  # wrong advice, said by somebody whom nobody had asked

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="reviews")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    # A code of `decisions.reasons`, so that labels can be counted.
    reason = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=500, blank=True)
    change = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey("core.User", on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-at"]
        base_manager_name = "across"
