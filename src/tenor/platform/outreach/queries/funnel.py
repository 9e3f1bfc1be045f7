"""The journey of a contact, step by step: sent, delivered, seen, acted upon, paid (R084)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from tenor.engine.events import Kind
from tenor.platform.core.models import Organisation
from tenor.platform.events.queries import events_frame
from tenor.platform.ledger.frames import payments_frame
from tenor.platform.outreach.queries.contacts import contacts_frame

# A step counts when it came within so many days of the contact.
WITHIN = timedelta(days=14)
STEPS = ("sent", "arrived", "seen", "visited", "started", "paid")
_KINDS = {
    "arrived": (Kind.DELIVERED,),
    "seen": (Kind.OPENED, Kind.CLICKED, Kind.REPLIED),
    "visited": (Kind.PAGE_VISITED, Kind.CLICKED),
    "started": (Kind.PAYMENT_STARTED,),
}


@dataclass(frozen=True)
class Journey:
    """How many contacts of a channel came to each of `STEPS`; each counts the later ones too."""

    channel: str
    tone: str
    counts: dict[str, int]
    cost: float

    def share(self, step: str) -> float | None:
        """Return the share of what was sent that came to a step."""
        sent = self.counts["sent"]
        return self.counts[step] / sent if sent else None


def funnel(
    organisation: Organisation,
    since: datetime,
    until: datetime,
    *,
    by_tone: bool = False,
) -> Sequence[Journey]:
    """Return what became of the contacts from `since` to `until`, by channel, the largest first.

    What happened up to 14 days after `until` counts; a step that was skipped counts where a later
    one was reached (a payment without a visit arrived and was seen).
    """
    later = until + WITHIN
    contacts = contacts_frame(organisation, until).filter(pl.col("sent_at") >= since)
    if contacts.is_empty():
        return []
    names = ["channel", "tone"] if by_tone else ["channel"]
    contacts = contacts.select(
        "contact_id", "customer_id", "invoice_ids", "sent_at", "cost", *names
    )
    events = events_frame(organisation, later).filter(pl.col("at") >= since)
    reached = contacts.with_columns(
        _reached(contacts, events, kinds).alias(step) for step, kinds in _KINDS.items()
    ).with_columns(_paid(contacts, payments_frame(organisation, later)).alias("paid"))
    # Whoever came further came past the earlier steps too, whether or not anything noticed it.
    steps = STEPS[1:]
    reached = reached.with_columns(
        pl.any_horizontal(steps[n:]).alias(step) for n, step in enumerate(steps)
    )
    rows = (
        reached.group_by(names)
        .agg(pl.len().alias("sent"), *[pl.col(s).sum() for s in steps], pl.col("cost").sum())
        .sort("sent", *names, descending=[True, *[False] * len(names)])
    )
    return [
        Journey(
            row["channel"], row.get("tone") or "", {s: row[s] for s in STEPS}, row["cost"] or 0.0
        )
        for row in rows.iter_rows(named=True)
    ]


def _reached(contacts: pl.DataFrame, events: pl.DataFrame, kinds: Sequence[Kind]) -> pl.Series:
    """Say of each contact whether such an event names it, or comes of its customer after it."""
    wanted = events.filter(pl.col("kind").is_in(kinds))
    named = wanted.filter(pl.col("contact_id").is_not_null())["contact_id"].unique()
    others = wanted.filter(pl.col("contact_id").is_null() & pl.col("customer_id").is_not_null())
    after = _soon_after(contacts, others.select("customer_id", "at"), "customer_id")
    return contacts["contact_id"].is_in(named.implode()) | after


def _paid(contacts: pl.DataFrame, payments: pl.DataFrame) -> pl.Series:
    """Say of each contact whether anything was paid on its invoices soon after."""
    about = (
        contacts.select("contact_id", "sent_at", invoice_id="invoice_ids")
        .explode("invoice_id")
        .join(payments.select("invoice_id", at="paid_at"), on="invoice_id")
        .filter((pl.col("at") > pl.col("sent_at")) & (pl.col("at") <= pl.col("sent_at") + WITHIN))
    )
    return contacts["contact_id"].is_in(about["contact_id"].unique().implode())


def _soon_after(contacts: pl.DataFrame, found: pl.DataFrame, on: str) -> pl.Series:
    joined = contacts.select("contact_id", "sent_at", on).join(found, on=on)
    soon = joined.filter(
        (pl.col("at") > pl.col("sent_at")) & (pl.col("at") <= pl.col("sent_at") + WITHIN)
    )
    return contacts["contact_id"].is_in(soon["contact_id"].unique().implode())
