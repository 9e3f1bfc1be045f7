"""Decide about one customer alone, by the shortest way that gives what the plan would."""

import polars as pl

from tenor.engine.decision import decide
from tenor.engine.frames import Tables
from tenor.platform.decisions.runs.decide import TREATED, Way, amounts, decided


def needs_all(way: Way, customer_key: str) -> bool:
    """Say whether more than the engine decides about a customer: a ladder, an arm, a segment."""
    apart = way.arm_of(customer_key) is not None or customer_key in way.unprofiled
    return way.model is None or bool(way.policies) or apart


def decided_alone(known: Tables, segments: pl.DataFrame, way: Way) -> pl.DataFrame:
    """Return the decision about the one customer in `segments`, in the columns of `decided`.

    What the ladder would do is left out where the engine alone decides: somebody waits for it.
    """
    key = segments["customer_id"][0]
    if needs_all(way, key):
        return decided(known, segments, way)
    assert way.model is not None
    found = decide(
        known,
        as_of=way.as_of,
        model=way.model,
        policy=way.rules,
        seed=way.seed,
        customers=[key],
        population=way.population,
    )
    about = (amounts(found, known, way.as_of), segments)
    for part in about:
        found = found.join(part, on="customer_id", how="left", maintain_order="left")
    empty = ("ladder_channel", "ladder_tone", "experiment")
    return found.with_columns(
        pl.lit(TREATED).alias("arm"), *(pl.lit("").alias(name) for name in empty)
    )
