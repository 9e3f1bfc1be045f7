"""The screens of settings: who may, changes; everybody else reads."""

from datetime import UTC, datetime, time
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tenor.platform.core import keys
from tenor.platform.core.errors import Refused
from tenor.platform.core.models import ApiKey
from tenor.platform.core.organisations import (
    change_organisation,
    may_pause,
    pause,
    resume,
)
from tenor.platform.core.people import rename, set_language
from tenor.platform.core.preferences import change_preferences, preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.workbench.screens import Request, screen
from tenor.platform.workbench.settings.forms import (
    CHANNELS,
    TONES,
    KeyForm,
    LawForm,
    OrganisationForm,
    ProfileForm,
    WorkForm,
    ladder_of,
    ladder_rows,
)
from tenor.platform.workbench.settings.sending import ByThemselvesForm, sending_of


def _settings_page(request: Request, status: int = 200, **given: Any) -> HttpResponse:
    preferences = preferences_of(request.organisation)
    context = {
        "organisation_form": OrganisationForm.of(request.organisation),
        "work_form": WorkForm.of(preferences),
        "law_form": LawForm.of(preferences),
        "by_themselves_form": ByThemselvesForm.of(request.organisation),
        "sending": sending_of(request.organisation),
        "ladder": ladder_rows(preferences, may_change=request.actor.may(Right.ADMINISTER)),
        "channels": CHANNELS,
        "tones": TONES,
        "may_change": request.actor.may(Right.ADMINISTER),
        "may_pause": may_pause(request.actor),
        **given,
    }
    if not context["may_change"]:
        names = ("organisation_form", "work_form", "law_form", "by_themselves_form")
        for form in (context[name] for name in names):
            for field in form.fields.values():
                field.disabled = True
    return render(request, "workbench/settings/settings.html", context, status=status)


@screen(Right.SEE)
def show(request: Request) -> HttpResponse:
    """Show the settings; they can be changed by who administers."""
    return _settings_page(request)


@screen(Right.ADMINISTER)
@require_POST
def organisation(request: Request) -> HttpResponse:
    """Change the name, language, zone and currency."""
    form = OrganisationForm(request.POST)
    try:
        if form.is_valid():
            change_organisation(request.actor, **form.cleaned_data)
            messages.success(request, _("The organisation is changed."))
            return redirect("workbench:settings", request.organisation.slug)
    except Refused as error:
        form.refused(error)
    return _settings_page(request, 422, organisation_form=form)


@screen(Right.ADMINISTER)
@require_POST
def work(request: Request) -> HttpResponse:
    """Change how Tenor works."""
    form = WorkForm(request.POST)
    try:
        if form.is_valid():
            changes = form.changes(preferences_of(request.organisation))
            change_preferences(request.actor, **changes)
            messages.success(request, _("The settings are changed; the next plan follows them."))
            return redirect("workbench:settings", request.organisation.slug)
    except Refused as error:
        form.refused(error)
    return _settings_page(request, 422, work_form=form)


@screen(Right.ADMINISTER)
@require_POST
def law(request: Request) -> HttpResponse:
    """Change whose claims are collected, and whose law holds where no country is known."""
    form = LawForm(request.POST)
    try:
        if form.is_valid():
            change_preferences(request.actor, **form.cleaned_data)
            messages.success(request, _("The settings are changed; the next plan follows them."))
            return redirect("workbench:settings", request.organisation.slug)
    except Refused as error:
        form.refused(error)
    return _settings_page(request, 422, law_form=form)


@screen(Right.ADMINISTER)
@require_POST
def ladder(request: Request) -> HttpResponse:
    """Change the fixed ladder that Tenor is compared with."""
    steps = ladder_of(request.POST)
    try:
        change_preferences(request.actor, ladder=steps)
    except Refused as error:
        return _settings_page(request, 422, ladder=steps, ladder_error=error.message)
    messages.success(request, _("The ladder is changed."))
    return redirect("workbench:settings", request.organisation.slug)


@screen(Right.SEE)
@require_POST
def stop(request: Request) -> HttpResponse:
    """Pause everything."""
    pause(request.actor, because=request.POST.get("because", ""))
    messages.warning(request, _("Everything is paused. Nothing is sent until you let it go on."))
    return redirect("workbench:settings", request.organisation.slug)


@screen(Right.SEE)
@require_POST
def go_on(request: Request) -> HttpResponse:
    """Let everything go on."""
    resume(request.actor)
    messages.success(request, _("Tenor goes on: what is approved is sent from now on."))
    return redirect("workbench:settings", request.organisation.slug)


def _keys_page(request: Request, form: KeyForm, status: int = 200, **more: Any) -> HttpResponse:
    rows = ApiKey.objects.of(request.organisation).select_related("created_by")
    context = {"form": form, "keys": rows, **more}
    return render(request, "workbench/settings/keys.html", context, status=status)


@screen(Right.ADMINISTER)
def api_keys(request: Request) -> HttpResponse:
    """List the keys, and offer to make one."""
    return _keys_page(request, KeyForm())


@screen(Right.ADMINISTER)
@require_POST
@never_cache
def make_key(request: Request) -> HttpResponse:
    """Make a key, and show it this once."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _keys_page(request, form, 422)
    until = form.cleaned_data["expires_at"]
    expires_at = datetime.combine(until, time.max, UTC) if until else None
    try:
        key, text = keys.make_key(
            request.actor,
            name=form.cleaned_data["name"],
            wanted=form.cleaned_data["scopes"],
            expires_at=expires_at,
        )
    except Refused as error:
        form.refused(error)
        return _keys_page(request, form, 422)
    return _keys_page(request, KeyForm(), made=key, secret=text)


@screen(Right.ADMINISTER)
@require_POST
def revoke_key(request: Request, prefix: str) -> HttpResponse:
    """Make a key useless."""
    keys.revoke_key(request.actor, prefix=prefix)
    messages.success(request, _("The key is revoked: it opens nothing any more."))
    return redirect("workbench:api_keys", request.organisation.slug)


@screen(Right.SEE)
def profile(request: Request) -> HttpResponse:
    """Show and change what somebody sets for themselves."""
    if request.method == "POST":
        form = ProfileForm(request.POST)
        if form.is_valid():
            rename(request.user, form.cleaned_data["name"])
            set_language(request.user, form.cleaned_data["language"])
            messages.success(request, _("Your profile is changed."))
            response = redirect("workbench:profile", request.organisation.slug)
            # The pages of signing in stand outside an organisation, and read the cookie.
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, form.cleaned_data["language"])
            return response
    else:
        form = ProfileForm(initial={"name": request.user.name, "language": request.user.language})
    context = {"form": form, "second_factor": is_mfa_enabled(request.user)}
    status = 422 if form.is_bound else 200
    return render(request, "workbench/settings/profile.html", context, status=status)
