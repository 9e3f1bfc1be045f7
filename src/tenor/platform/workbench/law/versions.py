"""The organisation's own reading of the law: its versions, a draft, and who signs for it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tenor.engine.law.library import shipped
from tenor.platform.core import clock
from tenor.platform.core.errors import Invalid, NotFound, Refused
from tenor.platform.core.roles import Right
from tenor.platform.governance import law, lawmaking
from tenor.platform.governance.lawtext import begin as head_of
from tenor.platform.releases.queries import release_of_law
from tenor.platform.workbench.law import shown
from tenor.platform.workbench.rules.shown import Listed, numbered
from tenor.platform.workbench.screens import Request, screen


@screen(Right.SEE)
@require_GET
def versions(request: Request) -> HttpResponse:
    """List every version of the organisation's own, the newest first."""
    context = {
        "versions": [Listed.of(row) for row in law.law_versions(request.organisation)],
        "packs": sorted(shipped().values(), key=lambda pack: pack.name),
        "home": law.home_of(request.organisation),
        "may_draft": request.actor.may(Right.RULES),
        "tabs": shown.tabs(request, "law_versions"),
    }
    return render(request, "workbench/law/versions.html", context)


@screen(Right.RULES)
@require_POST
def begin(request: Request) -> HttpResponseBase:
    """Begin a draft for a pack: from the version that is named, from what is in force, or anew."""
    actor, organisation = request.actor, request.organisation
    number = request.POST.get("from", "")
    if number.isdigit():
        text = law.law_numbered(actor, int(number)).text
    else:
        code = request.POST.get("pack", "")
        if code not in shipped():
            raise NotFound(_("There is no pack of this name."))
        live = {row.jurisdiction: row.text for row in law.live_extensions(organisation)}
        text = live.get(code) or head_of(code, organisation.slug, clock.today(organisation))
    draft = lawmaking.draft_law(actor, text=text)
    return _to(request, draft.number)


@screen(Right.SEE)
@require_GET
def version(request: Request, number: int) -> HttpResponse:
    """Show a version: what it changes, its cases, its text."""
    return _page(request, number)


@screen(Right.RULES)
@require_POST
def save_text(request: Request, number: int) -> HttpResponseBase:
    """Take the text as it was typed; one that cannot be read stays in the field."""
    text = request.POST.get("text", "").replace("\r\n", "\n")
    law.law_numbered(request.actor, number)
    try:
        lawmaking.draft_law(request.actor, text=text, number=number)
    except Invalid as refused:
        return _page(
            request, number, _("This cannot be read yet. Nothing was saved."), text=text,
            wrong=refused.message.splitlines(),
        )  # fmt: skip
    messages.success(request, _("Kept as a draft. Nothing has changed in what holds."))
    return _to(request, number)


@screen(Right.RULES)
@require_POST
def submit(request: Request, number: int) -> HttpResponseBase:
    """Ask somebody else to put the draft in force."""
    return _done(
        request, number, _("Submitted. Somebody else with the right to approve decides."),
        lawmaking.submit_law, note=request.POST.get("note", ""),
    )  # fmt: skip


@screen(Right.RULES)
@require_POST
def withdraw(request: Request, number: int) -> HttpResponseBase:
    """Take one's own version back."""
    return _done(request, number, _("Taken back."), lawmaking.withdraw_law)


@screen(Right.RULES_APPROVE)
@require_POST
def approve(request: Request, number: int) -> HttpResponseBase:
    """Put a version in force."""
    _not_in_a_release(request, number)
    return _done(
        request, number, _("In force: decisions and messages from now on obey it."),
        lawmaking.approve_law, because=request.POST.get("because", ""),
    )  # fmt: skip


@screen(Right.RULES_APPROVE)
@require_POST
def reject(request: Request, number: int) -> HttpResponseBase:
    """Turn a version down."""
    _not_in_a_release(request, number)
    return _done(
        request, number, _("Rejected. The one who wrote it sees why."),
        lawmaking.reject_law, because=request.POST.get("because", ""),
    )  # fmt: skip


@screen(Right.LAW)
@require_POST
def end(request: Request, number: int) -> HttpResponseBase:
    """Take a version out of force."""
    return _done(
        request, number, _("Out of force: the shipped pack alone holds again."),
        lawmaking.end_law, because=request.POST.get("because", ""),
    )  # fmt: skip


def _not_in_a_release(request: Request, number: int) -> None:
    """Refuse where the version is signed for elsewhere: with its evidence, by more than one."""
    release = release_of_law(request.organisation, number)
    if release is not None:
        raise Refused(
            _("This law goes live with release %(number)s: it is decided about there.")
            % {"number": release.number}
        )


def _page(request: HttpRequest, number: int, error: str = "", **more: Any) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    found = law.law_numbered(actor, number)
    mine = found.drafted_by_id is not None and found.drafted_by_id == actor.user_id
    check = law.check_law(found.text)
    to_sign = len(check.to_sign)
    release = release_of_law(actor.organisation, number)
    decides = (
        found.state == found.State.SUBMITTED and actor.may(Right.RULES_APPROVE) and not mine
        and release is None
    )  # fmt: skip
    context: dict[str, Any] = {
        "version": found,
        "listed": Listed.of(found),
        "pack": shipped().get(found.jurisdiction),
        "release": release,
        "mine": mine,
        "editing": mine and found.state == found.State.DRAFT,
        "may_draft": actor.may(Right.RULES),
        "may_decide": decides and (not to_sign or actor.may(Right.LAW)),
        "waits_for_signature": decides and to_sign and not actor.may(Right.LAW),
        "overtaken": found.state == found.State.LIVE and to_sign and not found.signed_off,
        "may_end": found.state == found.State.LIVE and actor.may(Right.LAW),
        "changes": shown.changes_shown(check.changes),
        "to_sign": to_sign,
        "own_cases": shown.cases_shown(check.cases),
        "other_cases": shown.cases_shown(
            outcome for outcome in check.shipped_cases if outcome.differences
        ),
        "shipped_cases": len(check.shipped_cases),
        "wrong": check.wrong,
        "text": found.text,
        "numbered": numbered(found.text, ()),
        "error": error,
        **more,
    }
    return render(request, "workbench/law/version.html", context, status=422 if error else 200)


def _done(request: Request, number: int, words: str, action: Any, **given: Any) -> HttpResponseBase:
    """Call an action on a version; what is missing is said on the page where it was asked."""
    try:
        action(request.actor, number=number, **given)
    except Refused as refused:
        response = _page(request, number, refused.message)
        response.status_code = refused.status
        return response
    messages.success(request, words)
    return _to(request, number)


def _to(request: Request, number: int) -> HttpResponseBase:
    return redirect("workbench:law_version", request.organisation.slug, number)
