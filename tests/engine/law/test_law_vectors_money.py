"""The shared worked cases about money, and those that the shipped packs carry."""

import os
from pathlib import Path

import pytest

from tenor.engine.cases import belgium, costs, france, interest, payments, terms
from tenor.engine.cases.packs import run_pack
from tenor.engine.cases.run import Outcome, Verdict, read_cases, run_case
from tenor.engine.law.library import shipped

ROOT = Path(__file__).parents[3]
FACTS = Path(os.environ.get("TENOR_PUBLIC_FACTS", ROOT.parent / "shared" / "facts"))
OURS = {rule for part in (belgium, costs, france, interest, payments, terms) for rule in part.RULES}
# How many cases of ours a file has: a rule that lost its name would otherwise go unnoticed.
FILES = {
    "nl_bik_costs": 30,
    "nl_interest": 23,
    "be_consumer": 10,
    "de_rules": 18,
    "eu_late_payment": 23,
    "fr_rules": 9,
    "uk_rules": 12,
}


@pytest.mark.parametrize(("name", "number"), FILES.items())
def test_every_shared_case_about_money_passes(name: str, number: int) -> None:
    outcomes = _shared(name)

    assert len(outcomes) >= number
    assert _failed(outcomes) == []


@pytest.mark.parametrize("jurisdiction", ["none", "EU", "NL", "BE", "DE", "FR", "UK"])
def test_the_cases_about_money_that_a_pack_carries_pass(jurisdiction: str) -> None:
    packs = shipped()

    outcomes = [o for o in run_pack(packs[jurisdiction], packs) if o.case.rule in OURS]

    assert outcomes
    assert _failed(outcomes) == []


def _shared(name: str) -> list[Outcome]:
    file = FACTS / "vectors" / f"{name}.json"
    if not file.exists():
        pytest.skip(f"the shared worked cases are not here: {file}")
    return [run_case(case) for case in read_cases(file) if case.rule in OURS]


def _failed(outcomes: list[Outcome]) -> list[object]:
    return [(o.case.id, o.differences) for o in outcomes if o.verdict is not Verdict.PASSED]
