"""When a channel may be used next, at the customer's place."""

from datetime import datetime, timedelta

from tenor.engine.calendar import public_holidays
from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.contact.windows import contact_windows
from tenor.engine.law.library import jurisdiction_of, resting_in
from tenor.engine.policy.policyfile import Policy
from tenor.engine.policy.sections import ChannelPolicy
from tenor.platform.decisions.queries import zone_of
from tenor.platform.ledger.models import Customer

# A message that finds no hour within these is decided anew instead.
PATIENCE = timedelta(days=2)
_ONE_HOUR = timedelta(hours=1)


def next_slot(
    policy: Policy, channel: str, after: datetime, *, customer: Customer
) -> datetime | None:
    """Return the first whole hour after `after` at which rules and law let a channel be used.

    Nothing where there is none within two days, or no such channel.
    """
    found = next((c for c in policy.channels if c.name == channel), None)
    if found is None:
        return None
    place, home = zone_of(customer), policy.jurisdiction.default
    region = str(customer.attributes.get("region") or "") or None
    laws = [
        resting_in(policy.pack(jurisdiction_of(country, part)), country)
        for country, part in ((customer.country or home, region), (home, None))
    ]
    debtor = Debtor(customer.kind) if customer.kind else None
    slot = (after + _ONE_HOUR).replace(minute=0, second=0, microsecond=0)
    while slot <= after + PATIENCE:
        if _in_hours(policy, found, slot.astimezone(place), customer.country or home):
            ruling = contact_windows(
                laws, slot, zones=(place.key,), channel=channel, debtor=debtor,
                actor=Actor(policy.jurisdiction.actor),
            )  # fmt: skip
            if ruling.allowed:
                return slot
        slot += _ONE_HOUR
    return None


def _in_hours(policy: Policy, channel: ChannelPolicy, local: datetime, country: str) -> bool:
    start, end = channel.hours
    quiet = policy.limits.quiet_holidays and local.date() in public_holidays(country, local.year)
    in_hours = start <= local.hour * 60 + local.minute < end
    return local.weekday() in channel.days and in_hours and not quiet
