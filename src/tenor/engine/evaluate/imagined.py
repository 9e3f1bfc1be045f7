"""The past as it would stand had the policy been at work: its contacts in place of the real ones.

Payments, promises and disputes stay as they really came: nobody knows what would have come
instead. Invoices that were really handed over stay with us until the policy hands them over. So
volumes are those the policy asks of the same customers, not a forecast of money.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.frames import CONTACTS, EVENTS, Tables, conform

# What a message leaves behind; without the message there is none of it.
_TRACES = (Kind.DELIVERED, Kind.BOUNCED, Kind.OPENED, Kind.CLICKED)


def imagined(
    tables: Tables,
    *,
    from_: datetime,
    contacts: Sequence[pl.DataFrame],
    handed: Sequence[pl.DataFrame],
) -> Tables:
    """Return the facts with `contacts` and `handed` in place of the real contacts since `from_`.

    Parameters
    ----------
    contacts, handed : of `carried_out` and `handed_over`, one of each for every step so far.
    """
    before = tables.contacts.filter(pl.col("sent_at") < from_)
    gone = tables.contacts.filter(pl.col("sent_at") >= from_)["contact_id"]
    traces = pl.col("kind").is_in([str(kind) for kind in _TRACES])
    theirs = pl.col("contact_id").is_in(gone.implode()).fill_null(False)
    over = (pl.col("kind") == str(Kind.ESCALATED)) & (pl.col("at") >= from_)
    events = tables.events.filter(~(traces & theirs) & ~over)
    return tables.with_(
        contacts=pl.concat([before, *(conform(CONTACTS, c) for c in contacts)]),
        events=pl.concat([events, *(conform(EVENTS, h) for h in handed)]),
    )


def carried_out(decisions: pl.DataFrame, *, until: datetime) -> pl.DataFrame:
    """Return, as contacts, the decisions that go out before `until`, when one decides anew.

    What waits for a person counts as approved: what people would be asked is counted elsewhere.
    """
    out = decisions.filter(
        pl.col("channel").is_not_null()
        & pl.col("verdict").is_in(["contact", "review"])
        & (pl.col("send_at") < until)
    )
    return out.select(
        "customer_id",
        "invoice_ids",
        "channel",
        "tone",
        "cost",
        "propensity",
        contact_id=pl.format("policy-{}", pl.col("decision_id")),
        sent_at="send_at",
        policy="policy_version",
    )


def handed_over(decisions: pl.DataFrame) -> pl.DataFrame:
    """Return, as events, the invoices that are handed over; a person is taken to confirm."""
    return (
        decisions.filter(pl.col("verdict") == "escalate")
        .select(
            "customer_id",
            invoice_id="invoice_ids",
            at=pl.col("decided_at"),
            kind=pl.lit(str(Kind.ESCALATED)),
        )
        .explode("invoice_id")
        .drop_nulls("invoice_id")
    )


def steps(from_: datetime, to: datetime, every: int) -> list[tuple[datetime, datetime]]:
    """Return the instants of deciding with the one at which each is decided anew."""
    starts = [from_ + timedelta(days=every * k) for k in range(-(-(to - from_).days // every))]
    return [(start, min(start + timedelta(days=every), to)) for start in starts if start < to]
