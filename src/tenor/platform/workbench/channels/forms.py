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
        self.base_fields = {
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
        self.base_fields = deepcopy(self.base_fields)
        names = [(str(item), ITEM_NAMES[item]) for item in ITEMS.get(channel, ())]
        self.base_fields["item"].choices = names  # type: ignore[attr-defined]
        super().__init__(*args, **options)


def _field(one: Field, *, is_kept: bool) -> forms.Field:
    label, hint = one.label, one.hint
    if one.kind == "switch":
        return forms.BooleanField(label=label, help_text=hint, required=False)
    if one.kind == "choice":
        return forms.ChoiceField(
            label=label, help_text=hint, choices=one.choices, required=one.needed
        )
    if one.is_secret:
        widget = forms.PasswordInput(
            attrs={"autocomplete": "off", "placeholder": "••••••••" if is_kept else ""}
        )
        kept = _("Kept. Leave empty to keep it; nobody can read it again.") if is_kept else hint
        return forms.CharField(
            label=label, help_text=kept, required=one.needed and not is_kept, widget=widget,
            max_length=4000, strip=False,
        )  # fmt: skip
    return forms.CharField(
        label=label, help_text=hint, required=one.needed, max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
