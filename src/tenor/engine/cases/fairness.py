"""Worked cases of fairness between groups."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tenor.engine.cases.values import Input, Result, day, money
from tenor.engine.law.library import NONE, pack_of
from tenor.engine.law.rights import fairness

_REVIEWED = date(2026, 11, 21)
_FOUR_PLACES = Decimal("0.0001")
_TWO_PLACES = Decimal("0.01")
_COUNTS = ("tp", "fp", "fn", "tn")


def _limits(case: Input, check: str) -> fairness.Limits:
    on = day(case["on"]) if "on" in case else _REVIEWED
    return fairness.limits(pack_of(NONE), on, check)


def _shown(value: Fraction | None, places: Decimal = _FOUR_PLACES) -> str | None:
    if value is None:
        return None
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(places, ROUND_HALF_UP))


def _four_fifths(case: Input) -> Result:
    groups = {n: (int(g["favourable"]), int(g["total"])) for n, g in case["groups"].items()}
    found = fairness.four_fifths(groups, _limits(case, "four_fifths"))
    return {
        "rates": {name: _shown(rate) for name, rate in found.rates.items()},
        "min_ratio": _shown(found.min_ratio),
        "passes": found.passes,
        "small_sample": found.small_sample,
    }


def _group_metrics(case: Input) -> Result:
    groups = {
        name: fairness.Confusion(*(int(counts[key]) for key in _COUNTS))
        for name, counts in case.items()
        if isinstance(counts, Mapping) and all(key in counts for key in _COUNTS)
    }
    found = fairness.gaps(groups)
    result: Result = {
        name: {
            "tpr": _shown(group.true_positive_rate),
            "fpr": _shown(group.false_positive_rate),
            "sel": _shown(group.selection_rate),
            "ppv": _shown(group.precision),
        }
        for name, group in groups.items()
    }
    return result | {
        "demographic_parity_difference": _shown(found.demographic_parity),
        "equal_opportunity_difference": _shown(found.equal_opportunity),
        "equalised_odds_difference": _shown(found.equalised_odds),
        "disparate_impact_ratio": _shown(found.disparate_impact),
    }


def _counterfactual_and_drift(case: Input) -> Result:
    if "pairs" in case:
        return _flips(case)
    if "baseline_bins" in case:
        return _drift(case)
    related = str(case["mutual_information_with_origin"]) != "low"
    return {"flag": "PROXY_REVIEW" if related and case.get("used", True) else None}


def _flips(case: Input) -> Result:
    found = fairness.flips(
        int(case["pairs"]), int(case["decision_changed"]), _limits(case, "counterfactual")
    )
    return {
        "flip_rate_pct": _shown(found.rate_percent, _TWO_PLACES),
        "limit_pct": str(found.limit_percent),
        "passes": found.passes,
    }


def _drift(case: Input) -> Result:
    within = _limits(case, "drift")
    found = fairness.drift(
        [int(n) for n in case["baseline_bins"]], [int(n) for n in case["current_bins"]], within
    )
    bands = {
        "stable": f"stable (<{within.watch})",
        "watch": f"watch ({within.watch}-{within.most})",
        "shifted": f"shifted (>{within.most})",
    }
    return {
        "psi": str(found.index.quantize(_FOUR_PLACES, ROUND_HALF_UP)),
        "band": bands[found.band],
    }


def _calibration(case: Input) -> Result:
    groups = {
        name: (money(g["foretold"]), int(g["came_true"]), int(g["total"]))
        for name, g in case["groups"].items()
    }
    found = fairness.calibration(groups, _limits(case, "calibration"))
    return {
        "errors": {name: _shown(error) for name, error in found.errors.items()},
        "gap": _shown(found.gap),
        "passes": found.passes,
        "small_sample": found.small_sample,
    }


RULES: Mapping[str, Callable[[Input], Result]] = {
    "four_fifths": _four_fifths,
    "group_metrics": _group_metrics,
    "counterfactual_and_drift": _counterfactual_and_drift,
    "calibration_by_group": _calibration,
}
