"""What can be filled in about a channel: an account with a provider, and prices."""

from copy import deepcopy
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenor.platform.outreach.accounts import Seen
from tenor.platform.outreach.channels.provider import Field, Provider
from tenor.platform.outreach.prices import ITEMS
from tenor.platform.workbench.channels.words import ITEM_NAMES
from tenor.platform.workbench.forms import HouseForm


class AccountForm(HouseForm):
    """An account with a provider: its own fields; a secret is written and never shown again."""

    def __init__(self, *args: Any, provider: Provider, seen: Seen, **options: Any) -> None:
        """Make the fields that this provider asks for."""
        self.provider = provider
        here = seen.provider is not None and seen.provider.name == provider.name
        kept = seen.secrets if here else frozenset()
        known = seen.settings if here else {}
        # Made for each provider: Django copies them as it would those of the class.
        self.base_fields = {  # type: ignore[misc]
            one.name: _field(one, is_kept=one.name in kept) for one in provider.fields
        }
        initial = {one.name: known.get(one.name, one.default) for one in provider.fields}
        for one in provider.fields:
            if one.kind == "switch":
                initial[one.name] = initial[one.name] in (True, "yes")
            elif one.is_secret:
                initial[one.name] = ""
        super().__init__(*args, initial=initial, **options)

    def given(self) -> dict[str, Any]:
        """Return what was filled in, as the action takes it: settings apart from secrets."""
        secret = {one.name for one in self.provider.fields if one.is_secret}
        values = self.cleaned_data
        return {
            "settings": {name: value for name, value in values.items() if name not in secret},
            "secrets": {name: value for name, value in values.items() if name in secret},
        }


class PriceForm(HouseForm):
    """A price of one part of a contact."""

    item = forms.ChoiceField(label=_("For"))
    price = forms.CharField(label=_("Price"), max_length=16)
    country = forms.CharField(
        label=_("Country"), max_length=2, required=False,
        help_text=_("Its code, as in NL. Empty: everywhere else."),
    )  # fmt: skip
    valid_from = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, channel: str, **options: Any) -> None:
        """Offer the parts that this channel has."""
        self.base_fields = deepcopy(self.base_fields)  # type: ignore[misc]
        names = [(str(item), ITEM_NAMES[item]) for item in ITEMS.get(channel, ())]
        self.base_fields["item"].choices = names  # type: ignore[attr-defined]
        super().__init__(*args, **options)


def _field(one: Field, *, is_kept: bool) -> forms.Field:
    said: dict[str, Any] = {"label": one.label, "help_text": one.hint, "required": one.needed}
    if one.kind == "switch":
        return forms.BooleanField(**{**said, "required": False})
    if one.kind == "choice":
        return forms.ChoiceField(choices=one.choices, **said)
    if one.is_secret:
        if is_kept:
            kept = _("Kept. Leave empty to keep it; nobody can read it again.")
            said |= {"help_text": kept, "required": False}
        hidden = {"autocomplete": "off", "placeholder": "••••••••" if is_kept else ""}
        return forms.CharField(
            widget=forms.PasswordInput(attrs=hidden), max_length=4000, strip=False, **said
        )
    attrs = {"autocomplete": "off", "spellcheck": "false"}
    return forms.CharField(max_length=200, widget=forms.TextInput(attrs=attrs), **said)
