"""The day of an organisation: what it decides, sends and says, and that it does so once."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

import lived
import make
import worlds
from cast import NOW, Cast
from tenor.engine.decision import decide
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states
from tenor.engine.predictors.model import Model
from tenor.engine.predictors.score import score
from tenor.platform.decisions import facts
from tenor.platform.decisions.models import Decision, Run, Score
from tenor.platform.governance.actions import put_default_in_force
from tenor.platform.jobs.day import run_day

TODAY = NOW.date()


@pytest.fixture
def books(cast: Cast) -> Cast:
    """An organisation with rules, six customers and no predictor yet."""
    put_default_in_force(cast.system)
    for number in range(6):
        due = TODAY - timedelta(days=(1, 14, 30, 5, -10, 70)[number])
        make.invoice(cast, f"F{number}", customer=f"C{number}", due_on=due)
    return cast


@pytest.fixture
def learned(cast: Cast, tables: Tables, as_of: datetime, model_folder: Path) -> Cast:
    """An organisation with the books of the small world, and what was learned from them."""
    cast.organisation.synthetic = True
    cast.organisation.save()
    lived.keep(cast.organisation, tables, as_of)
    lived.put_in_force(cast.organisation, worlds.POLICY, model_folder)
    return cast


def plan(run: Run) -> dict[str, Decision]:
    """Return the decisions of a run by the customer's key."""
    return {d.customer.key: d for d in run.decisions.select_related("customer")}


def test_without_a_predictor_the_fixed_ladder_decides_and_says_so(books: Cast) -> None:
    run = run_day(books.organisation)
    found = {k: (d.verdict, d.channel, d.tone, d.state) for k, d in plan(run).items()}
    assert found == {
        "C0": ("contact", "email", "friendly", "proposed"),
        "C1": ("contact", "email", "firm", "proposed"),
        # The rules' letter is not to be had here: the ladder's next channel stands in.
        "C2": ("contact", "email", "friendly", "proposed"),
        "C3": ("contact", "email", "friendly", "proposed"),
        "C4": ("wait", "", "", "nothing"),
        "C5": ("escalate", "", "", "proposed"),
    }
    assert (run.step, run.day, run.as_of) == ("done", TODAY, NOW)
    assert [r["code"] for r in run.remarks] == ["too_little_history", "read_only", "waiting"]
    assert not Score.objects.of(books.organisation).exists()


def test_the_plan_is_the_engines(learned: Cast, model: Model, as_of: datetime) -> None:
    run = run_day(learned.organisation)
    known = facts.tables(learned.organisation, as_of)
    expected = decide(
        known, as_of=as_of, model=model, policy=worlds.policy_of(), seed=run.seed
    )  # fmt: skip
    made = plan(run)
    assert len(made) == expected.height > 100
    for row in expected.iter_rows(named=True):
        decision = made[row["customer_id"]]
        assert decision.key == row["decision_id"]
        assert decision.invoice_keys == row["invoice_ids"]
        for name in ("channel", "tone", "review_reason"):
            assert getattr(decision, name) == (row[name] or "")
        for name in ("verdict", "send_at", "propensity", "p_paid", "cost", "value", "reasons",
                     "rules", "candidates", "explored"):  # fmt: skip
            assert getattr(decision, name) == row[name], name


def test_what_a_decision_is_about_is_what_is_owed(learned: Cast, as_of: datetime) -> None:
    run = run_day(learned.organisation)
    states = invoice_states(facts.tables(learned.organisation, as_of), as_of)
    owed = {r["invoice_id"]: r for r in states.iter_rows(named=True)}
    for decision in run.decisions.all():
        rows = [owed[k] for k in decision.invoice_keys]
        assert decision.amount == sum(r["balance"] for r in rows)
        assert decision.days_overdue == max(r["days_overdue"] for r in rows)
        assert {r["currency"] for r in rows} == {decision.currency}


def test_scores_are_the_engines_and_replace_those_of_before(
    learned: Cast, model: Model, as_of: datetime
) -> None:
    run_day(learned.organisation)
    expected = score(facts.tables(learned.organisation, as_of), as_of=as_of, model=model)
    rows = {s.invoice.key: s for s in Score.objects.of(learned.organisation).all()}
    assert sorted(rows) == expected["invoice_id"].to_list()
    for row in expected.iter_rows(named=True):
        found = rows[row["invoice_id"]]
        for name in ("p_paid_7d", "p_paid_30d", "p_paid_60d", "expected_paid_on", "p_escalated",
                     "risk", "reasons", "segment", "model_version"):  # fmt: skip
            assert getattr(found, name) == row[name], name
    make.at(learned, as_of + timedelta(days=1))
    run_day(learned.organisation)
    latest = Score.objects.of(learned.organisation).values_list("as_of", flat=True)
    assert set(latest) == {as_of + timedelta(days=1)}


def test_the_same_day_again_changes_nothing(learned: Cast) -> None:
    run = run_day(learned.organisation)
    before = [*Decision.objects.of(learned.organisation).order_by("pk").values()]
    again = run_day(learned.organisation)
    assert again.pk == run.pk
    assert [*Decision.objects.of(learned.organisation).order_by("pk").values()] == before
    assert Run.objects.of(learned.organisation).count() == 1
