"""What is protected of a customer: kept apart, for the audit of fairness alone."""

from django.db import models

from tenor.platform.core.tenancy import Owned
from tenor.platform.ledger.models.customers import Customer


class ProtectedTraits(Owned):
    """The `protected_*` columns of a customer.

    They stand in a table of their own, which no query of customers joins, so that neither a
    feature, a screen, a log nor an answer of the API can hold them by accident.
    """

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="+")
    # By the full name of the column: {"protected_age_band": "30 to 39"}
    traits = models.JSONField(default=dict)
    source = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    class Meta:
        """One row a customer."""

        base_manager_name = "across"
