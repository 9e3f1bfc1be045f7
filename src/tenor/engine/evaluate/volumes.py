"""Counts of what a policy would have done beside what was done, step by step and in all."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from tenor.engine.evaluate.logged import with_rewards
from tenor.engine.events import Kind
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states

# Paid means all but what rounding leaves.
_PAID = 0.99
_NUMBERS = re.compile(r"\d[\d.,]*")


@dataclass(frozen=True)
class Volume:
    """What one way did over the period.

    `cost` is the sum of what contacts cost, `unpriced` how many named no cost; `customers` how
    many were contacted at least once, `handed_over` how many invoices went to collection.
    """

    contacts: int
    customers: int
    cost: float
    unpriced: int
    handed_over: int
    channels: Mapping[str, int]
    tones: Mapping[str, int]


@dataclass(frozen=True)
class Step:
    """One step: who was open, and what would have been done beside what was done until the next.

    `people` counts decisions a person would have been asked about, `new_people` those about
    customers who were not waiting for a person a step before.
    """

    at: datetime
    open: int
    contacts: int
    contacts_done: int
    handed_over: int
    handed_over_done: int
    cost: float
    cost_done: float
    people: int
    new_people: int


@dataclass(frozen=True)
class Agreement:
    """Customers at steps, by whether the policy and the past contacted them in it.

    Of `both`, `same_channel` and `same_tone` count those alike.
    """

    both: int
    only_policy: int
    only_past: int
    neither: int
    same_channel: int
    same_tone: int

    @property
    def share(self) -> float | None:
        """Share treated alike: both contacted, or both left alone."""
        total = self.both + self.only_policy + self.only_past + self.neither
        return (self.both + self.neither) / total if total else None


@dataclass(frozen=True)
class LeftAlone:
    """Decisions to leave a customer alone whose outcome can be seen, and what came of them.

    `untouched` were not contacted by the past either, in the whole outcome window: of these,
    `untouched_paid` paid all they owed, which is "paid anyway". `contacted` the past did contact,
    so what they would have done alone is not known; `contacted_paid` of them paid.
    """

    decisions: int
    untouched: int
    untouched_paid: int
    contacted: int
    contacted_paid: int


def volume(contacts: pl.DataFrame, handed_over: int) -> Volume:
    """Count contacts (frame as in the contract) of a period."""
    return Volume(
        contacts=contacts.height,
        customers=contacts["customer_id"].n_unique(),
        cost=round(float(contacts["cost"].fill_null(0.0).sum()), 2),
        unpriced=contacts["cost"].null_count(),
        handed_over=handed_over,
        channels=_counts(contacts["channel"]),
        tones=_counts(contacts["tone"]),
    )


def escalations(tables: Tables, start: datetime, until: datetime) -> int:
    """Count the invoices that were really handed over from `start` until before `until`."""
    at = pl.col("at")
    found = tables.events.filter((pl.col("kind") == Kind.ESCALATED) & (at >= start) & (at < until))
    return found["invoice_id"].drop_nulls().n_unique()


def agreement(decided: Sequence[pl.DataFrame], sent: Sequence[pl.DataFrame]) -> Agreement:
    """Compare step by step: customers decided on, and the first real contact with each.

    Parameters
    ----------
    decided : for each step `customer_id, channel, tone` (null channel: no contact in the step).
    sent : for each step the real contacts in it.
    """
    total = dict.fromkeys(("both", "only_policy", "only_past", "neither", "channel", "tone"), 0)
    for mine, theirs in zip(decided, sent, strict=True):
        first = theirs.sort("sent_at", "contact_id").unique(
            "customer_id", keep="first", maintain_order=True
        )
        rows = mine.join(
            first.select("customer_id", past="channel", past_tone="tone"),
            on="customer_id",
            how="left",
        )
        would, did = pl.col("channel").is_not_null(), pl.col("past").is_not_null()
        counted = rows.select(
            both=(would & did).sum(),
            only_policy=(would & ~did).sum(),
            only_past=(~would & did).sum(),
            neither=(~would & ~did).sum(),
            channel=(pl.col("channel") == pl.col("past")).sum(),
            tone=(would & did & pl.col("tone").eq_missing(pl.col("past_tone"))).sum(),
        ).row(0, named=True)
        total = {name: total[name] + int(counted[name]) for name in total}
    return Agreement(
        total["both"],
        total["only_policy"],
        total["only_past"],
        total["neither"],
        total["channel"],
        total["tone"],
    )


def left_alone(
    tables: Tables, decided: Sequence[tuple[datetime, pl.DataFrame]], *, window_days: int
) -> LeftAlone:
    """Say what came of those whom the policy would have left alone.

    `decided` is for each step its instant and `customer_id, channel`, without those handed over.
    """
    window = timedelta(days=window_days)
    total = [0, 0, 0, 0, 0]
    for at, rows in decided:
        alone = rows.filter(pl.col("channel").is_null()).select("customer_id")
        owed = (
            invoice_states(tables, at)
            .filter("is_open")
            .join(alone, on="customer_id", how="semi")
            .group_by("customer_id", maintain_order=True)
            .agg(invoice_ids=pl.col("invoice_id"))
            .with_columns(
                contact_id="customer_id", sent_at=pl.lit(at).cast(pl.Datetime("us", "UTC"))
            )
        )
        seen = with_rewards(tables, owed, window_days=window_days)
        sent = tables.contacts.filter(pl.col("sent_at").is_between(at, at + window, closed="left"))
        touched = pl.col("customer_id").is_in(sent["customer_id"].unique().implode())
        paid = pl.col("reward") >= _PAID
        found = seen.select(
            pl.len().alias("all"),
            (~touched).sum().alias("untouched"),
            (~touched & paid).sum().alias("untouched_paid"),
            touched.sum().alias("contacted"),
            (touched & paid).sum().alias("contacted_paid"),
        ).row(0)
        total = [a + int(b) for a, b in zip(total, found, strict=True)]
    return LeftAlone(*total)


def review_reasons(texts: pl.Series) -> dict[str, int]:
    """Count why a person is asked, with the figures in the words left out; most often first."""
    kinds = texts.drop_nulls().str.split("; ").explode().drop_nulls()
    named = pl.Series([_NUMBERS.sub("…", text) for text in kinds.to_list()], dtype=pl.String)
    found = named.value_counts(name="n").rows()
    return dict(sorted(found, key=lambda pair: (-pair[1], pair[0])))


def _counts(texts: pl.Series) -> dict[str, int]:
    return dict(sorted(texts.fill_null("").value_counts(name="n").rows()))
