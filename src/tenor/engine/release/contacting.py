"""Whether people are contacted otherwise than when a model learned: then its chances are of then.

A chance of payment is one under the contacts that were usual. Where these change, what came true
differs from what was foretold though the model may be right, and no figure tells the two apart.
"""

from datetime import datetime

import polars as pl

from tenor.engine.frames import Tables

# With fewer contacts on both sides a difference is chance.
FEWEST_CONTACTS = 30
# From here on what came true may be the work of other contacts (a house rule).
CHANGED_FROM = 0.5


def contacting_changed(tables: Tables, *, since: datetime, until: datetime) -> float | None:
    """Return by what share contacting differs from `since` (aware) on, from 0 to 1.

    Contacts by channel for each invoice that fell due, between `since` and `until` and as long
    before: the sum of the differences on the larger of both sums. None with fewer than 30 contacts
    on both sides, or where nothing fell due.
    """
    length = until - since
    sides = [_by_channel(tables, since - length, since), _by_channel(tables, since, until)]
    due = [_due(tables, since - length, since), _due(tables, since, until)]
    sums = [sum(side.values()) for side in sides]
    if max(sums) < FEWEST_CONTACTS or not all(due):
        return None
    before, after = (
        {channel: n / count for channel, n in side.items()}
        for side, count in zip(sides, due, strict=True)
    )
    apart = sum(
        abs(after.get(channel, 0.0) - before.get(channel, 0.0))
        for channel in sorted({*before, *after})
    )
    return min(1.0, apart / max(sum(before.values()), sum(after.values())))


def _by_channel(tables: Tables, start: datetime, end: datetime) -> dict[str, int]:
    sent = tables.contacts.filter(pl.col("sent_at").is_between(start, end, closed="left"))
    return dict(sent.group_by("channel").len().iter_rows())


def _due(tables: Tables, start: datetime, end: datetime) -> int:
    due = pl.col("due_on").is_between(start.date(), end.date(), closed="left")
    return tables.invoices.filter(due).height
