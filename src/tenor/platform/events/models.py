"""The table of events. It knows customers and invoices by their keys, and imports no app."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenor.platform.core.tenancy import Owned, OwnedManager, OwnedQuerySet


class EventQuerySet(OwnedQuerySet):
    """Events are added, never changed."""

    def update(self, **values: Any) -> int:
        """Refuse: what happened, happened."""
        raise TypeError("events are append-only")

    def delete(self) -> Any:
        """Refuse: what happened, happened. Erasing a person's data is the privacy app's."""
        raise TypeError("events are append-only")


class EventManager(OwnedManager):
    """Events of an organisation."""

    def of(self, organisation: Any) -> EventQuerySet:
        """Return the events of `organisation`."""
        rows = EventQuerySet(self.model, using=self._db)
        rows._organisation_id = number = getattr(organisation, "pk", organisation)
        if not isinstance(number, int):
            raise TypeError(f"{organisation!r} names no organisation")
        return rows.filter(organisation_id=number)


class Event(Owned):
    """One thing that happened at an instant, told by one source under one idempotency key.

    `at` is when it happened, `received_at` when Tenor learned of it: late events are in order.
    """

    # Without a constraint in the database: events arrive in bulk, checked at the door.
    organisation = models.ForeignKey(
        "core.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    customer_key = models.CharField(max_length=200, blank=True, default="")
    invoice_key = models.CharField(max_length=200, blank=True, default="")
    contact_key = models.CharField(max_length=200, blank=True, default="")
    # A JSON object, as text: read whole by the engine, and part by part by nobody else.
    detail = models.TextField(blank=True, default="")
    source = models.CharField(max_length=40, default="tenor")

    objects: ClassVar[EventManager] = EventManager()

    class Meta:
        """A key once an organisation; found by customer, by invoice, by time."""

        verbose_name = _("event")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="one_event_a_key")
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "customer_key", "-at"]),
            models.Index(fields=["organisation", "invoice_key", "-at"]),
            models.Index(fields=["organisation", "-at"]),
        ]
        base_manager_name = "across"


class ExternalFigure(Owned):
    """A figure from outside with a day: weather, a sector index; known from `available_on`."""

    name = models.CharField(max_length=100)
    region = models.CharField(max_length=60, blank=True, default="")
    date = models.DateField()
    # Its own day, where it was known at once.
    available_on = models.DateField()
    value = models.FloatField()

    class Meta:
        """One figure a name, region and day of becoming known."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "name", "region", "date", "available_on"],
                name="one_external_figure",
            )
        ]
        base_manager_name = "across"


class Webhook(Owned):
    """An address of another system that is told what happens."""

    url = models.CharField(max_length=500)
    # Kinds of event; empty: all.
    kinds = models.JSONField(default=list)
    # The signing secret is made from this and the installation's own: the table alone tells none.
    nonce = models.CharField(max_length=32)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-pk"]
        base_manager_name = "across"


class Delivery(Owned):
    """One event on its way to one webhook. The row is the queue, written with the event itself."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting"
        DELIVERED = "delivered"
        GIVEN_UP = "given_up"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    # By the clock of the machine: when it is tried next, or taken from a worker that died.
    next_at = models.DateTimeField()
    # What the last try met.
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=200, blank=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        """Newest first; what is due is found by time."""

        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["webhook", "event"], name="one_delivery_a_webhook")
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "state", "next_at"])]
        base_manager_name = "across"
