"""End a case about money that has to go back: paid back, used, or kept as credit."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.decisions.queries import task_for
from tenor.platform.paying.actions import settle_refund
from tenor.platform.workbench.screens import Request, screen


@screen(Right.MONEY)
@require_POST
def settle(request: Request, number: int) -> HttpResponse:
    """Say what became of the money."""
    row, form = task_for(request.actor, number), request.POST
    try:
        settle_refund(
            request.actor, task=row, way=form.get("way", ""),
            invoice_key=form.get("invoice", ""), note=form.get("note", ""),
        )  # fmt: skip
    except (Invalid, Refused) as refused:
        messages.error(request, refused.message)
        return redirect("workbench:task", request.organisation.slug, number)
    messages.success(request, _("Recorded: %(who)s.") % {"who": row.customer})
    return redirect("workbench:worklist", request.organisation.slug)
