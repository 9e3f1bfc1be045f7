"""What people do with an experiment: submit, decide, start, stop, widen, take over."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tenor.platform.core.errors import Invalid, NotFound, Refused
from tenor.platform.core.roles import Right
from tenor.platform.decisions.runs.recall import recall
from tenor.platform.experiments import actions
from tenor.platform.experiments.queries import arms_of, experiment_called
from tenor.platform.workbench.screens import Request, screen


@screen(Right.RULES)
@require_POST
def submit(request: Request, name: str) -> HttpResponseBase:
    """Ask somebody else for approval."""
    actions.submit(request.actor, slug=name)
    return _done(request, name, _("Submitted. Now somebody else approves it."))


@screen(Right.RULES)
@require_POST
def withdraw(request: Request, name: str) -> HttpResponseBase:
    """Take one's own experiment back."""
    actions.withdraw(request.actor, slug=name)
    return _done(request, name, _("Taken back."))


@screen(Right.RULES_APPROVE)
@require_POST
def approve(request: Request, name: str) -> HttpResponseBase:
    """Approve what somebody else drew up."""
    actions.approve(request.actor, slug=name, because=request.POST.get("because", ""))
    return _done(request, name, _("Approved. It can be started."))


@screen(Right.RULES_APPROVE)
@require_POST
def reject(request: Request, name: str) -> HttpResponseBase:
    """Turn down what somebody else drew up."""
    actions.reject(request.actor, slug=name, because=request.POST.get("because", ""))
    return _done(request, name, _("Turned down."))


@screen(Right.RULES)
@require_POST
def start(request: Request, name: str) -> HttpResponseBase:
    """Let chance draw, from the next plan on."""
    actions.start(request.actor, slug=name)
    return _done(request, name, _("It begins with the next plan."))


@screen(Right.SEE)
@require_POST
def stop(request: Request, name: str) -> HttpResponseBase:
    """End an experiment before its time; what is planned by it is taken back."""
    return _ended(request, name, actions.stop, _("Stopped. Everybody is as before."))


@screen(Right.SEE)
@require_POST
def stop_arm(request: Request, name: str, arm: str) -> HttpResponseBase:
    """End one of several ways of working; the others go on."""
    found = experiment_called(request.actor, name)
    row = next((one for one in arms_of(found) if one.name == arm), None)
    if row is None:
        raise NotFound(_("There is no such way of working in this experiment."))
    if found.state != found.State.RUNNING:
        raise Refused(_("It does not run any more: there is nothing to stop."))
    row.experiment = found
    actions.stop_arm(request.actor, row, because=request.POST.get("because", ""))
    recall(request.organisation, experiment=name, arm=arm)
    return _done(request, name, _("Stopped. Its customers are as everybody else again."))


@screen(Right.SEE)
@require_POST
def finish(request: Request, name: str) -> HttpResponseBase:
    """End an experiment that has its answer."""
    return _ended(request, name, actions.finish, _("Finished. Everybody is as before."))


@screen(Right.RULES_APPROVE)
@require_POST
def widen(request: Request, name: str) -> HttpResponseBase:
    """Let more customers into a canary."""
    percent = request.POST.get("percent", "").replace(",", ".")
    try:
        share = float(percent) / 100
    except ValueError:
        raise Invalid(_("This is no share."), field="percent") from None
    actions.widen(request.actor, experiment_called(request.actor, name), share)
    return _done(request, name, _("Widened, from the next plan on."))


@screen(Right.RULES)
@require_POST
def adopt(request: Request, name: str) -> HttpResponseBase:
    """Make a draft of the rules with what an arm had."""
    draft = actions.adopt(request.actor, slug=name, arm=request.POST.get("arm", ""))
    messages.success(request, _("A draft of the rules: look at it, and submit it."))
    return redirect("workbench:rules_version", request.organisation.slug, draft.number)


def _ended(request: Request, name: str, act: Callable[..., Any], said: str) -> HttpResponseBase:
    found = experiment_called(request.actor, name)
    act(request.actor, found, request.POST.get("because", ""))
    recall(request.organisation, experiment=name)
    return _done(request, name, said)


def _done(request: Request, name: str, said: str) -> HttpResponseBase:
    messages.success(request, said)
    return redirect("workbench:experiment", request.organisation.slug, name)
