"""Keep what is known of the day: the score of each open invoice, figures, what stands out."""

from datetime import datetime

import polars as pl
from django.db import transaction

from tenor.engine.features.build import Population, build
from tenor.engine.features.segments import segment
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states
from tenor.engine.predictors.model import Model
from tenor.engine.predictors.score import Foretold, foretell, score
from tenor.platform.decisions.live import model_of
from tenor.platform.decisions.models import Run, Score
from tenor.platform.decisions.runs.bulk import write
from tenor.platform.decisions.runs.figures import figures_of
from tenor.platform.decisions.runs.run import move_on
from tenor.platform.ledger.models import Invoice
from tenor.platform.ledger.queries.unprofiled import unprofiled

# Reasons take longer than chances: so many invoices get them, those that are owed most.
EXPLAINED = 10_000


def keep_scores(run: Run, known: Tables) -> None:
    """Score every open invoice, replace the scores of the day before; the step `score`.

    The figures of the day are worked out here too: they are those of the facts that are decided
    on, and what is sent later in the day must not show in them.
    """
    model = model_of(run.predictor)
    foretold = None if model is None else foretell(known, as_of=run.as_of, model=model)
    found = None if model is None else scored(known, run.as_of, model, foretold)
    figures = {**run.figures, **figures_of(run, known, foretold)}
    numbers = numbers_of(run.organisation_id)
    if found is not None:
        found = _without_objectors(run, found, known)
    with transaction.atomic():
        move_on(run, figures=figures)
        Score.objects.of(run.organisation_id).all().delete()
        if found is not None:
            _write(run, found.join(numbers, on="invoice_id", how="inner", maintain_order="left"))


def scored(
    known: Tables, as_of: datetime, model: Model, foretold: Foretold | None = None
) -> pl.DataFrame:
    """Return a row an open invoice: the engine's scores, with reasons for the largest amounts."""
    states = invoice_states(known, as_of).filter("is_open")
    largest = states.sort("balance", "invoice_id", descending=[True, False]).head(EXPLAINED)
    return score(
        known, as_of=as_of, model=model, explained=largest["invoice_id"], foretold=foretold
    )


def segments_of(
    known: Tables, as_of: datetime, population: Population | None = None
) -> pl.DataFrame:
    """Return how each customer with an open invoice pays: `customer_id, segment`."""
    rows = build(known, as_of, population).rows
    return (
        rows.select("customer_id", segment=segment(rows))
        .unique("customer_id", keep="first", maintain_order=True)
        .sort("customer_id")
    )


def numbers_of(organisation_id: int) -> pl.DataFrame:
    """Return the number in the database of each open invoice: `invoice_id, number`."""
    rows = Invoice.objects.of(organisation_id).filter(is_open=True).values_list("key", "pk")
    schema = {"invoice_id": pl.String, "number": pl.Int64}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def _without_objectors(run: Run, found: pl.DataFrame, known: Tables) -> pl.DataFrame:
    """Keep no prediction about somebody who objected to profiling."""
    objected = list(unprofiled(run.organisation, run.as_of))
    theirs = known.invoices.filter(pl.col("customer_id").is_in(objected))
    return found.join(theirs, on="invoice_id", how="anti", maintain_order="left")


def _write(run: Run, found: pl.DataFrame) -> None:
    names = ("p_paid_7d", "p_paid_30d", "p_paid_60d", "expected_paid_on", "p_escalated", "risk")
    write(
        Score,
        run.organisation,
        {
            "invoice_id": found["number"].to_list(),
            **{name: found[name].to_list() for name in names},
            "segment": found["segment"].fill_null("").to_list(),
            "why_unpaid": found["why_unpaid"].fill_null("").str.slice(0, 60).to_list(),
            "reasons": found["reasons"].to_list(),
            "model_version": found["model_version"].to_list(),
        },
        alike={"as_of": run.as_of},
    )
