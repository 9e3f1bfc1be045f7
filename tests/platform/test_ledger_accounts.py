"""Own accounts are checked and one a currency is named; references are the same each time asked."""

from typing import Any

import pytest

import make
from cast import Cast
from tenor.platform.core.actor import system
from tenor.platform.core.errors import Forbidden, Invalid, NotFound
from tenor.platform.core.models import AuditEntry
from tenor.platform.ledger import actions, queries, references
from tenor.platform.ledger.models import OwnAccount, PaymentReference

NL, NL2 = "NL91ABNA0417164300", "NL69INGB0123456789"
BE, FI, NO = "BE68539007547034", "FI2112345600000785", "NO9386011117947"
CH, QR = "CH9300762011623852957", "CH4431999123000889012"


def account(cast: Cast, iban: str = NL, currency: str = "EUR", **values: Any) -> OwnAccount:
    return actions.set_account(
        cast.actor("administrator"), iban=iban, currency=currency, holder="Delta Water", **values
    )


def test_the_first_account_of_a_currency_is_the_one_that_messages_name(cast: Cast) -> None:
    account(cast, "nl91 abna 0417 1643 00", is_default=False)
    found = queries.own_account(cast.organisation, "EUR")
    assert found is not None
    assert (found.iban, found.is_default) == (NL, True)
    assert queries.own_account(cast.organisation, "USD") is None
    assert queries.own_account(cast.other, "EUR") is None


def test_another_default_takes_the_place_of_the_first_and_goes_back_when_removed(
    cast: Cast,
) -> None:
    account(cast, NL)
    second = account(cast, NL2, bic="INGBNL2A", bank="ING")
    assert [(a.iban, a.is_default) for a in queries.accounts(cast.organisation)] == [
        (NL2, True),
        (NL, False),
    ]
    actions.remove_account(cast.actor("administrator"), number=second.pk)
    assert [(a.iban, a.is_default) for a in queries.accounts(cast.organisation)] == [(NL, True)]
    said = AuditEntry.objects.of(cast.organisation).filter(action__startswith="own_account")
    assert list(said.order_by("number").values_list("action", flat=True)) == [
        "own_account.set",
        "own_account.set",
        "own_account.remove",
    ]


@pytest.mark.parametrize(
    ("iban", "said"),
    [
        ("NL92ABNA0417164300", "check digits"),
        ("NL91ABNA041716430", "too long or too short"),
        ("XX91ABNA0417164300", "No country"),
        ("0417164300", "is an IBAN"),
        ("", "needed"),
    ],
)
def test_a_wrong_account_number_is_refused_with_what_is_wrong(
    cast: Cast, iban: str, said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        account(cast, iban)
    assert queries.accounts(cast.organisation) == []


def test_only_who_administers_may_say_where_everybody_pays(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        actions.set_account(cast.actor("manager"), iban=NL, currency="EUR", holder="Delta")
    kept = account(cast)
    with pytest.raises(Forbidden):
        actions.remove_account(cast.actor("manager"), number=kept.pk)
    assert len(queries.accounts(cast.organisation)) == 1


def test_nobody_removes_an_account_of_another_organisation(cast: Cast) -> None:
    kept = account(cast)
    with pytest.raises(NotFound):
        actions.remove_account(system(cast.other), number=kept.pk)


def test_the_same_invoices_have_the_same_reference_in_whatever_order_they_are_named(
    cast: Cast,
) -> None:
    one, two = make.invoice(cast, "F1"), make.invoice(cast, "F2")
    first = references.reference_for(cast.organisation, one.customer, [one, two])
    again = references.reference_for(cast.organisation, one.customer, [two, one, two])
    alone = references.reference_for(cast.organisation, one.customer, [one])
    assert first == again != alone
    assert PaymentReference.objects.of(cast.organisation).count() == 2


@pytest.mark.parametrize(
    ("iban", "scheme"),
    [(NL, "rf"), (BE, "ogm"), (FI, "finnish"), (NO, "kid"), (CH, "rf"), (QR, "qrr"), (None, "rf")],
)
def test_the_kind_of_reference_follows_the_account_and_is_found_again(
    cast: Cast, iban: str | None, scheme: str
) -> None:
    if iban:
        account(cast, iban)
    invoice = make.invoice(cast, "F1")
    written = references.reference_for(cast.organisation, invoice.customer, [invoice])
    shapes = {"rf": "RF", "ogm": "+++", "finnish": "", "kid": "", "qrr": ""}
    assert written.startswith(shapes[scheme])
    spaced = " ".join(written[at : at + 4] for at in range(0, len(written), 4))
    for text in (written, spaced, f"betaling {written} dank u", written.lower()):
        [row] = references.found(cast.organisation, text)
        assert (row.customer.key, row.invoice_keys, row.currency) == ("C1", ["F1"], "EUR")
    assert references.found(cast.other, written) == []


def test_an_rf_reference_is_found_without_its_first_four_signs(cast: Cast) -> None:
    invoice = make.invoice(cast, "F1")
    written = references.reference_for(cast.organisation, invoice.customer, [invoice])
    assert [row.invoice_keys for row in references.found(cast.organisation, written[4:])] == [
        ["F1"]
    ]


def test_a_mistyped_reference_is_not_found(cast: Cast) -> None:
    invoice = make.invoice(cast, "F1")
    written = references.reference_for(cast.organisation, invoice.customer, [invoice])
    other = written[:-1] + str((int(written[-1]) + 1) % 10)
    assert references.found(cast.organisation, other) == []


def test_many_texts_are_looked_up_at_once(cast: Cast) -> None:
    one, two = make.invoice(cast, "F1"), make.invoice(cast, "F2", customer="C2")
    texts = [
        references.reference_for(cast.organisation, invoice.customer, [invoice])
        for invoice in (one, two)
    ]
    said = references.found_in(cast.organisation, [texts[1], "nothing 12", " ".join(texts)])
    assert [[row.invoice_keys for row in some] for some in said] == [
        [["F2"]],
        [],
        [["F1"], ["F2"]],
    ]


def test_invoices_of_two_currencies_have_no_reference_together(cast: Cast) -> None:
    one, two = make.invoice(cast, "F1"), make.invoice(cast, "F2", currency="USD")
    with pytest.raises(ValueError, match="one currency"):
        references.reference_for(cast.organisation, one.customer, [one, two])
