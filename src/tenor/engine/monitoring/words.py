"""What a check shows and what it means, in plain English: for the command line."""

from typing import Any

from tenor.engine.monitoring.checks import Check, Unit

MEANS = {
    "no_news": "Whoever has paid may be reminded, and nothing new can be decided on.",
    "wrong_data": "Chances and amounts that are made of these columns cannot be trusted.",
    "world_moved": "What was learned of customers holds for nobody until it is learned anew.",
    "chances_off": "Who pays by themselves and who needs a reminder is judged wrongly.",
    "others_than_learned": "Customers differ from those that were learned from.",
    "contacts_otherwise": "Contacts are chosen for an effect that they do not have.",
    "results_worse": "What is done brings less, or costs more, than it did or than the ladder.",
    "more_trouble": "Customers meet more trouble than before.",
}
STEPS = {
    "look_at_import": "look at the import before anything else",
    "fall_back": "fall back to the fixed ladder, look at the facts, then fit anew",
    "refit": "fit the predictor anew, and compare it before it goes live",
    "widen_review": "let people see more of these decisions, and find out why",
    "compare": "open the comparison, and stop what does worse",
}


def number(value: float | None, unit: Unit) -> str:
    """Write a value in its unit.

    Example
    -------
    >>> number(0.125, Unit.SHARE)
    '12.5%'
    """
    if value is None:
        return "unknown"
    written = {
        Unit.SHARE: f"{value:.1%}",
        Unit.COUNT: f"{value:,.0f}",
        Unit.DAYS: f"{value:.0f} days" if value == round(value) else f"{value:.1f} days",
        Unit.TIMES: f"{value:.2f} times",
        Unit.POINTS: f"{100 * value:+.1f} points",
        Unit.MONEY: f"{value:,.2f}",
        Unit.INDEX: f"{value:.2f}",
    }
    return written[unit]


def what_changed(check: Check) -> str:
    """Say what a check shows, in a sentence."""
    facts: dict[str, Any] = {"before": None, **check.facts}
    of, now = check.subject, number(check.value, check.unit)
    if (check.code, of) == ("volume", "customers"):
        of = "customers of whom anything is heard"
    before = number(facts["before"], check.unit)
    factor = facts.get("factor")
    units = f", as if in other units (times {factor:g})" if factor else ""
    direction = "more" if facts.get("direction", 1) > 0 else "less"
    texts = {
        "silent": f"{of}: nothing for {now}, then more"
        if facts.get("hole")
        else f"{of}: nothing for {now}; the longest silence before was {facts.get('usual')} days",
        "volume": f"{of}: {now} {'at a time' if facts.get('arrivals') else 'in a week'}, usually "
        f"{before}",
        "surge": f"{of}: {now} in a week, usually {before}",
        "late": f"{of}: told {now} after they happened, usually {before}",
        "missing": f"{of}: empty in {now} of the rows of a week, usually {before}",
        "level": f"{of}: about {now} in a week, usually {before}{units}",
        "doubles": f"{of}: {now} of a week's rows are there twice, usually {before}",
        "orphans": f"{of}: {now} of a week's rows name what is not there, usually {before}",
        "overpaid": f"{of}: {now} pay far more than was asked, usually {before}",
        "sign": f"{of}: {now} of a week's rows are nothing or negative, usually {before}",
        "new_words": f"{of}: {now} of a week's rows hold a word never seen before",
        "feature": f"{of} has moved (index {now}), most for {facts.get('segment', 'all')!r}",
        "scores": f"the chances have moved (index {now}), most for {facts.get('segment', 'all')!r}",
        "calibration": f"{of or 'all'}: {facts.get('came_true', 0):.0%} paid within "
        f"{facts.get('days')} days where {facts.get('said', 0):.0%} were foretold",
        "effect": f"{of}: brings {now} of payment within {facts.get('days')} days, believed "
        f"{100 * facts.get('believed', 0):+.1f}",
        "outcome": f"{of}: {now}, usually {before}",
        "against_control": f"{of}: {now} beside the control group",
        "pace": f"everybody pays {direction} than expected: {now} the usual number of payments",
    }
    return texts[check.code]
