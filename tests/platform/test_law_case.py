"""The card of the law in a case: what may be done now, why, from when, in the reader's language."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import translation

import make
import plans
from cast import NOW, Cast
from tenor.engine.law.explain import STEPS
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Customer, Hold, LegalNotice
from tenor.platform.workbench.case.law import law_page
from tenor.platform.workbench.case.law_words import reason_words, step_words

CASE = "/o/delta/customers/C1/"
ACT = "/o/delta/case/C1/"


@pytest.fixture
def ann(cast: Cast) -> Customer:
    """Ann owes 500 euros since 20 January; it is Tuesday, 10 March, nine in the morning."""
    plans.rules(cast)
    make.invoice(cast, "F1", amount="500", due_on=date(2026, 1, 20))
    return Customer.objects.of(cast.organisation).select_related("organisation").get()


def answers(cast: Cast, customer: Customer) -> dict[str, object]:
    groups = law_page(cast.actor(), customer)["law_groups"]
    return {answer.step: answer for _name, some in groups for answer in some}


def text_of(client: Client) -> str:
    answer = client.get(CASE)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_every_step_stands_on_the_card_once(cast: Cast, ann: Customer) -> None:
    assert set(answers(cast, ann)) == set(STEPS)


def test_the_card_says_yes_no_why_and_until_when(
    cast: Cast, ann: Customer, manager: Client
) -> None:
    text = text_of(manager)
    assert "What may be done now" in text
    assert "Send an e-mail until Tue 10 Mar, 20:00" in text
    assert "Charge collection costs A letter that has to come first was not sent" in text
    assert "NL:notices.fourteen_day" in text and "6:96" in text
    assert "since 1 Jul 2012" in text


def test_on_a_sunday_the_card_names_monday_morning(
    cast: Cast, ann: Customer, manager: Client
) -> None:
    make.at(cast, datetime.fromisoformat("2026-03-15T12:00:00+01:00"))
    assert "Send a letter It is Sunday there from Mon 16 Mar, 07:00" in text_of(manager)


def test_the_card_speaks_the_readers_language(cast: Cast, ann: Customer, manager: Client) -> None:
    cast.manager.user.language = "nl"
    cast.manager.user.save()
    text = text_of(manager)
    assert "Wat er nu mag" in text and "Er is een brief nodig die nog niet is verstuurd" in text
    with translation.override("nl"):
        for step in STEPS:
            assert step_words(step) != step
        assert reason_words("MORE_THAN_7_IN_7", "") == "Meer dan 7 contacten in 7 dagen"


def test_a_hold_is_on_the_card_and_in_the_form_with_who_lifts_it(
    cast: Cast, ann: Customer, manager: Client
) -> None:
    manager.post(ACT + "hold/", {"reason": "payment_pending"})
    made = Hold.objects.of(cast.organisation).get()
    # No day was given: three days, as the law's default has it.
    assert made.ends_at is not None and made.ends_at > NOW + timedelta(days=3)
    text = text_of(manager)
    assert "Ask for payment A payment is on its way" in text
    assert "lifted by: Tenor itself, whoever works on the case" in text
    manager.post(ACT + "hold/", {"reason": "wrong_address", "channel": "sms", "until": ""})
    assert Hold.objects.of(cast.organisation).get(reason="wrong_address").channel == "sms"
    assert "Send a text message The address is wrong" in text_of(manager)


def test_an_agent_may_not_lift_what_another_desk_keeps(
    cast: Cast, ann: Customer, client: Client
) -> None:
    made = ledger.start_hold(cast.system, customer_key="C1", reason="breathing_space")
    client.force_login(cast.agent.user)
    said = client.post(f"/o/delta/agreements/hold/{made.pk}/lift/", follow=True)
    assert "not yours to lift" in said.content.decode()
    made.refresh_from_db()
    assert made.lifted_at is None
    client.force_login(cast.compliance.user)
    client.post(f"/o/delta/agreements/hold/{made.pk}/lift/")
    made.refresh_from_db()
    assert made.lifted_at == NOW


def test_a_letter_and_its_receipt_are_kept_from_the_case(
    cast: Cast, ann: Customer, manager: Client
) -> None:
    form = {"invoices": ["F1"], "kind": "fourteen_day", "sent_on": "2026-02-02",
            "channel": "letter", "costs": "75"}  # fmt: skip
    assert "The law knows no such letter" in (
        manager.post(ACT + "notice/", {**form, "kind": "poem"}, follow=True).content.decode()
    )
    manager.post(ACT + "notice/", {**form, "complete": "yes"})
    row = LegalNotice.objects.of(cast.organisation).get()
    assert (row.costs, sorted(row.contains)) == (
        75, ["consequence", "fee_amount", "principal", "term"],
    )  # fmt: skip
    receipt = f"/o/delta/agreements/notice/{row.pk}/receipt/"
    said = manager.post(receipt, {"received_on": "2026-02-05"}, follow=True).content.decode()
    assert "Say what shows that it arrived" in said
    manager.post(receipt, {"received_on": "2026-02-05", "evidence": "Track 3S"})
    row.refresh_from_db()
    assert (row.received_on, row.evidence) == (date(2026, 2, 5), "Track 3S")
    assert "Fourteen-day letter" in text_of(manager)


def test_a_letter_without_its_contents_opens_nothing(
    cast: Cast, ann: Customer, manager: Client
) -> None:
    form = {"invoices": ["F1"], "kind": "fourteen_day", "sent_on": "2026-02-02",
            "channel": "letter", "costs": "75", "received_on": "2026-02-04",
            "evidence": "Track 3S"}  # fmt: skip
    manager.post(ACT + "notice/", form)
    assert "The letter lacks what the law wants in it" in text_of(manager)
    assert "of costs now" not in text_of(manager)


def test_who_owes_nothing_is_not_charged_or_handed_over(cast: Cast, manager: Client) -> None:
    make.customer(cast, "C1")
    text = text_of(manager)
    assert "Nothing is owed" in text and "of costs now" not in text
    assert "There is nothing to hand over" in manager.get(ACT + "hand-over/").content.decode()


def test_an_agent_sees_the_card_and_no_button_to_charge(
    cast: Cast, ann: Customer, client: Client
) -> None:
    client.force_login(cast.agent.user)
    text = text_of(client)
    assert "Charge interest €2.63" in text and "of interest now" not in text
    assert client.post(ACT + "charge/", {"kind": "interest"}).status_code == 403


def test_somebody_abroad_is_under_the_law_of_their_country(cast: Cast, manager: Client) -> None:
    make.customer(cast, "C1", country="BE", language="fr")
    make.invoice(cast, "F1", amount="500", due_on=date(2026, 1, 20))
    assert "steps · Belgium" in text_of(manager)
