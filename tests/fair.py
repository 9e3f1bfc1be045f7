"""Made-up decisions about made-up groups, whose truth is known."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from tenor.engine.frames import Tables, tables_of

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def world(
    rng: np.random.Generator, customers: int = 2400, *, origins: int = 3, lean: float = 0.25
) -> tuple[pl.DataFrame, Tables]:
    """Return a day's decisions that look at risk and days overdue alone, and the customers.

    Origin leans on risk by `lean`: groups are pressed differently, and rightly so. The last origin
    is small. Sex leans on nothing.
    """
    ids = [f"C{i:05}" for i in range(customers)]
    odds = np.array([1.0 / (k + 1) for k in range(origins)])
    origin = rng.choice(origins, customers, p=odds / odds.sum())
    sex = rng.integers(0, 2, customers)
    risk = np.clip(rng.beta(2, 3, customers) + lean * origin / origins, 0.01, 0.99)
    overdue = rng.integers(-5, 80, customers)
    amount = rng.lognormal(5, 1, customers).round(2)
    chance = np.clip(0.15 + 0.5 * risk + 0.003 * overdue, 0, 0.95)
    contacted = rng.random(customers) < chance
    firm = rng.random(customers) < 0.1 + 0.6 * risk
    escalated = ~contacted & (overdue > 50) & (rng.random(customers) < 0.3 * risk + 0.1)
    people = pl.DataFrame(
        {
            "customer_id": ids,
            "kind": ["consumer"] * customers,
            "protected_origin": [f"origin {k}" for k in origin],
            "protected_sex": np.array(["f", "m"])[sex].tolist(),
        }
    )
    decisions = pl.DataFrame(
        {
            "decision_id": [f"D{i:05}" for i in range(customers)],
            "customer_id": ids,
            "invoice_ids": [[f"F{i:05}"] for i in range(customers)],
            "decided_at": pl.Series([DAY] * customers).cast(pl.Datetime("us", "UTC")),
            "verdict": np.where(
                escalated, "escalate", np.where(contacted, "contact", "wait")
            ).tolist(),
            "channel": np.where(contacted, "email", None).tolist(),
            "tone": np.where(contacted, np.where(firm, "firm", "friendly"), None).tolist(),
            "p_paid": (1 - risk).tolist(),
            "p_paid_wait": (1 - risk).tolist(),
            "review_reason": pl.Series([None] * customers, dtype=pl.String),
            "amount": amount.tolist(),
            "days_overdue": overdue.tolist(),
        },
        schema_overrides={"channel": pl.String, "tone": pl.String, "verdict": pl.String},
    )
    return decisions, tables_of(customers=people)


def pressed_more(
    decisions: pl.DataFrame, tables: Tables, group: str, rng: np.random.Generator, share: float
) -> pl.DataFrame:
    """Press `share` of those of an origin who were left alone or spoken to kindly."""
    of_group = pl.col("protected_origin") == group
    rows = decisions.join(
        tables.customers.select("customer_id", "protected_origin"), on="customer_id"
    ).with_columns(draw=pl.Series(rng.random(decisions.height)))
    hit = of_group & (pl.col("draw") < share) & (pl.col("verdict") != "escalate")
    return rows.with_columns(
        verdict=pl.when(hit).then(pl.lit("contact")).otherwise("verdict"),
        channel=pl.when(hit).then(pl.lit("letter")).otherwise("channel"),
        tone=pl.when(hit).then(pl.lit("urgent")).otherwise("tone"),
    ).drop("protected_origin", "draw")


def outcomes(decisions: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return outcomes that come true as often as they were foretold."""
    return decisions.select(
        "decision_id",
        paid=pl.Series(rng.random(decisions.height).tolist()) < pl.col("p_paid"),
        complained=pl.Series(rng.random(decisions.height) < 0.03),
        offered=pl.Series(rng.random(decisions.height) < 0.1),
        charged=pl.Series(rng.random(decisions.height) < 0.05),
    )


def days(decisions: pl.DataFrame, count: int) -> pl.DataFrame:
    """Return the same decisions made on `count` days."""
    return pl.concat(
        decisions.with_columns(
            decision_id=pl.col("decision_id") + f"-{k}",
            decided_at=pl.col("decided_at") + timedelta(days=k),
        )
        for k in range(count)
    )
