"""External series (weather, a sector index, interest rates): the last value known at an instant."""

from datetime import datetime, timedelta

import polars as pl

from tenor.engine.frames import Tables

# A change is measured against the value known this many days earlier.
CHANGE_DAYS = 30
# Which column of the customers a series' region is matched to: their region where they have one.
REGION_COLUMNS = ("region", "country")


def external(known: Tables, as_of: datetime) -> pl.DataFrame:
    """Return a row a customer with `external_NAME` and `external_NAME_change` for each series.

    A series with regions is matched to the customer's `region`, else `country`; one without a
    region holds for everybody. A customer without a match has no value.
    """
    customers = known.customers
    if known.external.is_empty() or customers.is_empty():
        return customers.select("customer_id")
    now = _latest(known.external)
    month_ago = _latest(
        known.external.filter(
            pl.coalesce("available_on", "date") <= (as_of - timedelta(days=CHANGE_DAYS)).date()
        )
    )
    result = customers.select("customer_id")
    for name in sorted(now["name"].unique()):
        values = _matched(customers, now.filter(pl.col("name") == name))
        before = _matched(customers, month_ago.filter(pl.col("name") == name))
        result = result.with_columns(
            values.alias(f"external_{name}"), (values - before).alias(f"external_{name}_change")
        )
    return result


def _latest(series: pl.DataFrame) -> pl.DataFrame:
    ordered = series.sort("date", pl.coalesce("available_on", "date"), maintain_order=True)
    return ordered.group_by("name", "region", maintain_order=True).agg(pl.col("value").last())


def _matched(customers: pl.DataFrame, latest: pl.DataFrame) -> pl.Series:
    """Return one value a customer: that of their region, else that of no region."""
    everywhere = latest.filter(pl.col("region").is_null())["value"]
    found = pl.Series("value", [None] * customers.height, dtype=pl.Float64)
    regional = latest.filter(pl.col("region").is_not_null()).select("region", "value")
    for column in REGION_COLUMNS:
        if column in customers.columns and customers[column].dtype == pl.String:
            joined = customers.select(region=column).join(
                regional, on="region", how="left", maintain_order="left"
            )
            found = found.fill_null(joined["value"])
    return found.fill_null(everywhere[0]) if everywhere.len() else found
