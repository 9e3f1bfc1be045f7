"""What one check of the gate is: a figure, the limit it is held against, and what that says."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from tenor.engine.release.limits import LIMITS


class Area(StrEnum):
    """What a check is about, in the order in which one asks."""

    DATA = "data"
    LABELS = "labels"
    HISTORY = "history"
    QUALITY = "quality"
    CALIBRATION = "calibration"
    STABILITY = "stability"
    FAIRNESS = "fairness"
    VALUE = "value"
    WORDS = "words"
    LAW = "law"


@dataclass(frozen=True)
class Check:
    """One check: `passed` is None where these data cannot tell, or a person has to decide.

    `figure` is in the unit of the `limit` it is held against (None: nothing to measure);
    `source` says where the limit comes from. `needed` checks hold up a release that they cannot
    tell about; the others are left to the canary, which proves what no log can.
    """

    name: str
    passed: bool | None
    figure: float | None
    limit: float | None
    text: str
    area: Area = Area.DATA
    source: str = ""
    needed: bool = True


AUDIT = "the law's limits, as the audit names them (engine/fairness)"


class Audited(Protocol):
    """Anything that was audited, such as `fairness.audit.Audit`."""

    @property
    def passes(self) -> bool | None:
        """Whether it passes; None where the data cannot tell."""


def held(
    name: str, limit: str, figure: float | None, text: str, *, area: Area, needed: bool = True
) -> Check:
    """Return the check of a figure against a limit of the table; without one it cannot tell."""
    passed = None if figure is None else LIMITS[limit].passes(figure)
    return judged(name, limit, figure, passed, text, area=area, needed=needed)


def held_between(
    name: str,
    limit: str,
    figure: float,
    between: tuple[float, float],
    text: str,
    *,
    area: Area,
) -> Check:
    """Return the check of a figure that is known between two ends, against a limit of the table."""
    passed = LIMITS[limit].judges(figure, *between)
    return judged(name, limit, figure, passed, text, area=area)


def judged(
    name: str,
    limit: str,
    figure: float | None,
    passed: bool | None,
    text: str,
    *,
    area: Area,
    needed: bool = True,
) -> Check:
    """Return a check whose verdict took more than its figure, such as an interval."""
    rule = LIMITS[limit]
    return Check(name, passed, figure, rule.good, text, area, rule.source, needed)


def audited(name: str, audit: Audited | None, *, area: Area, about: str) -> Check:
    """Return the check of an audit made elsewhere; without one it cannot tell."""
    if audit is None:
        return Check(name, None, None, None, f"{about} was not tested", area, AUDIT)
    said = {
        True: "they are, within the limits of the audit",
        False: "they are not, by the limits of the audit",
        None: "these data cannot tell",
    }
    text = str(getattr(audit, "text", "")).rstrip(".") or f"{about}: {said[audit.passes]}"
    return Check(name, audit.passes, None, None, text, area, AUDIT)
