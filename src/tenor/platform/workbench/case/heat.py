"""The alternatives of a decision as heat maps: days across, hours down, one map a channel."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tenor.platform.decisions.queries import Alternatives
from tenor.platform.decisions.reasons import REFUSALS, words_of
from tenor.platform.workbench.words import short_date


@dataclass(frozen=True)
class Heat:
    """One channel's map: `data` is what `charts.js` draws, `best` its best permitted contact."""

    channel: str
    tone: str
    data: dict[str, Any]
    permitted: int
    best: Any
    removed: list[str]


def heats_of(found: Alternatives, tone: str, currency: str) -> list[Heat]:
    """Return a map a channel for `tone` (a channel without it shows its own best tone)."""
    highest = max((cell.gain for cell in found.cells if cell.permitted), default=0.0)
    return [_heat(found, channel, tone, currency, max(highest, 0.01)) for channel in found.channels]


def _heat(found: Alternatives, channel: str, tone: str, currency: str, highest: float) -> Heat:
    own = [cell for cell in found.cells if cell.channel == channel]
    tones = list(dict.fromkeys(cell.tone for cell in own))
    shown = tone if tone in tones else _best_tone(own)
    cells = [cell for cell in own if cell.tone == shown]
    hours = {hour: at for at, hour in enumerate(found.hours)}
    allowed = [cell for cell in cells if cell.permitted]
    chosen = found.chosen if found.chosen in cells else None
    removed = dict.fromkeys(rule for cell in cells for rule in cell.rules)
    data = {
        "across": [short_date(day, "D j M") for day in found.days],
        "down": [f"{hour:02d}:00" for hour in found.hours],
        "cells": [
            [cell.day, hours[cell.hour], round(cell.gain, 2) if cell.permitted else None,
             _note(cell)]
            for cell in cells
        ],
        "chosen": [chosen.day, hours[chosen.hour]] if chosen else None,
        "high": round(highest, 2),
        "write": {"money": currency, "digits": 2},
    }  # fmt: skip
    best = max(allowed, key=lambda cell: cell.gain) if allowed else None
    return Heat(channel, shown, data, len(allowed), best, [words_of(r, REFUSALS) for r in removed])


def _best_tone(cells: list[Any]) -> str:
    best = max(cells, key=lambda cell: (cell.permitted, cell.gain))
    return str(best.tone)


def _note(cell: Any) -> str:
    if cell.permitted:
        return _("%(share)s%% paid within the window") % {"share": round(cell.p_paid * 100)}
    return ", ".join(words_of(rule, REFUSALS) for rule in cell.rules)
