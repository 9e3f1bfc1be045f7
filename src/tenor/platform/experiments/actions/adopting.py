"""Take over what an experiment found: a draft of the rules with what the better arm had."""

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Refused
from tenor.platform.core.roles import Right
from tenor.platform.experiments.actions.drafting import subject
from tenor.platform.experiments.models import Arm, Experiment
from tenor.platform.governance import actions as rules
from tenor.platform.governance import queries as governance
from tenor.platform.governance.models import PolicyVersion
from tenor.platform.governance.text import set_key

State = Experiment.State


def adopt(actor: Actor, *, slug: str, arm: str) -> PolicyVersion:
    """Make a draft of the rules with the keys of an arm; somebody else approves it as ever.

    For one group of customers the keys belong with that segment's strategy instead: it is said so.
    """
    actor.need(Right.RULES)
    experiment: Experiment = row_for(actor, Experiment, slug=slug)
    chosen: Arm = row_for(actor, Arm, experiment=experiment, name=arm, related=("policy",))
    if experiment.state in (State.DRAFT, State.SUBMITTED, State.APPROVED, State.REJECTED):
        raise Refused(_("This experiment has shown nothing yet."))
    if chosen.policy is None and not chosen.changes:
        raise Refused(_("This way of working has no rules of its own to take over."))
    if experiment.segments:
        raise Refused(
            _("It was tried on some segments only: set these keys for them under Rules, Segments.")
        )
    live = governance.live_policy_version(actor.organisation)
    text = chosen.policy.text if chosen.policy else live.text if live else ""
    for key, value in chosen.changes.items():
        text = set_key(text, key, value)
    note = _("From the experiment “%(name)s”: %(arm)s") % {
        "name": experiment.name,
        "arm": chosen.label,
    }
    with transaction.atomic():
        draft = rules.draft_policy(actor, text=text, note=note[:500])
        audit.record(actor, "experiment.adopt", subject(experiment),
                     after={"arm": chosen.name, "draft": draft.number})  # fmt: skip
    return draft
