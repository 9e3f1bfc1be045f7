"""MT940 as Dutch and other banks write it: every entry read exactly, or refused with its line."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tenor.engine.errors import InputError
from tenor.engine.payments.camt import Statement, StatementKind, keys
from tenor.engine.payments.camt_entries import Part, is_return, other_party
from tenor.engine.payments.mt940 import is_mt940, read_mt940

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("TENOR_PUBLIC_DATA", ROOT.parent / "shared" / "data")) / "bankfiles"


def made(*lines: str, opening: str = "C260301EUR100,00", closing: str | None = None) -> str:
    end = f":62F:{closing}\n" if closing else ""
    head = f":20:ONE\n:25:NL02ABNA0123456789EUR\n:28C:7/1\n:60F:{opening}\n"
    return head + "\n".join(lines) + f"\n{end}-\n"


def read(text: str) -> Statement:
    (statement,) = read_mt940(text)
    return statement


def part(line: str, text: str) -> Part:
    (entry,) = read(made(f":61:{line}", f":86:{text}")).entries
    return entry.parts[0]


def test_a_statement_tells_its_account_its_balances_and_that_all_is_there() -> None:
    statement = read(
        made(
            ":61:2603020302C12,50NTRFNONREF//0001",
            ":86:thanks",
            ":61:2603020302D2,NTRFNONREF",
            ":86:fee",
            closing="C260302EUR110,50",
        )
    )
    assert (statement.account, statement.number) == ("NL02ABNA0123456789", "7/1")
    assert statement.kind is StatementKind.STATEMENT
    assert [e.signed for e in statement.entries] == [Decimal("12.50"), Decimal(-2)]
    assert (statement.difference, statement.currency) == (0, "EUR")
    assert [e.bank_reference for e in statement.entries] == ["0001", ""]


ING = (
    "/EREF/20260302-F1//CNTP/NL32INGB0000012345/INGBNL2A/J. JANSEN EO/UTRECHT//"
    "/REMI/USTD//Factuur F1 en F2/"
)
ABN = (
    "/TRTP/SEPA OVERBOEKING/IBAN/NL32INGB0000012345/BIC/INGBNL2A\n"
    "/NAME/J. JANSEN/REMI/Factuur F1 en F2/EREF/20260302-F1"
)
ABN_WORDS = (
    "SEPA OVERBOEKING                 IBAN: NL32INGB0000012345        \n"
    "BIC: INGBNL2A                    NAAM: J. JANSEN                 \n"
    "OMSCHRIJVING: Factuur F1 en F2   KENMERK: 20260302-F1"
)
RABO = "/EREF/20260302-F1/ORDP//NAME/J. JANSEN/REMI/Factuur F1 en F2/ISDT/2026-03-02"
KNAB = "Factuur F1 en F2\nREK: NL32INGB0000012345/NAAM: J. JANSEN"
SNS = "NL32INGB0000012345 j. jansen\n\nFactuur F1 en F2\n\n\n"
TRIODOS = "000>100000012345\n>20Factuur F1>21en F2>310000012345>32J. JANSEN"
GERMAN = (
    "166?00GUTSCHRIFT?109075?20EREF+20260302-F1?21SVWZ+Factuur F1 en F2?30INGBNL2A"
    "?31NL32INGB0000012345?32J. JANSEN"
)


@pytest.mark.parametrize(
    ("line", "text", "account", "end_to_end"),
    [
        ("2603020302C25,00NTRFEREF//26061100000001\n/TRCD/00100/", ING, True, True),
        ("2603020302C25,00N654NONREF", ABN, True, True),
        ("2603020302C25,00N654NONREF", ABN_WORDS, True, True),
        ("260302C000000000025,00N541EREF\nNL32INGB0000012345", RABO, True, True),
        ("2603020302C25,00NTRFNONREF//B4E07", KNAB, True, False),
        ("2603020302C25,00NIOBNL32INGB0000012345\nj. jansen", SNS, True, False),
        ("260302C25,00N000NONREF", TRIODOS, False, False),
        ("2603020302CR25,00N051NONREF", GERMAN, True, True),
        ("2603020302C25,00NTRFNONREF", ABN.replace("SEPA OVERBOEKING", "bunq"), True, True),
    ],
    ids=["ing", "abn", "abn-words", "rabobank", "knab", "sns", "triodos", "german", "bunq"],
)
def test_payer_and_text_are_read_as_each_bank_writes_them(
    line: str, text: str, account: bool, end_to_end: bool
) -> None:
    found = part(line, text)
    assert found.amount == Decimal("25.00")
    assert found.debtor.upper().startswith("J. JANSEN")
    assert found.debtor_iban == ("NL32INGB0000012345" if account else "0000012345")
    assert found.end_to_end_id == ("20260302-F1" if end_to_end else "")
    assert found.text == "Factuur F1 en F2"


def test_a_structured_reference_is_told_apart_from_text() -> None:
    found = part("260302C25,00NTRFEREF", "/EREF/E1//REMI/STRD/CUR/RF18539007547034/")
    assert (found.reference, found.text) == ("RF18539007547034", "")
    found = part(
        "260302C25,00N654NONREF",
        "SEPA IDEAL  IBAN: NL32INGB0000012345  NAAM: J. JANSEN  BETALINGSKENM.: 7000000012345678",
    )
    assert found.reference == "7000000012345678"


def test_a_returned_debit_names_its_debtor_and_its_reason() -> None:
    text = (
        "/RTRN/MS03//EREF/F1-1/MARF/M-77/CNTP/NL32INGB0000012345/INGBNL2A/J. JANSEN///"
        "REMI/USTD//Huur maart/"
    )
    (entry,) = read(made(":61:2603020302D25,00NRTIEREF", f":86:{text}")).entries
    (found,) = entry.parts
    assert (entry.signed, found.reason, found.mandate) == (Decimal(-25), "MS03", "M-77")
    assert is_return(entry, found)
    assert other_party(entry, found) == ("J. JANSEN", "NL32INGB0000012345")


def test_a_reason_code_in_a_german_text_is_found_where_it_speaks_of_a_return() -> None:
    text = "109?00RETOURE?20SVWZ+RUECKLASTSCHRIFT AC04?21 KONTO AUFGELOEST?32J. Jansen"
    assert part("2603020302DR25,00NRTINONREF", text).reason == "AC04"
    assert part("2603020302DR25,00NTRFNONREF", "166?20SVWZ+Produkt AC04?32X").reason == ""


def test_a_reversed_credit_takes_money_away_and_a_reversed_debit_brings_it() -> None:
    entries = read(
        made(":61:2603020302RC5,00NTRFNONREF", ":86:a", ":61:2603020302RD3,00NTRFNONREF", ":86:b")
    ).entries
    assert [(e.signed, e.is_reversal) for e in entries] == [(Decimal(-5), True), (Decimal(3), True)]


def test_the_year_of_booking_is_the_one_next_to_the_day_of_value() -> None:
    entry = read(made(":61:2512310102C5,00NTRFNONREF", ":86:a")).entries[0]
    assert (entry.valued_on, entry.booked_on) == (date(2025, 12, 31), date(2026, 1, 2))


def test_an_entry_that_cannot_be_read_is_named_with_its_line() -> None:
    statement = read(made(":61:260302C25;00NTRFNONREF", ":86:a", ":61:269902C1,00NTRFNONREF"))
    assert statement.entries == ()
    assert statement.problems == (
        "line 5: '260302C25;00NTRFNONREF' cannot be read as an entry",
        "line 7: '269902C1,00NTRFNONREF' cannot be read as an entry",
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "holds no bank statement"),
        (":20:ONE\n:25:NL02ABNA0123456789\n", "holds no bank statement"),
        (":61:260302C25,00NTRFNONREF\n", "holds no bank statement"),
        (made(opening="C260301EUR1.000,00"), "line 4: 'C260301EUR1.000,00' is no balance"),
        (made(opening="100,00"), "line 4: '100,00' is no balance"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(text: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        read_mt940(text, "bank.sta")


def test_the_sum_of_all_debits_behind_the_closing_balance_is_no_text_of_the_last_entry() -> None:
    text = made(":61:2603020302C5,00NTRFNONREF", ":86:a", closing="C260302EUR105,00")
    statement = read(text.replace("\n-\n", "\n:86:D000001C000001D0,00C5,00\n-\n"))
    assert statement.entries[0].parts[0].text == "a"


def test_lines_end_as_they_like_and_letters_may_be_of_windows() -> None:
    text = made(":61:2603020302C5,00NTRFNONREF", ":86:café")
    for content in (
        text.replace("\n", "\r\n").encode("cp1252"),
        b"\xef\xbb\xbf" + text.encode(),
        text.encode(),
    ):
        (statement,) = read_mt940(content)
        assert statement.entries[0].parts[0].text == "café"
        assert is_mt940(content)


def test_a_file_read_twice_has_the_same_keys_and_two_alike_are_two() -> None:
    text = made(*[":61:2603020302C5,00NTRFNONREF", ":86:rent"] * 2)
    assert keys(read(text)) == keys(read(text))
    assert len(set(keys(read(text)))) == 2


@pytest.mark.data
@pytest.mark.skipif(not DATA.exists(), reason=f"the public trial data is not there ({DATA})")
def test_every_public_bank_file_is_read_or_refused_with_its_reason() -> None:
    """The refused are single fields cut out of a statement, to try a reader with."""
    paths = [
        path
        for path in sorted((DATA / "mt940").rglob("*"))
        if path.suffix in (".sta", ".txt")
        and "LICENSE" not in path.name
        and path.name not in ("_COMMIT.txt", "requirements.txt")
    ]
    read_, refused, problems = 0, [], []
    for path in paths:
        try:
            statements = read_mt940(path.read_bytes(), path.name)
        except InputError as error:
            refused.append((path.name, str(error)))
            continue
        read_ += 1
        for statement in statements:
            problems += [f"{path.name}: {problem}" for problem in statement.problems]
            assert len(set(keys(statement))) == len(statement.booked), path
            assert statement.account, path
    assert problems == []
    assert all(why.endswith("no bank statement (MT940 or MT942)") for _, why in refused)
    assert (read_, len(refused)) == (57, 20)
