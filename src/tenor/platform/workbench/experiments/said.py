"""What an experiment shows, in a sentence that needs no statistics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tenor.platform.experiments.queries import Arm, Experiment
from tenor.platform.experiments.words import outcome_words
from tenor.platform.workbench.reports.words import number

BETTER, WORSE, SAME = "better", "worse", "no difference that matters"
_MONEY = "paid_30d"
_FEELING = ("complained", "opted_out", "rated")


@dataclass(frozen=True)
class Verdict:
    """What an arm does beside the one that it is compared with: the sentence, and its meaning."""

    arm: str
    text: str
    meaning: str


def verdicts(
    experiment: Experiment, arms: Sequence[Arm], figures: Mapping[str, Any]
) -> list[Verdict]:
    """Return a sentence an arm; of a factorial experiment a sentence a factor."""
    if experiment.factors and figures.get("factors"):
        effects = of_factors(figures, experiment)
        return [_factor(one, experiment) for one in effects if one["outcome"] == _MONEY]
    found = []
    for arm in arms:
        if arm.is_reference:
            continue
        money = comparison(figures, _MONEY, arm.name)
        name = _called(arm)
        if money is None:
            text = _("%(arm)s: nobody in it has been looked at yet.") % {"arm": name}
            found.append(Verdict(arm.name, _stopped(arm) or text, "stop" if arm.stopped_at else ""))
            continue
        text = f"{_money(name, money, experiment)} {_feeling(figures, arm.name)}"
        meaning = {BETTER: "good", WORSE: "careful"}.get(money["verdict"], "")
        if arm.stopped_at is not None:
            text, meaning = f"{_stopped(arm)} {text}", "stop"
        found.append(Verdict(arm.name, text, meaning))
    return found


def comparison(figures: Mapping[str, Any], outcome: str, arm: str) -> dict[str, Any] | None:
    """Return what was found of an arm in an outcome."""
    for one in figures.get("comparisons", []):
        if (one["outcome"], one["arm"]) == (outcome, arm):
            return dict(one)
    return None


def of_factors(figures: Mapping[str, Any], experiment: Experiment) -> list[dict[str, Any]]:
    """Return what each of several things does by itself, as comparisons are kept.

    The engine compares with the level whose name comes first; people ask what the new one does.
    """
    today = {factor["name"]: factor["levels"][0]["name"] for factor in experiment.factors}
    found = []
    for effect in figures.get("factors", []):
        if len(effect["factors"]) > 1:
            continue
        level, sign, daily = effect["levels"][0], 1.0, effect["daily"]
        if level == today[effect["factors"][0]]:
            level, sign = effect["beside"][0], -1.0
            daily = {"low": _turned(daily["high"]), "high": _turned(daily["low"])}
        difference = sign * effect["difference"]
        found.append({"outcome": effect["outcome"], "arm": level, "difference": difference,
                      "daily": daily})  # fmt: skip
    return found


def _turned(value: float | None) -> float | None:
    return None if value is None else -value


def guard(name: str, most: float) -> str:
    """Say what stops an arm."""
    return _("“%(outcome)s” is worse by more than %(most)s in 100") % {
        "outcome": outcome_words(name), "most": number(100 * most, 1),
    }  # fmt: skip


def _called(arm: Arm) -> str:
    return f"{arm.name.upper()} ({arm.label})" if len(arm.name) == 1 else arm.label


def _stopped(arm: Arm) -> str:
    if arm.stopped_at is None:
        return ""
    return _("%(arm)s was stopped. %(because)s") % {
        "arm": _called(arm), "because": arm.stopped_because,
    }  # fmt: skip


def _money(name: str, found: Mapping[str, Any], experiment: Experiment) -> str:
    low, high = (found["daily"][bound] for bound in ("low", "high"))
    told = {"arm": name, "days": experiment.outcome_days}
    if low is None or high is None:
        return (
            _("%(arm)s: too few have had their %(days)s days to say anything about money.") % told
        )
    told |= {"low": _each(low), "high": _each(high)}
    if found["verdict"] == BETTER:
        text = _("%(arm)s brings in more: %(range)s of 100 customers pay within %(days)s days.")
        return text % {**told, "range": _range(low, high)}
    if found["verdict"] == WORSE:
        text = _("%(arm)s brings in less: %(range)s of 100 customers pay within %(days)s days.")
        return text % {**told, "range": _range(low, high)}
    if found["verdict"] == SAME:
        text = _("%(arm)s makes no difference that matters: between %(low)s and %(high)s of 100 "
                 "customers pay within %(days)s days.")  # fmt: skip
        return text % told
    text = _("%(arm)s: not known yet. Between %(low)s and %(high)s of 100 customers pay within "
             "%(days)s days.")  # fmt: skip
    return text % told


def _range(low: float, high: float) -> str:
    """Say from how many to how many, in one direction: 3 to 9 more."""
    sides = sorted((abs(100 * low), abs(100 * high)))
    told = {"least": number(sides[0], _places(sides)), "most": number(sides[1], _places(sides))}
    if low >= 0:
        return pgettext("customers", "%(least)s to %(most)s more") % told
    return pgettext("customers", "%(least)s to %(most)s fewer") % told


def _each(value: float) -> str:
    told = {"number": number(abs(100 * value), 1 if abs(value) < 0.1 else 0)}
    if value < 0:
        return pgettext("customers", "%(number)s fewer") % told
    return pgettext("customers", "%(number)s more") % told


def _places(sides: Sequence[float]) -> int:
    return 1 if sides[0] < 10 else 0


def _feeling(figures: Mapping[str, Any], arm: str) -> str:
    """Say how people feel treated, as far as is known."""
    found = {name: comparison(figures, name, arm) for name in _FEELING}
    known = {name: one["verdict"] for name, one in found.items() if one is not None}
    worse = [outcome_words(name).lower() for name, verdict in known.items() if verdict == WORSE]
    better = [outcome_words(name).lower() for name, verdict in known.items() if verdict == BETTER]
    if worse:
        return _("People feel worse treated: %(signs)s.") % {"signs": ", ".join(worse)}
    if better:
        return _("People feel better treated: %(signs)s.") % {"signs": ", ".join(better)}
    if known and all(verdict == SAME for verdict in known.values()):
        return _("Satisfaction is the same so far.")
    return _("Nothing says yet that people feel better or worse treated.")


def _factor(found: Mapping[str, Any], experiment: Experiment) -> Verdict:
    """Say what one of several things does by itself."""
    level, low, high = found["arm"], found["daily"]["low"], found["daily"]["high"]
    if low is None or high is None:
        text = _("%(thing)s: too few have had their %(days)s days to say anything.")
        return Verdict(level, text % {"thing": level, "days": experiment.outcome_days}, "")
    told = {"thing": level, "days": experiment.outcome_days, "range": _range(low, high)}
    if low > 0:
        text = _("“%(thing)s” brings in more: %(range)s of 100 customers pay within %(days)s days.")
        return Verdict(level, text % told, "good")
    if high < 0:
        text = _("“%(thing)s” brings in less: %(range)s of 100 customers pay within %(days)s days.")
        return Verdict(level, text % told, "careful")
    text = _("“%(thing)s”: not known yet. Between %(low)s and %(high)s of 100 customers pay within "
             "%(days)s days.")  # fmt: skip
    told |= {"low": _each(low), "high": _each(high)}
    return Verdict(level, text % told, "")
