"""Cash to come: what the open invoices are expected to bring in each week, and between what bounds.

The model's chances of payment by each day, times what is owed, give the expected sum of a week.
Around it lie two kinds of doubt: who of the open invoices pays in just that week (each customer a
draw of its own, so large portfolios are surer), and what moves everybody at once (a cold month,
a bank's bad day, the model's own error), which does not average out: `Shock`. Invoices that are
yet to be issued are not in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import NormalDist

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.features.build import Snapshot, build
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states
from tenor.engine.predictors.model import Model
from tenor.engine.predictors.payment import EDGES
from tenor.engine.predictors.score import Foretold, foretell

Array = NDArray[np.float64]
Ints = NDArray[np.int_]

WEEKS = 13
LEVEL = 0.8
# People pay several invoices together: this share of a customer's chance is one draw for all.
TOGETHER = 0.5
# Until the past has been looked at, everybody may move by a tenth at once; however well it went,
# by a twentieth (house rules: ten looks cannot show that nothing will ever happen).
USUAL_SHOCK, LEAST_SHOCK = 0.10, 0.05
# The past that `shock_of` looks at: so many looks, a week apart, each this many weeks far.
LOOKS, FAR = 10, 4
# Days for which the model tells what comes in when nobody is contacted.
AHEAD = 28

SCHEMA: dict[str, pl.DataType] = {
    "currency": pl.String(),
    "week": pl.Date(),
    "expected": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "cumulative": pl.Float64(),
    "cumulative_low": pl.Float64(),
    "cumulative_high": pl.Float64(),
    "without_contact": pl.Float64(),
}


@dataclass(frozen=True)
class Shock:
    """How far all payments of a week may be off at once, as a share of what is expected.

    `share` is a standard deviation; `weeks` how many past weeks it was learned from (0: assumed).
    """

    share: float = USUAL_SHOCK
    weeks: int = 0


def expected_cash(
    tables: Tables,
    *,
    as_of: datetime,
    model: Model,
    weeks: int = WEEKS,
    level: float = LEVEL,
    shock: Shock | None = None,
    foretold: Foretold | None = None,
) -> pl.DataFrame:
    """Return what the invoices open at `as_of` are expected to bring in, a row a currency and week.

    Parameters
    ----------
    tables : the six tables; facts later than `as_of` are not looked at.
    as_of : aware. The first week is the rest of the one it lies in.
    weeks : how many weeks (1 to 28), Monday to Sunday, UTC.
    level : the chance with which the band between `low` and `high` holds the sum, in (0, 1).
    shock : from `shock_of`; None takes the usual one.
    foretold : of the same facts and model; saves working it out again.

    Returns
    -------
    Columns as in `SCHEMA`, in order of currency and week (its Monday): sums of that week, and from
    `as_of` to its end (`cumulative`), in units of the row's currency; currencies are never added
    up. `without_contact` is what is expected of the week if nobody is contacted from now on, for
    whole weeks within four; null later. The others hold for the way of working the model has seen.

    Notes
    -----
    Chances within a stretch of the payment predictor rise evenly. With b owed and p the chance of
    the week, a customer's sum varies by (1 - r) sum(b² p q) + r (sum b sqrt(p q))², r = `TOGETHER`;
    all customers' by the sum of that, and by (shock · expected)². Bounds are the quantiles of the
    gamma-shaped (Pearson III) distribution with these moments and the skewness of the draws
    (Wilson and Hilferty 1931), within what is owed.
    """
    known = tables.known_at(as_of).in_order()
    foretold = foretold or foretell(known, as_of=as_of, model=model)
    snapshot = foretold.snapshot
    if snapshot.rows.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    starts = _mondays(as_of, weeks)
    by_end = _paid_by(foretold.paid, _days_until(as_of, starts[1:]))
    alone = _paid_alone(model, known, snapshot, _days_until(as_of, starts[1:]))
    share = (shock or Shock()).share
    z = NormalDist().inv_cdf(0.5 + level / 2)
    parts = []
    for currency, rows, owed, customer in _currencies(known, snapshot, as_of):
        until = by_end[rows]
        within = np.diff(until, axis=1, prepend=0.0)
        expected, low, high = _band(owed, within, customer, share, z)
        so_far, so_far_low, so_far_high = _band(owed, until, customer, share, z)
        parts.append(
            pl.DataFrame(
                {
                    "currency": pl.Series([currency]).new_from_index(0, weeks),
                    "week": starts[:-1],
                    "expected": expected,
                    "low": low,
                    "high": high,
                    "cumulative": so_far,
                    "cumulative_low": so_far_low,
                    "cumulative_high": so_far_high,
                    "without_contact": owed @ alone[rows],
                }
            )
        )
    numbers = [c for c, dtype in SCHEMA.items() if dtype == pl.Float64]
    return (
        pl.concat(parts)
        .with_columns(pl.col(numbers).fill_nan(None).round(2))
        .select([pl.col(c).cast(t) for c, t in SCHEMA.items()])
    )


def shock_of(tables: Tables, *, as_of: datetime, model: Model) -> Shock:
    """Learn from the weeks before `as_of` how far all payments may be off at once.

    Looks back at ten instants, a week apart: what would have been expected of the invoices open
    then in each of four weeks, and what came in. What the squared errors exceed the customers' own
    draws by, over all looks and currencies, is the shock's square; each error weighs by what it
    tells. Takes as long as ten forecasts: keep the result for a week or so.

    The model has seen these weeks itself. It knows customers by them, but no weeks: sums over
    everybody are off as they would be on weeks it has not seen.
    """
    known = tables.known_at(as_of).in_order()
    excess, told, seen = 0.0, 0.0, 0
    for look in range(LOOKS):
        then = as_of - timedelta(weeks=FAR + look)
        past = known.known_at(then)
        snapshot = build(past, then)
        if snapshot.rows.is_empty():
            break
        ends = np.arange(1, FAR + 1, dtype=np.float64) * 7.0
        paid, _ = model.payment.predict(snapshot.rows)
        within = np.diff(_paid_by(paid, ends), axis=1, prepend=0.0)
        came = _came_in(known, snapshot, then)
        for _, rows, owed, customer in _currencies(past, snapshot, then):
            expected = owed @ within[rows]
            variance, _ = _moments(owed, within[rows], customer)
            telling = variance > 1e-9
            error = came[rows].sum(axis=0) - expected
            excess += float((error[telling] ** 2 / variance[telling] - 1.0).sum())
            told += float((expected[telling] ** 2 / variance[telling]).sum())
            seen += int(telling.sum())
    if told <= 0.0:
        return Shock()
    return Shock(max(LEAST_SHOCK, float(np.sqrt(max(excess / told, 0.0)))), seen)


def _mondays(as_of: datetime, weeks: int) -> list[date]:
    """Return the Monday of each week, and that after the last."""
    today = as_of.astimezone(UTC).date()
    first = today - timedelta(days=today.weekday())
    return [first + timedelta(weeks=w) for w in range(weeks + 1)]


def _days_until(as_of: datetime, ends: list[date]) -> Array:
    midnights = [datetime.combine(end, time(), tzinfo=UTC) for end in ends]
    return np.array([(m - as_of) / timedelta(days=1) for m in midnights])


def _paid_by(paid: Array, days: Array) -> Array:
    """Return the chance that each invoice is paid by so many days [rows, days]."""
    known = np.concatenate([np.zeros((len(paid), 1)), paid], axis=1)
    edges = np.array([0, *EDGES], dtype=np.float64)
    place = np.clip(np.searchsorted(edges, days, side="right") - 1, 0, len(EDGES) - 1)
    share = np.clip((days - edges[place]) / (edges[place + 1] - edges[place]), 0.0, 1.0)
    return np.asarray(known[:, place] + share * (known[:, place + 1] - known[:, place]))


def _paid_alone(model: Model, known: Tables, snapshot: Snapshot, days: Array) -> Array:
    """Return the chance of payment in each week if nobody is contacted; not-a-number too far."""
    own = model.effect.paths(known, snapshot, AHEAD)
    unpaid = np.exp(-np.concatenate([np.zeros((len(own), 1)), np.cumsum(own, axis=1)], axis=1))
    place = np.minimum(days.astype(np.int_), AHEAD - 1)
    share = days - place
    left = unpaid[:, place] * (unpaid[:, place + 1] / unpaid[:, place]) ** share
    within = -np.diff(left, axis=1, prepend=1.0)
    return np.where(days <= AHEAD, within, np.nan)


def _currencies(
    known: Tables, snapshot: Snapshot, as_of: datetime
) -> Iterator[tuple[str, Ints, Array, Ints]]:
    """Give each currency with its rows of the snapshot, what they owe, and customers' numbers."""
    states = invoice_states(known, as_of).select("invoice_id", "currency", "balance")
    rows = snapshot.rows.select("invoice_id", "customer_id").join(
        states, on="invoice_id", how="left", maintain_order="left"
    )
    owed = rows["balance"].cast(pl.Float64).to_numpy().clip(0.0)
    customer = rows["customer_id"].rank("dense").to_numpy().astype(np.int_) - 1
    for currency in rows["currency"].unique().sort():
        mine = np.flatnonzero((rows["currency"] == currency).to_numpy())
        yield currency, mine, owed[mine], np.unique(customer[mine], return_inverse=True)[1]


def _came_in(known: Tables, snapshot: Snapshot, then: datetime) -> Array:
    """Return what was paid on each row's invoice in each of the weeks after `then`."""
    days = (pl.col("paid_at") - then).dt.total_seconds() / 86_400
    week = (days / 7).floor().cast(pl.Int64)
    rows = snapshot.rows.select("invoice_id").with_row_index("place")
    paid = known.payments.with_columns(week=week).filter(
        (pl.col("paid_at") > then) & (pl.col("week") < FAR)
    )
    paid = paid.join(rows, on="invoice_id", how="inner", maintain_order="left")
    came = np.zeros((rows.height, FAR))
    np.add.at(came, (paid["place"], paid["week"]), paid["amount"].cast(pl.Float64).to_numpy())
    return came


def _moments(owed: Array, chance: Array, customer: Ints) -> tuple[Array, Array]:
    """Return variance and third central moment of the sums [weeks] of what customers draw."""
    count = int(customer.max(initial=-1)) + 1
    spread = np.sqrt(np.clip(chance * (1.0 - chance), 0.0, None))
    each, lean = owed[:, None] * spread, (1.0 - 2.0 * chance)

    def by_customer(values: Array) -> Array:
        return np.stack(
            [np.bincount(customer, values[:, w], count) for w in range(values.shape[1])]
        )

    joint = by_customer(each).T
    # A draw with chance p leans by (1 - 2p) / sqrt(p q), times its deviation cubed.
    third_each = each**3 * lean / np.maximum(spread, 1e-6)
    weight = np.maximum(joint, 1e-12)
    joint_lean = by_customer(each * lean / np.maximum(spread, 1e-6)).T / weight
    variance = (1.0 - TOGETHER) * (each**2).sum(axis=0) + TOGETHER * (joint**2).sum(axis=0)
    third = (1.0 - TOGETHER) * third_each.sum(axis=0)
    return variance, third + TOGETHER * (joint**3 * joint_lean).sum(axis=0)


def _band(
    owed: Array, chance: Array, customer: Ints, shock: float, z: float
) -> tuple[Array, Array, Array]:
    """Return expected sums [weeks] and the bounds around them."""
    expected = owed @ chance
    variance, third = _moments(owed, chance, customer)
    deviation = np.sqrt(variance + (shock * expected) ** 2)
    skew = third / np.maximum(deviation, 1e-9) ** 3
    low, high = (
        np.clip(expected + deviation * _quantile(side, skew), 0.0, owed.sum()) for side in (-z, z)
    )
    return expected, low, high


def _quantile(z: float, skew: Array) -> Array:
    """Return the quantile of the standardised Pearson III distribution of this skewness."""
    bounded = np.where(np.abs(skew) < 1e-4, 1e-4, np.clip(skew, -3.0, 3.0))
    root = np.maximum(1.0 + bounded * z / 6.0 - bounded**2 / 36.0, 0.0)
    return np.asarray(2.0 / bounded * (root**3 - 1.0))
