"""What people do with the plan: think it over first, then approve, hold, refuse, change, undo."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tenor.platform.core.errors import Invalid
from tenor.platform.core.roles import Right
from tenor.platform.decisions import actions, queries
from tenor.platform.decisions.queries.groups import decisions_of
from tenor.platform.decisions.reasons import REVIEW_REASONS
from tenor.platform.workbench.plan.asked import Asked
from tenor.platform.workbench.plan.consequences import ACTS, consequences
from tenor.platform.workbench.plan.editing import Edit
from tenor.platform.workbench.screens import Request, screen

# As many numbers as fit in one statement of either database; whole groups are approved without.
_MOST = 30_000
# So many can be undone in one go from the line that says what was done.
_UNDONE_AT_ONCE = 1_000
_REASONS = [(code, words) for code, words in REVIEW_REASONS.items() if code != "agree"]


@screen(Right.WORK)
@require_POST
def consider(request: Request) -> HttpResponse:
    """Say what an act would do, cost and bring; nothing is changed yet."""
    chosen = _Chosen(request)
    act = _act(request)
    context = {
        "act": act,
        "found": consequences(request.organisation, chosen.rows(), act),
        "hidden": [*chosen.hidden(), ("act", act)],
        "reasons": _REASONS if ACTS[act].asks_reason else [],
    }
    return render(request, _frame(request, "consider"), context)


@screen(Right.WORK)
@require_POST
def act(request: Request) -> HttpResponseBase:
    """Approve, hold, refuse, release or take back; then show the plan again, with a way back."""
    chosen, name = _Chosen(request), _act(request)
    done = chosen.do(name)
    _tell(request, name, done)
    numbers = chosen.numbers
    if ACTS[name].undo and len(numbers) <= _UNDONE_AT_ONCE:
        request.session["plan_undo"] = {
            "act": ACTS[name].undo, "hidden": chosen.hidden(), "count": done.count,
        }  # fmt: skip
    return redirect(chosen.back())


@screen(Right.APPROVE)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, number: int) -> HttpResponseBase:
    """Show what of a decision can be changed, and change it within the rules."""
    decision = queries.decision_for(request.actor, number)
    edit = Edit(request.organisation, decision)
    context: dict[str, Any] = {"decision": decision, "edit": edit, "reasons": _REASONS}
    if request.method == "POST":
        try:
            edit.read(request.POST)
            actions.change(
                request.actor,
                decision=decision,
                reason=request.POST.get("reason", ""),
                note=request.POST.get("note", ""),
                **edit.wanted,
            )
        except Invalid as refused:
            context |= {"error": refused.message, "field": refused.field, "typed": request.POST}
            frame = _frame(request, "change")
            return render(request, frame, context, status=422)
        messages.success(request, _("Changed. It goes out as you said, once it is approved."))
        where = reverse("workbench:plan", args=[request.organisation.slug])
        return _redirected(request, where)
    return render(request, _frame(request, "change"), context)


@screen(Right.APPROVE)
@require_safe
def permitted(request: Request, number: int) -> HttpResponse:
    """Say what the rules permit instead, and what each would bring: a part of changing."""
    decision = queries.decision_for(request.actor, number)
    found = queries.alternatives_of(decision)
    cells = found.by_channel_and_tone() if found else []
    best = max((abs(c["cell"].gain) for c in cells), default=0.0)
    rows = [
        {**c, "width": round(100 * max(c["cell"].gain, 0) / best) if best else 0} for c in cells
    ]
    return render(request, "workbench/plan/permitted.html", {"rows": rows, "decision": decision})


class _Chosen:
    """The decisions that a form names: some by number, or what fits in a group of the plan."""

    def __init__(self, request: Request) -> None:
        """Read the form; without numbers and without a group it refuses."""
        self.request = request
        self.asked = Asked.of(request.POST)
        given = request.POST.getlist("decision")
        self.numbers = [int(n) for n in given if n.isdecimal() and len(n) < 19]
        self.whole = request.POST.get("whole") == "yes"
        if not self.numbers and not self.whole:
            raise Invalid(_("Choose at least one decision first."), field="decision")
        self.run = queries.latest_run(request.organisation)

    def rows(self) -> Any:
        """Return the decisions meant, of this organisation's latest plan."""
        if self.run is None:
            raise Invalid(_("There is no plan yet."), field="decision")
        if self.whole:
            return decisions_of(self.run, group=self.asked.group or "all", **self.asked.filters)
        return decisions_of(self.run).filter(pk__in=self.numbers)

    def do(self, act: str) -> actions.Outcome:
        """Carry the act out on what is meant."""
        actor, post = self.request.actor, self.request.POST
        said = {"reason": post.get("reason", ""), "note": post.get("note", "")}
        verbs: dict[str, Callable[..., actions.Outcome]] = {
            "approve": actions.approve,
            "take_back": actions.take_back,
            "hold": actions.hold,
            "veto": actions.veto,
            "release": actions.release,
        }
        words = said if ACTS[act].asks_reason else {}
        if self.whole and act in ("approve", "take_back"):
            return verbs[act](
                actor, run=self.run, group=self.asked.group or "all", **self.asked.filters
            )
        numbers: Sequence[int] = self.numbers
        if self.whole:
            states = ACTS[act].states
            numbers = list(self.rows().filter(state__in=states).values_list("pk", flat=True))
        if len(numbers) > _MOST:
            raise Invalid(
                _("These are too many at once: choose a smaller group."), field="decision"
            )
        return verbs[act](actor, decisions=numbers, **words)

    def hidden(self) -> list[tuple[str, str]]:
        """Return what a form must carry to mean the same decisions again."""
        if not self.whole:
            return [("decision", str(n)) for n in self.numbers] + [("group", self.asked.group)]
        fields = [("whole", "yes"), ("group", self.asked.group), *self.asked.typed.items()]
        return [(name, value) for name, value in fields if value]

    def back(self) -> str:
        """Return the address of the plan as it was looked at."""
        where = reverse("workbench:plan", args=[self.request.organisation.slug])
        address = where + self.asked.address()
        return f"{address}#plan" if self.asked.group else address


def _act(request: Request) -> str:
    name = request.POST.get("act", "")
    if name not in ACTS:
        raise Invalid(_("Say what is to be done."), field="act")
    request.actor.need(ACTS[name].right)
    return name


def _tell(request: Request, act: str, done: actions.Outcome) -> None:
    """Say what was done, and how many could not be."""
    text = ACTS[act].done(done.count)
    if done.left and act == "approve" and request.POST.get("whole") != "yes":
        text += " " + ngettext(
            "%(count)s was passed over: decided already, or nothing is owed any more.",
            "%(count)s were passed over: decided already, or nothing is owed any more.",
            done.left,
        ) % {"count": done.left}  # fmt: skip
    messages.success(request, text)


def _frame(request: Request, name: str) -> str:
    """Return the template: a part where htmx asks (for a dialog), else a page of its own."""
    part = request.headers.get("HX-Request") == "true"
    return f"workbench/plan/{name}_part.html" if part else f"workbench/plan/{name}.html"


def _redirected(request: Request, address: str) -> HttpResponseBase:
    if request.headers.get("HX-Request") != "true":
        return redirect(address)
    response = HttpResponse(status=204)
    # Back to the plan as it was looked at: of the page's own address, its query alone is taken.
    query = urlsplit(request.headers.get("HX-Current-URL", "")).query
    response["HX-Redirect"] = f"{address}?{query}" if query else address
    return response
