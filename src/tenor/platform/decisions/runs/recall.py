"""Take back what is planned and has not gone out: a part of learning was turned off, or undone.

Nothing is sent of it any more. Who is left without a contact today is decided about anew by the
next plan; what a person has changed is that person's own choice, and stays.
"""

from django.db.models import Q, QuerySet

from tenor.platform.core import audit
from tenor.platform.core.actor import system
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.models import Decision

State = Decision.State

SWITCHED_OFF, ROLLED_BACK = "switched_off", "rolled_back"
_PLANNED = (State.PROPOSED, State.APPROVED)
# What the engine decided by something learned; the fixed ladder foretells nothing.
_LEARNED = Q(p_paid__isnull=False)
_OF_SWITCH = {
    "predictor": _LEARNED,
    "exploration": Q(explored=True),
    "experiments": ~Q(experiment=""),
}


def follow_switch(organisation: Organisation, what: str) -> int:
    """Take back what is planned under a part of learning that was just turned off; count it."""
    if what not in _OF_SWITCH:
        return 0
    rows = _planned(organisation).filter(_OF_SWITCH[what], state__in=_PLANNED)
    return _lapse(organisation, rows, SWITCHED_OFF, what)


def recall(organisation: Organisation, *, experiment: str = "", arm: str = "") -> int:
    """Take back what was decided by a release that was rolled back; count it.

    That of its canary alone with `experiment`, or of one of its arms; else all that was learned,
    those too who were left alone: until the next plan nobody is decided about by it again.
    """
    rows = _planned(organisation).filter(_LEARNED)
    if experiment:
        rows = rows.filter(experiment=experiment, **({"arm": arm} if arm else {}))
    rows = rows.filter(state__in=(*_PLANNED, State.NOTHING))
    return _lapse(organisation, rows, ROLLED_BACK, experiment)


def _planned(organisation: Organisation) -> "QuerySet[Decision]":
    rows: QuerySet[Decision] = Decision.objects.of(organisation).filter(original__isnull=True)
    return rows


def _lapse(organisation: Organisation, rows: "QuerySet[Decision]", gate: str, about: str) -> int:
    count = rows.update(state=State.LAPSED, gate=gate)
    if count:
        audit.record(system(organisation), "plan.recall", f"organisation:{organisation.slug}",
                     after={"decisions": count, "because": gate, "about": about})  # fmt: skip
    return count
