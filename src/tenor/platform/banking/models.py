"""What the bank told: files, statements and their lines, and what became of each line."""

from decimal import Decimal
from typing import ClassVar

from django.db import models

from tenor.platform.core.fields import AmountField
from tenor.platform.core.tenancy import Owned
from tenor.platform.ledger.models import Customer, Hold


class BankFile(Owned):
    """A file that was taken in, once: known again by its digest."""

    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    format = models.CharField(max_length=12)
    by = models.CharField(max_length=200)
    taken_at = models.DateTimeField()
    # How many lines it had, how many were known already; what was noticed, as codes and facts.
    lines = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    remarks = models.JSONField(default=list)
    # When all its lines had been looked at.
    matched_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A file once; the newest first."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "digest"], name="one_bank_file")
        ]
        ordering: ClassVar = ["-taken_at", "-pk"]
        base_manager_name = "across"


class Statement(Owned):
    """A statement of one own account: opening balance, lines, closing balance."""

    file = models.ForeignKey(BankFile, on_delete=models.CASCADE, related_name="statements")
    place = models.PositiveIntegerField()
    kind = models.CharField(max_length=8)
    number = models.CharField(max_length=140, blank=True)
    iban = models.CharField(max_length=34)
    currency = models.CharField(max_length=3)
    # Of messages within the day the bank tells no balances.
    opening = AmountField(null=True, blank=True)
    closing = AmountField(null=True, blank=True)
    first_on = models.DateField(null=True, blank=True)
    last_on = models.DateField(null=True, blank=True)
    # Lines of this statement that another one had told before: their numbers.
    known_lines = models.JSONField(default=list)

    class Meta:
        """In the order of an account's days."""

        indexes: ClassVar = [
            models.Index(fields=["organisation", "iban", "currency", "last_on"]),
        ]
        base_manager_name = "across"


class Line(Owned):
    """A payment on a statement: of a batch each of its payments. `amount` is never negative."""

    class State(models.TextChoices):
        """What became of it."""

        NEW = "new"  # nobody looked yet
        WAITING = "waiting"  # a person decides
        BOOKED = "booked"  # it is in the books
        RETURNED = "returned"  # it took a payment back
        ASIDE = "aside"  # a person said that it is not for the books of customers
        PASSED = "passed"  # money that went out, charges: nothing to do here

    class Aside(models.TextChoices):
        """Why a person set it aside."""

        NOT_OURS = "not_ours"
        REFUND = "refund"
        INTERNAL = "internal"
        OTHER = "other"

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="lines")
    place = models.PositiveIntegerField()
    # By which it is known again in another file.
    key = models.CharField(max_length=80)
    entry = models.CharField(max_length=64)
    booked_on = models.DateField()
    valued_on = models.DateField(null=True, blank=True)
    amount = AmountField()
    currency = models.CharField(max_length=3)
    is_credit = models.BooleanField()
    is_return = models.BooleanField(default=False)
    name = models.CharField(max_length=140, blank=True)
    account = models.CharField(max_length=34, blank=True)
    text = models.CharField(max_length=1000, blank=True)
    reference = models.CharField(max_length=140, blank=True)
    end_to_end_id = models.CharField(max_length=140, blank=True)
    mandate = models.CharField(max_length=140, blank=True)
    bank_reference = models.CharField(max_length=140, blank=True)
    code = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=10, blank=True)
    # What became of it.
    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    basis = models.CharField(max_length=20, blank=True)
    score = models.PositiveSmallIntegerField(default=0)
    proposals = models.JSONField(default=list)
    # How often it was booked: a second booking after an undone one is a payment of its own.
    attempt = models.PositiveSmallIntegerField(default=0)
    aside_as = models.CharField(max_length=8, choices=Aside.choices, blank=True)
    note = models.CharField(max_length=500, blank=True)
    # Set by a person's undo: it is not booked again by itself.
    by_hand = models.BooleanField(default=False)
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A line once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="one_bank_line"),
            models.CheckConstraint(
                condition=models.Q(amount__gte=0), name="bank_line_is_not_negative"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state", "booked_on"]),
            models.Index(fields=["organisation", "end_to_end_id"]),
            models.Index(fields=["organisation", "account"]),
            models.Index(fields=["organisation", "entry"]),
        ]
        base_manager_name = "across"

    @property
    def signed(self) -> Decimal:
        """Return what the line does to the balance of the account."""
        amount: Decimal = self.amount
        return amount if self.is_credit else -amount


class Posting(Owned):
    """Where (a part of) a line went: a payment of a customer in the ledger."""

    line = models.ForeignKey(Line, on_delete=models.CASCADE, related_name="postings")
    customer = models.ForeignKey(
        Customer, on_delete=models.SET_NULL, null=True, related_name="bank_postings"
    )
    payment_key = models.CharField(max_length=200)
    amount = AmountField()
    # The invoices it was meant for, each with its part; what is left counts as the ledger says.
    shares = models.JSONField(default=list)
    # Early discounts that were given with it: key of the entry in the ledger, by invoice.
    discounts = models.JSONField(default=dict)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A payment once a line: one line brings it, another may take it back."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "line", "payment_key"], name="one_bank_posting"
            )
        ]
        base_manager_name = "across"


class PayerAccount(Owned):
    """An account from which a customer's invoices were paid: learned from what was booked."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="payer_accounts")
    account = models.CharField(max_length=34)
    times = models.PositiveIntegerField(default=0)
    last_on = models.DateField()

    class Meta:
        """A customer's account once."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "account", "customer"], name="one_payer_account"
            )
        ]
        base_manager_name = "across"


class Waiting(Owned):
    """A customer's reminders that rest because a waiting line may be their money."""

    line = models.ForeignKey(Line, on_delete=models.CASCADE, related_name="holding")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="bank_waiting")
    hold = models.ForeignKey(Hold, on_delete=models.CASCADE, related_name="+")

    class Meta:
        """A line holds a customer once."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "line", "customer"], name="one_bank_hold"
            )
        ]
        base_manager_name = "across"
