"""The day of an organisation: what it decides, sends and says, and that it does so once."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import lived
import make
import plans
import worlds
from cast import NOW, Cast
from tenor.engine.decision import decide
from tenor.engine.errors import PolicyError
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states
from tenor.engine.predictors.model import Model
from tenor.engine.predictors.score import score
from tenor.platform.decisions import facts
from tenor.platform.decisions.models import Decision, Run, Score, Signal, Task
from tenor.platform.decisions.runs import unsent
from tenor.platform.decisions.runs.run import Overtaken, begin
from tenor.platform.governance.actions import put_default_in_force
from tenor.platform.governance.models import PolicyVersion
from tenor.platform.jobs import day
from tenor.platform.jobs.day import run_day
from tenor.platform.jobs.sending import send_all_due
from tenor.platform.ledger import actions as ledger
from tenor.platform.outreach.models import Message

TODAY = NOW.date()


@pytest.fixture
def books(cast: Cast) -> Cast:
    """An organisation with rules, six customers and no predictor yet."""
    put_default_in_force(cast.system)
    ledger.set_account(
        cast.actor("administrator"), iban="NL91ABNA0417164300", currency="EUR", holder="Delta"
    )
    make.at(cast, NOW - timedelta(days=7))
    for number in range(6):
        due = TODAY - timedelta(days=(1, 14, 30, 5, -10, 70)[number])
        make.invoice(cast, f"F{number}", customer=f"C{number}", due_on=due)
    make.at(cast, NOW)
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


def test_a_new_organisation_looks_on_and_sends_nothing(books: Cast) -> None:
    settings(books, automatic=["all"], read_only=True)
    run = run_day(books.organisation)
    assert Counter(plan(run)[f"C{n}"].state for n in range(6)) == {
        "approved": 4, "nothing": 1, "proposed": 1,
    }  # fmt: skip
    assert "read_only" in codes(run)
    assert not Message.objects.of(books.organisation).exists()
    assert not Task.objects.of(books.organisation).exists()


def test_what_may_go_out_by_itself_becomes_messages_calls_and_hand_overs(books: Cast) -> None:
    rules = worlds.POLICY + "[review]\nescalate_without_person = true\nsample = 0\n"
    plans.account(books)
    PolicyVersion.objects.of(books.organisation).update(text=rules)
    settings(
        books,
        automatic=["all"],
        read_only=False,
        ladder=[[1, "email", "firm"], [14, "call", "firm"]],
    )
    run = run_day(books.organisation)
    states = {k: (d.verdict, d.channel, d.state) for k, d in plan(run).items()}
    assert states == {
        "C0": ("contact", "email", "approved"),
        "C1": ("contact", "call", "handed_over"),
        "C2": ("contact", "call", "handed_over"),
        "C3": ("contact", "email", "approved"),
        "C4": ("wait", "", "nothing"),
        "C5": ("escalate", "", "handed_over"),
    }
    tasks = Task.objects.of(books.organisation).values_list("kind", "customer__key")
    assert sorted(tasks) == [("call", "C1"), ("call", "C2"), ("hand_over", "C5")]
    # The messages go at their hour, ten o'clock in Amsterdam, and not before.
    assert not Message.objects.of(books.organisation).filter(state="sent").exists()
    make.at(books, NOW + timedelta(hours=1, minutes=1))
    send_all_due(books.organisation)
    sent = Message.objects.of(books.organisation).filter(state="sent")
    assert sorted(sent.values_list("customer__key", "channel", "tone")) == [
        ("C0", "email", "firm"), ("C3", "email", "firm"),
    ]  # fmt: skip


def test_a_missed_day_is_counted_and_said_and_what_is_due_is_decided(books: Cast) -> None:
    run_day(books.organisation)
    make.at(books, NOW + timedelta(days=4))
    run = run_day(books.organisation)
    assert run.missed_days == 3
    (said,) = [r for r in run.remarks if r["code"] == "missed_days"]
    assert said["level"] == "warn" and said["text"].startswith("3 days before this one")
    assert Signal.objects.of(books.organisation).get(kind="missed_days").facts == {"days": 3}
    assert Run.objects.of(books.organisation).count() == 2
    assert plan(run)["C1"].verdict == "contact"


def test_what_was_approved_and_never_went_out_is_said_loudly(books: Cast) -> None:
    settings(books, automatic=["all"], read_only=False)
    run = run_day(books.organisation)
    assert plan(run)["C0"].state == "approved"
    assert unsent.notice_unsent(books.organisation) == 0
    # Nobody sends. By the evening it is late; the next day it is history.
    make.at(books, NOW + timedelta(hours=10))
    assert unsent.notice_unsent(books.organisation) == 4
    make.at(books, NOW + timedelta(days=1))
    again = run_day(books.organisation)
    assert again.remarks[0]["code"] == "unsent" and again.remarks[0]["level"] == "danger"
    assert again.remarks[0]["facts"] == {"count": 4, "went": 0}
    assert plan(again)["C0"].verdict == "contact"
    assert plan(run)["C0"].state == "lapsed"
    kinds = Signal.objects.of(books.organisation).filter(kind="unsent")
    assert sorted(s.facts["count"] for s in kinds) == [4, 4]


def test_of_two_processes_at_once_the_first_writes_and_the_other_throws_its_work_away(
    books: Cast,
) -> None:
    run_day(books.organisation, until_step="decide")
    one, other = (day.Day(begin(books.organisation)) for _ in range(2))
    day.decide(one)
    made = [*Decision.objects.of(books.organisation).order_by("pk").values()]
    with pytest.raises(Overtaken):
        day.decide(other)
    assert [*Decision.objects.of(books.organisation).order_by("pk").values()] == made
    assert run_day(books.organisation).step == "done"


def test_a_day_stops_where_it_is_asked_to_and_goes_on(books: Cast) -> None:
    run = run_day(books.organisation, until_step="send")
    assert (run.step, run.finished_at) == ("send", None)
    assert run_day(books.organisation).pk == run.pk


def test_a_day_that_fails_says_why_and_can_be_done_again(books: Cast) -> None:
    rules = PolicyVersion.objects.of(books.organisation)
    good = rules.get().text
    rules.update(text="[limits]\nmin_days_betwen = 4")
    with pytest.raises(PolicyError):
        run_day(books.organisation)
    stopped = Run.objects.of(books.organisation).get()
    assert stopped.step == "decide" and "min_days_between" in stopped.error
    rules.update(text=good)
    assert (run_day(books.organisation).step, run_day(books.organisation).error) == ("done", "")


def settings(cast: Cast, **values: object) -> None:
    """Set preferences of the organisation."""
    cast.organisation.settings = {**cast.organisation.settings, **values}
    cast.organisation.save()


def codes(run: Run) -> list[str]:
    """Return the codes of a run's remarks."""
    return [r["code"] for r in run.remarks]
