"""The grid of candidates: every channel, tone, day and hour slot that the policy knows."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from tenor.engine import calendar
from tenor.engine.policy.policyfile import Policy

Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

MINUTES = 60


@dataclass(frozen=True, eq=False)
class Grid:
    """The axes of the candidates, and which of them go together whoever the customer is.

    An action is four indices: channel in `channels` (C, in order of name), tone in `tones` (T),
    day (0 is the customer's local date at the moment of deciding, up to `days` - 1) and slot in
    `hours` (H, whole local hours in rising order; a slot is meant by its start). `tone_ok[C, T]`
    and `hour_ok[C, H]` say what each channel takes; `weekday_ok[C, 7]` on which weekdays.
    """

    channels: tuple[str, ...]
    tones: tuple[str, ...]
    days: int
    hours: tuple[int, ...]
    tone_ok: Flags
    hour_ok: Flags
    weekday_ok: Flags

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Return the lengths of the axes: channels, tones, days, hour slots."""
        return len(self.channels), len(self.tones), self.days, len(self.hours)

    @property
    def hours_left(self) -> Flags:
        """Return whether a channel has a slot at or after each one, and past the last: [C, H+1]."""
        later = np.logical_or.accumulate(self.hour_ok[:, ::-1], axis=1)[:, ::-1]
        return np.concatenate([later, np.zeros((len(later), 1), dtype=bool)], axis=1)


def grid_of(policy: Policy) -> Grid:
    """Return the grid of candidates of `policy`; an hour counts where the whole hour is allowed."""
    tones = tuple(dict.fromkeys(tone for c in policy.channels for tone in c.tones))
    allowed = [_whole_hours(*channel.hours) for channel in policy.channels]
    hours = tuple(sorted(set().union(*allowed)))
    flags = [
        [[tone in c.tones for tone in tones] for c in policy.channels],
        [[hour in own for hour in hours] for own in allowed],
        [[day in c.days for day in range(7)] for c in policy.channels],
    ]
    widths = (len(tones), len(hours), 7)
    tone_ok, hour_ok, weekday_ok = (
        np.array(f, dtype=bool).reshape(len(policy.channels), width)
        for f, width in zip(flags, widths, strict=True)
    )
    names = tuple(channel.name for channel in policy.channels)
    return Grid(names, tones, policy.horizon_days, hours, tone_ok, hour_ok, weekday_ok)


def _whole_hours(start: int, end: int) -> set[int]:
    """Return the hours that lie wholly between two times, in minutes since midnight."""
    return set(range(-(-start // MINUTES), end // MINUTES))


def local_days(as_of: datetime, zones: pl.Series) -> npt.NDArray[np.int32]:
    """Return the local date of each zone at `as_of` (aware), as days since 1970-01-01: day 0."""
    return calendar.local_dates_at(as_of, zones)


def send_at(
    grid: Grid, *, as_of: datetime, zones: pl.Series, day: Integers, hour: Integers
) -> pl.Series:
    """Return the UTC instant at which each row's action is sent: its slot's start, on the hour.

    `zones` is the customer's zone (length N), `day` and `hour` the indices in the grid (N). A
    slot that the clocks skip is sent when they have jumped; of a doubled hour the first is meant.
    """
    hours = np.array(grid.hours, dtype=np.int64)[hour]
    minutes = (local_days(as_of, zones).astype(np.int64) + day) * 24 * MINUTES + hours * MINUTES
    local = pl.Series("send_at", minutes * 60_000_000).cast(pl.Datetime("us"))
    return calendar.utc_times(local, zones)


def slot_instants(grid: Grid, *, as_of: datetime, zone: str) -> Integers:
    """Return the UTC microseconds of every day and slot of `zone`, day by day: [D * H]."""
    days, slots = np.divmod(np.arange(grid.days * len(grid.hours)), max(len(grid.hours), 1))
    zones = pl.Series([zone]).new_from_index(0, len(days))
    instants = send_at(grid, as_of=as_of, zones=zones, day=days, hour=slots)
    return instants.to_physical().to_numpy().astype(np.int64)
