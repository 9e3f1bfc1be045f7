"""Holds, disputes, promises and plans: what they stop, how they end, what the engine is told."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

import make
from cast import NOW, Cast
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.core.models import AuditEntry
from tenor.platform.events.models import Event
from tenor.platform.ledger import actions
from tenor.platform.ledger.models import Hold, Note, Plan, Promise

DAY = timedelta(days=1)
TODAY = make.TODAY


def told(cast: Cast, *kinds: str) -> list[tuple[str, datetime, str, dict[str, Any]]]:
    """Return the events of these kinds as the engine gets them."""
    rows = Event.objects.of(cast.organisation).filter(kind__in=kinds).order_by("at", "pk")
    return [(e.kind, e.at, e.invoice_key, json.loads(e.detail or "{}")) for e in rows]


def settle(cast: Cast, moment: datetime) -> actions.Settled:
    make.at(cast, moment)
    return actions.settle_agreements(cast.system)


def promise(cast: Cast, *keys: str, days: int = 5, **values: Any) -> Promise:
    return actions.make_promise(
        cast.actor("agent"), customer_key="C1", invoice_keys=keys,
        promised_on=TODAY + days * DAY, **values,
    )  # fmt: skip


def plan(cast: Cast, *keys: str, parts: list[tuple[int, int]]) -> Plan:
    return actions.agree_plan(
        cast.actor("agent"), customer_key="C1", invoice_keys=keys,
        instalments=[(TODAY + days * DAY, Decimal(amount)) for days, amount in parts],
    )  # fmt: skip


def state(row: Promise | Plan) -> str:
    row.refresh_from_db()
    return row.state


def test_a_hold_ends_by_itself_and_tells_when(cast: Cast) -> None:
    make.invoice(cast)
    actions.start_hold(
        cast.actor("agent"), customer_key="C1", reason="hardship", ends_at=TODAY + 2 * DAY,
        note="Lost a job",
    )  # fmt: skip
    # Midnight at the end of that day in Amsterdam.
    end = datetime.fromisoformat("2026-03-12T23:00:00+00:00")
    assert Hold.objects.of(cast.organisation).get().ends_at == end
    assert settle(cast, end - timedelta(seconds=1)).holds_ended == 0
    assert settle(cast, NOW + 9 * DAY).holds_ended == 1
    assert settle(cast, NOW + 9 * DAY).holds_ended == 0
    assert told(cast, "hold_started", "hold_ended") == [
        (
            "hold_started",
            NOW,
            "",
            {"reason": "hardship", "code": "DISTRESS", "until": "2026-03-12"},
        ),
        ("hold_ended", end, "", {}),
    ]


def test_a_hold_on_one_invoice_can_be_lifted_once(cast: Cast) -> None:
    make.invoice(cast)
    hold = actions.start_hold(
        cast.actor("agent"), customer_key="C1", invoice_key="F1", reason="complaint"
    )
    make.at(cast, NOW + DAY)
    actions.lift_hold(cast.actor(), hold_id=hold.pk, note="answered")
    make.at(cast, NOW + 2 * DAY)
    assert actions.lift_hold(cast.actor(), hold_id=hold.pk).lifted_at == NOW + DAY
    assert told(cast, "hold_started", "hold_ended") == [
        ("hold_started", NOW, "F1", {"reason": "complaint", "code": "COMPLAINT"}),
        ("hold_ended", NOW + DAY, "F1", {}),
    ]
    entries = AuditEntry.across.filter(action__startswith="hold").order_by("number")
    assert [e.action for e in entries] == ["hold.start", "hold.lift"]


def test_a_hold_that_is_over_before_it_begins_is_refused(cast: Cast) -> None:
    make.invoice(cast)
    make.invoice(cast, "G1", customer="C2")
    for wrong in (
        {"ends_at": NOW},
        {"ends_at": TODAY - DAY},
        {"reason": "whim"},
        {"invoice_key": "G1"},
    ):
        with pytest.raises(Invalid):
            actions.start_hold(
                cast.actor("agent"), **{"customer_key": "C1", "reason": "agreed", **wrong}
            )
    assert not Hold.objects.of(cast.organisation).exists()
    assert told(cast, "hold_started") == []


def test_a_dispute_is_about_one_invoice_and_once_at_a_time(cast: Cast) -> None:
    make.invoice(cast, "F1")
    make.invoice(cast, "F2")
    agent = cast.actor("agent")
    actions.open_dispute(agent, invoice_key="F1", reason="wrong_amount", note="Says 60")
    with pytest.raises(Refused, match="disputed already"):
        actions.open_dispute(agent, invoice_key="F1", reason="other")
    with pytest.raises(Refused, match="not disputed"):
        actions.resolve_dispute(agent, invoice_key="F2", outcome="upheld")
    make.at(cast, NOW + DAY)
    actions.resolve_dispute(cast.actor("agent"), invoice_key="F1", outcome="partly", answer="Yes")
    actions.open_dispute(cast.actor("agent"), invoice_key="F1", reason="quality")
    assert told(cast, "disputed", "dispute_resolved") == [
        ("disputed", NOW, "F1", {"reason": "wrong_amount", "amount": "100.0000"}),
        ("dispute_resolved", NOW + DAY, "F1", {"outcome": "partly"}),
        ("disputed", NOW + DAY, "F1", {"reason": "quality", "amount": "100.0000"}),
    ]


def test_a_promise_is_kept_as_soon_as_it_is_paid(cast: Cast) -> None:
    make.invoice(cast, "F1", amount="60")
    make.invoice(cast, "F2", amount="40")
    made = promise(cast, "F1", "F2", amount=Decimal(70))
    assert told(cast, "promised") == [
        ("promised", NOW, "F1", {"date": "2026-03-15", "amount": "60.0000"}),
        ("promised", NOW, "F2", {"date": "2026-03-15", "amount": "10.0000"}),
    ]
    make.payment(cast, "P1", amount="69", customer="C1")
    assert state(made) == "open"
    make.payment(cast, "P2", amount="1", customer="C1")
    assert (state(made), made.decided_at) == ("kept", NOW)
    assert settle(cast, NOW + 30 * DAY).promises_broken == 0
    assert told(cast, "promise_broken") == []


def test_a_promise_breaks_after_its_day_and_the_tolerance(cast: Cast) -> None:
    make.invoice(cast)
    made = promise(cast, "F1", days=5)
    # Promised for 15 March, with two days more: until midnight in Amsterdam after the 17th.
    deadline = datetime.fromisoformat("2026-03-17T22:59:59.999999+00:00")
    assert settle(cast, deadline).promises_broken == 0
    assert settle(cast, NOW + 20 * DAY).promises_broken == 1
    assert settle(cast, NOW + 20 * DAY).promises_broken == 0
    assert state(made) == "broken"
    assert told(cast, "promise_broken") == [("promise_broken", deadline, "F1", {})]


def test_a_payment_that_is_told_late_keeps_the_promise_it_came_in_time_for(cast: Cast) -> None:
    make.invoice(cast)
    made = promise(cast, "F1", days=5)
    settle(cast, NOW + 20 * DAY)
    make.payment(cast, "P1", invoice="F1", paid_at=NOW + 6 * DAY)
    assert state(made) == "kept"


def test_a_payment_after_the_deadline_does_not_keep_a_promise(cast: Cast) -> None:
    make.invoice(cast)
    made = promise(cast, "F1", days=5)
    make.at(cast, NOW + 20 * DAY)
    make.payment(cast, "P1", invoice="F1", paid_at=NOW + 19 * DAY)
    assert state(made) == "broken"


def test_a_reversed_payment_opens_a_kept_promise_again(cast: Cast) -> None:
    make.invoice(cast)
    made = promise(cast, "F1")
    make.payment(cast, "P1", invoice="F1")
    assert state(made) == "kept"
    actions.reverse_payment(cast.actor(), payment_key="P1")
    assert (state(made), made.decided_at) == ("open", None)
    assert settle(cast, NOW + 20 * DAY).promises_broken == 1


def test_a_new_promise_takes_the_place_of_the_old_one(cast: Cast) -> None:
    make.invoice(cast)
    first = promise(cast, "F1", days=2)
    second = promise(cast, "F1", days=6)
    assert (state(first), state(second)) == ("withdrawn", "open")
    with pytest.raises(Refused):
        actions.withdraw_promise(cast.actor("agent"), promise_id=_kept(cast).pk)
    actions.withdraw_promise(cast.actor("agent"), promise_id=second.pk)
    assert settle(cast, NOW + 20 * DAY).promises_broken == 0
    reasons = [detail for *_, detail in told(cast, "promise_broken")]
    assert reasons == [{"reason": "withdrawn"}, {"reason": "withdrawn"}]


def _kept(cast: Cast) -> Promise:
    make.invoice(cast, "F9", amount="5")
    made = promise(cast, "F9")
    make.payment(cast, "P9", amount="5", invoice="F9")
    return made


def test_what_cannot_be_promised_is_refused(cast: Cast) -> None:
    make.invoice(cast, "F1")
    make.invoice(cast, "F2", currency="USD")
    make.invoice(cast, "F3", amount="5")
    make.invoice(cast, "G1", customer="C2")
    make.payment(cast, "P1", amount="5", invoice="F3")
    for keys, values in (
        (["F1", "F2"], {}),
        (["F3"], {}),
        (["G1"], {}),
        ([], {}),
        (["F1"], {"amount": Decimal("100.01")}),
        (["F1"], {"days": -1}),
    ):
        with pytest.raises(Refused):
            promise(cast, *keys, **values)
    assert not Promise.objects.of(cast.organisation).exists()
    assert told(cast, "promised") == []


def test_a_plan_is_paid_in_order_and_completed(cast: Cast) -> None:
    make.invoice(cast, "F1", amount="60")
    make.invoice(cast, "F2", amount="40")
    made = plan(cast, "F1", "F2", parts=[(0, 30), (30, 30), (60, 40)])
    until = (TODAY + 60 * DAY).isoformat()
    assert told(cast, "plan_agreed") == [
        ("plan_agreed", NOW, "F1", {"until": until, "instalments": 3, "amount": "60.0000"}),
        ("plan_agreed", NOW, "F2", {"until": until, "instalments": 3, "amount": "40.0000"}),
    ]
    make.payment(cast, "P1", amount="45", customer="C1")
    assert [i.paid for i in made.instalments.all()] == [30, 15, 0]
    make.payment(cast, "P2", amount="55", customer="C1", paid_at=NOW + DAY)
    assert [i.paid for i in made.instalments.all()] == [30, 30, 40]
    assert state(made) == "completed"
    actions.reverse_payment(cast.actor(), payment_key="P2")
    assert (state(made), [i.paid for i in made.instalments.all()]) == ("active", [30, 15, 0])


def test_a_plan_breaks_when_an_instalment_stays_unpaid(cast: Cast) -> None:
    make.invoice(cast)
    made = plan(cast, "F1", parts=[(0, 30), (30, 70)])
    make.payment(cast, "P1", amount="30", invoice="F1")
    assert settle(cast, NOW + 10 * DAY) == actions.Settled()
    assert settle(cast, NOW + 33 * DAY).plans_broken == 0
    assert settle(cast, NOW + 50 * DAY).plans_broken == 1
    assert settle(cast, NOW + 50 * DAY).plans_broken == 0
    assert state(made) == "broken"
    # Due on 9 April with three days more; summer time began in between.
    deadline = datetime.fromisoformat("2026-04-12T21:59:59.999999+00:00")
    assert told(cast, "plan_broken") == [("plan_broken", deadline, "F1", {"reason": "instalment"})]


def test_a_missed_instalment_breaks_the_plan_though_it_is_paid_later(cast: Cast) -> None:
    make.invoice(cast)
    made = plan(cast, "F1", parts=[(0, 30), (30, 70)])
    make.at(cast, NOW + 20 * DAY)
    make.payment(cast, "P1", amount="30", invoice="F1", paid_at=NOW + 20 * DAY)
    assert state(made) == "broken"


def test_a_plan_takes_the_place_of_promises_and_can_be_cancelled(cast: Cast) -> None:
    make.invoice(cast)
    word = promise(cast, "F1")
    made = plan(cast, "F1", parts=[(0, 50), (30, 50)])
    assert state(word) == "withdrawn"
    with pytest.raises(Refused, match="plan covers"):
        promise(cast, "F1")
    actions.cancel_plan(cast.actor("agent"), plan_id=made.pk, note="Paid elsewhere")
    assert state(actions.cancel_plan(cast.actor("agent"), plan_id=made.pk)) == "cancelled"
    assert [detail for *_, detail in told(cast, "plan_broken")] == [{"reason": "cancelled"}]
    assert promise(cast, "F1").state == "open"


@pytest.mark.parametrize(
    "parts",
    [[], [(0, 99)], [(0, 50), (0, 50)], [(30, 50), (0, 50)], [(-1, 100)], [(0, 101), (1, -1)]],
)
def test_a_plan_that_does_not_add_up_is_refused(cast: Cast, parts: list[tuple[int, int]]) -> None:
    make.invoice(cast)
    with pytest.raises(Invalid):
        plan(cast, "F1", parts=parts)
    assert not Plan.objects.of(cast.organisation).exists()
    assert told(cast, "plan_agreed") == []


def test_a_credit_note_counts_for_what_was_agreed(cast: Cast) -> None:
    make.invoice(cast)
    made = plan(cast, "F1", parts=[(0, 50), (30, 50)])
    actions.credit_invoice(cast.actor(), invoice_key="F1", amount=Decimal(60))
    assert [i.paid for i in made.instalments.all()] == [50, 10]
    make.payment(cast, "P1", amount="40", invoice="F1")
    assert state(made) == "completed"


def test_who_may_not_work_agrees_nothing(cast: Cast) -> None:
    make.invoice(cast)
    analyst = cast.actor("analyst")
    day: date = TODAY + DAY
    for refused in (
        lambda: actions.start_hold(analyst, customer_key="C1", reason="agreed"),
        lambda: actions.open_dispute(analyst, invoice_key="F1", reason="other"),
        lambda: actions.make_promise(
            analyst, customer_key="C1", invoice_keys=["F1"], promised_on=day
        ),
        lambda: actions.agree_plan(
            analyst, customer_key="C1", invoice_keys=["F1"], instalments=[(day, Decimal(100))]
        ),
        lambda: actions.settle_agreements(analyst),
    ):
        with pytest.raises(Forbidden):
            refused()
    assert Event.objects.of(cast.organisation).count() == 0


def test_a_note_is_kept_with_who_wrote_it(cast: Cast) -> None:
    make.customer(cast)
    actions.write_note(cast.actor("agent"), customer_key="C1", text=" Call after six ")
    note = Note.objects.of(cast.organisation).get()
    assert (note.text, note.by, note.at) == ("Call after six", "Agent", NOW)
    with pytest.raises(Invalid):
        actions.write_note(cast.actor("agent"), customer_key="C1", text="  ")
