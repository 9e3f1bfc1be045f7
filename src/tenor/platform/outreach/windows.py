"""When a channel may be used next, at the customer's place."""

from datetime import datetime, timedelta

from tenor.engine.calendar import public_holidays
from tenor.engine.law.case import Actor, Debtor
from tenor.engine.law.contact.windows import contact_windows
from tenor.engine.law.library import jurisdiction_of, resting_in
from tenor.engine.policy.policyfile import Policy
from tenor.engine.policy.sections import ChannelPolicy
from tenor.engine.policy.wished import wish_of
from tenor.platform.decisions.law import ALL, opted_out
from tenor.platform.decisions.queries import zone_of
from tenor.platform.decisions.queries.permission import Answer
from tenor.platform.ledger.models import Customer
from tenor.platform.outreach.models import Message

# A message that finds no hour within these is decided anew instead.
PATIENCE = timedelta(days=2)
_ONE_HOUR = timedelta(hours=1)


def next_slot(
    policy: Policy, channel: str, after: datetime, *, customer: Customer
) -> datetime | None:
    """Return the first whole hour after `after` at which rules and law let a channel be used.

    Nothing where there is none within two days, or no such channel.
    """
    found = _channel(policy, channel)
    if found is None:
        return None
    slot = (after + _ONE_HOUR).replace(minute=0, second=0, microsecond=0)
    while slot <= after + PATIENCE:
        if not _closed_by(policy, found, slot, customer):
            return slot
        slot += _ONE_HOUR
    return None


def telling(policy: Policy, message: Message, at: datetime) -> Answer:
    """Say whether a message that asks for nothing may go out at `at`: hours, days and opt-outs.

    It counts in no cap, and how much somebody owes has nothing to do with it.
    """
    customer, found = message.customer, _channel(policy, message.channel)
    if found is None:
        return Answer(["channel_off"])
    refusals = []
    if {message.channel, ALL} & opted_out(customer):
        refusals.append("opted_out")
    if reason := _closed_by(policy, found, at, customer):
        refusals.append(reason)
    return Answer(refusals, list(message.invoice_keys))


def _channel(policy: Policy, name: str) -> ChannelPolicy | None:
    return next((channel for channel in policy.channels if channel.name == name), None)


def _closed_by(policy: Policy, channel: ChannelPolicy, at: datetime, customer: Customer) -> str:
    """Return what keeps a channel closed at an instant, at the customer's place; "": open."""
    place, home = zone_of(customer), policy.jurisdiction.default
    if not _in_hours(policy, channel, at.astimezone(place), customer.country or home):
        return "hours"
    wish = wish_of(customer.contact_hours, customer.contact_days)
    if not channel.days_to_arrive and not wish.welcomes(at.astimezone(place)):
        return "wished_times"
    region = str(customer.attributes.get("region") or "") or None
    laws = [
        resting_in(policy.pack(jurisdiction_of(country, part)), country)
        for country, part in ((customer.country or home, region), (home, None))
    ]
    ruling = contact_windows(
        laws, at, zones=(place.key,), channel=channel.name,
        debtor=Debtor(customer.kind) if customer.kind else None,
        actor=Actor(policy.jurisdiction.actor),
    )  # fmt: skip
    return "" if ruling.allowed else "law_days"


def _in_hours(policy: Policy, channel: ChannelPolicy, local: datetime, country: str) -> bool:
    start, end = channel.hours
    quiet = policy.limits.quiet_holidays and local.date() in public_holidays(country, local.year)
    in_hours = start <= local.hour * 60 + local.minute < end
    return local.weekday() in channel.days and in_hours and not quiet
