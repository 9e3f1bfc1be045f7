"""A day on which nothing went out though something was to: said aloud, never swallowed."""

from collections import Counter
from datetime import datetime, time

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.decisions.models import Decision
from tenor.platform.decisions.runs.signals import Noticed, notice_now
from tenor.platform.decisions.runs.unsent import LATE
from tenor.platform.outreach.channels import BY_PEOPLE, letter
from tenor.platform.outreach.foreign import OWN
from tenor.platform.outreach.models import Message
from tenor.platform.outreach.stops import closed
from tenor.platform.wording.composing import CODES

SIGNAL = "nothing_sent"
State = Message.State
# A message that waits, or that ended so, did not end because it was no longer right to send it.
_STUCK = (State.PLANNED, State.SENDING, State.FAILED)
# That no words fit is no such end either.
_FAULTS = frozenset(
    {"no_channel", "no_address", "paused", letter.CANNOT, *letter.CODES.values(), *CODES}
)


def notice_silence(organisation: Organisation) -> int:
    """Put up a signal where nothing went out today though it was to; return how much was to.

    Only what is long past its moment counts, and nothing where sending is off by choice.
    """
    settings = preferences_of(organisation)
    if settings.read_only or not settings.use_execution:
        return 0
    now = clock.now(organisation)
    place = clock.zone(organisation)
    morning = datetime.combine(now.astimezone(place).date(), time(), place)
    rows = Message.objects.of(organisation).filter(source=OWN)
    if rows.filter(sent_at__gte=morning, sent_at__lte=now).exists():
        return 0
    missed = Counter(_missed(organisation, morning, now))
    count = missed.total()
    if count:
        because = closed(organisation) or missed.most_common(1)[0][0]
        notice_now(organisation, Noticed(SIGNAL, "danger", {"count": count, "because": because}))
    return count


def _missed(organisation: Organisation, morning: datetime, now: datetime) -> list[str]:
    """Return, for each contact that was to go out today and did not, what kept it."""
    late = now - LATE
    rows = Message.objects.of(organisation).filter(
        source=OWN, send_at__gte=morning, send_at__lte=late
    )
    stuck = rows.filter(state__in=_STUCK)
    faulty = rows.filter(state=State.CANCELLED, refusal__in=_FAULTS)
    decisions = Decision.objects.of(organisation).filter(
        state=Decision.State.APPROVED, message=None, send_at__gte=morning, send_at__lte=late
    )
    unmade = decisions.exclude(channel="").exclude(channel__in=BY_PEOPLE)
    reasons = [state if state != State.PLANNED else "waits" for state in
               stuck.values_list("state", flat=True)]  # fmt: skip
    return [*reasons, *faulty.values_list("refusal", flat=True), *["waits"] * unmade.count()]
