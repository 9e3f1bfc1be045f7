"""Whether the gains that one model foretold came true on the contacts that chance left open."""

from collections.abc import Callable
from datetime import datetime

import numpy as np

from tenor.engine.errors import InputError
from tenor.engine.evaluate.gain import (
    NO_GAINS,
    GainCalibration,
    foretold_gains,
    gain_calibration,
)
from tenor.engine.evaluate.logged import log_rows
from tenor.engine.frames import Tables
from tenor.engine.policy.policyfile import Policy
from tenor.engine.predictors.model import Model


def gain_on_log(
    tables: Tables,
    *,
    model: Model,
    policy: Policy,
    to: datetime,
    rng: np.random.Generator,
    report: Callable[[float], None] | None = None,
) -> GainCalibration:
    """Hold what `model` foretold since it was fitted against what came until `to` (aware).

    Contacts on channels that `policy` does not have are left out. A log of which the probabilities
    are not known says nothing, and neither does one that is too young.
    """
    known = tables.known_at(to)
    try:
        found = log_rows(
            known, model_at=lambda _: model, policy=policy, from_=model.as_of, to=to, report=report
        )
    except InputError:
        return gain_calibration(NO_GAINS, rng=rng)
    rows = foretold_gains(known, found, model_at=lambda _: model, policy=policy)
    return gain_calibration(rows, rng=rng)
