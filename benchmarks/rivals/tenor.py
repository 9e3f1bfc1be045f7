"""Tenor itself, as anybody would run it: `fit` now and then, `decide` every two days."""

from datetime import datetime, timedelta

import polars as pl

from tenor.engine.decision import decide
from tenor.engine.frames import Tables
from tenor.engine.policy.policyfile import Policy
from tenor.engine.predictors.model import Model, fit
from tenor.engine.simulation import Decider


def tenor(policy: Policy, *, seed: int, refit_days: int = 30, look_ahead: bool = True) -> Decider:
    """Fit at the first decision and again every `refit_days`; in between only decide.

    `look_ahead=False` gives the greedy comparison, which spends each contact at once.
    """
    fitted: list[tuple[datetime, Model]] = []

    def decider(tables: Tables, now: datetime) -> pl.DataFrame:
        if not fitted or now - fitted[-1][0] >= timedelta(days=refit_days):
            arrival = policy.days_to_arrive
            model = fit(tables, as_of=now, days_to_arrive=arrival, seed=seed)
            fitted[:] = [(now, model)]
        return decide(
            tables,
            as_of=now,
            model=fitted[-1][1],
            policy=policy,
            seed=seed,
            look_ahead=look_ahead,
        )

    return decider
