"""A well-made tree S-learner: one boosted model of payment with the contact among its features.

It learns from rows with and without a contact alike, sees the same features as Tenor, and scores
every combination of channel, tone and hour beside no contact; the best worth wins.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import lightgbm as lgb
import numpy as np
import polars as pl

from benchmarks.rivals.candidates import EVERY, Candidates, candidates
from tenor.engine import calendar
from tenor.engine.features.build import KEYS, build
from tenor.engine.frames import Tables
from tenor.engine.ledger import settlements
from tenor.engine.policy.policyfile import Policy
from tenor.engine.simulation import Decider

WINDOW = 14  # days within which a payment counts
STEP = 5  # days between two looks at the past
LOOK_BACK = 365
HOURS = (8, 10, 12, 14, 16, 18)
ACTION = ("action_channel", "action_tone", "action_hour")
# One sensible setting, not searched for: few leaves, as effects are small beside the noise.
SETTINGS = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 31,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.8,
    "lambda_l2": 5.0,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
ROUNDS = 250


@dataclass(frozen=True)
class Columns:
    """The columns that the trees see, in order, and the code of each name in columns of names."""

    order: list[str]
    names: dict[str, dict[str, int]]

    @property
    def places(self) -> list[int]:
        """The places of the action's columns."""
        return [self.order.index(c) for c in ACTION]

    def action(self, channel: str, tone: str, hour: int) -> tuple[float, float, float]:
        """Return an action as the trees see it."""
        code = [self.names[c].get(n, np.nan) for c, n in zip(ACTION, (channel, tone), strict=False)]
        return code[0], code[1], float(hour)

    def matrix(self, rows: pl.DataFrame) -> np.ndarray:
        """Return `rows` as the trees see them; unknown names and missing values are NaN."""
        return rows.select(
            pl.col(c).replace_strict(self.names[c], default=None, return_dtype=pl.Float64)
            if c in self.names and rows[c].dtype == pl.String
            else pl.col(c).cast(pl.Float64)
            for c in self.order
        ).to_numpy()


@dataclass(frozen=True)
class Fitted:
    """The trees and the columns they were grown on."""

    trees: lgb.Booster
    columns: Columns

    def p_paid(self, matrix: np.ndarray) -> np.ndarray:
        """Return the chance of payment of each row."""
        return np.asarray(self.trees.predict(matrix, num_threads=1))


def tree(policy: Policy, *, seed: int, refit_days: int = 30, forced: bool = False) -> Decider:
    """Fit at the first decision and again every `refit_days`; choose the best-scored contact.

    `forced` contacts whenever it is allowed, in the way that scores best.
    """
    fitted: list[tuple[datetime, Fitted]] = []

    def decide(tables: Tables, now: datetime) -> pl.DataFrame:
        if not fitted or now - fitted[-1][0] >= timedelta(days=refit_days):
            fitted[:] = [(now, fit(tables, now, seed))]
        found = candidates(tables, now, policy)
        worth = _worth(fitted[-1][1], found, tables, now, policy)
        best = worth.reshape(len(worth), np.prod(worth.shape[1:])).argmax(axis=1)
        channel, tone, hour = np.unravel_index(best, worth.shape[1:])
        value = worth[np.arange(len(best)), channel, tone, hour]
        order = np.argsort(-value, kind="stable")
        keep = np.isfinite(value) & (forced | (value > 0.0))
        rows = order[keep[order]]
        rows = rows[~found.over_capacity(channel[rows], policy)]
        day, slot = found.first_slot(rows, channel[rows])
        wanted = np.searchsorted(found.rules.grid.hours, np.array(HOURS)[hour[rows]])
        slot = np.where(found.slots[rows, channel[rows], day, wanted], wanted, slot)
        return found.decide(rows, channel[rows], tone[rows], when=(day, slot))

    return decide


def fit(tables: Tables, now: datetime, seed: int) -> Fitted:
    """Learn from what was known at instants of the past year, contacted or not."""
    rows = _lessons(tables, now)
    order = [c for c in rows.columns if c not in {*KEYS, "then", "sent_at", "settled_at", "paid"}]
    names = {
        c: {name: i for i, name in enumerate(rows[c].drop_nulls().unique().sort().to_list())}
        for c in order
        if rows[c].dtype == pl.String
    }
    columns = Columns(order, names)
    data = lgb.Dataset(
        columns.matrix(rows),
        label=rows["paid"].to_numpy(),
        categorical_feature=[order.index(c) for c in names],
        params={"verbosity": -1},
    )
    return Fitted(lgb.train(SETTINGS | {"seed": seed}, data, num_boost_round=ROUNDS), columns)


def _lessons(tables: Tables, now: datetime) -> pl.DataFrame:
    """Return a row for each open invoice and look at the past: features, contact, `paid`."""
    known = tables.known_at(now)
    ends = settlements(known).select("invoice_id", "settled_at")
    instants = [now - timedelta(days=back) for back in range(WINDOW, LOOK_BACK, STEP)]
    looks = [build(known, then).rows.with_columns(then=pl.lit(then)) for then in instants]
    soon = pl.col("sent_at") < pl.col("then") + timedelta(days=EVERY)
    paid = pl.col("settled_at") <= pl.col("then") + timedelta(days=WINDOW)
    return (
        pl.concat([rows for rows in looks if rows.height], how="diagonal")
        .sort("then", maintain_order=True)
        .join_asof(
            _sent(known),
            left_on="then",
            right_on="sent_at",
            by="invoice_id",
            strategy="forward",
            check_sortedness=False,
        )
        .join(ends, on="invoice_id", how="left", maintain_order="left")
        .with_columns(
            *[pl.when(soon.fill_null(False)).then(pl.col(c)) for c in ACTION],
            paid=paid.fill_null(False),
        )
        .filter(pl.col("days_overdue") >= -3)
    )


def _sent(known: Tables) -> pl.DataFrame:
    """Return `invoice_id, sent_at` and the action of each contact about each invoice."""
    contacts = known.contacts.join(
        known.customers.select("customer_id", zone=calendar.zones_of(known.customers)),
        on="customer_id",
        how="left",
        maintain_order="left",
    )
    local = calendar.local_times(contacts["sent_at"], contacts["zone"])
    return (
        contacts.select(
            "sent_at",
            invoice_id="invoice_ids",
            action_channel="channel",
            action_tone="tone",
            action_hour=local.dt.hour().cast(pl.Float64),
        )
        .explode("invoice_id")
        .sort("sent_at", maintain_order=True)
    )


def _worth(
    fitted: Fitted, found: Candidates, tables: Tables, now: datetime, policy: Policy
) -> np.ndarray:
    """Return what each contact is thought to be worth over none, [N, channels, tones, hours]."""
    covered = (
        pl.DataFrame({"place": np.arange(len(found.may)), "invoice_id": found.covered})
        .explode("invoice_id")
        .join(build(tables, now).rows, on="invoice_id", how="inner", maintain_order="left")
    )
    place = covered["place"].to_numpy()
    shape = (*found.may.shape, len(found.tones), len(HOURS))
    if covered.is_empty():
        return np.full(shape, -np.inf)
    nothing = [pl.lit(None, dtype=pl.Float64).alias(c) for c in ACTION]
    state = fitted.columns.matrix(covered.with_columns(nothing))
    wait = fitted.p_paid(state)
    cost = {c.name: float(c.cost) for c in policy.channels}
    worth = np.full(shape, -np.inf)
    for c, channel in enumerate(found.channels):
        ways = [
            fitted.columns.action(channel, tone, hour) for tone in found.tones for hour in HOURS
        ]
        rows = np.repeat(state, len(ways), axis=0)
        rows[:, fitted.columns.places] = np.tile(np.array(ways), (len(state), 1))
        gain = fitted.p_paid(rows).reshape(len(state), len(found.tones), len(HOURS))
        total = np.zeros((shape[0], *gain.shape[1:]))
        np.add.at(total, place, gain - wait[:, None, None])
        value = float(policy.objective.value_of_payment) * total - cost[channel]
        may = found.may[:, c, None] & found.rules.grid.tone_ok[c]
        worth[:, c] = np.where(may[:, :, None], value, -np.inf)
    return worth
