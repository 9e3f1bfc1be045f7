"""Contacts that other systems made before or beside Tenor: kept as messages that were sent."""

from dataclasses import dataclass

import polars as pl

from tenor.platform.core.models import Organisation
from tenor.platform.ledger.models import Customer
from tenor.platform.outreach.foreign import listen
from tenor.platform.outreach.models import Message

_AT_ONCE = 2_000


@dataclass(frozen=True)
class Added:
    """How many contacts are new, and how many were there already."""

    new: int
    same: int


def add_contacts(organisation: Organisation, contacts: pl.DataFrame, *, source: str) -> Added:
    """Keep the rows of the contract's table `contacts` as messages that `source` sent.

    A contact is told once: one whose id is there already changes nothing. Contacts of customers
    that the ledger does not have raise `KeyError`: bring the customers first.
    """
    kept = Message.objects.of(organisation)
    ids = contacts["contact_id"].to_list()
    there: set[str] = set()
    for at in range(0, len(ids), _AT_ONCE):
        chunk = ids[at : at + _AT_ONCE]
        there |= set(kept.filter(key__in=chunk).values_list("key", flat=True))
    new = contacts.filter(
        ~pl.col("contact_id").is_in(pl.Series(list(there), dtype=pl.String).implode())
    )
    new = new.unique("contact_id", keep="first", maintain_order=True)
    customers = dict(Customer.objects.of(organisation).values_list("key", "pk"))
    rows = (
        Message(
            customer_id=customers[row["customer_id"]],
            key=row["contact_id"],
            channel=row["channel"],
            tone=row["tone"] or "",
            template=row["template"] or "",
            invoice_keys=row["invoice_ids"] or [],
            state=Message.State.SENT,
            send_at=row["sent_at"],
            sent_at=row["sent_at"],
            propensity=row["propensity"],
            cost=row["cost"] or 0.0,
            policy=row["policy"] or "",
            source=source,
        )
        for row in new.iter_rows(named=True)
    )
    kept.bulk_create(rows, batch_size=_AT_ONCE)
    if new.height:
        listen(organisation)
    return Added(new.height, contacts.height - new.height)
