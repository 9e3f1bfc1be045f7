"""The audit log: what was changed by whom, each entry sealed with the hash of the one before it."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.tenancy import Owned


class AuditHead(models.Model):
    """Where a chain ends: locked by the one who appends."""

    # Empty: the chain of the installation itself.
    organisation = models.OneToOneField("core.Organisation", on_delete=models.PROTECT, null=True)
    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)


class AuditEntry(Owned):
    """One change: who, what, before, after, when, from where. Written once, never altered.

    The seal is over `content`, a salted hash of before and after: where the law wants a person's
    data erased, these two and the salt go, and the chain still holds.
    """

    organisation = models.ForeignKey(  # type: ignore[assignment]  # or none: the installation's
        "core.Organisation", on_delete=models.PROTECT, null=True, related_name="+"
    )
    number = models.BigIntegerField()
    at = models.DateTimeField()
    # "person:12", "key:3", "system"; the name as it was then.
    actor = models.CharField(max_length=60)
    actor_name = models.CharField(max_length=200, blank=True)
    # A verb, as the action that was called: "invoice.write_off".
    action = models.CharField(max_length=60)
    # "invoice:F-2026-0012"
    subject = models.CharField(max_length=250)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    origin = models.CharField(max_length=60, blank=True)
    # Empty in entries from before there was one: these are sealed over before and after.
    content = models.CharField(max_length=64, blank=True)
    salt = models.CharField(max_length=32, blank=True)
    # Since when before and after are erased; an entry "audit.redact" says so as well.
    redacted_at = models.DateTimeField(null=True, blank=True)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        """In the order of the chain; found by subject too."""

        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            # The installation's own chain has no organisation, and nothing equals nothing.
            models.UniqueConstraint(
                fields=["organisation", "number"],
                condition=models.Q(organisation__isnull=False),
                name="one_entry_a_number_each",
            ),
            models.UniqueConstraint(
                fields=["number"],
                condition=models.Q(organisation__isnull=True),
                name="one_entry_a_number_of_the_installation",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "subject", "-number"])]
        base_manager_name = "across"
