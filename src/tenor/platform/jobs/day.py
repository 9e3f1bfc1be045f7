"""One organisation's day: sync, score, decide, gate, send, check.

Each step ends in one transaction that also moves the run on, so that a run that was cut short, by
whatever, goes on with the step it was in and comes to the same end. A second run of the same day
is the first one. Facts, versions and seed are those of the moment at which the day began.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter

from django.db import transaction

from tenor.engine.frames import Tables
from tenor.platform.core import clock
from tenor.platform.core.actor import Actor, system
from tenor.platform.core.models import Organisation
from tenor.platform.decisions import facts
from tenor.platform.decisions.actions.cases import lay_out
from tenor.platform.decisions.gate import open_gate
from tenor.platform.decisions.runs import (
    plan,
    remarks,
    run,
    scores,
    signals,
    tally,
    unreadable,
    unsent,
)
from tenor.platform.decisions.runs.run import Overtaken, Run, Step
from tenor.platform.jobs import sending
from tenor.platform.ledger.actions import settle_agreements
from tenor.platform.monitoring import actions as monitoring
from tenor.platform.offers.actions import end_offers
from tenor.platform.offers.passing import offer_plans
from tenor.platform.releases import daily as releases

log = logging.getLogger("tenor.day")

Report = Callable[[str, float], None]


@dataclass
class Day:
    """A run in hand, and the facts it decides on, fetched once a process."""

    run: Run

    @property
    def organisation(self) -> Organisation:
        """Return whose day it is."""
        found: Organisation = self.run.organisation
        return found

    @property
    def actor(self) -> Actor:
        """Return Tenor, at work for the organisation."""
        return system(self.organisation)

    @cached_property
    def known(self) -> Tables:
        """Return what was known when the day began."""
        return facts.tables(self.organisation, self.run.as_of)


def run_day(
    organisation: Organisation, *, until_step: str | None = None, report: Report | None = None
) -> Run:
    """Do the organisation's day, or what is left of it; return its run.

    `until_step` stops before that step; `report` is told each step and the seconds it took. Where
    another process does the same day, the one that is first with a step writes it, and both go on.
    """
    day = Day(run.begin(organisation))
    while day.run.step not in (Step.DONE, until_step):
        step, start = day.run.step, perf_counter()
        try:
            _STEPS[Step(step)](day)
        except Overtaken:
            day = Day(run.begin(organisation))
        except Exception as error:
            run.note_error(day.run, error)
            raise
        seconds = perf_counter() - start
        log.info("%s: %s took %.1f s", organisation.slug, step, seconds)
        if report is not None:
            report(step, seconds)
    return day.run


def sync(day: Day) -> None:
    """Bring the books up to the present: what was agreed and has ended, kept or broken.

    Payments, invoices and events arrive through the API and imports at any time. From here on
    nothing that comes in changes this day.
    """
    settle_agreements(day.actor)
    end_offers(day.actor)
    before = unsent.yesterday_of(day.run)
    with transaction.atomic():
        run.move_on(
            day.run, as_of=clock.now(day.organisation), figures={"yesterday": before.as_json()}
        )


def score(day: Day) -> None:
    """Say of each open invoice when it will be paid, and why; work out the day's figures."""
    unreadable.leave_to_the_ladder(day.run)
    scores.keep_scores(day.run, day.known)
    offer_plans(day.actor)


def decide(day: Day) -> None:
    """Intend something for everybody who owes: a contact, a wait, a person, a hand-over.

    Before that a release on trial is widened, ended or rolled back by what is known now; and where
    everybody pays otherwise than was learned, or what was learned cannot be read any more, this
    day already leaves them to the fixed ladder.
    """
    unreadable.leave_to_the_ladder(day.run)
    monitoring.before_deciding(day.organisation, day.known)
    releases.before_deciding(day.organisation)
    plan.keep_plan(day.run, day.known)


def gate(day: Day) -> None:
    """Say which decisions wait for a person, and give people their cases; old ones lapse."""
    with transaction.atomic():
        run.move_on(day.run)
        open_gate(day.run)
        lay_out(day.run)


def send(day: Day) -> None:
    """Send what is due already, and give people the calls and hand-overs of the day.

    The rest of the plan goes out at its own moments, by the job `send`.
    """
    sending.send_all_due(day.organisation)
    with transaction.atomic():
        run.move_on(day.run)


def check(day: Day) -> None:
    """Count the plan, and say aloud what a person should know of this day.

    What a release in shadow would have done on the same facts is kept beside it.
    """
    releases.after_deciding(day.run, lambda: day.known)
    before = unsent.Yesterday(**day.run.figures["yesterday"])
    found = {**day.run.figures, "plan": tally.plan_tally(day.run)}
    said = remarks.remarks_of(day.run, before)
    with transaction.atomic():
        run.move_on(
            day.run, figures=found, remarks=said, finished_at=clock.now(day.organisation), error=""
        )
        signals.notice_now(day.organisation, *remarks.noticed(said))


_STEPS = {
    Step.SYNC: sync,
    Step.SCORE: score,
    Step.DECIDE: decide,
    Step.GATE: gate,
    Step.SEND: send,
    Step.CHECK: check,
}
