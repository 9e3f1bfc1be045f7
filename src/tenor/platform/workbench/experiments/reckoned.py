"""What was reckoned before the start, in words and as a picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenor.platform.experiments.planning import Reckoned
from tenor.platform.experiments.queries import Experiment
from tenor.platform.workbench.reports.words import number
from tenor.platform.workbench.templatetags.tenor import count


@dataclass(frozen=True)
class Told:
    """The reckoning: sentences, whether the chosen days are enough, and the picture's data."""

    sentences: list[str]
    is_enough: bool
    data: dict[str, Any]
    columns: list[str]
    rows: list[list[str]]


def kept(experiment: Experiment) -> Told | None:
    """Return what was reckoned when the experiment was drawn up."""
    planned = experiment.planned
    if not planned:
        return None
    given = {**planned, "curve": [tuple(point) for point in planned.get("curve", [])]}
    return shown(
        Reckoned(**given), {"days": experiment.days, "outcome_days": experiment.outcome_days}
    )


def shown(found: Reckoned, given: Mapping[str, Any]) -> Told:
    """Say what was reckoned."""
    until = given["days"] + given["outcome_days"]
    enough = found.days is not None and found.days <= until
    points = [(day, 100 * effect) for day, effect in found.curve]
    data = {
        "names": [str(day) for day, _effect in points],
        "series": [
            {"name": _("smallest difference seen"), "values": [round(e, 1) for _d, e in points]}
        ],
        "write": {"digits": 1},
    }
    rows = [[count(day), number(effect, 1)] for day, effect in points]
    columns = [_("After days"), _("Smallest difference, customers in 100")]
    return Told(_sentences(found, until, enough), enough, data if len(points) > 1 else {}, columns,
                rows)  # fmt: skip


def _sentences(found: Reckoned, until: int, enough: bool) -> list[str]:
    each = max(found.by_arm.values())
    said = [
        _(
            "Of 100 customers about %(usual)s pay in time now. To find a difference of %(effect)s "
            "in 100 takes about %(customers)s customers, %(each)s in each group."
        )
        % {
            "usual": number(100 * found.usual, 0),
            "effect": number(100 * found.effect, 1),
            "customers": count(found.customers),
            "each": count(each),
        },
        _("%(present)s could come in on the first day, and about %(week)s a week after that.")
        % {"present": count(found.present), "week": number(found.a_week, 0)},
    ]
    if found.plain > found.customers:
        said.append(
            _(
                "The predictor foretells about %(part)s%% of what customers differ in; only the "
                "rest has to be measured. Without it, it would take about %(plain)s customers."
            )
            % {"part": number(100 * found.foretold, 0), "plain": count(found.plain)}
        )
    if found.days is None:
        said.append(_("So many never come: choose a larger difference, or let more take part."))
    elif enough:
        said.append(
            ngettext(
                "The answer is there after about %(days)s day, or earlier where the difference is "
                "large.",
                "The answer is there after about %(days)s days, or earlier where the difference is "
                "large.",
                found.days,
            )
            % {"days": count(found.days)}
        )
    else:
        said.append(
            _("That takes about %(days)s days, and you chose %(until)s.")
            % {"days": count(found.days), "until": count(until)}
        )
    if not enough and found.smallest is not None:
        said.append(
            _("In the days that you chose, a difference of %(smallest)s in 100 or more is found.")
            % {"smallest": number(100 * found.smallest, 1)}
        )
    if not enough and found.smallest is None:
        said.append(_("In the days that you chose, nothing can be found."))
    return said
