"""The registry at a glance, the page of a release, and its papers."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tenor.platform.core.errors import NotFound
from tenor.platform.core.preferences import preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.governance.queries import predictors, versions, work_under_way
from tenor.platform.releases import queries
from tenor.platform.releases.papers import page_of, sheet_of
from tenor.platform.releases.record import record_of
from tenor.platform.workbench.learning.tabs import tabs
from tenor.platform.workbench.releases import shown, signed
from tenor.platform.workbench.releases.evidence import evidence_of
from tenor.platform.workbench.releases.forms import SettingsForm
from tenor.platform.workbench.screens import Request, screen


@screen(Right.SEE)
@require_GET
def overview(request: Request) -> HttpResponse:
    """Show what is live, what is on its way, what was learned when, and the switches."""
    return overview_page(request)


@screen(Right.SEE)
@require_GET
def release(request: Request, number: int) -> HttpResponse:
    """Show a release on one page: what changes, why, what was found, and who signed."""
    return release_page(request, number)


@screen(Right.SEE)
@require_GET
def gathering(request: Request, number: int) -> HttpResponse:
    """Show how far the evidence is: the part of the page that asks again while it is gathered."""
    found = queries.release_numbered(request.actor, number)
    context = {"release": found, **shown.progress(request, found)}
    response = render(request, "workbench/releases/gathering.html", context)
    if context["job"] is None:
        response["HX-Refresh"] = "true"
    return response


@screen(Right.RELEASE)
@require_GET
def file(request: Request, number: int) -> HttpResponse:
    """Hand out all that is kept of a release, for whoever examines it."""
    found = queries.release_numbered(request.actor, number)
    response = JsonResponse(record_of(found), json_dumps_params={"indent": 1})
    name = f"release-{request.organisation.slug}-{number}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@screen(Right.RELEASE)
@require_GET
def paper(request: Request, number: int, paper: str) -> HttpResponse:
    """Show the card or the data sheet of a predictor, or hand it out as a page (`?as=file`)."""
    version = queries.predictor_numbered(request.actor, number)
    sheet = sheet_of(version, paper)
    if sheet is None:
        raise NotFound(shown.no_paper())
    if request.GET.get("as") != "file":
        context = {"version": version, "sheet": sheet, "paper": paper}
        return render(request, "workbench/releases/paper.html", context)
    response = HttpResponse(page_of(version, paper), content_type="text/html; charset=utf-8")
    name = f"predictor-{version.version[:12]}-{paper}.html"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def overview_page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    """Render the registry; `more` holds a form or an error of an act."""
    actor = request.actor  # type: ignore[attr-defined]
    organisation = actor.organisation
    context: dict[str, Any] = {
        "tabs": tabs(request, "releases"),
        "live": [
            shown.Living.of(one, organisation.slug) for one in queries.live_parts(organisation)
        ],
        "packs": queries.shipped_packs(),
        "releases": [shown.Listed.of(one) for one in queries.releases(organisation)],
        "trainings": [shown.Learned.of(one) for one in queries.trainings(organisation)],
        "switches": shown.switches_of(actor),
        "may_brake": actor.may(Right.APPROVE) or actor.may(Right.RULES_APPROVE),
        "may_open": actor.may(Right.RULES),
        "may_set": actor.may(Right.ADMINISTER),
        "settings": SettingsForm.of(preferences_of(organisation)),
        "needed": signed.needed_words(organisation),
        "free_rules": shown.free_rules(actor, versions(organisation)),
        "free_predictors": shown.free_predictors(actor, predictors(organisation)),
        "free_law": shown.free_law(actor),
        "free_texts": shown.free_texts(actor),
        "learning": work_under_way(organisation, "fit_predictor"),
    }
    return render(request, "workbench/releases/overview.html", context | more, status=status)


def release_page(request: HttpRequest, number: int, error: str = "") -> HttpResponse:
    """Render a release, with what an act refused."""
    actor = request.actor  # type: ignore[attr-defined]
    found = queries.release_numbered(actor, number)
    context = {
        "tabs": tabs(request, "releases"),
        "release": found,
        "listed": shown.Listed.of(found),
        "error": error,
        "course": shown.course(found),
        "follows": shown.follows(actor, found),
        **signed.signatures(actor, found),
        **evidence_of(actor, found),
        **shown.progress(request, found),
        **shown.acts_of(actor, found),
    }
    return render(request, "workbench/releases/release.html", context, status=422 if error else 200)
