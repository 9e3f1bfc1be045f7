"""Whole numbers as bytes: what a customer adds to a sum, in a row of a table."""

import zlib

import numpy as np
from numpy.typing import NDArray


def packed(numbers: NDArray[np.int64]) -> bytes:
    """Return whole numbers as bytes."""
    return zlib.compress(numbers.astype("<i8").tobytes())


def unpacked(content: bytes) -> NDArray[np.int64]:
    """Return what `packed` packed."""
    return np.frombuffer(zlib.decompress(bytes(content)), dtype="<i8").astype(np.int64)
