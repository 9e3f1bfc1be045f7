"""The results of an experiment as pictures and figures: money and satisfaction side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tenor.engine.experiments.outcomes import KNOWN, Better, Kind, Outcome
from tenor.platform.experiments.outcomes import OUTCOMES
from tenor.platform.experiments.queries import Experiment, Look
from tenor.platform.experiments.words import notes, outcome_words, warnings
from tenor.platform.workbench.experiments.said import of_factors
from tenor.platform.workbench.reports.tables import Block, Mark
from tenor.platform.workbench.reports.words import number, points
from tenor.platform.workbench.words import short_date

_BY_NAME = {outcome.name: outcome for outcome in OUTCOMES}
_MONEY = ("paid_30d", "days_to_pay", "collected_net", "cost", "escalated", "reacted")
_AMOUNTS = ("collected_net", "cost")
_FEELING = ("complained", "opted_out", "rated")
_GUARDED: dict[str, str | Promise] = {
    "crossed": pgettext_lazy("guard", "crossed"),
    "kept": pgettext_lazy("guard", "kept"),
    "open": gettext_lazy("not known yet"),
}
_REACH = 1.15
# As many looks as a picture has room for.
_MOST_DAYS = 120
# Days on which the bounds lay further apart than this say nothing, and would flatten the others.
_WIDEST = 0.6


def marks(
    experiment: Experiment, figures: Mapping[str, Any], labels: Mapping[str, str]
) -> list[Block]:
    """Return what differs, money beside satisfaction, each with how far chance may have gone."""
    parts = (
        ("money", _("Money and time"), _MONEY),
        ("feeling", _("How people feel treated"), _FEELING),
    )
    compared = _compared(experiment, figures)
    several = len({one["arm"] for one in compared}) > 1
    blocks = []
    for key, title, names in parts:
        found = [
            mark
            for name in names
            for one in compared
            if one["outcome"] == name
            and (mark := _mark(one, _short(one["arm"], labels) if several else "", experiment))
        ]
        blocks.append(
            Block(
                key,
                title,
                _("What differs from today's way, and how far may chance have gone?"),
                marks=found,
                size="half",
                note=_(
                    "In the middle: no difference. The dot is what was seen, the line where the "
                    "truth may lie."
                )
                if found
                else "",
                empty="" if found else _("Nothing can be said yet: outcomes take their time."),
            )
        )
    return blocks


def by_day(experiment: Experiment, looks: Sequence[Look], labels: Mapping[str, str]) -> list[Block]:
    """Return how the difference in payments closed in, day by day, a picture a way of working."""
    seen: dict[str, list[tuple[Look, dict[str, Any]]]] = {}
    for look in looks[-_MOST_DAYS:]:
        for one in _compared(experiment, look.figures):
            if one["outcome"] == "paid_30d" and None not in one["daily"].values():
                seen.setdefault(one["arm"], []).append((look, one))
    drawn = {arm: _telling(days) for arm, days in seen.items() if len(days) > 1}
    size = "wide" if len(drawn) == 1 else ""
    return [_days(arm, labels.get(arm, arm), days, size) for arm, days in drawn.items()]


def _telling(days: list[tuple[Look, dict[str, Any]]]) -> list[tuple[Look, dict[str, Any]]]:
    """Return the days from the first on which something could be told; all, where none could."""
    for place, (_look, one) in enumerate(days[:-1]):
        if one["daily"]["high"] - one["daily"]["low"] <= _WIDEST:
            return days[place:]
    return days


def _days(arm: str, label: str, days: Sequence[tuple[Look, dict[str, Any]]], size: str) -> Block:
    values = {
        "values": [round(100 * one["difference"], 1) for _look, one in days],
        "low": [round(100 * one["daily"]["low"], 1) for _look, one in days],
        "high": [round(100 * one["daily"]["high"], 1) for _look, one in days],
    }
    return Block(
        f"days-{slugify(arm)}",
        _("%(arm)s, day by day") % {"arm": label},
        _("How many more of 100 customers pay in time, and between which bounds?"),
        form="lines",
        data={
            "names": [short_date(look.day, "j M") for look, _one in days],
            "series": [{"name": _("seen"), **values}],
            "write": {"digits": 1},
        },
        note=_("The bounds hold on every day at once: look as often as you like."),
        size=size,
    )


def _compared(experiment: Experiment, figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what stands beside today's way: of several things at once, each by itself."""
    if experiment.factors and figures.get("factors"):
        return of_factors(figures, experiment)
    return list(figures.get("comparisons", []))


def _short(arm: str, labels: Mapping[str, str]) -> str:
    """Return the letter of an arm, which stands with its name in the table of arms, or its name."""
    return arm.upper() if len(arm) == 1 else labels.get(arm, arm)


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
            "warnings": warnings(found, labels), "notes": notes(found, labels),
            "ripe": sum(found.get("ripe", {}).values())}  # fmt: skip


def _mark(one: Mapping[str, Any], arm: str, experiment: Experiment) -> Mark | None:
    low, high = one["daily"]["low"], one["daily"]["high"]
    if low is None or high is None:
        return None
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
    name = _with_unit(outcome_words(one["outcome"]), outcome, experiment.organisation.currency)
    words = points(one["difference"], low, high, _times(one["outcome"]))
    places = (place(one["difference"]), place(low), place(high))
    return Mark(f"{arm}: {name}" if arm else name, words, said, *places, meaning)


def _with_unit(name: str, outcome: Outcome, currency: str) -> str:
    if outcome.kind is Kind.SHARE:
        return _("%(outcome)s, of 100") % {"outcome": name}
    return f"{name}, {currency}" if outcome.name in _AMOUNTS else name


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
