"""Links to a customer's page: short enough for a text message, signed, with an end.

The text in a link is the row's number and a signature over it and over whose it is: it can be made
here only, and the row says until when it is good.
"""

import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.crypto import salted_hmac

from tenor.platform.core.models import Organisation
from tenor.platform.ledger.models import Customer
from tenor.platform.wording.draft import Links
from tenor.platform.wording.models import PageLink

# How long a link opens the page; after that it only offers to send a new one.
VALID = timedelta(days=45)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
# 17 signs of 62 are 101 bits.
_SIGNS = 17


def link_for(
    organisation: Organisation, customer: Customer, *, at: datetime, contact_key: str = "",
    channel: str = "",
) -> PageLink:  # fmt: skip
    """Return the link that this contact carries; asked again, it is the same one."""
    found: PageLink
    found, _new = PageLink.objects.of(organisation).get_or_create(
        customer=customer,
        contact_key=contact_key,
        defaults={"channel": channel, "made_at": at, "expires_at": at + VALID},
    )
    return found


def addresses(link: PageLink) -> Links:
    """Return where the link's page is, and the pages beneath it."""
    page = f"{settings.PUBLIC_URL}/p/{text_of(link)}/"
    return Links(page=page, stop=f"{page}stop/", privacy=f"{page}privacy/")


def text_of(link: PageLink) -> str:
    """Return the link as it stands in an address: number, full stop, signature."""
    return f"{_written(link.pk)}.{_signature(link)}"


def link_of(text: str) -> PageLink | None:
    """Return the row of a link, whether it still opens anything or not; nothing if it is forged."""
    number, _stop, signature = text.partition(".")
    if not number or not number.isascii() or not number.isalnum() or len(number) > 10:
        return None
    rows = PageLink.across.select_related("customer", "organisation")
    link = rows.filter(pk=_read(number)).first()
    if link is None or not hmac.compare_digest(_signature(link).encode(), signature.encode()):
        return None
    return link


def _signature(link: PageLink) -> str:
    whose = f"{link.pk}:{link.organisation_id}:{link.customer_id}"
    made = salted_hmac("tenor.page", whose, algorithm="sha256").digest()
    return _written(int.from_bytes(made)).rjust(_SIGNS, "0")[:_SIGNS]


def _written(number: int) -> str:
    signs = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        signs = _DIGITS[digit] + signs
    return signs or "0"


def _read(text: str) -> int:
    number = 0
    for sign in text:
        number = number * len(_DIGITS) + _DIGITS.index(sign)
    return number
