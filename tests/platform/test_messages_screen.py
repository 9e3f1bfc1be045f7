"""Texts of messages on the screen, and messages as they were received."""

import re
from html import unescape

import pytest
from django.core import mail as django_mail
from django.test import Client

import make
import plans
from cast import NOW, Cast
from tenor.platform.decisions.models import Decision
from tenor.platform.ledger.actions.accounts import set_account
from tenor.platform.ledger.models import Customer
from tenor.platform.outreach.models import Content, Message
from tenor.platform.wording.draft import Kind
from tenor.platform.wording.models import Template

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


TEXT = "/o/delta/messages/reminder/long/friendly/nl/"
OWN = {
    "subject": "Een bericht van {organisation}",
    "body": "Misschien bent u het vergeten: van {invoices} staat nog {total} open.\n\n---\n\n"
    "Hebt u vragen? Bel ons op {phone}.",
}  # fmt: skip


@pytest.fixture
def people(cast: Cast) -> dict[str, Client]:
    """A browser of each role; the organisation can be reached and paid."""
    account(cast)
    settle = {"phone": "+31 20 555 01 23", "reply_email": "vragen@delta.example",
              "postal_address": "Kade 1\n1011 AB Amsterdam"}  # fmt: skip
    plans.settle(cast, **settle)
    found = {}
    for role in ("agent", "manager", "analyst", "compliance", "administrator"):
        found[role] = Client()
        found[role].force_login(getattr(cast, role).user)
    return found


def test_every_occasion_stands_in_every_language_and_form(manager: Client) -> None:
    for language in ("nl", "en", "de", "fr"):
        for form in ("long", "short", "script"):
            page = manager.get(f"/o/delta/messages/?language={language}&form={form}")
            assert page.status_code == 200
            cells = [c for g in page.context["groups"] for r in g["rows"] for c in r["cells"]]
            assert len(cells) == len(Kind) * 5
            assert {cell["words"] for cell in cells} == {"built-in"}


def test_every_built_in_text_opens_and_is_shown_filled_in(
    cast: Cast, people: dict[str, Client]
) -> None:
    for kind in Kind:
        address = f"/o/delta/messages/{kind}/long/neutral/nl/"
        page = people["agent"].get(address)
        assert page.status_code == 200, kind
        given = {name: page.context["shown"][name] for name in ("subject", "body", "version")}
        part = people["agent"].post(address + "preview/", given).content.decode()
        if kind is not Kind.NOTICE:
            assert "message-page" in part, (kind, part)
            paragraphs = re.findall(r"(?m)^\w.{40,}$", unescape(part))
            assert len(paragraphs) == len(set(paragraphs)), kind


def test_a_text_is_written_submitted_approved_by_another_and_taken_out_of_use(
    cast: Cast, people: dict[str, Client]
) -> None:
    assert people["manager"].post(TEXT + "begin/", {"version": "built-in"}).status_code == 302
    people["manager"].post(TEXT + "submit/", OWN | {"note": "Warmer"})
    row = Template.objects.of(cast.organisation).get()
    assert (row.state, row.subject, row.note) == ("submitted", OWN["subject"], "Warmer")
    waiting = people["compliance"].get("/o/delta/messages/").content.decode()
    assert "1 text waits for somebody" in waiting
    assert people["manager"].post(TEXT + "approve/").status_code == 403
    page = people["compliance"].get(TEXT).content.decode()
    assert "Put this text in use?" in page
    assert "Misschien bent u het vergeten" in page
    people["compliance"].post(TEXT + "approve/")
    row.refresh_from_db()
    assert row.state == "live"
    cell = people["agent"].get("/o/delta/messages/?language=nl").content.decode()
    assert "your own" in cell
    people["compliance"].post(TEXT + "retire/")
    row.refresh_from_db()
    assert row.state == "retired"


def test_a_text_is_sent_back_with_a_reason_that_its_writer_sees(
    cast: Cast, people: dict[str, Client]
) -> None:
    people["manager"].post(TEXT + "submit/", OWN)
    assert people["compliance"].post(TEXT + "reject/", {"because": " "}).status_code == 422
    people["compliance"].post(TEXT + "reject/", {"because": "Name the day"})
    page = people["manager"].get(TEXT).content.decode()
    assert "Name the day" in page
    assert "Save the draft" in page
    assert "Save the draft" not in people["agent"].get(TEXT).content.decode()


@pytest.mark.parametrize(
    ("body", "said"),
    [("Betaal direct of wij sturen de deurwaarder op u af.", "Has to change:"),
     ("U bent ons {totaal} schuldig.", "There is no variable of this name."),
     ("U bent ons € 128,50 schuldig.", "An amount by hand will be wrong")],
)  # fmt: skip
def test_a_text_with_a_fault_is_told_as_it_is_typed_and_not_submitted(
    cast: Cast, people: dict[str, Client], body: str, said: str
) -> None:
    given = OWN | {"body": body, "version": "1"}
    assert said in people["manager"].post(TEXT + "preview/", given).content.decode()
    page = people["manager"].post(TEXT + "submit/", given)
    assert page.status_code == 422
    assert body in unescape(page.content.decode())
    assert [row.state for row in Template.objects.of(cast.organisation)] == ["draft"]


def test_a_text_is_filled_in_from_the_case_that_is_asked_for(
    cast: Cast, people: dict[str, Client]
) -> None:
    make.customer(cast, "C7", name="Bo de Wit")
    make.invoice(cast, "F7", customer="C7", amount="77.70")
    cases = people["manager"].get("/o/delta/messages/cases/?customer=wit").content.decode()
    assert 'value="C7"' in cases and "77.70" in cases
    part = people["manager"].post(TEXT + "preview/", OWN | {"customer": "C7"}).content.decode()
    assert "Bo de Wit" in part
    assert "€ 77,70" in part.replace("\u00a0", " ")
    nobody = people["manager"].post(TEXT + "preview/", OWN | {"customer": "Zzz"}).content.decode()
    assert "Nobody of this name or number owes anything." in nobody


def test_a_text_message_says_its_parts_and_a_script_is_shown_to_be_read(
    cast: Cast, people: dict[str, Client]
) -> None:
    short = "/o/delta/messages/reminder/short/friendly/nl/"
    shown = people["manager"].get(short).context["shown"]
    part = people["manager"].post(short + "preview/", {"body": shown["body"]}).content.decode()
    assert re.search(r"\d+ signs, \d parts?", part)
    script = "/o/delta/messages/reminder/script/friendly/nl/"
    shown = people["manager"].get(script).context["shown"]
    part = people["manager"].post(script + "preview/", {"body": shown["body"]}).content.decode()
    assert 'class="message-body preview-body script"' in part


def test_a_test_goes_to_who_asks_and_counts_as_no_contact(
    cast: Cast, people: dict[str, Client]
) -> None:
    page = people["manager"].post(TEXT + "try/", OWN)
    assert "Sent to credit_manager@delta.example." in page.content.decode()
    (mail,) = django_mail.outbox
    assert mail.to == ["credit_manager@delta.example"]
    assert mail.subject == "PROEF: Een bericht van Delta Water"
    assert not Message.objects.of(cast.organisation).exists()
    people["manager"].post("/o/delta/settings/channels/email/stop/", {"because": "Trial"})
    refused = people["manager"].post(TEXT + "try/", OWN)
    assert refused.status_code == 422
    assert len(django_mail.outbox) == 1
    assert people["agent"].post(TEXT + "try/", OWN).status_code == 403


def test_a_place_that_is_none_is_not_there(manager: Client) -> None:
    for where in ("x/long/firm/nl", "reminder/x/firm/nl", "reminder/long/x/nl",
                  "reminder/long/firm/xx"):  # fmt: skip
        assert manager.get(f"/o/delta/messages/{where}/").status_code == 404
        assert manager.post(f"/o/delta/messages/{where}/begin/").status_code == 404
    assert manager.get(TEXT + "?version=9").status_code == 404
    assert manager.post(TEXT + "withdraw/").status_code == 404


def test_today_tells_who_may_approve_that_a_text_waits(
    cast: Cast, people: dict[str, Client]
) -> None:
    people["manager"].post(TEXT + "submit/", OWN)
    told = "text of a message waits for your word"
    assert told in people["compliance"].get("/o/delta/today/").content.decode()
    assert told not in people["manager"].get("/o/delta/today/").content.decode()
