"""The ledger as the engine's tables: columns straight from the database, no names or addresses."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl

from tenor.engine.frames import (
    CONSENT_PREFIX,
    CUSTOMERS,
    INVOICES,
    PAYMENTS,
    PROTECTED_PREFIX,
    REACH_PREFIX,
    Table,
    conform,
)
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.columns import Sort, frame_of, in_parts, widened
from tenor.platform.ledger.models import Allocation, Consent, ContactPoint, Customer, Invoice

Keys = Collection[str] | None


def customers_frame(
    organisation: Organisation, until: datetime, customer_keys: Keys = None
) -> pl.DataFrame:
    """Return the engine's `customers`: the contract's columns, the free ones, and consents.

    `consent_<channel>` is what a customer said last, if that was by `until`. Free columns keep
    their names (`ref_…`); what names a person, and what is protected, stays in the database.
    """
    rows = Customer.objects.of(organisation)
    frame = _gathered(
        rows, "key__in", customer_keys,
        customer_id=("key", Sort.TEXT),
        kind=("kind", Sort.TEXT),
        country=("country", Sort.TEXT),
        language=("language", Sort.TEXT),
        timezone=("timezone", Sort.TEXT),
        contact_hours=("contact_hours", Sort.TEXT),
        contact_days=("contact_days", Sort.TEXT),
        attributes=("attributes", Sort.TEXT),
    )  # fmt: skip
    value = CUSTOMERS.column("customer_value")
    taken = _names(CUSTOMERS) - {value.name if value else ""}
    frame = _unprotected(widened(frame, "attributes", taken))
    if "customer_value" in frame.columns and not frame["customer_value"].dtype.is_numeric():
        frame = frame.with_columns(pl.col("customer_value").cast(pl.Float64, strict=False))
    frame = frame.join(_consents(organisation, until, customer_keys), on="customer_id", how="left")
    return conform(CUSTOMERS, frame.sort("customer_id"))


def with_reach(
    organisation: Organisation,
    customers: pl.DataFrame,
    points: Mapping[str, Collection[str]],
    customer_keys: Keys = None,
) -> pl.DataFrame:
    """Add to `customers` what their addresses say of each channel, as they are now.

    `points` names the kinds of contact points of a channel. `reach_<channel>` is false where none
    of the customer's works, true where one works although another failed, else empty. Of a kind
    that is kept for nobody, nothing is known.
    """
    rows = ContactPoint.objects.of(organisation)
    found = _gathered(
        rows, "customer__key__in", customer_keys,
        customer_id=("customer__key", Sort.TEXT),
        kind=("kind", Sort.TEXT),
        bounced_at=("bounced_at", Sort.INSTANT),
    )  # fmt: skip
    kept = set(found["kind"])
    wide = customers.drop([c for c in customers.columns if c.startswith(REACH_PREFIX)])
    for channel, kinds in sorted(points.items()):
        known = not kept.isdisjoint(kinds)
        if customer_keys is not None and not known:
            known = rows.filter(kind__in=kinds).exists()
        if not known:
            continue
        of_kind = found.filter(pl.col("kind").is_in(list(kinds)))
        fails = pl.col("bounced_at").is_not_null()
        places = of_kind.group_by("customer_id").agg(_works=(~fails).any(), _fails=fails.any())
        works, failed = pl.col("_works").fill_null(False), pl.col("_fails").fill_null(False)
        said = pl.when(~works).then(False).when(failed).then(True).alias(REACH_PREFIX + channel)
        wide = wide.join(places, on="customer_id", how="left", maintain_order="left")
        wide = wide.with_columns(said).drop("_works", "_fails")
    return wide


def invoices_frame(
    organisation: Organisation, until: datetime, customer_keys: Keys = None
) -> pl.DataFrame:
    """Return the engine's `invoices`: those issued by `until`, as first asked, and free columns."""
    rows = Invoice.objects.of(organisation).filter(issued_on__lte=until.astimezone(UTC).date())
    frame = _gathered(
        rows, "customer__key__in", customer_keys,
        invoice_id=("key", Sort.TEXT),
        customer_id=("customer__key", Sort.TEXT),
        amount=("amount", Sort.AMOUNT),
        currency=("currency", Sort.TEXT),
        issued_on=("issued_on", Sort.DAY),
        due_on=("due_on", Sort.DAY),
        attributes=("attributes", Sort.TEXT),
    )  # fmt: skip
    frame = _unprotected(widened(frame, "attributes", _names(INVOICES)))
    return conform(INVOICES, frame.sort("invoice_id"))


def payments_frame(
    organisation: Organisation, until: datetime, customer_keys: Keys = None
) -> pl.DataFrame:
    """Return the engine's `payments`: what went to which invoice by `until`, a minus taken back."""
    frame = _gathered(
        Allocation.objects.of(organisation).filter(at__lte=until),
        "invoice__customer__key__in", customer_keys,
        invoice_id=("invoice__key", Sort.TEXT),
        paid_at=("at", Sort.INSTANT),
        amount=("amount", Sort.AMOUNT),
        payment_id=("payment__key", Sort.TEXT),
        method=("payment__method", Sort.TEXT),
    )  # fmt: skip
    return conform(PAYMENTS, frame.sort("invoice_id", "paid_at", "amount", "payment_id"))


def _gathered(
    rows: Any, lookup: str, keys: Keys, **columns: tuple[str, Sort]
) -> pl.DataFrame:  # fmt: skip
    parts = (rows if part is None else rows.filter(**{lookup: part}) for part in in_parts(keys))
    return pl.concat([frame_of(part, **columns) for part in parts])


def _consents(organisation: Organisation, until: datetime, keys: Keys) -> pl.DataFrame:
    """Return customer_id and a column of flags a channel that any of these customers spoke of."""
    found = _gathered(
        Consent.objects.of(organisation).filter(at__lte=until), "customer__key__in", keys,
        customer_id=("customer__key", Sort.TEXT),
        channel=("channel", Sort.TEXT),
        granted=("granted", Sort.FLAG),
    )  # fmt: skip
    if found.is_empty():
        return found.select("customer_id")
    named = found.with_columns(channel=CONSENT_PREFIX + pl.col("channel"))
    channels = sorted(named["channel"].unique())
    wide = named.pivot("channel", index="customer_id", values="granted", on_columns=channels)
    return wide.select("customer_id", *channels)


def _unprotected(frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out what is protected: none is kept here, and none would be read if it were."""
    return frame.drop([c for c in frame.columns if c.startswith(PROTECTED_PREFIX)])


def _names(table: Table) -> set[str]:
    return {column.name for column in table.columns}
