"""The engine: frames in, decisions out. Pure: no web, no database, no clock, no hidden chance.

Its public names, each loaded when it is first used, so that importing the engine is instant:

    >>> from tenor import engine
    >>> engine.parse_policy("[channels.email]").channels[0].name
    'email'
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenor.engine.decision import decide
    from tenor.engine.errors import InputError
    from tenor.engine.features.build import build
    from tenor.engine.forecast import expected_cash
    from tenor.engine.frames import Tables, tables_of
    from tenor.engine.kpis.portfolio import audit
    from tenor.engine.policy.policyfile import parse_policy, read_policy
    from tenor.engine.predictors.model import Model, fit, load_model
    from tenor.engine.predictors.score import score
    from tenor.engine.store import read_tables, write_tables

_PLACES = {
    "InputError": "errors",
    "Model": "predictors.model",
    "Tables": "frames",
    "audit": "kpis.portfolio",
    "build": "features.build",
    "decide": "decision",
    "expected_cash": "forecast",
    "fit": "predictors.model",
    "load_model": "predictors.model",
    "parse_policy": "policy.policyfile",
    "read_policy": "policy.policyfile",
    "read_tables": "store",
    "score": "predictors.score",
    "tables_of": "frames",
    "write_tables": "store",
}

__all__ = [
    "InputError",
    "Model",
    "Tables",
    "audit",
    "build",
    "decide",
    "expected_cash",
    "fit",
    "load_model",
    "parse_policy",
    "read_policy",
    "read_tables",
    "score",
    "tables_of",
    "write_tables",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for (PEP 562)."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
