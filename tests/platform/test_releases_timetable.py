"""A year after the recipe was chosen: from the timetable to a candidate with answers and papers."""

from datetime import datetime, timedelta
from pathlib import Path

import lived
from cast import Cast
from tenor.engine.simulation import World, WorldConfig
from tenor.platform.core import jobs
from tenor.platform.core.models import Job
from tenor.platform.governance.queries import live_predictor
from tenor.platform.jobs import schedule, worker
from tenor.platform.releases.models import Training
from tenor.platform.releases.papers import page_of, text_of
from tenor.platform.releases.queries import last_training

RULES = "[channels.email]\ncost = 0.02\n[channels.sms]\ncost = 0.07\n"
# Every area of the gate has its say of a candidate beside one that is live.
ASKED = {
    "enough history", "labels are complete", "history treats groups alike",
    "better than naive answers", "calibrated over all", "calibrated in each group",
    "scores like the live ones", "ranks like the live one", "the same with another seed",
    "decisions treat groups alike", "not worse on the past", "foretold gains come true",
}  # fmt: skip


def learned(cast: Cast) -> Training:
    """Let the timetable have its way about learning on the organisation's day."""
    turn = schedule.each_training(cast.organisation)
    schedule.put_due()
    job = Job.objects.get(key=f"fit_predictor:{cast.organisation.pk}:{turn}")
    Job.objects.exclude(pk=job.pk).update(state=Job.State.DONE)
    assert worker.WORK and jobs.work_one()
    job.refresh_from_db()
    assert job.state == "done", job.error
    found = last_training(cast.organisation)
    assert found is not None and found.turn == turn
    return found


def begin(cast: Cast, model_folder: Path) -> datetime:
    """Half a year of two hundred and fifty customers in the books, beside a live predictor."""
    world = World(WorldConfig(customers=250, randomised=0.0), seed=7)
    world.play_ladder(170)
    now = world.today + timedelta(hours=8)
    lived.keep(cast.organisation, world.tables(), now)
    lived.put_in_force(cast.organisation, RULES, model_folder)
    return now


def test_the_yearly_rebuild_ends_in_a_candidate_with_every_answer_and_its_papers(
    cast: Cast, model_folder: Path
) -> None:
    now = begin(cast, model_folder)
    Training.objects.of(cast.organisation).create(at=now - timedelta(days=366), outcome="fitted")
    before = live_predictor(cast.organisation)

    found = learned(cast)

    assert (found.outcome, found.recipe, found.by_name) == ("fitted", "rebuild", "Tenor")
    release = found.release
    assert release is not None and live_predictor(cast.organisation) == before
    said = {check["name"]: check["passed"] for check in release.evidence["gate"]}
    assert set(said) >= ASKED
    assert found.predictor is not None
    refused = [name for name, passed in said.items() if passed is False]
    wrong = bool(refused or found.predictor.figures["refused"])
    assert release.state == ("rejected" if wrong else "submitted")
    last = release.passages.last()
    assert last is not None and all(name in last.because for name in refused)
    assert release.evidence["today"]["customers"] > 0
    assert release.evidence["backtest"]["gain"] == release.evidence["gain"]
    for paper in ("card", "sheet"):
        assert "Delta Water" in text_of(found.predictor, paper)
        assert "<html" in page_of(found.predictor, paper)
    # What each kind of contact adds stands on the card, with its interval.
    assert "points of payment in 14 days" in text_of(found.predictor, "card")
