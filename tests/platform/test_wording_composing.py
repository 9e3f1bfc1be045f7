"""A message says what the books say at that instant: every amount, date and account is theirs."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import make
import plans
from cast import NOW, Cast
from tenor.engine.law.library import shipped
from tenor.platform.core.models import Organisation
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Customer, Invoice, OwnAccount
from tenor.platform.wording import forms, queries, texts
from tenor.platform.wording.composing import CannotSay, compose
from tenor.platform.wording.draft import FORMS, LANGUAGES, Draft, Form, Kind
from tenor.platform.wording.facts import House
from tenor.platform.wording.links import link_of
from tenor.platform.wording.models import PageLink
from tenor.platform.wording.plain import plain
from tenor.platform.wording.short import TooLong, not_gsm, short

IBAN = "NL91ABNA0417164300"


@pytest.fixture
def house(cast: Cast) -> Cast:
    """Delta Water, with an address, a phone, and an account in euros."""
    plans.settle(
        cast, postal_address="Kade 1\n1011 AB Amsterdam", phone="020 123 45 67",
        reply_email="geld@delta.example", website="https://delta.example",
    )  # fmt: skip
    return cast


def composed(cast: Cast, *keys: str, **values: Any) -> Draft:
    """Compose a reminder about these invoices of C1, as an e-mail."""
    usual: dict[str, Any] = {
        "kind": Kind.REMINDER, "tone": "neutral", "channel": "email", "at": NOW,
    }  # fmt: skip
    customer = Customer.objects.of(cast.organisation).get(key="C1")
    invoices = list(Invoice.objects.of(cast.organisation).filter(key__in=keys))
    return compose(cast.organisation, customer, invoices, **{**usual, **values})


def test_all_invoices_stand_in_one_table_with_the_total_of_what_is_open(house: Cast) -> None:
    make.invoice(house, "F1", amount="1200.50", number="2026-1", due_on=date(2026, 2, 1))
    make.invoice(house, "F2", amount="100", number="2026-2", due_on=date(2026, 1, 15))
    make.payment(house, "P1", invoice="F1", amount="200.25")
    ledger.credit_invoice(house.system, invoice_key="F2", key="K1", amount=Decimal("30"))
    draft = composed(house, "F1", "F2")
    assert [line.number for line in draft.lines] == ["2026-2", "2026-1"]
    assert [line.open for line in draft.lines] == ["€\u00a070,00", "€\u00a01.000,25"]
    assert (draft.total, draft.amount) == ("€\u00a01.070,25", Decimal("1070.25"))
    text = plain(draft)
    assert "2026-2   16-12-2025    15-01-2026      € 70,00" in text


def test_how_to_pay_is_of_the_currency_and_the_code_asks_the_same_amount(house: Cast) -> None:
    make.invoice(house, "F1", amount="100")
    make.invoice(house, "F2", amount="40.10")
    draft = composed(house, "F1", "F2")
    assert draft.pay is not None
    assert (draft.pay.holder, draft.pay.iban) == ("Delta Water", IBAN)
    assert draft.pay.reference == composed(house, "F2", "F1").pay.reference  # type: ignore[union-attr]
    lines = draft.pay.epc.split("\n")
    assert lines[5:8] == ["Delta Water", IBAN, "EUR140.10"]
    assert draft.pay.reference in lines


def test_two_currencies_are_never_one_message(house: Cast) -> None:
    make.invoice(house, "F1")
    make.invoice(house, "F2", currency="USD")
    with pytest.raises(ValueError, match="one currency"):
        composed(house, "F1", "F2")


def test_without_an_account_in_the_currency_nothing_asks_for_money(house: Cast) -> None:
    make.invoice(house, "F1", currency="USD")
    with pytest.raises(CannotSay) as refused:
        composed(house, "F1")
    assert (refused.value.code, refused.value.detail) == ("no_account", "USD")
    # What asks for nothing goes out, and names no account of another currency.
    assert composed(house, "F1", kind=Kind.STATEMENT).pay is None


@pytest.mark.parametrize(
    ("language", "total", "by"),
    [
        ("nl", "€ 1.234,50", "1 april 2026"),
        ("en", "€1,234.50", "1 April 2026"),
        ("de", "1.234,50 €", "1. April 2026"),
        ("fr", "1 234,50 €", "1er avril 2026"),
        # A language without texts is written to in the organisation's own.
        ("pl", "€1,234.50", "1 April 2026"),
    ],
)
def test_amounts_and_dates_are_in_the_readers_form(
    house: Cast, language: str, total: str, by: str
) -> None:
    make.customer(house, "C1", language=language)
    make.invoice(house, "F1", amount="1234.50", due_on=date(2026, 3, 1))
    draft = composed(house, "F1", at=NOW + timedelta(days=15))
    text = " ".join(plain(draft).split())
    assert total in text and by in text
    assert {line.due for line in draft.lines} == {
        "nl": {"01-03-2026"}, "en": {"01/03/2026"}, "de": {"01.03.2026"}, "fr": {"01/03/2026"},
    }.get(language, {"01/03/2026"})  # fmt: skip


def test_what_is_not_due_yet_is_asked_for_its_own_day(house: Cast) -> None:
    make.invoice(house, "F1", due_on=date(2026, 3, 20))
    draft = composed(house, "F1", kind=Kind.BEFORE_DUE)
    assert "20 maart 2026" in " ".join(draft.paragraphs)


def test_a_persons_own_words_take_the_place_of_the_text_and_the_law_is_added(house: Cast) -> None:
    make.invoice(house, "F1")
    draft = composed(house, "F1", own_words="Zoals besproken.\n\nWilt u {total} betalen?")
    assert draft.paragraphs[:2] == ("Zoals besproken.", "Wilt u €\u00a0100,00 betalen?")
    assert "Wilt u uiterlijk op 17 maart 2026 betalen?" in draft.paragraphs
    assert any("Kunt u niet alles in één keer betalen?" in text for text in draft.after)


def test_own_words_in_a_text_message_keep_the_sender_and_the_way_to_the_rest(house: Cast) -> None:
    make.invoice(house, "F1")
    draft = composed(house, "F1", channel="sms", own_words="Zoals besproken.")
    assert short(draft) == f"Zoals besproken. {draft.links.page} Dit bericht komt van Delta Water."


def test_own_words_that_name_what_nobody_knows_are_refused(house: Cast) -> None:
    make.invoice(house, "F1")
    with pytest.raises(CannotSay) as refused:
        composed(house, "F1", own_words="Betaal {promised_amount}.")
    assert (refused.value.code, refused.value.detail) == ("unresolved", "promised_amount")


def test_a_customer_without_a_name_is_greeted_all_the_same(house: Cast) -> None:
    make.customer(house, "C1", name="")
    make.invoice(house, "F1")
    assert composed(house, "F1").greeting == "Beste klant,"


def test_a_promise_and_a_plan_are_told_from_the_books(house: Cast) -> None:
    make.invoice(house, "F1", amount="100")
    ledger.make_promise(
        house.system, customer_key="C1", invoice_keys=["F1"], promised_on=date(2026, 3, 12),
        amount=Decimal(60),
    )  # fmt: skip
    said = " ".join(composed(house, "F1", kind=Kind.PROMISE_NOTED).paragraphs)
    assert "12 maart 2026" in said and "€\u00a060,00" in said


def test_what_the_books_do_not_say_is_given_and_written_for_the_reader(house: Cast) -> None:
    make.invoice(house, "F1", amount="100")
    draft = composed(house, "F1", kind=Kind.THANK_YOU, extra={"paid_amount": Decimal("25")})
    assert "€\u00a025,00" in " ".join(draft.paragraphs)
    with pytest.raises(ValueError, match="no variable 'paid'"):
        composed(house, "F1", extra={"paid": "25"})


def test_the_instalment_that_is_due_is_read_from_the_plan(house: Cast) -> None:
    make.invoice(house, "F1", amount="100")
    ledger.agree_plan(
        house.system, customer_key="C1", invoice_keys=["F1"],
        instalments=[(date(2026, 3, 12), Decimal(40)), (date(2026, 4, 12), Decimal(60))],
    )  # fmt: skip
    draft = composed(house, "F1", kind=Kind.INSTALMENT_DUE)
    assert (draft.amount, draft.total) == (Decimal(40), "€\u00a0100,00")
    said = " ".join(draft.paragraphs)
    assert "€\u00a040,00" in said and "12 maart 2026" in said


def test_an_instalment_asks_for_its_own_amount_and_no_more(house: Cast) -> None:
    make.invoice(house, "F1", amount="100")
    extra = {"instalment_amount": Decimal("45"), "instalment_due": date(2026, 4, 1)}
    draft = composed(house, "F1", kind=Kind.INSTALMENT_DUE, extra=extra)
    assert draft.amount == Decimal("45")
    assert draft.pay is not None and "EUR45.00" in draft.pay.epc
    # Less is open than was agreed: what is open is asked.
    assert composed(
        house, "F1", kind=Kind.INSTALMENT_DUE, extra=extra | {"instalment_amount": Decimal(300)}
    ).amount == Decimal(100)


def test_the_fourteen_day_letter_names_the_exact_costs_and_counts_from_receipt(
    house: Cast,
) -> None:
    make.invoice(house, "F1", amount="300", due_on=date(2026, 2, 1))
    draft = composed(house, "F1", kind=Kind.NOTICE, channel="letter")
    assert (draft.letter, draft.fee) == ("fourteen_day", Decimal("45.00"))
    said = " ".join(draft.paragraphs)
    assert "De veertien dagen beginnen op de dag nadat u deze brief heeft ontvangen." in said
    assert "€\u00a045,00" in said
    # The same letter to a business is the last one before a hand-over.
    make.customer(house, "C1", kind="business")
    assert composed(house, "F1", kind=Kind.NOTICE, channel="letter").letter == "final_notice"


def test_words_of_ones_own_never_take_the_place_of_the_laws(house: Cast) -> None:
    make.invoice(house, "F1", amount="300", due_on=date(2026, 2, 1))
    draft = composed(
        house, "F1", kind=Kind.NOTICE, channel="letter", own_words="Wij belden gisteren."
    )
    assert draft.paragraphs[0] == "Wij belden gisteren."
    assert any("veertien dagen" in text for text in draft.paragraphs)


def test_a_text_message_is_whole_with_its_link_and_has_signs_of_every_phone(house: Cast) -> None:
    make.invoice(house, "F1", amount="1234.50")
    draft = composed(house, "F1", channel="sms", contact_key="M1")
    text = short(draft)
    assert text == (
        "Herinnering van Delta Water: graag € 1.234,50 betalen voor of op 17-03-2026. "
        f"Bekijken of hulp: {draft.links.page}"
    )
    assert not_gsm(text) == []
    with pytest.raises(TooLong):
        short(draft, most=100)


def test_a_subject_tells_nobody_of_a_debt(house: Cast) -> None:
    make.invoice(house, "F1")
    text = replace(
        texts.built_in(Kind.REMINDER, Form.LONG, "neutral", "nl"), subject="Uw schuld van {total}"
    )
    with pytest.raises(CannotSay) as refused:
        composed(house, "F1", text=text)
    assert refused.value.code == "shows_debt"


def test_a_preview_carries_no_link_that_opens_anything(house: Cast) -> None:
    make.invoice(house, "F1")
    assert composed(house, "F1").links.page.endswith("/p/0.preview/")
    assert not PageLink.objects.of(house.organisation).exists()
    real = composed(house, "F1", contact_key="M1").links
    assert link_of(real.page.rstrip("/").rpartition("/")[2]) == PageLink.across.get()


AMOUNTS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("99999.99"), places=2)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30)


@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=4), name=NAMES,
       language=st.sampled_from(LANGUAGES), kind=st.sampled_from([Kind.REMINDER, Kind.NOTICE]),
       channel=st.sampled_from(sorted(FORMS)))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_no_filled_text_has_a_brace_or_a_wrong_total(
    amounts: list[Decimal], name: str, language: str, kind: Kind, channel: str
) -> None:
    organisation = Organisation(name="Delta {total} Water", slug="d", country="NL", currency="EUR")
    about = queries.sample(organisation, language=language)[0]
    about.name = name
    invoices = [
        Invoice(key=f"F{n}", number=f"{{by}}-{n}", amount=a, total=a, balance=a, paid=Decimal(0),
                currency="EUR", due_on=date(2026, 1, 1), issued_on=date(2025, 12, 1),
                organisation=organisation)
        for n, a in enumerate(amounts)
    ]  # fmt: skip
    account = OwnAccount(currency="EUR", iban=IBAN, holder="Delta")
    house = House(
        organisation, _accounts={"EUR": account}, _packs={("NL", ""): shipped()["NL"]}, _live={}
    )
    draft = compose(
        organisation, about, invoices, kind=kind, tone="friendly", channel=channel, at=NOW,
        house=house,
    )  # fmt: skip
    said = " ".join((draft.subject, draft.greeting, *draft.paragraphs, *draft.after))
    assert "{" not in said and "}" not in said
    assert draft.amount == sum(amounts)
    if draft.form is Form.LONG:
        figures = "".join(sign for sign in draft.total if sign.isdigit())
        assert figures == f"{sum(amounts):.2f}".replace(".", "")
        assert draft.total in plain(draft) or forms.plain_blanks(draft.total) in plain(draft)
