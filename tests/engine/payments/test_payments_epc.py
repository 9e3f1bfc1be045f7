"""The payment code: it reads back as it was made, and what is wrong with one is named."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenor.engine.errors import InputError
from tenor.engine.payments import epc
from tenor.engine.payments.epc import EpcCode, Problem
from tenor.engine.payments.references import make_rf

IBAN = "NL20INGB0001234567"
GOOD = EpcCode(name="Kade Verhuur B.V.", iban=IBAN, amount="EUR12.50", text="F2026-17")
AMOUNTS = st.decimals("0.01", "999999999.99", places=2)
WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=35)


def test_a_request_becomes_the_lines_of_a_code() -> None:
    code = epc.make(
        name=" Kade Verhuur B.V. ",
        iban="nl20 ingb 0001 2345 67",
        amount=Decimal("1250.5"),
        reference="RF18 5390 0754 7034",
        purpose="rinp",
    )

    assert code.payload == (
        "BCD\n002\n1\nSCT\n\nKade Verhuur B.V.\nNL20INGB0001234567\nEUR1250.50\nRINP\n"
        "RF18539007547034"
    )
    assert code.encoded == code.payload.encode()
    assert epc.amount_of(code) == Decimal("1250.50")


@given(AMOUNTS | st.none(), WORDS, WORDS, st.booleans())
def test_a_code_reads_back_as_it_was_made(
    amount: Decimal | None, name: str, told: str, by_reference: bool
) -> None:
    said = {"reference": make_rf("17")} if by_reference else {"text": told}
    code = epc.make(name=name, iban=IBAN, amount=amount, **said)

    assert epc.read(code.payload) == code
    assert epc.read(code.payload.replace("\n", "\r\n") + "\r\n") == code
    assert epc.problems_in(code.payload) == ()
    assert epc.amount_of(epc.read(code.payload)) == amount


@pytest.mark.parametrize(
    "amount", ["0", "-1.00", "1000000000", "1.005", "0.001", "NaN", "Infinity", "1e40"]
)
def test_no_code_is_made_for_an_amount_that_it_cannot_carry(amount: str) -> None:
    with pytest.raises(InputError, match="AMOUNT_FORMAT"):
        epc.make(name="A", iban=IBAN, amount=Decimal(amount))


@pytest.mark.parametrize("amount", ["1E+2", "100", "100.0", "100.00"])
def test_an_amount_is_written_in_cents_however_it_was_reckoned(
    amount: str,
) -> None:
    assert epc.make(name="A", iban=IBAN, amount=Decimal(amount)).amount == "EUR100.00"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"tag": "BCE"}, Problem.SERVICE_TAG),
        ({"version": "003"}, Problem.VERSION),
        ({"character_set": "9"}, Problem.CHARACTER_SET),
        ({"character_set": "2", "name": "Łódź"}, Problem.CHARACTER_SET),
        ({"identification": "INST"}, Problem.IDENTIFICATION),
        ({"version": "001"}, Problem.BIC_REQUIRED_V001),
        ({"bic": "INGB"}, Problem.BIC_FORMAT),
        ({"name": " "}, Problem.NAME_MISSING),
        ({"name": "n" * 71}, Problem.NAME_TOO_LONG),
        ({"iban": "NL21INGB0001234567"}, Problem.IBAN_CHECKSUM),
        ({"iban": "NL20INGB"}, Problem.IBAN_LENGTH),
        ({"iban": "XX20INGB0001234567"}, Problem.IBAN_COUNTRY),
        ({"iban": "?"}, Problem.IBAN_CHARACTERS),
        ({"amount": "12.50"}, Problem.AMOUNT_FORMAT),
        ({"amount": "EUR0.00"}, Problem.AMOUNT_FORMAT),
        ({"amount": "EUR 1"}, Problem.AMOUNT_FORMAT),
        ({"amount": "EUR1."}, Problem.AMOUNT_FORMAT),
        ({"purpose": "RINPX"}, Problem.PURPOSE_TOO_LONG),
        ({"text": "", "reference": "1" * 36}, Problem.REFERENCE_TOO_LONG),
        ({"text": "", "reference": "RF19539007547034"}, Problem.RF_CHECKSUM),
        ({"reference": "RF18539007547034"}, Problem.BOTH_REFERENCE_AND_TEXT),
        ({"text": "t" * 141}, Problem.TEXT_TOO_LONG),
        ({"information": "i" * 71}, Problem.INFO_TOO_LONG),
        ({"name": "A\nNL91ABNA0417164300"}, Problem.CONTROL_CHARACTER),
    ],
)
def test_each_fault_is_named_and_nothing_else(change: dict[str, Any], problem: Problem) -> None:
    assert epc.problems(replace(GOOD, **change)) == (problem,)


def test_every_problem_of_a_code_is_named_at_once() -> None:
    code = replace(GOOD, tag="X", amount="EUR1,00", text="t" * 141)

    assert epc.problems(code) == (
        Problem.SERVICE_TAG,
        Problem.AMOUNT_FORMAT,
        Problem.TEXT_TOO_LONG,
    )


def test_length_counts_in_bytes_not_in_characters() -> None:
    code = replace(GOOD, text="é" * 140)

    assert len(code.payload) < epc.MOST_BYTES < len(code.encoded)
    assert epc.problems(code) == (Problem.PAYLOAD_TOO_LONG,)
    assert epc.problems(replace(code, character_set="2")) == ()


def test_line_ends_of_two_bytes_count_too() -> None:
    payload = replace(
        GOOD, text="t" * 140, name="n" * 70, information="i" * 70, purpose="RINP"
    ).payload

    assert epc.size(payload) == (331, 12)
    assert epc.problems_in(payload) == ()
    assert epc.problems_in(payload.replace("\n", "\r\n")) == (Problem.PAYLOAD_TOO_LONG,)


@pytest.mark.parametrize("payload", ["", "BCD", "BCD\n002\n1\nSCT\n\nA"])
def test_a_code_that_is_cut_off_is_no_code(payload: str) -> None:
    with pytest.raises(InputError, match="7 to 12 lines"):
        epc.read(payload)
    assert epc.problems_in(payload)


def test_a_code_has_twelve_lines_at_most() -> None:
    long = replace(GOOD, information="i").payload + "\nmore"

    assert epc.problems_in(long) == (Problem.TOO_MANY_LINES,)
    with pytest.raises(InputError, match="has 13"):
        epc.read(long)


@given(st.text(max_size=400))
def test_whatever_is_scanned_has_an_answer(payload: str) -> None:
    assert isinstance(epc.problems_in(payload), tuple)
