"""Keys with which programs call the API, and answers kept for calls that are repeated."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.tenancy import Owned


class ApiKey(Owned):
    """A key of an organisation: shown once, kept as a hash, found by its first letters."""

    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_by = models.ForeignKey(
        "core.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-created_at"]
        base_manager_name = "across"

    def __str__(self) -> str:
        """Return the name and the first letters."""
        return f"{self.name} ({self.prefix}…)"


class IdempotentAnswer(Owned):
    """The answer that was given to a request with an idempotency key."""

    key = models.CharField(max_length=200)
    route = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A key is used once a route."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "route", "key"], name="one_answer_a_key"
            )
        ]
        base_manager_name = "across"
