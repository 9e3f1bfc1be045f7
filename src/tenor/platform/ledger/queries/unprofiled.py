"""Who objected to profiling: what is known of them chooses nothing, and nobody learns from it."""

from collections.abc import Collection
from datetime import datetime

from tenor.engine.law.holds import Step
from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.holding import meaning_of, packs_of
from tenor.platform.ledger.queries.marks import holds_at


def unprofiled(
    organisation: Organisation, at: datetime, customer_keys: Collection[str] | None = None
) -> frozenset[str]:
    """Return the keys of customers with a hold at `at` that stops profiling where they live.

    `customer_keys`: of these few alone.
    """
    rows = holds_at(organisation, at).filter(invoice=None).order_by()
    if customer_keys is not None:
        rows = rows.filter(customer__key__in=list(customer_keys))
    packs, day = packs_of(organisation), at.astimezone(clock.zone(organisation)).date()
    found = set()
    for reason, country, key in rows.values_list("reason", "customer__country", "customer__key"):
        rule = meaning_of(reason, pack=packs(country), day=day).rule
        if Step.PROFILE in rule.stops:
            found.add(key)
    return frozenset(found)
