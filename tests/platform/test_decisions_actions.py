"""What people do with decisions: approve, take back, change within the rules, hold, veto, agree."""

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

import make
import plans
from cast import NOW, Cast
from tenor.platform.core.errors import Forbidden, Invalid, NotFound, Refused
from tenor.platform.core.models import AuditEntry
from tenor.platform.decisions import actions
from tenor.platform.decisions.gate import open_gate
from tenor.platform.decisions.models import Decision, Review, Run
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Customer, Exposure


@pytest.fixture
def run(cast: Cast) -> Run:
    """A plan in which three customers wait for approval, each about one invoice."""
    plans.rules(cast)
    plans.settle(cast)
    for number in (1, 2, 3):
        make.invoice(cast, f"F{number}", customer=f"C{number}", amount="100")
    made = plans.run(cast)
    for number in (1, 2, 3):
        plans.decision(made, f"C{number}", invoice_keys=[f"F{number}"])
    open_gate(made)
    return made


def of(run: Run, customer: str) -> Decision:
    """Return a customer's decision as it stands."""
    return Decision.objects.of(run.organisation).get(run=run, customer__key=customer)


def states(run: Run) -> dict[str, str]:
    """Return where each customer's decision stands."""
    rows = Decision.objects.of(run.organisation).filter(run=run)
    return dict(rows.values_list("customer__key", "state"))


def test_approving_all_says_what_it_costs_and_brings(cast: Cast, run: Run) -> None:
    done = actions.approve(cast.actor(), run=run)
    assert states(run) == {"C1": "approved", "C2": "approved", "C3": "approved"}
    assert (done.count, done.left) == (3, 0)
    assert (done.approval.cost, done.approval.gain) == (0.06, 10.5)
    assert done.approval.amounts == {"EUR": Decimal("300")}
    labels = Review.objects.of(cast.organisation)
    assert labels.filter(verdict="agreed", by=cast.manager.user).count() == 3
    entry = AuditEntry.objects.of(cast.organisation).get(action="decision.approve")
    assert entry.after["count"] == 3
    assert entry.after["run"] == "2026-03-10"


def test_approving_all_leaves_what_a_person_sees_one_by_one(cast: Cast, run: Run) -> None:
    make.invoice(cast, "F4", customer="C4")
    make.invoice(cast, "F5", customer="C5")
    why = "drawn by chance (1% of decisions)"
    plans.decision(run, "C4", verdict="review", review_reason=why, invoice_keys=["F4"])
    why = "a person confirms every hand-over to collection"
    plans.decision(run, "C5", verdict="escalate", review_reason=why, invoice_keys=["F5"])
    open_gate(run)
    actions.approve(cast.actor(), run=run)
    assert (states(run)["C4"], states(run)["C5"]) == ("proposed", "proposed")
    actions.approve(cast.actor(), run=run, group="person")
    actions.approve(cast.actor(), run=run, group="hand_over")
    assert (states(run)["C4"], states(run)["C5"]) == ("approved", "approved")


def test_approving_a_group_leaves_the_others(cast: Cast, run: Run) -> None:
    Decision.objects.of(cast.organisation).filter(pk=of(run, "C2").pk).update(tone="firm")
    actions.approve(cast.actor(), run=run, group="email.firm")
    assert states(run) == {"C1": "proposed", "C2": "approved", "C3": "proposed"}


def test_who_has_paid_is_not_approved(cast: Cast, run: Run) -> None:
    make.payment(cast, "P1", invoice="F1")
    done = actions.approve(cast.actor(), run=run)
    assert (done.count, done.left) == (2, 1)
    with pytest.raises(Refused):
        actions.approve(cast.actor(), decisions=[of(run, "C1")])
    # The payment itself has ended what was intended.
    assert (states(run)["C1"], of(run, "C1").gate) == ("lapsed", "paid")


def test_an_agent_may_hold_but_not_approve(cast: Cast, run: Run) -> None:
    with pytest.raises(Forbidden):
        actions.approve(cast.actor("agent"), run=run)
    assert set(states(run).values()) == {"proposed"}
    actions.hold(cast.actor("agent"), decisions=[of(run, "C1")], reason="knows_customer")
    assert states(run)["C1"] == "held"


def test_somebody_of_another_organisation_finds_nothing(cast: Cast, run: Run) -> None:
    for do in (
        lambda who: actions.approve(who, run=run),
        lambda who: actions.change(who, decision=of(run, "C1"), tone="firm", reason="wrong_tone"),
        lambda who: actions.review(who, decision=of(run, "C1"), agrees=True),
    ):
        with pytest.raises(NotFound):
            do(cast.actor("stranger"))
    with pytest.raises(Refused):
        actions.approve(cast.actor("stranger"), decisions=[of(run, "C1")])
    assert set(states(run).values()) == {"proposed"}
    assert not Review.objects.of(cast.organisation).exists()


def test_an_approval_is_taken_back_while_nothing_has_gone(cast: Cast, run: Run) -> None:
    actions.approve(cast.actor(), run=run)
    actions.take_back(cast.actor(), decisions=[of(run, "C1")])
    assert states(run) == {"C1": "proposed", "C2": "approved", "C3": "approved"}
    assert not Review.objects.of(cast.organisation).filter(decision=of(run, "C1")).exists()
    Decision.objects.of(cast.organisation).update(state="handed_over")
    with pytest.raises(Refused, match="no longer open"):
        actions.take_back(cast.actor(), decisions=[of(run, "C2")])
    assert states(run)["C2"] == "handed_over"


def test_of_two_who_decide_at_once_one_is_refused(cast: Cast, run: Run) -> None:
    actions.veto(cast.actor(), decisions=[of(run, "C1")], reason="dispute", note="They called.")
    with pytest.raises(Refused):
        actions.approve(cast.actor(), decisions=[of(run, "C1")])
    label = Review.objects.of(cast.organisation).get()
    assert (label.verdict, label.reason, label.note) == ("vetoed", "dispute", "They called.")


def test_a_refusal_needs_a_reason_that_can_be_counted(cast: Cast, run: Run) -> None:
    with pytest.raises(Invalid) as refused:
        actions.veto(cast.actor(), decisions=[of(run, "C1")], reason="because")
    assert refused.value.field == "reason"
    assert states(run)["C1"] == "proposed"


def test_what_was_held_or_refused_can_be_let_go_again(cast: Cast, run: Run) -> None:
    actions.hold(cast.actor(), decisions=[of(run, "C1")], reason="too_soon")
    actions.veto(cast.actor(), decisions=[of(run, "C2")], reason="too_often")
    actions.release(cast.actor(), decisions=[of(run, "C1"), of(run, "C2")])
    assert states(run) == {"C1": "proposed", "C2": "proposed", "C3": "proposed"}


def test_an_earlier_plan_is_nobodys_to_approve(cast: Cast, run: Run) -> None:
    actions.hold(cast.actor(), decisions=[of(run, "C1")], reason="too_soon")
    plans.run(cast, NOW + timedelta(days=1))
    with pytest.raises(Refused):
        actions.approve(cast.actor(), decisions=[of(run, "C1")])
    with pytest.raises(Refused, match="newer plan"):
        actions.approve(cast.actor(), run=run)


def test_agreeing_that_somebody_is_left_alone_leaves_nothing_to_send(cast: Cast, run: Run) -> None:
    row = of(run, "C1")
    Decision.objects.of(cast.organisation).filter(pk=row.pk).update(
        verdict="review", channel="", tone="", send_at=None
    )
    actions.approve(cast.actor(), decisions=[row])
    row.refresh_from_db()
    assert (row.state, row.gate) == ("nothing", "seen")


def test_a_change_keeps_what_was_meant_and_becomes_a_label(cast: Cast, run: Run) -> None:
    moment = NOW + timedelta(days=1)
    row = actions.change(
        cast.actor(), decision=of(run, "C1"), channel="call", tone="firm", send_at=moment,
        reason="wrong_channel", note="He never reads e-mail.",
    )  # fmt: skip
    assert (row.channel, row.tone, row.send_at, row.cost) == ("call", "firm", moment, 4.5)
    assert row.state == "proposed"
    assert row.original is not None
    assert (row.original["channel"], row.original["tone"]) == ("email", "friendly")
    label = Review.objects.of(cast.organisation).get()
    assert (label.verdict, label.reason) == ("changed", "wrong_channel")
    assert label.change["channel"] == "call"
    actions.change(cast.actor(), decision=row, tone="neutral", reason="wrong_tone")
    assert of(run, "C1").original["channel"] == "email"


# Tuesday 10 March 2026, 09:00 in Amsterdam.
@pytest.mark.parametrize(
    ("wanted", "field", "words"),
    [
        ({"channel": "sms"}, "channel", "Nothing here can send"),
        ({"channel": "fax"}, "channel", "Nothing here can send"),
        ({"tone": "urgent"}, "tone", "tone"),
        ({"send_at": datetime(2026, 3, 10, 20, 0, tzinfo=UTC)}, "send_at", "Outside the hours"),
        ({"send_at": NOW - timedelta(minutes=1)}, "send_at", "has passed"),
        ({"send_at": NOW + timedelta(days=20)}, "send_at", "Later than the rules"),
        (
            {"channel": "call", "send_at": datetime(2026, 3, 14, 11, 0, tzinfo=UTC)},
            "send_at",
            "Not a day of the channel",
        ),
    ],
)
def test_a_change_keeps_to_the_rules(
    cast: Cast, run: Run, wanted: dict[str, object], field: str, words: str
) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        actions.change(cast.actor(), decision=of(run, "C1"), reason="other", **wanted)  # type: ignore[arg-type]
    assert refused.value.field == field
    row = of(run, "C1")
    assert (row.channel, row.tone, row.original) == ("email", "friendly", None)
    assert not Review.objects.of(cast.organisation).exists()


def test_a_change_is_refused_where_a_rule_about_the_customer_forbids_it(
    cast: Cast, run: Run
) -> None:
    ledger.set_consent(cast.system, customer_key="C1", channel="email", granted=False)
    ledger.start_hold(cast.system, customer_key="C2", reason="complaint")
    for customer, words in (("C1", "Refused this channel"), ("C2", "hold")):
        with pytest.raises(Invalid, match=words):
            actions.change(
                cast.actor(), decision=of(run, customer), tone="firm", reason="wrong_tone"
            )


def test_who_was_left_alone_can_be_contacted_after_all(cast: Cast, run: Run) -> None:
    make.invoice(cast, "F4", customer="C4")
    why = ["likely to pay unaided (90%)"]
    row = plans.decision(run, "C4", verdict="wait", reasons=why, invoice_keys=["F4"])
    open_gate(run)
    actions.change(
        cast.actor(), decision=row, channel="email", tone="neutral",
        send_at=NOW + timedelta(hours=2), reason="too_soft",
    )  # fmt: skip
    row.refresh_from_db()
    assert (row.state, row.verdict, row.channel) == ("proposed", "contact", "email")
    actions.approve(cast.actor(), decisions=[row])
    assert states(run)["C4"] == "approved"


def test_a_text_of_ones_own_needs_no_other_change(cast: Cast, run: Run) -> None:
    row = actions.change(
        cast.actor(), decision=of(run, "C1"), text="Dear Ann, as agreed …", reason="personal"
    )
    assert (row.text, row.channel, row.state) == ("Dear Ann, as agreed …", "email", "proposed")


def test_what_has_gone_out_cannot_be_changed(cast: Cast, run: Run) -> None:
    Decision.objects.of(cast.organisation).update(state="handed_over")
    with pytest.raises(Refused):
        actions.change(cast.actor(), decision=of(run, "C1"), tone="firm", reason="wrong_tone")
    assert of(run, "C1").tone == "friendly"


def test_an_agent_disagrees_with_a_reason_that_is_kept(cast: Cast, run: Run) -> None:
    row = of(run, "C1")
    label = actions.review(
        cast.actor("agent"), decision=row, agrees=False, reason="hardship", note="Lost his job."
    )
    assert (label.verdict, label.reason, label.by_name) == ("disagreed", "hardship", "Agent")
    assert states(run)["C1"] == "proposed"
    with pytest.raises(Invalid):
        actions.review(cast.actor("agent"), decision=row, agrees=False)
    assert Review.objects.of(cast.organisation).count() == 1


def test_ten_thousand_are_approved_within_moments(cast: Cast, run: Run) -> None:
    organisation, many = cast.organisation, 10_000
    people = Customer.objects.of(organisation).bulk_create(
        Customer(organisation=organisation, key=f"K{n}") for n in range(many)
    )
    Exposure.objects.of(organisation).bulk_create(
        Exposure(customer=one, currency="EUR", open_amount=10, open_count=1) for one in people
    )
    Decision.objects.of(organisation).bulk_create(
        Decision(
            run=run, customer=one, key=f"k{one.pk}", decided_at=NOW, invoice_keys=["F"],
            verdict="contact", channel="email", tone="firm", send_at=NOW, currency="EUR",
            amount=10, value=1.0, gate="by_hand",
        )
        for one in people
    )  # fmt: skip
    start = time.process_time()
    done = actions.approve(cast.actor(), run=run)
    assert time.process_time() - start < 3
    assert done.count == many + 3
    assert Review.objects.of(organisation).count() == many + 3
