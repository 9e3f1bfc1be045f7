"""Experiments in a real day: who is drawn, how each arm is decided about, what stops an arm."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

import lived
import make
import worlds
from cast import Cast
from tenor.engine.frames import Tables
from tenor.platform.core.models import AuditEntry
from tenor.platform.decisions import facts
from tenor.platform.decisions.actions.asking import ask
from tenor.platform.decisions.models import Decision, Run, Signal
from tenor.platform.decisions.runs.plan import keep_plan
from tenor.platform.decisions.runs.refresh import decide_again
from tenor.platform.decisions.runs.run import begin
from tenor.platform.events.models import Event
from tenor.platform.experiments import actions, queries
from tenor.platform.experiments.actions import ArmDraft, Draft, Factor, Level
from tenor.platform.experiments.models import Assignment, Experiment
from tenor.platform.governance.switches import turn_off, turn_on
from tenor.platform.jobs.day import run_day
from tenor.platform.ledger.actions import open_dispute, start_hold

LADDER = [[1, "email", "friendly"], [14, "sms", "firm"], [30, "call", "firm"]]
FIRM = {"channels.email.tones": ["firm"], "channels.sms.tones": ["firm"],
        "channels.call.tones": ["firm"], "channels.letter.tones": ["firm"]}  # fmt: skip


@pytest.fixture
def learned(cast: Cast, tables: Tables, as_of: datetime, model_folder: Path) -> Cast:
    """An organisation with the books of the small world, and what was learned from them."""
    cast.organisation.synthetic = True
    cast.organisation.settings = {"ladder": LADDER, "control_share": 0.1}
    cast.organisation.save()
    lived.keep(cast.organisation, tables, as_of)
    lived.put_in_force(cast.organisation, worlds.POLICY + "[review]\nsample = 0\n", model_folder)
    return cast


def begun(cast: Cast, draft: Draft) -> Experiment:
    """Draw an experiment up, have somebody else approve it, and start it."""
    slug = actions.draft_experiment(cast.actor("analyst"), draft).slug
    actions.submit(cast.actor("analyst"), slug=slug)
    actions.approve(cast.actor("compliance"), slug=slug)
    return actions.start(cast.actor("analyst"), slug=slug)


def tones(**values: object) -> Draft:
    """Firm words for half of the customers, beside the rules in force."""
    usual = {
        "name": "Firm words", "question": "Do firm words bring in more?",
        "arms": [ArmDraft("As today"), ArmDraft("Firm", "changed", FIRM)],
    }  # fmt: skip
    return Draft(**{**usual, **values})  # type: ignore[arg-type]


def decide_day(cast: Cast) -> Run:
    """Make the plan of the day alone: who is decided about how is settled there."""
    run = begin(cast.organisation)
    Run.objects.of(cast.organisation).filter(pk=run.pk).update(step="decide")
    run.step = Run.Step.DECIDE
    keep_plan(run, facts.tables(cast.organisation, run.as_of))
    Run.objects.of(cast.organisation).filter(pk=run.pk).update(step="done")
    return run


def plan(run: Run) -> dict[str, Decision]:
    return {d.customer.key: d for d in run.decisions.select_related("customer")}


def assigned(experiment: Experiment) -> dict[str, str]:
    rows = Assignment.objects.of(experiment.organisation_id).filter(experiment=experiment)
    return dict(rows.values_list("customer__key", "arm__name"))


def test_each_arm_is_decided_about_in_its_way_and_nobody_changes_arms(
    learned: Cast, as_of: datetime
) -> None:
    before = plan(decide_day(learned))
    assert {d.experiment for d in before.values()} == {""}
    make.at(learned, as_of + timedelta(days=1))
    experiment = begun(learned, tones(share=0.8))
    made = plan(run_day(learned.organisation, until_step="gate"))
    arms = {key: d.arm for key, d in made.items() if d.experiment == experiment.slug}
    assert arms == assigned(experiment)
    assert set(arms.values()) == {"a", "b"} and len(arms) > 40
    assert {made[key].tone for key in arms if arms[key] == "b" and made[key].channel} == {"firm"}
    assert len({d.tone for key, d in made.items() if arms.get(key) == "a" and d.channel}) > 1
    # The comparison group is in no experiment, and stays what it was.
    assert {k for k, d in made.items() if d.arm == "control"} >= {
        k for k, d in before.items() if d.arm == "control" and k in made
    }
    versions = {arm: {made[k].policy_version for k in arms if arms[k] == arm} for arm in "ab"}
    assert len(versions["a"]) == len(versions["b"]) == 1 and versions["a"] != versions["b"]
    assert all(d.model_version for d in made.values())

    make.at(learned, as_of + timedelta(days=2))
    after = plan(decide_day(learned))
    moved = {k for k in arms if k in after and after[k].arm != arms[k]}
    assert {after[k].arm for k in moved} <= {"treated"}  # spared since, for as long as it lasts
    assert len(moved) < len(arms) / 4
    row = Assignment.objects.of(learned.organisation).filter(expected__isnull=False).first()
    assert row is not None and 0 < row.expected < 1 and row.owed > 0 and row.invoice_keys


def test_who_is_decided_about_alone_is_in_the_same_arm(learned: Cast, as_of: datetime) -> None:
    experiment = begun(learned, tones())
    run = decide_day(learned)
    made = plan(run)
    key = next(k for k, d in made.items() if d.arm == "b" and d.channel)
    make.at(learned, as_of + timedelta(hours=1))
    make.invoice(learned, "NEW", customer=key, due_on=as_of.date() - timedelta(days=9))
    again = decide_again(learned.organisation, key)
    assert again is not None
    assert (again.arm, again.experiment) == ("b", experiment.slug)
    assert again.tone in ("", "firm")
    make.at(learned, as_of + timedelta(hours=2))
    make.invoice(learned, "NEWER", customer=key, due_on=as_of.date() - timedelta(days=8))
    asked = ask(learned.system, customer_key=key)
    assert (asked.arm, asked.experiment) == ("b", experiment.slug)
    assert asked.tone in ("", "firm")


def test_nobody_who_is_spared_is_tried_things_on(learned: Cast, as_of: datetime) -> None:
    made = plan(decide_day(learned))
    keys = sorted(k for k, d in made.items() if d.arm == "treated")
    ill, disputing, objecting, large = keys[:4]
    start_hold(learned.system, customer_key=ill, reason="vulnerable")
    start_hold(learned.system, customer_key=objecting, reason="objection_21")
    open_dispute(learned.system, invoice_key=made[disputing].invoice_keys[0], reason="wrong_amount")
    make.invoice(learned, "LARGE", customer=large, amount="9000", due_on=as_of.date())
    make.at(learned, as_of + timedelta(days=1))
    experiment = begun(learned, tones(amount_below=5000))
    made = plan(decide_day(learned))
    drawn = assigned(experiment)
    assert len(drawn) > 40
    assert not {ill, disputing, objecting, large} & set(drawn)
    assert not {k for k, d in made.items() if d.arm == "control"} & set(drawn)

    # Who comes to be spared later is decided about as everybody else, and still counts.
    firm = next(k for k, arm in drawn.items() if arm == "b" and k in made)
    start_hold(learned.system, customer_key=firm, reason="vulnerable")
    make.at(learned, as_of + timedelta(days=2))
    later = plan(decide_day(learned))[firm]
    assert (later.arm, later.experiment) == ("unprofiled", "")
    assert assigned(experiment)[firm] == "b"


def test_a_guard_stops_an_arm_in_one_day_run(learned: Cast, as_of: datetime) -> None:
    experiment = begun(learned, tones(guards={"complained": 0.01}))
    decide_day(learned)
    firm = {key for key, arm in assigned(experiment).items() if arm == "b"}
    at = as_of + timedelta(hours=5)
    for key in firm:
        Event.objects.of(learned.organisation).create(
            key=f"angry-{key}", kind="complained", at=at, received_at=at, customer_key=key
        )
    make.at(learned, as_of + timedelta(days=1))
    run = run_day(learned.organisation)
    experiment.refresh_from_db()
    assert experiment.state == "stopped"
    assert "Complained" in experiment.ended_because
    assert {d.experiment for d in plan(run).values()} == {""}
    assert not [d for k, d in plan(run).items() if k in firm and d.arm != "treated"]
    signal = Signal.objects.of(learned.organisation).get(kind="arm_stopped")
    assert (signal.level, signal.facts["slug"]) == ("danger", experiment.slug)
    verbs = AuditEntry.objects.of(learned.organisation).values_list("action", flat=True)
    assert {"experiment.stop_arm", "experiment.stop"} <= set(verbs)
    (look,) = queries.results_of(experiment)
    watch = next(w for w in look.figures["guards"] if w["outcome"] == "complained")
    assert watch["state"] == "crossed" and watch["low"] > 0.01


def test_the_brake_takes_experiments_and_the_predictor_out_of_the_day(
    learned: Cast, as_of: datetime
) -> None:
    begun(learned, tones())
    turn_off(learned.actor("manager"), what="experiments", because="too much at once")
    made = plan(decide_day(learned))
    assert {d.arm for d in made.values()} == {"treated", "control"}
    assert not Assignment.objects.of(learned.organisation).exists()
    turn_on(learned.actor("manager"), what="experiments")
    turn_off(learned.actor("manager"), what="predictor", because="it looks wrong")
    make.at(learned, as_of + timedelta(days=1))
    made = plan(decide_day(learned))
    assert {d.model_version for d in made.values()} == {"ladder"}
    assert {d.arm for d in made.values()} == {"treated", "control"}


def test_the_comparison_group_can_be_left_alone_altogether(learned: Cast) -> None:
    learned.organisation.settings |= {"control_share": 0.4, "control_kind": "nothing"}
    learned.organisation.save()
    made = plan(decide_day(learned))
    control = [d for d in made.values() if d.arm == "control"]
    assert len(control) > 20
    assert {d.channel for d in control} == {""}
    assert {d.verdict for d in control} <= {"wait", "escalate"}
    assert any(d.ladder_channel for d in control)


def test_two_things_are_tried_at_once_and_a_second_experiment_takes_nobody(
    learned: Cast, as_of: datetime
) -> None:
    evening = {"channels.email.hours": "17:00-20:00"}
    draft = tones(
        name="Words and hours", kind="factorial", arms=(), share=0.95,
        factors=(
            Factor("tone", (Level("as today"), Level("firm", FIRM))),
            Factor("hour", (Level("as today"), Level("evening", evening))),
        ),
    )  # fmt: skip
    both = begun(learned, draft)
    second = begun(learned, tones(name="Another"))
    made = plan(decide_day(learned))
    one, other = assigned(both), assigned(second)
    assert one and other and not set(one) & set(other)
    assert set(one.values()) == {"a", "b", "c", "d"}
    zone = timedelta(hours=1 if as_of.month in (11, 12, 1, 2) else 2)
    late = [made[k] for k, arm in one.items() if arm in "bd" and made[k].channel == "email"]
    assert late and {(d.send_at + zone).hour >= 16 for d in late} == {True}
    assert {a.levels["tone"] for a in queries.arms_of(both) if a.name in "cd"} == {"firm"}
