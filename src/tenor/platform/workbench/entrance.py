"""Where somebody lands: the organisation that they work in, or words that say why there is none."""

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from tenor.platform.core.access import memberships
from tenor.platform.core.roles import Right
from tenor.platform.workbench.screens import Request, screen


@login_required
def front_door(request: HttpRequest) -> HttpResponse:
    """Go to the organisation that was last worked in, or to the only one."""
    mine = [m.organisation for m in memberships(request.user)]  # type: ignore[arg-type]
    if not mine:
        return render(request, "workbench/no_organisation.html", status=403)
    last = request.session.get("organisation")
    chosen = next((o for o in mine if o.slug == last), mine[0])
    return redirect("workbench:home", chosen.slug)


@screen(Right.SEE)
def home(request: Request) -> HttpResponse:
    """Remember the organisation, and show what needs the person today."""
    request.session["organisation"] = request.organisation.slug
    return redirect("workbench:today", request.organisation.slug)


def not_invited(request: HttpRequest) -> HttpResponse:
    """Say that the provider knows somebody whom nobody here has invited."""
    return render(request, "workbench/not_invited.html", status=403)


def health(request: HttpRequest) -> JsonResponse:
    """Say that the process answers and the database does too (for a load balancer)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
