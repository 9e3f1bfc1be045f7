"""No message goes out that does not say what the law of the customer's place wants it to say."""

from datetime import timedelta

import pytest
from django.core import mail

import make
import plans
from cast import NOW, Cast
from tenor.engine.law.contact.channels import seen_from_outside
from tenor.platform.core.clock import today
from tenor.platform.decisions.gate import open_gate
from tenor.platform.governance.law import pack_for
from tenor.platform.ledger.models import Customer, Invoice
from tenor.platform.outreach.actions import send_due
from tenor.platform.outreach.disclosures import lacking
from tenor.platform.outreach.models import Message
from tenor.platform.outreach.words import LETTERS, text_of

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def owing(cast: Cast) -> Invoice:
    """F1 of C1 is overdue, and an e-mail about it goes out in an hour."""
    plans.rules(cast)
    plans.settle(cast, automatic=["all"])
    made = make.invoice(cast, "F1", customer="C1")
    return Invoice.objects.of(cast.organisation).select_related("customer").get(pk=made.pk)


def send(cast: Cast) -> Message:
    made = plans.run(cast)
    plans.decision(made)
    open_gate(made)
    send_due(cast.organisation, LATER)
    return Message.objects.of(cast.organisation).get()


@pytest.mark.parametrize("language", sorted(path.stem for path in LETTERS.glob("*.toml")))
@pytest.mark.parametrize("country", ["NL", "BE", "DE", "FR", "GB", "US", "ES", "BR", ""])
@pytest.mark.parametrize("channel", ["email", "sms", "letter"])
def test_the_built_in_texts_say_what_a_creditor_must_everywhere(
    cast: Cast, owing: Invoice, language: str, country: str, channel: str
) -> None:
    customer: Customer = owing.customer
    customer.country, customer.language = country, language
    on = today(cast.organisation)
    text = text_of(cast.organisation, customer, [owing], tone="friendly", on=on)
    assert text.language == language
    pack = pack_for(cast.organisation, country or None)
    assert seen_from_outside(pack, on, surface="subject", text=text.subject).allowed
    for kind in ("consumer", "business", ""):
        customer.kind = kind
        assert lacking(cast.organisation, customer, text, channel=channel, on=on) == []


def test_a_reminder_names_a_day_and_where_to_ask_about_ones_data(
    cast: Cast, owing: Invoice
) -> None:
    assert send(cast).state == "sent"
    (sent,) = mail.outbox
    assert "Wilt u uiterlijk op 17-03-2026 betalen?" in sent.body
    assert "tegen het gebruik bezwaar" in sent.body


def test_an_agencys_first_message_waits_for_a_text_that_says_who_it_is(
    cast: Cast, owing: Invoice
) -> None:
    plans.settle(cast, actor="agency")
    message = send(cast)
    assert (message.state, message.refusal) == ("cancelled", "disclosures")
    assert mail.outbox == []
    text = text_of(
        cast.organisation, owing.customer, [owing], tone="friendly", on=today(cast.organisation)
    )
    lacks = lacking(
        cast.organisation, owing.customer, text, channel="email", on=today(cast.organisation)
    )
    assert {"creditor", "register_number", "complaint_route"} <= {one.content for one in lacks}
    assert any(one.reason.binding == "law" for one in lacks)
