"""Where somebody lands: the organisation that they work in, or words that say why there is none."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from tenor.platform.core.access import memberships
from tenor.platform.core.people import set_language
from tenor.platform.core.roles import Right
from tenor.platform.workbench.context import THEMES, places_of
from tenor.platform.workbench.screens import Request, screen

_YEAR = 365 * 24 * 3600


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
    """Remember the organisation, and show the first place that the person may go to."""
    request.session["organisation"] = request.organisation.slug
    return redirect(f"workbench:{places_of(request.actor)[0].route}", request.organisation.slug)


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Keep how this browser shows Tenor: light, dark or as the machine; and in which language."""
    back = request.META.get("HTTP_REFERER", "/")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    response: HttpResponse = redirect(back if safe else "/")
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
    theme, language = request.POST.get("theme"), request.POST.get("language", "")
    if theme in THEMES:
        response.set_cookie("tenor_theme", theme, max_age=_YEAR, samesite="Lax", httponly=True)
    if language in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=_YEAR, samesite="Lax")
        if request.user.is_authenticated:
            set_language(request.user, language)
    return response


def not_invited(request: HttpRequest) -> HttpResponse:
    """Say that the provider knows somebody whom nobody here has invited."""
    return render(request, "workbench/not_invited.html", status=403)


def closed(request: HttpRequest) -> HttpResponse:
    """Answer as if the library had no such page."""
    raise Http404


def health(request: HttpRequest) -> JsonResponse:
    """Say that the process answers and the database does too (for a load balancer)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
