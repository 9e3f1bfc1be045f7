"""A payment stops what was under way in the same moment, and only what nothing is left of."""

from datetime import timedelta
from decimal import Decimal

import polars as pl
import pytest

import make
import plans
from cast import NOW, Cast
from tenor.engine.frames import PAYMENTS, conform
from tenor.platform.decisions.gate import open_gate
from tenor.platform.decisions.models import Task
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger import bulk
from tenor.platform.outreach.actions import plan_message
from tenor.platform.outreach.asking import About, standing
from tenor.platform.outreach.models import Message


@pytest.fixture
def planned(cast: Cast) -> Message:
    """An e-mail about F1 and F2 that waits for its hour."""
    plans.rules(cast)
    plans.settle(cast, automatic=["all"])
    make.invoice(cast, "F1", amount="100")
    make.invoice(cast, "F2", amount="50")
    run = plans.run(cast)
    decision = plans.decision(run, invoice_keys=["F1", "F2"])
    open_gate(run)
    decision.refresh_from_db()
    return plan_message(cast.actor(), decision)


def state(message: Message) -> tuple[str, str, str]:
    message.refresh_from_db()
    assert message.decision is not None
    message.decision.refresh_from_db()
    return message.state, message.refusal, message.decision.state


def test_paid_in_full_the_message_and_its_decision_end_at_once(
    cast: Cast, planned: Message
) -> None:
    make.payment(cast, "P1", customer="C1", amount="150")
    assert state(planned) == ("cancelled", "paid", "lapsed")


def test_paid_in_part_it_goes_on_about_the_rest(cast: Cast, planned: Message) -> None:
    make.payment(cast, "P1", invoice="F1", amount="100")
    assert state(planned) == ("planned", "", "approved")
    make.payment(cast, "P2", invoice="F2", amount="50")
    assert state(planned) == ("cancelled", "paid", "lapsed")


def test_a_credit_note_over_all_stops_it_too(cast: Cast, planned: Message) -> None:
    for key, amount in (("F1", 100), ("F2", 50)):
        ledger.credit_invoice(
            cast.actor(), invoice_key=key, amount=Decimal(amount), key=f"c{key}", text="x"
        )
    assert state(planned) == ("cancelled", "paid", "lapsed")


def test_a_payment_that_is_refused_stops_nothing(cast: Cast, planned: Message) -> None:
    with pytest.raises(Exception, match="in EUR"):
        make.payment(cast, "P1", invoice="F1", amount="150", currency="USD")
    assert state(planned) == ("planned", "", "approved")


def test_money_that_comes_in_by_the_thousand_stops_it_as_well(cast: Cast, planned: Message) -> None:
    rows = [
        {"payment_id": f"P{key}", "invoice_id": key, "paid_at": NOW, "amount": Decimal(amount)}
        for key, amount in (("F1", 100), ("F2", 50))
    ]
    bulk.add_payments(cast.system, conform(PAYMENTS, pl.DataFrame(rows)))
    assert state(planned) == ("cancelled", "paid", "lapsed")


def test_a_call_that_nobody_has_taken_on_leaves_the_list(cast: Cast) -> None:
    plans.rules(cast)
    make.invoice(cast, "F1")
    tasks, row = Task.objects.of(cast.organisation), make.customer(cast, "C1")
    for key in ("one", "two"):
        tasks.create(
            customer=row, key=key, kind="call", facts={"invoice_keys": ["F1"]}, due_at=NOW,
            created_at=NOW, claimed_by=cast.agent.user if key == "two" else None,
        )  # fmt: skip
    make.payment(cast, "P1", invoice="F1")
    assert dict(tasks.values_list("key", "state")) == {"one": "lapsed", "two": "open"}


def test_asked_again_what_is_paid_is_not_owed_whatever_else_would_have_stopped_it(
    cast: Cast,
) -> None:
    plans.settle(cast)
    make.invoice(cast, "F1")
    make.invoice(cast, "F2", amount="50")
    make.payment(cast, "P1", invoice="F1")
    customer = make.customer(cast, "C1").pk
    asked = [About(customer, keys, "EUR") for keys in (["F1"], ["F1", "F2"])]
    later = NOW + timedelta(days=7)
    nothing, rest = standing(cast.organisation, asked, later)
    assert nothing.refusal == "paid"
    assert (rest.refusal, [invoice.key for invoice in rest.invoices]) == ("", ["F2"])
