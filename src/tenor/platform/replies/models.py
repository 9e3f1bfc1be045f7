"""What comes back from customers: replies with their files, and news that waits for its message."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.tenancy import Owned
from tenor.platform.ledger.models import Customer
from tenor.platform.outreach.models import ChannelAccount, Message


class Reply(Owned):
    """Something that somebody wrote to us. It is kept once, however often it arrives."""

    class State(models.TextChoices):
        """Where it stands."""

        NEW = "new"
        HANDLED = "handled"

    class Matched(models.TextChoices):
        """How it was known whose it is; empty: nobody knows yet."""

        HEADER = "header"  # it answers one of our messages by its number
        TOKEN = "token"  # the address it was sent to names the customer
        ADDRESS = "address"  # exactly one customer has the sender's address
        INVOICE = "invoice"  # its text names invoices of exactly one customer
        PERSON = "person"  # somebody said so

    channel = models.CharField(max_length=40)
    # Through which mailbox or provider, and the same for the same reply whichever way it came.
    provider = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    # Of an e-mail: its own number, to which an answer refers.
    message_number = models.CharField(max_length=500, blank=True)
    sender = models.CharField(max_length=320)
    sender_name = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    # What they wrote now, without what they quote and without the signature; then all of it.
    text = models.TextField(blank=True)
    whole = models.TextField(blank=True)
    # A machine wrote it (absence, receipt): kept, and no reply.
    automatic = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="replies"
    )
    message = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="replies"
    )
    matched_by = models.CharField(max_length=10, choices=Matched.choices, blank=True)
    # What it asks for in law (`engine.law.contact.replies.Wish`).
    wish = models.CharField(max_length=10, blank=True)
    # Numbers of the holds that rest on it until it is dealt with.
    holds = models.JSONField(default=list, blank=True)
    # An answer that goes out by itself, once: "" none, "due", "sent".
    answer = models.CharField(max_length=6, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    handled_by = models.CharField(max_length=200, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One a key; newest first."""

        ordering: ClassVar = ["-received_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="one_reply_a_key")
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state", "-received_at"]),
            models.Index(fields=["customer", "-received_at"]),
        ]
        base_manager_name = "across"


class Attachment(Owned):
    """A file that came with a reply: kept as it came, or refused with the reason."""

    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="attachments")
    # Ours: cleaned of everything that a file system or a reader could trip over.
    name = models.CharField(max_length=120)
    # As the bytes say, not as the sender says; empty where it was refused.
    type = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    # Below the data folder; empty where it was refused.
    file = models.CharField(max_length=300, blank=True)
    refused = models.CharField(max_length=40, blank=True)

    class Meta:
        """In the order in which they came."""

        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [models.Index(fields=["organisation", "sha256"])]
        base_manager_name = "across"


class Waiting(Owned):
    """News of a message that is not there yet: a provider may be quicker than our own writing."""

    key = models.CharField(max_length=80)
    channel = models.CharField(max_length=40)
    # The fields of `replies.news.News`.
    news = models.JSONField()
    since = models.DateTimeField()

    class Meta:
        """One a piece of news."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="one_waiting_a_key")
        ]
        base_manager_name = "across"


class Mailbox(Owned):
    """How far a mailbox has been read."""

    account = models.OneToOneField(ChannelAccount, on_delete=models.CASCADE, related_name="mailbox")
    # IMAP: numbers hold while this stays the same (RFC 9051, 2.3.1.1).
    validity = models.BigIntegerField(default=0)
    last_number = models.BigIntegerField(default=0)
    looked_at = models.DateTimeField(null=True, blank=True)
    # What went wrong at the last look; empty: nothing.
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        """One an account."""

        base_manager_name = "across"
