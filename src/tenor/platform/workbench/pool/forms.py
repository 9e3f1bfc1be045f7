"""The form with which an organisation takes part in a pool."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tenor.engine.pooling.noise import epsilon_of, rho_of

# What a gift may cost, in plain words; the figures are epsilon at delta 1e-6.
LEVELS = (
    ("0.5", _("Very little (0.5): needs a large pool")),
    ("1", _("Little (1): usual")),
    ("4", _("More (4): a small pool learns too, at a price")),
)
# A year holds four gifts.
_GIFTS = 4


class JoinForm(forms.Form):
    """On which terms an organisation takes part."""

    epsilon = forms.ChoiceField(
        label=_("What a gift may tell of one customer"),
        choices=LEVELS,
        initial="1",
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    key = forms.CharField(
        label=_("Pool key"),
        required=False,
        min_length=12,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "form-control"}),
        help_text=_(
            "Only to exchange files with other installations: all of them enter the same. Empty: "
            "as it is."
        ),
    )

    @classmethod
    def of(cls, epsilon: float | None) -> "JoinForm":
        """Return the form as it stands: with what a gift may cost now, or empty."""
        return cls() if epsilon is None else cls(initial={"epsilon": f"{epsilon:g}"})

    def terms(self) -> dict[str, float]:
        """Return what a gift, and what a year of four gifts, may cost."""
        epsilon = float(self.cleaned_data["epsilon"])
        # Several gifts together tell less than the sum of their epsilons.
        return {"epsilon": epsilon, "budget": epsilon_of(_GIFTS * rho_of(epsilon))}
