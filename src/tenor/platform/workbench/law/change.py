"""Change one provision from a day on: what was typed becomes a draft of the organisation's own."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tenor.platform.core import clock
from tenor.platform.core.errors import Invalid
from tenor.platform.core.roles import Right
from tenor.platform.governance.lawmaking import change_value
from tenor.platform.workbench.law import shown
from tenor.platform.workbench.law.fields import Unfit
from tenor.platform.workbench.law.form import form_of, row_of
from tenor.platform.workbench.law.views import provision_page
from tenor.platform.workbench.screens import Request, screen


@screen(Right.RULES)
@require_POST
def change(request: Request, code: str, section: str, name: str) -> HttpResponseBase:
    """Keep the values as a draft; what cannot be used stays in the form, each with its reason."""
    pack = shown.pack_named(request.organisation, code)
    rule = shown.provision_named(pack, section, name)
    given, day = request.POST.dict(), clock.today(request.organisation)
    try:
        draft = change_value(
            request.actor,
            jurisdiction=code,
            section=section,
            name=name,
            row=row_of(rule, day, given),
        )
    except Invalid as refused:
        errors = refused.errors if isinstance(refused, Unfit) else {}
        form = form_of(rule, day, given, errors)
        return provision_page(
            request, code, section, name, form=form, error=refused.message.splitlines()
        )
    messages.success(request, _("Kept as a draft. Nothing has changed in what holds."))
    return redirect("workbench:law_version", request.organisation.slug, draft.number)
