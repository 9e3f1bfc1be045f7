"""Whether the arms have the numbers of customers they were drawn for."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, lgamma, log

from tenor.engine.errors import InputError

# Below this chance that the draw was sound something else decided who is in which arm. Stricter
# than for an effect: the test is made for every experiment, and a wrong alarm spoils a good one.
ALARM = 0.001
# How many customers' worth the foreseen shares count against what is seen. An even mixture: the
# first sees at once that one arm of a small experiment has twice the other, the last a slight
# leaning among many thousands.
_WEIGHTS = (100.0, 1_000.0, 10_000.0)


@dataclass(frozen=True)
class Balance:
    """Whether the arms' numbers can come from the draw.

    `passes` is None where the foreseen shares are not known; `chance` is at most the probability
    of numbers so far off, at any look ever, if the draw is sound.
    """

    passes: bool | None
    chance: float
    text: str


def balance(counts: Mapping[str, int], weights: Mapping[str, float] | None) -> Balance:
    """Compare the numbers of customers with the shares they were drawn for (sample ratio).

    A Bayes factor of "other shares" against "these shares", which is a martingale and may be
    looked at every day: 1 / factor bounds the chance of a false alarm over all looks (Lindon &
    Malek 2022, "Anytime-valid inference for multinomial count data"). Others are thought of as
    Dirichlet around the foreseen ones, nearer or farther.

    Parameters
    ----------
    counts : arm -> customers found.
    weights : arm -> share foreseen; only their proportions count. None: not known.
    """
    if weights is None:
        return Balance(None, 1.0, "The foreseen shares are not given: balance cannot be checked.")
    total = sum(weights.get(arm, 0.0) for arm in counts)
    strange = sorted(arm for arm, n in counts.items() if n and weights.get(arm, 0.0) <= 0.0)
    if strange:
        raise InputError(f"there are customers in {strange[0]!r}, which has no share")
    shares = {arm: weights[arm] / total for arm in counts if weights.get(arm, 0.0) > 0.0}
    seen = sum(counts.values())
    factors = [_log_factor(counts, shares, weight) for weight in _WEIGHTS]
    largest = max(factors)
    factor = largest + log(sum(exp(f - largest) for f in factors) / len(factors))
    chance = min(1.0, exp(min(-factor, 0.0)))
    worst = max(shares, key=lambda arm: abs(counts[arm] - shares[arm] * seen), default="")
    if chance >= ALARM:
        return Balance(True, chance, "The arms have the numbers of customers they were drawn for.")
    foreseen = shares[worst] * seen
    return Balance(
        False,
        chance,
        f"{worst} has {counts[worst]:,} customers where the draw foresees about {foreseen:,.0f}: "
        "something besides the lot decided who is in it. Find out what before believing the "
        "results.",
    )


def _log_factor(counts: Mapping[str, int], shares: Mapping[str, float], weight: float) -> float:
    """Return the logarithm of the factor against `shares`, of others `weight` away from them."""
    factor = lgamma(weight) - lgamma(weight + sum(counts.values()))
    for arm, share in shares.items():
        prior, n = weight * share, counts[arm]
        factor += lgamma(prior + n) - lgamma(prior) - n * log(share)
    return factor
