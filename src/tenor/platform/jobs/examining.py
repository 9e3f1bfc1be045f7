"""Work of examining: make one decision of a large day again."""

from tenor.platform.core.actor import system
from tenor.platform.core.jobs import Claim, task
from tenor.platform.decisions.replay import examining


@task(examining.KIND)
def examine(claim: Claim) -> None:
    """Make a decision again, and keep what came of it."""

    def report(step: str) -> None:
        done = examining.STEPS.index(step)
        claim.progress(done, len(examining.STEPS), step)

    examining.examine(system(claim.organisation), claim.job.payload["decision"], report)
