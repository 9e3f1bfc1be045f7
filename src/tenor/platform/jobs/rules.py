"""Work about rules and predictors: a dry run, a new predictor, the evidence of a release."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl
from django.utils import translation

from tenor.engine.ledger import invoice_states
from tenor.platform.core import clock
from tenor.platform.core.actor import system
from tenor.platform.core.jobs import Claim, task
from tenor.platform.core.models import Organisation
from tenor.platform.decisions import facts, live
from tenor.platform.decisions.runs.arms import plan_for
from tenor.platform.decisions.runs.decide import Way, decided
from tenor.platform.decisions.runs.run import seed_of
from tenor.platform.decisions.runs.scores import segments_of
from tenor.platform.governance import actions, queries
from tenor.platform.governance.dry_run import compare
from tenor.platform.jobs import schedule
from tenor.platform.releases import drafting, gathering, training
from tenor.platform.releases.parts import decides
from tenor.platform.releases.queries import release_numbered


@task("dry_run")
def try_rules(claim: Claim) -> None:
    """Plan today with the rules in force and with a draft, and keep the difference with it."""
    organisation = claim.organisation
    actor = system(organisation)
    version = queries.version_numbered(actor, claim.job.payload["number"])
    now = clock.now(organisation)
    in_force = queries.live_policy_version(organisation)
    policy = actions.read(version.text)
    figures: dict[str, Any] = {
        "as_of": now.isoformat(),
        "version": policy.version,
        "against": in_force.number if in_force else None,
        "currency": policy.objective.currency,
    }
    if live.live_model(organisation) is None:
        figures["without"] = "predictor"
    else:
        claim.progress(0, 3, "facts")
        tables = facts.tables(organisation, now)
        segments = segments_of(tables, now)
        way = _way(organisation, now, segments)
        draft = replace(
            way,
            policy=live.policy_of(organisation, version),
            policies=live.segment_policies(organisation, version),
        )
        claim.progress(1, 3, "before")
        before = decided(tables, segments, way)
        claim.progress(2, 3, "after")
        after = decided(tables, segments, draft)
        balances = invoice_states(tables, now).select("invoice_id", "balance")
        figures |= compare(before, after, balances)
    actions.keep_dry_run(actor, number=version.number, figures=figures)


@task("fit_predictor")
def fit_predictor(claim: Claim) -> None:
    """Learn from all facts up to now; facts that are not fit for it are an answer, no failure."""
    organisation = claim.organisation
    now = clock.now(organisation)
    claim.progress(0, 100, "facts")
    tables = facts.to_learn_from(organisation, now)

    asked = claim.job.payload
    if "by" in asked:
        wish = training.Wish(by_id=asked["by"], by_name=asked["by_name"])
    else:
        wish = training.Wish(
            turn=schedule.each_training(organisation), because=asked.get("because", "")
        )
    with translation.override(organisation.language):
        done = training.train(
            system(organisation), tables=tables, as_of=now, wish=wish, report=_report(claim)
        )
    if done.outcome == done.Outcome.REFUSED:
        claim.progress(100, 100, "refused")


@task("release_evidence")
def gather_evidence(claim: Claim) -> None:
    """Gather what people decide on about a release; one that has gone on keeps what it had."""
    organisation = claim.organisation
    actor = system(organisation)
    release = release_numbered(actor, claim.job.payload["number"])
    now = clock.now(organisation)
    claim.progress(0, 100, "facts")
    tables = facts.to_learn_from(organisation, now) if decides(release) else None
    with translation.override(organisation.language):
        evidence = gathering.gather(release, tables=tables, as_of=now, report=_report(claim))
        drafting.keep_evidence(actor, number=release.number, evidence=evidence)


def _report(claim: Claim) -> Callable[[str, float], None]:
    def report(stage: str, share: float) -> None:
        claim.progress(int(100 * share), 100, stage)

    return report


def _way(organisation: Organisation, now: datetime, segments: pl.DataFrame) -> Way:
    """Return how today is decided with what is in force: chance draws as it did in today's plan."""
    return plan_for(
        organisation,
        segments,
        as_of=now,
        seed=seed_of(organisation, clock.today(organisation)),
        predictor=queries.live_predictor(organisation),
        policy=queries.live_policy_version(organisation),
    ).way
