"""Requests of people about their own data, and what the law kept when they were erased."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.tenancy import Owned
from tenor.platform.decisions.models import Decision, Task
from tenor.platform.ledger.models import Customer, Hold


class RightsRequest(Owned):
    """One request of a person, with the day by which the law wants it answered."""

    class Kind(models.TextChoices):
        """What is asked."""

        ACCESS = "access"  # what do you hold about me? Give me a copy
        ERASURE = "erasure"  # remove it
        OBJECTION = "objection"  # do not profile me
        RECTIFICATION = "rectification"  # this is wrong
        HUMAN_REVIEW = "human_review"  # let a person look at this decision

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open"
        GRANTED = "granted"
        PARTLY = "partly"
        REFUSED = "refused"

    # Empty once nothing is kept about them any more.
    customer = models.ForeignKey(
        Customer, on_delete=models.SET_NULL, null=True, related_name="rights_requests"
    )
    kind = models.CharField(max_length=16, choices=Kind.choices)
    received_at = models.DateTimeField()
    # How it came: "letter", "email", "phone", "portal".
    through = models.CharField(max_length=40, blank=True)
    words = models.TextField(blank=True)
    # The pack's term, and the longest one if it is extended; the rule both come from.
    answer_by = models.DateField()
    at_most = models.DateField()
    rule = models.CharField(max_length=80, blank=True)
    source = models.CharField(max_length=300, blank=True)
    extended_because = models.CharField(max_length=500, blank=True)
    # The decision that a person is to look at again, and the case in which they do.
    decision = models.ForeignKey(
        Decision, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The numbers of those who had a part in it: keeping it back takes their names off it.
    deciders = models.JSONField(default=list, blank=True)
    task = models.ForeignKey(Task, on_delete=models.SET_NULL, null=True, blank=True)
    # What lets profiling rest while an objection stands.
    hold = models.ForeignKey(Hold, on_delete=models.SET_NULL, null=True, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    answer = models.TextField(blank=True)
    # Since when a person's erasure is being carried out; it is answered once all of it is done.
    erasing_since = models.DateTimeField(null=True, blank=True)
    # Of how many days' facts it takes them, and the line that says so: {"of": 400, "line": {…}}
    erasing = models.JSONField(default=dict, blank=True)
    # What was done with each kind of record: see `erasing.Line`.
    outcome = models.JSONField(default=list, blank=True)
    decided_by = models.ForeignKey(
        "core.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    decided_name = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    by = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Those that are due first come first."""

        ordering: ClassVar = ["answer_by", "pk"]
        indexes: ClassVar = [models.Index(fields=["organisation", "state", "answer_by"])]
        base_manager_name = "across"


class Kept(Owned):
    """Rows that outlived an erasure because a law or an open claim keeps them, and until when."""

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="kept")
    customer_key = models.CharField(max_length=200)
    # Which app holds them, and under which name of its own.
    app = models.CharField(max_length=20)
    part = models.CharField(max_length=20)
    # As the packs of law call them.
    record = models.CharField(max_length=60)
    year = models.PositiveSmallIntegerField(null=True)
    count = models.PositiveIntegerField()
    # The last day on which they are kept; empty: until the claim is settled.
    until = models.DateField(null=True)
    rule = models.CharField(max_length=80, blank=True)
    source = models.CharField(max_length=300, blank=True)
    why = models.CharField(max_length=500, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Found by the day on which they go."""

        ordering: ClassVar = ["until", "pk"]
        indexes: ClassVar = [models.Index(fields=["organisation", "ended_at", "until"])]
        base_manager_name = "across"
