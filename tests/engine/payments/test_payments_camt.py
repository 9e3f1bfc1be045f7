"""Bank statements as several banks write them: every entry read exactly, or named."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tenor.engine.errors import InputError
from tenor.engine.payments.camt import Statement, StatementKind, keys, read_camt
from tenor.engine.payments.camt_entries import Direction, is_return, other_party, parts_agree

SAMPLES = Path(__file__).parent / "samples"
ENTRY = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><Dt>{day}</Dt></BookgDt>{reference}<NtryDtls><TxDtls><RmtInf><Ustrd>{text}</Ustrd></RmtInf>
</TxDtls></NtryDtls></Ntry>"""


def read(name: str) -> Statement:
    (statement,) = read_camt((SAMPLES / name).read_bytes(), name)
    return statement


def made(*entries: str) -> str:
    inside = "".join(entries)
    return f"<Document><BkToCstmrStmt><Stmt><Id>1</Id>{inside}</Stmt></BkToCstmrStmt></Document>"


def entry(
    amount: str = "10.00", day: str = "2026-03-02", reference: str = "", text: str = ""
) -> str:
    told = f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else ""
    return ENTRY.format(amount=amount, day=day, reference=told, text=text)


def test_a_statement_tells_its_account_its_balances_and_that_all_is_there() -> None:
    statement = read("batch_and_returns_v02.xml")

    assert statement.kind is StatementKind.STATEMENT
    assert (statement.number, statement.account) == ("2026-211", "NL02ABNA0123456789")
    assert statement.opening.amount == Decimal("-2500.00")
    assert statement.closing.amount == Decimal("-1912.05")
    assert statement.closing.day == date(2026, 11, 3)
    assert statement.difference == 0
    assert statement.problems == ()


def test_a_batch_is_taken_apart_into_its_payments() -> None:
    batch = read("batch_and_returns_v02.xml").entries[0]

    assert (batch.amount, batch.code, batch.batch_size) == (
        Decimal("641.20"),
        "PMNT/IDDT/ESDD",
        3,
    )
    assert [(p.amount, p.end_to_end_id, p.mandate, p.debtor) for p in batch.parts] == [
        (Decimal("310.10"), "K1001-F881", "M-1001", "P. de Wit"),
        (Decimal("200.00"), "K1002-F882", "M-1002", "Ö. Çelik"),
        (Decimal("131.10"), "", "M-1003", ""),
    ]
    assert batch.parts[0].text == "Huur november object 12"
    assert batch.parts_agree


def test_a_returned_debit_names_its_debtor_and_its_reason() -> None:
    returned = read("batch_and_returns_v02.xml").entries[1]
    (part,) = returned.parts

    assert (returned.signed, returned.code) == (Decimal("-53.25"), "NDDT 1085")
    assert (part.reason, part.reason_text) == ("MS03", "Reden niet gespecificeerd")
    assert is_return(returned, part)
    assert other_party(returned, part) == ("J. Bakker", "NL91ABNA0417164300")
    assert (returned.booked_on, returned.valued_on) == (date(2026, 11, 3), date(2026, 11, 2))


def test_what_is_only_pending_is_read_but_not_booked() -> None:
    statement = read("batch_and_returns_v02.xml")

    assert [e.status for e in statement.entries] == ["BOOK", "BOOK", "PDNG"]
    assert len(statement.booked) == 2
    assert statement.entries[2].amount == Decimal(75)


def test_version_eight_with_prefixes_reads_as_version_two_does() -> None:
    statement = read("charges_and_reversal_v08.xml")
    batch, fee = statement.entries

    assert statement.currency == "EUR"
    assert statement.difference == 0
    assert batch.parts[0].debtor == "Bäckerei Müller GmbH"
    assert batch.parts[0].ultimate_debtor == "Filiale Süd"
    assert batch.parts[0].reference == "RF18539007547034"
    assert batch.parts[0].text == "Rechnung 17"
    assert (fee.direction, fee.signed) == (Direction.DEBIT, Decimal("-1.50"))
    assert [(p.amount, p.text) for p in fee.parts] == [(Decimal("1.50"), "Kontoführung")]


def test_the_day_is_the_one_that_the_bank_writes() -> None:
    assert read("charges_and_reversal_v08.xml").entries[0].booked_on == date(2026, 10, 30)


def test_charges_taken_out_of_a_batch_are_no_missing_money() -> None:
    batch = read("charges_and_reversal_v08.xml").entries[0]

    assert batch.charges == Decimal("1.95")
    assert batch.parts_agree
    assert not parts_agree(Decimal("298.05"), [Decimal("180.00"), Decimal("120.00")])


def test_a_field_filled_with_nothing_is_empty() -> None:
    assert read("charges_and_reversal_v08.xml").entries[0].bank_reference == ""


def test_a_notification_reads_too_and_its_bad_entries_are_named() -> None:
    statement = read("notification_v04.xml")

    assert statement.kind is StatementKind.NOTIFICATION
    assert (statement.account, statement.difference) == ("01-2345-6", None)
    assert statement.entries[0].parts[0].reference == "210000000003139471430009017"
    assert statement.problems == (
        "entry 3: '1e3' is no amount",
        "entry 4: it has no date of booking",
    )


def test_a_batch_whose_parts_miss_money_says_so() -> None:
    assert not read("notification_v04.xml").entries[0].parts_agree


def test_a_batch_told_elsewhere_is_no_single_payment() -> None:
    batch = read("notification_v04.xml").entries[1]

    assert (batch.parts, batch.batch_size, batch.parts_agree) == ((), 4, False)


def test_a_part_in_another_currency_has_no_amount_to_book() -> None:
    parts = "".join(
        f'<TxDtls><Amt Ccy="{currency}">5.00</Amt></TxDtls>' for currency in ("EUR", "SEK")
    )
    whole = entry(amount="10.00").split("<NtryDtls>")[0] + f"<NtryDtls>{parts}</NtryDtls></Ntry>"
    (statement,) = read_camt(made(whole))

    assert [p.amount for p in statement.entries[0].parts] == [Decimal("5.00"), None]
    assert not statement.entries[0].parts_agree


def test_missing_money_shows_as_the_difference_of_the_balances() -> None:
    text = (SAMPLES / "batch_and_returns_v02.xml").read_text("utf-8")

    (statement,) = read_camt(text.replace(">53.25<", ">50.00<"))

    assert statement.difference == Decimal("3.25")


def test_a_file_read_twice_has_the_same_keys() -> None:
    first, again = read("batch_and_returns_v02.xml"), read("batch_and_returns_v02.xml")

    assert keys(first) == keys(again)
    assert len(set(keys(first))) == 2


def test_a_line_is_known_again_by_the_banks_reference_whatever_text_it_has() -> None:
    (one,) = read_camt(made(entry(reference="A1", text="invoice 7")))
    (other,) = read_camt(made(entry(reference="A1", amount="10.0")))

    assert keys(one) == keys(other)


@pytest.mark.parametrize(
    "changed", [{"reference": "A2"}, {"amount": "10.01"}, {"day": "2026-03-03"}]
)
def test_another_reference_amount_or_day_is_another_line(changed: dict[str, str]) -> None:
    (one,) = read_camt(made(entry(reference="A1")))
    (other,) = read_camt(made(entry(**{"reference": "A1", **changed})))

    assert not set(keys(one)) & set(keys(other))


def test_two_like_payments_without_a_reference_are_two() -> None:
    (both,) = read_camt(made(entry(text="rent"), entry(text="rent")))
    (alone,) = read_camt(made(entry(text="rent")))

    assert len(set(keys(both))) == 2
    assert keys(alone)[0] == keys(both)[0]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "this is not XML"),
        ("<Document><a></Document>", "this is not XML"),
        ("<Document/>", "it holds no bank statement"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><Document>&b;</Document>', "declares a document type"),
        ('<!DOCTYPE a SYSTEM "http://127.0.0.1/a"><Document/>', "declares a document type"),
        (b'<?xml version="1.0" encoding="klingon"?><Document/>', "encoding|not XML"),
        (":20:STATEMENT", "this is not XML"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name(content: Any, why: str) -> None:
    with pytest.raises(InputError, match=rf"^bank\.xml.*({why})"):
        read_camt(content, "bank.xml")


def test_twice_the_same_entity_a_thousand_times_is_never_expanded() -> None:
    levels = "".join(
        f'<!ENTITY e{n} "{"&e" + str(n - 1) + ";" if n else "x"}{"x" * 9}">' for n in range(9)
    )
    with pytest.raises(InputError, match="document type"):
        read_camt(f"<!DOCTYPE d [{levels}]><Document>&e8;</Document>")


def test_several_statements_keep_their_own_entries() -> None:
    one = made(entry()).removeprefix("<Document><BkToCstmrStmt>")
    one = one.removesuffix("</BkToCstmrStmt></Document>")
    content = (
        f"<Document><BkToCstmrStmt>{one}{one.replace('10.00', '3.00')}</BkToCstmrStmt></Document>"
    )

    first, second = read_camt(content)

    assert [e.amount for e in first.entries] == [Decimal("10.00")]
    assert [e.amount for e in second.entries] == [Decimal("3.00")]
