"""The common columns: what organisations with different words and data can learn together.

A contact is described by what the shipped names know (channel, tone), how many came before and how
late the invoice was. Everything here is fixed: nothing is scaled or coded by
data, so that what one customer adds never depends on another.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenor.engine.predictors.action_space import nominal
from tenor.engine.predictors.contact_log import ContactLog
from tenor.engine.predictors.effect_design import SPREAD, STAGES, fatigue, stage_of
from tenor.engine.predictors.expected import PUBLISHED
from tenor.engine.predictors.response import expected_curve

Array = NDArray[np.float64]
Ints = NDArray[np.int_]

# The names that templates are shipped for. Contacts under other names stay out of a pool.
CHANNELS = ("call", "email", "letter", "push", "sms")
TONES = ("empathetic", "firm", "friendly", "neutral", "urgent")
# A letter is read two days after it is filed; what acts here is the same for everybody.
_ARRIVES = {"letter": 2.0}

_CHANNEL, _TONE = nominal("channel", len(CHANNELS)).basis, nominal("tone", len(TONES)).basis
# Stages told apart (numbers of `STAGES`): before the due day, and later than three weeks after it.
# The fewer columns, the less of what people did drowns in the noise.
_STAGES = ((0,), (4, 5))
GROUPS = (
    ["mean", "fatigue"]
    + ["channel"] * _CHANNEL.shape[1]
    + ["tone"] * _TONE.shape[1]
    + ["stage"] * len(_STAGES)
)
WIDTH = len(GROUPS)
# Columns are made about equally large, so that noise of one size hurts none more than another.
# Four points a day move the odds of a day about as much as nature's unit of them does.
_SIZES = {"mean": 4.0, "fatigue": 4.0, "channel": 1.8, "tone": 1.8, "stage": 2.8}
SCALE = np.array([_SIZES[group] for group in GROUPS])
# What trials leave open about one organisation is in part what all have in common and in part how
# they differ: half and half, as variance, until organisations have been seen beside each other.
HALF = float(np.sqrt(0.5))
SPREADS = HALF * np.array([SPREAD[group] for group in GROUPS]) / SCALE


def expected_coefficients() -> Array:
    """Return what trials let one expect of each coefficient: [WIDTH]."""
    channels = np.array([PUBLISHED.channels.get(name, 0.0) for name in CHANNELS])
    found = np.zeros(WIDTH)
    found[0], found[1] = PUBLISHED.mean, PUBLISHED.fatigue
    found[2 : 2 + _CHANNEL.shape[1]] = _CHANNEL.T @ channels / len(CHANNELS)
    return np.asarray(found / SCALE)


def contact_columns(log: ContactLog, at: Ints, lag: Ints) -> Array:
    """Return the columns [n, WIDTH] of contacts at positions `at` of the log, `lag` days after.

    The log's numbers are those of `CHANNELS` and `TONES`; a tone of -1 is the average of all.
    """
    curves = np.stack([expected_curve(_ARRIVES.get(name, 0.0)) for name in CHANNELS])
    curves = curves / curves.max(axis=1, keepdims=True)
    channel, tone = log.channel[at], log.tone[at]
    tones = np.concatenate([_TONE, np.zeros((1, _TONE.shape[1]))])
    stage = stage_of(log.overdue[at])
    late = np.stack([np.isin(stage, numbers) for numbers in _STAGES], axis=1)
    columns = np.concatenate(
        [
            np.ones((len(at), 1)),
            fatigue(log.earlier[at])[:, None],
            _CHANNEL[channel],
            tones[tone],
            late,
        ],
        axis=1,
    )
    return np.asarray(columns * SCALE * curves[channel, lag][:, None])


@dataclass(frozen=True)
class Named:
    """Coefficients by what they are of, in points of intensity a day."""

    mean: float
    fatigue: float
    channels: dict[str, float]
    tones: dict[str, float]
    stages: tuple[float, ...]


def named(coefficients: Array) -> Named:
    """Return the coefficients [WIDTH] by name."""
    own = coefficients * SCALE
    part = {group: own[[g == group for g in GROUPS]] for group in dict.fromkeys(GROUPS)}
    stages = np.zeros(len(STAGES))
    for numbers, value in zip(_STAGES, part["stage"], strict=True):
        stages[list(numbers)] = value
    return Named(
        mean=float(own[0]),
        fatigue=float(own[1]),
        channels=dict(zip(CHANNELS, (_CHANNEL @ part["channel"]).tolist(), strict=True)),
        tones=dict(zip(TONES, (_TONE @ part["tone"]).tolist(), strict=True)),
        stages=tuple(stages.tolist()),
    )
