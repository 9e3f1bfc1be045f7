"""Guard rails: what an arm may cost the people in it before it is stopped, looked at every day."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tenor.engine.errors import InputError
from tenor.engine.experiments.outcomes import KNOWN, Better, Outcome
from tenor.engine.experiments.results import Comparison, Results
from tenor.engine.experiments.sequential import LEVEL, multiplier


@dataclass(frozen=True)
class Guard:
    """An arm may not be worse than the control by more than `most` in an outcome (its units)."""

    outcome: Outcome
    most: float

    def __post_init__(self) -> None:
        """Refuse a limit that is none."""
        if not self.most > 0.0:
            raise InputError(f"{self.outcome.name}: the limit of a guard is above 0")


class State(StrEnum):
    """What is known of a guard."""

    CROSSED = "crossed"  # the arm is worse by more than the limit: stop it
    KEPT = "kept"  # the arm is not worse by as much as the limit
    OPEN = "open"  # neither is known yet


@dataclass(frozen=True)
class Watch:
    """A guard over an arm: `harm` is how much worse the arm is, at least `low`, at most `high`.

    Both bounds hold at every look, all arms and guards together.
    """

    arm: str
    outcome: str
    limit: float
    harm: float
    low: float
    high: float
    state: State


# What an experiment is watched by where nothing else is said.
GUARDS = (
    Guard(KNOWN["complained"], 0.01),
    Guard(KNOWN["opted_out"], 0.02),
    Guard(KNOWN["paid_30d"], 0.03),
)


def watched(
    found: Results, guards: Sequence[Guard] = GUARDS, *, level: float = LEVEL
) -> tuple[Watch, ...]:
    """Return the state of every guard over every arm; a guard without its outcome is left out.

    An arm that harms by no more than the limits is stopped with a chance below 1 - `level` over
    the experiment's whole life, all arms and guards together.
    """
    pairs = [
        (guard, compared)
        for guard in guards
        for compared in found.comparisons
        if compared.outcome == guard.outcome.name
    ]
    return tuple(_watch(guard, compared, len(pairs), level) for guard, compared in pairs)


def crossed(
    found: Results, guards: Sequence[Guard] = GUARDS, *, level: float = LEVEL
) -> tuple[Watch, ...]:
    """Return the guards that were crossed: each names an arm to stop, and why."""
    return tuple(w for w in watched(found, guards, level=level) if w.state is State.CROSSED)


def _watch(guard: Guard, compared: Comparison, tests: int, level: float) -> Watch:
    sign = -1.0 if guard.outcome.better is Better.HIGHER else 1.0
    harm = sign * compared.difference
    # Either side alone may fail with the whole chance: a two-sided interval of twice that.
    each = 1.0 - 2.0 * (1.0 - level) / max(tests, 2)
    reach = float("inf")
    if compared.daily.high < float("inf"):
        reach = compared.error * multiplier(compared.error, tuned_to=guard.most, level=each)
    low, high = harm - reach, harm + reach
    state = State.CROSSED if low > guard.most else State.KEPT if high < guard.most else State.OPEN
    return Watch(compared.arm, compared.outcome, guard.most, harm, low, high, state)
