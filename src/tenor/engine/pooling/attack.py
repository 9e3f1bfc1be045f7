"""Try to find people in a training set again, with what others could know of them.

Three attackers. The *guesser* has a list of customer and invoice numbers and tries the usual ways
of turning a number into a pseudonym. The *outsider* has a list of people with where they live,
what they bought and when (a shop's till, a neighbour, a leaked list). The *insider* also knows what
was sent to them and when they paid. Each looks for the rows that fit, and picks one.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tenor.engine.errors import InputError

OUTSIDE = ("kind", "country", "language", "place", "amount", "issued", "terms")
INSIDE = (
    *OUTSIDE, "contacts", "first_channel", "first_tone", "first_after", "ended", "handed_over",
)  # fmt: skip
# What chance adds to the share found, in standard deviations: an attack on a sound set exceeds
# this about once in a thousand.
_LUCK = 3.1


@dataclass(frozen=True)
class Attack:
    """How an attack went: of `tried` people, `found` is the share whose row was picked on average,
    `certain` how many were found without any doubt. It fails (`passes`) up to `limit`."""

    name: str
    tried: int
    found: float
    certain: int
    limit: float

    @property
    def passes(self) -> bool:
        """Whether the set withstood."""
        return self.certain == 0 and self.found <= self.limit


def attack(
    rows: pl.DataFrame,
    owners: pl.Series,
    known: pl.DataFrame,
    *,
    k: int,
) -> tuple[Attack, ...]:
    """Attack a training set and return how far each attacker got.

    Parameters
    ----------
    rows : the set as it would leave: any columns, the first of them the pseudonym.
    owners : whose each row is, to tell afterwards whether an attacker was right.
    known : what attackers know, a row a target: `customer_id, invoice_id`, and columns named as
        in `rows`, in the same bands (bands are no secret).
    k : the set promises that nobody is found with more certainty than one in k.
    """
    if len(rows) != len(owners):
        raise InputError(f"{len(rows)} rows have {len(owners)} owners")
    limit = 1.0 / k
    guessed = _guess(rows, known)
    found = [
        Attack("guesser", known.height, guessed / max(known.height, 1), guessed, limit),
    ]
    for name, columns in (("outsider", OUTSIDE), ("insider", INSIDE)):
        present = [c for c in columns if c in rows.columns and c in known.columns]
        shares = _linked(rows, owners, known, present)
        luck = _LUCK * float(np.sqrt(limit * (1.0 - limit) / max(len(shares), 1)))
        certain = int((shares >= 1.0 - 1e-12).sum())
        share = float(shares.mean()) if len(shares) else 0.0
        found.append(Attack(name, len(shares), share, certain, limit + luck))
    return tuple(found)


def _guess(rows: pl.DataFrame, known: pl.DataFrame) -> int:
    """Count the targets whose pseudonym is their number, or a usual digest of it."""
    said = set(rows.to_series(0).cast(pl.String).to_list())
    found = 0
    for customer, invoice in known.select("customer_id", "invoice_id").iter_rows():
        tries = {digest for number in (customer, invoice) for digest in _digests(str(number))}
        found += bool(tries & said)
    return found


def _digests(number: str) -> set[str]:
    tries = {number}
    for kind in ("md5", "sha1", "sha256"):
        whole = hashlib.new(kind, number.encode(), usedforsecurity=False).hexdigest()
        tries |= {whole, *(whole[:n] for n in (8, 12, 16, 20, 24, 32, 40))}
    return tries


def _linked(
    rows: pl.DataFrame, owners: pl.Series, known: pl.DataFrame, columns: Sequence[str]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the chance [targets] that a row picked among those that fit is the target's."""
    if not columns:
        return np.zeros(known.height)
    names = list(columns)
    told = rows.select(pl.col(names).cast(pl.String)).with_columns(owner=owners.cast(pl.String))
    targets = known.select(
        pl.col(names).cast(pl.String), owner=pl.col("customer_id").cast(pl.String)
    )
    fitting = told.group_by(names).agg(all=pl.len())
    own = told.group_by([*names, "owner"]).agg(own=pl.len())
    both = targets.join(fitting, on=names, how="left", nulls_equal=True).join(
        own, on=[*names, "owner"], how="left", nulls_equal=True
    )
    share = both.select(pl.col("own").fill_null(0) / pl.col("all").fill_null(1)).to_series()
    return np.asarray(share.to_numpy(), dtype=np.float64)
