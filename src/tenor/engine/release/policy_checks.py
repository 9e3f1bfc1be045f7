"""Checks of what a policy does: not worse on the past, nobody harmed, gains that come true."""

from tenor.engine.evaluate.backtest import Backtest
from tenor.engine.evaluate.gain import GainCalibration
from tenor.engine.evaluate.harm import Answer
from tenor.engine.evaluate.overlap import Finding
from tenor.engine.release.check import Area, Check, judged
from tenor.engine.release.limits import LIMITS

# What a log seldom can tell is left to the canary, which proves it on a few customers.
_BY_CANARY = False
_WORTH = {
    Finding.BETTER: True,
    Finding.NOT_WORSE: True,
    Finding.WORSE: False,
    Finding.UNDECIDED: None,
    Finding.CANNOT_TELL: None,
}
_HARM = {Answer.FINE: True, Answer.HARMED: False, Answer.CANNOT_TELL: None}


def policy_checks(backtest: Backtest | None) -> tuple[Check, ...]:
    """Return the checks of a backtest: what it is worth on the log, over all and group by group."""
    return _not_worse(backtest), _nobody_harmed(backtest)


def gain_checks(gain: GainCalibration | None) -> tuple[Check, ...]:
    """Return the check that foretold gains come true, where contacts were left to chance."""
    name, limit = "foretold gains come true", LIMITS["slope"]
    figure = gain.slope.value if gain is not None and gain.told else None
    passed = None if gain is None else gain.passes(good=limit.good, bad=limit.bad)
    text = gain.text if gain is not None else "gains were not held against what came true"
    return (judged(name, "slope", figure, passed, text, area=Area.VALUE, needed=_BY_CANARY),)


def _not_worse(backtest: Backtest | None) -> Check:
    name = "not worse on the past"
    if backtest is None:
        text, figure, passed = "no backtest was made", None, None
    else:
        text = backtest.verdict.text
        figure = backtest.value.gain.value if backtest.value else None
        passed = _WORTH[backtest.verdict.finding]
    return judged(name, "margin", figure, passed, text, area=Area.VALUE, needed=_BY_CANARY)


def _nobody_harmed(backtest: Backtest | None) -> Check:
    name = "no group worse off on the past"
    if backtest is None or backtest.harm is None:
        text, figure, passed = "no backtest by group was made", None, None
    else:
        text, passed = backtest.harm.text, _HARM[backtest.harm.answer]
        values = [g.value.gain.value for g in backtest.harm.groups if g.value is not None]
        figure = min(values, default=None)
    return judged(name, "margin", figure, passed, text, area=Area.VALUE, needed=_BY_CANARY)
