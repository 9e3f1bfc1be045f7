"""An organisation's own texts, and the links to a customer's page that messages carry."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.tenancy import Owned
from tenor.platform.ledger.models import Customer


class Template(Owned):
    """One version of an organisation's own text for a kind, form, tone and language.

    Where it has none that is live, the built-in text is used.
    """

    class State(models.TextChoices):
        """Where it stands. Somebody other than who submitted it makes it live."""

        DRAFT = "draft"
        SUBMITTED = "submitted"
        LIVE = "live"
        RETIRED = "retired"

    kind = models.CharField(max_length=40)
    form = models.CharField(max_length=10)
    tone = models.CharField(max_length=40)
    language = models.CharField(max_length=12)
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=300, blank=True)
    # Paragraphs, an empty line between; {names} of `wording.variables` are filled in.
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    note = models.CharField(max_length=500, blank=True)
    drafted_by = models.CharField(max_length=200, blank=True)
    drafted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(
        "core.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        "core.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Numbered a place; one live and one draft at most."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "form", "tone", "language", "number"],
                name="one_template_a_number",
            ),
            models.UniqueConstraint(
                fields=["organisation", "kind", "form", "tone", "language"],
                condition=models.Q(state="live"),
                name="one_live_template",
            ),
            models.UniqueConstraint(
                fields=["organisation", "kind", "form", "tone", "language"],
                condition=models.Q(state__in=["draft", "submitted"]),
                name="one_open_template",
            ),
        ]
        base_manager_name = "across"


class PageLink(Owned):
    """A link to a customer's page: signed, with an end, and able to be taken back."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="page_links")
    # The message that carried it; empty: made by a person.
    contact_key = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=40, blank=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One a message; found by customer."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "customer", "contact_key"], name="one_page_link"
            )
        ]
        base_manager_name = "across"
