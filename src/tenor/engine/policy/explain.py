"""The reasons of a decision, in words that a person understands."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.policy.rules import RULES

Array = NDArray[np.float64]

RULE_TEXTS = {rule.id: rule.text for rule in RULES} | {
    "escalate_after": "overdue for as long as the policy waits before handing over",
    "one_currency": "a request covers one currency only",
}


def reasons(decisions: pl.DataFrame) -> pl.Series:
    """Return the reasons of each decision: list of text.

    Parameters
    ----------
    decisions : a row a customer with `verdict`, `channel`, `tone`, `day`, `p_paid`, `p_paid_wait`,
        `value`, `cost`, `explored`, `waiting` (ids of rules), `best_gain`, `capacity_taken`,
        `days_overdue` (of the oldest covered invoice), `usual_delay`, `contacts_30d`,
        `visits_unpaid`, `answers_here`, `obstacle`, `evidence`.
    """
    return pl.Series(
        "reasons",
        [_reasons(row) for row in decisions.iter_rows(named=True)],
        dtype=pl.List(pl.String),
    )


def _reasons(row: dict[str, object]) -> list[str]:
    found: list[str] = []
    if row["verdict"] == "wait":
        found += _why_wait(row)
    elif row["verdict"] == "escalate" or row["is_escalation"]:
        found.append(f"unpaid after {_number(row['contacts'])} contacts")
    else:
        found += _why_contact(row)
    found += _situation(row)
    return found


def _why_contact(row: dict[str, object]) -> list[str]:
    chance, alone = _float(row["p_paid"]), _float(row["p_paid_wait"])
    found = []
    if row["explored"]:
        found.append("a random permitted contact, so that its effect can be learned")
    found.append(
        f"{row['channel']} raises the expected payment from {alone:.0%} to {chance:.0%} "
        f"of the amount"
    )
    day = int(_float(row["day"]))
    if day > 0 and not row["explored"]:
        found.append(f"in {day} day{'s' if day > 1 else ''} it does more than today")
    if _float(row["answers_here"]) > 0.08:
        found.append(f"answers {row['channel']} more often than others do")
    return found


def _why_wait(row: dict[str, object]) -> list[str]:
    waiting = row["waiting"]
    if isinstance(waiting, list) and waiting:
        return [RULE_TEXTS.get(str(rule), str(rule)) for rule in waiting[:3]]
    if row["explored"]:
        return ["left alone by chance, so that what contacts do can be learned"]
    if row["capacity_taken"]:
        return ["people's time does more elsewhere today, and no other contact is worth it"]
    alone = _float(row["p_paid_wait"])
    if alone >= 0.5:
        return [f"likely to pay unaided ({alone:.0%} of the amount within the window)"]
    return ["no permitted contact is worth its cost and the annoyance it brings"]


def _situation(row: dict[str, object]) -> list[str]:
    found = []
    overdue, usual = _float(row["days_overdue"]), row["usual_delay"]
    if overdue > 0:
        found.append(f"{_days(overdue)} overdue")
    elif overdue > -1:
        found.append("due today")
    if isinstance(usual, float) and _float(row["past_settled"]) >= 3:
        if usual > 1.5:
            found.append(f"usually pays about {_days(usual)} late")
        elif usual < -1.5:
            found.append(f"usually pays about {_days(-usual)} early")
        else:
            found.append("usually pays around the due date")
    if _float(row["visits_unpaid"]) >= 1:
        times = _number(row["visits_unpaid"])
        found.append(
            f"saw the payment page {'once' if times == '1' else f'{times} times'}, not paid"
        )
    if row["obstacle"]:
        found.append(f"likely obstacle: {row['obstacle']}")
    return found


def _days(value: object) -> str:
    days = round(_float(value))
    return f"{days} day" if days == 1 else f"{days} days"


def _number(value: object) -> str:
    return f"{_float(value):.0f}"


def _float(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
