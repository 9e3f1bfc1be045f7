"""The shared worked cases about payments, and what they say beside their expected results."""

import os
from pathlib import Path

import pytest

from tenor.engine.cases import payments
from tenor.engine.cases.run import Case, Verdict, read_cases, run_case
from tenor.engine.payments import epc

ROOT = Path(__file__).parents[3]
FACTS = Path(os.environ.get("TENOR_PUBLIC_FACTS", ROOT.parent / "shared" / "facts"))
# How many cases a file has: a rule that lost its name would otherwise go unnoticed.
FILES = {
    "payment_references": 46,
    "iban": 10,
    "epc_qr": 20,
    "sdd_return_codes": 24,
    "camt_ubl": 13,
}


def shared(name: str) -> list[Case]:
    file = FACTS / "vectors" / f"{name}.json"
    if not file.exists():
        pytest.skip(f"the shared worked cases are not here: {file}")
    return read_cases(file)


@pytest.mark.parametrize(("name", "number"), FILES.items())
def test_every_shared_case_about_payments_passes(name: str, number: int) -> None:
    outcomes = [run_case(case) for case in shared(name)]

    assert len(outcomes) >= number
    assert [(o.case.id, o.differences) for o in outcomes if o.verdict is not Verdict.PASSED] == []


def test_fields_of_a_payment_code_make_the_text_that_is_given() -> None:
    for case in shared("epc_qr"):
        if "fields" in case.input:
            made = payments.RULES["epc069_12"]({"fields": case.input["fields"]})
            assert made["payload"] == case.input["payload"], case.id


def test_a_case_may_ask_what_the_shared_ones_do_not() -> None:
    refused = payments.RULES["sdd_windows"](
        {"address_in_pain008": "Ctry + 2 AdrLine", "settlement": "2026-12-01"}
    )
    assert (refused["accepted"], refused["form"]) == (False, "unstructured")
    assert payments.RULES["camt053_dedup"](
        {"seen_bank_refs": ["A1"], "new_entry_ref": "A1", "same_amount": False}
    ) == {"import_": True}
    assert payments.RULES["ubl_rules"]({"payment_means": "59", "mandate": None})["rule"] == (
        "PEPPOL-EN16931-R061"
    )
    over = {"open_items": [["I", "5.00", ""]], "payment": ["7.00", "I"]}
    assert payments.RULES["payment_matching"](over)["kind"] == "none"


def test_the_codes_of_other_makers_read_without_a_problem() -> None:
    made = (
        ("FR1420041010050500013M02606", "2", "François D'Alsace S.A.", "EUR12.3"),
        ("DE33100205000001194700", "2", "Wikimedia Foerdergesellschaft", "EUR20"),
    )
    for iban, character_set, name, amount in made:
        payload = f"BCD\n002\n{character_set}\nSCT\n\n{name}\n{iban}\n{amount}\n\n\nClient: 7"
        assert epc.problems_in(payload) == ()
        assert epc.read(payload).payload == payload
