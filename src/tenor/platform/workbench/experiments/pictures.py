"""The results of an experiment as pictures and figures: money and satisfaction side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tenor.engine.experiments.outcomes import KNOWN, Better, Kind
from tenor.platform.experiments.outcomes import OUTCOMES
from tenor.platform.experiments.queries import Look
from tenor.platform.experiments.words import outcome_words, too_few, warnings
from tenor.platform.workbench.experiments.said import comparison
from tenor.platform.workbench.reports.tables import Block, Mark
from tenor.platform.workbench.reports.words import number, points

_BY_NAME = {outcome.name: outcome for outcome in OUTCOMES}
_MONEY = ("paid_30d", "days_to_pay", "collected_net", "cost", "escalated", "reacted")
_FEELING = ("complained", "opted_out", "rated")
_GUARDED: dict[str, str | Promise] = {
    "crossed": pgettext_lazy("guard", "crossed"),
    "kept": pgettext_lazy("guard", "kept"),
    "open": gettext_lazy("not known yet"),
}
_REACH = 1.15
# As many looks as a picture has room for.
_MOST_DAYS = 120


def marks(figures: Mapping[str, Any], labels: Mapping[str, str]) -> list[Block]:
    """Return what differs, money beside satisfaction, each with how far chance may have gone."""
    parts = (
        ("money", _("Money and time"), _MONEY),
        ("feeling", _("How people feel treated"), _FEELING),
    )
    blocks = []
    for key, title, names in parts:
        found = [
            mark
            for name in names
            for one in figures.get("comparisons", [])
            if one["outcome"] == name and (mark := _mark(one, labels)) is not None
        ]
        empty = _("Nothing can be said yet: outcomes take their time.")
        question = _("What differs from today's way, and how far may chance have gone?")
        blocks.append(
            Block(key, title, question, marks=found, size="half", empty="" if found else empty)
        )
    return blocks


def by_day(looks: Sequence[Look], labels: Mapping[str, str]) -> list[Block]:
    """Return how the difference in payments closed in, day by day, an arm a picture."""
    shown = looks[-_MOST_DAYS:]
    blocks = []
    for arm, label in labels.items():
        found = [(look, comparison(look.figures, "paid_30d", arm)) for look in shown]
        known = [
            (look, one)
            for look, one in found
            if one is not None and one["daily"]["low"] is not None
        ]
        if len(known) < 2:
            continue
        days = [formats.date_format(look.day, "j M") for look, _one in known]
        values = {
            "values": [round(100 * one["difference"], 1) for _look, one in known],
            "low": [round(100 * one["daily"]["low"], 1) for _look, one in known],
            "high": [round(100 * one["daily"]["high"], 1) for _look, one in known],
        }
        data = {
            "names": days,
            "series": [{"name": label, **values}],
            "write": {"digits": 1},
        }
        blocks.append(
            Block(
                f"days-{arm}",
                _("%(arm)s, day by day") % {"arm": label},
                _("How many more of 100 customers pay in time, and between which bounds?"),
                form="lines",
                data=data,
                note=_("The bounds hold on every day at once: look as often as you like."),
            )
        )
    return blocks


def figures(look: Look, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return the figures behind the pictures: means, differences, errors, guards, balance."""
    found = look.figures
    rows = [
        {
            "outcome": outcome_words(one["outcome"]),
            "arm": labels.get(one["arm"], one["arm"]),
            "control": _value(one["outcome"], one["control_mean"]),
            "mean": _value(one["outcome"], one["arm_mean"]),
            "difference": _value(one["outcome"], one["difference"]),
            "once": _bounds(one["outcome"], one["once"]),
            "daily": _bounds(one["outcome"], one["daily"]),
            "saved": number(100 * (one["saved"] or 0), 0),
            "customers": " / ".join(str(n) for n in one["customers"]),
        }
        for one in found.get("comparisons", [])
    ]
    guards = [
        {
            "outcome": outcome_words(one["outcome"]),
            "arm": labels.get(one["arm"], one["arm"]),
            "limit": _value(one["outcome"], one["limit"]),
            "bounds": _bounds(one["outcome"], one),
            "state": str(_GUARDED.get(one["state"], one["state"])),
            "meaning": {"crossed": "stop", "kept": "good"}.get(one["state"], "wait"),
        }
        for one in found.get("guards", [])
    ]
    pairs = [_pair(effect) for effect in found.get("factors", [])]
    counts = {labels.get(arm, arm): n for arm, n in found.get("customers", {}).items()}
    return {"day": look.day, "rows": rows, "guards": guards, "factors": pairs, "counts": counts,
            "is_as_drawn": found.get("balance", {}).get("passes"),
            "warnings": warnings(found, labels), "too_few": too_few(found, labels),
            "ripe": sum(found.get("ripe", {}).values())}  # fmt: skip


def _mark(one: Mapping[str, Any], labels: Mapping[str, str]) -> Mark | None:
    low, high = one["daily"]["low"], one["daily"]["high"]
    if low is None or high is None:
        return None
    times = _times(one["outcome"])
    reach = max(abs(low), abs(high)) * _REACH or 1.0

    def place(value: float) -> float:
        return round(50 + 50 * value / reach, 2)

    is_sure = low > 0 or high < 0
    outcome = _BY_NAME.get(one["outcome"]) or KNOWN[one["outcome"]]
    is_better = (one["difference"] > 0) == (outcome.better is Better.HIGHER)
    said = _("may be chance")
    if is_sure:
        said = _("better than today") if is_better else _("worse than today")
    meaning = "" if not is_sure else "good" if is_better else "careful"
    name = outcome_words(one["outcome"])
    if len(labels) > 2:
        name = f"{name}: {labels.get(one['arm'], one['arm'])}"
    words = points(one["difference"], low, high, times)
    return Mark(name, words, said, place(one["difference"]), place(low), place(high), meaning)


def _pair(effect: Mapping[str, Any]) -> dict[str, str]:
    names = " × ".join(effect["levels"])
    return {
        "outcome": outcome_words(effect["outcome"]),
        "levels": names,
        "beside": " × ".join(effect["beside"]),
        "difference": _value(effect["outcome"], effect["difference"]),
        "daily": _bounds(effect["outcome"], effect["daily"]),
    }


def _times(name: str) -> float:
    outcome = _BY_NAME.get(name)
    return 100.0 if outcome is not None and outcome.kind is Kind.SHARE else 1.0


def _value(name: str, value: float | None) -> str:
    return "–" if value is None else number(value * _times(name), 2)


def _bounds(name: str, bounds: Mapping[str, Any]) -> str:
    low, high = bounds["low"], bounds["high"]
    if low is None or high is None:
        return "–"
    return _("%(low)s to %(high)s") % {"low": _value(name, low), "high": _value(name, high)}
