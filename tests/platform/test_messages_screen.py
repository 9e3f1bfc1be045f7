"""Texts of messages on the screen, and messages as they were received."""

import re

import pytest
from django.test import Client

import make
import plans
from cast import NOW, Cast
from tenor.platform.decisions.models import Decision
from tenor.platform.ledger.actions.accounts import set_account
from tenor.platform.ledger.models import Customer
from tenor.platform.outreach.models import Content, Message

PAGE = (
    '<!doctype html><html><head><title>R</title></head><body style="color: #111">'
    '<a href="https://pay.example/p/1/">Pay</a><script>alert(1)</script></body></html>'
)


@pytest.fixture
def sent(cast: Cast) -> Message:
    """An e-mail that Ann got, with its page."""
    make.customer(cast, "C1", name="Ann Bakker")
    message: Message = Message.objects.of(cast.organisation).create(
        customer=Customer.objects.of(cast.organisation).get(key="C1"), key="m1", channel="email",
        tone="friendly", subject="Invoice F1", body="Please pay.", state="sent", send_at=NOW,
        sent_at=NOW, address="ann@home.example",
    )  # fmt: skip
    Content.objects.of(cast.organisation).create(message=message, html=PAGE)
    return message


def test_the_case_shows_an_email_as_it_was_received(sent: Message, manager: Client) -> None:
    text = manager.get("/o/delta/customers/C1/").content.decode()
    assert f'src="/o/delta/messages/received/{sent.pk}/"' in text
    assert "Please pay." in text


def test_a_received_page_stands_in_a_frame_that_can_do_nothing(
    sent: Message, manager: Client
) -> None:
    answer = manager.get(f"/o/delta/messages/received/{sent.pk}/")
    parts = [part.partition(" ") for part in answer["Content-Security-Policy"].split("; ")]
    policy = {name: value for name, _space, value in parts}
    assert policy["default-src"] == "'none'"
    assert policy["sandbox"] == ""
    assert policy["form-action"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert "script-src" not in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert '<head><base target="_blank">' in answer.content.decode()


def test_a_message_without_a_page_has_none(sent: Message, manager: Client) -> None:
    Content.objects.of(sent.organisation_id).update(html="")
    assert manager.get(f"/o/delta/messages/received/{sent.pk}/").status_code == 404


def test_nobody_of_another_organisation_sees_a_message(sent: Message, stranger: Client) -> None:
    assert stranger.get(f"/o/omega/messages/received/{sent.pk}/").status_code == 404
    assert stranger.get(f"/o/delta/messages/received/{sent.pk}/").status_code == 404


@pytest.fixture
def intended(cast: Cast) -> Decision:
    """Ann owes 100 euro, and Tenor intends a friendly e-mail."""
    plans.rules(cast)
    make.customer(cast, "C1", name="Ann Bakker")
    make.invoice(cast, "F1", amount="100")
    return plans.decision(plans.run(cast))


def account(cast: Cast) -> None:
    set_account(
        cast.actor("administrator"), iban="NL91ABNA0417164300", currency="EUR", holder="Delta"
    )


def test_a_decision_shows_its_message_as_it_would_go_out_now(
    cast: Cast, intended: Decision, manager: Client
) -> None:
    account(cast)
    text = manager.get(f"/o/delta/messages/decision/{intended.pk}/").content.decode()
    assert "Ann Bakker" in text
    page = re.search(r'src="(/o/delta/messages/page/[^"]+)"', text)
    assert page is not None
    html = manager.get(page[1]).content.decode()
    assert "NL91 ABNA 0417 1643 00" in html.replace("\u00a0", " ")
    other = Client()
    other.force_login(cast.agent.user)
    assert other.get(page[1]).status_code == 404


def test_a_message_that_cannot_be_said_says_why_and_where_to_put_it_right(
    intended: Decision, manager: Client
) -> None:
    text = manager.get(f"/o/delta/messages/decision/{intended.pk}/").content.decode()
    assert "No bank account is known in this currency" in text
    assert 'href="/o/delta/settings/seen/"' in text


def test_own_words_are_looked_over_as_they_are_typed(
    cast: Cast, intended: Decision, manager: Client
) -> None:
    account(cast)
    address = f"/o/delta/messages/decision/{intended.pk}/words/"
    text = manager.post(address, {"text": "PAY AT ONCE OR ELSE!!"}).content.decode()
    assert "Has to change:" in text
    assert "Capitals shout" in text
    calm = manager.post(address, {"text": "We spoke on the phone today."}).content.decode()
    assert "Nothing to remark." in calm
    assert "We spoke on the phone today." in calm
    intended.refresh_from_db()
    assert intended.text == ""
