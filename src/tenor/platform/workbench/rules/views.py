"""The rules in force, their versions, and a draft on its way to somebody else's approval."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tenor.engine.policy.policyfile import Policy
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.governance import actions, queries
from tenor.platform.governance.text import add_channel, mistakes, remove_channel
from tenor.platform.releases.queries import release_of_rules
from tenor.platform.workbench.rules import fields, shown
from tenor.platform.workbench.screens import Request, screen


@screen(Right.SEE)
@require_GET
def in_force(request: Request) -> HttpResponse:
    """Show the rules that decisions are made by today."""
    live = queries.live_policy_version(request.organisation)
    policy = queries.policy_of(live) if live else Policy()
    context = {
        "version": live,
        **_values(policy),
        "warnings": policy.warnings,
        "draft": queries.draft_of(request.actor),
        "may_draft": request.actor.may(Right.RULES),
        "waiting": queries.waiting(request.organisation),
        "tabs": shown.tabs(request, "rules"),
    }
    return render(request, "workbench/rules/in_force.html", context)


@screen(Right.SEE)
@require_GET
def versions(request: Request) -> HttpResponse:
    """List every version, the newest first."""
    context = {
        "versions": [shown.Listed.of(v) for v in queries.versions(request.organisation)],
        "tabs": shown.tabs(request, "rules_versions"),
    }
    return render(request, "workbench/rules/versions.html", context)


@screen(Right.RULES)
@require_POST
def begin(request: Request) -> HttpResponseBase:
    """Begin a draft from the rules in force, or from the version that is named."""
    number = request.POST.get("from", "")
    if number.isdigit():
        text = queries.version_numbered(request.actor, int(number)).text
    else:
        live = queries.live_policy_version(request.organisation)
        text = live.text if live else ""
    draft = actions.draft_policy(request.actor, text=text)
    return _to(request, draft.number)


@screen(Right.SEE)
@require_GET
def version(request: Request, number: int) -> HttpResponse:
    """Show a version: its values, its text or what it changes; its drafter may edit a draft."""
    return _page(request, number, request.GET.get("as", ""))


@screen(Right.RULES)
@require_POST
def save_form(request: Request, number: int) -> HttpResponseBase:
    """Write the values of the form into the text of the draft."""
    draft = queries.version_numbered(request.actor, number)
    policy = queries.policy_of(draft)
    try:
        text = fields.changed_text(draft.text, policy, request.POST)
        actions.draft_policy(request.actor, text=text, number=number)
    except fields.FormErrors as refused:
        groups = fields.groups(policy, request.POST, refused.errors)
        return _page(request, number, "form", refused.message, groups=groups)
    messages.success(request, _("Saved in the draft. Nothing has changed in the rules in force."))
    return _to(request, number)


@screen(Right.RULES)
@require_POST
def save_text(request: Request, number: int) -> HttpResponseBase:
    """Take the text as it was typed; one with mistakes stays in the field, each with its line."""
    text = request.POST.get("text", "").replace("\r\n", "\n")
    found = mistakes(text)
    if not found:
        actions.draft_policy(request.actor, text=text, number=number)
        messages.success(
            request, _("Saved in the draft. Nothing has changed in the rules in force.")
        )
        return _to(request, number, "text")
    return _page(
        request, number, "text", _("This cannot be read yet. Nothing was saved."), text=text,
        mistakes=found,
    )  # fmt: skip


@screen(Right.RULES)
@require_POST
def change_channel(request: Request, number: int) -> HttpResponseBase:
    """Turn a channel on, with a block of its own, or off."""
    draft = queries.version_numbered(request.actor, number)
    name = request.POST.get("channel", "").strip().lower()
    changed = remove_channel if request.POST.get("off") else add_channel
    text = changed(draft.text, name)
    actions.draft_policy(request.actor, text=text, number=number)
    return _to(request, number)


@screen(Right.RULES)
@require_POST
def begin_dry_run(request: Request, number: int) -> HttpResponseBase:
    """Have it worked out what a version would change on today's portfolio."""
    actions.request_dry_run(request.actor, number=number)
    return _to(request, number, "changes")


@screen(Right.SEE)
@require_GET
def dry_run(request: Request, number: int) -> HttpResponse:
    """Show the dry run, or how far it is: the part of the page that asks again while it runs."""
    found = queries.version_numbered(request.actor, number)
    context = shown.dry_run_of(request, found)
    return render(request, "workbench/rules/dry_run.html", {"version": found, **context})


@screen(Right.RULES)
@require_POST
def submit(request: Request, number: int) -> HttpResponseBase:
    """Ask somebody else to put the draft in force."""
    return _done(
        request, number, _("Submitted. Somebody else with the right to approve decides."),
        actions.submit_policy, note=request.POST.get("note", ""),
    )  # fmt: skip


@screen(Right.RULES)
@require_POST
def withdraw(request: Request, number: int) -> HttpResponseBase:
    """Take one's own version back."""
    return _done(request, number, _("Taken back."), actions.withdraw_policy)


@screen(Right.RULES_APPROVE)
@require_POST
def approve(request: Request, number: int) -> HttpResponseBase:
    """Put a version in force."""
    _not_in_a_release(request, number)
    return _done(
        request, number, _("In force: decisions from now on are made by these rules."),
        actions.approve_policy, because=request.POST.get("because", ""),
    )  # fmt: skip


@screen(Right.RULES_APPROVE)
@require_POST
def reject(request: Request, number: int) -> HttpResponseBase:
    """Turn a version down."""
    _not_in_a_release(request, number)
    return _done(
        request, number, _("Rejected. The one who wrote it sees why."),
        actions.reject_policy, because=request.POST.get("because", ""),
    )  # fmt: skip


def _not_in_a_release(request: Request, number: int) -> None:
    """Refuse where the version is signed for elsewhere: with its evidence, by more than one."""
    release = release_of_rules(request.organisation, number)
    if release is not None:
        raise Refused(
            _("These rules go live with release %(number)s: it is decided about there.")
            % {"number": release.number}
        )


def _page(
    request: HttpRequest, number: int, way: str, error: str = "", **more: Any
) -> HttpResponse:
    """Render a version in one of its ways: as a form, as text, or by what it changes."""
    actor = request.actor  # type: ignore[attr-defined]
    found = queries.version_numbered(actor, number)
    mine = found.drafted_by_id is not None and found.drafted_by_id == actor.user_id
    editing = mine and found.state == found.State.DRAFT
    ways = ("form", "text", "changes")
    way = way if way in ways else "form" if editing else "changes"
    context: dict[str, Any] = {
        "version": found,
        "listed": shown.Listed.of(found),
        "mine": mine,
        "editing": editing,
        "way": way,
        "ways": shown.ways(request, found, way),
        "error": error,
        "release": release_of_rules(actor.organisation, number),
        "may_draft": actor.may(Right.RULES),
        "may_decide": found.state == found.State.SUBMITTED
        and actor.may(Right.RULES_APPROVE)
        and not mine,
    }
    if way == "form":
        context |= _values(queries.policy_of(found))
    elif way == "text":
        text, wrong = more.get("text", found.text), more.get("mistakes", ())
        context |= {"text": text, "numbered": shown.numbered(text, wrong)}
    else:
        context |= shown.changes_of(request, found) | shown.dry_run_of(request, found)
    context |= more
    return render(request, "workbench/rules/version.html", context, status=422 if error else 200)


def _values(policy: Policy) -> dict[str, Any]:
    """Return the values of a policy: in groups, and those of channels side by side."""
    groups = fields.groups(policy)
    return {"groups": groups, "channel_rows": fields.channel_rows(groups)}


def _done(request: Request, number: int, words: str, action: Any, **given: Any) -> HttpResponseBase:
    """Call an action on a version; what is missing is said on the page where it was asked."""
    try:
        action(request.actor, number=number, **given)
    except Invalid as refused:
        return _page(request, number, "changes", refused.message)
    messages.success(request, words)
    return _to(request, number, "changes")


def _to(request: Request, number: int, way: str = "") -> HttpResponseBase:
    response = redirect("workbench:rules_version", request.organisation.slug, number)
    if way:
        response["Location"] += f"?as={way}"
    return response
