"""The screens of texts: all of them at a glance, one to write, to look at, to decide about."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tenor.platform.core.errors import Invalid, NotFound, Refused
from tenor.platform.core.roles import Right
from tenor.platform.outreach.actions import send_test
from tenor.platform.releases.queries import release_of_text
from tenor.platform.wording import actions, queries
from tenor.platform.wording.composing import CannotSay
from tenor.platform.wording.draft import TONES, Form, Kind
from tenor.platform.wording.facts import TABLE
from tenor.platform.workbench.messages import shown
from tenor.platform.workbench.messages.decided import looks
from tenor.platform.workbench.messages.findings import of_text
from tenor.platform.workbench.messages.preview import case_of, cases, text_from
from tenor.platform.workbench.messages.seen import cannot
from tenor.platform.workbench.messages.words import FORMS, LANGUAGES, form_of, said_of
from tenor.platform.workbench.screens import Request, screen
from tenor.platform.workbench.templatetags.tenor import money

_BUILT_IN = "built-in"


@screen(Right.SEE)
@require_GET
def overview(request: Request) -> HttpResponse:
    """Show every text in one form and language: built in, one's own, waiting."""
    organisation = request.organisation
    form = form_of(request.GET.get("form", "")) or Form.LONG
    asked = request.GET.get("language", "") or organisation.language
    language = asked if asked in LANGUAGES else "en"
    context = {
        "groups": shown.overview(organisation, form, language),
        "tones": TONES,
        "languages": [
            {"name": name, "href": f"?language={code}&form={form}", "here": code == language}
            for code, name in LANGUAGES.items()
        ],
        "forms": [
            {"name": name, "href": f"?language={language}&form={one}", "here": one == form,
             "icon": shown.FORM_ICONS[one]}
            for one, name in FORMS.items()
        ],
        "waiting": shown.waiting(_to_decide(request), organisation.slug),
    }  # fmt: skip
    return render(request, "workbench/messages/overview.html", context)


@screen(Right.SEE)
@require_GET
def text(request: Request, /, **where: str) -> HttpResponse:
    """Show a text: the draft where there is one, else the one in use, or the version asked for."""
    return _page(request, shown.place_of(**where))


@screen(Right.SEE)
@require_POST
def preview(request: Request, /, **where: str) -> HttpResponse:
    """Fill in what stands in the editor, and look it over; nothing is kept."""
    place = shown.place_of(**where)
    subject, body = request.POST.get("subject", "")[:300], request.POST.get("body", "")[:10_000]
    findings = of_text(
        body, subject, language=place.language, kind=Kind(place.kind), form=Form(place.form),
        organisation=request.organisation,
    )  # fmt: skip
    own = request.POST.get("version", _BUILT_IN) != _BUILT_IN
    context = {"checked": own, "findings": findings if own else [], **_filled(request, place)}
    return render(request, "workbench/messages/preview.html", context)


@screen(Right.SEE)
@require_GET
def find_cases(request: Request) -> HttpResponse:
    """Offer cases to fill a text in from: options of a field."""
    found = cases(request.organisation, request.GET.get("customer", "").strip()[:200])
    rows = [
        {"key": one.key, "name": str(one),
         "owed": ", ".join(money(row.open_amount, row.currency) for row in one.owed)}
        for one in found
    ]  # fmt: skip
    return render(request, "workbench/messages/cases.html", {"cases": rows})


@screen(Right.RULES)
@require_POST
def begin(request: Request, /, **where: str) -> HttpResponseBase:
    """Begin a draft from the text that is shown."""
    place = shown.place_of(**where)
    found = _version(place, _rows(request, place), request.POST.get("version", ""))
    actions.draft(request.actor, subject=found["subject"], body=found["body"], **place.where)
    return _to(request, place)


@screen(Right.RULES)
@require_POST
def save(request: Request, /, **where: str) -> HttpResponseBase:
    """Keep what stands in the editor as the draft."""
    place = shown.place_of(**where)
    try:
        _save(request, place)
    except (Invalid, Refused) as refused:
        return _page(request, place, refused.message, typed=True)
    messages.success(request, _("Saved as a draft. Nothing has changed in what is sent."))
    return _to(request, place)


@screen(Right.RULES)
@require_POST
def submit(request: Request, /, **where: str) -> HttpResponseBase:
    """Keep what stands in the editor, and ask somebody else to put it in use."""
    place = shown.place_of(**where)
    try:
        row = _save(request, place)
        actions.submit(request.actor, number=row.pk, note=request.POST.get("note", ""))
    except (Invalid, Refused) as refused:
        return _page(request, place, refused.message, typed=True)
    messages.success(request, _("Submitted. Somebody else with the right to approve decides."))
    return _to(request, place)


@screen(Right.RULES)
@require_POST
def withdraw(request: Request, /, **where: str) -> HttpResponseBase:
    """Take a submitted text back, or set a draft aside."""
    place = shown.place_of(**where)
    row = _open(request, place)
    if row.state == "submitted":
        actions.withdraw(request.actor, number=row.pk)
        messages.success(request, _("Taken back: it is a draft again."))
    else:
        actions.retire(request.actor, number=row.pk)
        messages.success(request, _("Set aside. It stays in the list of versions."))
    return _to(request, place)


@screen(Right.RULES_APPROVE)
@require_POST
def approve(request: Request, /, **where: str) -> HttpResponseBase:
    """Put a submitted text in use."""
    place = shown.place_of(**where)
    try:
        actions.approve(request.actor, number=_alone(request, place).pk)
    except Invalid as refused:
        return _page(request, place, refused.message)
    messages.success(request, _("In use: messages from now on carry this text."))
    return _to(request, place)


@screen(Right.RULES_APPROVE)
@require_POST
def reject(request: Request, /, **where: str) -> HttpResponseBase:
    """Send a submitted text back."""
    place = shown.place_of(**where)
    because = request.POST.get("because", "")
    try:
        actions.reject(request.actor, number=_alone(request, place).pk, because=because)
    except Invalid as refused:
        return _page(request, place, refused.message)
    messages.success(request, _("Sent back. The one who wrote it sees why."))
    return _to(request, place)


@screen(Right.RULES_APPROVE)
@require_POST
def retire(request: Request, /, **where: str) -> HttpResponseBase:
    """Let the built-in text be used again."""
    place = shown.place_of(**where)
    live = next((row for row in _rows(request, place) if row.state == "live"), None)
    if live is None:
        raise NotFound(_("The built-in text is in use already."))
    actions.retire(request.actor, number=live.pk)
    messages.success(request, _("The built-in text is in use again."))
    return _to(request, place)


@screen(Right.RULES)
@require_POST
def try_it(request: Request, /, **where: str) -> HttpResponseBase:
    """Send what stands in the editor to the person who asks."""
    place = shown.place_of(**where)
    try:
        draft, _customer, _invoices = _draft(request, place)
        to = send_test(request.actor, draft=draft)
    except CannotSay as error:
        return _page(request, place, str(cannot(error)["cannot"]), typed=True)
    except Refused as refused:
        return _page(request, place, refused.message, typed=True)
    messages.success(request, _("Sent to %(address)s.") % {"address": to})
    return _page(request, place, typed=True, status=200)


def _page(
    request: Request, place: shown.Place, error: str = "", *, typed: bool = False, status: int = 0
) -> HttpResponse:
    """Render a text; `typed`: with what stands in the editor, kept or not."""
    actor, rows = request.actor, _rows(request, place)
    open_row = next((row for row in rows if row.state in ("draft", "submitted")), None)
    live = next((row for row in rows if row.state == "live"), None)
    found = _version(place, rows, request.GET.get("version", ""))
    row = found["row"]
    editing = row is not None and row.state == "draft" and actor.may(Right.RULES)
    if typed:
        found |= {key: request.POST.get(key, "") for key in ("subject", "body")}
    is_open = row is not None and row is open_row
    mine = is_open and row.submitted_by_id == actor.user_id
    release = release_of_text(request.organisation, row.pk) if is_open else None
    back = reverse("workbench:messages", args=[request.organisation.slug])
    context = {
        "place": place,
        "table": TABLE,
        "back": f"{back}?language={place.language}&form={place.form}",
        "shown": found | {"rows": min(max(found["body"].count("\n") + 4, 10), 30)},
        "error": error,
        "editing": editing,
        "refused": row if editing and row.decided_by_id else None,
        "mine": mine,
        "may_decide": is_open and found["state"] == "submitted" and not mine
        and actor.may(Right.RULES_APPROVE) and release is None,
        "release": release,
        "may_begin": open_row is None and actor.may(Right.RULES),
        "may_retire": row is not None and row is live and actor.may(Right.RULES)
        and actor.may(Right.RULES_APPROVE),
        "may_try": place.has_subject and actor.may(Right.RULES),
        "variables": shown.variables(place),
        "ways": shown.ways(place),
        "customer": request.POST.get("customer", ""),
        "versions": [shown.listed(one, row) for one in rows],
        "built_in_here": row is None,
        "built_in_used": live is None,
        "difference": _difference(place, row, live),
        "findings": [],
    }  # fmt: skip
    code = status or (422 if error else 200)
    return render(request, "workbench/messages/text.html", context, status=code)


def _version(place: shown.Place, rows: list[Any], asked: str) -> dict[str, Any]:
    """Return the version asked for, else the draft, else the one in use, else the built-in one."""
    if asked.isdecimal():
        row = next((one for one in rows if one.number == int(asked)), None)
        if row is None:
            raise NotFound(_("There is no version of this number."))
    else:
        in_order = [one for state in ("draft", "submitted", "live") for one in rows
                    if one.state == state]  # fmt: skip
        row = in_order[0] if in_order and asked != _BUILT_IN else None
    if row is None:
        found = shown.built_in(place)
        return {
            "row": None, "state": _BUILT_IN, "version": _BUILT_IN, "words": _("built-in"),
            "meaning": "", "subject": found.subject, "body": queries.written(found), "who": "",
        }  # fmt: skip
    words, meaning = said_of(row.state)
    return {
        "row": row, "state": row.state, "version": str(row.number), "words": words,
        "meaning": meaning, "subject": row.subject, "body": row.body,
        "who": _("version %(number)s, by %(by)s")
        % {"number": row.number, "by": row.drafted_by},
    }  # fmt: skip


def _difference(place: shown.Place, row: Any, live: Any) -> dict[str, Any] | None:
    """Compare the version shown with the one in use; that one, with the built-in text."""
    if row is None:
        return None
    if live is not None and live.pk != row.pk:
        name = _("Beside version %(number)s, which is in use") % {"number": live.number}
        return {"name": name, "lines": shown.difference(live.body, row.body)}
    built_in = queries.written(shown.built_in(place))
    return {
        "name": _("Beside the built-in text"), "lines": shown.difference(built_in, row.body)
    }  # fmt: skip


def _draft(request: Request, place: shown.Place) -> tuple[Any, Any, list[Any]]:
    """Compose what stands in the editor, from the case that is asked for or from made-up facts."""
    words = shown.built_in(place)
    version = request.POST.get("version", "")[:20]
    if version != _BUILT_IN:
        # Of the built-in text is known what of the law it says; of one's own it is looked for.
        words = text_from(
            place, subject=request.POST.get("subject", "")[:300],
            body=request.POST.get("body", "")[:10_000], version=version,
        )  # fmt: skip
    asked = request.POST.get("customer", "").strip()[:200]
    way = request.POST.get("way", "")
    known = [channel for channel, _icon in shown.WAYS[Form(place.form)]]
    channel = way if way in known else known[0]
    customer, invoices = case_of(request.organisation, asked, Kind(place.kind))
    if customer is None and asked:
        raise NotFound(_("Nobody of this name or number owes anything."))
    draft = queries.preview(
        request.organisation, words, customer=customer, invoices=invoices, channel=channel
    )
    return draft, customer, invoices


def _filled(request: Request, place: shown.Place) -> dict[str, Any]:
    try:
        draft, customer, invoices = _draft(request, place)
    except CannotSay as error:
        return cannot(error)
    except NotFound as nobody:
        return {"nobody": nobody.message}
    way = request.POST.get("way", "") or shown.WAYS[Form(place.form)][0][0]
    country = customer.country if customer else request.organisation.country
    return {"customer": customer, "invoices": invoices,
            **looks(request, draft, way, country=country)}  # fmt: skip


def _save(request: Request, place: shown.Place) -> Any:
    form = request.POST
    return actions.draft(
        request.actor, subject=form.get("subject", ""), body=form.get("body", ""), **place.where
    )


def _rows(request: Request, place: shown.Place) -> list[Any]:
    return list(queries.versions(request.organisation, **place.where))


def _open(request: Request, place: shown.Place) -> Any:
    rows = _rows(request, place)
    found = next((row for row in rows if row.state in ("draft", "submitted")), None)
    if found is None:
        raise NotFound(_("There is no draft of this text any more."))
    return found


def _alone(request: Request, place: shown.Place) -> Any:
    """Return the open version, or refuse where it is signed for with a release."""
    row = _open(request, place)
    release = release_of_text(request.organisation, row.pk)
    if release is not None:
        raise Refused(
            _("This text goes live with release %(number)s: it is decided about there.")
            % {"number": release.number}
        )
    return row


def _to_decide(request: Request) -> list[Any]:
    return queries.waiting_for(request.actor) if request.actor.may(Right.RULES_APPROVE) else []


def _to(request: Request, place: shown.Place) -> HttpResponseBase:
    slug = request.organisation.slug
    return redirect("workbench:message_text", slug, *place.where.values())
