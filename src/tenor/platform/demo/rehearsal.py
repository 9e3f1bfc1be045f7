"""The last weeks of a made-up past, played as Tenor would have: so that there is a comparison.

Some customers are left to the fixed ladder all along, drawn by the same lot as ever after. What
was decided on each of these days, and what went out, is kept as the days themselves would have.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from tenor.engine.policy.policyfile import Policy
from tenor.engine.predictors.model import Model
from tenor.engine.simulation import World
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.decisions import live
from tenor.platform.decisions.gate import open_gate
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.decisions.runs import run as runs
from tenor.platform.decisions.runs.arms import CONTROL, standing_arm
from tenor.platform.decisions.runs.decide import Way, decided
from tenor.platform.decisions.runs.plan import write_decisions
from tenor.platform.decisions.runs.scores import segments_of
from tenor.platform.demo import world as worlds
from tenor.platform.ledger.models import Customer
from tenor.platform.outreach.models import Message

# So long ago it begins; a comparison looks at invoices thirty days after they were due.
DAYS = 75
# Days from one plan to the next: a plan looks further ahead than that.
_EVERY = 3
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Played:
    """A day that was planned: when, and the decisions of `runs.decide`."""

    as_of: datetime
    decisions: pl.DataFrame


def rehearse(
    organisation: Organisation,
    world: World,
    *,
    model: Model,
    policy: Policy,
) -> list[Played]:
    """Play the last days of the world under Tenor's plans, all of them carried out."""
    played: list[Played] = []
    end, due = world.today + DAYS * _DAY, world.today
    planned = pl.DataFrame()
    while (midnight := world.today) < end:
        as_of = worlds.morning_of(midnight)
        # The day before the last is planned too: there is a yesterday to compare with.
        if midnight >= due or end - midnight == _DAY:
            due = midnight + _EVERY * _DAY
            planned = _plan(organisation, world, as_of, model, policy)
            played.append(Played(as_of, planned))
            ladder = planned.clear()
        else:
            # The ladder knows no plans: who is left to it is looked at every day.
            ladder = _plan(organisation, world, as_of, None, policy)
        world.step(worlds.orders(world, _sent([planned, ladder], midnight)), days=1)
    return played


def _sent(plans: Sequence[pl.DataFrame], midnight: datetime) -> pl.DataFrame:
    """Return what goes out on the day that begins at `midnight`, as the contract's contacts."""
    due = pl.col("send_at").is_between(midnight, midnight + _DAY, closed="left")
    contacts = pl.concat(plans).filter(pl.col("verdict").is_in(["contact", "review"]) & due)
    by = pl.when(pl.col("arm") == CONTROL).then(pl.lit("ladder")).otherwise(pl.lit("rules 1"))
    return contacts.unique("customer_id", keep="first", maintain_order=True).with_columns(
        sent_at=pl.col("send_at"), policy=by
    )


def write_runs(organisation: Organisation, played: Sequence[Played]) -> None:
    """Write the days that were played as runs, with their decisions and what became of them.

    With the clock on each day in turn, which is where it stood; the messages are there already.
    """
    before, numbers = organisation.clock_at, _numbers(organisation)
    try:
        for day in played:
            organisation.clock_at = day.as_of
            run = runs.begin(organisation)
            found = day.decisions.join(numbers, on="customer_id", how="inner")
            write_decisions(run, found.sort("customer_id"))
            open_gate(run)
            _hand_over(organisation, run)
            Run.objects.of(organisation).filter(pk=run.pk).update(
                step=Run.Step.DONE, finished_at=day.as_of, missed_days=0
            )
    finally:
        organisation.clock_at = before


def _plan(
    organisation: Organisation,
    world: World,
    as_of: datetime,
    model: Model | None,
    policy: Policy,
) -> pl.DataFrame:
    """Plan a day; without a model only for those who are left to the ladder."""
    known = world.tables().known_at(as_of)
    standing = standing_arm(organisation, known.customers["customer_id"].to_list())
    if model is None:
        known = known.of_customers(pl.Series(sorted(standing.customers), dtype=pl.String))
    segments = segments_of(known, as_of)
    return decided(
        known,
        segments,
        Way(
            as_of=as_of,
            seed=runs.seed_of(organisation, as_of.date()),
            model=model,
            policy=policy,
            policies={},
            rungs=live.ladder_of(organisation),
            arms=(standing,),
            prevention=preferences_of(organisation).use_prevention,
        ),
    )


def _hand_over(organisation: Organisation, run: Run) -> None:
    """Join each decision of the run with the message that carried it out, where one did."""
    decisions = {
        (d.customer_id, d.send_at, d.channel): d
        for d in Decision.objects.of(organisation).filter(run=run).exclude(send_at=None)
    }
    if not decisions:
        return
    first, last = (f(at for _c, at, _n in decisions) for f in (min, max))
    sent = Message.objects.of(organisation).filter(
        sent_at__gte=first, sent_at__lte=last, decision=None
    )
    carried: list[Message] = []
    for message in sent:
        decision = decisions.get((message.customer_id, message.sent_at, message.channel))
        if decision is not None:
            message.decision = decision
            carried.append(message)
    Message.objects.of(organisation).bulk_update(carried, ["decision"], batch_size=500)
    Decision.objects.of(organisation).filter(pk__in=[m.decision_id for m in carried]).update(
        state=Decision.State.HANDED_OVER
    )


def _numbers(organisation: Organisation) -> pl.DataFrame:
    rows = Customer.objects.of(organisation).values_list("key", "pk")
    schema = {"customer_id": pl.String, "number": pl.Int64}
    return pl.DataFrame(list(rows), schema=schema, orient="row")
