"""Decide about one customer now, because somebody asks."""

from decimal import Decimal
from typing import Any

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from tenor.engine.decision import decide
from tenor.engine.features.build import Population
from tenor.engine.frames import AMOUNT, Tables
from tenor.platform.core import clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Refused
from tenor.platform.core.roles import Right
from tenor.platform.decisions import facts
from tenor.platform.decisions.models import Decision, Score
from tenor.platform.decisions.queries.standing import seen_now, standing_decision
from tenor.platform.decisions.runs.arms import TREATED, Plan, plan_for, take_in
from tenor.platform.decisions.runs.decide import Way, decided
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
    known = facts.tables(actor.organisation, clock.now(actor.organisation), [customer.key])
    segments = _segments(actor, known, customer, population)
    plan = _plan(actor, segments, population)
    way = plan.way
    found = _decided(actor, known, customer, way)
    if found.is_empty():
        raise Refused(_("Nothing is open: there is nothing to decide."))
    values = {name: column[0] for name, column in columns_of(found).items()}
    waits = values["verdict"] == "wait"
    values |= {"state": State.NOTHING if waits else State.PROPOSED, "gate": "asked", "seen": seen}
    # The engine's key names the day's decision of this customer; this one was asked for.
    values["key"] = f"asked-{values['key']}-{int(way.as_of.timestamp() * 1_000_000)}"
    with transaction.atomic():
        take_in(actor.organisation, plan, way.as_of)
        kept, _is_new = Decision.objects.of(actor.organisation).get_or_create(
            key=values.pop("key"), defaults={**values, "customer": customer}
        )
    decision: Decision = kept
    return decision


def _segments(
    actor: Actor, known: Tables, customer: Customer, population: Population
) -> pl.DataFrame:
    """Return the customer with how they pay: worked out where an experiment asks, else left out."""
    if running(actor.organisation):
        return segments_of(known, clock.now(actor.organisation), population)
    schema = {"customer_id": pl.String, "segment": pl.String}
    return pl.DataFrame([(customer.key, None)], schema=schema, orient="row")


def _decided(actor: Actor, known: Tables, customer: Customer, way: Way) -> pl.DataFrame:
    """Return the decision; by the shortest way, since somebody waits for it."""
    apart = way.arm_of(customer.key) is not None or customer.key in way.unprofiled
    if way.model is None or way.policies or apart:
        return decided(known, segments_of(known, way.as_of, way.population), way)
    found = decide(
        known,
        as_of=way.as_of,
        model=way.model,
        policy=way.rules,
        seed=way.seed,
        customers=[customer.key],
        population=way.population,
    )
    if found.is_empty():
        return found
    about = _about(actor, found["invoice_ids"][0].to_list(), customer)
    texts = ("currency", "segment", "ladder_channel", "ladder_tone", "arm", "experiment")
    return found.with_columns(
        pl.lit(about["amount"], dtype=AMOUNT).alias("amount"),
        pl.lit(about["days_overdue"], dtype=pl.Int64).alias("days_overdue"),
        *(pl.lit(about.get(name, ""), dtype=pl.String).alias(name) for name in texts),
    )


def _about(actor: Actor, keys: list[str], customer: Customer) -> dict[str, Any]:
    """Return what the decision is about: of somebody left alone, the currency owed most."""
    rows = Invoice.objects.of(actor.organisation).filter(customer=customer, is_open=True)
    owed: dict[str, list[Invoice]] = {}
    for row in rows.filter(key__in=keys).order_by("currency", "due_on"):
        owed.setdefault(row.currency, []).append(row)
    currency = max(owed, key=lambda one: sum(row.balance for row in owed[one]), default="")
    some = owed.get(currency, [])
    score = Score.objects.of(actor.organisation).filter(invoice__in=some).first()
    today = clock.today(actor.organisation)
    return {
        "amount": sum((row.balance for row in some), Decimal(0)),
        "currency": currency,
        "days_overdue": (today - some[0].due_on).days if some else 0,
        "segment": score.segment if score else "",
        "arm": TREATED,
    }


def _plan(actor: Actor, segments: pl.DataFrame, population: Population) -> Plan:
    organisation = actor.organisation
    return plan_for(
        organisation,
        segments,
        as_of=clock.now(organisation),
        seed=seed_of(organisation, clock.today(organisation)),
        predictor=live_predictor(organisation),
        policy=live_policy_version(organisation),
        population=population,
    )
