"""What is known and decided about somebody: why, a person's second look, and all of it to keep."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from tenor.platform.core import clock
from tenor.platform.core.roles import Right
from tenor.platform.portal.door import Request, page, render_page, to
from tenor.platform.portal.explaining import explained
from tenor.platform.privacy import actions, queries
from tenor.platform.privacy.export import export
from tenor.platform.wording import forms

if TYPE_CHECKING:
    from tenor.platform.decisions.models import Decision

_SHOWN = 5
_MOST_WORDS = 4_000
# What can be asked for besides a copy, which is given at once.
WISHES = ("rectification", "objection", "erasure")
DONE = frozenset({"review", *WISHES})


@page(most=60)
@require_http_methods(["GET", "HEAD", "POST"])
def privacy(request: Request) -> HttpResponse:
    """Show what was decided and why; take in a request about one's own data."""
    words = request.words["why"]
    if request.method == "POST":
        done = _asked(request)
        return to(request, "privacy/", **({"done": done} if done else {}))
    done = request.GET.get("done", "")
    organisation, customer = request.organisation, request.customer
    waiting = [due for due in queries.requests_of(organisation, customer) if due.term != "answered"]
    return render_page(
        request,
        "portal/privacy.html",
        {
            "words": words, "done": words["done"][done] if done in DONE else "",
            "decisions": [
                _shown(request, row)
                for row in queries.decisions_of(organisation, customer)[:_SHOWN]
            ],
            "waiting": [
                (words["kinds"][due.request.kind],
                 forms.day(due.request.answer_by, request.language))
                for due in waiting
            ],
            "wishes": [(code, words["kinds"][code]) for code in WISHES],
        },
    )  # fmt: skip


@page(most=6)
@require_POST
def download(request: Request) -> HttpResponse:
    """Hand over all that is held about them, as a file."""
    # For this one thing they may see what is otherwise for whoever answers for data.
    actor = replace(request.actor, rights=frozenset({Right.PRIVACY}))
    data = export(actor, customer_key=request.customer.key)
    answer = HttpResponse(data, content_type="application/zip")
    answer["Content-Disposition"] = 'attachment; filename="tenor.zip"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _asked(request: Request) -> str:
    """Take in what is asked for; return what the page then says, empty where nothing was asked."""
    wish = request.POST.get("wish", "")
    said = request.POST.get("words", "").strip().replace("\0", "")[:_MOST_WORDS]
    decision = request.POST.get("decision", "")
    open_now = [
        due.request
        for due in queries.requests_of(request.organisation, request.customer)
        if due.term != "answered"
    ]
    if decision:
        rows = queries.decisions_of(request.organisation, request.customer)
        if not any(row.key == decision for row in rows):
            return ""
        if not any(r.decision is not None and r.decision.key == decision for r in open_now):
            actions.record_request(
                request.actor, customer_key=request.customer.key, kind="human_review",
                through="page", words=said, decision_key=decision,
            )  # fmt: skip
        return "review"
    if wish not in WISHES:
        return ""
    if not any(row.kind == wish for row in open_now):
        actions.record_request(
            request.actor, customer_key=request.customer.key, kind=wish, through="page", words=said
        )
    return wish


def _shown(request: Request, row: "Decision") -> dict[str, Any]:
    words = request.words["why"]
    on = row.decided_at.astimezone(clock.zone(request.organisation)).date()
    channels = request.words["stop"]["channels"]
    told = words["verdicts"].get(row.verdict, words["verdicts"]["other"])
    if row.verdict == "contact" and row.channel in channels:
        told = words.filled(channel=channels[row.channel])["by_channel"]
    return {
        "key": row.key, "on": forms.day(on, request.language), "told": told,
        "by": words["by_person" if row.decided_by_id else "by_rules"],
        "reasons": explained(row.reasons, words["reasons"]),
    }  # fmt: skip
