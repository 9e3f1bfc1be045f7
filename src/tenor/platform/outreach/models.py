"""Messages and what surrounds them: content, cost, letters, accounts of channels, stops."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.fields import AmountField
from tenor.platform.core.tenancy import Owned
from tenor.platform.decisions.models import Decision
from tenor.platform.ledger.models import Customer


class Message(Owned):
    """One contact with one customer about all that it names. The row is the queue."""

    class State(models.TextChoices):
        """Where it stands. UNCLEAR: handed over, and nobody knows whether it arrived there."""

        PLANNED = "planned"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        UNCLEAR = "unclear"
        CANCELLED = "cancelled"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="messages")
    decision = models.OneToOneField(
        Decision, on_delete=models.SET_NULL, null=True, blank=True, related_name="message"
    )
    # The contract's contact_id, and the idempotency key towards the channel.
    key = models.CharField(max_length=200)
    channel = models.CharField(max_length=40)
    tone = models.CharField(max_length=40, blank=True)
    # What it is about (`wording.draft.Kind`), the text it was made from, and which version of it.
    kind = models.CharField(max_length=40, blank=True)
    template = models.CharField(max_length=100, blank=True)
    version = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=12, blank=True)
    invoice_keys = models.JSONField(default=list)
    amount = AmountField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    address = models.CharField(max_length=500, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    send_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    # Why it was cancelled or failed: a code, and words.
    refusal = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    # Who carried it, and the number under which they tell what became of it.
    provider = models.CharField(max_length=40, blank=True)
    provider_key = models.CharField(max_length=300, blank=True)
    # The reference that the reader was asked to name when paying.
    reference = models.CharField(max_length=40, blank=True)
    # What it is about that the books have no column for: of a letter that a law asks for its name
    # there, its contents and the costs that it names; of a plan that is offered its terms.
    facts = models.JSONField(default=dict, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    propensity = models.FloatField(null=True)
    cost = models.FloatField(default=0)
    minutes = models.DecimalField(max_digits=6, decimal_places=1, null=True, blank=True)
    policy = models.CharField(max_length=80, blank=True)
    # "tenor", "import", "erp": who sent it.
    source = models.CharField(max_length=40, default="tenor")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One message a key; due ones are found by time, a customer's by when they went."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="one_message_a_key")
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state", "send_at"]),
            models.Index(fields=["customer", "-sent_at"]),
            models.Index(fields=["organisation", "-sent_at"]),
            models.Index(
                fields=["organisation", "provider_key"],
                condition=~models.Q(provider_key=""),
                name="message_by_provider_key",
            ),
        ]
        base_manager_name = "across"


class Content(Owned):
    """A message as it was received, where it was more than plain words."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="content")
    html = models.TextField(blank=True)
    # A letter's file, below the data folder.
    file = models.CharField(max_length=300, blank=True)
    pages = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One a message."""

        base_manager_name = "across"


class Cost(Owned):
    """What one part of a contact cost: added, never altered; a contact's cost is their sum."""

    class Item(models.TextChoices):
        """What was paid for."""

        PROVIDER = "provider"
        SEGMENT = "segment"
        POSTAGE = "postage"
        PRINT = "print"
        MINUTE = "minute"

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="costs")
    item = models.CharField(max_length=10, choices=Item.choices)
    quantity = models.DecimalField(max_digits=12, decimal_places=3, default=1)
    price = models.DecimalField(max_digits=14, decimal_places=6)
    amount = models.DecimalField(max_digits=14, decimal_places=6)
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()

    class Meta:
        """Read in bulk by time."""

        indexes: ClassVar = [models.Index(fields=["organisation", "at"])]
        base_manager_name = "across"


class Price(Owned):
    """What an organisation pays for one part of a contact, from a day on; `country` "" is any."""

    channel = models.CharField(max_length=40)
    item = models.CharField(max_length=10, choices=Cost.Item.choices)
    country = models.CharField(max_length=2, blank=True)
    price = models.DecimalField(max_digits=14, decimal_places=6)
    currency = models.CharField(max_length=3)
    valid_from = models.DateField()

    class Meta:
        """One price a part, country and day."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "channel", "item", "country", "valid_from"],
                name="one_price_a_day",
            )
        ]
        base_manager_name = "across"


class ChannelAccount(Owned):
    """With whom and how a channel is used: a provider, its settings, its secrets (sealed)."""

    channel = models.CharField(max_length=40)
    provider = models.CharField(max_length=40)
    settings = models.JSONField(default=dict, blank=True)
    secrets = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    # In the address at which the provider tells what became of messages; nobody can guess it.
    hook = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One in use a channel."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "channel"],
                condition=models.Q(is_active=True),
                name="one_active_account_a_channel",
            )
        ]
        base_manager_name = "across"


class ChannelStop(Owned):
    """A channel that is switched off: nothing goes out over it while the row stands."""

    channel = models.CharField(max_length=40)
    at = models.DateTimeField()
    because = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=200, blank=True)

    class Meta:
        """Once a channel."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "channel"], name="one_stop_a_channel")
        ]
        base_manager_name = "across"


class PushPlace(Owned):
    """A browser that a customer allowed to be told; `push:<number>` is its contact point."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="push_places")
    endpoint = models.TextField()
    # Of the browser: its public key and the shared secret, as it gives them.
    p256dh = models.CharField(max_length=200)
    auth = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Found by customer."""

        base_manager_name = "across"


class LetterBatch(Owned):
    """Letters that go to the printer together: open until it is closed, then as files."""

    day = models.DateField()
    number = models.PositiveSmallIntegerField()
    # Below the data folder; empty while the batch is open.
    folder = models.CharField(max_length=300, blank=True)
    count = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=200, blank=True)
    fetched_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first; one that is open."""

        ordering: ClassVar = ["-day", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "day", "number"], name="one_batch_a_number"
            ),
            models.UniqueConstraint(
                fields=["organisation"],
                condition=models.Q(closed_at=None),
                name="one_open_batch",
            ),
        ]
        base_manager_name = "across"


class Letter(Owned):
    """A letter's place in a batch."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="letter")
    batch = models.ForeignKey(LetterBatch, on_delete=models.PROTECT, related_name="letters")
    position = models.PositiveIntegerField()
    file = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveSmallIntegerField()
    country = models.CharField(max_length=2, blank=True)
    # Taken out again before the batch was closed, and why.
    dropped = models.CharField(max_length=100, blank=True)

    class Meta:
        """In the order of the batch."""

        ordering: ClassVar = ["batch", "position"]
        base_manager_name = "across"
