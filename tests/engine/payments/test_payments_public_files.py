"""Bank files, invoices and codes of other makers: each is read, or refused with its reason."""

import json
import os
from pathlib import Path

import pytest

from tenor.engine.errors import InputError
from tenor.engine.payments import epc
from tenor.engine.payments.camt import keys, read_camt
from tenor.engine.payments.ubl import Treatment, read_ubl, treatment

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("TENOR_PUBLIC_DATA", ROOT.parent / "shared" / "data")) / "bankfiles"

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.exists(), reason=f"the public trial data is not there ({DATA})"),
]


def files(folder: str) -> list[Path]:
    return sorted((DATA / folder).rglob("*.xml"))


def test_every_bank_file_is_read_but_the_one_that_holds_nothing() -> None:
    read, refused = 0, []
    for path in files("camt"):
        try:
            statements = read_camt(path.read_bytes(), path.name)
        except InputError as error:
            refused.append(str(error))
            continue
        for statement in statements:
            read += 1
            assert statement.account, path
            assert len(set(keys(statement))) == len(statement.booked)
            assert all("no date of booking" in problem for problem in statement.problems), path

    assert read == 26
    assert refused == ["camt053.v2.wrong.xml: it holds no bank statement (CAMT.052, 053 or 054)"]


def test_two_statements_of_one_file_join_and_balance() -> None:
    path = DATA / "camt" / "genkgo_camt" / "test" / "data" / "camt053.v2.multi.statement.xml"
    first, second = read_camt(path.read_bytes(), path.name)

    assert first.closing.amount == second.opening.amount
    assert first.difference == second.difference == 0


def test_every_ubl_invoice_is_read_and_every_other_document_named() -> None:
    read = []
    for path in files("einvoice"):
        is_ubl = b"oasis:names:specification:ubl:schema:xsd:Invoice-2" in path.read_bytes()
        if is_ubl:
            read.append(read_ubl(path.read_bytes(), path.name))
        else:
            with pytest.raises(InputError, match=r"is no UBL invoice and no credit note"):
                read_ubl(path.read_bytes(), path.name)

    assert len(read) == 47
    assert all(invoice.number and invoice.issued_on and invoice.seller.name for invoice in read)
    kinds = [treatment(invoice.type_code, invoice.payable) for invoice in read]
    assert (kinds.count(Treatment.CREDIT), kinds.count(Treatment.SETTLED)) == (1, 2)


def test_the_payment_codes_of_others_have_the_problems_that_they_have() -> None:
    lines = (DATA / "payloads.jsonl").read_text("utf-8").splitlines()
    found = [epc.problems_in(json.loads(line)["payload"]) for line in lines]

    # The last is written for a made-up account "ABC".
    assert found == [(), (), (), (epc.Problem.IBAN_CHARACTERS,)]
