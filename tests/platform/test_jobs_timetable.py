"""The timetable and the worker: what is due is put down once and done once."""

import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from cast import Cast, make_cast
from tenor.platform.core import jobs
from tenor.platform.core.clock import real_now
from tenor.platform.core.models import Job, Organisation
from tenor.platform.decisions.models import Run
from tenor.platform.jobs import schedule, worker


def kinds(organisation: Organisation | None = None) -> Counter[str]:
    """Count the jobs of an organisation by kind."""
    return Counter(Job.objects.filter(organisation=organisation).values_list("kind", flat=True))


def at(cast: Cast, hour: int, minute: int = 0, day: int = 10) -> None:
    """Set the organisation's clock: March 2026, UTC; Amsterdam is an hour ahead."""
    cast.organisation.clock_at = datetime(2026, 3, day, hour, minute, tzinfo=UTC)
    cast.organisation.save()


def test_the_day_begins_at_the_hour_of_the_organisations_own_place(cast: Cast) -> None:
    at(cast, 4, 59)
    schedule.put_due()
    assert kinds(cast.organisation) == {
        "send": 1, "listen": 1, "checkouts": 1, "replies": 1, "bank": 1, "settle": 1,
    }  # fmt: skip
    at(cast, 5, 0)
    schedule.put_due()
    assert kinds(cast.organisation)["day"] == 1
    at(cast, 15)
    schedule.put_due()
    assert kinds(cast.organisation)["day"] == 1
    # Half past midnight in Amsterdam is the next day, which has not begun.
    at(cast, 23, 30)
    schedule.put_due()
    assert kinds(cast.organisation)["day"] == 1
    at(cast, 5, 30, day=11)
    schedule.put_due()
    assert kinds(cast.organisation)["day"] == 2


def test_the_hour_can_be_set(cast: Cast) -> None:
    cast.organisation.settings = {"day_starts_at": "10:30"}
    at(cast, 9, 29)
    schedule.put_due()
    assert "day" not in kinds(cast.organisation)
    at(cast, 9, 30)
    schedule.put_due()
    assert kinds(cast.organisation)["day"] == 1


def test_what_comes_back_is_there_once_and_wakes_when_its_time_has_come_round(cast: Cast) -> None:
    now = real_now()
    for _ in range(3):
        schedule.put_due(now)
    assert kinds(cast.organisation)["send"] == 1
    (send,) = Job.objects.filter(kind="send", organisation=cast.organisation)
    assert worker.work_through() > 0
    send.refresh_from_db()
    assert send.state == "done"
    schedule.put_due(now + timedelta(seconds=59))
    send.refresh_from_db()
    assert send.state == "done"
    schedule.put_due(now + timedelta(seconds=61))
    send.refresh_from_db()
    assert (send.state, send.attempts) == ("waiting", 0)


def test_what_is_due_is_done_for_every_organisation(cast: Cast) -> None:
    worker.work_through()
    assert Run.objects.of(cast.organisation).get().step == "done"
    assert Run.objects.of(cast.other).get().step == "done"
    assert not Job.objects.exclude(state="done").exists()
    # What is watched comes after the plan of the day.
    assert worker.work_through() == 2
    assert worker.work_through() == 0


def test_work_of_a_worker_that_died_is_taken_up_again(cast: Cast) -> None:
    jobs.put("day", key="day:x", organisation=cast.organisation)
    dead = jobs.claim()
    assert dead is not None and jobs.claim() is None
    later = real_now() + jobs.LEASE + timedelta(seconds=1)
    assert jobs.work_one(later)
    dead.job.refresh_from_db()
    assert (dead.job.state, dead.job.attempts) == ("done", 2)
    assert Run.objects.of(cast.organisation).count() == 1


def test_what_fails_is_tried_again_later_and_then_left_for_a_person(cast: Cast) -> None:
    jobs.put("day", key="day:x", organisation=cast.organisation)
    Organisation.objects.filter(pk=cast.organisation.pk).update(timezone="Nowhere/Land")
    now = real_now()
    for tries in range(1, 6):
        assert jobs.work_one(now)
        job = Job.objects.get(key="day:x")
        assert job.attempts == tries and "Nowhere/Land" in job.error
        now = job.run_at
    assert job.state == "failed"
    assert not jobs.work_one(now + timedelta(days=9))


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_each_job_once_and_stop_when_told() -> None:
    cast = make_cast()
    stop = threading.Event()
    done: list[int] = []

    @jobs.task("count")
    def count(claim: jobs.Claim) -> None:
        done.append(claim.job.payload["number"])
        time.sleep(0.01)

    for number in range(12):
        jobs.put("count", key=f"count:{number}", organisation=cast.organisation, number=number)

    def work() -> None:
        try:
            worker.work_forever(stop)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for thread in workers:
        thread.start()
    deadline = time.monotonic() + 300
    while Job.objects.exclude(state="done").exists() or not Run.across.filter(step="done").exists():
        assert time.monotonic() < deadline, list(Job.objects.values_list("key", "state", "error"))
        time.sleep(0.1)
    stop.set()
    for thread in workers:
        thread.join(timeout=300)
        assert not thread.is_alive()
    assert sorted(done) == list(range(12))


@pytest.mark.django_db(transaction=True)
def test_a_long_job_holds_up_no_other() -> None:
    cast = make_cast()
    stop, sent = threading.Event(), threading.Event()
    ended: list[str] = []

    @jobs.task("long")
    def long(claim: jobs.Claim) -> None:
        # Ends only when the other job has been done meanwhile.
        ended.append("long" if sent.wait(300) else "alone")

    @jobs.task("short")
    def short(claim: jobs.Claim) -> None:
        ended.append("short")
        sent.set()

    jobs.put("long", key="long:1", organisation=cast.organisation)
    jobs.put("short", key="short:1", organisation=cast.organisation)
    thread = threading.Thread(target=worker.work_forever, args=(stop,))
    thread.start()
    deadline = time.monotonic() + 300
    while len(ended) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    stop.set()
    thread.join(timeout=300)
    assert not thread.is_alive()
    assert ended == ["short", "long"]
