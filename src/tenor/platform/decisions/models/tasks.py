"""Work for people: cases in the order of what a person changes most, and signals worth a look."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.tenancy import Owned
from tenor.platform.decisions.models.plan import Decision
from tenor.platform.ledger.models import Customer


class Task(Owned):
    """A case for a person: a call to make, a decision to take, an obstacle to clear."""

    class Kind(models.TextChoices):
        """What is asked of the person."""

        CALL = "call"
        REVIEW = "review"
        OBSTACLE = "obstacle"
        DISPUTE = "dispute"
        PROMISE_BROKEN = "promise_broken"
        PLAN_BROKEN = "plan_broken"
        HAND_OVER = "hand_over"
        NO_ADDRESS = "no_address"
        UNCLEAR = "unclear"
        CARE = "care"
        HUMAN_REVIEW = "human_review"
        REFUND = "refund"
        REPLY = "reply"

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open"
        DONE = "done"
        LAPSED = "lapsed"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="tasks")
    decision = models.ForeignKey(
        Decision, on_delete=models.SET_NULL, null=True, blank=True, related_name="tasks"
    )
    # Of several reasons to make the same task, one is kept.
    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    # What a person is expected to change, in the organisation's currency: the order of the list.
    value = models.FloatField(default=0)
    skill = models.CharField(max_length=60, blank=True)
    # What the person should know first: codes and facts, as the engine gives them.
    facts = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    claimed_by = models.ForeignKey(
        "core.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=500, blank=True)
    minutes = models.DecimalField(max_digits=6, decimal_places=1, null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        """The most useful first."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="one_task_a_key")
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state", "-value"]),
            models.Index(fields=["claimed_by", "state"]),
        ]
        base_manager_name = "across"


class Signal(Owned):
    """Something that Tenor noticed and a manager should know, with the step it proposes."""

    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    level = models.CharField(max_length=10, default="info")
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.CharField(max_length=200, blank=True)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="one_signal_a_key")
        ]
        base_manager_name = "across"
