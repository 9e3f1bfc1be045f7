"""What the past and the canary say of a release, in words and drawn."""

from collections.abc import Mapping
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenor.engine.experiments.sequential import Interval
from tenor.engine.release.canary import Move, Rule, Step
from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.releases import canary
from tenor.platform.workbench.reports.tables import Mark
from tenor.platform.workbench.reports.words import points
from tenor.platform.workbench.templatetags.tenor import count, money, percent

_CANNOT_TELL = "cannot tell"
_REACH = 1.15
WORTH: dict[str, str | Promise] = {
    _CANNOT_TELL: gettext_lazy(
        "Your past cannot tell: too few contacts were left to chance that are like what this "
        "release would do. The shadow and the canary show it."
    ),
    "better": gettext_lazy("It would have brought in more than what was done."),
    "not worse": gettext_lazy("It would not have brought in less than what was done."),
    "worse": gettext_lazy("It would have brought in less than what was done."),
    "undecided": gettext_lazy("It may have brought in more or less: the difference may be chance."),
}
HARM: dict[str, str | Promise] = {
    _CANNOT_TELL: gettext_lazy("Whether any group would be worse off, your past cannot tell."),
    "fine": gettext_lazy("No group would have been worse off."),
    "harmed": gettext_lazy("At least one group would have been worse off."),
}


def past(kept: Any, currency: str) -> dict[str, Any] | None:
    """Return what the organisation's own past says of a release."""
    if not kept:
        return None
    would, done = kept["would"], kept["done"]
    finding, harm = kept["verdict"].get("finding", ""), kept.get("harm")
    gain = (kept.get("value") or {}).get("gain")
    return {
        "from": parse_datetime(kept["from_"]),
        "to": parse_datetime(kept["to"]),
        "says": WORTH.get(finding, kept["verdict"]["text"]),
        "harm": HARM.get(harm["answer"], harm["text"]) if harm else "",
        "behind": [kept["verdict"]["text"], *([harm["text"]] if harm else [])],
        "figures": [
            (_("Contacts"), done["contacts"], would["contacts"], ""),
            (_("Hand-overs"), done["handed_over"], would["handed_over"], ""),
            (_("Cost of contacts"), done["cost"], would["cost"], currency),
        ],
        # Of too few contacts something comes out too, and would be read as a finding.
        "gain": None if finding == _CANNOT_TELL else _between(gain),
    }


def on_trial(actor: Actor, release: Any, currency: str) -> dict[str, Any] | None:
    """Return what the canary showed so far."""
    if not release.experiment:
        return None
    step = canary.next_move(actor, release) if release.state == "canary" else None
    shown = canary.shown(actor, release)
    people = _in_it(shown)
    return {
        "share": percent(release.share, 1),
        "since": release.share_since,
        "customers": ngettext("%(n)s customer", "%(n)s customers", people) % {"n": count(people)},
        "marks": list(_marks(shown, currency)),
        "says": _says(actor, release, step) if step else "",
        "behind": step.because if step else "",
    }


def _says(actor: Actor, release: Any, step: Step) -> str:
    """Say what comes next, by what is known today."""
    rule = canary.rule_of(actor)
    days = (clock.today(actor.organisation) - (release.share_since or release.made_at.date())).days
    if step.move is Move.ROLL_BACK:
        return str(_STOPS[step.harm])
    if step.move is Move.FINISH:
        return _("Even the worst that is still possible is small: it goes live with the next day.")
    if step.move is Move.WIDEN:
        return _(
            "Even the worst that is still possible is small: with the next day %(share)s of the "
            "customers get it."
        ) % {"share": percent(step.share)}
    if step.move is Move.ASK:
        return _(
            "No sign of harm, and with so few customers no proof that there is none: you decide "
            "by the figures. Let it go on, or go back."
        )
    return _waits(days, rule)


_STOPS: dict[bool, str | Promise] = {
    True: gettext_lazy("It does harm: with the next day what was live decides for all again."),
    False: gettext_lazy(
        "It could not be shown to be harmless: with the next day what was live decides for all "
        "again."
    ),
}


def _waits(days: int, rule: Rule) -> str:
    if days < rule.days:
        return _("Day %(day)s of %(days)s at this share. No sign of harm so far.") % {
            "day": days, "days": rule.days,
        }  # fmt: skip
    return _(
        "No sign of harm, but what is still possible is too much for more customers: it stays at "
        "this share, for %(days)s days at most."
    ) % {"days": rule.most_days}


def _marks(shown: Mapping[str, Any], currency: str) -> list[Mark]:
    found = []
    for name, label, write, more_is_better in (
        (canary.MONEY, _("Money, a customer, after costs"), lambda v: money(v, currency), True),
        (canary.COMPLAINTS, _("Complaints, of 100 customers"), None, False),
    ):
        between = canary.interval_of(dict(shown), name)
        if between is not None:
            found.append(_mark(label, between, write, more_is_better))
    return found


def _mark(label: str, between: Interval, write: Any, more_is_better: bool) -> Mark:
    low, high = between.low, between.high
    middle, reach = (low + high) / 2, max(abs(low), abs(high), 1e-9) * _REACH
    is_sure = low > 0 or high < 0
    is_better = (middle > 0) == more_is_better
    said, meaning = _("may be chance"), ""
    if is_sure:
        said = _("better than live") if is_better else _("worse than live")
        meaning = "good" if is_better else "careful"
    words = points(middle, low, high) if write is None else _("%(low)s to %(high)s") % {
        "low": write(low), "high": write(high),
    }  # fmt: skip
    dot, left, right = (round(50 + 50 * v / reach, 2) for v in (middle, low, high))
    return Mark(label, words, said, dot, left, right, meaning)


def _between(kept: Any) -> tuple[str, str, str] | None:
    """Write what a policy adds to the usual contacts, and between what it lies."""
    if not kept or kept.get("lower") is None or kept.get("upper") is None:
        return None
    return percent(kept["value"], 1), percent(kept["lower"], 1), percent(kept["upper"], 1)


def _in_it(shown: Mapping[str, Any]) -> int:
    arms = {f["arm"]: f["customers"] for f in shown.get("figures", [])}
    return int(sum(arms.values()))
