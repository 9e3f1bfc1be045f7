"""External series (weather, a sector index, interest rates): the last value known at an instant."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from tenor.engine.frames import Tables

# A change is measured against the value known this many days earlier.
CHANGE_DAYS = 30
# Which column of the customers a series' region is matched to: their region where they have one.
REGION_COLUMNS = ("region", "country")


@dataclass(frozen=True, eq=False)
class Outer:
    """The last value of each series and region (`name, region, value`): now and a month before."""

    now: pl.DataFrame
    before: pl.DataFrame


def outer_of(known: Tables, as_of: datetime) -> Outer:
    """Return what the external table says at `as_of`, and what it said a month before."""
    month_ago = (as_of - timedelta(days=CHANGE_DAYS)).date()
    earlier = known.external.filter(pl.coalesce("available_on", "date") <= month_ago)
    return Outer(_latest(known.external), _latest(earlier))


def external(known: Tables, outer: Outer) -> pl.DataFrame:
    """Return a row a customer with `external_NAME` and `external_NAME_change` for each series.

    A series with regions is matched to the customer's `region`, else `country`; one without a
    region holds for everybody. A customer without a match has no value.
    """
    customers = known.customers
    now, before = outer.now, outer.before
    if now.is_empty() or customers.is_empty():
        return customers.select("customer_id")
    names = sorted(now["name"].unique())
    by = [c for c in REGION_COLUMNS if c in customers.columns and customers[c].dtype == pl.String]
    rows = customers.lazy().select("customer_id", *by)
    for series, place in ((now, "now"), (before, "before")):
        wide = _by_region(series, names, place)
        for column in by:
            names_here = {c: f"{c} {column}" for c in wide.columns if c != "region"}
            named = wide.rename(names_here)
            rows = rows.join(
                named.lazy(), left_on=column, right_on="region", how="left", maintain_order="left"
            )
    found = [
        values
        for name in names
        for values in (
            _matched(name, now, "now", by).alias(f"external_{name}"),
            (_matched(name, now, "now", by) - _matched(name, before, "before", by)).alias(
                f"external_{name}_change"
            ),
        )
    ]
    return rows.select("customer_id", *found).collect()


def _latest(series: pl.DataFrame) -> pl.DataFrame:
    known_from = pl.coalesce("available_on", "date")
    return (
        series.lazy()
        .sort("date", known_from, maintain_order=True)
        .group_by("name", "region", maintain_order=True)
        .agg(pl.col("value").last())
        .collect()
    )


def _by_region(latest: pl.DataFrame, names: list[str], place: str) -> pl.DataFrame:
    """Return a row a region with the value of each series there, in a column of its own."""
    values = [
        pl.col("value").filter(pl.col("name") == name).first().alias(f"{place} {name}")
        for name in names
    ]
    regional = latest.lazy().filter(pl.col("region").is_not_null())
    return regional.group_by("region").agg(values).collect()


def _matched(name: str, latest: pl.DataFrame, place: str, by: list[str]) -> pl.Expr:
    """Return one value a customer: that of their region, else that of no region."""
    everywhere = [v for n, r, v in latest.rows() if n == name and r is None][:1]
    regional = [pl.col(f"{place} {name} {column}") for column in by]
    return pl.coalesce(*regional, pl.lit(everywhere[0] if everywhere else None, pl.Float64))
