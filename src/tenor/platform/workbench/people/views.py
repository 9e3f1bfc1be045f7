"""The screens of people: let in, change, take away; and where a new colleague sets a password."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from tenor.platform.core import invitations
from tenor.platform.core import people as actions
from tenor.platform.core.access import row_for
from tenor.platform.core.errors import Refused, TenorError
from tenor.platform.core.models import Membership
from tenor.platform.core.origin import origin_of
from tenor.platform.core.roles import RIGHT_NAMES, RIGHTS, ROLE_NAMES, Right
from tenor.platform.workbench.people.forms import FirstPasswordForm, NewPersonForm, PersonForm
from tenor.platform.workbench.screens import Request, refusal, screen


def _people_page(
    request: Request, form: NewPersonForm, status: int = 200, **more: Any
) -> HttpResponse:
    members = list(
        Membership.objects.of(request.organisation).select_related("user").order_by("user__name")
    )
    guarded = set(
        Authenticator.objects.filter(user__in=[m.user_id for m in members])
        .exclude(type=Authenticator.Type.RECOVERY_CODES)
        .values_list("user_id", flat=True)
    )
    table = [
        (name, [right in rights for rights in (RIGHTS[role] for role in ROLE_NAMES)])
        for right, name in RIGHT_NAMES.items()
    ]
    context = {
        "members": members,
        "guarded": guarded,
        "roles": list(ROLE_NAMES.values()),
        "table": table,
        "form": form,
        **more,
    }
    return render(request, "workbench/people/people.html", context, status=status)


@screen(Right.ADMINISTER)
def show(request: Request) -> HttpResponse:
    """List who works here, and what each role may do."""
    return _people_page(request, NewPersonForm())


@screen(Right.ADMINISTER)
@require_POST
@never_cache
def add(request: Request) -> HttpResponse:
    """Let somebody in; show the link for their first password, this once."""
    form = NewPersonForm(request.POST)
    if not form.is_valid():
        return _people_page(request, form, 422)
    try:
        membership = actions.add_person(request.actor, **form.cleaned_data)
    except Refused as error:
        form.refused(error)
        return _people_page(request, form, error.status)
    if not invitations.may_be_invited(membership):
        words = _("%(name)s works here now, and signs in as before.")
        messages.success(request, words % {"name": membership.user})
        return redirect("workbench:people", request.organisation.slug)
    return _people_page(
        request, NewPersonForm(), invited=membership, link=_link(request, membership.user_id)
    )


def _link(request: Request, user_id: int) -> str:
    text = invitations.invite(request.actor, user_id=user_id)
    return request.build_absolute_uri(reverse("workbench:welcome", args=[text]))


def _person_page(
    request: Request, membership: Membership, form: PersonForm, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "membership": membership,
        "form": form,
        "guarded": Authenticator.objects.filter(user=membership.user_id).exists(),
        "may_be_invited": invitations.may_be_invited(membership),
        **more,
    }
    return render(request, "workbench/people/person.html", context, status=status)


@screen(Right.ADMINISTER)
def person(request: Request, user_id: int) -> HttpResponse:
    """Show and change what somebody is here."""
    membership = row_for(request.actor, Membership, user_id=user_id, related=("user",))
    if request.method != "POST":
        skills = ", ".join(membership.skills)
        form = PersonForm(initial={"role": membership.role, "skills": skills})
        return _person_page(request, membership, form)
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _person_page(request, membership, form, 422)
    try:
        if form.cleaned_data["role"] != membership.role:
            actions.change_role(request.actor, user_id=user_id, role=form.cleaned_data["role"])
        skills = form.cleaned_data["skills"].split(",")
        actions.set_skills(request.actor, user_id=user_id, skills=skills)
    except Refused as error:
        form.refused(error)
        return _person_page(request, membership, form, error.status)
    messages.success(request, _("%(name)s is changed.") % {"name": membership.user})
    return redirect("workbench:people", request.organisation.slug)


@screen(Right.ADMINISTER)
@require_POST
@never_cache
def invite(request: Request, user_id: int) -> HttpResponse:
    """Make a new link for somebody who never set a password."""
    link = _link(request, user_id)
    membership = row_for(request.actor, Membership, user_id=user_id, related=("user",))
    return _people_page(request, NewPersonForm(), invited=membership, link=link)


@screen(Right.ADMINISTER)
@require_POST
def remove(request: Request, user_id: int) -> HttpResponse:
    """Let somebody in no longer."""
    actions.remove_person(request.actor, user_id=user_id)
    messages.success(request, _("They cannot open this organisation any more."))
    return redirect("workbench:people", request.organisation.slug)


@screen(Right.ADMINISTER)
@require_POST
def second_factor(request: Request, user_id: int) -> HttpResponse:
    """Take away the second factor of somebody who lost it."""
    actions.remove_second_factor(request.actor, user_id=user_id)
    messages.success(request, _("They sign in with the password alone, and can set up another."))
    return redirect("workbench:person", request.organisation.slug, user_id)


@never_cache
@sensitive_post_parameters()
def welcome(request: HttpRequest, text: str) -> HttpResponse:
    """Let a new colleague set the first password."""
    form = FirstPasswordForm(request.POST or None)
    try:
        membership = invitations.invited(text)
        if form.is_valid():
            invitations.accept(
                text,
                password=form.cleaned_data["password"],
                origin=origin_of(request),
            )
            messages.success(request, _("Your password is set. Sign in with it."))
            return redirect("account_login")
    except Refused as error:
        form.refused(error)
    except TenorError as error:
        return refusal(request, error)
    context = {"form": form, "membership": membership}
    status = 422 if form.is_bound else 200
    return render(request, "workbench/people/welcome.html", context, status=status)
