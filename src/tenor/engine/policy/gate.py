"""The human gate: which decisions wait for a person, and why.

A person sees decisions drawn by chance, dear ones, uncertain ones, every hand-over to
collection, and customers who look at the payment page again and again without paying.
"""

from datetime import datetime, timedelta

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.frames import Tables, received
from tenor.engine.policy.explore import uniforms
from tenor.engine.policy.policyfile import Policy

# Older visits say nothing about what keeps somebody from paying today.
VISITS_WITHIN_DAYS = 60

# Rules that show that the reason is known and being dealt with: no need to look for an obstacle.
_EXPLAINED_BY = ("hold", "disputed", "plan", "promise")

# Words in `detail.reason` of a failed payment that speak of money rather than of the method.
# AM04 is the ISO 20022 return reason "insufficient funds", 51 its card (ISO 8583) counterpart.
_NO_MONEY = r"(?i)insufficient|funds|balance|\bam04\b|\b51\b"

_OBSTACLES = {
    "customer_id": pl.String,
    "visits": pl.UInt32,
    "obstacle": pl.String,
    "evidence": pl.String,
}
_TALKED = (Kind.REPLIED, Kind.PROMISED, Kind.PLAN_AGREED)
_LOOKED_AT = (Kind.PAGE_VISITED, Kind.PAYMENT_STARTED, Kind.PAYMENT_FAILED, *_TALKED)


def reviews(
    decisions: pl.DataFrame, tables: Tables, *, as_of: datetime, policy: Policy, seed: int
) -> pl.DataFrame:
    """Say which decisions a person looks at first: customer_id, review_reason, obstacle, evidence.

    Parameters
    ----------
    decisions
        A row a customer: customer_id, verdict (contact, wait or escalate), channel (null without
        contact), amount (decimal; what the decision is about), p_better (probability that the
        contact beats waiting; null: unknown), explored (a random action), rules (list of ids),
        and, where learned, p_override (how often people change such a contact).
    tables
        The facts; those after `as_of` (aware) are not looked at.

    Returns
    -------
    pl.DataFrame
        The rows of `decisions`, in their order. `review_reason` is null where nobody needs to
        look. `obstacle` and `evidence` say what seems to keep a customer from paying who saw the
        payment page often enough; else null.
    """
    hindered = obstacles(tables, as_of=as_of, policy=policy)
    looked = decisions.join(hindered, on="customer_id", how="left", maintain_order="left")
    explained = pl.col("rules").list.set_intersection(list(_EXPLAINED_BY)).list.len() > 0
    looked = looked.with_columns(
        pl.when(~explained.fill_null(False)).then("obstacle").alias("obstacle"),
        pl.when(~explained.fill_null(False)).then("evidence").alias("evidence"),
        drawn=_drawn(decisions, as_of=as_of, policy=policy, seed=seed),
    )
    reasons = pl.concat_str(
        [
            _escalation(policy),
            _hindrance(),
            _dear(policy),
            _uncertain(policy),
            _overridden(decisions, policy),
            _sampled(policy),
        ],
        separator="; ",
        ignore_nulls=True,
    )
    return looked.select(
        "customer_id",
        pl.when(reasons != "").then(reasons).alias("review_reason"),
        "obstacle",
        "evidence",
    )


def obstacles(tables: Tables, *, as_of: datetime, policy: Policy) -> pl.DataFrame:
    """Return who keeps looking at the payment page and what seems to be in the way.

    Columns: customer_id, visits (since the last payment, within 60 days), obstacle (payment
    method, financial room, payment not finished, a message not yet answered, or financial room
    or doubt), evidence (the facts behind it, as a sentence part).
    """
    since = as_of - timedelta(days=VISITS_WITHIN_DAYS)
    looked = tables.events.filter(
        pl.col("kind").is_in(_LOOKED_AT) & pl.col("at").is_between(since, as_of)
    )
    if looked.is_empty():
        return pl.DataFrame(schema=_OBSTACLES)
    owners = tables.invoices.lazy().select("invoice_id", owner="customer_id")
    paid = (
        received(tables.payments)
        .lazy()
        .filter(pl.col("paid_at") <= as_of)
        .join(owners, on="invoice_id")
        .group_by(customer_id="owner")
        .agg(paid_at=pl.col("paid_at").max())
    )
    seen = (
        looked.lazy()
        .join(owners, on="invoice_id", how="left")
        .with_columns(pl.coalesce("customer_id", "owner"))
        .join(paid, on="customer_id", how="left")
        .filter(pl.col("paid_at").is_null() | (pl.col("at") > pl.col("paid_at")))
        .sort("customer_id", "at", "kind", "detail")
    )
    return (
        seen.group_by("customer_id", maintain_order=True)
        .agg(
            visits=_count(Kind.PAGE_VISITED),
            first_visit=pl.col("at").filter(pl.col("kind") == Kind.PAGE_VISITED).min().dt.date(),
            starts=_count(Kind.PAYMENT_STARTED),
            failures=_count(Kind.PAYMENT_FAILED),
            talks=pl.col("kind").is_in(_TALKED).sum(),
            method=_last_failure("method"),
            reason=_last_failure("reason"),
        )
        .filter(pl.col("visits") >= policy.review.visits_without_payment)
        .select("customer_id", "visits", obstacle=_obstacle(), evidence=_evidence())
        .collect()
    )


def _count(kind: Kind) -> pl.Expr:
    return (pl.col("kind") == kind).sum()


def _last_failure(name: str) -> pl.Expr:
    failed = pl.col("detail").filter(pl.col("kind") == Kind.PAYMENT_FAILED)
    return failed.str.json_path_match(f"$.{name}").drop_nulls().last()


def _obstacle() -> pl.Expr:
    failed = pl.col("failures") > 0
    return (
        pl.when(failed & pl.col("reason").str.contains(_NO_MONEY).fill_null(False))
        .then(pl.lit("financial room"))
        .when(failed)
        .then(pl.lit("payment method"))
        .when(pl.col("talks") > 0)
        .then(pl.lit("a message not yet answered"))
        .when(pl.col("starts") > 0)
        .then(pl.lit("payment not finished"))
        .otherwise(pl.lit("financial room or doubt"))
    )


def _evidence() -> pl.Expr:
    last = pl.concat_str(["method", "reason"], separator=", ", ignore_nulls=True)
    return pl.concat_str(
        [
            pl.format("payment page seen {} since {}", _times("visits"), "first_visit"),
            pl.when(pl.col("starts") > 0).then(pl.format("payment begun {}", _times("starts"))),
            pl.when(pl.col("failures") > 0).then(pl.format("failed {}", _times("failures"))),
            pl.when(last != "").then(pl.format("last failure: {}", last)),
            pl.when(pl.col("talks") > 0).then(pl.lit("the customer wrote or promised")),
            pl.lit("nothing paid since"),
        ],
        separator=", ",
        ignore_nulls=True,
    )


def _times(count: str) -> pl.Expr:
    return pl.when(pl.col(count) == 1).then(pl.lit("once")).otherwise(pl.format("{} times", count))


def _escalation(policy: Policy) -> pl.Expr:
    handed_over = pl.col("verdict") == "escalate"
    if policy.review.escalate_without_person:
        handed_over = pl.lit(False)
    return pl.when(handed_over).then(pl.lit("a person confirms every hand-over to collection"))


def _hindrance() -> pl.Expr:
    found = pl.format("likely obstacle: {} ({})", "obstacle", "evidence")
    return pl.when(pl.col("obstacle").is_not_null()).then(found)


def _dear(policy: Policy) -> pl.Expr:
    most, currency = policy.review.amount_above, policy.objective.currency
    amount = pl.col("amount").cast(pl.Decimal(38, 2)).cast(pl.String)
    text = pl.format("{} is above {} {}", amount, pl.lit(f"{most:f}"), pl.lit(currency))
    dear = (pl.col("verdict") == "contact") & (pl.col("amount") > pl.lit(most))
    return pl.when(dear).then(text)


def _uncertain(policy: Policy) -> pl.Expr:
    least = policy.review.uncertain_below
    chance = (pl.col("p_better") * 100).floor().cast(pl.Int64)
    text = pl.format(
        "only {}% likely to beat waiting, {}% is asked", chance, pl.lit(f"{least * 100:g}")
    )
    # A random action is meant to be uncertain: holding it back would end the learning.
    uncertain = (pl.col("verdict") == "contact") & (pl.col("p_better") < least)
    return pl.when(uncertain & ~pl.col("explored")).then(text)


def _overridden(decisions: pl.DataFrame, policy: Policy) -> pl.Expr:
    """Return the word that people change most contacts of this kind, where that is known."""
    if "p_override" not in decisions.columns:
        return pl.lit(None, dtype=pl.String)
    chance = (pl.col("p_override") * 100).floor().cast(pl.Int64)
    text = pl.format("people change or refuse {}% of such contacts", chance)
    often = pl.col("p_override") > policy.judgement.override_above
    return pl.when((pl.col("verdict") == "contact") & often & ~pl.col("explored")).then(text)


def _drawn(decisions: pl.DataFrame, *, as_of: datetime, policy: Policy, seed: int) -> pl.Series:
    """Tell which decisions are drawn by chance, in every stratum of verdict and channel.

    Of n decisions in a stratum share x n are drawn, rounded up or down by chance so that the
    mean is exact; which ones, the hash of the customer's id says.
    """
    strata = decisions["verdict"] + "|" + decisions["channel"].fill_null("")
    size, place = (
        pl.Series(name, uniforms(ids, seed=seed, as_of=as_of, purpose=f"review {name}"))
        for name, ids in (("size", strata), ("place", decisions["customer_id"]))
    )
    drawn = pl.len() * policy.review.sample + pl.col("size")
    return (
        pl.DataFrame({"stratum": strata, "size": size, "place": place})
        .select(pl.col("place").rank("ordinal").over("stratum") <= drawn.floor().over("stratum"))
        .to_series()
    )


def _sampled(policy: Policy) -> pl.Expr:
    text = f"drawn by chance ({policy.review.sample * 100:g}% of decisions)"
    return pl.when("drawn").then(pl.lit(text))
