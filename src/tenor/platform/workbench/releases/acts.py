"""What people do with a release, each with its reason: open, sign, take back, reject, go back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tenor.platform.core.errors import Invalid
from tenor.platform.core.preferences import change_preferences
from tenor.platform.core.roles import Right
from tenor.platform.releases import drafting, going, signing
from tenor.platform.releases.queries import release_numbered
from tenor.platform.workbench.releases import views
from tenor.platform.workbench.releases.forms import SettingsForm
from tenor.platform.workbench.screens import Request, screen


@screen(Right.RULES)
@require_POST
def open_release(request: Request) -> HttpResponseBase:
    """Open a release of versions that were chosen."""
    release = drafting.open_release(
        request.actor,
        title=request.POST.get("title", ""),
        policy=_number(request, "policy"),
        predictor=_number(request, "predictor"),
        law=_number(request, "law"),
        texts=[int(one) for one in request.POST.getlist("texts") if one.isdecimal()],
    )
    messages.success(request, _("Its evidence is being gathered. You can leave this page."))
    return redirect("workbench:release", request.organisation.slug, release.number)


@screen(Right.RULES)
@require_POST
def gather(request: Request, number: int) -> HttpResponseBase:
    """Have the evidence of a draft gathered anew."""
    drafting.gather_evidence(request.actor, release_numbered(request.actor, number))
    return redirect("workbench:release", request.organisation.slug, number)


@screen(Right.RULES)
@require_POST
def submit(request: Request, number: int) -> HttpResponseBase:
    """Ask the others for their signature."""
    return _done(
        request, number, _("Submitted. Now others sign."), drafting.submit,
        note=request.POST.get("note", ""),
    )  # fmt: skip


@screen(Right.RULES)
@require_POST
def withdraw(request: Request, number: int) -> HttpResponseBase:
    """Take one's own release back."""
    return _done(request, number, _("Taken back."), drafting.withdraw)


@screen(Right.RELEASE)
@require_POST
def approve(request: Request, number: int) -> HttpResponseBase:
    """Sign for a release."""
    seen, because = request.POST.getlist("seen"), request.POST.get("because", "")
    return _done(request, number, _("You have signed."), going.sign, because=because, seen=seen)


@screen(Right.RELEASE)
@require_POST
def reject(request: Request, number: int) -> HttpResponseBase:
    """Turn a release down."""
    words = _("Rejected. What is live stays, and its author sees why.")
    return _with_reason(request, number, words, signing.reject)


@screen(Right.RELEASE)
@require_POST
def revoke(request: Request, number: int) -> HttpResponseBase:
    """Take one's signature back."""
    return _with_reason(request, number, _("Your signature is taken back."), going.revoke)


@screen(Right.RELEASE)
@require_POST
def go_on(request: Request, number: int) -> HttpResponseBase:
    """Let a release go on that a rule had stopped, or sign that one has seen what it left open."""
    return _with_reason(request, number, _("Kept, with your name."), going.let_go_on)


@screen(Right.LAW)
@require_POST
def skip(request: Request, number: int) -> HttpResponseBase:
    """Leave out what is left of a step, signed."""
    words = _("The step is left out, with your signature.")
    return _with_reason(request, number, words, going.skip)


@screen(Right.SEE)
@require_POST
def roll_back(request: Request, number: int) -> HttpResponseBase:
    """Go back to what was before, at once."""
    words = _("Rolled back: what was before it holds again.")
    return _with_reason(request, number, words, going.roll_back)


@screen(Right.SEE)
@require_POST
def go_back(request: Request, number: int) -> HttpResponseBase:
    """Put an earlier release in force again, at once."""
    words = _("It is live again: decisions from now on are made by it.")
    return _with_reason(request, number, words, going.go_back_to)


@screen(Right.ADMINISTER)
@require_POST
def save_settings(request: Request) -> HttpResponseBase:
    """Keep whose signature is needed, how long a trial lasts, and how often one learns anew."""
    form = SettingsForm(request.POST)
    if form.is_valid():
        try:
            change_preferences(request.actor, **form.preferences())
        except Invalid as refused:
            form.refused(refused)
        else:
            messages.success(request, _("Saved. It holds from the next step of a release on."))
            return redirect("workbench:releases", request.organisation.slug)
    return views.overview_page(request, settings=form, status=422)


def _number(request: Request, name: str) -> int | None:
    given = request.POST.get(name, "")
    return int(given) if given.isdecimal() else None


def _with_reason(
    request: Request, number: int, words: str, action: Callable[..., Any]
) -> HttpResponseBase:
    return _done(request, number, words, action, because=request.POST.get("because", ""))


def _done(
    request: Request, number: int, words: str, action: Callable[..., Any], **given: Any
) -> HttpResponseBase:
    """Call an action on a release; what is missing is said on the page where it was asked."""
    try:
        action(request.actor, number=number, **given)
    except Invalid as refused:
        return views.release_page(request, number, refused.message)
    messages.success(request, words)
    return redirect("workbench:release", request.organisation.slug, number)
