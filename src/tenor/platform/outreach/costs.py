"""What a contact costs: its parts priced by the organisation's own list, exact, and added up.

A part of which the list has no price is covered by the channel's cost in the rules, once. Rows are
added and never altered: what turns out not to have happened is taken back by a minus.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Sum

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.outreach.channels.contract import Charge
from tenor.platform.outreach.models import Cost, Message, Price

_NOTHING = Decimal(0)
_EXACT = Decimal("0.000001")
Listed = dict[tuple[str, str, str], Decimal]


def price_list(organisation: Organisation, on: date) -> Listed:
    """Return the prices in force on a day, by channel, part and country ("": any)."""
    rows = Price.objects.of(organisation).filter(
        valid_from__lte=on, currency=organisation.currency
    ).order_by("valid_from", "pk")  # fmt: skip
    found = rows.values_list("channel", "item", "country", "price")
    return {(channel, item, country): price for channel, item, country, price in found}


def charge(
    message: Message,
    charges: Sequence[Charge],
    *,
    at: datetime,
    usual: float,
    prices: Listed | None = None,
    country: str = "",
) -> Decimal:
    """Write down what a contact cost, once, with its outcome; return the sum.

    `usual` is the channel's cost in the rules, `country` where it went (the customer's if empty).
    The sum is put into the message, which the caller saves.
    """
    organisation = message.organisation
    if prices is None:
        prices = price_list(organisation, at.astimezone(clock.zone(organisation)).date())
    where = country or message.customer.country
    rows = _priced(message, charges or (Charge(Cost.Item.PROVIDER),), prices, usual, at, where)
    Cost.objects.of(organisation).bulk_create(rows)
    amount = sum((row.amount for row in rows), _NOTHING)
    message.cost = float(amount)
    return amount


def charge_minutes(message: Message, minutes: Decimal, *, at: datetime) -> Decimal:
    """Write down what a call cost: people's time, at what a minute costs; return the sum."""
    organisation = message.organisation
    price = Decimal(preferences_of(organisation).cost_per_minute)
    row = _row(message, Cost.Item.MINUTE, minutes, price, at)
    row.save()
    return _summed(message, row.amount)


def take_back(message: Message, *, at: datetime) -> Decimal:
    """Take a contact's cost back: it did not happen after all. Return how much that was."""
    kept = Cost.objects.of(message.organisation_id)
    standing = kept.filter(message=message).order_by()
    rows = standing.values("item", "price", "currency").annotate(
        left=Sum("quantity"), amount=Sum("amount")
    )
    back = [
        Cost(
            message=message, item=row["item"], quantity=-row["left"], price=row["price"],
            amount=-row["amount"], currency=row["currency"], at=at,
        )
        for row in rows
        if row["left"]
    ]  # fmt: skip
    kept.bulk_create(back)
    _summed(message, _NOTHING)
    return -sum((row.amount for row in back), _NOTHING)


def _priced(
    message: Message,
    charges: Sequence[Charge],
    prices: Listed,
    usual: float,
    at: datetime,
    country: str,
) -> list[Cost]:
    rows, unpriced = [], False
    for one in charges:
        price = prices.get((message.channel, one.item, country)) if country else None
        if price is None:
            price = prices.get((message.channel, one.item, ""))
        if price is None:
            unpriced = True
            continue
        rows.append(_row(message, one.item, one.quantity, price, at))
    if unpriced and not rows:
        rows.append(_row(message, charges[0].item, Decimal(1), Decimal(str(usual)), at))
    return rows


def _row(message: Message, item: str, quantity: Decimal, price: Decimal, at: datetime) -> Cost:
    amount = (quantity * price).quantize(_EXACT)
    return Cost(
        organisation_id=message.organisation_id, message=message, item=item, quantity=quantity,
        price=price, amount=amount, currency=message.organisation.currency, at=at,
    )  # fmt: skip


def _summed(message: Message, amount: Decimal) -> Decimal:
    """Keep the sum with the message, where the engine reads it."""
    message.cost = float(amount)
    Message.objects.of(message.organisation_id).filter(pk=message.pk).update(cost=message.cost)
    return amount
