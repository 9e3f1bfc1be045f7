"""How the screens write money, dates, chances and icons; known to every template."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from tenor.engine.payments.iban import format_iban
from tenor.platform.core.currencies import decimals
from tenor.platform.workbench.words import short_date, word_of

register = template.Library()

# Currencies whose sign everybody knows; the others keep their code.
_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}


@register.filter
def money(amount: Any, currency: str = "EUR") -> str:
    """Write an amount with its currency, in the reader's form: € 1.234,50 in Dutch."""
    return _amount(amount, currency, decimals(currency))


@register.filter
def round_money(amount: Any, currency: str = "EUR") -> str:
    """Write an amount without decimals, for figures that people compare."""
    return _amount(amount, currency, 0)


def _amount(amount: Any, currency: str, places: int) -> str:
    """Round half up and write; Django's own formatting would cut what is beyond the last place."""
    if amount is None or amount == "":
        return "–"
    exact = Decimal(str(amount)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    figure = formats.number_format(abs(exact), decimal_pos=places, force_grouping=True)
    sign, minus = _SIGNS.get(currency, f"{currency} "), "−" if exact < 0 else ""
    space = "\u00a0" if get_language() != "en" and len(sign) == 1 else ""
    return f"{minus}{sign}{space}{figure}"


@register.filter
def percent(share: Any, places: int = 0) -> str:
    """Write a share of one as a percentage."""
    if share is None or share == "":
        return "–"
    return formats.number_format(round(float(share) * 100, places), decimal_pos=places) + "%"


@register.filter
def count(number: Any) -> str:
    """Write a whole number with its thousands."""
    return "–" if number is None else formats.number_format(int(number), force_grouping=True)


@register.filter
def day(value: Any) -> SafeString | str:
    """Write a date as a person says it, the exact one on hover: 12 March."""
    if not value:
        return "–"
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    on = timezone.localtime(value).date() if isinstance(value, datetime) else value
    near = abs((timezone.localdate() - on).days) < 300
    words = short_date(on, "j M" if near else "j M Y")
    return format_html('<time datetime="{}" title="{}">{}</time>', on.isoformat(),
                       formats.date_format(on, "l j F Y"), words)  # fmt: skip


@register.filter
def when(value: Any) -> SafeString | str:
    """Write an instant as a person says it, in the organisation's zone: Thu 12 Mar, 14:30."""
    if not value:
        return "–"
    value = datetime.fromisoformat(value) if isinstance(value, str) else value
    at = timezone.localtime(value)
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(),
                       formats.date_format(at, "l j F Y, H:i:s"),
                       short_date(at, "D j M, H:i"))  # fmt: skip


@register.filter
def overdue(days: Any) -> str:
    """Say how late something is."""
    late = int(days or 0)
    if late > 0:
        return ngettext("%(days)s day late", "%(days)s days late", late) % {"days": late}
    if late == 0:
        return _("due today")
    return ngettext("due in %(days)s day", "due in %(days)s days", -late) % {"days": -late}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon of the sprite; without a label it is decoration beside words."""
    source = static("icons.svg")
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>',
                           label, source, name)  # fmt: skip
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', source, name
    )


@register.simple_tag(takes_context=True)
def to(context: template.Context, route: str, *args: Any, **named: Any) -> str:
    """Return the address of a screen in the organisation that is being looked at."""
    slug = context["organisation"].slug
    if named:
        return reverse(f"workbench:{route}", kwargs={"slug": slug, **named})
    return reverse(f"workbench:{route}", args=[slug, *args])


_CHANNEL_ICONS = {
    "email": "mail", "sms": "message", "letter": "file-text", "call": "phone",
    "push": "bell", "wait": "hourglass", "review": "eye", "escalate": "gavel",
}  # fmt: skip


@register.filter
def channel_icon(channel: str) -> str:
    """Name the icon of a channel (an organisation's own channels get a general one)."""
    return _CHANNEL_ICONS.get(channel, "send")


@register.filter
def iban(number: str) -> str:
    """Write an account number in fours, as it stands on paper."""
    return format_iban(number).replace(" ", "\u00a0")


@register.filter
def word(code: Any) -> str:
    """Say a code of the product in the reader's language."""
    return word_of(code)
