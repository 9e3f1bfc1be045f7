"""The screens of channels: with whom, at what price, on or off."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tenor.platform.core import clock
from tenor.platform.core.errors import Refused
from tenor.platform.core.organisations import may_pause
from tenor.platform.core.roles import Right
from tenor.platform.outreach import accounts, prices
from tenor.platform.outreach.actions import stops
from tenor.platform.outreach.channels import PROVIDERS, provider_of
from tenor.platform.workbench.channels.forms import AccountForm, PriceForm
from tenor.platform.workbench.channels.shown import Listed, listed, one_of
from tenor.platform.workbench.channels.words import ITEM_NAMES
from tenor.platform.workbench.screens import Request, screen


@screen(Right.SEE)
@require_GET
def show(request: Request) -> HttpResponse:
    """List the channels: what each is for, where it stands, and its switch."""
    context = {
        "channels": listed(request.organisation),
        "may_stop": may_pause(request.actor),
        "may_change": request.actor.may(Right.ADMINISTER),
    }
    return render(request, "workbench/channels/channels.html", context)


@screen(Right.SEE)
@require_GET
@never_cache
def channel(request: Request, name: str) -> HttpResponse:
    """Show one channel; who administers may change with whom it is used, and its prices."""
    return _page(request, one_of(request.organisation, name))


@screen(Right.ADMINISTER)
@require_POST
@never_cache
def save_account(request: Request, name: str) -> HttpResponse:
    """Use a provider from now on."""
    found = one_of(request.organisation, name)
    provider = provider_of(name, request.POST.get("provider", ""))
    if provider is None:
        return _page(request, found, 422, error=_("Choose a provider."))
    form = AccountForm(request.POST, provider=provider, seen=found.seen)
    try:
        if form.is_valid():
            accounts.set_account(
                request.actor, channel=name, provider=provider.name, **form.given()
            )
            messages.success(request, _("Kept. Check it before the first message goes out."))
            return _to(request, name)
    except Refused as error:
        form.refused(error)
    return _page(request, found, 422, form=form)


@screen(Right.ADMINISTER)
@require_POST
def check(request: Request, name: str) -> HttpResponse:
    """Try the account without sending anything."""
    wrong = accounts.check_account(request.actor, channel=name)
    if wrong:
        messages.error(request, _("It does not work yet: %(why)s") % {"why": wrong})
    else:
        messages.success(request, _("It works: they know this account. Nothing was sent."))
    return _to(request, name)


@screen(Right.ADMINISTER)
@require_POST
def forget(request: Request, name: str) -> HttpResponse:
    """Use the account no longer."""
    accounts.remove_account(request.actor, channel=name)
    messages.success(request, _("The account is forgotten, with its secrets."))
    return _to(request, name)


@screen(Right.SEE)
@require_POST
def stop(request: Request, name: str) -> HttpResponse:
    """Let nothing more go out over a channel."""
    found = one_of(request.organisation, name)
    stops.stop_channel(request.actor, channel=name, because=request.POST.get("because", ""))
    messages.warning(
        request, _("%(channel)s is stopped: nothing goes out over it.") % {"channel": found.title}
    )
    return redirect("workbench:channels", request.organisation.slug)


@screen(Right.SEE)
@require_POST
def start(request: Request, name: str) -> HttpResponse:
    """Let messages go out over a channel again."""
    found = one_of(request.organisation, name)
    stops.start_channel(request.actor, channel=name)
    messages.success(
        request,
        _("%(channel)s goes on: what is approved and still right is sent.")
        % {"channel": found.title},
    )
    return redirect("workbench:channels", request.organisation.slug)


@screen(Right.ADMINISTER)
@require_POST
def set_price(request: Request, name: str) -> HttpResponse:
    """Let a part of a contact cost this from a day on."""
    found = one_of(request.organisation, name)
    form = PriceForm(request.POST, channel=name)
    try:
        if form.is_valid():
            prices.set_price(request.actor, channel=name, **form.cleaned_data)
            messages.success(request, _("The price is kept: messages from that day on cost this."))
            return _to(request, name)
    except Refused as error:
        form.refused(error)
    return _page(request, found, 422, price_form=form)


@screen(Right.ADMINISTER)
@require_POST
def remove_price(request: Request, number: int) -> HttpResponse:
    """Take back a price that does not hold yet."""
    prices.remove_price(request.actor, number=number)
    messages.success(request, _("The price is taken back."))
    return redirect("workbench:channels", request.organisation.slug)


def _page(request: Request, found: Listed, status: int = 200, **given: Any) -> HttpResponse:
    organisation, offered = request.organisation, PROVIDERS.get(found.name, ())
    form: AccountForm | None = given.get("form")
    asked = request.GET.get("provider", "")
    here = found.seen.provider.name if found.seen.provider else ""
    chosen = provider_of(found.name, form.provider.name if form else asked or here)
    if chosen is None and len(offered) == 1:
        chosen = offered[0]
    today, may_change = clock.today(organisation), request.actor.may(Right.ADMINISTER)
    context = {
        "found": found,
        "hook": accounts.hook_of(request.actor, channel=found.name)
        if found.seen.hook and may_change
        else "",
        "offered": offered,
        "chosen": chosen,
        "here": here,
        "form": form or (AccountForm(provider=chosen, seen=found.seen) if chosen else None),
        "prices": [
            {"row": row, "item": ITEM_NAMES[row.item], "later": row.valid_from > today}
            for row in prices.prices(organisation, found.name)
        ],
        "price_form": PriceForm(channel=found.name, initial={"valid_from": today})
        if found.name in prices.ITEMS
        else None,
        "may_stop": may_pause(request.actor),
        "may_change": may_change,
        **given,
    }
    context["form"] = form or context["form"]
    return render(request, "workbench/channels/channel.html", context, status=status)


def _to(request: Request, name: str) -> HttpResponse:
    return redirect("workbench:channel", request.organisation.slug, name)
