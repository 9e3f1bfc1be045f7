"""No message goes out that does not say what the law of the customer's place wants it to say."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.core import mail

import make
import plans
from cast import NOW, Cast
from tenor.engine.law.contact.channels import seen_from_outside
from tenor.engine.law.letters.contents import Content
from tenor.platform.core.clock import today
from tenor.platform.decisions.gate import open_gate
from tenor.platform.governance.law import pack_for
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Customer, Invoice
from tenor.platform.outreach.actions import send_due
from tenor.platform.outreach.disclosures import lacking
from tenor.platform.outreach.models import Message
from tenor.platform.wording import texts
from tenor.platform.wording.composing import CannotSay, compose
from tenor.platform.wording.draft import Draft, Kind
from tenor.platform.wording.facts import House

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def owing(cast: Cast) -> Invoice:
    """F1 of C1 is overdue, and an e-mail about it goes out in an hour."""
    plans.rules(cast)
    plans.settle(
        cast, automatic=["all"], postal_address="Kade 1\n1011 AB Amsterdam", phone="020 1234567",
        registration_number="30123456",
    )  # fmt: skip
    made = make.invoice(cast, "F1", customer="C1")
    return Invoice.objects.of(cast.organisation).select_related("customer").get(pk=made.pk)


def send(cast: Cast) -> Message:
    made = plans.run(cast)
    plans.decision(made)
    open_gate(made)
    send_due(cast.organisation, LATER)
    return Message.objects.of(cast.organisation).get()


def composed(cast: Cast, invoice: Invoice, **values: Any) -> Draft:
    usual: dict[str, Any] = {
        "kind": Kind.REMINDER, "tone": "friendly", "channel": "email", "at": NOW,
    }  # fmt: skip
    return compose(cast.organisation, invoice.customer, [invoice], **{**usual, **values})


@pytest.mark.parametrize("country", ["NL", "BE", "DE", "FR", "GB", "US", "ES"])
def test_the_built_in_texts_say_what_a_creditor_must_everywhere(
    cast: Cast, owing: Invoice, country: str
) -> None:
    owing.attributes = {"costs_in_contract": True}
    owing.save()
    customer: Customer = owing.customer
    customer.country, on, house = country, today(cast.organisation), House(cast.organisation)
    pack = pack_for(cast.organisation, country or None)
    for language, channel, kind, who in product(
        texts.languages(), ("email", "sms", "letter"), (Kind.REMINDER, Kind.NOTICE),
        ("consumer", "business"),
    ):  # fmt: skip
        customer.language, customer.kind = language, who
        draft = composed(cast, owing, kind=kind, channel=channel, house=house)
        assert kind is Kind.NOTICE or draft.language == language
        assert seen_from_outside(pack, on, surface="subject", text=draft.subject).allowed
        assert lacking(cast.organisation, customer, draft, channel=channel, on=on) == []


def test_a_reminder_names_a_day_and_where_to_read_about_ones_data(
    cast: Cast, owing: Invoice
) -> None:
    assert send(cast).state == "sent"
    (sent,) = mail.outbox
    assert "Wilt u dit uiterlijk op 17 maart 2026 betalen?" in sent.body
    assert "Wat wij met uw gegevens doen: http" in sent.body


# What an agency's messages need, and the code of the refusal where it is not there.
AGENCY = {
    "registration_number": "no_registration_number",
    "postal_address": "no_postal_address",
    "supervisor": "no_supervisor",
}
KNOWN = {
    "ref_creditor": "Noord Energie", "ref_creditor_address": "Plein 2, 9711 AA Groningen",
    "ref_contract": "energiecontract van 1 mei 2024",
}  # fmt: skip


@pytest.fixture
def agency(cast: Cast, owing: Invoice) -> Invoice:
    """Delta Water collects for Noord Energie, and everything is known."""
    plans.settle(
        cast, actor="agency", registration_number="1042", mandate="M-7", supervisor="Justis"
    )
    owing.attributes = KNOWN
    owing.save()
    owing.customer.organisation = cast.organisation
    return owing


@pytest.mark.parametrize("country", ["NL", "BE", "DE", "FR", "GB", "US"])
def test_an_agencys_first_message_says_who_it_is_and_for_whom_everywhere(
    cast: Cast, agency: Invoice, country: str
) -> None:
    customer, house = agency.customer, House(cast.organisation)
    customer.country, on = country, today(cast.organisation)
    for customer.language, channel in product(texts.languages(), ("email", "letter", "sms")):
        draft = composed(cast, agency, channel=channel, house=house)
        assert lacking(cast.organisation, customer, draft, channel=channel, on=on) == []
        assert "Noord Energie" in " ".join((*draft.paragraphs, *draft.after))


def test_an_agency_names_its_register_its_address_and_help_in_the_netherlands(
    cast: Cast, agency: Invoice
) -> None:
    draft = composed(cast, agency)
    said = " ".join((*draft.paragraphs, *draft.after))
    assert "register van incassodienstverleners van Justis onder nummer 1042" in said
    assert "Het bedrag bestaat uit € 100,00 aan facturen, € 0,00 aan rente" in said.replace(
        "\u00a0", " "
    )
    assert "energiecontract van 1 mei 2024" in said
    assert "Geldfit (geldfit.nl)" in said
    assert draft.sender.address == ("Kade 1", "1011 AB Amsterdam")


@pytest.mark.parametrize(("setting", "code"), list(AGENCY.items())[:2])
def test_what_an_agency_has_not_filled_in_is_named_by_the_refusal(
    cast: Cast, agency: Invoice, setting: str, code: str
) -> None:
    plans.settle(cast, **{setting: ""})
    with pytest.raises(CannotSay) as refused:
        composed(cast, agency)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("country", "fact", "code"),
    [
        ("NL", "creditor", "no_creditor"),
        ("NL", "contract", "no_contract"),
        ("FR", "creditor_address", "no_creditor_address"),
        ("DE", "creditor_address", "no_creditor_address"),
    ],
)
def test_what_is_not_known_of_a_client_is_named_by_the_refusal(
    cast: Cast, agency: Invoice, country: str, fact: str, code: str
) -> None:
    agency.attributes = {name: value for name, value in KNOWN.items() if name != f"ref_{fact}"}
    agency.customer.country = country
    with pytest.raises(CannotSay) as refused:
        composed(cast, agency)
    assert refused.value.code == code


def test_an_agency_without_its_facts_sends_nothing_and_says_why(cast: Cast, owing: Invoice) -> None:
    plans.settle(cast, actor="agency", registration_number="")
    message = send(cast)
    assert message.state == "cancelled"
    assert message.refusal.startswith("no_creditor")
    assert mail.outbox == []


def test_a_later_message_of_an_agency_in_france_names_the_first_letter(
    cast: Cast, agency: Invoice
) -> None:
    agency.customer.country = "FR"
    with pytest.raises(CannotSay) as refused:
        composed(cast, agency, reached=True)
    assert refused.value.code == "no_first_letter"
    first = composed(cast, agency, kind=Kind.NOTICE, channel="letter")
    assert first.letter == "first_letter"
    assert {Content.STATUTE_TEXT, Content.STATEMENT_OF_ACTIVITY} <= first.contains


def test_a_validation_notice_says_all_that_regulation_f_asks_for(
    cast: Cast, agency: Invoice
) -> None:
    customer = agency.customer
    customer.country, customer.language = "US", "en"
    with pytest.raises(CannotSay) as refused:
        composed(cast, agency, kind=Kind.NOTICE, channel="letter")
    assert refused.value.code == "no_consumer_address"
    ledger.add_contact_point(
        cast.system, customer_key="C1", kind="postal", value="12 Elm Street\nSpringfield, IL 62701"
    )
    draft = composed(cast, agency, kind=Kind.NOTICE, channel="letter")
    assert draft.letter == "validation"
    said = "\n".join((*draft.paragraphs, *draft.after))
    assert "This is an attempt to collect a debt by a debt collector." in said
    assert "12 Elm Street, Springfield, IL 62701" in said
    assert "by 16 April 2026 to dispute" in said
    assert "www.cfpb.gov/debt-collection" in said
