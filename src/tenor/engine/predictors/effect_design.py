"""The columns of the contact-effect layer: which modes of a contact meet which state."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tenor.engine.predictors.action_space import Factor, cyclic, nominal
from tenor.engine.predictors.expected import PUBLISHED, Expected
from tenor.engine.predictors.shrinkage import Prior

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
Ints = NDArray[np.int_]

HOURS = 24
WEEKDAYS = 7

MEAN, CHANNELS = PUBLISHED.mean, PUBLISHED.channels
ANSWERS_HERE = 1.2

# In points of intensity a day, but for the calendar, which is a logit.
SPREAD = {
    "calendar": 0.7,
    "readiness": 1.0,
    "mean": 1.2,
    "mean by person": 0.08,
    "fatigue": 0.4,
    "channel": 0.6,
    "channel by person": 0.05,
    "tone": 0.16,
    "tone by person": 0.04,
    "hour": 0.2,
    "hour by person": 0.03,
    "weekday": 0.12,
    "channel x tone": 0.08,
    "channel x hour": 0.08,
    "stage": 0.8,
    "answers here": 1.6,
}
STRENGTH = 10.0

# A ladder sends each kind of message at its own time after the due date, when people pay more or
# less readily by themselves. What all messages of a stage have in common is kept apart, so that
# only what differs within a stage tells one kind from another.
STAGES = (-1, 2, 7, 20, 40, 10_000)


@dataclass(frozen=True)
class Told:
    """Contacts as arrays of one element each: numbers of channel and tone (-1: unknown), local
    hour and weekday, stage (see `stage_of`; -1: none), earlier contacts in 30 days, and how the
    person answers that channel."""

    channel: Ints
    tone: Ints
    hour: Ints
    weekday: Ints
    stage: Ints
    earlier: Array
    answers: Array


@dataclass(frozen=True)
class EffectDesign:
    """The layer's columns for these channels and tones and so many state columns, readiness last.

    Order: calendar, then each personal mode times (constant, state, fatigue), then weekday,
    channel x tone, channel x hour, stage, and how the person answers the channel.
    """

    channels: tuple[str, ...]
    tones: tuple[str, ...]
    calendar: int
    state: int

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """The personal factors: channel, tone and hour."""
        return (
            nominal("channel", len(self.channels)),
            nominal("tone", len(self.tones)),
            cyclic("hour", HOURS, 2),
        )

    @cached_property
    def weekday(self) -> Factor:
        """The weekday, alike for everybody."""
        return nominal("weekday", WEEKDAYS)

    @property
    def width(self) -> int:
        """Columns that each personal mode is multiplied with: constant, state, fatigue."""
        return self.state + 2

    @property
    def modes(self) -> int:
        """Number of personal modes, the mean first."""
        return 1 + sum(f.modes for f in self.factors)

    @property
    def columns(self) -> int:
        """Number of all columns."""
        return self.calendar + self.modes * self.width + self._shared_columns

    @property
    def _shared_columns(self) -> int:
        channel, tone, _ = self.factors
        return self.weekday.modes + channel.modes * (tone.modes + 2) + len(STAGES) + 1

    @property
    def stage_columns(self) -> slice:
        """Where the stages stand: before the last column."""
        return slice(self.columns - 1 - len(STAGES), self.columns - 1)

    def level_modes(self, factor: Factor, level: Ints) -> Array:
        """Return the modes of levels; level -1 (unknown) is the average of all: zeros."""
        padded = np.concatenate([factor.basis, np.zeros((1, factor.basis.shape[1]))])
        return np.asarray(padded[level])

    def effects(self, state: NDArray[np.floating], told: Told) -> Floats:
        """Return the effect columns [n, columns - calendar] of contacts to people in `state`."""
        channel, tone, hour = (
            self.level_modes(f, level)
            for f, level in zip(self.factors, (told.channel, told.tone, told.hour), strict=True)
        )
        n = len(state)
        ones = np.ones((n, 1))
        modes = np.concatenate([ones, channel, tone, hour], axis=1).astype(np.float32)
        person = np.concatenate([ones, state, fatigue(told.earlier)[:, None]], axis=1)
        personal = (modes[:, :, None] * person.astype(np.float32)[:, None, :]).reshape(n, -1)
        weekday = self.level_modes(self.weekday, told.weekday)
        tones = (channel[:, :, None] * tone[:, None, :]).reshape(n, -1)
        hours = (channel[:, :, None] * hour[:, None, :2]).reshape(n, -1)
        stage = np.eye(len(STAGES) + 1)[told.stage][:, :-1]
        shared = np.concatenate([weekday, tones, hours, stage, told.answers[:, None]], axis=1)
        return np.concatenate([personal, shared.astype(np.float32)], axis=1)

    def prior(self, expected: Expected = PUBLISHED) -> Prior:
        """Return what is expected of every column before data."""
        groups, features, mean = ["calendar"] * self.calendar, [-1] * self.calendar, []
        mean = [0.0] * self.calendar
        for name, size in self._expected_modes(expected):
            by_person = f"{name} by person"
            last = "fatigue" if name == "mean" else by_person
            ready = "readiness" if name == "mean" else by_person
            groups += [name] + [by_person] * (self.state - 1) + [ready, last]
            features += [-1, *range(self.state - 1), -1, -1]
            mean += [size] + [0.0] * self.state
            mean += [expected.fatigue if name == "mean" else 0.0]
        channel, tone, _ = (f.modes for f in self.factors)
        shared = ["weekday"] * self.weekday.modes
        shared += ["channel x tone"] * (channel * tone) + ["channel x hour"] * (channel * 2)
        shared += ["stage"] * len(STAGES)
        groups += [*shared, "answers here"]
        features += [-1] * (len(shared) + 1)
        stages = list(expected.stages or [0.0] * len(STAGES))
        mean += [0.0] * (len(shared) - len(STAGES)) + stages + [ANSWERS_HERE]
        spread = {**SPREAD, **expected.spreads}
        return Prior(
            groups=tuple(groups),
            anchors=np.array([spread[g] for g in groups]),
            weights=np.ones(len(groups)),
            features=np.array(features),
            mean=np.array(mean),
            strength=STRENGTH,
            free=frozenset({"calendar", "mean", "fatigue", "stage", "answers here", "readiness"}),
        )

    def _expected_modes(self, expected: Expected) -> list[tuple[str, float]]:
        """Return (group, expected size) of every personal mode."""
        channel, tone, hour = self.factors
        found = [("mean", expected.mean)]
        for factor, names, sizes in (
            (channel, self.channels, expected.channels),
            (tone, self.tones, expected.tones),
        ):
            known = np.array([sizes.get(name, 0.0) for name in names])
            modes = factor.basis.T @ known / max(len(known), 1)
            found += [(factor.name, float(size)) for size in modes]
        waves = [*expected.hours, *[0.0] * hour.modes][: hour.modes]
        return found + [(hour.name, size) for size in waves]


def stage_of(overdue: Ints) -> Ints:
    """Return the stage at which contacts were sent so many days after the due date."""
    return np.searchsorted(np.array(STAGES), np.minimum(overdue, STAGES[-1]), side="left")


def fatigue(earlier: Array) -> Array:
    """Return the fatigue column of so many contacts in the 30 days before: 0 after none."""
    return np.asarray(np.log1p(earlier))
