"""A canary played out by its rule, to know a rule's error rates before trusting it with customers.

Cases arrive daily and are given to the candidate by lot at the canary's share; their outcome ripens
after some days, and the rule looks every day at intervals that allow it.
"""

from dataclasses import dataclass

import numpy as np

from tenor.engine.experiments.sequential import LEAST, Interval, interval
from tenor.engine.release.canary import Move, Rule, next_step


@dataclass(frozen=True)
class Candidate:
    """What a candidate truly changes a case: `money` (in the rule's unit) and `complaints`."""

    money: float = 0.0
    complaints: float = 0.0


@dataclass(frozen=True)
class Setting:
    """The organisation: cases a day, what one brings (mean and spread), complaints a case.

    `ripens` is how many days pass until a case's outcome is known.
    """

    cases_a_day: int = 200
    money: float = 20.0
    spread: float = 40.0
    complaints: float = 0.004
    ripens: int = 14


@dataclass(frozen=True)
class Rollout:
    """How it ended: the last move, after how many days, and the share of all cases touched.

    `harm` as in `Step`.
    """

    move: Move
    days: int
    touched: float
    harm: bool = False


def rollout(
    candidate: Candidate,
    setting: Setting,
    rule: Rule,
    *,
    rng: np.random.Generator,
    most_days: int = 365,
) -> Rollout:
    """Play one canary until its rule ends it, asks people, or `most_days` have passed."""
    share, at_share = rule.steps[0], 0
    # Of each arm (live, candidate): cases, their money and its squares, their complaints.
    ripe = np.zeros((2, 4))
    coming: list[np.ndarray[tuple[int, int], np.dtype[np.float64]]] = []
    touched = total = 0
    for day in range(1, most_days + 1):
        mine = int(rng.binomial(setting.cases_a_day, share))
        touched, total = touched + mine, total + setting.cases_a_day
        coming.append(_outcomes(candidate, setting, mine, rng))
        if len(coming) > setting.ripens:
            ripe += coming.pop(0)
        at_share += 1
        step = next_step(*_readings(ripe, rule), share=share, days=at_share, rule=rule)
        # People have been asked, and nobody answers: it is watched as before until its last day.
        unanswered = step.move is Move.ASK and at_share >= rule.most_days
        if unanswered or step.move in (Move.FINISH, Move.ROLL_BACK):
            return Rollout(step.move, day, touched / total, step.harm)
        if step.move is Move.WIDEN:
            share, at_share = step.share, 0
    return Rollout(Move.KEEP, most_days, touched / total)


def _outcomes(
    candidate: Candidate, setting: Setting, mine: int, rng: np.random.Generator
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return a day's sums for live and candidate: cases, money, its squares, complaints."""
    found = np.zeros((2, 4))
    arms = ((setting.cases_a_day - mine, 0.0, 0.0), (mine, candidate.money, candidate.complaints))
    for arm, (count, money, complaints) in enumerate(arms):
        brought = rng.normal(setting.money + money, setting.spread, size=count)
        upset = rng.binomial(count, min(max(setting.complaints + complaints, 0.0), 1.0))
        found[arm] = count, brought.sum(), np.square(brought).sum(), upset
    return found


def _readings(
    ripe: np.ndarray[tuple[int, int], np.dtype[np.float64]], rule: Rule
) -> tuple[Interval | None, Interval | None]:
    """Return the intervals of money and of complaints a case, candidate less live."""
    count = ripe[:, 0]
    if count.min() < LEAST:
        return None, None
    money, upset = ripe[:, 1] / count, ripe[:, 3] / count
    money_error = np.sqrt(((ripe[:, 2] / count - money**2) / count).sum())
    # Half a complaint is added to each arm, so that none so far does not mean none ever.
    rate = (ripe[:, 3] + 0.5) / (count + 1.0)
    upset_error = np.sqrt((rate * (1.0 - rate) / count).sum())
    return (
        interval(float(money[1] - money[0]), float(money_error), tuned_to=rule.money_margin),
        interval(float(upset[1] - upset[0]), float(upset_error), tuned_to=rule.complaints_margin),
    )
