"""Experiments, the ways of working that they compare, who is in which, and what each day showed."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.fields import AmountField
from tenor.platform.core.tenancy import Owned
from tenor.platform.governance.models import PolicyVersion, PredictorVersion
from tenor.platform.ledger.models import Customer


class Experiment(Owned):
    """A question that is put to chance: who takes part, what differs, and when it is stopped.

    People are drawn by a hash of their key and `salt`, which never change: who is in an arm stays
    in it, whoever else comes. Only while it is a draft can anything but the share be changed.
    """

    class Kind(models.TextChoices):
        """What is compared with what."""

        AB = "ab"  # ways of working beside each other
        FACTORIAL = "factorial"  # several things at once, in every combination
        PILOT = "pilot"  # a new way for a part of one group, beside the rest of that group
        CANARY = "canary"  # a new version for a small share, widened step by step

    class State(models.TextChoices):
        """Where it stands between drawing board and answer."""

        DRAFT = "draft"
        SUBMITTED = "submitted"
        APPROVED = "approved"
        REJECTED = "rejected"
        RUNNING = "running"
        STOPPED = "stopped"  # ended before its time, by a person or a guard
        FINISHED = "finished"

    slug = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    question = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    salt = models.CharField(max_length=64)
    # Of those who can take part: how many do; in a canary, how many get the new version.
    share = models.FloatField(default=1.0)
    # Who can: those who pay in one of these ways; empty: everybody.
    segments = models.JSONField(default=list, blank=True)
    # Customers who have the same value of this attribute are drawn together; empty: one by one.
    together_by = models.CharField(max_length=60, blank=True)
    # Who owes as much or more, in the organisation's currency, is in no arm; empty: no bound.
    amount_below = AmountField(null=True, blank=True)
    # So long after somebody came in it is looked what became of them.
    outcome_days = models.PositiveSmallIntegerField(default=30)
    # So many days new people are taken in; the answer is there `outcome_days` later.
    days = models.PositiveSmallIntegerField(default=60)
    # What was reckoned before the start: the smallest effect worth knowing, and how many it takes.
    planned = models.JSONField(default=dict, blank=True)
    # Which outcomes stop an arm, and how much worse they may be: {"complaints": 0.02}
    guards = models.JSONField(default=dict, blank=True)
    # What is varied: [{"name": "tone", "levels": [{"name": "friendly", "changes": {…}}, …]}, …]
    factors = models.JSONField(default=list, blank=True)
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
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=500, blank=True)
    ended_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        """A name for programs once; the newest first."""

        ordering: ClassVar = ["-drafted_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "slug"], name="one_experiment_a_slug")
        ]
        base_manager_name = "across"

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class Arm(Owned):
    """One of the ways of working that an experiment compares."""

    class Way(models.TextChoices):
        """How those in it are decided about."""

        LIVE = "live"  # as everybody else: the rules and the predictor in force
        LADDER = "ladder"  # the fixed ladder
        NOTHING = "nothing"  # nobody is contacted
        CHANGED = "changed"  # the rules in force, with some keys changed
        STRATEGY = "strategy"  # a version of the rules, of the predictor, or of both

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="arms")
    name = models.CharField(max_length=60)
    label = models.CharField(max_length=120)
    place = models.PositiveSmallIntegerField()
    weight = models.FloatField(default=1.0)
    # The others are compared with this one.
    is_reference = models.BooleanField(default=False)
    way = models.CharField(max_length=10, choices=Way.choices)
    # Keys of the policy file with another value: {"channels.email.tones": ["friendly"]}
    changes = models.JSONField(default=dict, blank=True)
    # Of a factorial experiment, which level of each factor: {"tone": "friendly"}
    levels = models.JSONField(default=dict, blank=True)
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, null=True, related_name="+")
    predictor = models.ForeignKey(
        PredictorVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # The numbers of own texts (`wording`) that are sent in the place of those in force.
    texts = models.JSONField(default=list, blank=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_because = models.CharField(max_length=500, blank=True)

    class Meta:
        """In the order in which they were drawn up."""

        ordering: ClassVar = ["place"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["experiment", "name"], name="one_arm_a_name")
        ]
        base_manager_name = "across"

    def __str__(self) -> str:
        """Return what it is called on screens."""
        return self.label


class Assignment(Owned):
    """A customer in an arm: since when, and what was foretold of them before anything differed."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="assignments")
    arm = models.ForeignKey(Arm, on_delete=models.CASCADE, related_name="assignments")
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="experiment_assignments"
    )
    # What was drawn: the customer, or the group that they share an attribute with.
    unit = models.CharField(max_length=250)
    since = models.DateTimeField()
    # What was due then or soon, and the mean chance that it is paid in time.
    invoice_keys = models.JSONField(default=list)
    owed = AmountField(default=0)
    expected = models.FloatField(null=True)
    # Drawn into another arm when the share was raised: no longer counted.
    left_at = models.DateTimeField(null=True)

    class Meta:
        """In an experiment once."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["experiment", "customer"], name="one_assignment_an_experiment"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "customer"])]
        base_manager_name = "across"


class Look(Owned):
    """What an experiment showed on a day: counts, differences and how sure they are; no names."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="looks")
    day = models.DateField()
    at = models.DateTimeField()
    figures = models.JSONField(default=dict)

    class Meta:
        """One a day."""

        ordering: ClassVar = ["day"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["experiment", "day"], name="one_look_a_day")
        ]
        base_manager_name = "across"
