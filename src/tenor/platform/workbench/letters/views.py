"""The screens of letters: see what goes to the printer, take one out, close the batch, fetch it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from tenor.platform.core.errors import NotFound, Refused
from tenor.platform.core.preferences import change_preferences, preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.decisions.queries import decision_for
from tenor.platform.outreach import batches
from tenor.platform.outreach.queries import letters as queries
from tenor.platform.wording.composing import CannotSay
from tenor.platform.workbench.forms import HouseForm
from tenor.platform.workbench.screens import Request, screen

_ON_A_PAGE = 100


def _envelopes() -> list[tuple[str, Any]]:
    usual = gettext_lazy("As usual in your country")
    return [("", usual), *((place.key, place.name) for place in queries.envelopes())]


class LettersForm(HouseForm):
    """The envelopes, and when a batch is closed."""

    letter_window = forms.ChoiceField(
        label=gettext_lazy("Envelopes"), required=False, choices=_envelopes,
        help_text=gettext_lazy("Where their window is. Print one letter and try it first."),
    )  # fmt: skip
    letters_close_at = forms.CharField(
        label=gettext_lazy("Close the batch by itself at"), required=False, max_length=5,
        widget=forms.TextInput(attrs={"placeholder": "16:00", "autocomplete": "off"}),
        help_text=gettext_lazy("Every day, at your place. Empty: somebody closes it by hand."),
    )  # fmt: skip


@screen(Right.SEE)
@require_safe
def show(request: Request) -> HttpResponse:
    """Show the batch that fills, and those before it."""
    return _page(request)


def _page(request: Request, status: int = 200, form: LettersForm | None = None) -> HttpResponse:
    organisation = request.organisation
    current = queries.open_batch(organisation)
    after = _number(request.GET.get("after", ""))
    context = {
        "current": current,
        "earlier": [one for one in queries.batches(organisation) if not one.is_open],
        "form": form or _form(request),
        "place": queries.place_for(organisation),
        "may_change": request.actor.may(Right.ADMINISTER),
        "may_close": request.actor.may(Right.APPROVE),
        **(_listed(current, after) if current else {}),
    }
    return render(request, "workbench/letters/letters.html", context, status=status)


@screen(Right.SEE)
@require_safe
def batch(request: Request, number: int) -> HttpResponse:
    """Show a batch that was closed, with what was taken out and why."""
    found = queries.batch_for(request.actor, number)
    if found.is_open:
        return redirect("workbench:letters", request.organisation.slug)
    after = _number(request.GET.get("after", ""))
    context = {
        "seen": found,
        "may_close": request.actor.may(Right.APPROVE),
        **_listed(found, after),
    }
    return render(request, "workbench/letters/batch.html", context)


@screen(Right.APPROVE)
@require_POST
def close(request: Request) -> HttpResponse:
    """Ask about each letter again, and close the batch."""
    closing = batches.close_batch(request.actor)
    kept = closing.batch.count
    said = ngettext(
        "Closed: %(n)s letter is ready for the printer.",
        "Closed: %(n)s letters are ready for the printer.", kept,
    ) % {"n": kept}  # fmt: skip
    if closing.dropped:
        said += " " + ngettext(
            "%(n)s was taken out, because something changed since it was made.",
            "%(n)s were taken out, because something changed since they were made.",
            closing.dropped,
        ) % {"n": closing.dropped}  # fmt: skip
    messages.success(request, said)
    return redirect("workbench:letter_batch", request.organisation.slug, closing.batch.pk)


@screen(Right.APPROVE)
@require_POST
def drop(request: Request, number: int) -> HttpResponse:
    """Take a letter out of the open batch."""
    batches.drop_letter(request.actor, number=number)
    messages.success(request, _("Taken out: it is not sent, and the next plan decides anew."))
    return redirect("workbench:letters", request.organisation.slug)


@screen(Right.APPROVE)
@require_POST
def fetch(request: Request, number: int) -> HttpResponseBase:
    """Download a closed batch."""
    path = batches.fetch_batch(request.actor, number=number)
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)


@screen(Right.SEE)
@require_safe
def pdf(request: Request, number: int) -> HttpResponseBase:
    """Show a letter as it is printed."""
    path = queries.pdf_of(request.actor, number)
    return FileResponse(path.open("rb"), content_type="application/pdf", filename=path.name)


@screen(Right.SEE)
@require_safe
def preview(request: Request, number: int) -> HttpResponse:
    """Show a page of the letter that a decision would send, as a picture."""
    decision = decision_for(request.actor, number)
    try:
        picture = queries.letter_picture(decision, _number(request.GET.get("page", "")) or 1)
    except CannotSay as error:
        raise NotFound(_("This letter cannot be made as things stand.")) from error
    response = HttpResponse(picture, content_type="image/png")
    response["Cache-Control"] = "private, no-store"
    return response


@screen(Right.ADMINISTER)
@require_POST
def settle(request: Request) -> HttpResponse:
    """Choose the envelopes, and the hour at which a batch is closed."""
    form = LettersForm(request.POST)
    try:
        if form.is_valid():
            change_preferences(request.actor, **form.cleaned_data)
            messages.success(request, _("Kept. Letters from now on are set so."))
            return redirect("workbench:letters", request.organisation.slug)
    except Refused as error:
        form.refused(error)
    return _page(request, 422, form)


def _form(request: Request) -> LettersForm:
    """Return the form as it stands; who does not administer only reads it."""
    preferences = preferences_of(request.organisation)
    known = {name: getattr(preferences, name) for name in LettersForm.base_fields}
    form = LettersForm(initial=known)
    if not request.actor.may(Right.ADMINISTER):
        for field in form.fields.values():
            field.disabled = True
    return form


def _listed(seen: queries.BatchSeen, after: int) -> dict[str, Any]:
    """Return a page of the letters, and the addresses of the next one and of the beginning."""
    letters = queries.letters_in(seen.batch, after=after, limit=_ON_A_PAGE + 1)
    shown = letters[:_ON_A_PAGE]
    return {
        "letters": shown,
        "next": f"?after={shown[-1].position}" if len(letters) > _ON_A_PAGE else "",
        "first": "?" if after else "",
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
