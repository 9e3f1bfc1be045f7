"""The day moves what is on trial: one more day in shadow, a wider canary, or back at once."""

from datetime import timedelta
from typing import Any

import pytest

import make
import plans
from cast import NOW, Cast
from tenor.platform.core.models import AuditEntry
from tenor.platform.core.people import remove_person
from tenor.platform.decisions.models import Run
from tenor.platform.experiments.models import Experiment, Look
from tenor.platform.fairness.models import FairnessAudit, Finding
from tenor.platform.governance import actions as rules
from tenor.platform.governance import switches
from tenor.platform.governance.models import PredictorVersion
from tenor.platform.governance.queries import live_policy_version
from tenor.platform.jobs.day import run_day
from tenor.platform.releases import daily, drafting, going, shadow, signing
from tenor.platform.releases.models import Release, ShadowDay
from tenor.platform.releases.proof import digest_of

CALM = "[channels.email]\ncost = 0.02\n[limits]\nmin_days_between = 9\n"
GOOD = [{"name": "enough history", "passed": True, "area": "data", "needed": True}]
UNHARMED = {"collected_net": (-0.2, 0.9), "complained": (-0.001, 0.001)}
HARMED = {"collected_net": (-3.1, -0.4), "complained": (-0.001, 0.004)}


@pytest.fixture
def approved(cast: Cast) -> Release:
    """Calmer rules that two people have signed for, three days in shadow asked."""
    plans.rules(cast)
    make.invoice(cast, "F1", customer="C1")
    cast.organisation.settings = {"shadow_days": 2, "canary_share": 0.1}
    cast.organisation.save()
    manager = cast.actor("manager")
    draft = rules.draft_policy(manager, text=CALM)
    release = drafting.open_release(manager, title="Calmer", policy=draft.number)
    drafting.keep_evidence(
        cast.system, number=release.number,
        evidence={"gate": GOOD, "policy": digest_of(release.policy)},
    )  # fmt: skip
    drafting.submit(manager, number=release.number, note="Calmer")
    for role in ("compliance", "analyst"):
        signing.approve(cast.actor(role), number=release.number, because="Read it")
    return fresh(release)


@pytest.fixture
def canary(cast: Cast, approved: Release) -> Release:
    """The same, deciding for a tenth of the customers."""
    going.begin_shadow(cast.system, number=approved.number)
    going.begin_canary(cast.system, number=approved.number, because="No surprises")
    return fresh(approved)


def fresh(release: Release) -> Release:
    found: Release = Release.objects.of(release.organisation_id).get(pk=release.pk)
    return found


def live_day(cast: Cast, days: int) -> Run:
    """Run the organisation's day so many days later."""
    cast.organisation.clock_at = NOW + timedelta(days=days)
    cast.organisation.save()
    return run_day(cast.organisation)


def shown(cast: Cast, release: Release, between: dict[str, tuple[float, float]]) -> None:
    """Keep what the canary's experiment showed today."""
    experiment = Experiment.objects.of(cast.organisation).get(slug=release.experiment)
    compared: list[dict[str, Any]] = [
        {"outcome": name, "arm": "canary", "daily": {"low": low, "high": high}}
        for name, (low, high) in between.items()
    ]
    day = cast.organisation.clock_at.date()  # type: ignore[union-attr]
    Look.objects.of(cast.organisation).update_or_create(
        experiment=experiment, day=day,
        defaults={"at": NOW, "figures": {"comparisons": compared, "figures": []}},
    )  # fmt: skip


def test_each_day_in_shadow_is_kept_once_and_the_canary_follows(
    cast: Cast, approved: Release
) -> None:
    live_day(cast, 0)
    assert fresh(approved).state == "shadow"
    assert not ShadowDay.objects.of(cast.organisation).exists()
    live_day(cast, 1)
    daily.after_deciding(Run.objects.of(cast.organisation).latest("day"), _unasked)
    (day,) = shadow.days_of(approved)
    assert day.figures["customers"] == 1 and day.figures["kinds"]["same"] == 1
    assert "C1" not in str(day.figures)
    live_day(cast, 2)
    release = fresh(approved)
    assert (release.state, release.share) == ("canary", 0.1)
    assert release.passages.last().because == "2 days in shadow without surprises."
    assert live_policy_version(cast.organisation).number == 1  # type: ignore[union-attr]


def _unasked() -> Any:
    raise AssertionError("the day was compared already")


def test_a_canary_that_harms_is_rolled_back_within_one_day_run(cast: Cast, canary: Release) -> None:
    shown(cast, canary, HARMED)
    run = live_day(cast, 1)
    assert run.step == "done"
    release = fresh(canary)
    assert (release.state, release.share) == ("rolled_back", 0)
    assert "brings less than the live way" in release.passages.last().because
    assert Experiment.objects.of(cast.organisation).get().state == "stopped"
    assert live_policy_version(cast.organisation).number == 1  # type: ignore[union-attr]
    entry = AuditEntry.objects.of(cast.organisation).get(action="release.roll_back")
    assert entry.actor_name == "Tenor"


def test_a_canary_widens_by_rule_and_goes_live_when_nothing_could_be_lost(
    cast: Cast, canary: Release
) -> None:
    shares = []
    for days in (13, 14, 28, 42):
        cast.organisation.clock_at = NOW + timedelta(days=days)
        cast.organisation.save()
        shown(cast, fresh(canary), UNHARMED)
        live_day(cast, days)
        shares.append((fresh(canary).state, fresh(canary).share))
    assert shares == [("canary", 0.1), ("canary", 0.15), ("canary", 0.35), ("live", 1.0)]
    assert live_policy_version(cast.organisation).number == 2  # type: ignore[union-attr]


def test_people_decide_by_the_figures_where_so_few_customers_cannot_tell(
    cast: Cast, canary: Release
) -> None:
    shown(cast, canary, {"collected_net": (-9.0, 9.0), "complained": (-0.017, 0.017)})
    live_day(cast, 90)
    release = fresh(canary)
    assert (release.state, release.share) == ("canary", 0.1)
    assert "no sign of harm" in release.held and "1.70%" not in release.held
    going.let_go_on(cast.actor("compliance"), number=release.number, because="Four weeks, calm")
    live_day(cast, 91)
    release = fresh(canary)
    assert (release.state, release.share, release.held) == ("canary", 0.15, "")
    assert release.passages.last().because.endswith("let it go on: Four weeks, calm")
    # The wider share has its own days and its own question; harm still ends it at once.
    live_day(cast, 91 + 42)
    assert fresh(canary).held
    shown(cast, fresh(canary), HARMED)
    live_day(cast, 91 + 43)
    assert fresh(canary).state == "rolled_back"


def test_a_guard_that_stops_the_experiment_ends_the_canary(cast: Cast, canary: Release) -> None:
    Experiment.objects.of(cast.organisation).update(
        state="stopped", ended_because="More complaints"
    )
    live_day(cast, 1)
    release = fresh(canary)
    assert (release.state, release.passages.last().because) == ("rolled_back", "More complaints")


def test_a_signature_that_no_longer_stands_ends_the_trial(cast: Cast, canary: Release) -> None:
    remove_person(cast.actor("administrator"), user_id=cast.analyst.user_id)
    live_day(cast, 1)
    assert fresh(canary).state == "submitted"
    assert Experiment.objects.of(cast.organisation).get().state == "stopped"


def test_what_is_on_trial_waits_while_a_brake_is_on(cast: Cast, canary: Release) -> None:
    switches.turn_off(cast.actor("manager"), what="experiments", because="A storm")
    shown(cast, canary, UNHARMED)
    live_day(cast, 20)
    assert (fresh(canary).state, fresh(canary).share) == ("canary", 0.1)


def test_a_surprise_in_shadow_waits_for_a_person(cast: Cast, approved: Release) -> None:
    going.begin_shadow(cast.system, number=approved.number)
    side = {"decisions": 99, "contact": 30, "cost": 1.0, "channels": {"email": 30}}
    more = side | {"contact": 90, "channels": {"email": 90}}
    for day in ("2026-03-08", "2026-03-09"):
        ShadowDay.objects.of(cast.organisation).create(
            release=approved, day=day,
            figures={"days": 1, "customers": 99, "live": side, "candidate": more, "kinds": {},
                     "segments": {}, "over_capacity": {}},
        )  # fmt: skip
    live_day(cast, 0)
    release = fresh(approved)
    assert (release.state, "half as many people again" in release.held) == ("shadow", True)
    going.let_go_on(cast.actor("compliance"), number=release.number, because="It is meant to")
    live_day(cast, 1)
    assert fresh(approved).state == "canary"


def test_what_goes_by_itself_is_stopped_by_a_finding_that_nobody_answered(
    cast: Cast, canary: Release
) -> None:
    Release.objects.of(cast.organisation).update(automatic=True)
    audit = FairnessAudit.objects.of(cast.organisation).create(
        occasion="month", turn="2026-03", as_of=NOW, made_at=NOW, passes=False, figures={}
    )
    Finding.objects.of(cast.organisation).create(audit=audit, place="treatment", key="x", facts={})
    shown(cast, canary, UNHARMED)
    cast.organisation.clock_at = NOW + timedelta(days=14)
    cast.organisation.save()
    shown(cast, canary, UNHARMED)
    live_day(cast, 14)
    assert fresh(canary).share == 0.1
    assert "waits for an answer" in fresh(canary).held


def test_a_release_that_cannot_go_on_is_held_and_the_day_is_planned_all_the_same(
    cast: Cast, canary: Release
) -> None:
    Experiment.objects.of(cast.organisation).update(share=0.5)
    cast.organisation.clock_at = NOW + timedelta(days=14)
    cast.organisation.save()
    shown(cast, canary, UNHARMED)
    assert live_day(cast, 14).step == "done"
    release = fresh(canary)
    assert (release.state, release.share) == ("canary", 0.1)
    assert "not narrowed" in release.held


def test_a_predictor_that_cannot_be_read_in_shadow_keeps_nobody_from_a_plan(
    cast: Cast, approved: Release
) -> None:
    lost = PredictorVersion.objects.of(cast.organisation).create(
        version="gone", folder="models/gone", fitted_at=NOW, facts_until=NOW
    )
    going.begin_shadow(cast.system, number=approved.number)
    Release.objects.of(cast.organisation).update(predictor=lost, automatic=True)
    assert live_day(cast, 0).step == "done"
    assert fresh(approved).state == "shadow"
    assert "gone" in fresh(approved).held
