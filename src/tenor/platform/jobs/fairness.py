"""Work about fairness: examine how groups are treated, work out what behaviour alone costs."""

from django.utils import translation

from tenor.platform.core import clock
from tenor.platform.core.actor import system
from tenor.platform.core.jobs import Claim, task
from tenor.platform.decisions import facts
from tenor.platform.fairness import actions


@task("fairness")
def examine(claim: Claim) -> None:
    """Examine the past month; where somebody asked, under the instant at which they did."""
    organisation = claim.organisation
    asked = claim.job.payload.get("turn")

    def report(share: float) -> None:
        claim.progress(int(100 * share), 100, "fairness")

    with translation.override(organisation.language):
        actions.examine_now(
            system(organisation),
            turn=asked or f"{clock.today(organisation):%Y-%m}",
            occasion="asked" if asked else "month",
            report=report,
        )


@task("fairness_price")
def price(claim: Claim) -> None:
    """Learn with and without who people are, and keep what the difference is."""
    organisation = claim.organisation
    tables = facts.to_learn_from(organisation, clock.now(organisation))

    def report(stage: str, share: float) -> None:
        claim.progress(int(100 * share), 100, stage)

    actions.work_out_price(system(organisation), tables=tables, report=report)
