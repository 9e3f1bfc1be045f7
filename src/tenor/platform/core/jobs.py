"""Work that is done later or again and again: put it down, claim it, do it, keep the lease.

The row is the queue. A worker claims a job with a lease and a token; it marks the job done only
while it still holds that token, so that one that was thought dead cannot speak for the living.
"""

import logging
import secrets
import threading
import traceback
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, connections, transaction

from tenor.platform.core.clock import real_now
from tenor.platform.core.models import Job, Organisation

log = logging.getLogger("tenor.jobs")

LEASE = timedelta(seconds=60)
# A job that failed waits a little longer each time; after that many tries, a person looks.
PATIENCE = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))

Work = Callable[["Claim"], None]
_KINDS: dict[str, Work] = {}


@dataclass(frozen=True)
class Claim:
    """A job in hand: the row, and the token that says it is still ours."""

    job: Job
    token: str

    @property
    def organisation(self) -> Organisation:
        """Return whose work it is."""
        if self.job.organisation is None:
            raise ValueError(f"{self.job.kind} is no organisation's work")
        return self.job.organisation

    def progress(self, done: int, of: int, text: str = "") -> None:
        """Say how far the work is, for those who wait."""
        Job.objects.filter(pk=self.job.pk, lease_token=self.token).update(
            progress={"done": done, "of": of, "text": text}
        )


def task(kind: str) -> Callable[[Work], Work]:
    """Register the function that does jobs of `kind`; it must be safe to begin twice."""

    def register(work: Work) -> Work:
        if kind in _KINDS and _KINDS[kind] is not work:
            raise ValueError(f"two functions for jobs of kind {kind!r}")
        _KINDS[kind] = work
        return work

    return register


def put(
    kind: str,
    *,
    key: str,
    organisation: Organisation | None = None,
    run_at: datetime | None = None,
    **payload: Any,
) -> Job:
    """Put a job down, in the transaction of the caller; a second one with this key is the first."""
    job, _ = Job.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "organisation": organisation,
            "payload": payload,
            "run_at": run_at or real_now(),
        },
    )
    return job


def claim(now: datetime | None = None) -> Claim | None:
    """Take the job that has waited longest, or one whose worker died; nothing where none is due."""
    now = now or real_now()
    with transaction.atomic():
        due = Job.objects.filter(state=Job.State.WAITING, run_at__lte=now).exclude(
            lease_until__gt=now
        )
        # Several workers each take another row; SQLite has one writer at a time anyway.
        skip = connection.features.has_select_for_update_skip_locked
        job = due.select_for_update(skip_locked=skip).order_by("run_at", "pk").first()
        if job is None:
            return None
        job.lease_token, job.lease_until = secrets.token_hex(8), now + LEASE
        job.attempts += 1
        job.save(update_fields=["lease_token", "lease_until", "attempts"])
    return Claim(job, job.lease_token)


def work_one(now: datetime | None = None) -> bool:
    """Claim a job and do it; say whether there was one."""
    held = claim(now)
    if held is None:
        return False
    work = _KINDS.get(held.job.kind)
    try:
        if work is None:
            raise LookupError(f"nothing is known that does jobs of kind {held.job.kind!r}")
        with _kept(held):
            work(held)
    except Exception:
        _failed(held, traceback.format_exc(limit=20), now or real_now())
    else:
        Job.objects.filter(pk=held.job.pk, lease_token=held.token).update(
            state=Job.State.DONE, finished_at=real_now(), lease_until=None, error=""
        )
    return True


def _failed(held: Claim, error: str, now: datetime) -> None:
    log.error("job %s (%s) failed, try %s", held.job.pk, held.job.kind, held.job.attempts)
    tries = held.job.attempts
    patient = tries <= len(PATIENCE)
    Job.objects.filter(pk=held.job.pk, lease_token=held.token).update(
        state=Job.State.WAITING if patient else Job.State.FAILED,
        run_at=now + PATIENCE[tries - 1] if patient else now,
        lease_until=None,
        error=error,
    )


@contextmanager
def _kept(held: Claim):  # type: ignore[no-untyped-def]
    """Renew the lease while the work goes on, from a thread with its own connection."""
    stop = threading.Event()

    def renew() -> None:
        while not stop.wait(LEASE.total_seconds() / 3):
            try:
                Job.objects.filter(pk=held.job.pk, lease_token=held.token).update(
                    lease_until=real_now() + LEASE
                )
            except Exception:
                log.warning("the lease of job %s could not be renewed", held.job.pk)
            finally:
                connections.close_all()

    keeper = threading.Thread(target=renew, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()
