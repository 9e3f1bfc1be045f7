"""The shared worked cases of rights and fairness, and those that the shipped packs carry."""

import os
from pathlib import Path

import pytest

from tenor.engine.cases import fairness, rights
from tenor.engine.cases.packs import run_pack
from tenor.engine.cases.run import Outcome, Verdict, read_cases, run_case
from tenor.engine.law.library import shipped

ROOT = Path(__file__).parents[3]
FACTS = Path(os.environ.get("TENOR_PUBLIC_FACTS", ROOT.parent / "shared" / "facts"))
OURS = rights.RULES.keys() | fairness.RULES.keys()


@pytest.mark.parametrize("name", ["gdpr_ai_eprivacy", "fairness", "uk_rules"])
def test_every_shared_case_of_ours_passes(name: str) -> None:
    file = FACTS / "vectors" / f"{name}.json"
    if not file.exists():
        pytest.skip(f"the shared worked cases are not here: {file}")

    outcomes = [run_case(case) for case in read_cases(file) if case.rule in OURS]

    assert outcomes
    assert _failed(outcomes) == []


@pytest.mark.parametrize("jurisdiction", ["none", "EU", "NL", "BE", "DE", "FR", "UK", "US"])
def test_the_cases_that_a_pack_carries_pass(jurisdiction: str) -> None:
    packs = shipped()

    outcomes = [o for o in run_pack(packs[jurisdiction], packs) if o.case.rule in OURS]

    assert outcomes
    assert _failed(outcomes) == []


def _failed(outcomes: list[Outcome]) -> list[object]:
    return [(o.case.id, o.differences) for o in outcomes if o.verdict is not Verdict.PASSED]
