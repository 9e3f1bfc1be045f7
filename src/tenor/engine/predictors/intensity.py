"""What one's own pace of paying and a contact come to together, on a day.

    chance = 1 - exp(-intensity),    intensity = own + POINT x strength x curve

Two causes stand beside each other: whoever pays today anyway is not moved by a message, and a
message moves somebody who hardly pays by themselves as much as anybody else. A contact that keeps
people from paying (a negative strength) slows their own pace, which it can never turn below nought.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = TypeVar("Floats", NDArray[np.float32], NDArray[np.float64])

# Strengths are counted in points: hundredths of intensity a day, nearly percentage points.
POINT = 0.01
_LEAST = 1e-9


def own_intensity(logit: Floats) -> Floats:
    """Return the intensity a day of whom nobody contacts, from the logit of the daily chance."""
    return np.maximum(np.logaddexp(0.0, logit), _LEAST).astype(logit.dtype)


def together(own: Floats, added: Floats) -> Floats:
    """Return the intensity of one's own pace with what contacts add to it (may be negative)."""
    slowed = own * own / (own - np.minimum(added, 0.0))
    return np.where(added < 0.0, slowed, own + added).astype(own.dtype)


def slopes(own: Floats, added: Floats) -> tuple[Floats, Floats]:
    """Return by how much `together` grows with `own` and with `added`."""
    part = own / (own - np.minimum(added, 0.0))
    return part * (2.0 - part), part * part


def chance(intensity: Floats) -> Floats:
    """Return the chance of payment within the time that `intensity` is summed over."""
    return -np.expm1(-intensity)
