"""What is really so in a world today: the true chance of payment and the true gain of an action.

For tests and for the clairvoyant only: nothing here ever reaches the tables. The truth is that
of chances: even the clairvoyant does not know how the dice will fall. It leaves out what a
contact changes later on (the next contact works less) and disputes that are still to come.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import polars as pl

from tenor.engine.simulation.chance import Floats, Ints
from tenor.engine.simulation.customers import Flags, customer_ids
from tenor.engine.simulation.intensity import (
    PROMISE_PULL,
    Laws,
    added_intensity,
    combined,
    own_intensity,
)
from tenor.engine.simulation.record import invoice_ids
from tenor.engine.simulation.response import (
    Action,
    complaining,
    may_send,
    noticing,
    promising,
    pulls,
)
from tenor.engine.simulation.state import Rows, State

HORIZON = 14  # days


@dataclass(frozen=True)
class Truth:
    """The true chances of a world at an instant.

    `invoices`: the open ones as `invoice_id, customer_id, amount, days_overdue, disputed, type`;
    all arrays below have one element an invoice, in that order.
    """

    laws: Laws
    state: State
    today: datetime

    @cached_property
    def invoices(self) -> pl.DataFrame:
        """The open invoices with their hidden payer type."""
        rows = self.state.open
        return pl.DataFrame(
            {
                "invoice_id": invoice_ids(rows["invoice"]),
                "customer_id": customer_ids(rows["customer"]),
                "amount": (rows["cents"] - rows["paid"]) / 100.0,
                "days_overdue": self.state.day - rows["due"],
                "disputed": rows["disputed_until"] >= self.state.day,
                "type": self.laws.people.kind[rows["customer"]],
            }
        )

    @property
    def rows(self) -> Rows:
        """The open invoices as the world keeps them."""
        return self.state.open

    @cached_property
    def intensity(self) -> Floats:
        """Intensity of payment without any further contact, float[invoices, HORIZON days]."""
        columns = []
        for ahead in range(HORIZON):
            day = self.state.day + ahead
            own = own_intensity(self.laws, self.state, self.rows, day)
            added = added_intensity(self.laws, self.state, self.rows, own, day)
            columns.append(np.maximum(own + added, 0.0))
        return np.stack(columns, axis=1)

    @cached_property
    def hazard(self) -> Floats:
        """Chance of payment on each of the next days without contact, float[invoices, HORIZON]."""
        chance: Floats = -np.expm1(-self.intensity)
        return chance

    def p_paid_wait(self, days: int = HORIZON) -> Floats:
        """Return the chance of payment within `days` without any further contact."""
        chance: Floats = -np.expm1(-self.intensity[:, :days].sum(axis=1))
        return chance

    def p_paid(
        self, channel: str, tone: str, *, days: int = HORIZON, after: int = 0, hour: float = 12.0
    ) -> Floats:
        """Return the chance of payment within `days` if contacted so, `after` days from today.

        The contact covers all open invoices of the customer; whoever cannot be reached by the
        channel, or has not agreed to it, pays as without.
        """
        unpaid = 1.0 - self.curve(channel, tone, after=after, hour=hour)
        return 1.0 - unpaid[:, days - 1]

    def gain(
        self, channel: str, tone: str, *, days: int = HORIZON, after: int = 0, hour: float = 12.0
    ) -> Floats:
        """Return what such a contact adds to the chance of payment within `days`; may be < 0."""
        with_ = self.p_paid(channel, tone, days=days, after=after, hour=hour)
        result: Floats = with_ - self.p_paid_wait(days)
        return result

    def curve(self, channel: str, tone: str, *, after: int = 0, hour: float = 12.0) -> Floats:
        """Return the chance of payment by each of the next days if contacted so.

        Shape float[invoices, HORIZON]; see `p_paid`.
        """
        action = self._action(channel, tone, after, hour)
        everyone = np.arange(len(self.rows))
        pull = pulls(self.laws, self.state, action, self.rows, everyone)
        kind = self.laws.people.kind[self.rows["customer"]]
        kernel = self.laws.nature.kernel[kind, action.channel[0]] if len(kind) else np.zeros((0, 1))
        seen = noticing(self.laws, self.state, action)
        promise, kept = promising(self.laws, action)
        pledged = promise * kept
        added, prompted = np.zeros(len(kind)), np.ones((len(kind), HORIZON))
        for ahead in range(after, HORIZON):
            push = pull * kernel[:, ahead - after]
            there, day = self.intensity[:, ahead], self.state.day + ahead
            towards, away = np.maximum(push, 0.0), np.maximum(-push, 0.0)
            added = added + combined(self.laws, self.rows, there, towards, away, day)
            keeping = -np.expm1(-PROMISE_PULL * _keeping_days(ahead - after))
            prompted[:, ahead] = np.exp(-added) * (1.0 - pledged * keeping)
        untouched = np.exp(-np.cumsum(self.intensity, axis=1))
        return 1.0 - untouched * (1.0 - seen[:, None] * (1.0 - prompted))

    def p_complaint(self, channel: str, tone: str, *, hour: float = 12.0) -> Floats:
        """Return the chance that such a contact brings a complaint."""
        return complaining(self.laws, self.state, self._action(channel, tone, 0, hour))

    def may_send(self, channel: str) -> Flags:
        """Tell where the customer agreed to the channel and did not opt out of it."""
        who = self.rows["customer"]
        return may_send(self.laws, self.state, who, self._channel(channel, len(who)))

    def _action(self, channel: str, tone: str, after: int, hour: float) -> Action:
        n = len(self.rows)
        place = self.laws.config.tone_names.index(tone)
        return Action(
            customer=self.rows["customer"],
            channel=self._channel(channel, n),
            tone=np.full(n, place),
            day=self.state.day + after,
            hour=np.full(n, hour),
        )

    def _channel(self, channel: str, n: int) -> Ints:
        return np.full(n, self.laws.config.channel_names.index(channel))


def _keeping_days(since: int) -> float:
    """Return the mean days of keeping by `since` days after a promise made for day 3 to 10."""
    starts = np.arange(3, 11)
    return float(np.clip(since - starts + 1, 0, 3).mean())
