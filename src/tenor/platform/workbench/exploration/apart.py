"""One decision taken apart: made again, and how it came about."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tenor.platform.core.roles import Right
from tenor.platform.decisions.replay.again import Difference, replay
from tenor.platform.decisions.replay.derivation import derivation
from tenor.platform.decisions.replay.finding import customers_of, decision_called
from tenor.platform.workbench.screens import Request, screen

# Making a decision again decides about everybody of its day: beyond so many customers a page would
# keep its reader waiting too long, and the command does it.
MOST_CUSTOMERS = 20_000

CAUSES: dict[str, "Promise | str"] = {
    "outside": _(
        "It was made for a single case outside the plan of a day; its facts are not kept."
    ),
    "not_kept": _("The facts of its day were not kept, or were let go after their time."),
    "facts_gone": _("The files with the facts of its day are gone."),
    "facts_changed": _("The files with the facts of its day were altered since."),
    "person_erased": _("The facts about this customer were erased."),
    "predictor_gone": _("The folder of the predictor that decided is gone."),
    "later": _("It was made anew later that day, from facts that were not kept."),
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
DECIDED_BY: dict[str, "Promise | str"] = {
    "learned": _("by what was learned"),
    "ladder": _("by the fixed ladder"),
    "nothing": _("by lot: nobody is contacted in this group"),
}


@screen(Right.AUDIT)
@require_safe
def apart(request: Request, key: str) -> HttpResponse:
    """Show a decision of any day, made again, with all that it was made from."""
    decision = decision_called(request.actor, key)
    large = decision.run is not None and customers_of(decision.run) > MOST_CUSTOMERS
    context: dict[str, Any] = {"decision": decision, "customer": decision.customer, "large": large}
    if not large:
        found, told = replay(decision), derivation(decision)
        context |= {
            "again": found,
            "causes": [CAUSES[cause] for cause in found.causes],
            "differences": [_shown(one) for one in found.differences],
            "told": told,
            "decided_by": DECIDED_BY.get(told.by, told.by) if told else "",
        }
    return render(request, "workbench/exploration/apart.html", context)


def _shown(one: Difference) -> dict[str, Any]:
    return {"field": FIELDS.get(one.field, one.field), "was": one.was, "now": one.now}
