"""A day of the small world, long after some of it was left to the fixed ladder by lot."""

from datetime import datetime, timedelta
from pathlib import Path

import lived
import plans
import worlds
from cast import Cast
from tenor.engine.frames import Tables
from tenor.platform.decisions.models import Run
from tenor.platform.jobs.day import run_day


def compared(cast: Cast, tables: Tables, as_of: datetime, folder: Path) -> Run:
    """Make a day of the small world, half a year after a third of it was left to the ladder."""
    plans.settle(cast, control_share=0.33)
    lived.keep(cast.organisation, tables, as_of)
    lived.put_in_force(cast.organisation, worlds.POLICY, folder)
    cast.organisation.synthetic = True
    cast.organisation.save()
    begun = as_of - timedelta(days=180)
    early = Run.objects.of(cast.organisation).create(
        day=begun.date(), as_of=begun, seed=1, started_at=begun, step="done"
    )
    first = tables.customers["customer_id"].sort()[0]
    early.organisation = cast.organisation
    plans.decision(early, first, verdict="wait", arm="control", state="lapsed", invoice_keys=[])
    return run_day(cast.organisation)
