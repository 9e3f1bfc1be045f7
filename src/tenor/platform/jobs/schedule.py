"""The timetable: what is done when, as one table, each row for every organisation."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tenor.platform.core import clock, jobs
from tenor.platform.core.models import Job, Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.fairness.queries import examining_turn
from tenor.platform.governance import learning
from tenor.platform.governance.queries import live_predictor
from tenor.platform.governance.switches import LEARNING, turned_off
from tenor.platform.monitoring.queries import watching_turn
from tenor.platform.outreach.batches import closing_turn
from tenor.platform.pooling.queries import giving_turn
from tenor.platform.releases.queries import last_training

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def each_day(organisation: Organisation) -> str:
    """Name the organisation's day, once it has begun; nothing before `day_starts_at`."""
    now = clock.now(organisation).astimezone(clock.zone(organisation))
    starts = time.fromisoformat(preferences_of(organisation).day_starts_at)
    return now.date().isoformat() if now.time() >= starts else ""


def each_training(organisation: Organisation) -> str:
    """Name the turn in which a predictor is learned anew, as often as the organisation wishes.

    As long as nothing is learned yet it is the day; where facts were refused, the week, until they
    are mended. A turn in which one was learned already, or learning is off, has no name.
    """
    today = clock.today(organisation)
    if not each_day(organisation) or LEARNING in turned_off(organisation):
        return ""
    if live_predictor(organisation) is None:
        return today.isoformat()
    every = preferences_of(organisation).retrain_every
    last = last_training(organisation)
    if last is None or _turn(last.at.astimezone(clock.zone(organisation)).date(), every) != _turn(
        today, every
    ):
        return _turn(today, every)
    if last.outcome == last.Outcome.FITTED:
        return ""
    return f"{_turn(today, every)} {_turn(today, 'week')}"


def _turn(day: date, every: str) -> str:
    year, week, _ = day.isocalendar()
    return {
        "week": f"{year}-W{week:02}",
        "month": f"{day:%Y-%m}",
        "quarter": f"{day.year}-Q{(day.month + 2) // 3}",
        "year": f"{day.year}",
    }[every]


@dataclass(frozen=True)
class Entry:
    """A row of the timetable: the kind of job, when it is done, and what it is for.

    `when` is how often on the machine's clock, or a function that names the present turn on the
    organisation's own clock ("": not yet); each turn has its job once.
    """

    kind: str
    when: timedelta | Callable[[Organisation], str]
    what: str


TIMETABLE = (
    Entry("day", each_day, "the plan of the day"),
    Entry("watch", watching_turn, "whether facts, chances, outcomes or the world have moved"),
    Entry("send", MINUTE, "messages and tasks whose moment has come"),
    Entry("listen", MINUTE, "what customers do, where it changes what is intended for them today"),
    Entry("checkouts", 5 * MINUTE, "payments that were begun and of which no news came"),
    Entry("replies", MINUTE, "replies in the mailbox, and what became of messages"),
    Entry("letters", closing_turn, "the batch of letters, at its hour"),
    Entry("bank", HOUR, "bank lines that wait, held against what came meanwhile"),
    Entry("settle", HOUR, "holds that end, promises and instalments that were kept or broken"),
    Entry("expire", each_day, "personal data that nothing keeps any longer"),
    Entry("fairness", examining_turn, "whether groups of people are treated alike"),
    Entry("pool_give", giving_turn, "what contacts did, as sums with noise, to a pool joined"),
    Entry("fit_predictor", each_training, "a new predictor from all that happened since"),
)
# The installation's own work.
HOUSEKEEPING = (Entry("tidy", DAY, "done work that nobody will ask about any more"),)


def put_due(now: datetime | None = None) -> int:
    """Put down all work whose time has come; return how many pieces. Safe to call at any time."""
    now = now or clock.real_now()
    count = sum(_put(entry, None, now) for entry in HOUSEKEEPING)
    for organisation in Organisation.objects.all():
        count += sum(_put(entry, organisation, now) for entry in TIMETABLE)
    return count


def _put(entry: Entry, organisation: Organisation | None, now: datetime) -> bool:
    key = f"{entry.kind}:{organisation.pk if organisation else 'all'}"
    if isinstance(entry.when, timedelta):
        return _again(entry.kind, key, organisation, entry.when, now)
    turn = entry.when(organisation) if organisation else ""
    if not turn or Job.objects.filter(key=f"{key}:{turn}").exists():
        return False
    if organisation is not None and entry.kind == learning.KIND:
        # Somebody asked for it meanwhile: what is learned then is that of this turn too.
        if learning.under_way(organisation) is not None:
            return False
        learning.ask(organisation, turn=turn)
        return True
    jobs.put(entry.kind, key=f"{key}:{turn}", organisation=organisation, run_at=now)
    return True


def _again(
    kind: str, key: str, organisation: Organisation | None, every: timedelta, now: datetime
) -> bool:
    """Wake the one job of this key when its time has come round; it is never there twice."""
    rows = Job.objects.filter(key=key)
    over = rows.filter(state__in=[Job.State.DONE, Job.State.FAILED], run_at__lte=now - every)
    woken = over.update(
        state=Job.State.WAITING, run_at=now, attempts=0, lease_until=None, finished_at=None
    )
    if not woken and not rows.exists():
        jobs.put(kind, key=key, organisation=organisation, run_at=now)
        return True
    return woken > 0
