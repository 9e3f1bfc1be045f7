"""Who is offered a plan by e-mail unasked, and who never is."""

from datetime import timedelta

import pytest

import make
import plans
from cast import NOW, Cast
from tenor.engine.events import Kind
from tenor.platform.decisions.models import Score
from tenor.platform.events.actions import record
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Invoice
from tenor.platform.offers.models import Offer
from tenor.platform.offers.passing import offer_plans
from tenor.platform.outreach.models import Message

TODAY = NOW.date()
RULES = plans.RULES + "\n[plans]\noffer = true\n"


@pytest.fixture
def short(cast: Cast) -> Cast:
    """C1 paid three invoices in time; of the fourth, overdue, the debit came back unpaid."""
    plans.rules(cast, RULES)
    plans.settle(cast, automatic=["all"])
    for number in (1, 2, 3):
        day = NOW - timedelta(days=60 + 30 * number)
        make.invoice(cast, f"P{number}", due_on=day.date())
        make.payment(cast, f"M{number}", invoice=f"P{number}", paid_at=day)
    make.invoice(cast, "F1", amount="240")
    likely(cast, 0.7)
    failed(cast)
    return cast


def likely(cast: Cast, p_paid: float) -> None:
    """Let the predictor give F1 this chance."""
    Score.objects.of(cast.organisation).update_or_create(
        invoice=Invoice.objects.of(cast.organisation).get(key="F1"),
        defaults={"as_of": NOW, "model_version": "test", "p_paid_7d": 0.1, "p_paid_30d": p_paid,
                  "p_paid_60d": p_paid, "risk": "B"},
    )  # fmt: skip


def failed(cast: Cast, reason: str = "insufficient_funds") -> None:
    """Tell of a payment of C1 that failed."""
    record(
        cast.organisation, Kind.PAYMENT_FAILED, at=NOW - timedelta(days=2), key=f"failed-{reason}",
        customer_key="C1", invoice_key="F1", detail={"reason": reason},
    )  # fmt: skip


def test_who_paid_reliably_and_is_short_for_a_while_gets_a_plan_once(short: Cast) -> None:
    assert offer_plans(short.system) == 1
    offer = Offer.objects.of(short.organisation).get()
    assert (offer.kind, offer.state, offer.because) == ("plan", "sent", ["insufficient_funds"])
    message = Message.objects.of(short.organisation).get()
    assert (message.kind, message.channel, message.invoice_keys) == ("plan_offer", "email", ["F1"])
    assert offer_plans(short.system) == 0


@pytest.mark.parametrize(
    "reason",
    ["off", "hold", "dispute", "promise", "unlikely", "refused", "unreliable", "not_overdue"],
)
def test_who_never_gets_one(short: Cast, reason: str) -> None:
    match reason:
        case "off":
            plans.rules(short)
        case "hold":
            ledger.start_hold(short.system, customer_key="C1", reason="hardship")
        case "dispute":
            ledger.open_dispute(short.system, invoice_key="F1", reason="quality")
        case "promise":
            ledger.make_promise(
                short.system, customer_key="C1", invoice_keys=["F1"], promised_on=TODAY
            )
        case "unlikely":
            likely(short, 0.3)
        case "refused":
            ledger.set_consent(short.system, customer_key="C1", channel="email", granted=False)
        case "unreliable":
            make.invoice(short, "P4", due_on=TODAY - timedelta(days=200))
            make.payment(short, "M4", invoice="P4", paid_at=NOW - timedelta(days=100))
        case "not_overdue":
            Invoice.objects.of(short.organisation).filter(key="F1").update(due_on=TODAY)
    assert offer_plans(short.system) == 0
    assert not Message.objects.of(short.organisation).exists()
