"""Who gets which way of working: drawn by lot from a keyed hash, the same for ever.

A customer's lot depends on their key and the salt alone: not on who else is asked about, on the
order, on the day, on the machine. Nothing need be kept to know an arm again.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite

import numpy as np
import polars as pl

from tenor.engine.errors import InputError

# Intervals [from, to) of lots that belong to one experiment.
Lane = tuple[tuple[float, float], ...]

# Shares are given in decimals: their sum may miss 1 by what decimals cannot say.
_EXACT = 1e-9
# The upper 53 bits of a hash fill a float's mantissa exactly.
_BITS = 53


def lots(keys: pl.Series, *, salt: str) -> pl.Series:
    """Return the lot of each key: `lot` (Float64), uniform in [0, 1), independent over salts.

    The first 64 bits of SHA-256 over `salt|key`: whoever knows both can work a lot out again.

    Parameters
    ----------
    keys : customer keys, of any type that has a text; none missing.
    salt : what the lot is drawn for. Another salt gives lots that have nothing to do with these.

    Raises
    ------
    InputError
        A key is missing.
    """
    if keys.null_count():
        raise InputError(f"{keys.null_count()} customers without a key: nobody can be drawn unseen")
    return pl.Series("lot", _lots(keys.cast(pl.String).to_list(), salt), dtype=pl.Float64)


def assign(keys: pl.Series, *, salt: str, weights: Mapping[str, float]) -> pl.Series:
    """Draw an arm for each key: `arm` (String), null for who is in none.

    Each arm runs its own race for a customer and the fastest wins (weighted rendezvous hashing,
    Thaler & Ravishankar 1998): an arm gets exactly its share on average, its place in `weights`
    does not matter, and an arm that is widened keeps everybody who was in it. A customer changes
    arms only towards one whose weight grew beside that of the arm they leave.

    Parameters
    ----------
    weights : arm -> share of the customers, in [0, 1], together at most 1; who is left over is in
        no arm.

    Raises
    ------
    InputError
        A key is missing, a share is no share, or they come to more than 1.
    """
    shares = {arm: _share(arm, share) for arm, share in weights.items()}
    rest = 1.0 - sum(shares.values())
    if rest < -_EXACT:
        raise InputError(f"the shares of the arms come to {1.0 - rest:.4g}: make it 1 at most")
    if keys.null_count():
        raise InputError(f"{keys.null_count()} customers without a key: nobody can be drawn unseen")
    entrants = sorted(arm for arm, share in shares.items() if share > 0.0)
    speeds = [shares[arm] for arm in entrants]
    if rest > _EXACT:
        entrants.append("")
        speeds.append(rest)
    texts = keys.cast(pl.String).to_list()
    if not entrants or not texts:
        return pl.Series("arm", [None] * len(texts), dtype=pl.String)
    # With 1 - lot in (0, 1] the logarithm is finite; the time to finish is exponential.
    times = np.stack(
        [
            -np.log1p(-_lots(texts, f"{salt}|{arm}")) / v
            for arm, v in zip(entrants, speeds, strict=True)
        ]
    )
    names = np.array([arm or None for arm in entrants], dtype=object)
    return pl.Series("arm", names[times.argmin(axis=0)].tolist(), dtype=pl.String)


def assign_factorial(
    keys: pl.Series, *, salt: str, factors: Mapping[str, Mapping[str, float]]
) -> pl.DataFrame:
    """Draw a level of every factor for each key, each independently of the others.

    Returns a column a factor with its level, and `arm`: the levels joined by " + ", in the order
    of `factors`; null where a factor left the customer out.

    Parameters
    ----------
    factors : factor -> (level -> share); the shares of a factor as in `assign`.
    """
    if not factors:
        raise InputError("a factorial experiment needs a factor: name at least one")
    drawn = {
        factor: assign(keys, salt=f"{salt}|{factor}", weights=levels).alias(factor)
        for factor, levels in factors.items()
    }
    arm = pl.concat_str(list(drawn), separator=" + ").alias("arm")
    return pl.DataFrame(drawn).with_columns(arm)


def free_lane(share: float, *, taken: Iterable[Lane] = ()) -> Lane:
    """Return the first `share` of all customers that no running experiment has.

    Experiments that must not touch each other each get a lane of the same lots (the namespaces
    of Bakshy, Eckles & Bernstein 2014). A lane is kept with its experiment and never changes.

    Raises
    ------
    InputError
        So much is not free; it says how much is.
    """
    wanted, found = _share("the experiment", share), []
    free = _gaps(sorted(part for lane in taken for part in lane))
    for start, end in free:
        if wanted <= _EXACT:
            break
        stop = min(end, start + wanted)
        found.append((start, stop))
        wanted -= stop - start
    if wanted > _EXACT:
        left = sum(end - start for start, end in free)
        raise InputError(
            f"{left:.0%} of the customers is in no other experiment, and {share:.0%} is asked for: "
            "take less, wait until another ends, or make it one factorial experiment"
        )
    return tuple(found)


def widened(lane: Lane, share: float, *, taken: Iterable[Lane] = ()) -> Lane:
    """Return the lane grown to `share`: all that was in it, and what is free beside `taken`."""
    has = sum(end - start for start, end in lane)
    if share < has - _EXACT:
        raise InputError(f"the experiment has {has:.0%} already: widening cannot make it less")
    return (*lane, *free_lane(max(share - has, 0.0), taken=[*taken, lane]))


def in_lane(keys: pl.Series, *, salt: str, lane: Lane) -> pl.Series:
    """Say of each key whether it lies in the lane: `in_lane` (Boolean). One salt for all lanes."""
    lot = lots(keys, salt=salt)
    inside = pl.Series("in_lane", [False] * len(lot), dtype=pl.Boolean)
    for start, end in lane:
        inside |= (lot >= start) & (lot < end)
    return inside


def _gaps(parts: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return what of [0, 1) lies in none of the parts, which are sorted."""
    free, at = [], 0.0
    for start, end in parts:
        if start - at > _EXACT:
            free.append((at, start))
        at = max(at, end)
    if 1.0 - at > _EXACT:
        free.append((at, 1.0))
    return free


def _lots(texts: Sequence[str], salt: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    begun = hashlib.sha256(f"{salt}|".encode())
    digests = bytearray()
    for text in texts:
        one = begun.copy()
        one.update(text.encode())
        digests += one.digest()[:8]
    whole = np.frombuffer(bytes(digests), dtype=">u8") >> np.uint64(64 - _BITS)
    return whole.astype(np.float64) * 2.0**-_BITS


def _share(name: str, share: float) -> float:
    if not name:
        raise InputError("an arm needs a name")
    if not (isfinite(share) and 0.0 <= share <= 1.0):
        raise InputError(f"{name}: {share} is no share: give one from 0 to 1")
    return float(share)
