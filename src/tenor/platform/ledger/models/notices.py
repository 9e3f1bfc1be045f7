"""Letters that the law asks for before a next step, and what shows that they arrived."""

from typing import ClassVar

from django.db import models

from tenor.platform.core.fields import AmountField
from tenor.platform.core.tenancy import Owned
from tenor.platform.ledger.models.customers import Customer


class LegalNotice(Owned):
    """A notice to a customer about some invoices: added, and only its receipt is told later."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="notices")
    # Of the sender: the message or the letter file; told twice, it counts once.
    key = models.CharField(max_length=200)
    # A name of the packs' section `notices`, such as "fourteen_day".
    kind = models.CharField(max_length=60)
    invoice_keys = models.JSONField(default=list)
    sent_on = models.DateField()
    channel = models.CharField(max_length=40)
    # Empty: nobody knows; the law of the channel presumes a day.
    received_on = models.DateField(null=True, blank=True)
    # What shows the receipt: a track number, a read receipt, a reply.
    evidence = models.CharField(max_length=500, blank=True)
    bounced = models.BooleanField(default=False)
    # Names of the contents that it has, as the packs call them.
    contains = models.JSONField(default=list)
    # The fee that it names, where it names one.
    costs = AmountField(null=True, blank=True)
    by = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first, one a key."""

        ordering: ClassVar = ["-sent_on", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="one_notice_a_key")
        ]
        base_manager_name = "across"
