"""A provider for made-up organisations: its page is our own, and no money moves."""

from collections.abc import Mapping

from django.conf import settings

from tenor.platform.core import clock
from tenor.platform.paying.models import Checkout
from tenor.platform.paying.provider import (
    Begun,
    Forged,
    Keys,
    Method,
    Order,
    Provider,
    Standing,
    State,
)

NAME = "made_up"


def begin(keys: Keys, order: Order) -> Begun:
    """Return the address of the page that stands in for a provider's."""
    return Begun(order.key, f"{settings.PUBLIC_URL}/p/made-up/{order.key}/")


def look(keys: Keys, reference: str) -> Standing:
    """Return what was pressed on that page."""
    row = Checkout.across.select_related("organisation").get(key=reference)
    return Standing(
        reference=reference,
        key=row.key,
        state=State(row.made_up or State.OPEN),
        amount=row.amount,
        currency=row.currency,
        at=clock.now(row.organisation) if row.made_up else None,
        method=row.method,
        reason="insufficient_funds" if row.made_up == State.FAILED else "",
    )


def told(keys: Keys, headers: Mapping[str, str], body: bytes) -> list[str]:
    """Believe nobody: it has no hook."""
    raise Forged("A made-up provider tells nothing.")


def check(keys: Keys) -> None:
    """Find nothing wrong: there is nobody to ask."""


PROVIDER = Provider(
    name=NAME,
    title="Made-up provider",
    fields=(),
    methods=(Method.IDEAL, Method.CARD, Method.BANCONTACT, Method.PAYPAL),
    begin=begin,
    look=look,
    told=told,
    check=check,
)
