"""Chance that depends only on who, when and what for, so that two policies meet the same luck.

A generator drawn from in turn would give another customer's luck to whoever comes next once a
policy changes who is still open. Here every draw is a hash of its place: the same customer on
the same day draws the same number under every policy (common random numbers).
"""

from enum import IntEnum, auto

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Draw(IntEnum):
    """What a draw is for; each purpose has its own stream."""

    ARRIVAL = auto()
    AMOUNT = auto()
    TERMS = auto()
    LAG = auto()
    PAY = auto()
    PAY_TOGETHER = auto()
    PAY_TIME = auto()
    INSTALMENT = auto()
    INSTALMENT_SHARE = auto()
    TROUBLE = auto()
    METHOD = auto()
    AUTOPAY = auto()
    REACHED = auto()
    TRACKED = auto()
    CLICK = auto()
    DELAY = auto()
    VISIT = auto()
    REPLY = auto()
    PROMISE = auto()
    PROMISE_DAY = auto()
    PROMISE_KEPT = auto()
    DISPUTE = auto()
    DISPUTE_LENGTH = auto()
    DISPUTE_END = auto()
    COMPLAINT = auto()
    OPT_OUT = auto()
    FEE = auto()
    RANDOMISE = auto()
    RANDOM_DAY = auto()
    RANDOM_CHANNEL = auto()
    RANDOM_TONE = auto()
    RANDOM_HOUR = auto()
    MINUTE = auto()
    SKIP = auto()
    ORDER = auto()


# The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every input bit moves every output bit.
_STEP = 0x9E3779B97F4A7C15
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_WORD = (1 << 64) - 1


def _mix(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    return z ^ (z >> np.uint64(31))


def uniform(seed: int, draw: Draw, who: Ints, when: Ints | int = 0) -> Floats:
    """Return one number in (0, 1) for each element of `who`, on day (or step) `when`."""
    start = np.full(1, (seed * _STEP + int(draw) * 0xD1342543DE82EF95) & _WORD, dtype=np.uint64)
    z = _mix(_mix(start) ^ _mix(np.atleast_1d(who).astype(np.uint64) + np.uint64(_STEP)))
    days = np.atleast_1d(np.asarray(when)).astype(np.int64).astype(np.uint64)
    z = _mix(z ^ _mix(days + np.uint64(0xA0761D6478BD642F)))
    return ((z >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def normal(seed: int, draw: Draw, who: Ints, when: Ints | int = 0) -> Floats:
    """Return one standard normal for each element of `who` (Box and Muller)."""
    u = uniform(seed, draw, who, when)
    v = uniform(seed + 0x5DEECE66D, draw, who, when)
    wave: Floats = np.sqrt(-2.0 * np.log(u)) * np.cos(2.0 * np.pi * v)
    return wave


def pick(u: Floats, count: int) -> Ints:
    """Turn numbers in (0, 1) into choices 0 … count - 1 of equal chance."""
    return np.minimum((u * count).astype(np.int64), count - 1)
