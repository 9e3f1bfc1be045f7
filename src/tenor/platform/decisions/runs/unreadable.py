"""A day whose predictor cannot be read: it is left to the fixed ladder, and learning begins anew.

After an upgrade that changes the format of models, or where a folder is damaged or gone, nothing
that was learned can decide. A day without a plan would be worse.
"""

import logging

from django.db import transaction

from tenor.platform.core import audit
from tenor.platform.core.actor import system
from tenor.platform.decisions import live
from tenor.platform.decisions.models import Run
from tenor.platform.governance import learning
from tenor.platform.governance.switches import LEARNING, turned_off

log = logging.getLogger("tenor.day")

# In the figures of a run: the version that could not be read.
UNREADABLE = "unreadable_predictor"


def leave_to_the_ladder(run: Run) -> None:
    """Let the run go on without its predictor where that is unreadable. Twice is once.

    A new one is asked for, once a day until one is there; where learning is turned off, a person
    has to ask. What was decided already stays as it is.
    """
    version = run.predictor
    if version is None or not live.is_unreadable(version):
        return
    organisation, actor = run.organisation, system(run.organisation)
    log.warning(
        "%s: predictor %s cannot be read: the fixed ladder decides until another is learned",
        organisation.slug, version.version,
    )  # fmt: skip
    figures = {**run.figures, UNREADABLE: version.version}
    with transaction.atomic():
        rows = Run.objects.of(organisation).filter(pk=run.pk, step=run.step)
        rows.update(predictor=None, figures=figures)
        audit.record(actor, "predictor.unreadable", f"predictor:{version.version}")
        if LEARNING not in turned_off(organisation):
            learning.ask(
                organisation,
                turn=f"unreadable:{version.version}:{run.day.isoformat()}",
                because=learning.UNREADABLE,
            )
    run.predictor, run.figures = None, figures
