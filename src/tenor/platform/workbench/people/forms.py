"""What can be filled in about people."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tenor.platform.core.roles import ROLE_NAMES
from tenor.platform.workbench.forms import HouseForm


class NewPersonForm(HouseForm):
    """Somebody who is let in."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=[(r.value, n) for r, n in ROLE_NAMES.items()])


class PersonForm(HouseForm):
    """What somebody is here."""

    role = forms.ChoiceField(label=_("Role"), choices=[(r.value, n) for r, n in ROLE_NAMES.items()])
    skills = forms.CharField(
        label=_("Skills"), max_length=500, required=False,
        help_text=_("With commas between them. Cases that ask for a skill come to them first."),
    )  # fmt: skip


class FirstPasswordForm(HouseForm):
    """The first password, twice."""

    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least twelve characters: a few words that only you would put together."),
    )  # fmt: skip
    again = forms.CharField(
        label=_("The same once more"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        """Refuse two that differ."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError(_("These two are not the same."))
        return again
