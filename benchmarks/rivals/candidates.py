"""Whom a policy may contact before it decides again, by which channel and when.

All policies, Tenor too, live under the same rules of the engine's policy file.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from tenor.engine.frames import Tables
from tenor.engine.policy.actions import send_at
from tenor.engine.policy.permitted import Permitted, permitted
from tenor.engine.policy.policyfile import Policy

EVERY = 2  # days between two moments of deciding


@dataclass(frozen=True)
class Candidates:
    """The customers (N) who may be contacted within the next days, and how.

    `customers`: customer_id, zone, days_overdue (of the oldest invoice that may be asked for) and
    amount; `covered`: lists of invoice ids; `may[N, C]` by channel in `channels`; `slots[N, C, D,
    H]` over days and the grid's hours.
    """

    rules: Permitted
    customers: pl.DataFrame
    covered: pl.Series
    may: np.ndarray
    slots: np.ndarray

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels, in the grid's order."""
        return self.rules.grid.channels

    @property
    def tones(self) -> tuple[str, ...]:
        """The tones, in the grid's order."""
        return self.rules.grid.tones

    def first_slot(
        self, rows: np.ndarray, channel: np.ndarray, *, day: np.ndarray | int = 0, hour: int = 10
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return day and slot of the first chance from `day` and `hour` on, else of the first."""
        own = self.slots[rows, channel]
        hours = np.array(self.rules.grid.hours)
        from_day = np.arange(own.shape[1]) >= np.broadcast_to(day, len(rows))[:, None]
        later = own & (hours >= hour) & from_day[:, :, None]
        own = np.where(later.any(axis=(1, 2), keepdims=True), later, own)
        first = own.reshape(len(rows), own.shape[1] * own.shape[2]).argmax(axis=1)
        return np.divmod(first, len(hours))

    def over_capacity(self, channel: np.ndarray, policy: Policy) -> np.ndarray:
        """Tell which contacts come when a channel's capacity for one day is used up."""
        over = np.zeros(len(channel), dtype=bool)
        for one in policy.channels:
            if one.capacity_per_day is not None:
                own = channel == self.channels.index(one.name)
                over |= own & (np.cumsum(own) > one.capacity_per_day)
        return over

    def decide(
        self,
        rows: np.ndarray,
        channel: np.ndarray,
        tone: np.ndarray,
        *,
        when: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> pl.DataFrame:
        """Return the decisions to contact customers `rows` by these channels and tones.

        `when` gives day and slot for each row; without it, the first chance from ten o'clock on.
        """
        when = self.first_slot(rows, channel) if when is None else when
        chosen = self.customers[rows]
        grid = self.rules.grid
        at = send_at(grid, as_of=self.rules.as_of, zones=chosen["zone"], day=when[0], hour=when[1])
        return pl.DataFrame(
            {
                "customer_id": chosen["customer_id"],
                "invoice_ids": self.covered.gather(rows),
                "verdict": pl.Series(["contact"] * len(rows), dtype=pl.String),
                "channel": pl.Series([grid.channels[c] for c in channel], dtype=pl.String),
                "tone": pl.Series([grid.tones[t] for t in tone], dtype=pl.String),
                "send_at": at,
            }
        )


def candidates(tables: Tables, now: datetime, policy: Policy, every: int = EVERY) -> Candidates:
    """Find who may be contacted from `now` until the next moment of deciding."""
    rules = permitted(tables, as_of=now, policy=policy)
    everyone = np.arange(rules.customers.height)
    slots = rules.slots(everyone)[:, :, :every]
    rows = np.flatnonzero(slots.any(axis=(1, 2, 3)))
    asked = rules.invoices.filter(pl.col("from_day") < every)
    by_customer = (
        asked.with_columns(pl.col("row").cast(pl.Int64))
        .group_by("row")
        .agg(
            "invoice_id",
            pl.col("days_overdue").max(),
            amount=pl.col("balance").sum().cast(pl.Float64),
        )
    )
    customers = (
        rules.customers.with_row_index("row")[rows]
        .with_columns(pl.col("row").cast(pl.Int64))
        .join(by_customer, on="row", how="left", maintain_order="left")
    )
    return Candidates(
        rules=rules,
        customers=customers,
        covered=customers["invoice_id"],
        may=np.asarray(slots[rows].any(axis=(2, 3))),
        slots=slots[rows],
    )
