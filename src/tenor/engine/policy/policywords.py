"""A policy in plain sentences, for those who would rather read than look up keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenor.engine.policy import keys

if TYPE_CHECKING:
    from tenor.engine.policy.policyfile import Policy
    from tenor.engine.policy.sections import ChannelPolicy, Exploration, Limits


def describe_channel(channel: ChannelPolicy, currency: str) -> str:
    start, end = (f"{m // 60:02d}:{m % 60:02d}" for m in channel.hours)
    days = (
        "every day" if len(channel.days) == 7 else ", ".join(keys.WEEKDAYS[d] for d in channel.days)
    )
    bounds = [
        f"at most {bound} a {period}"
        for period, bound in [
            ("day", channel.capacity_per_day),
            ("week", channel.capacity_per_week),
        ]
        if bound is not None
    ]
    parts = [
        f"{channel.name}: {channel.cost:.2f} {currency} each",
        " or ".join(channel.tones),
        f"{days} between {start} and {end} local time",
        *([f"{channel.days_to_arrive:g} days to arrive"] if channel.days_to_arrive else []),
        *(["only after another channel"] if channel.fallback else []),
        *bounds,
    ]
    return "; ".join(parts)


def describe_limits(limits: Limits) -> list[str]:
    first = limits.first_contact_from_due
    side = "after" if first > 0 else "before"
    when = f"{abs(first)} days {side} the due date" if first else "on the due date"
    return [
        f"at least {limits.min_days_between} days between two contacts with a customer, "
        f"and at most {limits.max_contacts_30d} in 30 days, over all channels",
        f"an invoice is first asked for {when}",
        f"proposed for collection {limits.escalate_after} days after it was due",
    ]


def describe_chance(policy: Policy) -> list[str]:
    review = policy.review
    return [
        *_describe_exploring(policy.exploration, policy.objective.currency),
        f"a person sees {review.sample:.1%} of decisions at random, contacts about more than "
        f"{review.amount_above} {policy.objective.currency}, choices less than "
        f"{review.uncertain_below:.0%} likely to beat waiting, and customers who saw the payment "
        f"page {review.visits_without_payment} times without paying",
    ]


def _describe_exploring(exploration: Exploration, currency: str) -> list[str]:
    said = [f"{exploration.share:.1%} of customers get a random allowed action, to learn from"]
    if exploration.share and exploration.price_per_day is not None:
        said.append(
            f"exploring may cost {exploration.price_per_day:.2f} {currency} of expected value a day"
        )
    if exploration.share and exploration.channels:
        said.append(f"explored are only: {', '.join(exploration.channels)}")
    return said


def describe_offers(policy: Policy) -> list[str]:
    plans, offers, currency = policy.plans, policy.offers, policy.objective.currency
    said = [
        f"plans of at most {plans.most_instalments} instalments within {plans.most_days} days, "
        f"none below {plans.smallest} {currency}, the first within {plans.first_within_days} days; "
        f"a person agrees to plans for more than {plans.amount_above} {currency}"
    ]
    if plans.offer:
        said.append("plans are offered by e-mail to reliable payers who are short for a while")
    if offers.settlement_most:
        said.append(
            f"from {offers.settlement_after} days overdue a debt may be settled for up to "
            f"{offers.settlement_most:.1%} less, where more comes of it"
        )
    if offers.early_most:
        said.append(
            f"who pays {offers.early_days} days before the due date may be given up to "
            f"{offers.early_most:.1%}, where it pays for itself"
        )
    if offers.settlement_most or offers.early_most:
        said.append(
            f"somebody else approves offers that give away more than {offers.amount_above} "
            f"{currency}"
            if offers.without_person
            else "somebody else approves every offer of less"
        )
    return said
