"""What can be filled in about requests."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tenor.platform.privacy.words import KIND_NAMES
from tenor.platform.workbench.forms import HouseForm

_THROUGH = (
    ("letter", _("Letter")),
    ("email", _("E-mail")),
    ("phone", _("Telephone")),
    ("portal", _("Payment page")),
)


class RequestForm(HouseForm):
    """A request that came in."""

    kind = forms.ChoiceField(label=_("What is asked"), choices=list(KIND_NAMES.items()))
    received_on = forms.DateField(
        label=_("Received on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The term of the law runs from this day."),
    )  # fmt: skip
    through = forms.ChoiceField(label=_("It came by"), choices=_THROUGH)
    words = forms.CharField(
        label=_("In their words"), max_length=5_000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class AnswerForm(HouseForm):
    """What the person is told."""

    words = forms.CharField(
        label=_("The answer, as the person reads it"), max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip


class ExtendForm(HouseForm):
    """Why it takes longer."""

    because = forms.CharField(
        label=_("Why it takes longer"), max_length=500,
        help_text=_("Tell the person before the first term is over."),
    )  # fmt: skip
