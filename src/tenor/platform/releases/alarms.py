"""What keeps a release from going on by itself: open alarms, and unanswered findings."""

from django.utils.translation import ngettext

from tenor.platform.core.models import Organisation
from tenor.platform.fairness.queries import Judged, history_judged, open_findings
from tenor.platform.monitoring.queries import open_alarms


def alarms_of(organisation: Organisation) -> str:
    """Return in words what alarms and what nobody has answered; nothing where nothing."""
    alarms = sum(1 for alarm in open_alarms(organisation) if alarm.acknowledged_at is None)
    findings = open_findings(organisation)
    found = []
    if alarms:
        words = ngettext("%(n)s alarm is open.", "%(n)s alarms are open.", alarms)
        found.append(words % {"n": alarms})
    if findings:
        words = ngettext(
            "%(n)s finding on fairness waits for an answer.",
            "%(n)s findings on fairness wait for an answer.",
            findings,
        )
        found.append(words % {"n": findings})
    return " ".join(found)


def history_of(organisation: Organisation) -> Judged | None:
    """Return what the latest audit found of the past that is learned from; None without any."""
    return history_judged(organisation)
