"""Which rule of a worked case is which function of the engine.

A new rule is one line in `RULES`: its name and a function from the case's input (a JSON object
with decimals exact) to its result (names to `Decimal`, text, number, flag or None).
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tenor.engine.kpis import ratios
from tenor.engine.kpis.ageing import ageing_bucket, days_past_due
from tenor.engine.kpis.ratios import Figure, Month, Promise

Input = Mapping[str, Any]
Result = dict[str, Any]


def _money(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise TypeError(f"{value!r} is no amount")
    return Decimal(value)


def _named(name: str, figure: Figure) -> Result:
    """Return the figure under its name, with the reason where it has no value."""
    return {name: figure.value} | ({"reason": figure.reason.value} if figure.reason else {})


def _dso_simple(case: Input) -> Result:
    figure = ratios.dso_simple(
        _money(case["receivables"]), _money(case["credit_sales"]), int(case["days"])
    )
    return _named("dso", figure)


def _dso_countback(case: Input) -> Result:
    months = [Month(_money(m["sales"]), int(m["days"])) for m in case["months_latest_first"]]
    found = ratios.dso_countback(_money(case["receivables"]), months)
    return _named("dso", found.dso) | {
        "covered_days": found.covered_days,
        "uncovered": found.uncovered,
    }


def _best_possible_dso(case: Input) -> Result:
    current = case["current_receivables"] if "current_receivables" in case else case["receivables"]
    figure = ratios.best_possible_dso(
        _money(current), _money(case["credit_sales"]), int(case["days"])
    )
    return _named("best_possible_dso", figure)


def _average_days_delinquent(case: Input) -> Result:
    dso, best = _money(case["dso"]), _money(case["best_possible_dso"])
    return _named("add", ratios.average_days_delinquent(Figure(dso), Figure(best)))


def _cei(case: Input) -> Result:
    figure = ratios.cei(
        _money(case["beginning_receivables"]),
        _money(case["credit_sales"]),
        _money(case["ending_total"]),
        _money(case["ending_current"]),
    )
    return _named("cei_pct", figure)


def _ageing_bucket(case: Input) -> Result:
    return {"bucket": ageing_bucket(int(case["days_past_due"]))}


def _days_past_due(case: Input) -> Result:
    days = days_past_due(date.fromisoformat(case["due"]), date.fromisoformat(case["as_of"]))
    return {"days_past_due": days, "bucket": ageing_bucket(days)}


def _roll_rate(case: Input) -> Result:
    figure = ratios.roll_rate(
        _money(case["amount_in_next_now"]), _money(case["amount_in_bucket_before"])
    )
    return _named("roll_rate_pct", figure)


def _receivables_turnover(case: Input) -> Result:
    figure = ratios.receivables_turnover(
        _money(case["credit_sales"]), _money(case["average_receivables"])
    )
    return _named("turnover", figure)


def _promise_kept(case: Input) -> Result:
    found = ratios.promise_kept(
        [
            Promise(_money(p["amount"]), _money(p["paid"]), bool(p["in_time"]))
            for p in case["promises"]
            # A promise not yet due has not been kept in time or broken yet.
            if p["in_time"] is not None
        ]
    )
    reason = found.kept_by_count_pct.reason
    return {
        "kept_by_count_pct": found.kept_by_count_pct.value,
        "kept_by_amount_pct": found.kept_by_amount_pct.value,
        "paid_in_time_of_promised_pct": found.paid_in_time_of_promised_pct.value,
    } | ({"reason": reason.value} if reason else {})


def _cost_to_collect(case: Input) -> Result:
    costs = {name: _money(cost) for name, cost in case["costs"].items()}
    return _named("cost_per_euro", ratios.cost_to_collect(costs, _money(case["collected"])))


def _working_capital_release(case: Input) -> Result:
    basis = int(case.get("basis", ratios.DAYS_PER_YEAR))
    days_less = _money(case["days_less"])
    if "annual_credit_sales" in case:
        sales = _money(case["annual_credit_sales"])
        found = ratios.release_at_sales(sales, days_less, basis=basis)
    else:
        receivables, dso = _money(case["receivables"]), _money(case["dso"])
        found = ratios.release_at_dso(receivables, dso, days_less, basis=basis)
    return _named("release", found.release) | {
        "implied_annual_sales": found.implied_annual_sales.value
    }


RULES: Mapping[str, Callable[[Input], Result]] = {
    "dso_simple": _dso_simple,
    "dso_countback": _dso_countback,
    "best_possible_dso": _best_possible_dso,
    "average_days_delinquent": _average_days_delinquent,
    "cei": _cei,
    "aging_bucket": _ageing_bucket,
    "ageing_bucket": _ageing_bucket,
    "days_past_due": _days_past_due,
    "roll_rate": _roll_rate,
    "receivables_turnover": _receivables_turnover,
    "promise_kept": _promise_kept,
    "cost_to_collect": _cost_to_collect,
    "working_capital_release": _working_capital_release,
}
