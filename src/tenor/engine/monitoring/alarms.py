"""One list of alarms: what changed, since when, how sure that is, what it means, what to do.

Several checks see the same thing: an import in cents moves a column, features and scores. What
a fault of the data explains is told under that fault, so that people look at the import first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tenor.engine.monitoring.checks import Check, Panel, alarming
from tenor.engine.monitoring.words import what_changed


class Step(StrEnum):
    """What is proposed."""

    LOOK_AT_IMPORT = "look_at_import"
    FALL_BACK = "fall_back"  # everybody gets the fixed ladder until people have looked
    REFIT = "refit"
    WIDEN_REVIEW = "widen_review"
    COMPARE = "compare"  # look at the comparison, and stop what does worse


@dataclass(frozen=True)
class Alarm:
    """One alarm.

    Attributes
    ----------
    key
        Names it from day to day: as long as it is the same trouble, it is the same key.
    checks
        What shows it, the surest first; `also` what else it explains.
    step, means
        The proposed step, and the code of what it means (`words.MEANS`).
    years
        In how many years chance alone brings the surest of its checks once, at least.
    """

    key: str
    panel: Panel
    checks: tuple[Check, ...]
    also: tuple[Check, ...]
    step: Step
    means: str
    since: date | None
    years: float

    @property
    def text(self) -> str:
        """Say what changed, in a sentence."""
        return what_changed(self.checks[0])


_STEPS = {
    Panel.FRESHNESS: (Step.LOOK_AT_IMPORT, "no_news"),
    Panel.QUALITY: (Step.LOOK_AT_IMPORT, "wrong_data"),
    Panel.WORLD: (Step.FALL_BACK, "world_moved"),
    Panel.ACCURACY: (Step.REFIT, "chances_off"),
    Panel.DRIFT: (Step.REFIT, "others_than_learned"),
    Panel.EFFECT: (Step.WIDEN_REVIEW, "contacts_otherwise"),
    Panel.OUTCOMES: (Step.COMPARE, "results_worse"),
}
# Half of the customers gone is seen in all that comes: sources tell it one after the other, and it
# stays the same trouble.
_VOLUME = "freshness:volume"
_MADE_OF_FACTS = (Panel.DRIFT, Panel.ACCURACY, Panel.EFFECT, Panel.OUTCOMES)
# What customers do more often than before is no fault of an import.
_BEHAVIOUR = ("surge",)
# Facts first: as long as they are in doubt, what is made of them is in doubt.
_ORDER = tuple(_STEPS)


def alarms(checks: Sequence[Check]) -> tuple[Alarm, ...]:
    """Return the alarms among judged checks, the one to begin with first.

    A table's troubles are one alarm; so are all features that moved, and all that comes less.
    Where facts are in doubt, all that is made of them is told under them: what moved may be the
    fault itself. Only a shift of the world stands beside them: falling back is right either way.
    """
    on = alarming(checks)
    groups: dict[str, list[Check]] = {}
    for check in on:
        groups.setdefault(_group(check), []).append(check)
    _fold_volume(groups)
    doubted = [key for key, group in groups.items() if _is_doubt(group[0])]
    under: tuple[Check, ...] = ()
    if doubted:
        hidden = [k for k, g in groups.items() if g[0].panel in _MADE_OF_FACTS]
        under = tuple(check for key in hidden for check in groups.pop(key))
    found = []
    for key, group in groups.items():
        also = under if doubted and key == doubted[0] else ()
        found.append(_alarm(key, group, also))
    return tuple(sorted(found, key=lambda a: (_ORDER.index(a.panel), -a.years, a.key)))


def _fold_volume(groups: dict[str, list[Check]]) -> None:
    """Tell that less comes under the source that says nothing, if one does."""
    silent = [key for key in groups if key.startswith("freshness:") and key != _VOLUME]
    silent = [key for key in silent if groups[key][0].code == "silent"]
    if silent and _VOLUME in groups:
        groups[silent[0]] += groups.pop(_VOLUME)


def _is_doubt(check: Check) -> bool:
    doubtful = check.panel in (Panel.FRESHNESS, Panel.QUALITY)
    return doubtful and check.code not in _BEHAVIOUR


def _group(check: Check) -> str:
    if check.panel is Panel.QUALITY:
        return f"quality:{check.subject.split('.')[0]}"
    if check.panel is Panel.DRIFT:
        return "drift"
    if check.code == "volume":
        return _VOLUME
    if check.panel is Panel.FRESHNESS and check.code not in _BEHAVIOUR:
        return f"freshness:{check.subject}"
    if check.panel is Panel.OUTCOMES:
        return f"outcomes:{check.subject}"
    if check.panel is Panel.ACCURACY:
        return "accuracy"
    return f"{check.panel}:{check.subject}"


def _alarm(key: str, group: list[Check], also: tuple[Check, ...]) -> Alarm:
    surest = sorted(group, key=lambda c: (-c.log_looks, c.key))
    first = surest[0]
    step, means = _STEPS[first.panel]
    if first.code in _BEHAVIOUR:
        step, means = Step.WIDEN_REVIEW, "more_trouble"
    begun = [c.since for c in surest if c.since is not None]
    return Alarm(
        key, first.panel, tuple(surest), also, step, means, min(begun, default=None), first.years
    )
