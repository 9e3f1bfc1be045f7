"""What contacting gains over waiting, in money: the figure that decisions are made by."""

import numpy as np
from numpy.typing import NDArray

from tenor.engine.policy.candidates import BELIEVED, Candidates, reach_of
from tenor.engine.policy.permitted import Permitted
from tenor.engine.policy.policyfile import Policy
from tenor.engine.policy.worth import weigh
from tenor.engine.predictors.model import Model

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Of weaker contacts the worth of a point of strength is not told from their own.
LEAST_STRENGTH = 0.2
MOST_OF_STAKE = 3.0


def gains(
    found: Candidates, allowed: Permitted, model: Model, policy: Policy, *, look_ahead: bool = True
) -> Array:
    """Return what contacting gains for each customer, channel and day [N, C, D], permitted or not.

    In the policy's currency, with the channel's best tone and hour, after cost and harm.
    """
    count = allowed.customers.height
    reach, row = reach_of(found, model, policy, count=count)
    never, plans = weigh(found.claims, reach, look_ahead=look_ahead)
    saved = np.where(asked(found, allowed)[:, None, :], never[:, None, None] - plans, 0.0)
    gain = np.zeros((count, *saved.shape[1:]))
    np.add.at(gain, row, BELIEVED * saved)
    return gain - found.price[:, :, None]


def rates(gain: Array, found: Candidates) -> Array:
    """Return what a point of strength is worth in each channel and day [N, C, D].

    What a contact earns grows about in proportion to its strength, so it is what it earns over its
    strength; where there is hardly any, the rough `stake` stands in. By it actions near the best of
    a channel and day are told from it without looking ahead again.
    """
    stake = np.broadcast_to(found.stake[:, None, None], gain.shape)
    earned = np.where(np.isfinite(gain), gain, 0.0) + found.price[:, :, None]
    some = np.abs(found.strength) > LEAST_STRENGTH
    rate = np.where(some, earned / np.where(some, found.strength, 1.0), stake)
    return np.asarray(np.clip(rate, 0.0, MOST_OF_STAKE * stake))


def asked(found: Candidates, allowed: Permitted) -> Flags:
    """Return which invoices a contact on each day would ask for [M, D]."""
    days = np.arange(allowed.grid.days)
    from_day = found.invoices["from_day"].to_numpy()[:, None]
    return np.asarray(found.invoices["covered"].to_numpy()[:, None] & (from_day <= days))
