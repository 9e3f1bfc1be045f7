"""The page that stands in for a payment provider's, for made-up organisations: no money moves."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tenor.platform.core import clock, rates
from tenor.platform.core.actor import system
from tenor.platform.core.origin import origin_of
from tenor.platform.paying import actions, queries
from tenor.platform.paying.provider import State
from tenor.platform.portal.door import closed, dressed, render_alone
from tenor.platform.portal.words import language_of, words_of
from tenor.platform.wording import forms
from tenor.platform.wording.links import link_for, text_of

# What can be pressed, in this order.
_STATES = (State.PAID, State.PENDING, State.FAILED, State.CANCELLED)
_MOST_A_MINUTE = 60


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@dressed
def decide(request: Any, key: str) -> HttpResponse:
    """Show what a provider would; whoever presses decides what it says, and goes back."""
    if not rates.allowed("portal.made_up", origin_of(request), most=_MOST_A_MINUTE, seconds=60):
        return closed(request, "busy", 429)
    checkout = queries.made_up_called(key)
    if checkout is None:
        return closed(request, "unknown", 404)
    organisation, customer = checkout.organisation, checkout.customer
    pressed = request.POST.get("state", "")
    if request.method == "POST" and pressed in _STATES:
        actions.press(system(organisation), key=checkout.key, state=pressed)
        link = link_for(
            organisation, customer, at=clock.now(organisation), contact_key=checkout.contact_key
        )
        return HttpResponseRedirect(
            reverse("portal:paid", args=[text_of(link), checkout.key]), status=303
        )
    language = language_of(
        request.GET.get("lang", ""), request.headers.get("Accept-Language", ""), customer,
        organisation,
    )  # fmt: skip
    words = words_of(language).filled(organisation=organisation.name)
    return render_alone(
        organisation,
        language,
        "portal/made_up.html",
        {
            "words": words["made_up"],
            "amount": forms.amount(checkout.amount, checkout.currency, language),
            "method": words["pay"]["methods"][checkout.method] if checkout.method else "",
            "states": [(state.value, words["made_up"][state.value]) for state in _STATES],
        },
    )
