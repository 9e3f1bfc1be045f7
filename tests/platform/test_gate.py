"""The human gate: what waits for a person, what goes out by itself, what is left alone."""

from datetime import timedelta

import pytest

import make
import plans
from cast import NOW, Cast
from tenor.platform.decisions import actions
from tenor.platform.decisions.gate import complex_cases, open_gate
from tenor.platform.decisions.models import Decision, Run, Task
from tenor.platform.decisions.reasons import gate_words
from tenor.platform.governance.models import SegmentStrategy
from tenor.platform.ledger import actions as ledger


@pytest.fixture
def run(cast: Cast) -> Run:
    """A plan with one customer who owes 100 euros."""
    plans.rules(cast)
    make.invoice(cast, "F1", customer="C1")
    plans.settle(cast, automatic=["all"])
    return plans.run(cast)


def gated(run: Run, **values: object) -> tuple[str, str]:
    """Return where a decision stands after the gate, and why."""
    made = plans.decision(run, **values)
    open_gate(run)
    made.refresh_from_db()
    return made.state, made.gate


def test_an_automatic_segment_goes_out_by_itself(run: Run) -> None:
    assert gated(run) == ("approved", "automatic")


def test_without_a_word_about_it_a_person_approves(cast: Cast, run: Run) -> None:
    plans.settle(cast, automatic=[])
    assert gated(run) == ("proposed", "by_hand")


def test_a_segment_that_is_named_goes_out_by_itself(cast: Cast, run: Run) -> None:
    plans.settle(cast, automatic=["late_payer"])
    assert gated(run) == ("approved", "automatic")


def test_a_strategy_can_make_its_segment_automatic_up_to_an_amount(cast: Cast, run: Run) -> None:
    plans.settle(cast, automatic=[])
    SegmentStrategy.objects.of(cast.organisation).create(
        segment="late_payer", automatic=True, automatic_below=100
    )
    make.customer(cast, "C2")
    make.invoice(cast, "F2", customer="C2", amount="99.99")
    small = plans.decision(run, "C2", amount="99.99", invoice_keys=["F2"])
    assert gated(run) == ("proposed", "amount")
    small.refresh_from_db()
    assert (small.state, small.gate) == ("approved", "automatic")


def test_above_the_organisations_limit_a_person_approves(run: Run) -> None:
    assert gated(run, amount="1000") == ("proposed", "amount")


def test_another_currency_than_the_limits_waits(run: Run) -> None:
    assert gated(run, currency="USD") == ("proposed", "currency")


def test_what_the_engine_wants_seen_is_seen_also_in_an_automatic_segment(run: Run) -> None:
    reason = "drawn by chance (1% of decisions); only 40% likely to beat waiting, 60% is asked"
    state, gate = gated(run, verdict="review", review_reason=reason)
    assert (state, gate) == ("proposed", "uncertain sampled")
    assert gate_words(gate)[1] == "Drawn by chance, so that a person keeps looking"


def test_a_hand_over_waits_for_a_person(run: Run) -> None:
    reason = "a person confirms every hand-over to collection"
    assert gated(run, verdict="escalate", review_reason=reason)[0] == "proposed"


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("likely to pay unaided (83% of the amount within the window)", "likely_to_pay"),
        ("payment is promised and not yet late", "promise"),
        ("people's time does more elsewhere today, and no other contact is worth it", "capacity"),
        ("no permitted contact is worth its cost and the annoyance it brings", "not_worth_it"),
        ("fixed ladder: no step today", "ladder"),
        ("something new", "other"),
    ],
)
def test_who_is_left_alone_has_a_reason_that_can_be_counted(
    run: Run, reason: str, code: str
) -> None:
    assert gated(run, verdict="wait", reasons=[reason]) == ("nothing", code)


def test_prevention_switched_off_leaves_what_is_not_due_alone(cast: Cast, run: Run) -> None:
    plans.settle(cast, use_prevention=False)
    assert gated(run, days_overdue=0) == ("nothing", "prevention_off")


def test_a_complex_case_waits_and_says_what_makes_it_so(cast: Cast, run: Run) -> None:
    make.invoice(cast, "F2", customer="C1")
    make.invoice(cast, "F3", customer="C1", currency="USD")
    ledger.open_dispute(cast.actor("agent"), invoice_key="F2", reason="quality")
    made = plans.decision(run)
    open_gate(run)
    made.refresh_from_db()
    assert (made.state, made.gate) == ("proposed", "complex")
    assert complex_cases(run) == {made.customer_id: ["disputes", "currencies"]}


def test_one_dispute_alone_does_not_stop_the_rest(cast: Cast, run: Run) -> None:
    make.invoice(cast, "F2", customer="C1")
    ledger.open_dispute(cast.actor("agent"), invoice_key="F2", reason="quality")
    assert gated(run) == ("approved", "automatic")


def test_a_case_that_somebody_works_on_waits(cast: Cast, run: Run) -> None:
    whose = make.customer(cast, "C1")
    Task.objects.of(cast.organisation).create(
        customer=whose, key="t", kind="call", due_at=NOW, created_at=NOW,
        claimed_by=cast.agent.user,
    )  # fmt: skip
    assert gated(run) == ("proposed", "with_person")


def test_what_somebody_refused_is_asked_again_before_it_goes_out(cast: Cast, run: Run) -> None:
    plans.settle(cast, automatic=[])
    refused = plans.decision(run)
    open_gate(run)
    actions.veto(cast.actor(), decisions=[refused], reason="in_contact")
    plans.settle(cast, automatic=["all"])
    tomorrow = plans.run(cast, NOW + timedelta(days=1))
    assert gated(tomorrow) == ("proposed", "kept_back")
    later = plans.run(cast, NOW + timedelta(days=9))
    assert gated(later) == ("approved", "automatic")


def test_a_new_plan_takes_the_place_of_what_nothing_became_of(run: Run, cast: Cast) -> None:
    plans.settle(cast, automatic=[])
    old = plans.decision(run)
    open_gate(run)
    tomorrow = plans.run(cast, NOW + timedelta(days=1))
    plans.decision(tomorrow)
    open_gate(tomorrow)
    old.refresh_from_db()
    assert old.state == "lapsed"


def test_an_approval_stands_where_the_next_plan_wants_the_same(cast: Cast, run: Run) -> None:
    plans.settle(cast, automatic=[])
    moment = NOW + timedelta(days=2)
    first = plans.decision(run, send_at=moment)
    open_gate(run)
    actions.approve(cast.actor(), decisions=[first])
    tomorrow = plans.run(cast, NOW + timedelta(days=1))
    assert gated(tomorrow, send_at=moment) == ("approved", "carried")


def test_an_approval_does_not_stand_for_another_channel(cast: Cast, run: Run) -> None:
    plans.settle(cast, automatic=[])
    first = plans.decision(run, send_at=NOW + timedelta(days=2))
    open_gate(run)
    actions.approve(cast.actor(), decisions=[first])
    tomorrow = plans.run(cast, NOW + timedelta(days=1))
    state, gate = gated(tomorrow, channel="letter", send_at=NOW + timedelta(days=2))
    assert (state, gate) == ("proposed", "by_hand")


def test_what_a_person_changed_goes_out_as_they_wanted(cast: Cast, run: Run) -> None:
    plans.settle(cast, automatic=[])
    first = plans.decision(run)
    open_gate(run)
    moment = NOW + timedelta(days=2, hours=3)
    actions.change(
        cast.actor(), decision=first, channel="call", tone="firm", send_at=moment,
        text="We spoke on Monday.", reason="personal",
    )  # fmt: skip
    actions.approve(cast.actor(), decisions=[first])
    tomorrow = plans.run(cast, NOW + timedelta(days=1))
    made = plans.decision(tomorrow, verdict="wait", reasons=["likely to pay unaided (90%)"])
    open_gate(tomorrow)
    made.refresh_from_db()
    assert (made.state, made.gate, made.channel, made.tone) == (
        "approved", "carried", "call", "firm",
    )  # fmt: skip
    assert (made.send_at, made.text) == (moment, "We spoke on Monday.")
    assert made.original is not None and made.original["channel"] == ""


def test_the_gate_changes_nothing_the_second_time(cast: Cast, run: Run) -> None:
    plans.settle(cast, automatic=[])
    made = plans.decision(run)
    open_gate(run)
    actions.approve(cast.actor(), decisions=[made])
    assert open_gate(run) == {"approved": 1}
    made.refresh_from_db()
    assert made.state == "approved"


def test_looking_again_at_one_customer_leaves_the_others(cast: Cast, run: Run) -> None:
    make.invoice(cast, "F2", customer="C2")
    one, other = plans.decision(run), plans.decision(run, "C2", invoice_keys=["F2"])
    open_gate(run, customers=[one.customer_id])
    states = dict(Decision.objects.of(cast.organisation).values_list("pk", "state"))
    assert states == {one.pk: "approved", other.pk: "proposed"}
