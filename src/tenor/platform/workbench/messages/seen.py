"""A composed message as its reader will see it over a channel, or why it cannot be said."""

from base64 import b64encode
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.outreach.channels import CHANNELS, letter
from tenor.platform.outreach.channels.contract import Charge, Parcel
from tenor.platform.outreach.costs import price_list
from tenor.platform.wording.composing import CannotSay
from tenor.platform.wording.draft import Draft, Form
from tenor.platform.wording.html import html
from tenor.platform.wording.plain import plain
from tenor.platform.workbench.templatetags.tenor import money

Words = str | Lazy
_MADE_UP = ("Voorbeeldstraat 1", "1234 AB Voorbeeldstad")
# Why a message cannot be said, and the screen on which that is put right.
CANNOT: dict[str, tuple[Words, str]] = {
    "no_account": (
        gettext_lazy("No bank account is known in this currency, and a message that asks for "
                     "money names one."), "settings_seen",
    ),
    "no_postal_address": (
        gettext_lazy("The law wants your postal address in it, and none is known."),
        "settings_seen",
    ),
    "no_contact": (
        gettext_lazy("The law wants to say in it how you are reached, and nothing is known."),
        "settings_seen",
    ),
    "no_registration_number": (
        gettext_lazy("The law wants your registration number in it."), "settings"
    ),
    "no_mandate": (gettext_lazy("The law wants your mandate in it."), "settings"),
    "no_creditor": (gettext_lazy("It is not known for whom this is collected."), ""),
    "no_link": (gettext_lazy("It names the link, which this channel does not carry."), ""),
    "shows_debt": (
        gettext_lazy("Others could see in it that money is owed: that may not be."), ""
    ),
    "wrong_term": (gettext_lazy("Its term is not the one that the law asks for."), ""),
    "no_address": (gettext_lazy("No postal address of this customer is known."), ""),
    "no_room": (gettext_lazy("The address does not fit the window of the envelope."), ""),
    "no_glyph": (
        gettext_lazy("A sign of the name, the address or the text cannot be printed."), ""
    ),
    "cannot_draw": (gettext_lazy("The letter cannot be printed."), ""),
    "no_letter": (gettext_lazy("The law asks for no letter in this case."), ""),
}  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """What the reader sees, and in words how it is counted."""

    draft: Draft
    subject: str
    body: str
    html: str
    counted: str = ""
    # A letter's first page, as the address of a picture.
    picture: str = ""


def seen(organisation: Organisation, draft: Draft, channel: str, *, country: str = "") -> Seen:
    """Return a composed message as this channel's reader will see it."""
    if draft.form is Form.SCRIPT:
        return Seen(draft, "", "\n\n".join((*draft.paragraphs, *draft.after)), "")
    parcel = Parcel(
        key="preview", to="", subject=draft.subject, body=plain(draft),
        html=html(draft) if channel == "email" else "",
        sender_name=draft.sender.name, language=draft.language, stop=draft.links.stop,
        draft=draft, country=country,
    )  # fmt: skip
    if channel == "letter":
        return Seen(draft, "", parcel.body, "", picture=_pictured(organisation, draft, country))
    adapter = CHANNELS.get(channel)
    if adapter is None:
        return Seen(draft, draft.subject, parcel.body, parcel.html)
    found = adapter.rendered(organisation, parcel)
    return Seen(
        draft, found.subject, found.body, found.html,
        _counted(organisation, channel, found.body, found.charges, country),
    )  # fmt: skip


def _pictured(organisation: Organisation, draft: Draft, country: str) -> str:
    try:
        page = letter.previewed(organisation, draft, country=country, page=1)
    except CannotSay as error:
        if error.code != "no_address":
            raise
        # To see how it looks, the address need not be a real one.
        made_up = replace(draft, address=(draft.recipient, *_MADE_UP))
        page = letter.previewed(organisation, made_up, country=organisation.country, page=1)
    return f"data:image/png;base64,{b64encode(page).decode()}"


def cannot(error: CannotSay) -> dict[str, Any]:
    """Say why a message cannot be said, and where that is put right."""
    words, route = CANNOT.get(error.code, ("", ""))
    if not words:
        words = _("Something that it names is not known here: %(name)s.") % {
            "name": error.detail or error.code
        }
    return {"cannot": words, "remedy_route": route}


def _counted(
    organisation: Organisation, channel: str, body: str, charges: tuple[Charge, ...], country: str
) -> str:
    """Say how long a text message is, in how many parts it goes, and what that costs."""
    parts = next((one.quantity for one in charges if one.item == "segment"), None)
    if parts is None:
        return ""
    signs = ngettext("%(n)s sign", "%(n)s signs", len(body)) % {"n": len(body)}
    number = int(parts)
    said = ngettext("%(signs)s, %(n)s part", "%(signs)s, %(n)s parts", number)
    text = said % {"signs": signs, "n": number}
    listed = price_list(organisation, clock.today(organisation))
    price = listed.get((channel, "segment", country), listed.get((channel, "segment", "")))
    if price is None:
        return text
    return f"{text}, {money(Decimal(parts) * price, organisation.currency)}"
