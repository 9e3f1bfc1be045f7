"""Find a decision by what it is called, within an organisation or for the operator of all."""

from django.utils.translation import gettext as _

from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import NotFound
from tenor.platform.core.roles import Right
from tenor.platform.decisions.models import Decision, Run

_WITH = ("run", "run__policy", "run__predictor", "customer", "organisation")


def decision_called(actor: Actor, key: str) -> Decision:
    """Return a decision of the actor's organisation, for whoever may read the audit log."""
    actor.need(Right.AUDIT)
    rows = Decision.objects.of(actor.organisation).select_related(*_WITH)
    found: Decision | None = rows.filter(key=key).first()
    if found is None:
        raise NotFound(_("There is no decision called %(key)s.") % {"key": key})
    return found


def decisions_called(key: str) -> list[Decision]:
    """Return the decisions of this name in all organisations: for the operator alone."""
    return list(Decision.across.select_related(*_WITH).filter(key=key).order_by("organisation"))


def customers_of(run: Run) -> int:
    """Return about how many customers a run decided."""
    return int(Decision.objects.of(run.organisation_id).filter(run=run).count())
