"""The space of actions as smooth, orthogonal modes: what can be varied, and what is alike."""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Factor:
    """One thing that can be varied, as columns over its levels.

    `basis` is [levels, modes] with mean zero and mean square one in every column, the smooth
    ones first; `weights` [modes] says how large each mode is expected to be beside the first;
    `smooth` is how many leading modes take part in pairs with other factors.
    """

    name: str
    basis: Array
    weights: Array
    smooth: int

    @property
    def levels(self) -> int:
        """Number of levels."""
        return int(self.basis.shape[0])

    @property
    def modes(self) -> int:
        """Number of modes."""
        return int(self.basis.shape[1])


def nominal(name: str, levels: int) -> Factor:
    """Return a factor of `levels` names with no order among them: contrasts, all alike."""
    modes = max(levels - 1, 0)
    return Factor(name, _contrasts(levels), np.ones(modes), modes)


def ordered(name: str, levels: int, period: int | None = None) -> Factor:
    """Return a factor along a line: slow waves first; with `period`, also one cycle of that length.

    A day of a 14-day horizon has a slow trend and a rhythm of 7 days; an hour has slow waves.
    High frequencies are expected to be a fifth of the slow ones.
    """
    steps = (np.arange(levels) + 0.5) * np.pi / levels
    waves = np.stack([np.cos(k * steps) for k in range(1, levels)], axis=1)
    weights = np.where(np.arange(levels - 1) < 3, 1.0, 0.2)
    smooth = min(2, levels - 1)
    if period is not None and levels > period:
        waves = waves[:, :3]
        rhythm = _contrasts(period)[np.arange(levels) % period]
        waves = np.concatenate([waves, rhythm], axis=1)
        weights = np.concatenate([np.ones(3), np.full(period - 1, 0.4)])
    return Factor(name, _unit(waves), weights[: waves.shape[1]], smooth)


def cyclic(name: str, levels: int, harmonics: int) -> Factor:
    """Return a factor that runs round, as the hours of a day: its slowest waves only."""
    turn = 2.0 * np.pi * np.arange(levels) / levels
    waves = [f(k * turn) for k in range(1, harmonics + 1) for f in (np.cos, np.sin)]
    weights = np.repeat(1.0 / np.arange(1, harmonics + 1), 2)
    return Factor(name, _unit(np.stack(waves, axis=1)), weights, 2)


def _contrasts(levels: int) -> Array:
    """Return [levels, levels - 1] orthogonal columns of mean zero and mean square one.

    One level, or none, leaves nothing to tell apart: no columns.
    """
    if levels < 2:
        return np.zeros((levels, 0))
    centred = np.eye(levels) - 1.0 / levels
    vectors = np.linalg.qr(centred[:, : levels - 1])[0]
    return np.asarray(vectors * np.sqrt(levels))


def _unit(columns: Array) -> Array:
    centred = columns - columns.mean(axis=0)
    size = np.sqrt((centred**2).mean(axis=0))
    return np.asarray(centred / np.where(size > 0, size, 1.0))


@dataclass(frozen=True)
class Scales:
    """What is expected before data speak: standard deviations on the logit scale.

    `population` for a mode's effect on everybody, `personal` for how much one standard deviation
    of one state feature changes it, `pair` for an interplay of two factors. `strength` is how
    many coefficients' worth of evidence each expectation counts for.

    Source of the defaults: measured on a problem with effects of 0.05 to 0.10 logit a factor;
    see docs/decisions/0003-effect-layer.md.
    """

    population: float = 0.06
    personal: float = 0.003
    pair: float = 0.0015
    strength: float = 10.0


@dataclass(frozen=True)
class ActionSpace:
    """Every combination of the factors' levels, in row-major order of `factors`.

    `with_mean` adds the mode "any action at all", for problems in which doing nothing is in
    the data too. `scales` are the expectations before data.
    """

    factors: tuple[Factor, ...]
    with_mean: bool = False
    mean_scale: float = 0.5
    scales: Scales = field(default_factory=Scales)

    @property
    def shape(self) -> tuple[int, ...]:
        """Levels of each factor."""
        return tuple(f.levels for f in self.factors)

    @property
    def size(self) -> int:
        """Number of combinations."""
        return int(np.prod(self.shape))

    @cached_property
    def mode_groups(self) -> list[str]:
        """Name of the group of each single mode: "mean" or the factor's name."""
        mean = ["mean"] if self.with_mean else []
        return mean + [f.name for f in self.factors for _ in range(f.basis.shape[1])]

    @cached_property
    def mode_weights(self) -> Array:
        """Expected size of each single mode beside the first of its group."""
        mean = [np.ones(1)] if self.with_mean else []
        return np.concatenate(mean + [f.weights for f in self.factors])

    def modes(self, actions: NDArray[np.int_]) -> Array:
        """Return the single modes [n, modes] of `actions` [n, factors] given as level numbers."""
        mean = [np.ones((len(actions), 1))] if self.with_mean else []
        columns = [f.basis[actions[:, j]] for j, f in enumerate(self.factors)]
        return np.concatenate(mean + columns, axis=1)

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """Which two factors have interplay modes."""
        return list(combinations(range(len(self.factors)), 2))

    def pair_modes(self, actions: NDArray[np.int_]) -> Array:
        """Return the interplay modes [n, pair modes] of `actions` [n, factors]."""
        blocks = [np.zeros((len(actions), 0))]
        for i, j in self.pairs:
            left = self._smooth(i)[actions[:, i]]
            right = self._smooth(j)[actions[:, j]]
            blocks.append((left[:, :, None] * right[:, None, :]).reshape(len(actions), -1))
        return np.concatenate(blocks, axis=1)

    @cached_property
    def pair_groups(self) -> list[str]:
        """Name of the group of each interplay mode."""
        return [
            f"{self.factors[i].name} x {self.factors[j].name}"
            for i, j in self.pairs
            for _ in range(self._smooth(i).shape[1] * self._smooth(j).shape[1])
        ]

    @cached_property
    def every_action(self) -> NDArray[np.int_]:
        """All combinations [size, factors] as level numbers."""
        return np.stack(np.unravel_index(np.arange(self.size), self.shape), axis=1)

    def _smooth(self, factor: int) -> Array:
        return self.factors[factor].basis[:, : self.factors[factor].smooth]


def contact_grid(channels: int, tones: int, days: int, hours: int) -> ActionSpace:
    """Return the grid channel x tone x day x hour slot of one contact within a horizon."""
    return ActionSpace(
        (
            nominal("channel", channels),
            nominal("tone", tones),
            ordered("day", days, period=7),
            ordered("hour", hours),
        )
    )
