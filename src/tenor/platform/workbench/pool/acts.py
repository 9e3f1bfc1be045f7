"""What people do about a pool: take part or not, give, exchange files, make a set without names."""

import io
import json
import zipfile
from dataclasses import asdict

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tenor.platform.core import clock, jobs
from tenor.platform.core.errors import Invalid
from tenor.platform.core.roles import Right
from tenor.platform.decisions import facts
from tenor.platform.pooling import actions
from tenor.platform.workbench.pool.forms import JoinForm
from tenor.platform.workbench.pool.views import shown
from tenor.platform.workbench.screens import Request, screen

_LARGEST = 1_000_000


@screen(Right.ADMINISTER)
@require_POST
def join(request: Request) -> HttpResponseBase:
    """Take part on these terms, or change them."""
    form = JoinForm(request.POST)
    if form.is_valid():
        try:
            actions.join(request.actor, key=form.cleaned_data["key"], **form.terms())
        except Invalid as error:
            form.add_error(error.field or None, error.message)
    if form.errors:
        return shown(request, form, status=422)
    messages.success(request, _("This organisation takes part. Its first gift can be made now."))
    return _back(request)


@screen(Right.ADMINISTER)
@require_POST
def leave(request: Request) -> HttpResponseBase:
    """Take part no longer."""
    actions.leave(request.actor)
    messages.success(request, _("This organisation gives nothing and takes nothing any more."))
    return _back(request)


@screen(Right.ADMINISTER)
@require_POST
def give(request: Request) -> HttpResponseBase:
    """Have a gift made in the background."""
    organisation = request.organisation
    now = clock.now(organisation).isoformat()
    jobs.put("pool_give", key=f"pool_give:{organisation.pk}:{now[:16]}", organisation=organisation)
    messages.success(request, _("The gift is being made. It shows here when it is done."))
    return _back(request)


@screen(Right.ADMINISTER)
@require_POST
def gift_file(request: Request) -> HttpResponseBase:
    """Return the latest gift as a file for other installations."""
    response = HttpResponse(actions.file_of(request.actor), content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="tenor-pool.json"'
    return response


@screen(Right.ADMINISTER)
@require_POST
def take(request: Request) -> HttpResponseBase:
    """Take in a file of another installation."""
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, _("Choose a file first."))
        return _back(request)
    try:
        actions.take(request.actor, content=file.read(_LARGEST + 1))
    except Invalid as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Taken in: the next predictor starts from it too."))
    return _back(request)


@screen(Right.ADMINISTER)
@require_POST
def drop(request: Request, number: int) -> HttpResponseBase:
    """Learn no longer from a giver."""
    actions.drop(request.actor, number=number)
    messages.success(request, _("Nothing is learned from it any more."))
    return _back(request)


@screen(Right.ANALYSE)
@require_POST
def training_set(request: Request) -> HttpResponseBase:
    """Return a training set without names, with what was done so that nobody is found in it."""
    organisation = request.organisation
    now = clock.now(organisation)
    made, attacks = actions.export_training_set(
        request.actor, tables=facts.to_learn_from(organisation, now), as_of=now
    )
    sheet = {
        "made_at": now.isoformat(),
        "synthetic": organisation.synthetic,
        "rows": made.rows.height,
        "left_out": made.left_out,
        "k": made.k,
        "bands": made.levels,
        "attacks": [asdict(one) for one in attacks],
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rows.csv", made.rows.write_csv())
        archive.writestr("sheet.json", json.dumps(sheet, indent=2))
    response = HttpResponse(content.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="training-set.zip"'
    return response


def _back(request: Request) -> HttpResponseBase:
    return redirect("workbench:pool", request.organisation.slug)
