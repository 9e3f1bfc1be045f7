"""What a day left to chance: with how many, at what expected price, with whom not and why."""

from typing import Any

import polars as pl

from tenor.engine.policy.policyfile import Policy

# Why nothing is tried with somebody, the first that holds; the last where the rules leave nothing
# that may be tried.
NEVER = ("comparison", "objected", "collection", "held", "disputed", "large", "closed")


def exploring(found: pl.DataFrame, policy: Policy) -> dict[str, Any]:
    """Return the figures of a day's exploring, as its run keeps them.

    Parameters
    ----------
    found : the rows of `decide.decided`.
    policy : the rules of everybody.
    """
    by = dict(found.drop_nulls("explored_by").group_by("explored_by").len().iter_rows())
    possible = found.filter(pl.col("eligible").is_not_null())
    never = found.filter(pl.col("eligible").is_null())
    reasons = dict(never.group_by(_why(policy).alias("why")).len().iter_rows())
    loss = found.select(pl.col("expected_loss").fill_null(0.0).sum()).item()
    own = policy.exploration
    return {
        "share": own.share,
        "price": own.price_per_day,
        "customers": found.height,
        "possible": possible.height,
        "uniform": by.get("uniform", 0),
        "draw": by.get("draw", 0),
        "loss": round(float(loss), 4),
        "never": {why: reasons[why] for why in NEVER if why in reasons},
    }


def _why(policy: Policy) -> pl.Expr:
    below = policy.exploration.amount_below
    large = pl.lit(False) if below is None else pl.col("amount").cast(pl.Float64) >= float(below)
    rules = pl.col("rules").list
    return (
        pl.when(pl.col("arm") == "unprofiled")
        .then(pl.lit("objected"))
        .when(pl.col("model_version") == "ladder")
        .then(pl.lit("comparison"))
        .when(rules.contains("escalate_after"))
        .then(pl.lit("collection"))
        .when(rules.contains("hold"))
        .then(pl.lit("held"))
        .when(rules.contains("disputed"))
        .then(pl.lit("disputed"))
        .when(large)
        .then(pl.lit("large"))
        .otherwise(pl.lit("closed"))
    )
