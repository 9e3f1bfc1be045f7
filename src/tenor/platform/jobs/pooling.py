"""Work about pools: give what was learned, with noise, when it is due or somebody asked."""

from django.utils import translation

from tenor.platform.core import clock
from tenor.platform.core.actor import system
from tenor.platform.core.errors import Refused
from tenor.platform.core.jobs import Claim, task
from tenor.platform.decisions import facts
from tenor.platform.governance.switches import LEARNING, turned_off
from tenor.platform.pooling import actions, queries


@task("pool_give")
def give(claim: Claim) -> None:
    """Give, where this organisation still takes part; a spent budget is an answer, no failure."""
    organisation = claim.organisation
    if queries.place_of(organisation) is None or LEARNING in turned_off(organisation):
        return
    now = clock.now(organisation)
    claim.progress(0, 100, "facts")
    with translation.override(organisation.language):
        try:
            actions.give(
                system(organisation), tables=facts.to_learn_from(organisation, now), as_of=now
            )
        except Refused:
            claim.progress(100, 100, "refused")
