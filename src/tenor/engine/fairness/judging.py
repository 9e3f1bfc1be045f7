"""Judge all comparisons of an audit together, and those of the audits that share its errors.

What is promised: of the years in which every group is treated alike, the monthly audits and those
that somebody asks for between them keep at most one in twenty back; and of alike candidates of a
release, one audit each, at most one in twenty. It holds whatever hangs together with what: the
p-values of one audit are held against each other by Holm's rule, and those of a year's audits share
one chance by adding up (Bonferroni).
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist

from tenor.engine.fairness.contrast import holm
from tenor.engine.fairness.findings import Comparison, Limits, Sense, Verdict

# All comparisons of the audits that share their errors raise a false alarm at most so often.
FALSE_ALARMS = 0.05
_MONTHS = 12
# What a year's planned audits leave of the chance is for those that somebody asks for.
_PLANNED = 0.9
# Worse off as much as is said is found so often.
_POWER = NormalDist().inv_cdf(0.8)

# Of how many audits a month's has the chance of error.
MONTHLY = _MONTHS / _PLANNED


def asked_for(number: int) -> float:
    """Return of how many audits the `number`th that somebody asks for in a year has the chance.

    Shares of 1/2, 1/6, 1/12, ... of what is left for them add up to no more than it, however many
    are asked for.
    """
    return number * (number + 1) / (1.0 - _PLANNED)


def judged(found: Sequence[Comparison], limits: Limits, looks: float) -> tuple[Comparison, ...]:
    """Judge all comparisons together, those that may block apart from those that inform.

    `looks` is how many audits share one chance of a false alarm.
    """
    said = {}
    for blocks in (True, False):
        places = [
            i for i, c in enumerate(found) if c.contrast is not None and c.measure.blocks is blocks
        ]
        held, count = _together(found, places)
        for i, alone in held.items():
            now = min(1.0, looks * alone)
            said[i] = replace(
                found[i],
                p_held=now,
                verdict=_verdict(found[i], now, limits),
                seen_from=_seen_from(found[i], FALSE_ALARMS / looks / count, limits),
            )
    return tuple(said.get(i, c) for i, c in enumerate(found))


def _together(found: Sequence[Comparison], places: Sequence[int]) -> tuple[dict[int, float], int]:
    """Return by place the p-values that hold for all these together, and how many these are.

    Of two groups the one beside the other is the same comparison twice, and is counted once.
    """
    labels: dict[tuple[str, str], set[str]] = {}
    for c in found:
        labels.setdefault((c.attribute, c.measure.column), set()).add(c.group)
    alone: dict[tuple[str, ...], float] = {}
    named: dict[int, tuple[str, ...]] = {}
    for i in places:
        c = found[i]
        key, one = (c.attribute, c.measure.column), c.contrast
        assert one is not None
        named[i] = key if len(labels[key]) <= 2 else (*key, c.group)
        alone[named[i]] = max(alone.get(named[i], 0.0), one.p_value)
    held = dict(zip(alone, holm(list(alone.values())), strict=True))
    return {i: held[key] for i, key in named.items()}, len(alone)


def _seen_from(comparison: Comparison, chance: float, limits: Limits) -> float | None:
    """Return from which ratio on a group that is worse off is found, four times in five."""
    c, measure = comparison.contrast, comparison.measure
    assert c is not None
    if measure.error or measure.sense is Sense.NEITHER or c.expected <= 0.0:
        return None
    far = NormalDist().inv_cdf(1.0 - chance / 2.0) + _POWER
    apart = far * c.by_chance / c.expected
    if measure.sense is Sense.BURDEN:
        return max(1.0 + apart, 1.0 / limits.least)
    return min(1.0 - apart, limits.least) if apart < 1.0 else None


def _verdict(comparison: Comparison, held: float, limits: Limits) -> Verdict:
    c, measure = comparison.contrast, comparison.measure
    assert c is not None
    sure = held < FALSE_ALARMS
    if measure.error:
        if sure and abs(c.difference) > limits.most_error:
            return Verdict.UNEVEN
        within = -limits.most_error <= c.difference_lower
        return (
            Verdict.EVEN if within and c.difference_upper <= limits.most_error else Verdict.UNSURE
        )
    more, less = c.ratio > 1 / limits.least, c.ratio < limits.least
    if sure and (more or less):
        if measure.sense is Sense.NEITHER:
            return Verdict.DIFFERENT
        worse = less if measure.sense is Sense.HELP else more
        return Verdict.UNEVEN if worse else Verdict.BETTER
    if c.lower >= limits.least and c.upper <= 1 / limits.least:
        return Verdict.EVEN
    return Verdict.UNSURE
