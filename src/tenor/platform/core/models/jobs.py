"""The table of work to be done: the row is the queue."""

from typing import ClassVar

from django.db import models


class Job(models.Model):
    """One piece of work of a known kind; done by whoever holds the lease.

    A worker that dies loses the lease when it runs out, and another takes the job up again:
    every kind of work is safe to begin twice.
    """

    class State(models.TextChoices):
        """Where the job stands."""

        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"

    organisation = models.ForeignKey(
        "core.Organisation", on_delete=models.CASCADE, null=True, related_name="+"
    )
    kind = models.CharField(max_length=60)
    # Of several requests for the same piece of work, one is kept.
    key = models.CharField(max_length=200, unique=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    run_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # What the work says of itself while it runs: {"done": 120, "of": 5000, "text": "…"}
    progress = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """Found by state and time."""

        indexes: ClassVar = [models.Index(fields=["state", "run_at"])]
