"""The ways in which a day decides: a comparison group, segments with other rules, switches."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import lived
import make
import worlds
from cast import Cast
from tenor.engine.decision import decide
from tenor.engine.frames import Tables
from tenor.engine.policy.ladder import Step, ladder
from tenor.engine.predictors.model import Model
from tenor.platform.decisions import facts
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.decisions.runs.arms import control_of
from tenor.platform.governance.models import PolicyVersion, SegmentStrategy
from tenor.platform.jobs.day import run_day
from tenor.platform.ledger.models import Invoice

LADDER = [[1, "email", "friendly"], [14, "sms", "firm"], [30, "call", "firm"]]


@pytest.fixture
def learned(cast: Cast, tables: Tables, as_of: datetime, model_folder: Path) -> Cast:
    """An organisation with the books of the small world, and what was learned from them."""
    cast.organisation.synthetic = True
    cast.organisation.settings = {"ladder": LADDER}
    cast.organisation.save()
    lived.keep(cast.organisation, tables, as_of)
    lived.put_in_force(cast.organisation, worlds.POLICY + "[review]\nsample = 0\n", model_folder)
    return cast


def plan(run: Run) -> dict[str, Decision]:
    return {d.customer.key: d for d in run.decisions.select_related("customer")}


def settings(cast: Cast, **values: object) -> None:
    cast.organisation.settings = {**cast.organisation.settings, **values}
    cast.organisation.save()


def test_a_share_of_customers_is_left_to_the_ladder_by_lot(learned: Cast, as_of: datetime) -> None:
    settings(learned, control_share=0.4)
    run = run_day(learned.organisation)
    made = plan(run)
    control = {key for key, d in made.items() if d.arm == "control"}
    assert control == control_of(learned.organisation, made)
    assert 0.25 < len(control) / len(made) < 0.55
    steps = {
        row["customer_id"]: row
        for row in ladder(
            facts.tables(learned.organisation, as_of), as_of=as_of, policy=worlds.policy_of(),
            rungs=[Step(*step) for step in LADDER],
        ).iter_rows(named=True)
    }  # fmt: skip
    for key, decision in made.items():
        step = steps.get(key, {})
        assert (decision.ladder_channel, decision.ladder_tone) == (
            step.get("channel") or "", step.get("tone") or "",
        )  # fmt: skip
        if key in control and decision.verdict == "contact":
            assert (decision.channel, decision.tone) == (step["channel"], step["tone"])
            assert decision.send_at == step["send_at"]
            assert decision.propensity == 1.0
    assert any(made[key].channel for key in control)


def test_who_is_in_the_comparison_group_stays_in_it(learned: Cast) -> None:
    keys = [f"C{n}" for n in range(2_000)]
    groups = []
    for share in (0.0, 0.1, 0.3):
        settings(learned, control_share=share)
        groups.append(control_of(learned.organisation, keys))
    assert groups[0] == set()
    assert groups[1] < groups[2]
    assert [round(len(g) / 2_000, 1) for g in groups] == [0.0, 0.1, 0.3]


def test_both_arms_together_keep_to_the_capacity(learned: Cast, as_of: datetime) -> None:
    settings(learned, control_share=0.5, ladder=[[1, "call", "firm"]])
    calls = Counter(
        d.send_at.date()
        for d in plan(run_day(learned.organisation)).values()
        if d.channel == "call"
    )
    # A group gets whole calls of the day's two: rounded down, there may be one less.
    assert 1 <= calls[as_of.date()] <= 2
    assert max(calls.values()) <= 2


def test_a_segment_can_have_rules_of_its_own(learned: Cast, model: Model, as_of: datetime) -> None:
    SegmentStrategy.objects.of(learned.organisation).create(
        segment="irregular", policy_changes={"limits.min_days_between": 60}
    )
    made = plan(run_day(learned.organisation))
    known = facts.tables(learned.organisation, as_of)
    usual = {
        row["customer_id"]: row
        for row in decide(
            known, as_of=as_of, model=model,
            policy=worlds.policy_of("[review]\nsample = 0\n[limits]\nmin_days_between = 60\n"),
        ).iter_rows(named=True)
    }  # fmt: skip
    theirs = {key: d for key, d in made.items() if d.segment == "irregular"}
    assert len(theirs) > 20
    late = known.contacts.filter(known.contacts["sent_at"] > as_of - timedelta(days=45))
    recent = set(late["customer_id"]) & set(theirs)
    assert len(recent) > 5
    assert {theirs[key].channel for key in recent if theirs[key].verdict != "escalate"} == {""}
    others = {key: d for key, d in made.items() if d.segment != "irregular"}
    assert any(d.channel for key, d in others.items() if key in set(late["customer_id"]))
    assert {theirs[k].verdict for k in recent} <= {usual[k]["verdict"] for k in recent}


def test_with_prevention_off_nobody_is_reminded_before_the_due_date(learned: Cast) -> None:
    early = "[limits]\nfirst_contact_from_due = -10\n[review]\nsample = 0\n"
    PolicyVersion.objects.of(learned.organisation).update(text=worlds.POLICY + early)
    settings(learned, use_prevention=False)
    run = run_day(learned.organisation)
    contacts = [d for d in plan(run).values() if d.channel]
    assert contacts and all(d.send_at.date() > min(due_of(learned, d)) for d in contacts)
    assert "prevention_off" in [r["code"] for r in run.remarks]


def test_with_putting_in_order_off_the_ladder_decides_for_everybody(learned: Cast) -> None:
    settings(learned, use_prioritisation=False)
    run = run_day(learned.organisation)
    made = plan(run).values()
    assert all((d.channel, d.tone) == (d.ladder_channel, d.ladder_tone) for d in made)
    assert any(d.channel for d in made)
    assert {d.arm for d in made} == {"treated"}
    assert "order_off" in [r["code"] for r in run.remarks]
    assert all(d.p_paid is None for d in made)


def test_with_carrying_out_off_everything_waits(learned: Cast) -> None:
    settings(learned, use_execution=False, read_only=False, automatic=["all"])
    run = run_day(learned.organisation)
    states = Counter(d.state for d in plan(run).values())
    assert set(states) == {"proposed", "nothing"}
    assert "execution_off" in [r["code"] for r in run.remarks]


def test_the_figures_hold_what_the_overview_shows(learned: Cast, as_of: datetime) -> None:
    run = run_day(learned.organisation)
    figures = run.figures
    assert set(figures) == {
        "audit", "drivers", "indicators", "forecast", "arms", "funnel", "exploration", "plan",
        "history",
        "yesterday",
    }  # fmt: skip
    (section,) = figures["audit"]["sections"]
    open_ = plan(run)
    assert section["currency"] == "EUR"
    assert section["open"]["invoices"] >= len(open_)
    assert figures["plan"]["customers"] == len(open_)
    weeks = figures["forecast"]["weeks"]
    assert [w["week"] for w in weeks] == sorted(w["week"] for w in weeks) and len(weeks) == 8
    assert all(w["low"] <= w["expected"] <= w["high"] for w in weeks)
    assert figures["arms"] is None
    channels = {row["channel"]: row for row in figures["funnel"]}
    assert (
        channels["email"]["sent"] >= channels["email"]["delivered"] >= channels["email"]["opened"]
    )
    make.at(learned, as_of + timedelta(days=1))
    assert (
        run_day(learned.organisation).figures["forecast"]["shock"] == figures["forecast"]["shock"]
    )


def due_of(cast: Cast, decision: Decision) -> list[object]:
    """Return the due days of the invoices that a decision is about."""
    rows = Invoice.objects.of(cast.organisation).filter(key__in=decision.invoice_keys)
    return list(rows.values_list("due_on", flat=True))
