"""The only door to what is protected of customers: kept on the way in, read by the fairness audit.

Values are in no log and in no lineage: an entry names the columns, never what they say.
"""

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from tenor.engine.frames import PROTECTED_PREFIX
from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.columns import KEYS_AT_ONCE, Sort, frame_of, in_parts, widened
from tenor.platform.ledger.models import ProtectedTraits

Traits = dict[str, Any]


def apart(attributes: Mapping[str, Any]) -> tuple[dict[str, Any], Traits]:
    """Return free columns without the protected ones, and the protected ones."""
    free = {n: v for n, v in attributes.items() if not n.startswith(PROTECTED_PREFIX)}
    return free, {n: v for n, v in attributes.items() if n.startswith(PROTECTED_PREFIX)}


def keep(organisation: Organisation, told: Mapping[int, Traits], *, source: str) -> set[int]:
    """Keep what was told of customers, by their number; return those of whom something is new.

    What is not told stays; what is told as nothing is taken away.
    """
    told = {number: traits for number, traits in told.items() if traits}
    table = ProtectedTraits.objects.of(organisation)
    known = {
        row.customer_id: row
        for some in in_parts(told)
        for row in table.filter(customer_id__in=some or ())
    }
    now, new, changed = clock.now(organisation), [], []
    for number, traits in told.items():
        row = known.get(number)
        before = row.traits if row else {}
        after = {n: v for n, v in {**before, **traits}.items() if v is not None}
        if after == before:
            continue
        if row is None:
            row = ProtectedTraits(organisation=organisation, customer_id=number)
            new.append(row)
        else:
            changed.append(row)
        row.traits, row.source, row.at = after, source[:60], now
    table.bulk_create(new, batch_size=KEYS_AT_ONCE)
    table.bulk_update(changed, ["traits", "source", "at"], batch_size=KEYS_AT_ONCE)
    return {row.customer_id for row in (*new, *changed)}


def protected_frame(
    organisation: Organisation, customer_keys: Collection[str] | None = None
) -> pl.DataFrame:
    """Return `customer_id` and a column a protected attribute, of these customers or of all.

    For the audit of fairness and nothing else.
    """
    rows = ProtectedTraits.objects.of(organisation)
    parts = [
        frame_of(
            rows if keys is None else rows.filter(customer__key__in=keys),
            customer_id=("customer__key", Sort.TEXT),
            traits=("traits", Sort.TEXT),
        )
        for keys in in_parts(customer_keys)
    ]
    return widened(pl.concat(parts).sort("customer_id"), "traits", ())


def is_known(organisation: Organisation) -> bool:
    """Say whether anything protected is known of anybody."""
    return ProtectedTraits.objects.of(organisation).exclude(traits={}).exists()


def counts(organisation: Organisation) -> dict[str, int]:
    """Return of how many customers each protected column is known."""
    frame = protected_frame(organisation)
    names = [c for c in frame.columns if c != "customer_id"]
    return {name: frame[name].drop_nulls().len() for name in names}
