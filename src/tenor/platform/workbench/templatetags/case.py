"""How cases write what only they show: a value of a dict by its key, why a task is there."""

from datetime import date
from typing import Any

from django import template
from django.utils import formats

from tenor.engine.policy.wished import wish_of
from tenor.platform.core.roles import Right
from tenor.platform.decisions.reasons import ALONE_REASONS, GATE_REASONS, REFUSALS, words_of
from tenor.platform.workbench.case.words import DISPUTE_REASONS, HOLD_REASONS
from tenor.platform.workbench.plan.shown import SEGMENT_WORDS
from tenor.platform.workbench.templatetags.tenor import word

register = template.Library()


@register.filter
def item(table: Any, key: Any) -> Any:
    """Return `table[key]`, or nothing."""
    return table.get(key) if hasattr(table, "get") else None


@register.filter
def segment_words(segment: str | None) -> str:
    """Say a kind of customer in words."""
    return str(SEGMENT_WORDS.get(segment, segment)) if segment else ""


@register.filter
def rule_words(code: str) -> str:
    """Say a rule, a gate or a refusal in words."""
    return words_of(code, REFUSALS, GATE_REASONS, ALONE_REASONS)


@register.filter
def gate_said(gate: str) -> str:
    """Say why a decision waits, went on or is left alone."""
    return ", ".join(words_of(code, GATE_REASONS, ALONE_REASONS) for code in gate.split())


@register.filter
def why_task(task: Any) -> str:
    """Say in one line why a case is there: what was objected, else the first reason."""
    return _why(task).split(" (", 1)[0]


@register.filter
def evidence(task: Any) -> str:
    """Return what stands behind it, where the reason tells."""
    _reason, _bracket, more = _why(task).partition(" (")
    return more.rstrip(")")


def _why(task: Any) -> str:
    facts = task.facts or {}
    told = facts.get("reason") or facts.get("reasons")
    if told:
        first = str(told[0] if isinstance(told, list) else told)
        if first == "reply":
            return f"{word(first)}: {facts.get('words') or '–'}"[:120]
        said = str(dict((*DISPUTE_REASONS, *HOLD_REASONS)).get(first) or word(first))
        return f"{facts['invoice']}: {said}" if facts.get("invoice") else said
    decision = task.decision
    if decision is None:
        return "–"
    if decision.review_reason:
        return str(decision.review_reason)
    return str(decision.reasons[0]) if decision.reasons else gate_said(decision.gate) or "–"


@register.filter
def times(share: Any, whole: Any) -> float:
    """Return a share of a whole (for the width of bars)."""
    return round(float(share or 0) * float(whole), 1)


@register.filter
def weekday(number: Any) -> str:
    """Name the day of the week."""
    if number is None:
        return "–"
    # The first Monday of a year that begins with one.
    return formats.date_format(date(2024, 1, 1 + int(number)), "l")


@register.filter
def may(actor: Any, right: str) -> bool:
    """Say whether the actor has a right, by its name."""
    return bool(actor.may(Right(right)))


@register.filter
def weekdays_wished(customer: Any) -> str:
    """Name the weekdays on which a customer wants to be reached; empty: on any."""
    if not customer.contact_days:
        return ""
    return ", ".join(weekday(day) for day in wish_of("", customer.contact_days).days)
