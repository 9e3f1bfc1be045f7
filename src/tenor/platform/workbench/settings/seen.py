"""How messages and pages show the organisation, and on which bank accounts it is paid."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from tenor.platform.core.errors import Refused
from tenor.platform.core.preferences import Preferences, change_preferences, preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.ledger.actions import accounts as actions
from tenor.platform.ledger.queries.accounts import accounts
from tenor.platform.workbench.forms import HouseForm
from tenor.platform.workbench.screens import Request, screen
from tenor.platform.workbench.settings.colour import contrast_of


class SeenForm(HouseForm):
    """Who writes, as a reader sees them."""

    postal_address = forms.CharField(
        label=gettext_lazy("Postal address"), required=False, max_length=400,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("A line each, as on an envelope. Letters and e-mails carry it."),
    )  # fmt: skip
    phone = forms.CharField(
        label=gettext_lazy("Telephone"), required=False, max_length=40,
        help_text=gettext_lazy("Where a customer reaches a person."),
    )  # fmt: skip
    reply_email = forms.EmailField(
        label=gettext_lazy("Address for replies"), required=False,
        help_text=gettext_lazy("Where an answer to a message arrives."),
    )  # fmt: skip
    website = forms.CharField(
        label=gettext_lazy("Website"), required=False, max_length=200,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )  # fmt: skip
    colour = forms.CharField(
        label=gettext_lazy("Colour"), required=False, max_length=7,
        widget=forms.TextInput(attrs={"placeholder": "#0b5c63", "autocomplete": "off"}),
        help_text=gettext_lazy("Of the button in e-mails and of the customer's page, as #0b5c63."),
    )  # fmt: skip
    open_tracking = forms.BooleanField(
        label=gettext_lazy("See when an e-mail is opened, of those who agreed to that"),
        required=False,
        help_text=gettext_lazy(
            "A picture in the e-mail tells it. The law asks for the reader's consent first, so it "
            "is only put into e-mails to customers whose consent to it is recorded, and nothing "
            "changes for the others. Following the link to the payment page is known without it."
        ),
    )

    @classmethod
    def of(cls, preferences: Preferences) -> "SeenForm":
        """Return the form as it stands."""
        return cls(initial={name: getattr(preferences, name) for name in cls.base_fields})


class AccountForm(HouseForm):
    """A bank account of the organisation."""

    currency = forms.CharField(
        label=gettext_lazy("Currency"), max_length=3, help_text=gettext_lazy("As in EUR.")
    )
    holder = forms.CharField(
        label=gettext_lazy("In the name of"), max_length=70,
        help_text=gettext_lazy("As the bank has it: payers' banks compare it."),
    )  # fmt: skip
    iban = forms.CharField(label=gettext_lazy("Account number (IBAN)"), max_length=60)
    bic = forms.CharField(
        label=gettext_lazy("BIC"), max_length=20, required=False,
        help_text=gettext_lazy("Needed only for payers outside the single euro payments area."),
    )  # fmt: skip
    bank = forms.CharField(label=gettext_lazy("Bank"), max_length=100, required=False)
    is_default = forms.BooleanField(
        label=gettext_lazy("Messages in this currency name it"), required=False, initial=True
    )

    def clean_currency(self) -> str:
        """Return the code as it is kept."""
        return str(self.cleaned_data["currency"]).strip().upper()


def _page(request: Request, status: int = 200, **given: Any) -> HttpResponse:
    organisation = request.organisation
    preferences = preferences_of(organisation)
    may_change = request.actor.may(Right.ADMINISTER)
    context = {
        "seen_form": SeenForm.of(preferences),
        "account_form": AccountForm(
            initial={"currency": organisation.currency, "holder": organisation.name}
        ),
        "accounts": accounts(organisation),
        "contrast": contrast_of(preferences.colour),
        "may_change": may_change,
        **given,
    }
    if not may_change:
        for field in context["seen_form"].fields.values():
            field.disabled = True
    return render(request, "workbench/settings/seen.html", context, status=status)


@screen(Right.SEE)
@require_GET
def show(request: Request) -> HttpResponse:
    """Show how customers see the organisation; who administers may change it."""
    return _page(request)


@screen(Right.ADMINISTER)
@require_POST
def save(request: Request) -> HttpResponse:
    """Change how messages and pages show the organisation."""
    form = SeenForm(request.POST)
    try:
        if form.is_valid():
            change_preferences(request.actor, **form.cleaned_data)
            messages.success(request, _("Saved. Messages from now on show it."))
            return redirect("workbench:settings_seen", request.organisation.slug)
    except Refused as error:
        form.refused(error)
    return _page(request, 422, seen_form=form)


@screen(Right.SEE)
@require_GET
def colour(request: Request) -> HttpResponse:
    """Show a colour as readers would see it, with its contrast: a part of the form."""
    context = {"contrast": contrast_of(request.GET.get("colour", "").strip())}
    return render(request, "workbench/settings/colour.html", context)


@screen(Right.ADMINISTER)
@require_POST
def set_account(request: Request) -> HttpResponse:
    """Make a bank account known, or change what is kept of it."""
    form = AccountForm(request.POST)
    try:
        if form.is_valid():
            actions.set_account(request.actor, **form.cleaned_data)
            messages.success(request, _("The account is kept."))
            return redirect("workbench:settings_seen", request.organisation.slug)
    except Refused as error:
        form.refused(error)
    return _page(request, 422, account_form=form)


@screen(Right.ADMINISTER)
@require_POST
def remove_account(request: Request, number: int) -> HttpResponse:
    """Take a bank account away."""
    actions.remove_account(request.actor, number=number)
    messages.success(request, _("The account is taken away: no message names it any more."))
    return redirect("workbench:settings_seen", request.organisation.slug)
