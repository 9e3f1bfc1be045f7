"""The screens of experiments: the list, the form with its reckoning, and what one shows."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tenor.platform.core.errors import Refused
from tenor.platform.core.roles import Right
from tenor.platform.decisions.queries import latest_run
from tenor.platform.decisions.queries.trying import able_to_take_part
from tenor.platform.experiments import actions, planning, queries
from tenor.platform.experiments.actions import Draft
from tenor.platform.experiments.options import options
from tenor.platform.workbench.experiments import reckoned, said, shown
from tenor.platform.workbench.experiments.forms import ExperimentForm, initial_of, texts_of
from tenor.platform.workbench.learning.tabs import tabs
from tenor.platform.workbench.screens import Request, screen
from tenor.platform.workbench.words import word_of


@screen(Right.SEE)
@require_GET
def overview(request: Request) -> HttpResponse:
    """List what runs, what is being drawn up and what has ended."""
    found = [shown.listed(one) for one in queries.experiments(request.organisation)]
    groups = (
        (_("Running"), _("What it shows"), [one for one in found if one.is_running]),
        (_("Being drawn up"), _("What it asks"), [one for one in found if one.is_coming]),
        (_("Ended"), _("What it shows"), [one for one in found if one.is_over]),
    )
    context = {
        "tabs": tabs(request, "experiments"),
        "groups": [group for group in groups if group[-1]],
        "standing": shown.standing(request.organisation),
        "may_draft": request.actor.may(Right.RULES),
    }
    return render(request, "workbench/experiments/list.html", context)


@screen(Right.RULES)
@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponseBase:
    """Draw an experiment up: reckon first, then keep it as a draft."""
    return _form(request, ExperimentForm(request.organisation, request.POST or None))


@screen(Right.RULES)
@require_http_methods(["GET", "POST"])
def edit(request: Request, name: str) -> HttpResponseBase:
    """Change one's own draft."""
    found = queries.experiment_called(request.actor, name)
    if found.state != found.State.DRAFT:
        raise Refused(_("Only a draft can be changed."))
    organisation = request.organisation
    groups = options(organisation, texts_of(organisation), word_of)
    initial = initial_of(found, queries.arms_of(found), groups)
    form = ExperimentForm(request.organisation, request.POST or None, initial=initial)
    return _form(request, form, name)


@screen(Right.SEE)
@require_GET
def experiment(request: Request, name: str) -> HttpResponse:
    """Show an experiment: the question, who and what, and what it shows so far."""
    found = queries.experiment_called(request.actor, name)
    arms = queries.arms_of(found)
    looks = queries.results_of(found)
    actor = request.actor
    mine = found.drafted_by_id is not None and found.drafted_by_id == actor.user_id
    sizes = queries.sizes(found)
    State = found.State
    context = {
        "tabs": tabs(request, "experiments"),
        "experiment": found,
        "listed": shown.listed(found),
        "arms": shown.arms(actor, found, arms, sizes),
        "nobody": shown.nobody(found, queries.running(request.organisation), sizes),
        "verdicts": shown.verdicts(found, arms, looks),
        "results": shown.results(found, arms, looks),
        "figures": shown.figures_of(looks, arms),
        "reckoned": reckoned.kept(found),
        "facts": shown.facts(found),
        "guards": [said.guard(name, most) for name, most in found.guards.items()],
        "may_edit": mine and actor.may(Right.RULES) and found.state == State.DRAFT,
        "may_withdraw": mine and found.state in (State.DRAFT, State.SUBMITTED),
        "may_decide": not mine
        and actor.may(Right.RULES_APPROVE)
        and found.state == State.SUBMITTED,
        "may_start": actor.may(Right.RULES) and found.state == State.APPROVED,
        "may_end": found.state == State.RUNNING and shown.may_brake(actor),
        "stoppable": shown.stoppable(found, arms) if shown.may_brake(actor) else [],
        "may_widen": found.state == State.RUNNING
        and found.kind == found.Kind.CANARY
        and actor.may(Right.RULES_APPROVE),
        "adoptable": shown.adoptable(found, arms) if actor.may(Right.RULES) else [],
    }
    return render(request, "workbench/experiments/experiment.html", context)


def _form(request: Request, form: ExperimentForm, name: str = "") -> HttpResponseBase:
    """Show the form; keep what was filled in, or reckon with it, where it is right."""
    found = None
    if request.method == "POST" and form.is_valid():
        try:
            draft = form.draft()
            actions.checked(request.actor, draft)
            found = _reckoned(request, form, draft)
            if "keep" in request.POST:
                planned = planning.as_json(found) if found else {}
                made = actions.draft_experiment(
                    request.actor, replace(draft, planned=planned), slug=name
                )
                messages.success(request, _("Kept as a draft."))
                return redirect("workbench:experiment", request.organisation.slug, made.slug)
        except Refused as error:
            form.refused(error)
    context: dict[str, Any] = {
        "tabs": tabs(request, "experiments"),
        "nobody_yet": latest_run(request.organisation) is None,
        "form": form,
        "name": name,
        "asked": request.method == "POST" and not form.errors,
        "reckoned": reckoned.shown(found, form.cleaned_data) if found else None,
    }
    status = 400 if form.errors else 200
    return render(request, "workbench/experiments/form.html", context, status=status)


def _reckoned(request: Request, form: ExperimentForm, draft: Draft) -> planning.Reckoned | None:
    given, organisation = form.cleaned_data, request.organisation
    able = able_to_take_part(organisation, draft.segments)
    habit = planning.habit_of(
        organisation, present=able, outcome_days=draft.outcome_days, together_by=draft.together_by
    )
    count = 4 if draft.factors else len(draft.arms)
    # Of two factors each is told by half of the customers against the other half.
    names = "ab" if draft.factors else "abcdefgh"[:count]
    return planning.reckon(
        habit,
        effect=float(given["effect"]) / 100,
        weights=dict.fromkeys(names, 1.0),
        control="a",
        share=draft.share,
        days=draft.days,
        outcome_days=draft.outcome_days,
    )
