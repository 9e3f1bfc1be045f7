"""What contacting gains over waiting, in money: the figure that decisions are made by."""

import numpy as np
from numpy.typing import NDArray

from tenor.engine.policy.candidates import Candidates, reach_of
from tenor.engine.policy.permitted import Permitted
from tenor.engine.policy.policyfile import Policy
from tenor.engine.policy.worth import weigh
from tenor.engine.predictors.model import Model

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

# The best of many candidates is in part the luckiest: what differs between candidates for one
# person came true by 0.4 to 0.8 in simulated worlds. A euro spent must be worth its while even so.
BELIEVED = 0.6


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


def asked(found: Candidates, allowed: Permitted) -> Flags:
    """Return which invoices a contact on each day would ask for [M, D]."""
    days = np.arange(allowed.grid.days)
    from_day = found.invoices["from_day"].to_numpy()[:, None]
    return np.asarray(found.invoices["covered"].to_numpy()[:, None] & (from_day <= days))
