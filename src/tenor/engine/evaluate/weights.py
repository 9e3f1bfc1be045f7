"""Importance weights for actions too many to meet twice: by group, or factor by factor.

With 4,200 combinations of channel, tone, day and hour a logged action almost never equals the
target's. What can still be compared are shared parts of actions: a group (MIPS), or each
factor alone (pseudo-inverse, PI).
"""

import numpy as np
from numpy.typing import ArrayLike

from tenor.engine.evaluate.bootstrap import Floats


def matching_weights(logging: ArrayLike, target: ArrayLike) -> Floats:
    """Return w = t/p [n] from the two probabilities of the logged action, each [n] in [0, 1].

    A logged action has p > 0; a row with p = 0 raises ValueError, for its log is wrong.
    """
    p = np.asarray(logging, dtype=np.float64)
    if not np.all(p > 0):
        raise ValueError(f"{np.count_nonzero(~(p > 0))} logged actions have propensity 0 or none")
    return np.asarray(np.asarray(target, dtype=np.float64) / p)


def group_weights(
    logging: ArrayLike, target: ArrayLike, groups: ArrayLike, action: ArrayLike
) -> Floats:
    """Return the weight of the logged action's group, [n]: MIPS (Saito & Joachims 2022).

    w(x, e) = sum of t over the actions in e / sum of p over the actions in e. Unbiased if
    actions of one group have the same effect; far steadier than matching single actions.

    Parameters
    ----------
    logging, target : array [n, actions]
        p(a|x) and t(a|x); rows sum to 1.
    groups : int array [actions]
        The group of each action (its embedding, known for certain).
    action : int array [n]
        The logged action.
    """
    group = np.asarray(groups, dtype=np.int64)
    member = np.eye(group.max() + 1)[group]
    mine = group[np.asarray(action, dtype=np.int64)]
    rows = np.arange(len(mine))
    p = (np.asarray(logging, dtype=np.float64) @ member)[rows, mine]
    t = (np.asarray(target, dtype=np.float64) @ member)[rows, mine]
    return matching_weights(p, t)


def additive_weights(factor_weights: ArrayLike) -> Floats:
    """Return the pseudo-inverse weights 1 + sum_f (w_f - 1), [n], possibly negative.

    Exact when the logging policy chooses the factors independently given the state and the
    reward is a sum over factors (Swaminathan et al. 2017); pairs of factors may be given as
    further columns `(w_f - 1)(w_g - 1) + 1` to allow for their interaction.

    Parameters
    ----------
    factor_weights : array [n, factors]
        t_f(a_f|x) / p_f(a_f|x): the target's over the log's probability of each logged part.
    """
    w = np.asarray(factor_weights, dtype=np.float64)
    return np.asarray(1.0 + (w - 1.0).sum(axis=1))


def pair_columns(factor_weights: ArrayLike, pairs: list[tuple[int, int]]) -> Floats:
    """Return factor weights with a column for each pair of factors, [n, factors + pairs].

    `additive_weights` of these is exact for rewards with those pairwise interactions too.
    """
    w = np.asarray(factor_weights, dtype=np.float64)
    extra = [(w[:, f] - 1.0) * (w[:, g] - 1.0) + 1.0 for f, g in pairs]
    return np.column_stack([w, *extra])


def pseudo_inverse_weights(
    second_moments: ArrayLike, target: ArrayLike, logged: ArrayLike
) -> Floats:
    """Return t^T G^+ z, [n]: PI weights for any logging policy (Swaminathan et al. 2017).

    For policies that do not choose factors independently, such as "the best action, else one
    at random" or masks that couple factors. z(a) is the 0/1 vector that marks the level of
    each factor, G = E[z z^T | x] under the log, t = E[z | x] under the target.

    Parameters
    ----------
    second_moments : array [n, d, d]
    target, logged : array [n, d]
    """
    moments = np.asarray(second_moments, dtype=np.float64)
    inverse = np.linalg.pinv(moments, hermitian=True)
    left = np.einsum("nd,nde->ne", np.asarray(target, dtype=np.float64), inverse)
    return np.asarray(np.einsum("ne,ne->n", left, np.asarray(logged, dtype=np.float64)))
