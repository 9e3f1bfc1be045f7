"""The figures of a day: what the overview shows without working anything out again.

`Run.figures` holds, as JSON (amounts and figures as text, exact; see the engine's modules for what
each one is):

    audit        kpis.portfolio: open, overdue, ageing, DSO, cost to collect; a section a currency
    drivers      kpis.drivers: why the DSO is another than thirty days ago, a row a currency
    indicators   kpis.indicators: leading and lagging ones, a row a currency and month
    forecast     weeks: forecast.expected_cash, a row a currency and week; shock, model
    history      quality.sufficiency: what the facts are enough for, by use
    arms         comparison: treated beside control; nothing where nobody is left to the ladder
    funnel       what became of the contacts of the last thirty days, a row a channel
    plan         tally: decisions by verdict, arm and channel, what they cost and may bring
    yesterday    unsent: contacts of the plan before that went out, and that never did
"""

from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from tenor.engine.forecast import Shock, expected_cash, shock_of
from tenor.engine.frames import Tables
from tenor.engine.kpis.drivers import dso_drivers
from tenor.engine.kpis.indicators import indicators
from tenor.engine.kpis.portfolio import audit
from tenor.engine.predictors.model import Model
from tenor.engine.predictors.score import Foretold
from tenor.engine.quality.sufficiency import sufficiency
from tenor.engine.reports.audit import audit_json
from tenor.platform.decisions.live import model_of
from tenor.platform.decisions.models import Run
from tenor.platform.decisions.runs.comparison import comparison
from tenor.platform.decisions.runs.funnel import funnel
from tenor.platform.decisions.runs.run import previous_of

_MONTH = timedelta(days=30)
_MONTHS = 13
_WEEKS = 8
# The shock is learned anew every four weeks, from so many customers: it is about all at once.
_SHOCK_FOR = timedelta(days=28)
_SHOCK_FROM = 2_500


def figures_of(run: Run, known: Tables, foretold: Foretold | None = None) -> dict[str, Any]:
    """Work out the figures of a run from the facts it decides on."""
    history = as_json({u.name: u for u in sufficiency(known, today=run.as_of.date()).uses})
    if known.invoices.is_empty():
        return {"history": history}
    found = audit_json(audit(known, run.as_of), synthetic=run.organisation.synthetic)
    return {
        "audit": found,
        "drivers": as_json(dso_drivers(known, start=run.as_of - _MONTH, end=run.as_of)),
        "indicators": as_json(indicators(known, run.as_of, months=_MONTHS)),
        "forecast": _forecast(run, known, foretold),
        "history": history,
        "arms": as_json(comparison(run, known)),
        "funnel": funnel(known, run.as_of),
    }


def as_json(value: Any) -> Any:
    """Return figures as JSON values: dataclasses as objects, amounts as text, days as ISO 8601."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_json(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {str(k): as_json(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(v) for v in value]
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else value


def _forecast(run: Run, known: Tables, foretold: Foretold | None) -> dict[str, Any] | None:
    """Expect the cash of the next weeks; nothing where there is no predictor."""
    model = model_of(run.predictor)
    if model is None:
        return None
    shock = _shock(run, known, model)
    weeks = expected_cash(
        known, as_of=run.as_of, model=model, weeks=_WEEKS, shock=shock["used"], foretold=foretold
    )
    return {
        "model": model.version,
        "shock": {name: shock[name] for name in ("share", "weeks", "learned_at")},
        "weeks": as_json(weeks.to_dicts()),
    }


def _shock(run: Run, known: Tables, model: Model) -> dict[str, Any]:
    """Return how far everybody may be off at once, learned within the last four weeks."""
    before = previous_of(run)
    kept = ((before.figures.get("forecast") or {}) if before else {}).get("shock")
    if kept and run.as_of - datetime.fromisoformat(kept["learned_at"]) < _SHOCK_FOR:
        return {**kept, "used": Shock(kept["share"], kept["weeks"])}
    owing = known.invoices["customer_id"].unique().sort()
    each = -(-len(owing) // _SHOCK_FROM)
    some = known.of_customers(pl.Series(owing.gather_every(each)))
    found = shock_of(some, as_of=run.as_of, model=model)
    learned = {"share": found.share, "weeks": found.weeks, "learned_at": run.as_of.isoformat()}
    return {**learned, "used": found}
