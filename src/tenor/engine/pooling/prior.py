"""From many organisations' noisy sums to what a new one may expect, and how far it may differ."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tenor.engine.errors import InputError
from tenor.engine.pooling.columns import (
    CHANNELS,
    GROUPS,
    HALF,
    SCALE,
    SPREADS,
    TONES,
    WIDTH,
    expected_coefficients,
    named,
)
from tenor.engine.pooling.contribution import Contribution
from tenor.engine.pooling.statistics import statistics_of
from tenor.engine.predictors.effect_design import SPREAD
from tenor.engine.predictors.effect_layer import Statistics
from tenor.engine.predictors.expected import PUBLISHED, Expected

Array = NDArray[np.float64]

# What trials say of how far organisations differ counts as so many organisations.
_STRENGTH = 3.0
# Redrawn so often, always the same way: the same sums give the same prior.
_DRAWS, _SHAKEN_BY = 100, 20_261_122


@dataclass(frozen=True)
class Pooled:
    """What a pool knows: `mean` [columns] and `covariance` of what organisations have in common,
    `between` the standard deviation, by group, of one organisation from that."""

    givers: tuple[str, ...]
    mean: Array
    covariance: Array
    between: dict[str, float]

    def expected(
        self, channels: Collection[str] = CHANNELS, tones: Collection[str] = TONES
    ) -> Expected:
        """Return what an organisation that uses these channels and tones may expect.

        Names that the pool does not know are left out: the organisation learns them itself. The
        mean is over its own channels and tones, since what they add is beside each other.
        """
        found = named(self.mean)
        own = {c: found.channels[c] for c in CHANNELS if c in channels}
        said = {t: found.tones[t] for t in TONES if t in tones}
        around = [float(np.mean(list(part.values()))) if part else 0.0 for part in (own, said)]
        unsure = np.sqrt(np.diag(self.covariance)) * SCALE
        spreads = {}
        for group in dict.fromkeys(GROUPS):
            inside = [g == group for g in GROUPS]
            unknown = float(np.sqrt(np.mean(unsure[inside] ** 2)))
            # A pool never makes one know less than trials do: what is beyond may be the noise.
            spreads[group] = min(float(np.hypot(unknown, self.between[group])), SPREAD[group])
        return Expected(
            mean=found.mean + sum(around),
            fatigue=found.fatigue,
            channels={c: v - around[0] for c, v in own.items()},
            tones={t: v - around[1] for t, v in said.items()},
            stages=found.stages,
            spreads=spreads,
            source=f"a pool of {len(self.givers)} organisations",
            known=(tuple(own), tuple(said)),
        )


def pooled(contributions: Sequence[Contribution]) -> Pooled:
    """Add up contributions and return what they say together.

    The sums make a linear problem (gram + noise) x = moment + noise around what trials let one
    expect. Directions that noise alone could have made tell nothing. In the others three things
    are counted as not known: what the data leave open, the noise, and that the organisations of
    the pool are a few of many that differ. How far they differ is seen from how their own answers
    scatter beyond their uncertainty, with what trials say counted as `_STRENGTH` organisations.

    Raises
    ------
    InputError
        Without a contribution, or with two of one giver: each counts once.
    """
    givers = tuple(sorted(c.giver for c in contributions))
    if not givers:
        raise InputError("a pool of nobody knows nothing")
    if len(set(givers)) < len(givers):
        raise InputError("an organisation is in the pool twice: keep its latest contribution")
    found = [statistics_of(np.array(c.effect)) for c in contributions]
    between = _between(
        [_answer(s, c.sigma, np.zeros(WIDTH)) for s, c in zip(found, contributions, strict=True)]
    )
    total = sum(found[1:], start=found[0])
    sigma = float(np.sqrt(sum(c.sigma**2 for c in contributions)))
    sizes = np.array([max(float(np.trace(s.gram)), 0.0) for s in found])
    # A large organisation weighs as its customers do: so many of one size would differ as much.
    shares = sizes / sizes.sum() if sizes.sum() > 0.0 else np.full(len(sizes), 1.0 / len(sizes))
    spread = np.array([between[g] for g in GROUPS]) / SCALE
    further = spread**2 * float(np.sum(shares**2))
    mean, covariance = _learned(total, sigma, further)
    covariance = covariance + _shaken(total, sigma, further, mean)
    return Pooled(givers, expected_coefficients() + mean, covariance, between)


def _learned(total: Statistics, sigma: float, further: Array) -> tuple[Array, Array]:
    """Return the distance from what trials let one expect, and its covariance."""
    information, moment = _answer(total, sigma, further)
    covariance = np.asarray(np.linalg.inv(information + np.diag(SPREADS**-2.0)))
    return covariance @ moment, covariance


def _shaken(total: Statistics, sigma: float, further: Array, mean: Array) -> Array:
    """Return how the answer varies when noise is drawn anew: it also turns the directions.

    The sums as they are taken for the truth, with the moment that gives the answer found.
    """
    rng = np.random.default_rng(_SHAKEN_BY)
    size, directions = np.linalg.eigh(total.gram)
    gram = (directions * np.maximum(size, 0.0)) @ directions.T
    answers = []
    for _ in range(_DRAWS):
        drawn = rng.normal(0.0, sigma, (WIDTH, WIDTH))
        noise = np.triu(drawn, 1) / np.sqrt(2.0)
        noise = noise + noise.T + np.diag(np.diag(drawn))
        moment = gram @ mean + rng.normal(0.0, sigma, WIDTH)
        answers.append(_learned(Statistics(gram + noise, moment, 0.0), sigma, further)[0])
    return np.asarray(np.cov(np.array(answers), rowvar=False))


def _answer(found: Statistics, sigma: float, further: Array) -> tuple[Array, Array]:
    """Return the information [columns, columns] in noisy statistics, and that times the answer.

    The answer is the distance from what trials let one expect. `sigma` is the noise's standard
    deviation; `further` [columns] a variance of the answer for other reasons.
    """
    size, directions = np.linalg.eigh(found.gram)
    # A symmetric matrix of nothing but this noise has eigenvalues up to about here.
    kept = size > sigma * np.sqrt(2.0 * WIDTH)
    size, directions = size[kept], directions[:, kept]
    # Noise of the gram matrix is multiplied with an answer of this expected length.
    reach = 1.0 + float(np.sum(SPREADS**2))
    variance = 1.0 / size + sigma**2 * reach / size**2 + directions.T**2 @ further
    answer = (directions.T @ found.moment) / size
    return (directions / variance) @ directions.T, directions @ (answer / variance)


def _between(alone: Sequence[tuple[Array, Array]]) -> dict[str, float]:
    """Return how far organisations lie from each other, by group: moments, held by expectation."""
    prior = np.diag(SPREADS**-2.0)
    answers, unsure, learned = [], [], []
    for information, moment in alone:
        covariance = np.linalg.inv(information + prior)
        answers.append(covariance @ moment * SCALE)
        # An answer held back by expectation varies by less than it is unsure by.
        unsure.append(np.diag(covariance @ information @ covariance) * SCALE**2)
        learned.append(np.diag(covariance @ information))
    found = {}
    for group in dict.fromkeys(GROUPS):
        inside = [g == group for g in GROUPS]
        # Who learned little about a group shows little of how organisations differ in it.
        shown = float(np.mean([np.mean(part[inside]) for part in learned])) ** 2
        seen, degrees = 0.0, (len(answers) - 1) * shown
        if degrees > 0.0:
            scatter = np.var([a[inside] for a in answers], axis=0, ddof=1)
            noise = np.mean([u[inside] for u in unsure], axis=0)
            seen = max(float((scatter - noise).mean()), 0.0) / shown
        square = (degrees * seen + _STRENGTH * (HALF * SPREAD[group]) ** 2) / (degrees + _STRENGTH)
        found[group] = float(np.sqrt(square))
    return found


def without_a_pool(channels: Collection[str], tones: Collection[str]) -> Expected:
    """Return what trials let an organisation expect that uses these channels and tones."""
    own = {c: PUBLISHED.channels.get(c, 0.0) for c in channels if c in CHANNELS}
    return replace(PUBLISHED, known=(tuple(own), tuple(t for t in tones if t in TONES)))
