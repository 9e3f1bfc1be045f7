"""What the pool holds about a person: their part of a sum, which can be taken out exactly."""

from typing import Any

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.core.personal import Holding
from tenor.platform.pooling.models import Gift, Part
from tenor.platform.pooling.packing import unpacked

PARTS = "parts"


def export(organisation: Organisation, key: str) -> dict[str, list[dict[str, Any]]]:
    """Return the numbers that a customer adds to the organisation's own sum."""
    return {
        "pool": [
            {
                "given_at": part.gift.given_at.isoformat(),
                "numbers": [int(v) for v in unpacked(part.numbers)],
            }
            for part in _of(organisation, key)
        ]
    }


def holdings(organisation: Organisation, key: str) -> list[Holding]:
    """Return that a customer is part of the sum."""
    rows = list(_of(organisation, key))
    if not rows:
        return []
    latest = max(part.gift.given_at for part in rows)
    day = latest.astimezone(clock.zone(organisation)).date()
    return [Holding(PARTS, "training set", len(rows), day)]


def erase(organisation: Organisation, key: str, *, part: str, year: int | None = None) -> int:
    """Take a customer out of the exact sum: it is then what it had been without them.

    The noisy sum that was given stays: the noise is what keeps anybody from telling whether they
    were in it. The next gift is made without them.
    """
    count = 0
    for row in _of(organisation, key):
        gift = Gift.objects.of(organisation).select_for_update().get(pk=row.gift_id)
        taken = unpacked(row.numbers)
        gift.exact = [value - int(own) for value, own in zip(gift.exact, taken, strict=True)]
        gift.erased += 1
        gift.customers -= 1
        gift.save(update_fields=["exact", "erased", "customers"])
        row.delete()
        count += 1
    return count


def _of(organisation: Organisation, key: str) -> Any:
    rows = Part.objects.of(organisation).filter(customer__key=key)
    return rows.select_related("gift").order_by("pk")
