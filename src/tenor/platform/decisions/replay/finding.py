"""Find a decision by what it is called, within an organisation or for the operator of all."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import NotFound
from tenor.platform.core.roles import Right
from tenor.platform.decisions.models import Decision, Earlier, Run

_WITH = ("run", "run__policy", "run__predictor", "customer", "organisation")
_EARLIER = ("run", "customer", "organisation")


def decision_called(actor: Actor, key: str) -> Decision:
    """Return a decision of the actor's organisation, for whoever may read the audit log.

    One that was made anew since is found by its own name too, as it stood: such a row is in no
    table of decisions (`pk` is None), and is not to be saved.
    """
    actor.need(Right.AUDIT)
    rows = Decision.objects.of(actor.organisation).select_related(*_WITH)
    found: Decision | None = rows.filter(key=key).first()
    if found is None:
        before = Earlier.objects.of(actor.organisation).select_related(*_EARLIER)
        found = next((_as_it_stood(row) for row in before.filter(key=key)), None)
    if found is None:
        raise NotFound(_("There is no decision called %(key)s.") % {"key": key})
    return found


def decisions_called(key: str) -> list[Decision]:
    """Return the decisions of this name in all organisations: for the operator alone."""
    rows = Decision.across.select_related(*_WITH).filter(key=key).order_by("organisation")
    before = Earlier.across.select_related(*_EARLIER).filter(key=key).order_by("organisation")
    return [*rows, *(_as_it_stood(row) for row in before)]


def made_anew(decision: Decision) -> list[Earlier]:
    """Return what a decision of a plan was before it was made anew, the first one first."""
    rows = Earlier.objects.of(decision.organisation_id).filter(
        run_id=decision.run_id, customer_id=decision.customer_id, decided_at__lt=decision.decided_at
    )
    return [] if decision.run_id is None else list(rows.order_by("decided_at", "pk"))


def customers_of(run: Run) -> int:
    """Return about how many customers a run decided."""
    return int(Decision.objects.of(run.organisation_id).filter(run=run).count())


def _as_it_stood(row: Earlier) -> Decision:
    said = dict(row.row)
    for name in ("decided_at", "send_at"):
        said[name] = datetime.fromisoformat(said[name]) if said[name] else None
    said["amount"] = Decimal(said["amount"])
    return Decision(organisation=row.organisation, run=row.run, customer=row.customer, **said)
