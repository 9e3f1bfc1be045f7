"""What a person is shown for a payment: the best first, and what speaks for it and against."""

from datetime import date
from decimal import Decimal

import pytest

from tenor.engine.payments.iban import is_same_account
from tenor.engine.payments.matching import Basis, Payment, match
from tenor.engine.payments.open_items import MOST_CALLED, OpenItem, OpenItems
from tenor.engine.payments.proposing import Evidence, propose

ANN, BOB = "NL91ABNA0417164300", "NL69INGB0123456789"


def item(id: str, open: str, customer: str = "ann", **values: object) -> OpenItem:
    usual = {
        "ann": {"accounts": (ANN,), "names": ("Ann Jansen",)},
        "bob": {"accounts": (BOB,), "names": ("Bob de Wit",)},
    }
    told = {"numbers": (id,), **usual.get(customer, {}), **values}
    return OpenItem(id, Decimal(open), "EUR", customer=customer, **told)  # type: ignore[arg-type]


def paid(amount: str, **values: object) -> Payment:
    return Payment(Decimal(amount), "EUR", **values)  # type: ignore[arg-type]


def test_a_number_from_the_payers_own_account_is_surer_than_the_number_alone() -> None:
    items = OpenItems([item("F1001", "50"), item("F1002", "70", "bob")])
    alone = propose(paid("50", text="F1001"), items)
    agreed = propose(paid("50", text="F1001", account=ANN), items)
    assert (alone.proposals[0].score, agreed.proposals[0].score) == (95, 100)
    assert Evidence.SAME_ACCOUNT in agreed.proposals[0].evidence


def test_a_number_from_somebody_elses_account_waits_for_a_person() -> None:
    items = OpenItems([item("F1001", "50"), item("F1002", "70", "bob")])
    found = propose(paid("50", text="F1001", account=BOB), items)
    assert found.sure is None
    assert (found.proposals[0].score, found.proposals[0].customers) == (80, ("ann",))
    assert Evidence.OTHER_ACCOUNT in found.proposals[0].evidence
    assert set(found.customers) == {"ann", "bob"}


def test_a_structured_reference_holds_whoever_paid() -> None:
    items = OpenItems([item("F1", "50", references=("RF18539007547034",)), item("F2", "70", "bob")])
    found = propose(paid("50", reference="RF18539007547034", account=BOB), items)
    assert found.sure is not None
    assert found.sure.score == 100


def test_one_payment_for_invoices_of_two_customers_waits_for_a_person() -> None:
    items = OpenItems([item("F1001", "50"), item("F1002", "70", "bob")])
    found = propose(paid("120", text="F1001 F1002"), items)
    assert found.sure is None
    assert found.proposals[0].match.shares == (("F1001", Decimal(50)), ("F1002", Decimal(70)))
    assert found.proposals[0].customers == ("ann", "bob")


def test_a_customers_own_number_is_sure_only_with_a_second_sign() -> None:
    items = OpenItems([item("F1", "50", customer="K10042", names=("Ann Jansen",))])
    alone = propose(paid("50", text="klant K10042"), items)
    agreed = propose(paid("50", text="klant K10042", name="A. Jansen"), items)
    assert (alone.proposals[0].score, alone.sure) == (85, None)
    assert agreed.sure is not None
    assert agreed.sure.match.basis is Basis.CUSTOMER


def test_who_pays_early_may_keep_the_discount_and_who_is_late_may_not() -> None:
    early = item("F1001", "100", discount=Decimal(2), discount_until=date(2026, 3, 10))
    items = OpenItems([early])
    inside = match(paid("98", text="F1001", day=date(2026, 3, 10)), items)
    assert inside.shares == (("F1001", Decimal(98)),)
    assert inside.discounts == (("F1001", Decimal(2)),)
    assert inside.is_sure
    late = match(paid("98", text="F1001", day=date(2026, 3, 11)), items)
    assert (late.discounts, late.is_sure) == ((), False)


def test_a_credit_that_the_payer_took_off_completes_the_payment() -> None:
    items = OpenItems(
        [item("F1001", "100"), item("F1002", "30")], credits={("ann", "EUR"): Decimal(20)}
    )
    found = match(paid("110", text="F1001, F1002 min creditnota"), items)
    assert found.shares == (("F1001", Decimal(100)), ("F1002", Decimal(30)))
    assert (found.credit, found.is_sure) == (Decimal(20), True)


def test_the_same_amount_of_two_people_is_never_chosen_between() -> None:
    items = OpenItems([item("F1", "50"), item("F2", "50", "bob")])
    found = propose(paid("50"), items)
    assert (found.basis, found.sure) == (Basis.AMBIGUOUS, None)
    assert [p.customers for p in found.proposals] == [("ann",), ("bob",)]
    assert found.customers == ("ann", "bob")


def test_beside_the_best_stand_the_others_that_a_sign_leads_to() -> None:
    items = OpenItems([item("F1001", "50"), item("F1002", "70", "bob"), item("F3", "60", "bob")])
    found = propose(paid("60", text="F1001", account=BOB), items)
    assert [(p.match.basis, p.match.shares) for p in found.proposals[:2]] == [
        (Basis.ACCOUNT, (("F3", Decimal(60)),)),
        (Basis.NUMBER, (("F1001", Decimal(50)),)),
    ]
    assert found.sure is None


def test_a_mistyped_reference_stops_all_guessing() -> None:
    items = OpenItems([item("F1001", "50")])
    found = propose(paid("50", reference="RF19539007547034", account=ANN), items)
    assert (found.basis, found.sure) == (Basis.BAD_CHECKSUM, None)


def test_what_is_paid_is_found_no_more() -> None:
    items = OpenItems([item("F1001", "50")])
    items.renew("F1001", Decimal(20))
    assert match(paid("20", text="F1001"), items).is_sure
    items.renew("F1001", Decimal(0))
    assert propose(paid("20", text="F1001"), items).proposals == ()


def test_an_account_that_was_learned_is_found() -> None:
    items = OpenItems([item("F1", "50", customer="eve")])
    assert propose(paid("50", account=BOB), items).proposals[0].match.basis is Basis.AMOUNT
    items.learn("eve", BOB)
    assert match(paid("50", account=BOB), items).basis is Basis.ACCOUNT


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("NL91 ABNA 0417 1643 00", True),
        ("0417164300", True),
        ("417164300", True),
        ("ABNANL2A/0417164300", True),
        ("4171643001", False),
        ("4300", False),
        ("NL69INGB0123456789", False),
        ("", False),
    ],
)
def test_a_national_number_means_the_iban_that_holds_it(written: str, same: bool) -> None:
    assert is_same_account(ANN, written) is same


def test_a_name_that_hundreds_carry_tells_only_with_the_amount() -> None:
    many = [
        OpenItem(f"F{n}", Decimal(n), "EUR", customer=f"C{n}", names=(f"{initial}. Jansen",))
        for n, initial in zip(range(1, MOST_CALLED + 100), "ABCDEFGHIJ" * 100, strict=False)
    ]
    items = OpenItems(many)
    assert [i.id for i in items.of_name("EUR", "C. Jansen", Decimal(23))] == ["F23"]
    assert items.of_name("EUR", "D. Jansen", Decimal(23)) == []
    assert items.of_name("EUR", "C. Jansen", Decimal("23.50")) == []
    few = OpenItems(many[: MOST_CALLED - 1])
    assert len(few.of_name("EUR", "C. Jansen", Decimal("23.50"))) == 20
