"""A world to practise in: customers whose reasons are known, but not to those who see the tables.

It is played day by day, first under a ladder (its history), then under whatever contacts are
given to it. All that a policy may see is `World.tables`; `World.truth` is for tests and for the
clairvoyant who shows what could have been reached.
"""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from tenor.engine.frames import Tables
from tenor.engine.simulation.chance import Floats
from tenor.engine.simulation.config import WorldConfig
from tenor.engine.simulation.customers import TRAITS, draw_people
from tenor.engine.simulation.day import begin_day, pay_and_send
from tenor.engine.simulation.intensity import Laws
from tenor.engine.simulation.keep import read_about, read_world, write_world
from tenor.engine.simulation.ladder import ladder_contacts
from tenor.engine.simulation.nature import draw_nature
from tenor.engine.simulation.orders import read_orders
from tenor.engine.simulation.record import Record, Sent
from tenor.engine.simulation.state import fresh_state
from tenor.engine.simulation.surroundings import draw_surroundings, external_table
from tenor.engine.simulation.truth import Truth
from tenor.engine.store import write_tables


class World:
    """A seeded world of customers, invoices and contacts; the same seed gives the same world.

    Example
    -------
    >>> world = World(WorldConfig(customers=50), seed=1)
    >>> world.history(days=30).customers.height
    50
    """

    def __init__(self, config: WorldConfig, seed: int) -> None:
        """Draw the laws, the customers and the surroundings of a world of this seed."""
        self.config = config
        self.seed = seed
        nature = draw_nature(config, np.random.default_rng([seed, 1]), traits=len(TRAITS))
        people = draw_people(config, nature, np.random.default_rng([seed, 2]))
        around = draw_surroundings(config, people.regions, np.random.default_rng([seed, 3]))
        self._laws = Laws(config, nature, people, around)
        self._state = fresh_state(config.customers, len(config.channels))
        names = config.channel_names, config.tone_names
        self._record = Record(config.start, *names, currency=config.currency)
        begin_day(self._laws, self._state, self._record, seed)

    @property
    def today(self) -> datetime:
        """The midnight (UTC) up to which the world has been played."""
        return self._midnight(self._state.day)

    def history(self, days: int) -> Tables:
        """Play `days` days under the config's ladder; return all facts so far."""
        self.play_ladder(days)
        return self.tables()

    def play_ladder(self, days: int) -> None:
        """Play `days` days under the config's ladder."""
        for _ in range(days):
            self._play_day(ladder_contacts(self._laws, self._state, self.seed, self._shift()))

    def step(self, contacts: pl.DataFrame, *, days: int = 2) -> pl.DataFrame:
        """Play `days` days with these contacts; return those that went out.

        For a clock that moves on by single days: `days=1`, with the contacts to be sent from
        `today` up to the next midnight (UTC); who plans further ahead keeps the others and hands
        them in on their day. Rows that went out carry the world's own `contact_id`; customer,
        `sent_at` (whole seconds) and channel say which of the given ones they are.

        Parameters
        ----------
        contacts : columns `customer_id, invoice_ids, send_at, channel, tone`, and optionally
            `propensity` and `policy`. Those to be sent after the period are dropped, as are those
            whose invoices are all paid or handed over by then.
        """
        orders = read_orders(self.config, contacts, self.today)
        before = self._record.contacts
        for _ in range(days):
            self._play_day(orders.of_day(self._state.day))
        return self.tables().contacts.tail(self._record.contacts - before)

    def tables(self) -> Tables:
        """Return all facts up to `today`, as the contract's tables, and nothing hidden."""
        external = external_table(self.config, self._laws.around, self._state.day + 1)
        return self._record.tables(self.today, self._laws.people.visible, external)

    def write(
        self, directory: Path, *, file_format: Literal["parquet", "csv"] = "parquet"
    ) -> Tables:
        """Write the facts so far into `directory`, marked as synthetic; return them."""
        tables = self.tables()
        metadata = {
            "synthetic": True,
            "seed": self.seed,
            "as_of": self.today.isoformat(),
            "config": self.config.as_json(),
        }
        write_tables(tables, directory, file_format=file_format, metadata=metadata)
        return tables

    def facts_since(self, since: datetime) -> Tables:
        """Return the facts that came about after `since` (a midnight it was played up to).

        With the customers they are about (whole rows, also of those known before), so that a
        system that had `tables()` at `since` is up to date once it has taken these in.
        """
        known = self.tables()
        later = known.with_(
            invoices=known.invoices.filter(pl.col("issued_on") > since.date()),
            payments=known.payments.filter(pl.col("paid_at") > since),
            contacts=known.contacts.filter(pl.col("sent_at") > since),
            events=known.events.filter(pl.col("at") > since),
            external=known.external.filter(pl.col("date") > since.date()),
        )
        about = pl.concat(
            [t["customer_id"] for t in (later.invoices, later.contacts, later.events)]
        )
        people = known.customers.filter(pl.col("customer_id").is_in(about.unique().implode()))
        return later.with_(customers=people)

    def save(self, path: Path) -> None:
        """Write the world to the file `path`; `load` gives it back as if nothing had been between.

        Raises InputError where the file cannot be written.
        """
        write_world(
            path,
            config=self.config,
            seed=self.seed,
            laws=self._laws,
            state=self._state,
            record=self._record,
        )

    @classmethod
    def load(cls, path: Path) -> "World":
        """Return the world that `save` wrote to `path`, to be played on from its `today`.

        Raises InputError for a file that holds no world, or one of another version of Tenor.
        """
        config, seed = read_about(path)
        world = cls(config, seed)
        world._state, world._record = read_world(path, world._laws, config)
        return world

    def truth(self) -> Truth:
        """Return what is really so today, for tests and for the clairvoyant only."""
        return Truth(self._laws, self._state, self.today)

    def copy(self) -> "World":
        """Return a world that is the same so far and meets the same luck from here on."""
        twin = object.__new__(World)
        twin.config, twin.seed, twin._laws = self.config, self.seed, self._laws
        twin._state, twin._record = self._state.copy(), self._record.copy()
        return twin

    def _play_day(self, sent: Sent) -> None:
        pay_and_send(self._laws, self._state, self._record, self.seed, sent, self._shift())
        self._state.day += 1
        begin_day(self._laws, self._state, self._record, self.seed)

    def _shift(self) -> Floats:
        """Return by how many seconds each customer's clock is ahead of UTC today, at noon."""
        noon = self.today + timedelta(hours=12)
        ahead = [noon.astimezone(ZoneInfo(z)).utcoffset() for z in self._laws.people.zones]
        seconds = np.array([a.total_seconds() if a is not None else 0.0 for a in ahead])
        return seconds[self._laws.people.zone]

    def _midnight(self, day: int) -> datetime:
        return datetime.combine(self.config.start, time(), tzinfo=UTC) + timedelta(days=day)
