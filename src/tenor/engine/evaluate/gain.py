"""Do foretold gains come true? The slope of realised on foretold gain, among random contacts.

A model may rank contacts well and yet promise too much: then every value in money is too high.
Where channel and tone were left to chance, what one of them brings more than the others shows
whether what was foretold came true. A slope of 1 is right; 0.5 means that half of it came.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.calendar import local_times
from tenor.engine.evaluate.bootstrap import Floats
from tenor.engine.evaluate.logged import LogRows, ModelAt, for_today
from tenor.engine.evaluate.offpolicy import Estimate, Terms, estimates
from tenor.engine.evaluate.split import ways_open, with_parts
from tenor.engine.features.build import build
from tenor.engine.frames import Tables
from tenor.engine.policy.candidates import Candidates, candidates
from tenor.engine.policy.permitted import Permitted, permitted
from tenor.engine.policy.policyfile import Policy
from tenor.engine.policy.worth import paid_within
from tenor.engine.predictors.model import Model

# With fewer contacts or customers nothing is said of the slope.
FEWEST_CONTACTS = 200
FEWEST_CUSTOMERS = 30

SCHEMA: dict[str, pl.DataType] = {
    "contact_id": pl.String(),
    "foretold": pl.Float64(),
    "usual": pl.Float64(),
}


_NUMBERS = ("reward", "expected", "foretold", "usual", "probability")
# No contact to tell by.
NO_GAINS = pl.DataFrame(schema={"customer_id": pl.String()} | dict.fromkeys(_NUMBERS, pl.Float64()))


@dataclass(frozen=True)
class GainCalibration:
    """The slope of realised on foretold gain over `contacts` of `customers`, with its interval.

    `spread` is how much foretold gains differ between the ways that were open (standard deviation,
    share of the amount): where they hardly differ, no slope can be told. `told` says whether it
    can; `text` sums up.
    """

    contacts: int
    customers: int
    slope: Estimate
    spread: float
    told: bool
    text: str

    def passes(self, *, good: float, bad: float) -> bool | None:
        """Say whether gains come true: the slope surely above `bad` and estimated above `good`.

        False where it surely lies below `bad`; None where it cannot be told.
        """
        if not self.told:
            return None
        if self.slope.upper < bad:
            return False
        return True if self.slope.lower > bad and self.slope.value >= good else None


def gain_calibration(rows: pl.DataFrame, *, rng: np.random.Generator) -> GainCalibration:
    """Hold foretold gains against realised ones.

    Parameters
    ----------
    rows : a row a contact left to chance: `customer_id`, `reward` (share of the amount paid in
        time), `expected` (foretold without contact), `foretold` (gain of what was done), `usual`
        (mean foretold gain over the ways that were open), `probability` (of what was done).

    Notes
    -----
    slope = sum w z (r - e - m) / sum w z^2 with z = g - m: r reward, e expected, g foretold gain,
    m its mean over the open ways, w one over the probability. Only what chance decided moves z, so
    that neither who was contacted nor an error in e can bend it (instrumental variables with a
    known draw: Angrist, Imbens & Rubin 1996; weighting: Horvitz & Thompson 1952).
    """
    count = rows.height
    customers = rows["customer_id"].n_unique() if count else 0
    foretold, usual = rows["foretold"].to_numpy(), rows["usual"].to_numpy()
    z = foretold - usual
    weight = 1.0 / rows["probability"].to_numpy() if count else np.zeros(0)
    realised = (rows["reward"] - rows["expected"]).to_numpy() - usual
    spread = float(np.sqrt(np.average(z**2, weights=weight))) if count else 0.0
    if count < FEWEST_CONTACTS or customers < FEWEST_CUSTOMERS or spread < 1e-9:
        nothing = Estimate("slope", float("nan"), float("inf"), float("nan"), float("nan"))
        why = (
            f"{count:,} contacts of {customers:,} customers were left to chance "
            f"({FEWEST_CONTACTS} of {FEWEST_CUSTOMERS} needed)"
            if spread >= 1e-9 or not count
            else "the model foretells the same gain for every way"
        )
        return GainCalibration(
            count, customers, nothing, spread, False, f"These logs cannot tell: {why}."
        )
    terms = Terms(np.zeros(count), weight * z * realised, weight * z**2)
    slope = estimates({"slope": terms}, clusters=rows["customer_id"].to_numpy(), rng=rng)[0]
    text = (
        f"For each point of gain foretold {slope.value:.2f} came true ({slope.lower:.2f} to "
        f"{slope.upper:.2f}; 1 is right), on {count:,} contacts left to chance."
    )
    return GainCalibration(count, customers, slope, spread, True, text)


def foretold_gains(
    tables: Tables,
    found: LogRows,
    *,
    model_at: ModelAt,
    policy: Policy,
    report: Callable[[float], None] | None = None,
) -> pl.DataFrame:
    """Return the contacts of `log_rows` left to chance, with what `gain_calibration` asks for.

    Foretold from the facts at each contact's midnight (UTC), with the model of that day. Contacts
    on a channel that the policy does not have are left out.
    """
    chance = with_parts(found.rows.filter(pl.col("record").is_not_null()))
    ways = ways_open(chance)
    chance = chance.with_columns(day=pl.col("sent_at").dt.date())
    parts = [pl.DataFrame(schema=SCHEMA)]
    days = chance.sort("day", "contact_id").partition_by("day", maintain_order=True)
    for k, group in enumerate(days):
        midnight = datetime.combine(group["day"][0], datetime.min.time(), tzinfo=UTC)
        parts.append(_of_day(tables, group, ways, midnight, model_at(midnight), policy))
        if report:
            report((k + 1) / len(days))
    return chance.join(pl.concat(parts), on="contact_id", maintain_order="left").select(
        "contact_id",
        "customer_id",
        "reward",
        "expected",
        "foretold",
        "usual",
        probability=pl.col("p_channel") * pl.col("p_tone"),
    )


def _of_day(
    tables: Tables,
    group: pl.DataFrame,
    ways: dict[str, tuple[tuple[str, str], ...]],
    midnight: datetime,
    model: Model,
    policy: Policy,
) -> pl.DataFrame:
    known = tables.known_at(midnight).in_order()
    today = for_today(policy)
    mine = known.of_customers(group["customer_id"].unique())
    allowed = permitted(mine, as_of=midnight, policy=today)
    place = {c: i for i, c in enumerate(allowed.customers["customer_id"].to_list())}
    group = group.filter(pl.col("customer_id").is_in(list(place)))
    if group.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    snapshot = build(known, midnight).of_customers(allowed.customers["customer_id"])
    weighed = candidates(model, mine, snapshot, allowed, today)
    zones = allowed.customers["zone"].gather([place[c] for c in group["customer_id"].to_list()])
    slots = _slots(allowed, local_times(group["sent_at"], zones))
    gains = {
        way: gain
        for way in sorted({w for c in group["contact_id"].to_list() for w in ways[c]})
        if (gain := _gain(way, weighed, allowed, model, today, slots, group, place)) is not None
    }
    rows = []
    done = group.select("contact_id", "channel", pl.col("tone").fill_null("")).rows()
    for k, (contact, channel, tone) in enumerate(done):
        open_ = [gains[w][k] for w in ways[contact] if w in gains]
        if (channel, tone) in gains and len(open_) > 1:
            rows.append((contact, float(gains[channel, tone][k]), float(np.mean(open_))))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _slots(allowed: Permitted, local: pl.Series) -> NDArray[np.int64]:
    """Return the grid's hour slot that is nearest to each local time."""
    hours = np.array(allowed.grid.hours, dtype=np.int64)
    sent = local.dt.hour().to_numpy().astype(np.int64)
    return np.asarray(np.abs(hours[None, :] - sent[:, None]).argmin(axis=1))


def _gain(
    way: tuple[str, str],
    weighed: Candidates,
    allowed: Permitted,
    model: Model,
    policy: Policy,
    slots: NDArray[np.int64],
    group: pl.DataFrame,
    place: dict[str, int],
) -> Floats | None:
    """Return what one channel and tone adds to the share paid, for each contact of the day."""
    grid = allowed.grid
    if way[0] not in grid.channels or (grid.tones and way[1] not in grid.tones):
        return None
    who = np.array([place[c] for c in group["customer_id"].to_list()])
    count = len(place)
    slot = np.zeros(count, dtype=np.int64)
    slot[who] = slots
    channel, tone = grid.channels.index(way[0]), grid.tones.index(way[1]) if grid.tones else 0
    actions = np.stack(
        [np.full(count, channel), np.full(count, tone), np.zeros(count, dtype=np.int64), slot],
        axis=1,
    )
    strength = weighed.strength_of(np.arange(count), actions, allowed.first_day)
    invoices, window = weighed.invoices, policy.outcome_window_days
    row, covered = invoices["row"].to_numpy(), invoices["covered"].to_numpy()
    names = model.effect.design.channels
    number = names.index(way[0]) if way[0] in names else -1
    curve = np.repeat(model.effect.curves.curves[number][None].astype(np.float32), len(row), 0)
    own = weighed.claims.over(window)
    sent, none = np.where(covered, 0, -1), np.full(len(row), -1)
    paid = paid_within(own, strength[row], curve, sent, window)
    alone = paid_within(own, strength[row], curve, none, window)
    balance = invoices["balance"].cast(pl.Float64).to_numpy().clip(0.0) * covered
    total = np.maximum(np.bincount(row, weights=balance, minlength=count), 1e-9)
    gained = np.bincount(row, weights=(paid - alone) * balance, minlength=count) / total
    return np.asarray(gained[who])
