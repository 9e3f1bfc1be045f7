"""When a channel may be used next, at the customer's place."""

from datetime import datetime, timedelta

from tenor.engine.calendar import public_holidays
from tenor.engine.policy.policyfile import Policy
from tenor.platform.decisions.queries import zone_of
from tenor.platform.ledger.models import Customer

# A message that finds no hour within these is decided anew instead.
PATIENCE = timedelta(days=2)


def next_slot(
    policy: Policy, channel: str, after: datetime, *, customer: Customer
) -> datetime | None:
    """Return the first whole hour after `after` at which the rules let a channel be used.

    Nothing where there is none within two days, or no such channel.
    """
    found = next((c for c in policy.channels if c.name == channel), None)
    if found is None:
        return None
    start, end = found.hours
    place, country = zone_of(customer), customer.country or policy.jurisdiction.default
    slot = (after + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    while slot <= after + PATIENCE:
        local = slot.astimezone(place)
        quiet = policy.limits.quiet_holidays and local.date() in public_holidays(
            country, local.year
        )
        if (
            local.weekday() in found.days
            and start <= local.hour * 60 + local.minute < end
            and not quiet
        ):
            return slot
        slot += timedelta(hours=1)
    return None
