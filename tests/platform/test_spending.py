"""What contact cost and what came after it: each part at its price, each payment once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

import make
import plans
from cast import NOW, Cast
from tenor.platform.ledger.models import Customer, Payment
from tenor.platform.outreach.models import Cost, Message
from tenor.platform.outreach.queries.spending import decided_alike, parts_of_cost

SINCE = NOW - timedelta(days=30)


def contact(cast: Cast, key: str, days: int, cost: str, *, arm: str = "treated") -> Message:
    """Send a friendly e-mail to a customer some days ago, by a decision, at a cost."""
    run = plans.run(cast, as_of=NOW - timedelta(days=days))
    if not Customer.objects.of(cast.organisation).filter(key=key).exists():
        make.invoice(cast, f"F{key}", customer=key)
    decision = plans.decision(run, key, arm=arm, invoice_keys=[f"F{key}"])
    message: Message = Message.objects.of(cast.organisation).create(
        customer=decision.customer, decision=decision, key=f"{key}-{days}", channel="email",
        tone="friendly", state="sent", send_at=run.as_of, sent_at=run.as_of,
    )  # fmt: skip
    Cost.objects.of(cast.organisation).create(
        message=message, item="provider", quantity=1, price=Decimal(cost), amount=Decimal(cost),
        currency="EUR", at=run.as_of,
    )  # fmt: skip
    return message


def paid(cast: Cast, key: str, days: int, amount: str) -> None:
    Payment.objects.of(cast.organisation).create(
        customer=Customer.objects.of(cast.organisation).get(key=key), key=f"p{key}{days}",
        amount=Decimal(amount), currency="EUR", paid_at=NOW - timedelta(days=days),
    )  # fmt: skip


@pytest.fixture
def month(cast: Cast) -> Cast:
    """Two contacts with A and one with B by Tenor, one with C by the fixed ladder."""
    plans.rules(cast)
    contact(cast, "A", 25, "0.10")
    contact(cast, "A", 8, "0.20")
    contact(cast, "B", 20, "0.30")
    contact(cast, "C", 21, "1.50", arm="control")
    paid(cast, "A", 5, "40")
    paid(cast, "B", 2, "70")  # eighteen days later: it follows no longer
    paid(cast, "C", 19, "50")
    return cast


def test_a_payment_counts_once_for_the_latest_message_before_it(month: Cast) -> None:
    found = decided_alike(month.organisation, SINCE, NOW, "EUR")
    assert [(d.arm, d.channel, d.tone, d.contacts, d.cost, d.followed) for d in found] == [
        ("control", "email", "friendly", 1, Decimal("1.50"), Decimal(50)),
        ("treated", "email", "friendly", 3, Decimal("0.60"), Decimal(40)),
    ]


def test_the_parts_of_cost_are_those_that_were_charged(month: Cast) -> None:
    (part,) = parts_of_cost(month.organisation, SINCE, "EUR")
    assert (part.channel, part.item) == ("email", "provider")
    assert (part.quantity, part.amount) == (Decimal(4), Decimal("2.10"))
    assert parts_of_cost(month.organisation, SINCE, "USD") == []


def test_the_report_shows_what_100_cost_in_each_arm(month: Cast, manager: Client) -> None:
    text = manager.get("/o/delta/reports/costs/").content.decode()
    assert "Cost of 100 that came, by arm" in text
    assert "€1.50" in text and "€3.00" in text
    table = manager.get("/o/delta/reports/costs/decided.csv").content.decode("utf-8-sig")
    assert "Fixed ladder" in table and "E-mail, friendly" in table
