"""One decision taken apart: made again, and how it came about."""

from typing import TYPE_CHECKING, Any

from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from tenor.platform.core.roles import Right
from tenor.platform.decisions.replay import examining
from tenor.platform.decisions.replay.again import Difference
from tenor.platform.decisions.replay.finding import decision_called, made_anew
from tenor.platform.workbench.screens import Request, screen

if TYPE_CHECKING:
    from tenor.platform.decisions.models import Decision

CAUSES: dict[str, "Promise | str"] = {
    "outside": _(
        "It was made for a single case; its facts were not kept, or were let go after their time."
    ),
    "not_kept": _("The facts of its day were not kept, or were let go after their time."),
    "facts_gone": _("The facts that it was made from are gone."),
    "facts_changed": _("The facts that it was made from were altered since."),
    "person_erased": _("The facts about this customer were erased."),
    "predictor_gone": _("The folder of the predictor that decided is gone."),
    "later": _(
        "It was made anew later that day; its facts were not kept, or were let go after their time."
    ),
    "others_erased": _(
        "Facts about other people were erased since: what is usual, and who else asked for "
        "people's time, are no longer quite the same."
    ),
    "software_changed": _("Tenor, or what it calculates with, is of another version now."),
    "law_changed": _("A shipped pack of law is of another version now."),
}
FIELDS: dict[str, "Promise | str"] = {
    "key": _("Id"), "verdict": _("What to do"), "channel": _("Channel"), "tone": _("Tone"),
    "send_at": _("Moment"), "invoice_keys": _("Invoices"), "propensity": _("Probability"),
    "explored": _("By chance"), "factors": _("Probability of each part"),
    "eligible": _("What could be tried"), "p_paid": _("Share paid with it"),
    "p_paid_wait": _("Share paid if left alone"), "cost": _("Cost"), "value": _("Gain"),
    "review_reason": _("Why a person looks"), "reasons": _("Reasons"), "rules": _("Rules"),
    "candidates": _("Number of ways"), "arm": _("Group"), "experiment": _("Experiment"),
    "model_version": _("Predictor"), "policy_version": _("Rules in force"), "amount": _("Amount"),
    "currency": _("Currency"), "days_overdue": _("Days overdue"), "segment": _("Segment"),
    "ladder_channel": _("Channel of the ladder"), "ladder_tone": _("Tone of the ladder"),
}  # fmt: skip
PARTS: dict[str, "Promise | str"] = {
    "channel": _("Channel"), "tone": _("Tone"), "time": _("Moment"), "loss": _("Cost"),
}  # fmt: skip
DECIDED_BY: dict[str, "Promise | str"] = {
    "learned": _("by what was learned"),
    "ladder": _("by the fixed ladder"),
    "nothing": _("by lot: nobody is contacted in this group"),
}


STEPS: dict[str, "Promise | str"] = {
    "": _("Waiting for its turn"),
    "facts": _("Reading the facts of that day"),
    "again": _("Deciding about everybody of that day again"),
    "how": _("Working out how it came about"),
}


@screen(Right.AUDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def apart(request: Request, key: str) -> HttpResponseBase:
    """Show a decision of any day, made again, with all that it was made from.

    One of a large day is made again by a worker, when somebody asks for it.
    """
    decision = decision_called(request.actor, key)
    large = examining.takes_a_worker(decision)
    if request.method == "POST":
        if large:
            examining.request(request.actor, key)
        return redirect("workbench:decision_apart", request.organisation.slug, key)
    context: dict[str, Any] = {
        "decision": decision,
        "customer": decision.customer,
        "large": large,
        "earlier": made_anew(decision),
        "stood": decision.pk is None,
    }
    found = examining.examined(decision) if large else examining.findings(decision)
    if found is not None:
        told = found.told
        context |= {
            "again": found,
            "causes": [CAUSES[cause] for cause in found.causes],
            "differences": [_shown(one) for one in found.differences],
            "told": told,
            "decided_by": DECIDED_BY.get(told.by, told.by) if told else "",
        }
    if large:
        context |= _work(decision)
    return render(request, "workbench/exploration/apart.html", context)


def _work(decision: "Decision") -> dict[str, Any]:
    """Return how far the worker is, or that it failed."""
    job = examining.last_job(decision)
    if job is None or job.state == "done":
        return {}
    if job.state == "failed":
        return {"failed": True}
    far = job.progress
    return {
        "job": job,
        "step": STEPS.get(far.get("text", ""), ""),
        "done": far.get("done", 0),
        "of": far.get("of", len(examining.STEPS)),
    }


def _shown(one: Difference) -> dict[str, Any]:
    return {
        "field": FIELDS.get(one.field, one.field),
        "was": _plain(one.was),
        "now": _plain(one.now),
    }


def _plain(value: Any) -> Any:
    """Write what has parts as its parts, each exact to the last digit."""
    if isinstance(value, dict):
        return "; ".join(f"{PARTS.get(name, name)} {part}" for name, part in value.items())
    return value
