"""What can be filled in on the screens of settings."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tenor.engine.law.library import shipped
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import Preferences
from tenor.platform.core.roles import scopes
from tenor.platform.workbench.forms import HouseForm

CHANNELS = ("email", "sms", "letter", "call", "push")
TONES = ("friendly", "neutral", "firm", "urgent", "empathetic")
# Steps that can be filled in beside those that stand.
_MORE_STEPS = 2


def jurisdictions() -> list[tuple[str, Any]]:
    """Return the packs of law as choices, the country's own first."""
    packs = sorted(shipped().values(), key=lambda pack: pack.name)
    return [
        ("", _("That of the organisation's country")),
        *((p.jurisdiction, p.name) for p in packs),
    ]


class OrganisationForm(HouseForm):
    """What the organisation is called and where it lives."""

    name = forms.CharField(label=_("Name"), max_length=200)
    country = forms.CharField(label=_("Country"), max_length=2, help_text=_("Its code, as in NL."))
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("Of those who have not chosen their own."),
    )
    timezone = forms.CharField(
        label=_("Time zone"), max_length=64, help_text=_("As in Europe/Amsterdam.")
    )
    currency = forms.CharField(
        label=_("Currency"), max_length=3, help_text=_("Of figures over all invoices, as in EUR.")
    )

    @classmethod
    def of(cls, organisation: Organisation) -> "OrganisationForm":
        """Return the form as it stands."""
        return cls(initial={name: getattr(organisation, name) for name in cls.base_fields})


class WorkForm(HouseForm):
    """How Tenor works for the organisation."""

    automatic = forms.ChoiceField(
        label=_("Who lets decisions out"),
        choices=(("", _("People approve each plan")), ("all", _("Tenor, up to the amount below"))),
        widget=forms.RadioSelect,
        required=False,
        help_text=_("Segments can be given more or less freedom with the rules."),
    )
    automatic_amount_below = forms.CharField(
        label=_("Above this open amount a person always decides"), max_length=20
    )
    control_percent = forms.DecimalField(
        label=_("Control group (%)"), min_value=0, max_value=50, decimal_places=1,
        help_text=_("The share of customers, drawn by lot, whom Tenor does not plan for, so that "
                    "the difference can be measured."),
    )  # fmt: skip
    control_kind = forms.ChoiceField(
        label=_("What the control group gets"),
        choices=(("ladder", _("Your fixed ladder")), ("nothing", _("No contact at all"))),
        widget=forms.RadioSelect,
        required=False,
        initial="ladder",
    )
    use_prevention = forms.BooleanField(
        label=_("Prevent: write before the due date where that helps"), required=False
    )
    use_prioritisation = forms.BooleanField(
        label=_("Prioritise: put people's work in order"), required=False
    )
    use_execution = forms.BooleanField(
        label=_("Carry out: send messages after the due date"), required=False
    )
    day_starts_at = forms.CharField(
        label=_("The day begins at"), max_length=5, help_text=_("When the plan is made, as 06:00.")
    )
    promise_tolerance_days = forms.IntegerField(
        label=_("Days after a promise before reminders go on"), min_value=0, max_value=30
    )
    minutes_per_call = forms.IntegerField(
        label=_("Minutes a call takes"), min_value=1, max_value=240
    )
    cost_per_minute = forms.CharField(label=_("Cost of a person's minute"), max_length=12)
    second_factor_required = forms.BooleanField(
        label=_("Everybody signs in with a second factor"),
        help_text=_("Those without one are asked to set it up before they see anything."),
        required=False,
    )

    @classmethod
    def of(cls, preferences: Preferences) -> "WorkForm":
        """Return the form as it stands."""
        known = {name: getattr(preferences, name, None) for name in cls.base_fields}
        known["automatic"] = "all" if "all" in preferences.automatic else ""
        known["control_percent"] = round(preferences.control_share * 100, 1)
        return cls(initial=known)

    def changes(self, preferences: Preferences) -> dict[str, Any]:
        """Return the settings that were filled in, as the action takes them."""
        given = dict(self.cleaned_data)
        given["control_share"] = float(given.pop("control_percent") / 100)
        given["control_kind"] = given["control_kind"] or preferences.control_kind
        named = tuple(segment for segment in preferences.automatic if segment != "all")
        given["automatic"] = ("all", *named) if given["automatic"] else named
        return given


class LawForm(HouseForm):
    """Whose law holds where nothing is said of a place, and whose claims are collected."""

    actor = forms.ChoiceField(
        label=_("Whose claims you collect"),
        choices=(
            ("creditor", _("Our own, in our own name")),
            ("agency", _("Those of others, as a collection agency")),
        ),
        widget=forms.RadioSelect,
        help_text=_("Some rules bind agencies only, and some ask for a registration."),
    )
    registration_number = forms.CharField(
        label=_("Registration number"), max_length=200, required=False,
        help_text=_("Of an agency in the register that its law asks for."),
    )  # fmt: skip
    mandate = forms.CharField(
        label=_("Mandate"), max_length=200, required=False,
        help_text=_("Where the mandate of those for whom an agency collects is kept."),
    )  # fmt: skip
    supervisor = forms.CharField(
        label=_("Supervising authority"), max_length=200, required=False,
        help_text=_("Of an agency, where its law wants it named in letters."),
    )  # fmt: skip
    jurisdiction = forms.ChoiceField(
        label=_("Law where no country is known"), required=False, choices=jurisdictions,
        help_text=_("Of a customer whose country is known, that country's holds."),
    )  # fmt: skip

    @classmethod
    def of(cls, preferences: Preferences) -> "LawForm":
        """Return the form as it stands."""
        return cls(initial={name: getattr(preferences, name) for name in cls.base_fields})


class KeyForm(HouseForm):
    """A new key for a program."""

    name = forms.CharField(label=_("What uses it"), max_length=100)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=[(scope, scope) for scope in scopes()],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    expires_at = forms.DateField(
        label=_("Valid until"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: until it is revoked."),
    )  # fmt: skip


class ProfileForm(HouseForm):
    """What somebody sets for themselves."""

    name = forms.CharField(label=_("Your name"), max_length=200, required=False)
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("As the organisation")), *settings.LANGUAGES],
        required=False,
    )


def ladder_rows(preferences: Preferences, *, may_change: bool) -> list[tuple[Any, str, str]]:
    """Return the steps of the ladder, and empty ones for who may fill them in."""
    return [*preferences.ladder, *[("", "", "")] * (_MORE_STEPS if may_change else 0)]


def ladder_of(post: Any) -> list[tuple[str, str, str]]:
    """Return the steps that were filled in; an empty one is a step taken away."""
    names = ("ladder_days", "ladder_channel", "ladder_tone")
    steps = zip(*(post.getlist(name) for name in names), strict=False)
    return [step for step in steps if step[0].strip()]
