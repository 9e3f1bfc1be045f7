"""Imports: what was given, how it was read, what came of it."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.tenancy import Owned


class Import(Owned):
    """Tables brought in by a person or a command; kept to show where a row came from."""

    class State(models.TextChoices):
        """Where it stands."""

        UPLOADED = "uploaded"  # files are here; columns are being matched
        CHECKED = "checked"  # read; problems are known; waits for a word
        WAITING = "waiting"  # to be written by a worker
        WRITTEN = "written"
        REFUSED = "refused"  # nothing was written
        CANCELLED = "cancelled"

    folder = models.CharField(max_length=300)
    # {"customers": {"file": "klanten.csv", "columns": {"Klantnr": "customer_id"}}, …}
    mapping = models.JSONField(default=dict)
    timezone = models.CharField(max_length=64, blank=True)
    skip_bad_rows = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    # {"customers": {"rows": 100, "bad": 2, "new": 90, "changed": 5, "same": 3}, …}
    counts = models.JSONField(default=dict)
    problems = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-created_at"]
        base_manager_name = "across"
