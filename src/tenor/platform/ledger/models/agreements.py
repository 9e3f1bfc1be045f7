"""What was agreed or claimed about invoices: holds, disputes, promises, payment plans, notes."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.fields import AmountField
from tenor.platform.core.tenancy import Owned
from tenor.platform.ledger.models.customers import Customer
from tenor.platform.ledger.models.invoices import Invoice


class Hold(Owned):
    """A time in which some steps towards a customer, or one invoice, rest; it ends by itself.

    Which steps rest, how long and who may lift it is the law's word: `ledger.holding`.
    """

    class Reason(models.TextChoices):
        """Why steps rest; each has its code in the jurisdiction packs (`ledger.holding`)."""

        AGREED = "agreed"
        COMPLAINT = "complaint"
        HARDSHIP = "hardship"
        BREATHING_SPACE = "breathing_space"
        INSOLVENCY = "insolvency"
        DECEASED = "deceased"
        REPRESENTED = "represented"
        UNMATCHED_MONEY = "unmatched_money"
        INTERNAL = "internal"
        VULNERABLE = "vulnerable"
        DEBT_HELP = "debt_help"
        MINOR = "minor"
        GUARDIAN = "guardian"
        FRAUD_VICTIM = "fraud_victim"
        WRONG_ADDRESS = "wrong_address"
        PAYMENT_PENDING = "payment_pending"
        OBJECTION_21 = "objection_21"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="holds")
    # Empty: all of the customer's invoices.
    invoice = models.ForeignKey(
        Invoice, on_delete=models.CASCADE, null=True, blank=True, related_name="holds"
    )
    reason = models.CharField(max_length=20, choices=Reason.choices)
    # The one channel that a wrong address closes; empty: every channel.
    channel = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=500, blank=True)
    starts_at = models.DateTimeField()
    # Empty: until somebody lifts it.
    ends_at = models.DateTimeField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    by = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-starts_at"]
        indexes: ClassVar = [models.Index(fields=["organisation", "lifted_at", "ends_at"])]
        base_manager_name = "across"


class Dispute(Owned):
    """A customer's objection to one invoice; the others go on."""

    class Reason(models.TextChoices):
        """What is wrong, in the customer's eyes."""

        NOT_RECEIVED = "not_received"
        WRONG_AMOUNT = "wrong_amount"
        ALREADY_PAID = "already_paid"
        NOT_ORDERED = "not_ordered"
        QUALITY = "quality"
        CANCELLED = "cancelled"
        OTHER = "other"

    class Outcome(models.TextChoices):
        """How it ended."""

        UPHELD = "upheld"
        PARTLY = "partly"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="disputes")
    reason = models.CharField(max_length=20, choices=Reason.choices)
    note = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    answer = models.TextField(blank=True)
    by = models.CharField(max_length=200, blank=True)

    class Meta:
        """One open dispute an invoice."""

        ordering: ClassVar = ["-opened_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["invoice"],
                condition=models.Q(resolved_at__isnull=True),
                name="one_open_dispute",
            )
        ]
        base_manager_name = "across"


class Promise(Owned):
    """A customer's word to pay by a day; reminders wait until that day and a little longer."""

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open"
        KEPT = "kept"
        BROKEN = "broken"
        WITHDRAWN = "withdrawn"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="promises")
    amount = AmountField()
    currency = models.CharField(max_length=3)
    made_at = models.DateTimeField()
    promised_on = models.DateField()
    tolerance_days = models.PositiveSmallIntegerField(default=2)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decided_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=200, blank=True)

    class Meta:
        """Newest first; open ones are found by their day."""

        ordering: ClassVar = ["-made_at"]
        indexes: ClassVar = [models.Index(fields=["organisation", "state", "promised_on"])]
        base_manager_name = "across"


class PromiseInvoice(Owned):
    """An invoice that a promise is about."""

    promise = models.ForeignKey(Promise, on_delete=models.CASCADE, related_name="covered")
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="promised")
    # What the customer owed on it when they promised.
    balance = AmountField()

    class Meta:
        """An invoice once a promise."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["promise", "invoice"], name="one_promise_an_invoice")
        ]
        base_manager_name = "across"


class Plan(Owned):
    """An agreement to pay invoices of one currency in instalments."""

    class State(models.TextChoices):
        """What became of it."""

        ACTIVE = "active"
        COMPLETED = "completed"
        BROKEN = "broken"
        CANCELLED = "cancelled"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="plans")
    currency = models.CharField(max_length=3)
    amount = AmountField()
    agreed_at = models.DateTimeField()
    tolerance_days = models.PositiveSmallIntegerField(default=3)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    decided_at = models.DateTimeField(null=True, blank=True)
    # When its days were moved because an instalment did not come; that is done once.
    moved_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=200, blank=True)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-agreed_at"]
        base_manager_name = "across"


class PlanInvoice(Owned):
    """An invoice that a plan covers, with what was owed on it then."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="covered")
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="planned")
    balance = AmountField()

    class Meta:
        """An invoice once a plan."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "invoice"], name="one_plan_an_invoice")
        ]
        base_manager_name = "across"


class Instalment(Owned):
    """A part of a plan with its own day; `paid`: what the plan's payments cover of it, in order."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="instalments")
    position = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    amount = AmountField()
    paid = AmountField(default=0)

    class Meta:
        """In order."""

        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "position"], name="one_instalment_a_position")
        ]
        base_manager_name = "across"


class Note(Owned):
    """What somebody wrote down about a customer."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField()
    at = models.DateTimeField()
    by = models.CharField(max_length=200)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-at"]
        base_manager_name = "across"
