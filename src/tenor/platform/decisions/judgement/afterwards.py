"""Was the person or the machine right afterwards? Only what was drawn by lot can say so fairly.

A person who changes a decision knows something of that customer: beside the ones they left alone,
theirs would look good or bad whoever was right. But which decisions a person looks at one by one
is partly drawn by lot. Customers drawn are alike those who were not, but for the looking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from tenor.engine.experiments.outcomes import Better, Kind, Outcome
from tenor.engine.experiments.results import Comparison, results
from tenor.engine.frames import received
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.judgement.changes import OTHERWISE, SAMPLED
from tenor.platform.decisions.models import Decision, Review, Run
from tenor.platform.ledger.frames import payments_frame

LOOKED, LEFT = "looked", "left"
# Plans so far apart, and so many of them, that few customers are in two, and none of a year ago.
APART = timedelta(days=28)
MOST_PLANS = 6
# Of those who were not drawn, so many are enough.
MOST_LEFT = 20_000
# Below this, on the smaller side, an interval would be a guess.
FEWEST = 30
PAID = Outcome("paid", Kind.SHARE, Better.HIGHER, 0.03)


@dataclass(frozen=True)
class Afterwards:
    """What became of decisions that a person looked at by lot, beside those that nobody did.

    `comparison` is None below `FEWEST` customers a side. `changed` is the share of those looked at
    that people decided otherwise; `customers` are (looked at, left).
    """

    window: int
    customers: tuple[int, int]
    changed: float
    comparison: Comparison | None


@dataclass(frozen=True)
class Kept:
    """Decisions of one word: how many, what was foretold of Tenor's own plan, and what came.

    People chose which to change, so the two figures are not a comparison of who is right.
    """

    verdict: str
    count: int
    foretold: float
    came: float


def afterwards(organisation: Organisation, as_of: datetime, window: int) -> Afterwards:
    """Compare decisions drawn for a person with those of the same plans that were not.

    What counts is the share of what was asked that was paid within `window` days; each customer
    counts once, with the first of the looked-at plans that they are in.
    """
    rows = _first_of_each(organisation, as_of - timedelta(days=window))
    looked, left = rows.filter(arm=LOOKED), rows.filter(arm=LEFT)
    if left.height > MOST_LEFT:
        left = left.sort("pk").gather_every(-(-left.height // MOST_LEFT))
    rows = pl.concat([looked, left])
    sizes = (looked.height, left.height)
    otherwise = _otherwise(organisation, looked["pk"].to_list())
    changed = len(otherwise) / max(looked.height, 1)
    if min(sizes) < FEWEST:
        return Afterwards(window, sizes, changed, None)
    paid = rows.join(came(organisation, rows, as_of, window), on="pk", how="left").with_columns(
        pl.col("paid").fill_null(0.0)
    )
    found = results(
        paid.select("customer_id", "arm", "paid", expected_paid="p_paid"), [PAID], control=LEFT
    )
    return Afterwards(window, sizes, changed, found.of("paid", LOOKED))


def what_came(organisation: Organisation, as_of: datetime, window: int) -> Sequence[Kept]:
    """Return, by what people said, what was foretold and what was paid within `window` days."""
    until = as_of - timedelta(days=window)
    said = (
        Review.objects.of(organisation)
        .filter(decision__decided_at__lte=until, decision__p_paid__isnull=False)
        .order_by("-at")
        .values_list("decision_id", "verdict")[:MOST_LEFT]
    )
    verdicts = pl.DataFrame(list(said), schema={"pk": pl.Int64, "verdict": pl.String}, orient="row")
    verdicts = verdicts.unique("pk", keep="first", maintain_order=True)
    rows = _decisions(organisation, verdicts["pk"].to_list())
    joined = rows.join(verdicts, on="pk").join(
        came(organisation, rows, as_of, window), on="pk", how="left"
    )
    found = joined.group_by("verdict").agg(
        pl.len().alias("count"), foretold=pl.col("p_paid").mean(),
        came=pl.col("paid").fill_null(0.0).mean(),
    )  # fmt: skip
    return [Kept(**row) for row in found.sort("count", "verdict", descending=[True, False])
            .iter_rows(named=True)]  # fmt: skip


_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "pk": pl.Int64, "customer_id": pl.String, "decided_at": pl.Datetime("us", "UTC"),
    "invoice_keys": pl.List(pl.String), "amount": pl.Float64, "p_paid": pl.Float64,
    "arm": pl.String,
}  # fmt: skip


def _first_of_each(organisation: Organisation, until: datetime) -> pl.DataFrame:
    """Return the first decision of each customer in a few plans, by whether it was drawn."""
    days: list[Any] = []
    runs = Run.objects.of(organisation).filter(as_of__lte=until, step=Run.Step.DONE)
    for run in runs.order_by("-day").values_list("pk", "day"):
        if not days or days[-1][1] - run[1] >= APART:
            days.append(run)
        if len(days) == MOST_PLANS:
            break
    seen: set[int] = set()
    found: list[int] = []
    for run_number, _day in reversed(days):
        # Other reasons to look at a decision are no lot: those decisions are in neither group.
        rows = Decision.objects.of(organisation).filter(run_id=run_number, p_paid__isnull=False)
        for pk, customer, reason in rows.order_by("pk").values_list(
            "pk", "customer_id", "review_reason"
        ):
            if customer in seen:
                continue
            seen.add(customer)
            if not reason or reason.startswith(SAMPLED):
                found.append(pk)
    return _decisions(organisation, found)


def _decisions(organisation: Organisation, numbers: Sequence[int]) -> pl.DataFrame:
    fields = ("pk", "customer__key", "decided_at", "invoice_keys", "amount", "p_paid",
              "review_reason")  # fmt: skip
    rows = []
    for start in range(0, len(numbers), 5_000):
        part = Decision.objects.of(organisation).filter(pk__in=numbers[start : start + 5_000])
        for *same, amount, p_paid, reason in part.order_by("pk").values_list(*fields):
            rows.append((*same, float(amount), p_paid, LOOKED if reason else LEFT))
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _otherwise(organisation: Organisation, numbers: Sequence[int]) -> set[int]:
    rows = Review.objects.of(organisation).filter(verdict__in=OTHERWISE)
    found: set[int] = set()
    for start in range(0, len(numbers), 5_000):
        part = numbers[start : start + 5_000]
        found |= set(rows.filter(decision_id__in=part).values_list("decision_id", flat=True))
    return found


def came(
    organisation: Organisation, rows: pl.DataFrame, as_of: datetime, window: int
) -> pl.DataFrame:
    """Return the share of each decision's amount that was paid in time: `pk, paid`.

    `rows` say `pk, customer_id, decided_at, invoice_keys, amount`; of whom nothing came there is no
    row.
    """
    keys = rows["invoice_keys"].explode().drop_nulls().unique().to_list()
    customers = rows["customer_id"].unique().to_list()
    payments = received(payments_frame(organisation, as_of, customers)).filter(
        pl.col("invoice_id").is_in(keys)
    )
    asked = rows.select("pk", "decided_at", "amount", invoice_id="invoice_keys").explode(
        "invoice_id"
    )
    until = pl.col("decided_at") + pl.duration(days=window)
    return (
        asked.join(payments, on="invoice_id", suffix="_paid")
        .filter(pl.col("paid_at").is_between("decided_at", until))
        .group_by("pk")
        .agg(
            paid=pl.col("amount_paid").cast(pl.Float64).sum() / pl.col("amount").first().clip(0.01)
        )
        .with_columns(pl.col("paid").clip(0.0, 1.0))
    )
