"""What Tenor noticed, in words: what it is, what shows it, and the step that it proposes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenor.platform.decisions.reasons import REFUSALS
from tenor.platform.workbench.health import words as alarm_words

# How each level looks: its meaning and its sign.
LEVELS = {
    "danger": ("stop", "alert-circle"),
    "warn": ("careful", "alert-triangle"),
    "info": ("wait", "info-circle"),
}
# What is said of the facts of a signal: title, what shows it, the step, the screen for it.
_Tell = Callable[[dict[str, Any]], tuple[str, str, str, str]]


@dataclass(frozen=True)
class Told:
    """A signal in words; `route` is the screen where its step is taken."""

    signal: Any
    meaning: str
    icon: str
    title: str
    reason: str
    step: str
    route: str = ""


def told(signal: Any) -> Told:
    """Say what a signal means and what to do about it."""
    facts, kind = signal.facts, signal.kind
    tell = _KINDS.get(kind)
    title, reason, step, route = tell(facts) if tell else (kind.replace("_", " "), "", "", "")
    meaning, icon = LEVELS.get(signal.level, LEVELS["info"])
    return Told(signal, meaning, icon, title, reason, step, route)


def _unsent(facts: dict[str, Any]) -> tuple[str, str, str, str]:
    count = int(facts.get("count", 0))
    reason = ngettext(
        "%(count)s approved contact is past its moment and has not gone out.",
        "%(count)s approved contacts are past their moment and have not gone out.",
        count,
    ) % {"count": count}
    step = _("Look whether the worker runs and whether sending is paused.")
    return _("What was approved does not go out"), reason, step, "plan"


def _nothing_sent(facts: dict[str, Any]) -> tuple[str, str, str, str]:
    count = int(facts.get("count", 0))
    title = _("Nothing was sent today")
    reason = ngettext(
        "%(count)s message was to go out.", "%(count)s messages were to go out.", count
    ) % {"count": count}
    because = REFUSALS.get(facts.get("because", ""))
    if because:
        reason = f"{reason} {because}."
    step = _("Look whether the worker runs, the mail server answers, and what is switched off.")
    return title, reason, step, "plan"


def _foreign(facts: dict[str, Any]) -> tuple[str, str, str, str]:
    count = int(facts.get("count", 0))
    reason = ngettext(
        "%(count)s reminder of it came after that day, the last on %(last)s.",
        "%(count)s reminders of it came after that day, the last on %(last)s.",
        count,
    ) % {"count": count, "last": _day(facts.get("last"))}
    return (
        _("Another system still reminds your customers, though it was said to be off"),
        reason,
        _("Switch its reminders off. Until then these customers wait, as after a message of ours."),
        "settings",
    )


def _no_account(facts: dict[str, Any]) -> tuple[str, str, str, str]:
    return (
        _("Nobody can be asked for money in %(currency)s") % {"currency": facts.get("of", "")},
        _("There is no bank account in this currency, so that messages about it do not go out."),
        _("Enter the account on which you are paid in this currency."),
        "settings",
    )


def _missed(facts: dict[str, Any]) -> tuple[str, str, str, str]:
    days = int(facts.get("days", 0))
    title = ngettext("%(days)s day had no plan", "%(days)s days had no plan", days)
    return (
        title % {"days": days},
        _("What was due then is decided now."),
        _("Look whether the worker runs, and at which hour the day starts."),
        "settings",
    )


def _without(title: str | Promise, step: str | Promise, route: str) -> _Tell:
    return lambda facts: (str(title), "", str(step), route)


def _arm_stopped(facts: dict[str, Any]) -> tuple[str, str, str, str]:
    title = _("A guard stopped “%(arm)s” in the experiment “%(experiment)s”") % {
        "arm": facts.get("arm", ""),
        "experiment": facts.get("experiment", ""),
    }
    reason = _("Its customers are decided about as everybody else again.")
    return title, reason, _("Look at what it did before you try it again."), "experiments"


_ALARMS: dict[str, str | Promise] = {
    "freshness": gettext_lazy("Facts do not come as they used to"),
    "quality": gettext_lazy("Facts are not what they were"),
    "drift": gettext_lazy("Customers differ from those that were learned from"),
    "accuracy": gettext_lazy("What is foretold no longer comes true"),
    "effect": gettext_lazy("Contacts no longer do what is believed of them"),
    "outcomes": gettext_lazy("Results have become worse"),
    "world": gettext_lazy("Everybody pays otherwise than before"),
}


def _alarm(facts: dict[str, Any]) -> tuple[str, str, str, str]:
    """Say an alarm: what changed in its own words, and the step where its kind has one."""
    check = facts.get("check")
    title = str(_ALARMS.get(facts.get("panel", ""), _("Something has changed")))
    reason = alarm_words.changed(check) if check else ""
    step = _("Look what changed, since when, and what to do.")
    if check:
        title, step = _of_check(check, title, step)
    if facts.get("fell_back"):
        fell_back = _("Tenor fell back by itself: everybody is left to the fixed ladder.")
        reason = f"{reason}. {fell_back}" if reason else fell_back
    return title, reason, step, "health"


def _of_check(check: dict[str, Any], title: str, step: str) -> tuple[str, str]:
    """Say what comes no more, less or far more often, where that is all there is to it."""
    code, subject = check["code"], check["subject"]
    parts = {"what": alarm_words.subject_of(code, subject)}
    if code == "surge" and subject in alarm_words.SURGES:
        return str(alarm_words.SURGES[subject][0]), str(alarm_words.SURGES[subject][1])
    if code == "silent" and not check["facts"].get("hole"):
        return (
            _("No new %(what)s arrive") % parts,
            _("Look whether the connection still delivers. Until then who has paid may be "
              "reminded."),
        )  # fmt: skip
    if code == "volume" and check["facts"].get("direction", 1) < 0:
        if subject == "payments":
            step = _("Look whether all bank statements are in before anybody is reminded.")
        return _("Far fewer %(what)s than usual") % parts, step
    return title, step


def _day(text: Any) -> str:
    return formats.date_format(date.fromisoformat(text), "j F") if text else "–"


def _complaint(facts: dict[str, Any]) -> tuple[str, str, str, str]:
    title = _("%(who)s complained about a message") % {"who": facts.get("who", "")}
    step = _("Read what was sent and when. That channel has ended for them already.")
    return title, "", step, "worklist"


def _fairness(facts: dict[str, Any]) -> tuple[str, str, str, str]:
    count = int(facts.get("count", 0))
    reason = ngettext(
        "%(count)s comparison of groups who owe alike waits for a person's answer.",
        "%(count)s comparisons of groups who owe alike wait for a person's answer.",
        count,
    ) % {"count": count}
    step = _("Look what was found, and say whether there is a lawful reason or how it is mended.")
    return _("Some people are treated worse than others"), reason, step, "fairness"


_KINDS: dict[str, _Tell] = {
    "complaint": _complaint,
    "unsent": _unsent,
    "missed_days": _missed,
    "nothing_sent": _nothing_sent,
    "fairness": _fairness,
    "foreign_reminders": _foreign,
    "no_account": _no_account,
    "arm_stopped": _arm_stopped,
    "alarm": _alarm,
    "no_rules": _without(
        gettext_lazy("No rules are in force, so nobody is contacted"),
        gettext_lazy("Draft rules and have somebody approve them."),
        "rules",
    ),
    "no_channel": _without(
        gettext_lazy("No channel that is on in the rules works here: nobody is contacted"),
        gettext_lazy("Switch a channel on that this installation can send over."),
        "rules",
    ),
    "no_predictor": _without(
        gettext_lazy("No predictor is in force: all are left to the fixed ladder"),
        gettext_lazy("Bring in a year of history, and have a predictor learned from it."),
        "settings",
    ),
    "unreadable_predictor": _without(
        gettext_lazy("The predictor cannot be read: all are left to the fixed ladder"),
        gettext_lazy(
            "Tenor learns a new one from your own facts. Where learning is turned off, ask for it."
        ),
        "rules_predictor",
    ),
}
