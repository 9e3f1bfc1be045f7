"""What it takes to make a decision again that was not made in the run of a day."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.tenancy import Owned
from tenor.platform.decisions.models.plan import Run
from tenor.platform.ledger.models import Customer


class Common(Owned):
    """What many decisions have in common that were made alone: kept once, found by its digest."""

    class Kind(models.TextChoices):
        """What it is."""

        WAY = "way"  # versions, rules, law, seed, settings
        USUAL = "usual"  # what was usual among all customers

    kind = models.CharField(max_length=10, choices=Kind.choices)
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    kept_at = models.DateTimeField()

    class Meta:
        """Once each."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "digest"], name="one_common_a_digest")
        ]
        base_manager_name = "across"


class Basis(Owned):
    """What a decision was made from that was made alone: asked for, or anew after something new.

    `content` holds the facts about the customer as they were read then; empty: they were erased.
    `way` and `usual` are digests of what stands in `Common`.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    # The decision's, which may have been made anew since.
    key = models.CharField(max_length=80)
    as_of = models.DateTimeField()
    content = models.BinaryField()
    digest = models.CharField(max_length=64)
    way = models.CharField(max_length=64)
    usual = models.CharField(max_length=64)

    class Meta:
        """One a decision."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="one_basis_a_key")
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "as_of"])]
        base_manager_name = "across"


class Earlier(Owned):
    """A decision as it stood until it was made anew under another key, later that day."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    decided_at = models.DateTimeField()
    # The fields of the decision; amounts and instants as text.
    row = models.JSONField()

    class Meta:
        """One a key."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="one_earlier_a_key")
        ]
        base_manager_name = "across"


class Standing(Owned):
    """In the kept facts of which days somebody stands: from a day on, until another or still.

    By key, so that it outlives the customer's own row as long as kept facts do.
    """

    customer_key = models.CharField(max_length=200)
    first_day = models.DateField()
    # Empty: they still stand in the facts of the latest day.
    last_day = models.DateField(null=True)

    class Meta:
        """Found by who it is."""

        indexes: ClassVar = [
            models.Index(fields=["organisation", "customer_key", "first_day"]),
            models.Index(fields=["organisation", "last_day"]),
        ]
        base_manager_name = "across"


class Examined(Owned):
    """What came of deciding again where that took a worker some time."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    at = models.DateTimeField()
    found = models.JSONField()

    class Meta:
        """The latest of a decision."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="one_examined_a_key")
        ]
        base_manager_name = "across"
