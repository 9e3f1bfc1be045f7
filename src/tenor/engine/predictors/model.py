"""A model: everything learned from one organisation's history at one instant, kept in a folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from tenor.engine.events import Kind
from tenor.engine.frames import Tables
from tenor.engine.predictors import store
from tenor.engine.predictors.baseline import Baseline
from tenor.engine.predictors.calendar_terms import CalendarTerms
from tenor.engine.predictors.effect import EffectPredictor, fit_effect
from tenor.engine.predictors.effect_design import EffectDesign
from tenor.engine.predictors.encoding import Encoding
from tenor.engine.predictors.expected import PUBLISHED, Expected
from tenor.engine.predictors.harm import HarmPredictor, fit_harm
from tenor.engine.predictors.history import Report, behaviour_alone, lessons
from tenor.engine.predictors.judgement import NOBODY_JUDGED, JudgementPredictor, fit_judgement
from tenor.engine.predictors.payment import Hazard, PaymentPredictor, fit_payment
from tenor.engine.predictors.response import ResponseCurves
from tenor.engine.predictors.state import StateColumns


@dataclass(frozen=True)
class Model:
    """The predictors, the instant they were fitted at and the facts of that fit."""

    as_of: datetime
    payment: PaymentPredictor
    effect: EffectPredictor
    complaint: HarmPredictor
    opt_out: HarmPredictor
    facts: dict[str, Any]
    # Models that were kept before people's judgement was learned have none.
    judgement: JudgementPredictor = NOBODY_JUDGED

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits that change with any learned number."""
        return store.version(self)

    def save(self, directory: Path) -> str:
        """Write the model into `directory` and return its version."""
        return store.save(self, directory)


_PARTS: tuple[type, ...] = (
    Model,
    PaymentPredictor,
    Hazard,
    EffectPredictor,
    EffectDesign,
    Baseline,
    CalendarTerms,
    StateColumns,
    ResponseCurves,
    Encoding,
    HarmPredictor,
    JudgementPredictor,
)


def load_model(directory: Path) -> Model:
    """Read a model that `Model.save` wrote; a folder without a usable one raises ModelError."""
    model: Model = store.load(directory, _PARTS)
    return model


def fit(
    tables: Tables,
    *,
    as_of: datetime,
    days_to_arrive: Mapping[str, float] | None = None,
    seed: int = 0,
    behaviour_only: bool = False,
    prior: Expected = PUBLISHED,
    report: Report | None = None,
) -> Model:
    """Learn from all that was known at `as_of`, and from nothing later.

    Parameters
    ----------
    tables : the six tables of the contract.
    as_of : aware; the instant of fitting.
    days_to_arrive : days from sending to reading a channel's message, as in the policy file.
    seed : the same seed on the same facts gives the same model.
    behaviour_only : leave out every column that says who a customer is (their traits and the
        organisation's own columns of customers): such a model cannot tell customers apart by it.
    prior : what is expected of contacts before these data: what trials say, or what a pool of
        organisations found. One's own contacts outweigh it as they come.
    report : called with what is being done and the share of it that is done (0 to 1).

    Raises
    ------
    ModelError
        Where there is too little history to learn anything.
    """
    tables = tables.known_at(as_of).in_order()
    past = lessons(tables, as_of, report)
    if behaviour_only:
        past = behaviour_alone(past, tables)
    payment = fit_payment(past, seed=seed, report=report)
    arrival = dict(days_to_arrive or {})
    effect = fit_effect(tables, past, days_to_arrive=arrival, seed=seed, prior=prior, report=report)
    known = tables.known_at(as_of)
    facts = {
        "customers": known.customers.height,
        "invoices": known.invoices.height,
        "contacts": known.contacts.height,
        "contacts_with_propensity": known.contacts["propensity"].drop_nulls().len(),
        "behaviour_only": behaviour_only,
        "expected_from": prior.source,
        "instants": len(past.snapshots),
        "seed": seed,
    }
    return Model(
        as_of,
        payment,
        effect,
        fit_harm(tables, past, Kind.COMPLAINED),
        fit_harm(tables, past, Kind.OPTED_OUT),
        facts,
        fit_judgement(tables, past, effect.states),
    )
