"""A predictor that cannot be read costs no day its plan, and is learned anew once."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

import make
import plans
from cast import NOW, Cast
from tenor.platform.core.jobs import put
from tenor.platform.core.models import Job
from tenor.platform.decisions import live
from tenor.platform.decisions.models import Decision, Run, Signal
from tenor.platform.governance import fitting, learning, switches
from tenor.platform.governance.models import PredictorVersion
from tenor.platform.jobs import schedule, worker
from tenor.platform.jobs.day import run_day
from tenor.platform.releases import drafting
from tenor.platform.releases.parts import Parts
from tenor.platform.releases.training import send_on

GOOD = [{"name": "enough history", "passed": True, "area": "data", "needed": True}]


@pytest.fixture
def upgraded(cast: Cast, tmp_path: Path) -> Cast:
    """An organisation whose predictor is of a format that this Tenor does not read."""
    (tmp_path / "model.json").write_text('{"format": 1}')
    plans.rules(cast)
    cast.organisation.settings = {"ladder": [[1, "email", "friendly"]]}
    cast.organisation.save()
    make.invoice(cast, "F1", customer="C1", due_on=(NOW - timedelta(days=9)).date())
    predictor(cast, "old", tmp_path, state="live")
    return cast


def predictor(cast: Cast, version: str, folder: Path, state: str = "fitted") -> PredictorVersion:
    made: PredictorVersion = PredictorVersion.objects.of(cast.organisation).create(
        version=version, folder=str(folder), fitted_at=NOW, facts_until=NOW, state=state
    )
    return made


def learnings(cast: Cast) -> list[Job]:
    return list(Job.objects.filter(kind="fit_predictor", organisation=cast.organisation))


def test_the_day_is_left_to_the_ladder_and_learning_begins_anew_once(
    upgraded: Cast, manager: Client
) -> None:
    organisation = upgraded.organisation
    put("day", key="day:test", organisation=organisation)
    Job.objects.exclude(key="day:test").delete()
    assert worker.work_one()
    assert Job.objects.get(key="day:test").state == "done"
    run = Run.objects.of(organisation).get()
    assert (run.step, run.predictor) == ("done", None)
    assert Decision.objects.of(organisation).get().verdict == "contact"
    (said,) = [r for r in run.remarks if r["code"] == "unreadable_predictor"]
    assert said["facts"]["predictor"] == "old"
    assert Signal.objects.of(organisation).filter(kind="unreadable_predictor").count() == 1
    (job,) = learnings(upgraded)
    assert job.payload == {"because": learning.UNREADABLE}
    # Neither a second look, nor the timetable, nor a person makes it two.
    run_day(organisation)
    schedule.put_due()
    assert fitting.request_fit(upgraded.actor("manager")).pk == job.pk
    assert learnings(upgraded) == [job]
    for page in ("today/", "learning/health/"):
        assert "cannot be read" in manager.get(f"/o/{organisation.slug}/{page}").content.decode()


def test_where_learning_is_off_a_person_has_to_ask(upgraded: Cast) -> None:
    switches.turn_off(upgraded.actor("manager"), what="learning", because="An audit")
    assert run_day(upgraded.organisation).step == "done"
    assert learnings(upgraded) == []


def test_what_is_learned_instead_goes_live_by_the_gate(upgraded: Cast, model_folder: Path) -> None:
    row = predictor(upgraded, "anew", model_folder)
    release = drafting.make(upgraded.system, title="Anew", carries=Parts(predictor=row))
    drafting.keep_evidence(
        upgraded.system, number=release.number, evidence={"gate": GOOD, "policy": ""}
    )
    send_on(upgraded.system, number=release.number)
    release.refresh_from_db()
    assert release.state == "live"
    assert "cannot be read any more" in release.passages.last().because
    assert live.live_model(upgraded.organisation) is not None
