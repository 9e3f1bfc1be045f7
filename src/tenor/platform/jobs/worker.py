"""The worker: does the jobs that are due, a few at once, and follows the timetable."""

import logging
import signal
import threading
from time import monotonic
from types import FrameType

from django.db import DatabaseError, close_old_connections, connections

from tenor.platform.core.jobs import work_one
from tenor.platform.events import deliveries
from tenor.platform.jobs import (
    bank,
    demo,
    examining,
    fairness,
    importing,
    kinds,
    pooling,
    rules,
    schedule,
)

# Each of these registers the kinds of jobs that it knows.
WORK = (kinds, rules, demo, importing, bank, deliveries, examining, fairness, pooling)

log = logging.getLogger("tenor.jobs")

# How long a worker without work waits before it looks again, and how often it reads the timetable.
PAUSE_SECONDS = 1.0
TIMETABLE_SECONDS = 10.0
# After the database was away, so that it is not asked a thousand times a second.
TROUBLE_SECONDS = 5.0
# How many jobs a worker does at once.
HANDS = 2


def work_forever(stop: threading.Event | None = None, *, hands: int = HANDS) -> None:
    """Do jobs until `stop` is set, or until SIGTERM or SIGINT where none is given.

    So many jobs at once, each in a thread: a predictor that learns for an hour holds up no message.
    The jobs in hand are finished first. Several workers may run beside each other: each takes other
    jobs. Whatever a job raises is kept with it; trouble with the database itself is waited out.
    """
    if stop is None:
        stop = _stopped_by_signals()
    log.info("worker at work on %s", ", ".join(module.__name__ for module in WORK))
    others = [threading.Thread(target=_work, args=(stop,)) for _ in range(hands - 1)]
    for other in others:
        other.start()
    try:
        _work(stop)
    finally:
        stop.set()
        for other in others:
            other.join()
    log.info("worker stopped")


def _work(stop: threading.Event) -> None:
    read_at = -TIMETABLE_SECONDS
    while not stop.is_set():
        close_old_connections()
        try:
            if monotonic() - read_at >= TIMETABLE_SECONDS:
                read_at = monotonic()
                schedule.put_due()
            busy = work_one()
        except DatabaseError:
            log.exception("the database did not answer; trying again")
            stop.wait(TROUBLE_SECONDS)
            continue
        if not busy:
            stop.wait(PAUSE_SECONDS)
    connections.close_all()


def work_through(limit: int = 1_000) -> int:
    """Do all that is due now and return how many jobs that was: for commands and tests."""
    schedule.put_due()
    for count in range(limit):
        if not work_one():
            return count
    return limit


def _stopped_by_signals() -> threading.Event:
    stop = threading.Event()

    def finish(number: int, frame: FrameType | None) -> None:
        log.info("asked to stop: finishing the job in hand")
        stop.set()

    signal.signal(signal.SIGTERM, finish)
    signal.signal(signal.SIGINT, finish)
    return stop
