"""Experiments in words: outcomes, guards, what differs."""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from tenor.engine.experiments.guards import Watch
from tenor.engine.experiments.outcomes import KNOWN, Kind
from tenor.engine.experiments.results import UNLIKE
from tenor.engine.experiments.sequential import LEAST

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
    written = number_format(100 * value if is_share else value, 1)
    return _("%(number)s in 100") % {"number": written} if is_share else written


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


def warnings(figures: Mapping[str, Any], labels: Mapping[str, str]) -> list[str]:
    """Say what to mind before believing a look: from its figures, in the reader's language."""
    torn = figures.get("balance", {}).get("passes") is False
    return [_unlike_the_lot(figures.get("customers", {}), labels)] if torn else []


def notes(figures: Mapping[str, Any], labels: Mapping[str, str]) -> list[str]:
    """Say what to know of the figures: arms of too few customers, outcomes known of too few."""
    few = [
        ngettext(
            "“%(arm)s” has %(customers)s customer: below %(least)s nothing can be said.",
            "“%(arm)s” has %(customers)s customers: below %(least)s nothing can be said.",
            customers,
        )
        % {"arm": labels.get(arm, arm), "customers": customers, "least": LEAST}
        for arm, customers in figures.get("customers", {}).items()
        if customers < LEAST
    ]
    return few + _known_of_unlike_parts(figures, labels)


def _unlike_the_lot(counts: Mapping[str, int], labels: Mapping[str, str]) -> str:
    sizes = ", ".join(f"{labels.get(arm, arm)}: {many}" for arm, many in counts.items())
    return _(
        "The groups are not as large as the lot foresees (%(sizes)s): something besides the lot "
        "decided who is in them. Find out what before believing the results."
    ) % {"sizes": sizes}


def _known_of_unlike_parts(figures: Mapping[str, Any], labels: Mapping[str, str]) -> list[str]:
    """Say where an outcome is known of far more customers of one arm than of another."""
    counts, said = figures.get("customers", {}), []
    known: dict[str, dict[str, float]] = {}
    for one in figures.get("figures", []):
        if counts.get(one["arm"]):
            share = one["customers"] / counts[one["arm"]]
            known.setdefault(one["outcome"], {})[one["arm"]] = share
    for name, shares in known.items():
        low, high = min(shares, key=shares.__getitem__), max(shares, key=shares.__getitem__)
        if shares[high] - shares[low] > UNLIKE:
            said.append(
                _(
                    "“%(outcome)s” is known of %(high)s in 100 customers of “%(more)s” and of "
                    "%(low)s in 100 of “%(fewer)s”: only those are compared, and they may differ "
                    "in more than the way of working."
                )
                % {
                    "outcome": outcome_words(name),
                    "high": round(100 * shares[high]), "more": labels.get(high, high),
                    "low": round(100 * shares[low]), "fewer": labels.get(low, low),
                }
            )  # fmt: skip
    return said


def changes_words(changes: Mapping[str, Any]) -> list[str]:
    """Say what differs from the rules in force, a line a key."""
    return [f"{key} = {_value(value)}" for key, value in changes.items()]


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
