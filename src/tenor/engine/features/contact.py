"""Contact history: what was sent to whom, how much of it lately, and what each channel brought."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.frames import Tables, received

# A reaction within this many days of a contact is counted as an answer to it.
ANSWER_DAYS = 4
# A channel's answer rate of one customer is drawn to the population's by this many contacts.
EVIDENCE = 3.0
ANSWERS = (Kind.CLICKED, Kind.PAGE_VISITED, Kind.PAYMENT_STARTED, Kind.REPLIED, Kind.PROMISED)


def contact_history(known: Tables, as_of: datetime) -> pl.DataFrame:
    """Return a row a contacted customer: numbers of contacts and days since the last."""
    days_ago = (pl.lit(as_of) - pl.col("sent_at")).dt.total_seconds() / 86_400
    return known.contacts.group_by("customer_id").agg(
        contacts=pl.len().cast(pl.Float64),
        contacts_30d=(days_ago <= 30).sum().cast(pl.Float64),
        contacts_90d=(days_ago <= 90).sum().cast(pl.Float64),
        days_since_contact=days_ago.min(),
    )


def invoice_contacts(known: Tables) -> pl.DataFrame:
    """Return a row an invoice: how many contacts have covered it."""
    return (
        known.contacts.lazy()
        .select(invoice_id="invoice_ids")
        .explode("invoice_id")
        .drop_nulls()
        .group_by("invoice_id")
        .agg(invoice_contacts=pl.len().cast(pl.Float64))
        .collect()
    )


def answers(known: Tables, as_of: datetime) -> pl.DataFrame:
    """Return a row a contact whose answering time has passed: did something come of it?

    Columns `contact_id, customer_id, channel, sent_at, hour, answered` (0 or 1). An answer is a
    visit, a click, a reply, a promise or a payment within four days of sending.
    """
    old_enough = pl.lit(as_of) - pl.col("sent_at") >= timedelta(days=ANSWER_DAYS)
    sent = (
        known.contacts.lazy()
        .filter(old_enough)
        .select("contact_id", "customer_id", "channel", "sent_at")
        .sort("sent_at", "contact_id")
        .collect()
    )
    owners = known.invoices.lazy().select("invoice_id", owner="customer_id")
    paid = (
        received(known.payments)
        .lazy()
        .join(owners, on="invoice_id", how="inner")
        .select(customer_id="owner", at="paid_at")
    )
    acted = (
        known.events.lazy()
        .filter(pl.col("kind").is_in(list(ANSWERS)))
        .join(owners, on="invoice_id", how="left")
        .select(customer_id=pl.coalesce("customer_id", "owner"), at="at")
    )
    known_reactions = pl.concat([paid, acted]).drop_nulls().sort("at")
    reactions = known_reactions.with_columns(reacted_at="at").collect()
    if sent.is_empty() or reactions.is_empty():
        return sent.with_columns(answered=pl.lit(0.0))
    joined = sent.lazy().join_asof(
        reactions.lazy(),
        left_on="sent_at",
        right_on="at",
        by="customer_id",
        strategy="forward",
        check_sortedness=False,
    )
    within = pl.col("reacted_at") - pl.col("sent_at") <= timedelta(days=ANSWER_DAYS)
    return joined.select(
        "contact_id",
        "customer_id",
        "channel",
        "sent_at",
        answered=within.fill_null(False).cast(pl.Float64),
    ).collect()


@dataclass(frozen=True, eq=False)
class Answering:
    """How often the population answers: a row a channel (`channel, usual`), and over all."""

    by_channel: pl.DataFrame
    overall: float


def answering_of(answered: pl.DataFrame) -> Answering:
    """Return how often all these contacts (rows of `answers`) were answered."""
    usual = answered["answered"].mean() if answered.height else 0.0
    return Answering(
        answered.group_by("channel").agg(usual=pl.col("answered").mean()).sort("channel"),
        float(usual) if isinstance(usual, float) else 0.0,
    )


def answer_rates(answered: pl.DataFrame, usual: Answering) -> pl.DataFrame:
    """Return `customer_id, channel, rate`: how much more often than others one answers there.

    The difference between the customer's answer rate on the channel and the population's,
    drawn to zero by three pseudo-contacts.
    """
    return (
        answered.lazy()
        .group_by("customer_id", "channel")
        .agg(n=pl.len(), total=pl.col("answered").sum())
        .join(usual.by_channel.lazy(), on="channel", how="left")
        .select(
            "customer_id",
            "channel",
            rate=(pl.col("total") - pl.col("n") * pl.col("usual")) / (pl.col("n") + EVIDENCE),
        )
        .collect()
    )


def answering(answered: pl.DataFrame, usual: Answering) -> pl.DataFrame:
    """Return `customer_id, answer_rate`: how readily this customer answers contacts at all."""
    base = usual.overall
    return answered.group_by("customer_id").agg(
        answer_rate=(pl.col("answered").sum() - pl.len() * base) / (pl.len() + EVIDENCE)
    )
