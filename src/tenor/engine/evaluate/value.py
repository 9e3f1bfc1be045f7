"""The value of a policy on logged decisions: all estimators, their support, and what to believe."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from tenor.engine.errors import InputError
from tenor.engine.evaluate.bootstrap import Floats
from tenor.engine.evaluate.offpolicy import (
    Estimate,
    Terms,
    difference,
    direct_method,
    doubly_robust,
    estimates,
    ips,
    self_normalised_doubly_robust,
    shrunk_doubly_robust,
    snips,
    switch_doubly_robust,
    with_controls,
)
from tenor.engine.evaluate.overlap import Overlap, Verdict, factor_overlaps, overlap, verdict
from tenor.engine.evaluate.weights import additive_weights, matching_weights, pair_columns

# Weights above this are not believed by Switch-DR; DRos draws large ones down with this strength.
SWITCH_AT = 10.0
SHRINKAGE = 100.0


@dataclass(frozen=True)
class PolicyValue:
    """What the target policy is worth on the log, in units of reward a row.

    `logged` is what was earned; `estimates` all estimators of the target's value; `headline`
    names the one that `gain` (target minus logged) and `verdict` rest on; `support` describes
    its weights and `factors` each factor's. `additivity` is PI-DR with pairs less PI-DR: where its
    interval leaves 0 out, the effects of the factors do not add up and the headline is in doubt
    (None without predictions or with fewer than two factors).
    """

    logged: Estimate
    estimates: tuple[Estimate, ...]
    headline: str
    gain: Estimate
    support: Overlap
    factors: tuple[Overlap, ...]
    verdict: Verdict
    additivity: Estimate | None = None


def value_of(
    logged: pl.DataFrame,
    target: pl.DataFrame,
    *,
    rng: np.random.Generator,
    factors: tuple[str, ...] = (),
    cluster: str | None = None,
    margin: float = 0.0,
) -> PolicyValue:
    """Estimate what the target policy would have earned on logged decisions.

    Parameters
    ----------
    logged : frame, a row a decision
        `decision_id`, `customer_id`, `reward`, `propensity` (the log's probability of exactly
        the action it took) and, for each of `factors`, `propensity_<factor>` (its probability
        of that part of the action; the log must choose the factors independently).
    target : frame, a row a decision in any order
        `decision_id`, `probability` (the target's probability of the action that was logged),
        `probability_<factor>`; optionally `q_logged` and `q_target`, predictions of the reward
        of the logged action and of the target's choice, learned from other customers. Without
        predictions there are no doubly robust estimates.
    factors
        Names of the parts of an action. With them the headline is PI-DR (PI without
        predictions); without, DR (SNIPS).
    cluster
        The factor by which OffCEM (Saito, Ren & Joachims 2023) groups actions: it weighs by that
        one alone, and believes the predictions about what differs within a group. With
        predictions only.
    margin
        How much worse, in reward a row, still counts as "not worse".

    Raises
    ------
    InputError
        A decision without its target row, or without a propensity above 0.
    """
    rows = _joined(logged, target, factors)
    reward = rows["reward"].to_numpy().astype(np.float64)
    clusters = rows["customer_id"].to_numpy()
    weight = matching_weights(rows["propensity"].to_numpy(), rows["probability"].to_numpy())
    parts = {
        f: matching_weights(rows[f"propensity_{f}"].to_numpy(), rows[f"probability_{f}"].to_numpy())
        for f in factors
    }
    predictions = None
    if {"q_logged", "q_target"} <= set(rows.columns):
        predictions = (
            rows["q_logged"].to_numpy().astype(np.float64),
            rows["q_target"].to_numpy().astype(np.float64),
        )
    named = {**_matching(reward, weight, predictions), **_factorised(reward, parts, predictions)}
    if cluster is not None and predictions is not None:
        named["OffCEM"] = doubly_robust(reward, parts[cluster], *predictions)
    headline = _headline(parts, predictions)
    support = overlap(
        headline, additive_weights(_columns(parts)) if parts else weight, clusters=clusters
    )
    logged_terms = Terms(reward, np.zeros(len(reward)), np.ones(len(reward)))
    gain_terms = difference(named[headline], reward)
    gaps = {"pairs less PI-DR": gap} if (gap := _gap(reward, parts, predictions)) else {}
    found = estimates(
        {"logged": logged_terms, "gain": gain_terms, **gaps, **named}, clusters=clusters, rng=rng
    )
    shown = found[2 + len(gaps) :]
    return PolicyValue(
        logged=found[0],
        estimates=shown,
        headline=headline,
        gain=found[1],
        support=support,
        factors=factor_overlaps(parts, clusters=clusters),
        verdict=verdict(support, found[1], margin=margin),
        additivity=found[2] if gaps else None,
    )


def _matching(
    reward: Floats, weight: Floats, predictions: tuple[Floats, Floats] | None
) -> dict[str, Terms]:
    """Return the estimators that compare whole actions."""
    named = {"IPS": ips(reward, weight), "SNIPS": snips(reward, weight)}
    if predictions is None:
        return named
    return {
        "DM": direct_method(predictions[1]),
        **named,
        "DR": doubly_robust(reward, weight, *predictions),
        "SNDR": self_normalised_doubly_robust(reward, weight, *predictions),
        "Switch-DR": switch_doubly_robust(reward, weight, *predictions, most=SWITCH_AT),
        "DRos": shrunk_doubly_robust(reward, weight, *predictions, shrinkage=SHRINKAGE),
    }


def _factorised(
    reward: Floats, parts: Mapping[str, Floats], predictions: tuple[Floats, Floats] | None
) -> dict[str, Terms]:
    """Return the estimators that compare actions part by part."""
    if not parts:
        return {}
    columns = _columns(parts)
    weight = additive_weights(columns)
    named = {"PI": with_controls(ips(reward, weight), columns - 1.0)}
    if predictions is None:
        return named
    named["PI-DR"] = doubly_robust(reward, weight, *predictions)
    if len(parts) > 1:
        named["PI-DR with pairs"] = doubly_robust(reward, _paired(columns), *predictions)
    return named


def _gap(
    reward: Floats, parts: Mapping[str, Floats], predictions: tuple[Floats, Floats] | None
) -> Terms | None:
    """Return the terms of PI-DR with pairs less PI-DR, paired row by row."""
    if predictions is None or len(parts) < 2:
        return None
    columns = _columns(parts)
    more = _paired(columns) - additive_weights(columns)
    none = np.zeros(len(reward))
    return Terms(none, more * (reward - predictions[0]), np.ones(len(reward)))


def _paired(columns: Floats) -> Floats:
    """Return the pseudo-inverse weights with every pair of factors."""
    count = columns.shape[1]
    pairs = [(f, g) for f in range(count) for g in range(f + 1, count)]
    return additive_weights(pair_columns(columns, pairs))


def _headline(parts: Mapping[str, Floats], predictions: tuple[Floats, Floats] | None) -> str:
    if parts:
        return "PI" if predictions is None else "PI-DR"
    return "SNIPS" if predictions is None else "DR"


def _columns(parts: Mapping[str, Floats]) -> Floats:
    return np.column_stack(list(parts.values()))


def _joined(logged: pl.DataFrame, target: pl.DataFrame, factors: tuple[str, ...]) -> pl.DataFrame:
    rows = logged.join(target, on="decision_id", how="left", maintain_order="left")
    lost = rows.filter(pl.col("probability").is_null()).height
    if lost:
        raise InputError(f"{lost} logged decisions have no row in the target: give one for each")
    names = ["propensity", *(f"propensity_{f}" for f in factors)]
    for name in names:
        bad = rows.filter(pl.col(name).is_null() | ~(pl.col(name) > 0)).height
        if bad:
            raise InputError(
                f"{bad} logged decisions have no {name} above 0: leave out the decisions whose "
                "probability was not recorded"
            )
    if rows.is_empty():
        raise InputError("no logged decisions to judge by")
    return rows
