"""The front of learning: it leads to the first of its screens."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from tenor.platform.core.roles import Right
from tenor.platform.workbench.learning.tabs import tabs
from tenor.platform.workbench.screens import Request, screen


@screen(Right.SEE)
@require_safe
def learning(request: Request) -> HttpResponse:
    """Open the first screen that this person may see."""
    shown = tabs(request, "")
    if shown:
        return redirect(shown[0]["href"])
    return redirect("workbench:rules_predictor", request.organisation.slug)
