"""Training sets without names: pseudonyms, coarse bands, and nobody alone in what is told.

A row an invoice and how it ended, without a link between invoices of one customer: what somebody
did over a year would be theirs alone, however coarse. Amounts, dates and places become bands that
are widened until hardly any row is told apart; then every row equals, in all columns but its
pseudonym, rows of at least k - 1 other customers, and nobody has more than one in k of such rows.
What cannot be hidden so is left out, and counted.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.errors import InputError
from tenor.engine.frames import Tables
from tenor.engine.pooling.bands import Banded, banded, lessons

K = 10
# So many rows may be left out before bands are widened further.
LEFT_OUT = 0.05
PSEUDONYM = "row"
# What says who somebody is more than what contacts do: widened first.
_WHO = ("kind", "country", "language", "place", "amount", "issued", "terms")
# The one row number that the attack and the trimming know people by; never written out.
OWNER = "customer_id"


@dataclass(frozen=True)
class TrainingSet:
    """`rows` as they may leave; `owners` whose each is, in the same order, which may not.

    `levels` says how wide each column's bands became, `left_out` how many of `considered` invoices
    are missing because they could not be hidden.
    """

    rows: pl.DataFrame
    owners: pl.Series
    k: int
    levels: dict[str, str]
    considered: int
    left_out: int


def training_set(
    tables: Tables, *, as_of: datetime, key: bytes, k: int = K, left_out: float = LEFT_OUT
) -> TrainingSet:
    """Return the invoices that had ended or were long due at `as_of` as rows without names.

    Parameters
    ----------
    key : the organisation's secret, at least 16 bytes. Who has it can find a row again by its
        invoice (to erase it); nobody else can, and another organisation's rows cannot be matched.
    k : how many customers must be alike in everything that is told, 2 or more.
    left_out : the share of rows that may be left out before bands are widened further.

    Raises
    ------
    InputError
        A key too short to keep a secret, or a k that hides nobody.
    """
    if len(key) < 16:
        raise InputError("a key of 16 bytes or more is needed: a short one can be guessed")
    if k < 2:
        raise InputError(f"nobody is hidden among {k}: k is 2 or more")
    told = lessons(tables, as_of)
    columns = [banded(told, name) for name in told.columns if name not in (OWNER, "invoice_id")]
    chosen = _widened(told, columns, k, left_out)
    names = [column.name for column in columns]
    rows = told.select(OWNER, "invoice_id").with_columns(
        *(c.levels[chosen[c.name]].alias(c.name) for c in columns)
    )
    names_of = pl.Series(PSEUDONYM, [pseudonym(i, key=key) for i in rows["invoice_id"]])
    rows = rows.with_columns(names_of).sort(PSEUDONYM)
    kept = rows.filter(_hidden(rows, names, k))
    return TrainingSet(
        rows=kept.select(PSEUDONYM, *names),
        owners=kept[OWNER],
        k=k,
        levels={c.name: c.words[chosen[c.name]] for c in columns},
        considered=told.height,
        left_out=told.height - kept.height,
    )


def pseudonym(invoice_id: str, *, key: bytes) -> str:
    """Return the pseudonym of an invoice under an organisation's key: 32 hexadecimal digits."""
    return hmac.new(key, f"tenor-pool|{invoice_id}".encode(), "sha256").hexdigest()[:32]


def _widened(
    told: pl.DataFrame, columns: Sequence[Banded], k: int, left_out: float
) -> dict[str, int]:
    """Return each column's level: widened a step at a time, wherever that hides
    most rows for what it takes away."""
    levels = {c.name: 0 for c in columns}
    owners = _numbers(told[OWNER])
    codes = {c.name: [_numbers(level) for level in c.levels] for c in columns}

    def lost(at: dict[str, int]) -> float:
        group = np.zeros(len(owners), dtype=np.int64)
        for name, level in at.items():
            code = codes[name][level]
            # Numbered anew each time, so that no product of sizes grows beyond whole numbers.
            group = np.unique(group * (int(code.max(initial=0)) + 1) + code, return_inverse=True)[1]
        return 1.0 - _hidden_rows(group, owners, k) / max(len(owners), 1)

    while lost(levels) > left_out:
        steps = [
            {**levels, c.name: levels[c.name] + 1}
            for c in columns
            if levels[c.name] + 1 < len(c.levels)
        ]
        if not steps:
            break
        now, before = lost(levels), levels
        levels = max(steps, key=lambda at: (now - lost(at)) / _cost(before, at))
    return levels


def _cost(before: dict[str, int], after: dict[str, int]) -> float:
    """Return how much a step takes from what can be learned: most where it is about contacts."""
    name = next(n for n in after if after[n] != before[n])
    return 1.0 if name in _WHO else 3.0


def _numbers(values: pl.Series) -> NDArray[np.int64]:
    return values.cast(pl.String).rank("dense").to_numpy().astype(np.int64) - 1


def _hidden_rows(group: NDArray[np.int64], owner: NDArray[np.int64], k: int) -> int:
    """Count the rows that could stay (see `_hidden`)."""
    people = int(owner.max(initial=0)) + 1
    pairs, counts = np.unique(group * people + owner, return_counts=True)
    group = pairs // people
    order = np.lexsort((-counts, group))
    group, counts = group[order], counts[order]
    begins = np.flatnonzero(np.diff(group, prepend=-1))
    size = np.diff(np.append(begins, len(group)))
    kth = np.where(size >= k, counts[np.minimum(begins + k - 1, len(counts) - 1)], 0)
    return int(np.minimum(counts, np.repeat(kth, size)).sum())


def _hidden(rows: pl.DataFrame, names: Sequence[str], k: int) -> pl.Series:
    """Say of each row whether it may stay: [rows].

    A group of equal rows keeps as many of each customer as its k-th most frequent customer has,
    so that nobody has more than one in k of them; with fewer than k customers it keeps none.
    """
    whose = rows.select(
        *names, OWNER, nth=pl.int_range(pl.len()).over([OWNER, *names])
    ).with_row_index("at")
    a_customer = whose.group_by(OWNER, *names).agg(n=pl.len())
    kth = a_customer.group_by(names).agg(most=_kth(pl.col("n"), k))
    both = whose.join(kth, on=list(names), how="left", nulls_equal=True, maintain_order="left")
    return both["nth"] < both["most"]


def _kth(counts: pl.Expr, k: int) -> pl.Expr:
    """Return the k-th largest count, 0 where there are fewer."""
    return counts.sort(descending=True).slice(k - 1, 1).first().fill_null(0)
