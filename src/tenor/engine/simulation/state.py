"""Where a world stands: what is open, what contacts are still working, how tired each person is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenor.engine.simulation.chance import Floats, Ints
from tenor.engine.simulation.customers import Flags

NEVER = -10_000  # a day long before any other
FADING_DAYS = 18.0  # how slowly a contact is forgotten

# An open invoice: days count from the world's first, money is in whole cents. `meant` is the day
# on which the customer means to pay, `step` how many rungs of the ladder are behind it.
OPEN = np.dtype(
    [
        ("invoice", np.int64),
        ("customer", np.int64),
        ("due", np.int64),
        ("meant", np.float64),
        ("cents", np.int64),
        ("paid", np.int64),
        ("step", np.int64),
        ("parts", np.int64),
        ("raised", np.bool_),
        ("disputed_until", np.int64),
        ("dispute_day", np.int64),
        ("promise_day", np.int64),
        ("promise_kept", np.bool_),
    ]
)
# What one contact still does to one invoice: the pull it has in all, spread over days by kernel.
LINK = np.dtype(
    [
        ("invoice", np.int64),
        ("customer", np.int64),
        ("day", np.int64),
        ("channel", np.int64),
        ("pull", np.float64),
    ]
)

Rows = NDArray[np.void]


@dataclass
class State:
    """The part of a world that changes from day to day (what happened is in `Record`).

    Attributes
    ----------
    day : int, the day that begins
    open : OPEN[n], by rising invoice number
    links : LINK[m]
    issued : int, invoices issued so far
    tired, tired_day : float[N], int[N], contacts not yet forgotten, as of that day
    contacted : int[N], day of the last contact
    opted_out : bool[N, C]
    """

    day: int
    open: Rows
    links: Rows
    issued: int
    tired: Floats
    tired_day: Ints
    contacted: Ints
    opted_out: Flags

    def copy(self) -> "State":
        """Return an independent copy."""
        return State(
            day=self.day,
            open=self.open.copy(),
            links=self.links.copy(),
            issued=self.issued,
            tired=self.tired.copy(),
            tired_day=self.tired_day.copy(),
            contacted=self.contacted.copy(),
            opted_out=self.opted_out.copy(),
        )

    def rows_of(self, invoice: Ints) -> Ints:
        """Return the row in `open` of each invoice number, -1 where it is not open."""
        if len(self.open) == 0:
            return np.full(len(invoice), -1)
        known = self.open["invoice"]
        row = np.minimum(np.searchsorted(known, invoice), len(known) - 1)
        return np.where(known[row] == invoice, row, -1)

    def tiredness(self, customer: Ints, day: int) -> Floats:
        """Return how many contacts each customer has not yet forgotten on `day`."""
        since = np.maximum(day - self.tired_day[customer], 0)
        tired: Floats = self.tired[customer] * np.exp(-since / FADING_DAYS)
        return tired


def fresh_state(customers: int, channels: int) -> State:
    """Return the state before the first day: nothing open, nobody contacted."""
    return State(
        day=0,
        open=np.zeros(0, dtype=OPEN),
        links=np.zeros(0, dtype=LINK),
        issued=0,
        tired=np.zeros(customers),
        tired_day=np.zeros(customers, dtype=np.int64),
        contacted=np.full(customers, NEVER),
        opted_out=np.zeros((customers, channels), dtype=np.bool_),
    )
