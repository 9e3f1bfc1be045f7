"""Decide about one customer now, because somebody asks."""

from datetime import datetime

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.features.build import Population
from tenor.platform.core import clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Refused
from tenor.platform.core.roles import Right
from tenor.platform.decisions import facts
from tenor.platform.decisions.models import Decision, Score
from tenor.platform.decisions.queries.standing import seen_now, standing_decision
from tenor.platform.decisions.replay.basis import asked_key, keep_basis
from tenor.platform.decisions.runs.alone import decided_alone, needs_all
from tenor.platform.decisions.runs.arms import Plan, plan_for, take_in
from tenor.platform.decisions.runs.plan import columns_of
from tenor.platform.decisions.runs.run import seed_of
from tenor.platform.decisions.runs.scores import segments_of
from tenor.platform.experiments.queries import running
from tenor.platform.governance.queries import live_policy_version, live_predictor
from tenor.platform.ledger.models import Customer, Invoice

State = Decision.State


def ask(actor: Actor, *, customer_key: str = "", invoice_key: str = "") -> Decision:
    """Decide what to do about a customer now, on what is known at this instant, and keep it.

    Where it was decided today on the same facts and settings, by the plan or because somebody
    asked, and its moment has not passed, that decision stands and is the answer. Otherwise it is a
    decision of no plan: what it intends waits for approval like any other, and what it leaves
    alone is kept as that. Asked again at the same instant, it is the same decision.
    """
    actor.need(Right.WORK)
    if invoice_key:
        customer = row_for(actor, Invoice, related=("customer",), key=invoice_key).customer
    else:
        customer = row_for(actor, Customer, key=customer_key)
    standing = standing_decision(actor.organisation, customer)
    if standing is not None:
        return standing
    # Noted before the facts are read: what comes in between is looked at again next time.
    seen = seen_now(actor.organisation, customer)
    population = facts.usual(actor.organisation)
    now = clock.now(actor.organisation)
    known = facts.tables(actor.organisation, now, [customer.key])
    # An experiment asks how somebody pays; else the day's score says it.
    asks = running(actor.organisation)
    segments = segments_of(known, now, population) if asks else _scored(actor, customer)
    plan = _plan(actor, segments, population, now)
    way = plan.way
    if not asks and needs_all(way, customer.key):
        segments = segments_of(known, now, population)
    found = pl.DataFrame() if segments.is_empty() else decided_alone(known, segments, way)
    if found.is_empty():
        raise Refused(_("Nothing is open: there is nothing to decide."))
    values = {name: column[0] for name, column in columns_of(found).items()}
    waits = values["verdict"] == "wait"
    values |= {"state": State.NOTHING if waits else State.PROPOSED, "gate": "asked", "seen": seen}
    # The engine's key names the day's decision of this customer; this one was asked for.
    values["key"] = asked_key(values["key"], way.as_of)
    with transaction.atomic():
        take_in(actor.organisation, plan, way.as_of)
        kept, is_new = Decision.objects.of(actor.organisation).get_or_create(
            key=values["key"], defaults={**values, "customer": customer}
        )
        decision: Decision = kept
        if is_new:
            keep_basis(actor.organisation, decision, known, segments, way)
    return decision


def _scored(actor: Actor, customer: Customer) -> pl.DataFrame:
    """Return the customer with how they pay, as last scored: `customer_id, segment`."""
    scores = Score.objects.of(actor.organisation).filter(invoice__customer=customer)
    segment = scores.order_by("pk").values_list("segment", flat=True).first()
    schema = {"customer_id": pl.String, "segment": pl.String}
    return pl.DataFrame([(customer.key, segment)], schema=schema, orient="row")


def _plan(actor: Actor, segments: pl.DataFrame, population: Population, now: datetime) -> Plan:
    organisation = actor.organisation
    return plan_for(
        organisation,
        segments,
        as_of=now,
        seed=seed_of(organisation, clock.today(organisation)),
        predictor=live_predictor(organisation),
        policy=live_policy_version(organisation),
        population=population,
    )
