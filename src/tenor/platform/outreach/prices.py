"""What an organisation pays for each part of a contact: a list with days, never overwritten.

A new price holds from its day on; what went out before stays at the price of its own day.
"""

from datetime import date
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import Right
from tenor.platform.outreach.models import Cost, Price

# What of a contact over each channel can have a price of its own; a call's minutes are priced by
# what a person's minute costs.
ITEMS: dict[str, tuple[str, ...]] = {
    "email": (Cost.Item.PROVIDER,),
    "sms": (Cost.Item.SEGMENT,),
    "push": (Cost.Item.PROVIDER,),
    "letter": (Cost.Item.POSTAGE, Cost.Item.PRINT),
}
# A part of one contact costs less than this; more is a price for a thousand.
_MOST = Decimal(1000)


def prices(organisation: Organisation, channel: str) -> list[Price]:
    """Return a channel's prices: by part and country, the newest first."""
    rows = Price.objects.of(organisation).filter(channel=channel)
    return list(rows.order_by("item", "country", "-valid_from"))


def set_price(
    actor: Actor, *, channel: str, item: str, price: str, valid_from: date, country: str = ""
) -> Price:
    """Let a part of a contact cost this from a day on; of the same day, the later word counts."""
    actor.need(Right.ADMINISTER)
    if item not in ITEMS.get(channel, ()):
        raise Invalid(_("Choose from the list."), field="item")
    country = country.strip().upper()
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise Invalid(_("A country is two letters, as in NL."), field="country")
    amount = _amount(price)
    with transaction.atomic():
        row, new = Price.objects.of(actor.organisation).get_or_create(
            channel=channel, item=item, country=country, valid_from=valid_from,
            defaults={"price": amount, "currency": actor.organisation.currency},
        )  # fmt: skip
        before = None if new else {"price": str(row.price), "currency": row.currency}
        row.price, row.currency = amount, actor.organisation.currency
        row.save()
        subject = f"price:{channel}:{item}:{country or '*'}:{valid_from.isoformat()}"
        after = {"price": str(amount), "currency": row.currency}
        audit.record(actor, "price.set", subject, before=before, after=after)
    kept: Price = row
    return kept


def remove_price(actor: Actor, *, number: int) -> None:
    """Take back a price that does not hold yet; one that held is what was paid, and stays."""
    actor.need(Right.ADMINISTER)
    with transaction.atomic():
        row: Price = row_for(actor, Price, pk=number, lock=True)
        if row.valid_from <= clock.today(actor.organisation):
            raise Refused(_("This price held already. Enter the new one with the day it begins."))
        before = {"price": str(row.price), "currency": row.currency}
        subject = f"price:{row.channel}:{row.item}:{row.country or '*'}:{row.valid_from}"
        row.delete()
        audit.record(actor, "price.remove", subject, before=before)


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        raise Invalid(_("This is no amount."), field="price") from None
    if not amount.is_finite() or not 0 <= amount < _MOST:
        raise Invalid(_("The price of one part is from 0 to 1000."), field="price")
    return amount.quantize(Decimal("0.000001"))
