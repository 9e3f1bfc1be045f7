"""Keep the plan of the day: a decision a customer."""

import json
from functools import lru_cache
from typing import Any

import polars as pl
from django.db import transaction

from tenor.engine.frames import Tables
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.decisions.replay import standing
from tenor.platform.decisions.replay.keeping import keep
from tenor.platform.decisions.runs.arms import Plan, plan_for, take_in
from tenor.platform.decisions.runs.bulk import write
from tenor.platform.decisions.runs.decide import Way, decided
from tenor.platform.decisions.runs.exploring import exploring
from tenor.platform.decisions.runs.run import move_on
from tenor.platform.decisions.runs.scores import segments_of
from tenor.platform.decisions.runs.signals import Noticed, notice_now
from tenor.platform.experiments.looking import look
from tenor.platform.ledger.models import Customer

State = Decision.State

# What the engine says of chance: see `engine.decision.SCHEMA`.
_CHANCE = ["propensity_channel", "propensity_tone", "propensity_time", "explored_by",
           "expected_loss"]  # fmt: skip


def keep_plan(run: Run, known: Tables) -> None:
    """Decide about everybody who owes something; the step `decide`."""
    segments = segments_of(known, run.as_of)
    look_at_experiments(run, known)
    plan = plan_of(run, segments)
    found = decided(known, segments, plan.way)
    facts = keep(run, known, segments, plan.way)
    numbers = _numbers(run.organisation_id)
    found = found.join(numbers, on="customer_id", how="inner", maintain_order="left")
    with transaction.atomic():
        chance = {"exploration": exploring(found, plan.way.rules)}
        indexed = bool(facts["facts"])
        move_on(run, figures={**run.figures, **chance}, facts_indexed=indexed, **facts)
        if indexed:
            standing.note(run, {*known.customers["customer_id"], *segments["customer_id"]})
        Decision.objects.of(run.organisation_id).filter(run=run).delete()
        take_in(run.organisation, plan, run.as_of)
        write_decisions(run, found)


def look_at_experiments(run: Run, known: Tables) -> None:
    """Keep what each experiment shows today; say aloud which arm a guard stopped."""
    stopped = [
        Noticed(
            "arm_stopped",
            "danger",
            {
                "of": f"{one.experiment.slug}.{one.arm.name}",
                "experiment": one.experiment.name,
                "slug": one.experiment.slug,
                "arm": one.arm.label,
                "outcome": one.watch.outcome,
            },
        )
        for one in look(run.organisation, known, run.as_of)
    ]
    if stopped:
        notice_now(run.organisation, *stopped)


def plan_of(run: Run, segments: pl.DataFrame) -> Plan:
    """Return how the run decides: its versions, its seed, the settings, who is in which arm."""
    return plan_for(
        run.organisation,
        segments,
        as_of=run.as_of,
        seed=run.seed,
        predictor=run.predictor,
        policy=run.policy,
    )


def way_of(run: Run, segments: pl.DataFrame) -> Way:
    """Return how the run decides about the customers in `segments`."""
    return plan_of(run, segments).way


def write_decisions(run: Run, found: pl.DataFrame) -> None:
    """Write the rows of `decide.decided`, with the customer's `number`."""
    columns = columns_of(found)
    waits = (found["verdict"] == "wait").to_list()
    columns["customer_id"] = found["number"].to_list()
    columns["state"] = [State.NOTHING.value if w else State.PROPOSED.value for w in waits]
    write(Decision, run.organisation, columns, alike={"run_id": run.pk})


def columns_of(found: pl.DataFrame) -> dict[str, list[Any]]:
    """Return what the engine said, as the fields of a decision take it."""
    texts = ("channel", "tone", "segment", "ladder_channel", "ladder_tone", "currency",
             "experiment", "model_version", "policy_version")  # fmt: skip
    same = ("decided_at", "verdict", "send_at", "propensity", "explored", "p_paid", "p_paid_wait",
            "cost", "value", "reasons", "rules", "candidates", "arm", "amount",
            "days_overdue")  # fmt: skip
    return {
        "key": found["decision_id"].to_list(),
        "invoice_keys": found["invoice_ids"].to_list(),
        "review_reason": found["review_reason"].fill_null("").str.slice(0, 300).to_list(),
        **{name: found[name].fill_null("").to_list() for name in texts},
        **{name: found[name].to_list() for name in same},
        "factors": [_factors(row) for row in found.select(_CHANCE).iter_rows()],
        "eligible": [_eligible(text) for text in found["eligible"].to_list()],
    }


def _factors(row: tuple[float | None, float, float, str | None, float]) -> dict[str, Any]:
    """Return the chance of each part of a decision, and what trying something else costs."""
    channel, tone, time, by, loss = row
    if channel is None:
        return {}
    found: dict[str, Any] = {"channel": channel, "tone": tone, "time": time}
    return found | ({"loss": loss} if loss else {}) | ({"by": by} if by else {})


@lru_cache(maxsize=4096)
def _eligible(text: str | None) -> dict[str, Any]:
    """Read what could be tried; with few different ones, each once."""
    found: dict[str, Any] = json.loads(text) if text else {}
    return found


def _numbers(organisation_id: int) -> pl.DataFrame:
    """Return the number in the database of each customer: `customer_id, number`."""
    rows = Customer.objects.of(organisation_id).values_list("key", "pk")
    schema = {"customer_id": pl.String, "number": pl.Int64}
    return pl.DataFrame(list(rows), schema=schema, orient="row")
