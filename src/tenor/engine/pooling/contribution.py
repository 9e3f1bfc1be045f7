"""What an organisation gives to a pool: two noisy sums, what they cost, and a file of them."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor.engine.errors import InputError
from tenor.engine.pooling.columns import CHANNELS, GROUPS, TONES
from tenor.engine.pooling.noise import DELTA, Below, epsilon_of, noisy, rho_of, sigma_of
from tenor.engine.pooling.rows import Rows
from tenor.engine.pooling.statistics import (
    CLIP_BASELINE,
    CLIP_EFFECT,
    GRID,
    SIZE_BASELINE,
    SIZE_EFFECT,
    Parts,
    baseline_of,
    baseline_parts,
    effect_parts,
)

FORMAT = "tenor-pool-2026"
# The baseline needs less: its cells are many people's days, and errors in it partly cancel.
BASELINE_SHARE = 0.2
# No sum of real customers is longer: more would be a damaged or a made-up file.
_MOST = 2**53


@dataclass(frozen=True)
class Contribution:
    """What leaves an organisation, and all that does.

    `giver` is a name the organisation chose for the pool, `given_on` the day; `rho` what both
    sums cost together; `sigma` the noise's standard deviation in the second, in units; `baseline`
    and `effect` the noisy sums in grid steps. `synthetic` says that the customers were made up.
    """

    giver: str
    given_on: date
    rho: float
    sigma: float
    baseline: tuple[int, ...]
    effect: tuple[int, ...]
    synthetic: bool = False

    @property
    def epsilon(self) -> float:
        """What it is worth as (epsilon, `DELTA`)-differential privacy, by itself."""
        return epsilon_of(self.rho)


@dataclass(frozen=True)
class Made:
    """A contribution with what stays at home: each customer's exact part of its second sum."""

    contribution: Contribution
    parts: Parts


def contribute(
    rows: Rows,
    *,
    giver: str,
    given_on: date,
    epsilon: float,
    below: Below,
    synthetic: bool = False,
) -> Made:
    """Make an organisation's contribution, private to `epsilon` at delta 1e-6 by itself.

    Parameters
    ----------
    rows : the days at risk of all customers who may be counted.
    below : the source of chance for the noise, one that nobody can foresee (`secrets.randbelow`).
    """
    rho = rho_of(epsilon)
    first = BASELINE_SHARE * rho
    counted = noisy(
        baseline_parts(rows).total(), sigma=sigma_of(CLIP_BASELINE * GRID, first), below=below
    )
    parts = effect_parts(rows, baseline_of(counted))
    sigma = sigma_of(CLIP_EFFECT, rho - first)
    summed = noisy(parts.total(), sigma=sigma * GRID, below=below)
    given = Contribution(giver, given_on, rho, sigma, _plain(counted), _plain(summed), synthetic)
    return Made(given, parts)


def written(contribution: Contribution, *, key: str) -> str:
    """Return the contribution as a file for elsewhere: JSON, signed with the pool's key."""
    body = asdict(contribution) | {"given_on": contribution.given_on.isoformat()}
    told = {"format": FORMAT, "columns": _columns(), "delta": DELTA, **body}
    return json.dumps({**told, "signature": _signature(told, key)}, indent=1) + "\n"


def read(text: str, *, key: str) -> Contribution:
    """Return the contribution that a file holds.

    Raises
    ------
    InputError
        It is no such file, of another version, signed with another key, or holds what no
        contribution can.
    """
    try:
        told = json.loads(text)
    except ValueError as error:
        raise InputError("this is no pool file: it cannot be read as JSON") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise InputError(f"this is no pool file of the format {FORMAT}")
    said = told.pop("signature", "")
    if not isinstance(said, str) or not hmac.compare_digest(said, _signature(told, key)):
        raise InputError(
            "the signature does not fit: the file was changed, or signed with another pool key"
        )
    if told.get("columns") != _columns():
        raise InputError("the file is of another version of Tenor: its columns are not ours")
    try:
        found = _contribution(told)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"the pool file is damaged: {error}") from error
    return found


def _contribution(told: Mapping[str, Any]) -> Contribution:
    sums = [tuple(int(v) for v in told[name]) for name in ("baseline", "effect")]
    sizes = (SIZE_BASELINE, SIZE_EFFECT)
    if [len(s) for s in sums] != list(sizes) or any(abs(v) > _MOST for s in sums for v in s):
        raise ValueError("its sums have the wrong size")
    rho, sigma = float(told["rho"]), float(told["sigma"])
    if not (isfinite(rho) and rho > 0.0 and isfinite(sigma) and sigma > 0.0):
        raise ValueError("its noise is none")
    giver = str(told["giver"])[:200]
    day = date.fromisoformat(told["given_on"])
    return Contribution(giver, day, rho, sigma, sums[0], sums[1], bool(told["synthetic"]))


def _columns() -> str:
    """Return a digest of what the numbers stand for: other columns cannot be added to these."""
    said = json.dumps([CHANNELS, TONES, GROUPS, SIZE_BASELINE, SIZE_EFFECT, GRID])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _signature(told: Mapping[str, Any], key: str) -> str:
    said = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hmac.new(key.encode(), said.encode(), "sha256").hexdigest()


def _plain(numbers: NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(int(v) for v in numbers)
