"""What a person should know of a day, said aloud: in words, and as codes that can be counted."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from tenor.engine.quality.sufficiency import Verdict
from tenor.platform.core.preferences import preferences_of
from tenor.platform.decisions import live
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.decisions.runs.signals import Noticed
from tenor.platform.decisions.runs.unreadable import UNREADABLE
from tenor.platform.decisions.runs.unsent import Yesterday

INFO, WARN, DANGER = "info", "warn", "danger"

# What stays up as a signal until somebody has seen it.
_SIGNALS = ("missed_days", "unsent", "no_rules", "no_channel", "no_predictor",
            "unreadable_predictor")  # fmt: skip
_PREDICTOR = "payment predictor"
_TEXTS = {
    "no_rules": gettext_noop("No rules are in force, so nobody is contacted."),
    "no_channel": gettext_noop(
        "No channel that is on in the rules works here: nobody is contacted."
    ),
    "no_predictor": gettext_noop("No predictor is in force: all are left to the fixed ladder."),
    "unreadable_predictor": gettext_noop(
        "This version of Tenor cannot read the predictor that was in force. A new one is learned "
        "from your own facts; until it is there, all are left to the fixed ladder."
    ),
    "too_little_history": gettext_noop(
        "There is too little history to learn from: all are left to the fixed ladder."
    ),
    "order_off": gettext_noop(
        "Putting in order is switched off: all are left to the fixed ladder."
    ),
    "prevention_off": gettext_noop("Reminding before the due date is switched off."),
    "execution_off": gettext_noop("Carrying out is switched off: a plan is made, nothing is sent."),
    "read_only": gettext_noop("This organisation only looks on: a plan is made, nothing is sent."),
    "paused": gettext_noop("Sending is paused: nothing goes out until somebody resumes it."),
    "nothing_open": gettext_noop("Nothing is open, so there is nothing to decide."),
}


def remark(level: str, code: str, text: str = "", **facts: Any) -> dict[str, Any]:
    """Return a remark: its level, its code, its words in the present language, its facts."""
    return {"level": level, "code": code, "text": text or _(_TEXTS[code]), "facts": facts}


def remarks_of(run: Run, yesterday: Yesterday) -> list[dict[str, Any]]:
    """Return what there is to say about a day's plan, the gravest first."""
    with translation.override(run.organisation.language):
        found = [
            *_of_time(run, yesterday),
            *_of_versions(run),
            *_of_settings(run),
            *_of_plan(run),
        ]
    grave = (DANGER, WARN, INFO)
    return sorted(found, key=lambda r: grave.index(r["level"]))


def noticed(said: list[dict[str, Any]]) -> list[Noticed]:
    """Return the remarks about what went wrong as signals, which stay until somebody saw them."""
    return [Noticed(r["code"], r["level"], r["facts"]) for r in said if r["code"] in _SIGNALS]


def _of_time(run: Run, yesterday: Yesterday) -> list[dict[str, Any]]:
    found = []
    if run.missed_days:
        text = ngettext(
            "%(days)s day before this one had no plan: what was due then is decided now.",
            "%(days)s days before this one had no plan: what was due then is decided now.",
            run.missed_days,
        ) % {"days": run.missed_days}
        found.append(remark(WARN, "missed_days", text, days=run.missed_days))
    preferences = preferences_of(run.organisation)
    if yesterday.unsent and preferences.use_execution and not preferences.read_only:
        text = ngettext(
            "%(count)s approved contact was due before this plan and never went out: it is "
            "decided anew.",
            "%(count)s approved contacts were due before this plan and never went out: they are "
            "decided anew.",
            yesterday.unsent,
        ) % {"count": yesterday.unsent}
        found.append(remark(DANGER, "unsent", text, count=yesterday.unsent, went=yesterday.went))
    return found


def _of_versions(run: Run) -> list[dict[str, Any]]:
    found = []
    if run.policy is None:
        found.append(remark(DANGER, "no_rules"))
    elif not live.policy_of(run.organisation, run.policy).channels:
        found.append(remark(DANGER, "no_channel"))
    if not preferences_of(run.organisation).use_prioritisation:
        found.append(remark(INFO, "order_off"))
    elif UNREADABLE in run.figures:
        found.append(remark(WARN, UNREADABLE, predictor=run.figures[UNREADABLE]))
    elif run.predictor is None:
        use = run.figures["history"][_PREDICTOR]
        lacking = use["verdict"] == Verdict.TOO_LITTLE
        code = "too_little_history" if lacking else "no_predictor"
        found.append(remark(WARN, code, reason=use["reason"]))
    return found


def _of_settings(run: Run) -> list[dict[str, Any]]:
    organisation, preferences = run.organisation, preferences_of(run.organisation)
    found = []
    if organisation.paused_at is not None:
        found.append(remark(DANGER, "paused", because=organisation.paused_because))
    if preferences.read_only:
        found.append(remark(INFO, "read_only"))
    elif not preferences.use_execution:
        found.append(remark(INFO, "execution_off"))
    if not preferences.use_prevention:
        found.append(remark(INFO, "prevention_off"))
    return found


def _of_plan(run: Run) -> list[dict[str, Any]]:
    rows = Decision.objects.of(run.organisation_id).filter(run=run)
    if not rows.exists():
        return [remark(INFO, "nothing_open")]
    waiting = rows.filter(state=Decision.State.PROPOSED).count()
    if not waiting:
        return []
    text = ngettext(
        "%(count)s decision waits for a person.",
        "%(count)s decisions wait for a person.",
        waiting,
    ) % {"count": waiting}
    return [remark(INFO, "waiting", text, count=waiting)]
