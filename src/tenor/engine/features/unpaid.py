"""Why somebody does not pay: the likeliest reason of each late customer, with its evidence.

The reasons are those that call for different answers: a dispute for a person, a message that did
not arrive for another channel, no funds for parts or help, friction for another way to pay,
unwillingness for firmness, forgetting for a reminder. Where nothing speaks, that is said.
"""

from datetime import datetime, timedelta

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.features.behaviour import with_customer
from tenor.engine.features.payment import payment_habits
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states

# How far back a sign still speaks about today.
WITHIN = timedelta(days=90)
# Words in `detail.reason` of a failed payment that speak of money (AM04 is the ISO 20022 return
# reason for insufficient funds, 51 the card one).
NO_MONEY = r"(?i)insufficient|funds|balance|\bam04\b|\b51\b"
# Who was told this often, looked, and did nothing does not merely forget.
OFTEN = 3
# Who usually pays within so many days after the due date is taken to forget, not to delay.
SOON = 10.0


def why_unpaid(tables: Tables, as_of: datetime) -> pl.DataFrame:
    """Return `customer_id, why, evidence` for each customer with an overdue invoice at `as_of`.

    `why` is dispute, not received, no funds, payment friction, unwilling, forgot or unknown: the
    first, in this order, that the facts of the last 90 days speak for. `evidence` says what was
    seen. Sorted by `customer_id`.
    """
    known = tables.known_at(as_of)
    states = invoice_states(known, as_of)
    late = (
        states.filter(pl.col("is_open") & (pl.col("days_overdue") > 0))
        .group_by("customer_id")
        .agg(part=(pl.col("paid") > 0).any(), days=pl.col("days_overdue").max())
    )
    told = (
        known.contacts.filter(pl.col("sent_at") > as_of - WITHIN)
        .group_by("customer_id")
        .agg(told=pl.len())
    )
    habits = payment_habits(known, states, as_of).select(
        "customer_id", "usual_delay", "past_settled"
    )
    found = late
    for part in (_signs(known, as_of), told, habits):
        found = found.join(part, on="customer_id", how="left", maintain_order="left")
    counts = [c for c in found.columns if found[c].dtype.is_integer()]
    found = found.with_columns(pl.col(counts).fill_null(0), pl.col("disputed").fill_null(False))
    reasons = _reasons()
    why = [pl.when(speaks).then(pl.lit(name)) for name, speaks, _ in reasons]
    evidence = [pl.when(speaks).then(words) for _, speaks, words in reasons]
    return found.select(
        "customer_id",
        why=pl.coalesce(*why, pl.lit("unknown")),
        evidence=pl.coalesce(*evidence, pl.lit("nothing seen that would tell")),
    ).sort("customer_id")


def _signs(known: Tables, as_of: datetime) -> pl.DataFrame:
    """Return a row a customer: how often each telling sign was seen in the last 90 days."""
    events = with_customer(known).filter(pl.col("at") > as_of - WITHIN)
    kind = pl.col("kind")
    told_why = pl.col("detail").str.json_path_match("$.reason").str.contains(NO_MONEY)
    failed = kind == Kind.PAYMENT_FAILED
    ended = pl.col("at").filter(kind == Kind.DISPUTE_RESOLVED).max()
    return events.group_by("customer_id").agg(
        disputed=(pl.col("at").filter(kind == Kind.DISPUTED).max() > ended.fill_null(_EARLY)),
        bounced=(kind == Kind.BOUNCED).sum(),
        short=(failed & told_why.fill_null(False)).sum(),
        failed=(failed & ~told_why.fill_null(False)).sum(),
        started=(kind == Kind.PAYMENT_STARTED).sum(),
        broken=kind.is_in([Kind.PROMISE_BROKEN, Kind.PLAN_BROKEN]).sum(),
        looked=kind.is_in([Kind.OPENED, Kind.CLICKED, Kind.PAGE_VISITED]).sum(),
    )


_EARLY = pl.lit("1900-01-01T00:00:00Z").str.to_datetime(time_zone="UTC")


def _reasons() -> list[tuple[str, pl.Expr, pl.Expr]]:
    """Return (name, what speaks for it, the evidence in words), the most telling first."""
    bounced, short, broken = pl.col("bounced"), pl.col("short"), pl.col("broken")
    failed, started, looked, told = (pl.col(c) for c in ("failed", "started", "looked", "told"))
    soon = (pl.col("past_settled") >= 2) & (pl.col("usual_delay") <= SOON)
    return [
        ("dispute", pl.col("disputed"), pl.lit("disputed and not yet resolved")),
        (
            "not received",
            (bounced > 0) & (looked == 0),
            pl.format("{} of {} messages came back, none was seen", bounced, told),
        ),
        (
            "no funds",
            (short > 0) | (broken > 0) | pl.col("part"),
            pl.format(
                "{} payments failed for lack of funds, {} promises or plans broken{}",
                short,
                broken,
                pl.when("part").then(pl.lit(", paid in part")).otherwise(pl.lit("")),
            ),
        ),
        (
            "payment friction",
            (failed > 0) | (started > 0),
            pl.format("payment begun {} times, failed {} times", started, failed),
        ),
        (
            "unwilling",
            (told >= OFTEN) & (looked >= 2) & ~soon,
            pl.format("told {} times, looked {} times, did nothing", told, looked),
        ),
        (
            "forgot",
            soon | (told == 0),
            pl.when(soon)
            .then(
                pl.format(
                    "usually pays within {} days",
                    pl.col("usual_delay").ceil().clip(0, 99).cast(pl.Int64),
                )
            )
            .otherwise(pl.lit("was not reminded yet")),
        ),
    ]
