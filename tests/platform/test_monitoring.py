"""What is watched once a day: readings, alarms that open and close, and falling back."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

import lived
import worlds
from cast import Cast
from tenor.engine.frames import Tables
from tenor.platform.core.errors import Forbidden, Invalid, NotFound, Refused
from tenor.platform.core.models import AuditEntry
from tenor.platform.core.preferences import change_preferences
from tenor.platform.decisions.models import Decision, Run, Signal
from tenor.platform.governance.models import PredictorVersion
from tenor.platform.governance.switches import switches, turned_off
from tenor.platform.jobs import schedule
from tenor.platform.jobs.day import run_day
from tenor.platform.ledger.models import Customer, Invoice
from tenor.platform.monitoring import actions, privacy, queries
from tenor.platform.monitoring.models import Alarm, Foretold, Look, Reading


@pytest.fixture
def learned(cast: Cast, tables: Tables, as_of: datetime, model_folder: Path) -> Cast:
    """An organisation with the books of the small world, and what was learned from them."""
    cast.organisation.synthetic = True
    cast.organisation.save()
    lived.keep(cast.organisation, tables, as_of)
    lived.put_in_force(cast.organisation, worlds.POLICY, model_folder)
    return cast


def weeks_later(cast: Cast, days: int) -> None:
    """Let days pass in which nothing new comes in."""
    cast.organisation.clock_at = cast.organisation.clock_at + timedelta(days=days)
    cast.organisation.save(update_fields=["clock_at"])


def weeks(cast: Cast, ratios: list[float]) -> None:
    """Keep looks of past weeks: of 100 payments expected in each, so many shares came."""
    version = PredictorVersion.objects.of(cast.organisation).get().version
    for back, ratio in enumerate(reversed(ratios)):
        at = cast.organisation.clock_at - timedelta(days=7 * (back + 2))
        came = [
            [at.isoformat(), 7, segment, 5, 100, 50.0, 50.0 * ratio, 12.0]
            for segment in ("prompt", "irregular")
        ]
        Look.objects.of(cast.organisation).create(
            at=at, model_version=version, counts={}, came=came, is_over=True
        )


QUIET = [1.0, 1.04, 0.97, 1.01, 0.98, 1.03, 0.99, 1.02, 0.96, 1.0, 1.03, 0.98]


def test_a_day_keeps_a_reading_of_every_check_once_and_opens_nothing(learned: Cast) -> None:
    actions.watch(learned.organisation)
    count = Reading.objects.of(learned.organisation).count()
    actions.watch(learned.organisation)
    assert Reading.objects.of(learned.organisation).count() == count
    assert Look.objects.of(learned.organisation).count() == 1
    found = queries.readings(learned.organisation)
    panels = {r.panel for r in found}
    assert {"freshness", "quality", "outcomes", "drift", "accuracy", "world"} <= panels
    assert queries.open_alarms(learned.organisation) == []
    volume = next(r for r in found if (r.code, r.subject) == ("volume", "payments"))
    assert volume.value and volume.low is not None and volume.low < volume.value < volume.high
    assert [v for _, v in queries.history(volume)][-1] == volume.value
    assert len(queries.history(volume)) > 20


def test_chances_are_kept_until_time_has_shown_what_came_of_them(learned: Cast) -> None:
    actions.watch(learned.organisation)
    look = Look.objects.of(learned.organisation).get()
    owing = Invoice.objects.of(learned.organisation).filter(is_open=True).count()
    assert look.foretold.count() == owing
    weeks_later(learned, 31)
    actions.watch(learned.organisation)
    look.refresh_from_db()
    assert look.is_over
    assert look.foretold.count() == 0
    assert {row[1] for row in look.came} == {7, 30}
    assert sum(row[4] for row in look.came if row[1] == 7) == owing


def test_a_source_that_falls_silent_opens_an_alarm_on_today_and_closes_it_when_it_is_over(
    learned: Cast, tables: Tables
) -> None:
    weeks_later(learned, 12)
    actions.watch(learned.organisation)
    alarm = Alarm.objects.of(learned.organisation).get(key="freshness:payments")
    assert (alarm.step, alarm.closed_at) == ("look_at_import", None)
    signal = Signal.objects.of(learned.organisation).get(facts__of="freshness:payments")
    assert (signal.kind, signal.level) == ("alarm", "danger")
    weeks_later(learned, 1)
    actions.watch(learned.organisation)
    assert Alarm.objects.of(learned.organisation).filter(key="freshness:payments").count() == 1
    # As it was before anything was missing: what is over closes by itself.
    weeks_later(learned, -13)
    actions.watch(learned.organisation)
    alarm.refresh_from_db()
    assert alarm.closed_at is not None
    log = AuditEntry.objects.of(learned.organisation).filter(subject=f"alarm:{alarm.key}")
    assert list(log.order_by("pk").values_list("action", flat=True)) == [
        "alarm.open",
        "alarm.close",
    ]


def test_a_shift_of_the_world_leaves_everybody_to_the_ladder_and_says_so(learned: Cast) -> None:
    weeks(learned, [*QUIET, 0.4, 0.35, 0.4])
    actions.watch(learned.organisation)
    alarm = Alarm.objects.of(learned.organisation).get(key="world:everybody")
    assert alarm.fell_back_at == learned.organisation.clock_at
    assert turned_off(learned.organisation) == {"predictor"}
    assert switches(learned.organisation)[0].by_name == "Tenor"
    assert Signal.objects.of(learned.organisation).get(kind="alarm").facts["fell_back"] is True
    # A person ends it; the same alarm does not turn it off again.
    actions.come_back(learned.actor("compliance"))
    actions.watch(learned.organisation)
    assert turned_off(learned.organisation) == frozenset()
    with pytest.raises(Refused):
        actions.come_back(learned.actor("compliance"))


def test_a_changed_world_is_seen_before_the_day_decides_and_this_day_already_falls_back(
    learned: Cast,
) -> None:
    weeks(learned, [*QUIET, 0.4, 0.35, 0.4])
    run_day(learned.organisation)
    assert turned_off(learned.organisation) == {"predictor"}
    mine = Decision.objects.of(learned.organisation)
    # Nobody is decided about by what was learned: all of them stand on the fixed ladder.
    assert set(mine.values_list("model_version", flat=True)) == {"ladder"}
    actions.watch(learned.organisation)
    (alarm,) = queries.open_alarms(learned.organisation)
    assert (alarm.key, alarm.fell_back_at) == ("world:everybody", learned.organisation.clock_at)
    actions.come_back(learned.actor("compliance"))
    weeks_later(learned, 1)
    run_day(learned.organisation)
    assert turned_off(learned.organisation) == frozenset()
    tomorrow = mine.filter(run__day=learned.organisation.clock_at.date())
    assert tomorrow.exclude(model_version="ladder").exists()


def test_quiet_weeks_are_no_shift_and_who_wishes_so_falls_back_by_hand_only(learned: Cast) -> None:
    weeks(learned, QUIET)
    actions.watch(learned.organisation)
    assert queries.open_alarms(learned.organisation) == []
    change_preferences(learned.actor("administrator"), fall_back_by_itself=False)
    learned.organisation.refresh_from_db()
    Look.objects.of(learned.organisation).all().delete()
    weeks(learned, [*QUIET, 0.4, 0.35, 0.4])
    actions.watch(learned.organisation)
    alarm = queries.open_alarms(learned.organisation)[0]
    assert (alarm.key, alarm.fell_back_at) == ("world:everybody", None)
    assert turned_off(learned.organisation) == frozenset()
    somebody_says_what_they_found(learned, alarm)


def somebody_says_what_they_found(learned: Cast, alarm: Alarm) -> None:
    with pytest.raises(Forbidden):
        actions.acknowledge(learned.actor("agent"), alarm=alarm.pk, note="x")
    with pytest.raises(NotFound):
        actions.acknowledge(learned.actor("stranger"), alarm=alarm.pk, note="x")
    with pytest.raises(Invalid):
        actions.acknowledge(learned.actor("analyst"), alarm=alarm.pk, note="  ")
    found = actions.acknowledge(learned.actor("analyst"), alarm=alarm.pk, note="A bank strike.")
    assert (found.note, found.acknowledged_name, found.closed_at) == (
        "A bank strike.", str(learned.analyst.user), None,
    )  # fmt: skip


def test_the_job_waits_for_the_plan_of_the_day(learned: Cast) -> None:
    assert queries.watching_turn(learned.organisation) == ""
    Run.objects.of(learned.organisation).create(
        day=learned.organisation.clock_at.date(), as_of=learned.organisation.clock_at, seed=1,
        started_at=learned.organisation.clock_at, step="done",
    )  # fmt: skip
    assert queries.watching_turn(learned.organisation) == "2024-08-28"
    assert "watch" in {entry.kind for entry in schedule.TIMETABLE}


def test_chances_about_a_person_are_exported_and_erased(learned: Cast) -> None:
    actions.watch(learned.organisation)
    key = Foretold.objects.of(learned.organisation)[0].invoice.customer.key
    mine = Foretold.objects.of(learned.organisation).filter(invoice__customer__key=key)
    count, before = mine.count(), Foretold.objects.of(learned.organisation).count()
    assert len(privacy.export(learned.organisation, key)["foretold"]) == count
    assert privacy.holdings(learned.organisation, key)[0].count == count
    assert privacy.erase(learned.organisation, key, part=privacy.FORETOLD) == count
    assert Foretold.objects.of(learned.organisation).count() == before - count
    assert Customer.objects.of(learned.organisation).filter(key=key).exists()


def test_an_organisation_without_anything_is_watched_without_a_word(cast: Cast) -> None:
    actions.watch(cast.organisation)
    assert queries.open_alarms(cast.organisation) == []
    assert {r.state for r in queries.readings(cast.organisation)} <= {"unknown", "well"}
