"""An alarm as the screen shows it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenor.platform.workbench.context import leads_somewhere
from tenor.platform.workbench.health.words import MEANS, about, changed, step_of, subject_of

# Beyond so many years nobody can imagine the number.
_LONG = 100


@dataclass(frozen=True)
class Shown:
    """An alarm in words; `row` is what is kept of it."""

    row: Any
    title: str
    what: str
    more: list[str]
    also: str
    sure: str
    means: str
    step: str
    route: str
    meaning: str


def alarm(row: Any) -> Shown:
    """Say an alarm in the reader's language."""
    first, *others = row.checks
    step, route = step_of(row.step, first)
    also = sorted({subject_of(c["code"], c["subject"]) for c in row.also})
    return Shown(
        row,
        about(row.panel, first),
        changed(first),
        [changed(check) for check in others],
        ", ".join(also),
        sure(row.years),
        str(MEANS[row.means]),
        step,
        route if leads_somewhere(route) else "",
        "stop" if row.step in ("look_at_import", "fall_back") else "careful",
    )


def sure(years: float) -> str:
    """Say how rarely chance alone brings something like it."""
    if years >= _LONG:
        return _("Chance alone brings this less than once in a hundred years.")
    whole = max(round(years), 1)
    return ngettext(
        "Chance alone brings this about once in %(years)s year.",
        "Chance alone brings this about once in %(years)s years.",
        whole,
    ) % {"years": whole}
