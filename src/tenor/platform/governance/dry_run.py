"""What other rules would do on the same facts: two plans of one day, side by side."""

from typing import Any

import polars as pl

# So many differences are kept to be read; the counts are of all.
SHOWN = 200


def compare(before: pl.DataFrame, after: pl.DataFrame, balances: pl.DataFrame) -> dict[str, Any]:
    """Return what differs between two plans of one day on the same facts, as JSON.

    Parameters
    ----------
    before, after : decisions with the columns of `engine.decision.SCHEMA`, a row a customer.
    balances : `invoice_id, balance` of the open invoices.
    """
    return {
        "before": _figures(before, balances),
        "after": _figures(after, balances),
        **_differences(before, after, balances),
    }


def _figures(plan: pl.DataFrame, balances: pl.DataFrame) -> dict[str, Any]:
    """Sum a plan up: how many by verdict and channel, what it costs and is expected to bring."""
    contacts = plan.filter(pl.col("channel").is_not_null())
    asked = _amounts(plan, balances)
    expected = plan.join(asked, on="customer_id", how="left", maintain_order="left").select(
        paid=(pl.col("p_paid") * pl.col("amount")).sum(),
        more=((pl.col("p_paid") - pl.col("p_paid_wait")) * pl.col("amount")).sum(),
    )
    channels = contacts.group_by("channel").agg(pl.len(), pl.col("cost").sum()).sort("channel")
    return {
        "customers": plan.height,
        "verdicts": dict(plan["verdict"].value_counts().sort("verdict").iter_rows()),
        "contacts": contacts.height,
        "channels": {c: {"count": n, "cost": round(cost, 2)} for c, n, cost in channels.rows()},
        "cost": round(float(contacts["cost"].sum()), 2),
        "gain": round(float(contacts["value"].sum()), 2),
        "expected_paid": round(float(expected["paid"][0] or 0.0), 2),
        "expected_more": round(float(expected["more"][0] or 0.0), 2),
    }


def _amounts(plan: pl.DataFrame, balances: pl.DataFrame) -> pl.DataFrame:
    """Return what each decision is about, in money: customer_id, amount."""
    return (
        plan.select("customer_id", invoice_id="invoice_ids")
        .explode("invoice_id")
        .join(balances, on="invoice_id", how="left", maintain_order="left")
        .group_by("customer_id", maintain_order=True)
        .agg(amount=pl.col("balance").sum().cast(pl.Float64))
    )


def _differences(
    before: pl.DataFrame, after: pl.DataFrame, balances: pl.DataFrame
) -> dict[str, Any]:
    """Return who would be treated otherwise: counts by kind of change, and the largest."""
    wanted = ["customer_id", "verdict", "channel", "tone", "send_at", "cost", "value", "rules"]
    both = (
        before.select(wanted)
        .join(after.select(wanted), on="customer_id", how="full", suffix="_new", coalesce=True)
        .with_columns(change=_change())
        .filter(pl.col("change").is_not_null())
        .join(_amounts(after, balances), on="customer_id", how="left")
        .with_columns(moved=(pl.col("value_new") - pl.col("value")).abs())
        .sort("moved", "customer_id", descending=[True, False])
    )
    counts = dict(both["change"].value_counts().sort("count", descending=True).iter_rows())
    return {
        "changed": both.height,
        "changes": counts,
        "differences": [_row(row) for row in both.head(SHOWN).iter_rows(named=True)],
    }


def _change() -> pl.Expr:
    """Name the kind of change of a customer's decision; nothing where it is the same."""
    was, becomes = pl.col("channel").is_not_null(), pl.col("channel_new").is_not_null()
    hand_over = pl.lit("escalate")
    kinds = [
        (
            (pl.col("verdict_new") == hand_over) & (pl.col("verdict") != hand_over),
            "handed_over",
        ),
        (
            (pl.col("verdict") == hand_over) & (pl.col("verdict_new") != hand_over),
            "not_handed_over",
        ),
        (~was & becomes, "now_contacted"),
        (was & ~becomes, "now_left_alone"),
        (was & becomes & (pl.col("channel") != pl.col("channel_new")), "other_channel"),
        (was & becomes & (pl.col("tone") != pl.col("tone_new")), "other_tone"),
        (was & becomes & (pl.col("send_at") != pl.col("send_at_new")), "other_time"),
        ((pl.col("verdict_new") == "review") & (pl.col("verdict") != "review"), "now_reviewed"),
        ((pl.col("verdict") == "review") & (pl.col("verdict_new") != "review"), "not_reviewed"),
    ]
    change = pl.lit(None, dtype=pl.String)
    for holds, name in reversed(kinds):
        change = pl.when(holds).then(pl.lit(name)).otherwise(change)
    return change


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a difference as JSON: the customer, what it was and what it becomes."""

    def side(suffix: str) -> dict[str, Any]:
        at = row[f"send_at{suffix}"]
        return {
            "verdict": row[f"verdict{suffix}"],
            "channel": row[f"channel{suffix}"],
            "tone": row[f"tone{suffix}"],
            "send_at": at.isoformat() if at else None,
            "rules": row[f"rules{suffix}"] or [],
        }

    return {
        "customer": row["customer_id"],
        "change": row["change"],
        "amount": round(row["amount"] or 0.0, 2),
        "gain": round((row["value_new"] or 0.0) - (row["value"] or 0.0), 2),
        "before": side(""),
        "after": side("_new"),
    }
