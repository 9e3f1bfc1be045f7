"""Contacts that somebody outside the world has decided on, made ready to be sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import polars as pl

from tenor.engine.errors import InputError
from tenor.engine.simulation.chance import Floats, Ints
from tenor.engine.simulation.config import WorldConfig
from tenor.engine.simulation.record import DAY, Sent

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Orders:
    """Contacts to send, in order of time; `links` pairs their rows with invoice numbers."""

    sent: Sent

    def of_day(self, day: int) -> Sent:
        """Return those to be sent on `day`."""
        chosen = np.flatnonzero(self.sent.at // DAY == day)
        return subset(self.sent, chosen)


def subset(sent: Sent, rows: Ints, *, links: Ints | None = None) -> Sent:
    """Return these rows (rising) of `sent`, and of their links those numbered in `links`."""
    pairs = np.arange(len(sent.link_row)) if links is None else links
    pairs = pairs[np.isin(sent.link_row[pairs], rows)]
    return Sent(
        customer=sent.customer[rows],
        at=sent.at[rows],
        channel=sent.channel[rows],
        tone=sent.tone[rows],
        propensity=sent.propensity[rows],
        cost=sent.cost[rows],
        policy=sent.policy[rows],
        link_row=np.searchsorted(rows, sent.link_row[pairs]),
        link_invoice=sent.link_invoice[pairs],
    )


def read_orders(config: WorldConfig, contacts: pl.DataFrame, today: datetime) -> Orders:
    """Read contacts to send: `customer_id, invoice_ids, send_at, channel, tone`, from `today` on.

    `propensity` and `policy` are kept where given. Raises InputError for a name that the world
    does not know and for a time that is past.
    """
    frame = contacts.sort("send_at", "customer_id", maintain_order=True)
    at = _seconds(config, frame["send_at"])
    if len(at) and at[0] < _seconds(config, pl.Series([today]))[0]:
        raise InputError(f"a contact is to be sent at {frame['send_at'][0]}, before {today}")
    channel = _places(frame["channel"], config.channel_names, "channel")
    tone = _places(frame["tone"], config.tone_names, "tone")
    covered = frame.select("invoice_ids").with_row_index("row").explode("invoice_ids")
    covered = covered.drop_nulls()
    return Orders(
        Sent(
            customer=_numbers(frame["customer_id"]),
            at=at,
            channel=channel,
            tone=tone,
            propensity=_optional(frame, "propensity"),
            cost=np.array([c.cost for c in config.channels])[channel],
            policy=np.array(_words(frame, "policy"), dtype=object),
            link_row=covered["row"].to_numpy().astype(np.int64),
            link_invoice=_numbers(covered["invoice_ids"]),
        )
    )


def _seconds(config: WorldConfig, instants: pl.Series) -> Ints:
    first = (config.start - _EPOCH).days * DAY
    seconds: Ints = instants.dt.epoch("s").to_numpy().astype(np.int64) - first
    return seconds


def _places(names: pl.Series, known: Sequence[str], what: str) -> Ints:
    unknown = sorted(set(names.to_list()) - set(known), key=str)
    if unknown:
        raise InputError(f"the world has no {what} {unknown[0]!r}; it has {', '.join(known)}")
    return np.array([known.index(n) for n in names], dtype=np.int64)


def _numbers(ids: pl.Series) -> Ints:
    numbers: Ints = ids.cast(pl.String).str.slice(1).cast(pl.Int64).to_numpy().astype(np.int64)
    return numbers


def _optional(frame: pl.DataFrame, name: str) -> Floats:
    if name not in frame.columns:
        return np.full(frame.height, np.nan)
    return frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _words(frame: pl.DataFrame, name: str) -> list[str | None]:
    return frame[name].to_list() if name in frame.columns else [None] * frame.height
