"""The four switches of learning, as screens throw them."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tenor.platform.core.errors import Invalid
from tenor.platform.core.roles import Right
from tenor.platform.governance import switches
from tenor.platform.workbench.releases import views
from tenor.platform.workbench.screens import Request, screen


@screen(Right.SEE)
@require_POST
def turn_off(request: Request) -> HttpResponseBase:
    """Turn a part of learning off, at once."""
    what = request.POST.get("what", "")
    try:
        switches.turn_off(request.actor, what=what, because=request.POST.get("because", ""))
    except Invalid as refused:
        return views.overview_page(request, error=refused.message, status=422)
    messages.success(
        request, _("Turned off. What was planned by it and has not gone out is taken back.")
    )
    return redirect("workbench:releases", request.organisation.slug)


@screen(Right.SEE)
@require_POST
def turn_on(request: Request) -> HttpResponseBase:
    """Let a part of learning work again."""
    switches.turn_on(request.actor, what=request.POST.get("what", ""))
    messages.success(request, _("Turned on: it has its say from the next decision on."))
    return redirect("workbench:releases", request.organisation.slug)
