"""An organisation's place in a pool: whether it takes part, what it gave, what it got."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.tenancy import Owned
from tenor.platform.ledger.models import Customer


class Place(Owned):
    """That an organisation takes part, since when, by whose word, and on which terms.

    Without a row it gives nothing and takes nothing. `giver` is the name under which its sums are
    known elsewhere: drawn by lot, it says nothing. `key` is sealed: who shares a pool by files has
    the same. `epsilon` is what each gift may cost in privacy, `budget` all gifts of a year.
    """

    giver = models.CharField(max_length=40)
    key = models.TextField(blank=True)
    epsilon = models.FloatField()
    budget = models.FloatField()
    since = models.DateTimeField()
    by_id = models.IntegerField(null=True)
    by_name = models.CharField(max_length=200)

    class Meta:
        """One place an organisation."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation"], name="one_place_in_the_pool")
        ]
        base_manager_name = "across"


class Gift(Owned):
    """What an organisation gave on a day: two noisy sums, which may be seen by others.

    `exact` is the second sum without noise, of those who are still in it. It never leaves, and
    shrinks when somebody is erased; `erased` counts them. `withdrawn_at`: not part of the pool of
    this installation any more; what others took by file they have.
    """

    given_at = models.DateTimeField()
    facts_until = models.DateTimeField()
    rho = models.FloatField()
    sigma = models.FloatField()
    baseline = models.JSONField()
    effect = models.JSONField()
    exact = models.JSONField()
    customers = models.IntegerField()
    shortened = models.IntegerField()
    erased = models.IntegerField(default=0)
    synthetic = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        """The newest first."""

        ordering: ClassVar = ["-given_at", "-pk"]
        base_manager_name = "across"


class Part(Owned):
    """What one customer adds to the exact sum of the latest gift, so that it can be taken out.

    `numbers` holds whole grid steps, packed (see `packing`).
    """

    gift = models.ForeignKey(Gift, on_delete=models.CASCADE, related_name="parts")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    numbers = models.BinaryField()

    class Meta:
        """Once a customer."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gift", "customer"], name="one_part_a_customer")
        ]
        base_manager_name = "across"


class Received(Owned):
    """The noisy sums of an organisation elsewhere, from a file."""

    giver = models.CharField(max_length=200)
    given_on = models.DateField()
    rho = models.FloatField()
    sigma = models.FloatField()
    baseline = models.JSONField()
    effect = models.JSONField()
    synthetic = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    by_name = models.CharField(max_length=200)

    class Meta:
        """The latest of each giver."""

        ordering: ClassVar = ["giver"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "giver"], name="one_gift_a_giver")
        ]
        base_manager_name = "across"
