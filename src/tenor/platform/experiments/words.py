"""Experiments in words: outcomes, guards, what differs."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tenor.engine.experiments.guards import Watch
from tenor.engine.experiments.outcomes import KNOWN, Kind

OUTCOME_WORDS: dict[str, str | Promise] = {
    "paid_30d": gettext_lazy("Paid in time"),
    "days_to_pay": gettext_lazy("Days until paid"),
    "collected_net": gettext_lazy("Collected, less the cost of contact"),
    "cost": gettext_lazy("Cost of contact"),
    "escalated": gettext_lazy("Handed over"),
    "reacted": gettext_lazy("Reacted: looked, answered or promised"),
    "complained": pgettext_lazy("outcome", "Complained"),
    "opted_out": pgettext_lazy("outcome", "Opted out"),
    "rated": gettext_lazy("Mark given on the page, 1 to 5"),
}
KIND_WORDS: dict[str, str | Promise] = {
    "ab": gettext_lazy("One thing, two or more ways"),
    "factorial": gettext_lazy("Several things at once"),
    "pilot": gettext_lazy("A pilot in one group"),
    "canary": gettext_lazy("A new version for a small share"),
}
STATE_WORDS: dict[str, str | Promise] = {
    "draft": pgettext_lazy("experiment", "Draft"),
    "submitted": pgettext_lazy("experiment", "Waits for approval"),
    "approved": pgettext_lazy("experiment", "Approved, not begun"),
    "rejected": pgettext_lazy("experiment", "Turned down"),
    "running": pgettext_lazy("experiment", "Running"),
    "stopped": pgettext_lazy("experiment", "Stopped"),
    "finished": pgettext_lazy("experiment", "Finished"),
}


def outcome_words(name: str) -> str:
    """Return what an outcome is called."""
    return str(OUTCOME_WORDS.get(name, name))


def amount_of(name: str, value: float) -> str:
    """Write an amount of an outcome: a share in points of a hundred, anything else as it is."""
    is_share = name == "reacted" or (name in KNOWN and KNOWN[name].kind is Kind.SHARE)
    return _("%(number)s in 100") % {"number": f"{100 * value:.1f}"} if is_share else f"{value:.1f}"


def guard_words(watch: Watch) -> str:
    """Say which guard an arm crossed."""
    return _(
        "A guard stopped it: “%(outcome)s” is worse by at least %(low)s, and at most %(limit)s is "
        "allowed."
    ) % {
        "outcome": outcome_words(watch.outcome),
        "low": amount_of(watch.outcome, watch.low),
        "limit": amount_of(watch.outcome, watch.limit),
    }


def changes_words(changes: Mapping[str, Any]) -> list[str]:
    """Say what differs from the rules in force, a line a key."""
    return [f"{key} = {_value(value)}" for key, value in changes.items()]


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
