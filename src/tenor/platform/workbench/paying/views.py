"""Settings of paying: on which accounts, at which provider, and what follows from it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tenor.platform.core.errors import Refused
from tenor.platform.core.roles import Right
from tenor.platform.ledger.queries import accounts
from tenor.platform.paying import actions
from tenor.platform.paying.provider import Field, Provider
from tenor.platform.paying.providers import CHOICES
from tenor.platform.paying.seen import Seen, account_seen, can_be_told
from tenor.platform.workbench.forms import HouseForm
from tenor.platform.workbench.paying.words import EVENTS, FIELDS, HOOKS, METHODS
from tenor.platform.workbench.screens import Request, screen


class ProviderForm(HouseForm):
    """What a provider asks for; a secret is written and never shown again."""

    def __init__(self, *args: Any, provider: Provider, seen: Seen, **options: Any) -> None:
        """Make the fields of this provider."""
        self.provider = provider
        here = seen.provider is not None and seen.provider.name == provider.name
        kept = seen.kept if here else frozenset()
        # Made for each provider: Django copies them as it would those of the class.
        self.base_fields = {  # type: ignore[misc]
            one.name: _field(provider, one, is_kept=one.name in kept) for one in provider.fields
        }
        super().__init__(*args, **options)


@screen(Right.ADMINISTER)
@require_GET
@never_cache
def show(request: Request) -> HttpResponse:
    """Show where customers pay, and what a provider would add."""
    return _page(request)


@screen(Right.ADMINISTER)
@require_POST
@never_cache
def save(request: Request) -> HttpResponse:
    """Let customers pay at a provider from now on."""
    provider = CHOICES.get(request.POST.get("provider", ""))
    if provider is None:
        return _page(request, 422, error=_("Choose a provider."))
    form = ProviderForm(request.POST, provider=provider, seen=account_seen(request.organisation))
    try:
        if form.is_valid():
            actions.set_provider(request.actor, provider=provider.name, given=form.cleaned_data)
            messages.success(request, _("Kept. Check it before the first customer pays."))
            return redirect("workbench:paying", request.organisation.slug)
    except Refused as error:
        form.refused(error)
    return _page(request, 422, form=form)


@screen(Right.ADMINISTER)
@require_POST
def check(request: Request) -> HttpResponse:
    """Ask the provider something that changes nothing."""
    wrong = actions.check_provider(request.actor)
    if wrong:
        messages.error(request, _("It does not work yet: %(why)s") % {"why": wrong})
    else:
        messages.success(request, _("It works: they know this key. No payment was made."))
    return redirect("workbench:paying", request.organisation.slug)


@screen(Right.ADMINISTER)
@require_POST
def remove(request: Request) -> HttpResponse:
    """Let customers pay by transfer alone."""
    actions.remove_provider(request.actor)
    messages.success(
        request, _("Removed. Customers pay by transfer; what they began is still followed.")
    )
    return redirect("workbench:paying", request.organisation.slug)


def _page(request: Request, status: int = 200, **given: Any) -> HttpResponse:
    seen = account_seen(request.organisation)
    form: ProviderForm | None = given.pop("form", None)
    here = seen.provider.name if seen.provider else ""
    chosen = form.provider if form else CHOICES.get(request.GET.get("provider", "") or here)
    if form is None and chosen is not None:
        form = ProviderForm(provider=chosen, seen=seen)
    context = {
        "seen": seen,
        "here": here,
        "accounts": accounts(request.organisation),
        "offered": list(CHOICES.values()),
        "chosen": chosen,
        "form": form,
        "methods": [METHODS[one] for one in chosen.methods] if chosen else [],
        "missing": [FIELDS[here, name][0] for name in seen.missing],
        "hook_words": HOOKS.get(here, ""),
        "hook_events": EVENTS.get(here, ()),
        "can_be_told": can_be_told(),
        **given,
    }
    return render(request, "workbench/paying/paying.html", context, status=status)


def _field(provider: Provider, one: Field, *, is_kept: bool) -> forms.Field:
    label, hint = FIELDS[provider.name, one.name]
    said: dict[str, Any] = {"label": label, "help_text": hint}
    if is_kept:
        said["help_text"] = gettext_lazy("Kept. Leave empty to keep it; nobody can read it again.")
    attrs = {"autocomplete": "off", "placeholder": "••••••••" if is_kept else ""}
    return forms.CharField(
        required=one.needed and not is_kept, max_length=300,
        widget=forms.PasswordInput(attrs=attrs) if one.secret else forms.TextInput(attrs=attrs),
        **said,
    )  # fmt: skip
