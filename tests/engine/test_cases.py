"""Worked cases: what passes, what fails with its difference, and what a broken file says."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tenor.cli.cases import command
from tenor.cli.main import main
from tenor.engine.cases import kpis
from tenor.engine.cases.run import Case, Verdict, read_cases, run_case, same
from tenor.engine.cases.values import NotCovered
from tenor.engine.errors import InputError

D = Decimal

DSO = {"receivables": "300", "credit_sales": "900", "days": 90}


def a_case(expected: Mapping[str, Any], rule: str = "dso_simple", **changes: Any) -> Case:
    return Case("K-1", rule, DSO | changes, expected)


def write(path: Path, *cases: Mapping[str, Any]) -> Path:
    path.write_text(json.dumps(cases), encoding="utf-8")
    return path


def entry(expected: Mapping[str, Any], rule: str = "dso_simple", name: str = "K-1") -> dict:
    return {"id": name, "rule": rule, "input": DSO, "expected": expected}


def test_a_case_passes_where_everything_expected_comes_out() -> None:
    assert run_case(a_case({"dso": "30.00"})).verdict is Verdict.PASSED


def test_a_figure_without_value_passes_with_its_reason() -> None:
    case = a_case({"dso": None, "reason": "NO_SALES"}, credit_sales="0")
    assert run_case(case).verdict is Verdict.PASSED


def test_a_failed_case_says_what_came_out_and_what_was_expected() -> None:
    outcome = run_case(a_case({"dso": "31.00", "spread": 1}))
    assert outcome.verdict is Verdict.FAILED
    assert outcome.differences == (
        'dso: came out "30.00", expected "31.00"',
        "spread: did not come out, expected 1",
    )


def test_a_rule_may_not_cover_an_input_and_says_so() -> None:
    def narrow(case: Mapping[str, Any]) -> dict[str, Any]:
        raise NotCovered("only whole portfolios are covered")

    outcome = run_case(a_case({"dso": "1"}), {"dso_simple": narrow})
    assert outcome.verdict is Verdict.NOT_COVERED
    assert outcome.differences == ("only whole portfolios are covered",)


def test_an_input_that_a_rule_cannot_use_fails_the_case_and_not_the_run() -> None:
    no_days = Case("K-1", "dso_simple", {"receivables": "1", "credit_sales": "2"}, {"dso": "1"})
    assert run_case(no_days).differences == ("could not be run: the input has no 'days'",)
    words = a_case({"dso": "1"}, receivables="a lot")
    assert run_case(words).verdict is Verdict.FAILED


def test_a_float_is_no_amount() -> None:
    assert run_case(a_case({"dso": "30.00"}, receivables=300.0)).verdict is Verdict.FAILED


def test_a_rule_that_the_engine_lacks_is_not_covered() -> None:
    assert run_case(a_case({"x": 1}, rule="phase_of_moon")).verdict is Verdict.NOT_COVERED


@pytest.mark.parametrize(
    ("came_out", "wanted", "equal"),
    [
        (D("96.00"), "96.0", True),
        (D("96.00"), 96, True),
        (D("96.00"), "96", False),  # a text without decimals is a text
        ("007", "7", False),
        ("1.50", "1.5", True),
        (True, 1, False),
        (None, None, True),
        (None, "0.00", False),
        ([D("1.0"), {"a": 2}], ["1.00", {"a": 2}], True),
        ([1], [1, 2], False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
    ],
)
def test_results_are_compared_by_value(came_out: object, wanted: object, equal: bool) -> None:
    assert same(came_out, wanted) is equal


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[{"id": "K",\n "rule" 1}]', "line 2, column 9: this is not JSON"),
        ('{"rules": []}', "expected a list of cases"),
        ("[3]", "case 1: expected an object"),
        ('[{"id": "K", "rule": "cei", "input": {}}]', "case 1: 'expected' is missing"),
        ('[{"id": "K", "rule": 7, "input": {}, "expected": {}}]', "case 1: 'rule' must be a text"),
    ],
)
def test_a_broken_file_names_its_place(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=says):
        read_cases(path)


def test_decimals_in_a_file_stay_exact(tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    path.write_text('[{"id": "K", "rule": "r", "input": {"x": 0.1}, "expected": {}}]')
    assert read_cases(path)[0].input["x"] == D("0.1")


def test_the_command_counts_per_rule_and_exits_1_where_a_case_failed(tmp_path: Path) -> None:
    path = write(
        tmp_path / "cases.json",
        entry({"dso": "30.00"}),
        entry({"dso": "31.00"}, name="K-2"),
        entry({"x": 1}, rule="phase_of_moon"),
    )
    result = CliRunner().invoke(command, [str(path)])
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "dso_simple     1 passed, 1 failed",
        '                 K-2  dso: came out "30.00", expected "31.00"',
        "phase_of_moon  1 not covered",
        "3 cases of 2 rules: 1 passed, 1 failed, 1 not covered",
    ]


def test_the_command_exits_0_where_nothing_failed(tmp_path: Path) -> None:
    path = write(tmp_path / "cases.json", entry({"x": 1}, rule="phase_of_moon"))
    assert CliRunner().invoke(command, [str(path)]).exit_code == 0


def test_the_command_exits_2_on_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["cases", str(tmp_path / "none.json")])
    assert result.exit_code == 2
    assert "there is no such file" in result.output


def test_every_rule_answers_a_case_of_its_own() -> None:
    inputs: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "dso_simple": (DSO, {"dso": "30.00"}),
        "dso_countback": (
            {"receivables": "300", "months_latest_first": [
                {"sales": "120", "days": 30}, {"sales": "150", "days": 31},
                {"sales": "140", "days": 30}]},
            {"dso": "67.43"},
        ),
        "best_possible_dso": (
            {"current_receivables": "210", "credit_sales": "900", "days": 90},
            {"best_possible_dso": "21.00"},
        ),
        "average_days_delinquent": (
            {"dso": "30.00", "best_possible_dso": "21.00"}, {"add": "9.00"},
        ),
        "cei": (
            {"beginning_receivables": "200", "credit_sales": "300", "ending_total": "150",
             "ending_current": "100"},
            {"cei_pct": "87.50"},
        ),
        "aging_bucket": ({"days_past_due": 91}, {"bucket": "90+"}),
        "ageing_bucket": ({"days_past_due": 30}, {"bucket": "1-30"}),
        "days_past_due": (
            {"due": "2026-10-22", "as_of": "2026-11-21"}, {"days_past_due": 30, "bucket": "1-30"},
        ),
        "roll_rate": (
            {"amount_in_next_now": "22", "amount_in_bucket_before": "100"},
            {"roll_rate_pct": "22.00"},
        ),
        "receivables_turnover": (
            {"credit_sales": "900", "average_receivables": "300"}, {"turnover": "3.00"},
        ),
        "promise_kept": (
            {"promises": [{"amount": "10", "paid": "10", "in_time": True},
                          {"amount": "30", "paid": "0", "in_time": False},
                          {"amount": "99", "paid": "0", "in_time": None}]},
            {"kept_by_count_pct": "50.00", "kept_by_amount_pct": "25.00"},
        ),
        "cost_to_collect": (
            {"costs": {"staff": "100"}, "collected": "0"},
            {"cost_per_euro": None, "reason": "NOTHING_COLLECTED"},
        ),
        "working_capital_release": (
            {"annual_credit_sales": "50000000", "days_less": "10", "basis": 365},
            {"release": "1369863.01"},
        ),
    }  # fmt: skip
    assert inputs.keys() == kpis.RULES.keys()
    for rule, (given, expected) in inputs.items():
        assert run_case(Case(rule, rule, given, expected)).differences == ()
