"""The clairvoyant: knows every customer's true chances, but not how the dice will fall.

It takes, at each moment, the contact of the greatest true worth, unless the same customer is
better contacted some days later. What a contact costs the later ones (people tire) is a price a
contact; the price was chosen on a world that the benchmark does not show.
"""

from datetime import datetime

import numpy as np
import polars as pl

from benchmarks.rivals.candidates import Candidates, candidates
from tenor.engine.frames import Tables
from tenor.engine.policy.policyfile import Policy
from tenor.engine.simulation import Decider, Truth, World

LATER = (2, 4, 6)  # days ahead at which waiting is weighed against acting now
HOUR = 12.0


def clairvoyant(policy: Policy, *, price: float = 1.0) -> "Knowing":
    """Return the decider that looks into the world it is given."""
    return Knowing(policy, price)


class Knowing:
    """Makes the clairvoyant's decider for a world."""

    def __init__(self, policy: Policy, price: float) -> None:
        """Weigh by `policy`, and charge each contact `price` for what it wears off."""
        self.policy = policy
        self.price = price

    def __call__(self, world: World) -> Decider:
        """Return the decider for `world`, which it will look into each time."""

        def decide(tables: Tables, now: datetime) -> pl.DataFrame:
            found = candidates(tables, now, self.policy)
            worth_now = self._worth(found, world.truth(), after=0)
            best_later = np.full(len(found.may), -np.inf)
            for after in LATER:
                later = self._worth(found, world.truth(), after=after)
                best_later = np.maximum(best_later, later.max(axis=(1, 2), initial=-np.inf))
            return self._choose(found, worth_now, best_later)

        return decide

    def _choose(self, found: Candidates, worth: np.ndarray, best_later: np.ndarray) -> pl.DataFrame:
        """Take the best contact of each customer; scarce ones go where they add most."""
        for scarce in self.policy.channels:
            if scarce.capacity_per_day is None:
                continue
            place = found.channels.index(scarce.name)
            others = np.delete(worth, place, axis=1).max(axis=(1, 2), initial=0.0)
            more = worth[:, place].max(axis=1) - others
            order = np.argsort(-more, kind="stable")
            worth[order[scarce.capacity_per_day :], place] = -np.inf
        flat = worth.reshape(len(worth), worth.shape[1] * worth.shape[2])
        best = flat.argmax(axis=1) if len(flat) else np.zeros(0, dtype=np.int64)
        value = flat[np.arange(len(flat)), best]
        rows = np.flatnonzero((value > self.price) & (value >= best_later))
        channel, tone = np.divmod(best[rows], len(found.tones))
        return found.decide(rows, channel, tone)

    def _worth(self, found: Candidates, truth: Truth, *, after: int) -> np.ndarray:
        """Return the true worth of each contact made `after` days from now, [N, C, T]."""
        aim, shape = self.policy.objective, (*found.may.shape, len(found.tones))
        place = _places(found, truth)
        asked = place >= 0
        place, rows = place[asked], truth.invoices.filter(pl.Series(asked))
        amount = rows["amount"].to_numpy()
        late = np.clip(rows["days_overdue"].to_numpy() / 60.0, 0.0, 1.0)
        each = float(aim.value_of_payment) + float(aim.cost_of_escalation) * late**2
        base = np.cumsum(truth.intensity[asked], axis=1)
        base = -np.expm1(-base)
        cost = {c.name: float(c.cost) for c in self.policy.channels}
        worth = np.full(shape, -np.inf)
        for c, channel in enumerate(found.channels):
            for t, tone in enumerate(found.tones):
                gain = truth.curve(channel, tone, after=after, hour=HOUR)[asked] - base
                money = each * gain[:, -1]
                money += float(aim.value_per_day_earlier) * amount * gain.sum(axis=1)
                harm = truth.p_complaint(channel, tone)[asked] * float(aim.cost_of_complaint)
                total = np.zeros(shape[0])
                np.add.at(total, place, money)
                most = np.zeros(shape[0])
                np.maximum.at(most, place, harm)
                may = found.may[:, c] & found.rules.grid.tone_ok[c, t]
                worth[:, c, t] = np.where(may, total - most - cost[channel], -np.inf)
        return worth


def _places(found: Candidates, truth: Truth) -> np.ndarray:
    """Return the candidate whom each of the world's open invoices may be asked from, or -1."""
    covered = (
        pl.DataFrame({"place": np.arange(len(found.may)), "invoice_id": found.covered})
        .explode("invoice_id")
        .drop_nulls()
    )
    joined = truth.invoices.select("invoice_id").join(
        covered, on="invoice_id", how="left", maintain_order="left"
    )
    return joined["place"].fill_null(-1).to_numpy()
