"""How changes go live, as an organisation sets it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenor.platform.core.preferences import ANY_SIGNER, SIGNERS, Preferences
from tenor.platform.workbench.forms import HouseForm
from tenor.platform.workbench.releases.words import GROUPS, RETRAINING


class SettingsForm(HouseForm):
    """Whose signature a release needs, how long its trial lasts, and how often one learns anew."""

    signers = forms.MultipleChoiceField(
        label=_("Who signs in any case"),
        choices=[(name, GROUPS[name]) for name in SIGNERS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    people = forms.IntegerField(
        label=_("Signatures in all"),
        min_value=1,
        max_value=4,
        help_text=_("Of as many parts of the house. Nobody signs for their own work."),
    )
    shadow_days = forms.IntegerField(
        label=_("Days in shadow"),
        min_value=1,
        max_value=60,
        help_text=_("So long it decides along with the day, and nothing is sent."),
    )
    canary_share = forms.FloatField(
        label=_("First share of customers (%)"),
        min_value=0.1,
        max_value=50,
        help_text=_("The share grows by rule, and is taken back by rule."),
    )
    retrain_every = forms.ChoiceField(
        label=_("Learn anew"),
        choices=list(RETRAINING.items()),
        help_text=_("Once a year everything is learned from scratch, and the recipe chosen again."),
    )
    automatic_updates = forms.BooleanField(
        label=_("Updates that pass every check need no signature"),
        required=False,
        help_text=_("Only the same recipe on newer facts; shadow and canary stay."),
    )

    @classmethod
    def of(cls, preferences: Preferences) -> "SettingsForm":
        """Return the form as it is set."""
        needed = preferences.approvals_needed
        return cls(
            initial={
                "signers": [name for name in needed if name != ANY_SIGNER],
                "people": len(needed),
                "shadow_days": preferences.shadow_days,
                "canary_share": round(100 * preferences.canary_share, 2),
                "retrain_every": preferences.retrain_every,
                "automatic_updates": preferences.automatic_updates,
            }
        )

    def preferences(self) -> dict[str, Any]:
        """Return what was filled in, as settings."""
        given = self.cleaned_data
        named = tuple(name for name in SIGNERS if name in given["signers"])
        others = max(0, given["people"] - len(named))
        return {
            "approvals_needed": (*named, *[ANY_SIGNER] * others),
            "shadow_days": given["shadow_days"],
            "canary_share": given["canary_share"] / 100,
            "retrain_every": given["retrain_every"],
            "automatic_updates": given["automatic_updates"],
        }
