"""The record of processing, the risks and what debtors are told: on screen and as a file."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tenor.platform.core.roles import Right
from tenor.platform.privacy import processing
from tenor.platform.workbench.screens import Request, screen

# The languages in which debtors can be told.
_LANGUAGES = (("en", "English"), ("nl", "Nederlands"))


@screen(Right.PRIVACY)
@require_GET
def show(request: Request) -> HttpResponse:
    """Show what is done with personal data, as it is set today."""
    organisation = request.organisation
    context = {
        "record": processing.record_of_processing(organisation),
        "impact": processing.impact_summary(organisation),
        "told": [
            (code, name, processing.told_to_debtors(organisation, code))
            for code, name in _LANGUAGES
        ],
    }
    return render(request, "workbench/privacy/record.html", context)


@screen(Right.PRIVACY)
@require_GET
def download(request: Request) -> HttpResponse:
    """Return the same as a file."""
    organisation = request.organisation
    told = [
        processing.Section(name, tuple((text, "") for text in texts))
        for code, name in _LANGUAGES
        if (texts := processing.told_to_debtors(organisation, code))
    ]
    text = "\n".join(
        [
            processing.as_text(
                _("Record of processing"), processing.record_of_processing(organisation)
            ),
            processing.as_text(_("Impact on people"), processing.impact_summary(organisation)),
            processing.as_text(_("What debtors are told"), told),
        ]
    )
    response = HttpResponse(text, content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="record-of-processing.md"'
    return response
