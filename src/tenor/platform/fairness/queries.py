"""What audits found, what waits for a person's answer, and what may be compared."""

from dataclasses import dataclass
from datetime import timedelta

from tenor.engine.frames import CUSTOMERS, feature_columns
from tenor.platform.core import clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.core.roles import Right
from tenor.platform.fairness.models import FairnessAudit as FairnessAudit
from tenor.platform.fairness.models import Finding as Finding
from tenor.platform.ledger.frames import customers_frame
from tenor.platform.ledger.protected import counts, is_known

# An answer holds for a year; then the same thing is asked about again.
ANSWER_HOLDS = timedelta(days=365)


@dataclass(frozen=True)
class Compared:
    """What may be compared: protected columns with how many customers they are known of, others.

    `named` are the further columns that the organisation chose, `others` those it could.
    """

    protected: dict[str, int]
    named: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True)
class Judged:
    """What was found, for the gate of a release.

    `passes` is None where these data cannot tell, and where a person accepted all that was found:
    then people decide.
    """

    passes: bool | None


def latest(organisation: Organisation) -> FairnessAudit | None:
    """Return the audit of how things are now, made last; not those of candidates."""
    rows = FairnessAudit.objects.of(organisation).select_related("predictor", "policy")
    found: FairnessAudit | None = rows.exclude(occasion=FairnessAudit.Occasion.RELEASE).first()
    return found


def audits(organisation: Organisation) -> list[FairnessAudit]:
    """Return every audit, the newest first."""
    return list(FairnessAudit.objects.of(organisation).defer("figures")[:60])


def audit_for(actor: Actor, number: int) -> FairnessAudit:
    """Return an audit, or refuse."""
    actor.need(Right.ANALYSE)
    found: FairnessAudit = row_for(actor, FairnessAudit, pk=number, related=("predictor", "policy"))
    return found


def findings(audit: FairnessAudit) -> list[Finding]:
    """Return what an audit found."""
    return list(Finding.objects.of(audit.organisation_id).filter(audit=audit))


def open_findings(organisation: Organisation, place: str = "") -> int:
    """Count what the latest audit found (in one place) and nobody has answered yet."""
    audit = latest(organisation)
    if audit is None:
        return 0
    rows = Finding.objects.of(organisation).filter(audit=audit, answer=Finding.Answer.OPEN)
    return int((rows.filter(place=place) if place else rows).count())


def judged(audit: FairnessAudit) -> Judged:
    """Return what the gate of a release makes of an audit."""
    if audit.passes is not False:
        return Judged(audit.passes)
    rows = findings(audit)
    now = [row for row in rows if row.place != Finding.Place.HISTORY]
    accepted = bool(now) and all(row.answer == Finding.Answer.ACCEPTED for row in now)
    return Judged(None if accepted else False)


def history_judged(organisation: Organisation) -> Judged | None:
    """Return what the latest audit found of the past that is learned from; None without any."""
    audit = latest(organisation)
    if audit is None:
        return None
    passes: bool | None = audit.figures["history"]["passes"]
    if passes is False and not open_findings(organisation, Finding.Place.HISTORY):
        passes = None
    return Judged(passes)


def examining_turn(organisation: Organisation) -> str:
    """Name the day on which this month's examination is tried; nothing once it was made.

    Nothing either where no group is known and none is named: there is nobody to compare.
    """
    today = clock.today(organisation)
    made = FairnessAudit.objects.of(organisation).filter(
        occasion=FairnessAudit.Occasion.MONTH, turn=f"{today:%Y-%m}"
    )
    named = preferences_of(organisation).fairness_groups
    if made.exists() or not (named or is_known(organisation)):
        return ""
    return today.isoformat()


def asked_lately(organisation: Organisation) -> int:
    """Count the audits of the past year that somebody asked for."""
    since = clock.now(organisation) - timedelta(days=365)
    rows = FairnessAudit.objects.of(organisation).filter(made_at__gte=since)
    return int(rows.filter(occasion=FairnessAudit.Occasion.ASKED).count())


def answered(organisation: Organisation) -> dict[str, Finding]:
    """Return the latest answer that still holds, by the key of what was found."""
    since = clock.now(organisation) - ANSWER_HOLDS
    rows = Finding.objects.of(organisation).filter(answered_at__gte=since)
    return {row.key: row for row in rows.exclude(answer="").order_by("answered_at", "pk")}


def compared(organisation: Organisation) -> Compared:
    """Return by what customers are compared, and by what they could be."""
    frame = customers_frame(organisation, clock.now(organisation))
    named = preferences_of(organisation).fairness_groups
    others = [c for c in ("country", "language") if frame[c].drop_nulls().len()]
    others += feature_columns(CUSTOMERS, frame)
    return Compared(
        counts(organisation),
        tuple(c for c in named if c in frame.columns),
        tuple(c for c in others if c not in named),
    )
