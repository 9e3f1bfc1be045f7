"""The gate before a release: every check with its figure, its limit and what it says.

Nothing here fits a model or decides about anybody: it measures and reads what was measured. What
was not measured, or cannot be told from these data, is said as such and never passed over.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from tenor.engine.evaluate.backtest import Backtest
from tenor.engine.evaluate.gain import GainCalibration
from tenor.engine.fairness.history import history_bias
from tenor.engine.frames import Tables
from tenor.engine.predictors.model import Model
from tenor.engine.release.check import Area, Audited, Check, audited
from tenor.engine.release.data_checks import data_checks
from tenor.engine.release.policy_checks import gain_checks, policy_checks
from tenor.engine.release.predictor_checks import predictor_checks

__all__ = [
    "Area",
    "Audited",
    "Check",
    "Decision",
    "Verdict",
    "checks",
    "data_checks",
    "policy_checks",
    "predictor_checks",
    "verdict",
]  # fmt: skip


class Decision(StrEnum):
    """What the gate says of a release."""

    RELEASE = "release"
    PERSON = "a person decides"
    BLOCK = "block"


@dataclass(frozen=True)
class Verdict:
    """The decision, and the checks that led to it, in words."""

    decision: Decision
    reasons: tuple[str, ...]


def checks(
    tables: Tables,
    *,
    as_of: datetime,
    model: Model | None = None,
    rehearsal: Model | None = None,
    live: Model | None = None,
    reseeded: Model | None = None,
    backtest: Backtest | None = None,
    gain: GainCalibration | None = None,
    fairness: Audited | None = None,
    history: Audited | None = None,
    seed: int = 0,
) -> tuple[Check, ...]:
    """Return every check of a release, whatever it says; `verdict` sums them up.

    Parameters
    ----------
    tables : the facts; those later than `as_of` (aware) are not looked at.
    model : the candidate predictor; without one (only the policy changes) its checks are left out.
    rehearsal : fitted as the candidate was, but so long before `as_of` that what it foretold can
        be judged; without one the candidate itself is judged, if it is old enough.
    live : the predictor in use, None where there is none: then nothing is compared with it.
    reseeded : fitted as the candidate was with another seed.
    backtest : of the candidate policy (with the candidate predictor) on the past.
    gain : how foretold gains compare with realised ones (`evaluate.gain`); without it that of the
        backtest.
    fairness : the audit of what the candidate would decide (`fairness.audit`).
    history : the same of what was done in the past, before it is learned from; without it the
        past is audited here (`fairness.history`).
    """
    known = tables.known_at(as_of)
    found = [*data_checks(known, as_of=as_of), _history(known, as_of, history)]
    if model is not None:
        found += predictor_checks(
            known,
            as_of=as_of,
            model=model,
            rehearsal=rehearsal,
            live=live,
            reseeded=reseeded,
            seed=seed,
        )
    found.append(
        audited(
            "decisions treat groups alike",
            fairness,
            area=Area.FAIRNESS,
            about="Whether the candidate's decisions treat groups alike",
        )
    )  # fmt: skip
    if gain is None and backtest is not None:
        gain = backtest.gain
    return (*found, *policy_checks(backtest), *gain_checks(gain))


def verdict(checks: Iterable[Check]) -> Verdict:
    """Say whether to release: one failed check blocks, one needed that cannot tell asks a person.

    No checks at all ask a person too: nothing was proved.
    """
    found = list(checks)
    failed = [f"{c.name}: {c.text}" for c in found if c.passed is False]
    if failed:
        return Verdict(Decision.BLOCK, tuple(failed))
    untold = [f"{c.name}: {c.text}" for c in found if c.passed is None and c.needed]
    if untold or not found:
        return Verdict(Decision.PERSON, tuple(untold) or ("Nothing was checked.",))
    left = [f"{c.name}: {c.text}" for c in found if c.passed is None]
    return Verdict(Decision.RELEASE, tuple(left))


def _history(known: Tables, as_of: datetime, history: Audited | None) -> Check:
    """Check the past that is learned from; where it is uneven, a person says what follows.

    Unlike uneven decisions it cannot be taken back: one may learn without who people are, or
    accept it knowing that the decisions are audited too.
    """
    found = audited(
        "history treats groups alike",
        history if history is not None else history_bias(known, as_of=as_of),
        area=Area.HISTORY,
        about="Whether groups were contacted or handed over alike at equal risk",
    )
    return replace(found, passed=None) if found.passed is False else found
