"""Whether Tenor sends: opened once another system's reminders are off, and closed again at once."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import change_preferences, preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.decisions.queries import latest_run, plan_summary
from tenor.platform.outreach.actions.stops import open_sending
from tenor.platform.wording.draft import Kind
from tenor.platform.workbench.forms import HouseForm
from tenor.platform.workbench.messages.words import KINDS
from tenor.platform.workbench.screens import Request, screen

# Messages that ask for nothing, and may go out by themselves.
NOTIFICATIONS = (
    Kind.THANK_YOU, Kind.PLAN_AGREED, Kind.INSTALMENT_DUE, Kind.PROMISE_NOTED, Kind.DISPUTE_NOTED,
)  # fmt: skip


class ByThemselvesForm(HouseForm):
    """Which messages go out without a plan."""

    notifications = forms.MultipleChoiceField(
        label=gettext_lazy("Send these when there is a reason, without asking"), required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(kind.value, KINDS[kind].name) for kind in NOTIFICATIONS],
        help_text=gettext_lazy("They ask for nothing. They go out within the permitted hours."),
    )  # fmt: skip
    automatic_notices = forms.BooleanField(
        label=gettext_lazy("Send the letter that a law asks for in the place of the last reminder"),
        required=False,
        help_text=gettext_lazy(
            "Its words and its term are those of the law. Without it no collection costs may be "
            "asked from a consumer, in the countries where the law says so."
        ),
    )

    @classmethod
    def of(cls, organisation: Organisation) -> "ByThemselvesForm":
        """Return the form as it stands."""
        preferences = preferences_of(organisation)
        return cls(initial={name: getattr(preferences, name) for name in cls.base_fields})


def sending_of(organisation: Organisation) -> dict[str, Any]:
    """Return whether messages go out, whether another system reminds too, and what waits."""
    preferences, run = preferences_of(organisation), latest_run(organisation)
    return {
        "open": not preferences.read_only,
        "other_off": preferences.erp_reminders_off,
        "other_off_on": preferences.erp_reminders_off_on,
        "approved": plan_summary(run).total.approved if run and preferences.read_only else 0,
    }


@screen(Right.ADMINISTER)
@require_POST
def begin(request: Request) -> HttpResponse:
    """Begin to send; refused while nobody has said that the other system is silent."""
    open_sending(request.actor, other_system_is_off=request.POST.get("other_is_off") == "yes")
    messages.success(request, _("Tenor sends from now on: what is approved goes out at its hour."))
    return _back(request)


@screen(Right.ADMINISTER)
@require_POST
def end(request: Request) -> HttpResponse:
    """Only look on again."""
    change_preferences(request.actor, read_only=True)
    messages.warning(request, _("Tenor only looks on: nothing is sent from now on."))
    return _back(request)


@screen(Right.ADMINISTER)
@require_POST
def other(request: Request) -> HttpResponse:
    """Say whether the other system's own reminders are off."""
    off = request.POST.get("off") == "yes"
    change_preferences(request.actor, erp_reminders_off=off)
    if off:
        messages.success(request, _("Noted: the reminders of your bookkeeping are off."))
    else:
        messages.warning(
            request,
            _("Noted: your bookkeeping reminds too. Import its reminders, so that they count."),
        )
    return _back(request)


@screen(Right.ADMINISTER)
@require_POST
def by_themselves(request: Request) -> HttpResponse:
    """Choose which messages go out by themselves."""
    form = ByThemselvesForm(request.POST)
    if form.is_valid():
        change_preferences(
            request.actor,
            notifications=tuple(form.cleaned_data["notifications"]),
            automatic_notices=form.cleaned_data["automatic_notices"],
        )
        messages.success(request, _("The settings are changed."))
    else:
        messages.error(request, _("Choose from the list."))
    return _back(request)


def _back(request: Request) -> HttpResponse:
    return redirect("workbench:settings", request.organisation.slug)
