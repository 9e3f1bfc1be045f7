"""Who somebody is, apart from what they do: the columns that a model can do without."""

from collections.abc import Iterable

import polars as pl

from tenor.engine.features.build import KEYS
from tenor.engine.frames import Tables

_CUSTOMER, _EXTERNAL = "customer_", "external_"


def identity_columns(known: Tables, columns: Iterable[str]) -> tuple[str, ...]:
    """Name those of a snapshot's `columns` that say who a customer is or where they live.

    The traits of the contract (kind, country, language), the organisation's own columns of
    customers, and external series that have regions: their value follows from the address. What
    customers and invoices did, what is owed, and series that hold for everybody are not named.
    """
    regional = known.external.filter(pl.col("region").is_not_null())["name"].unique()
    series = [f"{_EXTERNAL}{name}" for name in regional.to_list()]
    by_region = {*series, *(f"{name}_change" for name in series)}
    return tuple(
        c for c in columns if c not in KEYS and (c.startswith(_CUSTOMER) or c in by_region)
    )
