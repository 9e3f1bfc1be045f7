"""The organisation's own bank accounts: where everybody pays."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tenor.platform.core.errors import Refused
from tenor.platform.core.roles import Right
from tenor.platform.ledger import actions, queries
from tenor.platform.workbench.forms import HouseForm
from tenor.platform.workbench.screens import Request, screen


class AccountForm(HouseForm):
    """An own account."""

    iban = forms.CharField(label=gettext_lazy("Account number (IBAN)"), max_length=60)
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3, min_length=3)
    holder = forms.CharField(label=gettext_lazy("In the name of"), max_length=70)
    bic = forms.CharField(label=gettext_lazy("BIC"), max_length=20, required=False)
    bank = forms.CharField(label=gettext_lazy("Bank"), max_length=100, required=False)
    is_default = forms.BooleanField(
        label=gettext_lazy("Messages ask for payment on this account"), required=False,
        initial=True,
    )  # fmt: skip


@screen(Right.SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def accounts(request: Request) -> HttpResponseBase:
    """List the own accounts; an administrator adds or changes one."""
    organisation = request.organisation
    usual = {"currency": organisation.currency, "holder": organisation.name, "is_default": True}
    form = AccountForm(request.POST or None, initial=usual)
    if request.method == "POST":
        request.actor.need(Right.ADMINISTER)
        if form.is_valid():
            values = form.cleaned_data | {"currency": form.cleaned_data["currency"].upper()}
            try:
                row = actions.set_account(request.actor, **values)
                said = _(
                    "Saved. In %(currency)s, people are asked to pay on the account marked so."
                )
                messages.success(request, said % {"currency": row.currency})
                return redirect("workbench:bank_accounts", organisation.slug)
            except Refused as refused:
                form.refused(refused)
    context = {
        "accounts": queries.accounts(organisation),
        "form": form,
        "may_change": request.actor.may(Right.ADMINISTER),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "workbench/bank/accounts.html", context, status=status)


@screen(Right.ADMINISTER)
@require_POST
def remove(request: Request) -> HttpResponse:
    """Take an own account away."""
    text = request.POST.get("account", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
    actions.remove_account(request.actor, number=number)
    messages.success(request, _("Removed. Statements of this account are refused from now on."))
    return redirect("workbench:bank_accounts", request.organisation.slug)
