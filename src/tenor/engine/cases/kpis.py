"""Worked cases of the key figures of receivables."""

from collections.abc import Callable, Mapping
from datetime import date

from tenor.engine.cases.values import Input, Result, money
from tenor.engine.kpis import ratios
from tenor.engine.kpis.ageing import ageing_bucket, days_past_due
from tenor.engine.kpis.ratios import Figure, Month, Promise


def _named(name: str, figure: Figure) -> Result:
    """Return the figure under its name, with the reason where it has no value."""
    return {name: figure.value} | ({"reason": figure.reason.value} if figure.reason else {})


def _dso_simple(case: Input) -> Result:
    figure = ratios.dso_simple(
        money(case["receivables"]), money(case["credit_sales"]), int(case["days"])
    )
    return _named("dso", figure)


def _dso_countback(case: Input) -> Result:
    months = [Month(money(m["sales"]), int(m["days"])) for m in case["months_latest_first"]]
    found = ratios.dso_countback(money(case["receivables"]), months)
    return _named("dso", found.dso) | {
        "covered_days": found.covered_days,
        "uncovered": found.uncovered,
    }


def _best_possible_dso(case: Input) -> Result:
    current = case["current_receivables"] if "current_receivables" in case else case["receivables"]
    figure = ratios.best_possible_dso(
        money(current), money(case["credit_sales"]), int(case["days"])
    )
    return _named("best_possible_dso", figure)


def _average_days_delinquent(case: Input) -> Result:
    dso, best = money(case["dso"]), money(case["best_possible_dso"])
    return _named("add", ratios.average_days_delinquent(Figure(dso), Figure(best)))


def _cei(case: Input) -> Result:
    figure = ratios.cei(
        money(case["beginning_receivables"]),
        money(case["credit_sales"]),
        money(case["ending_total"]),
        money(case["ending_current"]),
    )
    return _named("cei_pct", figure)


def _ageing_bucket(case: Input) -> Result:
    return {"bucket": ageing_bucket(int(case["days_past_due"]))}


def _days_past_due(case: Input) -> Result:
    days = days_past_due(date.fromisoformat(case["due"]), date.fromisoformat(case["as_of"]))
    return {"days_past_due": days, "bucket": ageing_bucket(days)}


def _roll_rate(case: Input) -> Result:
    figure = ratios.roll_rate(
        money(case["amount_in_next_now"]), money(case["amount_in_bucket_before"])
    )
    return _named("roll_rate_pct", figure)


def _receivables_turnover(case: Input) -> Result:
    figure = ratios.receivables_turnover(
        money(case["credit_sales"]), money(case["average_receivables"])
    )
    return _named("turnover", figure)


def _promise_kept(case: Input) -> Result:
    found = ratios.promise_kept(
        [
            Promise(money(p["amount"]), money(p["paid"]), bool(p["in_time"]))
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
    costs = {name: money(cost) for name, cost in case["costs"].items()}
    return _named("cost_per_euro", ratios.cost_to_collect(costs, money(case["collected"])))


def _working_capital_release(case: Input) -> Result:
    basis = int(case.get("basis", ratios.DAYS_PER_YEAR))
    days_less = money(case["days_less"])
    if "annual_credit_sales" in case:
        sales = money(case["annual_credit_sales"])
        found = ratios.release_at_sales(sales, days_less, basis=basis)
    else:
        receivables, dso = money(case["receivables"]), money(case["dso"])
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
