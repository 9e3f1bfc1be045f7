"""Work for people: what is on the worklist, who takes it, and what follows from how it ended."""

from datetime import timedelta
from decimal import Decimal

import pytest

import make
import plans
from cast import NOW, Cast
from tenor.platform.core.actor import person
from tenor.platform.core.errors import Forbidden, Invalid, NotFound, Refused
from tenor.platform.core.models import Membership
from tenor.platform.core.people import add_person
from tenor.platform.decisions import actions, queries
from tenor.platform.decisions.gate import open_gate
from tenor.platform.decisions.models import Decision, Run, Task
from tenor.platform.events.models import Event
from tenor.platform.governance.models import SegmentStrategy
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Customer, Dispute, Hold, Promise
from tenor.platform.outreach.actions import finish, send_due
from tenor.platform.outreach.models import Message
from tenor.platform.outreach.queries import contacts_frame

SOON = NOW + timedelta(hours=1)


@pytest.fixture
def calls(cast: Cast) -> list[Task]:
    """Three calls to make, worth 30, 20 and 10."""
    plans.rules(cast)
    plans.settle(cast, automatic=["all"])
    run = plans.run(cast)
    for number, value in ((1, 10.0), (2, 30.0), (3, 20.0)):
        make.invoice(cast, f"F{number}", customer=f"C{number}")
        ledger.add_contact_point(
            cast.system, customer_key=f"C{number}", kind="phone", value=f"+3120000000{number}"
        )
        plans.decision(
            run, f"C{number}", invoice_keys=[f"F{number}"], channel="call", tone="firm",
            value=value, send_at=SOON,
        )  # fmt: skip
    open_gate(run)
    send_due(cast.organisation, NOW)
    return list(Task.objects.of(cast.organisation).order_by("-value"))


@pytest.fixture
def colleague(cast: Cast) -> Membership:
    """A second agent, who speaks German."""
    member = add_person(cast.system, email="b@delta.example", role="agent", name="Bo")
    member.skills = ["german"]
    member.save()
    return member


def test_the_worklist_shows_what_a_person_changes_most_first(cast: Cast, calls: list[Task]) -> None:
    found = queries.worklist(cast.agent)
    assert [task.value for task in found.free] == [30.0, 20.0, 10.0]
    assert found.counts == {"call": 3}
    assert (found.capacity.per_day, found.capacity.done, found.capacity.left) == (10, 0, 10)
    first = queries.worklist(cast.agent, limit=2)
    rest = queries.worklist(cast.agent, limit=2, after=first.after)
    assert [task.pk for task in (*first.free, *rest.free)] == [task.pk for task in calls]
    assert rest.after == ""


def test_of_two_who_take_a_case_one_has_it(
    cast: Cast, calls: list[Task], colleague: Membership
) -> None:
    mine = actions.claim(cast.actor("agent"), task=calls[0])
    assert mine.claimed_by == cast.agent.user
    other = person(colleague)
    with pytest.raises(Refused):
        actions.claim(other, task=calls[0])
    assert [task.value for task in queries.worklist(colleague).free] == [20.0, 10.0]
    assert queries.worklist(colleague).others == 1
    assert [task.value for task in queries.worklist(cast.agent).mine] == [30.0]
    taken = actions.claim_next(other)
    assert taken is not None and taken.value == 20.0
    with pytest.raises(Refused):
        actions.give_back(other, task=calls[0])
    actions.give_back(cast.actor("agent"), task=calls[0])
    assert queries.next_task(colleague).pk == taken.pk  # type: ignore[union-attr]
    assert queries.worklist(cast.agent).free[0].value == 30.0


def test_who_only_looks_cannot_take_a_case(cast: Cast, calls: list[Task]) -> None:
    with pytest.raises(Forbidden):
        actions.claim(cast.actor("analyst"), task=calls[0])
    with pytest.raises(NotFound):
        actions.claim(cast.actor("stranger"), task=calls[0])
    assert not Task.objects.of(cast.organisation).exclude(claimed_by=None).exists()


def test_a_case_that_asks_for_a_skill_goes_to_who_has_it(
    cast: Cast, calls: list[Task], colleague: Membership
) -> None:
    Task.objects.of(cast.organisation).filter(pk=calls[0].pk).update(skill="german")
    assert [t.value for t in queries.worklist(cast.agent).free] == [20.0, 10.0]
    assert [t.value for t in queries.worklist(colleague).free] == [30.0, 20.0, 10.0]
    assert len(queries.worklist(cast.agent, everything=True).free) == 3
    assert queries.skills_of(cast.organisation) == ["german"]


def test_a_promise_on_the_phone(cast: Cast, calls: list[Task]) -> None:
    done = finish(
        cast.actor("agent"), task=calls[0], outcome="reached_promised", minutes=8,
        promised_on=NOW.date() + timedelta(days=3), note="Salary comes on Friday.",
    )  # fmt: skip
    promise = Promise.objects.of(cast.organisation).get()
    assert (promise.amount, promise.source) == (Decimal("100"), "call")
    call = done.message
    assert call is not None
    assert (call.channel, call.state, call.sent_at, call.cost) == ("call", "sent", NOW, 6.0)
    assert (call.key, call.address, call.tone) == ("0310-C2", "+31200000002", "firm")
    assert contacts_frame(cast.organisation, NOW)["invoice_ids"].to_list() == [["F2"]]
    kinds = set(Event.objects.of(cast.organisation).values_list("kind", flat=True))
    assert {"replied", "promised"} <= kinds
    task = Task.objects.of(cast.organisation).get(pk=calls[0].pk)
    assert (task.state, task.outcome, task.minutes) == ("done", "reached_promised", Decimal(8))
    assert queries.capacity_of(cast.agent).left == 9
    with pytest.raises(Refused):
        finish(cast.actor("agent"), task=calls[0], outcome="no_answer")
    assert Message.objects.of(cast.organisation).count() == 1


def test_a_promise_needs_a_day_and_nothing_is_kept_without(cast: Cast, calls: list[Task]) -> None:
    with pytest.raises(Invalid) as refused:
        finish(cast.actor("agent"), task=calls[0], outcome="reached_promised")
    assert refused.value.field == "promised_on"
    # A refusal further on undoes what came before it.
    with pytest.raises(Invalid):
        finish(
            cast.actor("agent"), task=calls[0], outcome="reached_promised",
            promised_on=NOW.date() - timedelta(days=1),
        )  # fmt: skip
    assert not Message.objects.of(cast.organisation).exists()
    assert Task.objects.of(cast.organisation).get(pk=calls[0].pk).state == "open"


def test_who_objects_is_left_alone_about_that_invoice(cast: Cast, calls: list[Task]) -> None:
    finish(cast.actor("agent"), task=calls[0], outcome="dispute", dispute_reason="wrong_amount")
    assert Dispute.objects.of(cast.organisation).get().invoice.key == "F2"


@pytest.mark.parametrize(
    ("outcome", "reason", "days"),
    [("hardship", "hardship", 30), ("paid_already", "unmatched_money", 7)],
)
def test_who_cannot_pay_or_says_it_is_paid_gets_time(
    cast: Cast, calls: list[Task], outcome: str, reason: str, days: int
) -> None:
    finish(cast.actor("agent"), task=calls[0], outcome=outcome)
    hold = Hold.objects.of(cast.organisation).get()
    assert (hold.reason, hold.ends_at) == (reason, NOW + timedelta(days=days))


def test_a_wrong_number_is_marked(cast: Cast, calls: list[Task]) -> None:
    done = finish(cast.actor("agent"), task=calls[0], outcome="wrong_number")
    point = Customer.objects.of(cast.organisation).get(key="C2").contact_points.get(kind="phone")
    assert point.bounced_at == NOW
    assert done.message is not None and done.message.cost == 0.75
    assert Event.objects.of(cast.organisation).filter(kind="bounced").count() == 1


def test_a_call_back_comes_back_to_the_same_person(cast: Cast, calls: list[Task]) -> None:
    moment = NOW + timedelta(hours=5)
    done = finish(cast.actor("agent"), task=calls[0], outcome="callback", call_at=moment)
    assert done.again is not None
    assert (done.again.due_at, done.again.claimed_by) == (moment, cast.agent.user)
    second = finish(cast.actor("agent"), task=done.again, outcome="no_answer")
    assert second.message is not None
    assert Message.objects.of(cast.organisation).count() == 2


def test_somebody_elses_case_is_not_mine_to_end(
    cast: Cast, calls: list[Task], colleague: Membership
) -> None:
    actions.claim(cast.actor("agent"), task=calls[0])
    with pytest.raises(Refused):
        finish(person(colleague), task=calls[0], outcome="no_answer")
    with pytest.raises(NotFound):
        finish(cast.actor("stranger"), task=calls[0], outcome="no_answer")
    assert Task.objects.of(cast.organisation).get(pk=calls[0].pk).state == "open"


def test_a_call_that_nobody_made_makes_way_for_the_next_plan(cast: Cast, calls: list[Task]) -> None:
    actions.claim(cast.actor("agent"), task=calls[0])
    tomorrow = plans.run(cast, NOW + timedelta(days=1))
    open_gate(tomorrow)
    states = [t.state for t in Task.objects.of(cast.organisation).order_by("-value")]
    assert states == ["open", "lapsed", "lapsed"]


@pytest.fixture
def run(cast: Cast) -> Run:
    """A plan with C1, who owes 100 euros."""
    plans.rules(cast)
    plans.settle(cast, automatic=["all"])
    make.invoice(cast, "F1", customer="C1")
    return plans.run(cast)


def test_what_keeps_somebody_from_paying_becomes_a_case(cast: Cast, run: Run) -> None:
    why = "likely obstacle: payment method (payment page seen 4 times, failed twice)"
    plans.decision(run, verdict="review", review_reason=why)
    open_gate(run)
    assert actions.lay_out(run) == {"obstacle": 1}
    assert actions.lay_out(run) == {}
    task = Task.objects.of(cast.organisation).get()
    assert (task.facts["words"], task.value) == (why, 12.5)
    card = queries.card_of(task.customer, task)
    assert card.strategies[0] == "help_paying"
    assert card.p_success == 0.8


def test_an_objection_becomes_a_case_until_it_is_answered(cast: Cast, run: Run) -> None:
    ledger.open_dispute(cast.system, invoice_key="F1", reason="quality", note="Broken on arrival.")
    assert actions.lay_out(run) == {"dispute": 1}
    assert [t.kind for t in queries.tasks_of(cast.organisation, Customer.across.get().pk)] == [
        "dispute"
    ]
    ledger.resolve_dispute(cast.system, invoice_key="F1", outcome="rejected")
    assert actions.lay_out(run) == {}
    assert Task.objects.of(cast.organisation).get().state == "lapsed"


def test_a_broken_promise_becomes_a_case(cast: Cast, run: Run) -> None:
    ledger.make_promise(cast.system, customer_key="C1", invoice_keys=["F1"], promised_on=NOW.date())
    make.at(cast, NOW + timedelta(days=5))
    ledger.settle_agreements(cast.system)
    later = plans.run(cast, NOW + timedelta(days=5))
    assert actions.lay_out(later) == {"promise_broken": 1}


def test_a_pattern_of_broken_promises_comes_earlier_on_the_worklist(cast: Cast, run: Run) -> None:
    for days in (0, 5, 10):
        make.at(cast, NOW + timedelta(days=days))
        ledger.make_promise(
            cast.system, customer_key="C1", invoice_keys=["F1"],
            promised_on=(NOW + timedelta(days=days)).date(),
        )  # fmt: skip
        make.at(cast, NOW + timedelta(days=days + 4))
        ledger.settle_agreements(cast.system)
    actions.lay_out(plans.run(cast, NOW + timedelta(days=14)))
    task = Task.objects.of(cast.organisation).get()
    # Half of 25 is at stake; the second and third of a year raise it by half each.
    assert (task.facts["broken"], task.value) == (3, 25.0)


def test_a_complex_case_gets_somebody_who_answers_for_it(
    cast: Cast, run: Run, colleague: Membership
) -> None:
    ledger.start_hold(
        cast.system, customer_key="C1", reason="breathing_space", ends_at=NOW + timedelta(hours=1)
    )
    SegmentStrategy.objects.of(cast.organisation).create(segment="late_payer", skill="german")
    plans.decision(run)
    open_gate(run)
    assert Decision.objects.of(cast.organisation).get().gate == "complex"
    assert actions.lay_out(run) == {"review": 1}
    assert Customer.objects.of(cast.organisation).get().owner == colleague.user
    task = Task.objects.of(cast.organisation).get()
    assert (task.skill, task.facts["complex"]) == ("german", ["vulnerable"])
    # It is theirs to take, and nobody else's list is crowded by it.
    assert [t.pk for t in queries.worklist(colleague).free] == [task.pk]
    assert queries.worklist(cast.agent).free == []
