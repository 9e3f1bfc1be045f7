"""Matching: what the payer wrote comes first, sums are exact, and doubt goes to a person."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenor.engine.payments.matching import Basis, Match, MatchKind, Payment, match
from tenor.engine.payments.open_items import OpenItem, OpenItems
from tenor.engine.payments.references import make_finnish, make_ogm, make_rf
from tenor.engine.payments.words import same_name

JAN = {"accounts": ("NL20INGB0001234567",), "names": ("J. Jansen",), "customer": "K1"}
EVA = {"accounts": ("NL91ABNA0417164300",), "names": ("Eva Smit Holding B.V.",), "customer": "K2"}


def item(id_: str, amount: Decimal | str, **told: Any) -> OpenItem:
    return OpenItem(id_, Decimal(amount), told.pop("currency", "EUR"), **told)


ITEMS = [
    item("A", "100.00", references=(make_rf("7001"),), numbers=("F2026-7001",), **JAN),
    item("B", "60.00", references=(make_rf("7002"),), numbers=("F2026-7002",), **JAN),
    item("C", "45.50", references=(make_ogm("7003"),), numbers=("F2026-7003",), **EVA),
    item("D", "100.00", references=(make_finnish("7004"),), numbers=("F2026-7004",), **EVA),
]


def matched(amount: Decimal | str, items: list[OpenItem] = ITEMS, **told: str) -> Match:
    currency = told.pop("currency", "EUR")
    return match(Payment(Decimal(amount), currency, **told), OpenItems(items))


def shares(found: Match) -> dict[str, str]:
    return {id_: str(amount) for id_, amount in found.shares}


@pytest.mark.parametrize(
    ("amount", "kind", "share", "left"),
    [
        ("60.00", MatchKind.EXACT, "60.00", "0"),
        ("59.99", MatchKind.PARTIAL, "59.99", "0"),
        ("75.00", MatchKind.OVERPAID, "60.00", "15.00"),
    ],
)
def test_a_reference_finds_its_item_whatever_the_amount(
    amount: str, kind: MatchKind, share: str, left: str
) -> None:
    found = matched(amount, reference=make_rf("7002"))

    assert (found.kind, found.basis, found.is_sure) == (kind, Basis.REFERENCE, True)
    assert shares(found) == {"B": share}
    assert found.left == Decimal(left)


@pytest.mark.parametrize(
    ("told", "id_"),
    [
        ({"reference": "rf87 7001".replace("rf87", make_rf("7001")[:4].lower())}, "A"),
        ({"end_to_end_id": make_rf("7001")}, "A"),
        ({"reference": make_ogm("7003").replace("+", "").replace("/", "")}, "C"),
        ({"reference": make_rf(make_finnish("7004"))}, "D"),
    ],
)
def test_a_reference_is_known_in_every_way_of_writing(told: dict[str, str], id_: str) -> None:
    amount = "100.00" if id_ != "C" else "45.50"

    assert (matched(amount, **told).kind, shares(matched(amount, **told))) == (
        MatchKind.EXACT,
        {id_: amount},
    )


@pytest.mark.parametrize(
    "text", ["betaling f2026 7002 dank", "F20267002", "inv. F2026-7002/x", "RF " + make_rf("7002")]
)
def test_a_number_in_the_text_finds_its_item(text: str) -> None:
    found = matched("60.00", text=text)

    assert (shares(found), found.basis, found.is_sure) == ({"B": "60.00"}, Basis.NUMBER, True)


def test_a_number_in_the_text_with_another_amount_is_left_to_a_person() -> None:
    found = matched("61.00", text="F2026-7002")

    assert (found.kind, found.left) == (MatchKind.OVERPAID, Decimal("1.00"))
    assert not found.is_sure


def test_two_numbers_in_the_text_are_paid_together() -> None:
    found = matched("105.50", text="F2026-7002 en F2026-7003")

    assert (found.kind, found.is_sure) == (MatchKind.SEVERAL, True)
    assert shares(found) == {"B": "60.00", "C": "45.50"}


def test_two_numbers_and_too_little_money_are_not_split_by_guessing() -> None:
    found = matched("90.00", text="F2026-7002 en F2026-7003")

    assert (found.kind, found.basis) == (MatchKind.NONE, Basis.AMBIGUOUS)
    assert found.candidates == ("B", "C")
    assert found.left == Decimal("90.00")


@pytest.mark.parametrize("told", [{"reference": "RF997001"}, {"text": "voor RF99 7001"}])
def test_a_mistyped_reference_stops_all_guessing(told: dict[str, str]) -> None:
    found = matched("60.00", **told, account="NL20INGB0001234567", name="J. Jansen")

    assert (found.kind, found.basis, found.score) == (MatchKind.NONE, Basis.BAD_CHECKSUM, 0)
    assert found.candidates == ("B",)


def test_the_payers_account_and_the_very_amount_are_enough() -> None:
    found = matched("60.00", account="nl20 ingb 0001 2345 67")

    assert (shares(found), found.basis, found.is_sure) == ({"B": "60.00"}, Basis.ACCOUNT, True)


def test_a_reference_that_leads_nowhere_may_be_a_bill_paid_twice() -> None:
    found = matched("60.00", account="NL20INGB0001234567", reference=make_rf("6999"))

    assert shares(found) == {"B": "60.00"}
    assert not found.is_sure


def test_the_account_with_the_sum_of_its_items_is_proposed() -> None:
    found = matched("160.00", account="NL20INGB0001234567")

    assert (found.kind, found.is_sure) == (MatchKind.SEVERAL, False)
    assert shares(found) == {"A": "100.00", "B": "60.00"}


def test_the_only_sum_among_a_payers_items_is_proposed() -> None:
    items = [item(str(n), amount, **JAN) for n, amount in enumerate(["10.00", "20.00", "45.00"])]

    assert shares(matched("65.00", items, account="NL20INGB0001234567")) == {
        "1": "20.00",
        "2": "45.00",
    }
    # 10 + 20 + 30 and 25 + 35 both make 60: nobody can tell.
    amounts = ["10.00", "20.00", "30.00", "25.00", "35.00"]
    items = [item(str(n), amount, **JAN) for n, amount in enumerate(amounts)]
    assert matched("60.00", items, account="NL20INGB0001234567").basis is Basis.AMBIGUOUS


def test_two_equal_items_of_one_payer_are_not_chosen_between() -> None:
    items = [item("X", "30.00", **JAN), item("Y", "30.00", **JAN)]
    found = matched("30.00", items, account="NL20INGB0001234567")

    assert (found.kind, found.candidates) == (MatchKind.NONE, ("X", "Y"))
    assert matched("60.00", items, account="NL20INGB0001234567").kind is MatchKind.SEVERAL


def test_a_name_is_a_proposal_and_never_sure() -> None:
    found = matched("45.50", name="SMIT EVA HOLDING")

    assert (shares(found), found.basis, found.is_sure) == ({"C": "45.50"}, Basis.NAME, False)


def test_the_amount_alone_is_a_proposal_where_it_is_the_only_one() -> None:
    assert (matched("45.50").basis, matched("45.50").is_sure) == (Basis.AMOUNT, False)
    assert matched("100.00").candidates == ("A", "D")
    assert matched("7.77").basis is Basis.NOTHING


def test_another_currency_and_what_is_settled_are_never_matched() -> None:
    assert matched("60.00", reference=make_rf("7002"), currency="CHF").kind is MatchKind.NONE
    settled = [item("B", "0.00", references=(make_rf("7002"),))]
    assert matched("60.00", settled, reference=make_rf("7002")).kind is MatchKind.NONE


@pytest.mark.parametrize("amount", ["0", "-10.00"])
def test_money_that_went_out_is_for_no_item(amount: str) -> None:
    assert matched(amount, reference=make_rf("7002")).basis is Basis.NOT_A_RECEIPT


@pytest.mark.parametrize("number", ["17", "2026", "ABCD"])
def test_a_number_that_tells_nothing_apart_is_not_looked_for(number: str) -> None:
    items = [item("X", "30.00", numbers=(number,)), item("Y", "30.00")]

    assert matched("30.00", items, text=f"dank {number}").basis is Basis.AMBIGUOUS


@given(
    st.decimals("0.01", "500.00", places=2),
    st.lists(st.decimals("0.01", "300.00", places=2), max_size=8),
    st.sampled_from(["", "F2026-0", "F2026-0 F2026-1", make_rf("70010"), "RF99 7001"]),
    st.sampled_from(["", "NL20INGB0001234567"]),
)
def test_shares_and_what_is_left_make_the_payment(
    amount: Decimal, opens: list[Decimal], text: str, account: str
) -> None:
    items = [
        item(str(n), o, numbers=(f"F2026-{n}",), references=(make_rf(f"7001{n}"),), **JAN)
        for n, o in enumerate(opens)
    ]
    found = matched(amount, items, text=text, account=account)

    assert sum((share for _, share in found.shares), found.left) == amount
    assert all(0 < share <= items[int(id_)].open for id_, share in found.shares)
    assert found.left >= 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("J. Jansen", "JANSEN, Jan", True),
        ("J.P. Jansen", "Jansen Jan Piet", True),
        ("Dhr. J. Jansen", "j jansen", True),
        ("Kade Verhuur B.V.", "KADE VERHUUR", True),
        ("Bäckerei Müller GmbH", "BACKEREI MULLER", True),
        ("J. Jansen", "K. Jansen", False),
        ("J. Jansen", "J. Janssen", False),
        ("J.", "Jansen", False),
        ("", "", False),
        ("B.V.", "N.V.", False),
    ],
)
def test_names_are_the_same_in_several_ways_of_writing(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same
    assert same_name(other, one) is same
