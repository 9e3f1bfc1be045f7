"""What is learned anew is looked at first, carries its papers, and goes only where it may."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cast import NOW, Cast
from tenor.engine.simulation import World, WorldConfig
from tenor.platform.core.models import AuditEntry
from tenor.platform.governance import switches
from tenor.platform.governance.models import PredictorVersion
from tenor.platform.governance.queries import live_predictor
from tenor.platform.jobs import schedule
from tenor.platform.releases import drafting, training
from tenor.platform.releases.models import Release, Training
from tenor.platform.releases.parts import Parts
from tenor.platform.releases.proof import passes_by_itself
from tenor.platform.releases.signing import authors_of

GOOD = [
    {"name": "enough history", "passed": True, "area": "data", "needed": True},
    {"name": "calibrated over all", "passed": True, "area": "calibration", "needed": True},
    {"name": "not worse on the past", "passed": None, "area": "value", "needed": False},
]


@pytest.fixture(scope="module")
def world() -> World:
    """Four months of sixty customers."""
    made = World(WorldConfig(customers=60), seed=5)
    made.play_ladder(120)
    return made


@pytest.fixture
def one_live(cast: Cast, model_folder: Path) -> None:
    """A predictor that is in force and can be read."""
    sent_on(cast, candidate(cast, "p0", folder=str(model_folder)), GOOD)


def candidate(cast: Cast, version: str = "p1", folder: str = "", **values: Any) -> Release:
    row = PredictorVersion.objects.of(cast.organisation).create(
        version=version, folder=folder or f"models/{version}", fitted_at=NOW, facts_until=NOW
    )
    return drafting.make(cast.system, title=version, carries=Parts(predictor=row), **values)


def sent_on(cast: Cast, release: Release, gate: list[dict[str, Any]]) -> Release:
    drafting.keep_evidence(
        cast.system, number=release.number, evidence={"gate": gate, "policy": ""}
    )
    training.send_on(cast.system, number=release.number)
    found: Release = Release.objects.of(cast.organisation).get(pk=release.pk)
    return found


def test_facts_with_a_hole_are_refused_before_a_training_is_spent(cast: Cast, world: World) -> None:
    tables = world.tables()
    cut = world.today - timedelta(days=70)
    holed = tables.with_(payments=tables.payments.filter(pl.col("paid_at") < cut))
    done = training.train(cast.system, tables=holed, as_of=world.today)
    assert done.outcome == "refused"
    failed = [check["name"] for check in done.checks if check["passed"] is False]
    assert "feeds without holes" in failed
    assert not PredictorVersion.objects.of(cast.organisation).exists()
    entry = AuditEntry.objects.of(cast.organisation).get(action="training.refused")
    assert entry.after["failed"] == failed


def test_the_first_goes_live_by_the_gate_alone(cast: Cast) -> None:
    assert sent_on(cast, candidate(cast), GOOD).state == "live"
    live = live_predictor(cast.organisation)
    assert live is not None and live.version == "p1"


@pytest.mark.usefixtures("one_live")
def test_what_the_gate_blocks_is_rejected_and_nothing_else_changes(cast: Cast) -> None:
    bad = [*GOOD, {"name": "better than naive answers", "passed": False, "area": "quality"}]
    release = sent_on(cast, candidate(cast, automatic=True), bad)
    assert release.state == "rejected"
    assert "better than naive answers" in release.passages.last().because
    live = live_predictor(cast.organisation)
    assert live is not None and live.version == "p0"


@pytest.mark.usefixtures("one_live")
def test_a_later_one_waits_for_signatures_and_an_older_one_makes_way(cast: Cast) -> None:
    first = sent_on(cast, candidate(cast, "p1"), GOOD)
    second = sent_on(cast, candidate(cast, "p2"), GOOD)
    first.refresh_from_db()
    assert (first.state, second.state) == ("retired", "submitted")


@pytest.mark.usefixtures("one_live")
def test_an_update_that_passes_everything_may_need_no_signature(cast: Cast) -> None:
    assert sent_on(cast, candidate(cast, "p1", automatic=True), GOOD).state == "approved"
    untold = [*GOOD, {"name": "steady", "passed": None, "area": "stability", "needed": True}]
    release = sent_on(cast, candidate(cast, "p2", automatic=True), untold)
    assert (release.state, release.automatic) == ("submitted", False)
    assert not passes_by_itself({"gate": []})


@pytest.mark.usefixtures("one_live")
@pytest.mark.parametrize(
    ("every", "turns"),
    [
        ("week", ["2026-W11", "2026-W14", "2027-W01"]),
        ("month", ["2026-03", "2026-03", "2027-01"]),
        ("quarter", ["2026-Q1", "2026-Q1", "2027-Q1"]),
        ("year", ["2026", "2026", "2027"]),
    ],
)
def test_a_turn_comes_round_as_often_as_was_set(cast: Cast, every: str, turns: list[str]) -> None:
    cast.organisation.settings = {"retrain_every": every}
    days = [date(2026, 3, 10), date(2026, 3, 31), date(2027, 1, 6)]
    found = []
    for day in days:
        cast.organisation.clock_at = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
        found.append(schedule.each_training(cast.organisation))
    assert found == turns


def test_a_turn_is_over_once_something_was_learned_in_it_and_tried_weekly_till_then(
    cast: Cast, request: pytest.FixtureRequest
) -> None:
    assert schedule.each_training(cast.organisation) == "2026-03-10"
    request.getfixturevalue("one_live")
    rows = Training.objects.of(cast.organisation)
    rows.create(at=NOW - timedelta(days=7), outcome="refused")
    assert schedule.each_training(cast.organisation) == "2026-Q1 2026-W11"
    rows.create(at=NOW, outcome="fitted")
    assert schedule.each_training(cast.organisation) == ""
    switches.turn_off(cast.actor("manager"), what="learning", because="Audit")
    assert schedule.each_training(cast.organisation) == ""


def test_whoever_asked_for_a_predictor_does_not_sign_for_it(cast: Cast) -> None:
    release = candidate(cast)
    Training.objects.of(cast.organisation).create(
        at=NOW, outcome="fitted", by=cast.analyst.user, predictor=release.predictor
    )
    assert authors_of(release) == {cast.analyst.user_id}
