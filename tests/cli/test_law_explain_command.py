"""`tenor law explain` says for a case what may be done, why, by which source, and from when."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tenor.cli.main import main

FACTS: dict[str, Any] = {
    "at": "2026-11-18T12:00:00+01:00",
    "debtor": "consumer",
    "claims": [{"invoice": "F1", "principal": 500.00, "due_on": "2026-09-01"}],
    "opt_outs": ["sms"],
}


def law_explain(path: Path, facts: Any = None, *options: str, place: str = "NL") -> Result:
    file = path / "facts.json"
    file.write_text(json.dumps(FACTS if facts is None else facts))
    words = ["law", "explain", "--jurisdiction", place, "--facts", str(file), *options]
    return CliRunner().invoke(main, words)


def test_every_step_stands_with_its_answer_and_its_moment(tmp_path: Path) -> None:
    said = law_explain(tmp_path)
    assert said.exit_code == 0
    assert "yes  contact.email  (until 2026-11-18 20:00)" in said.output
    assert "no   contact.sms" in said.output
    assert "no   charge.costs" in said.output
    assert "NOTICE_MISSING by NL:notices.fourteen_day" in said.output
    assert "yes  charge.interest  4.22 EUR" in said.output
    last = said.output.rstrip().splitlines()[-1]
    assert last.startswith("Netherlands, 2026-11-18 12:00: ") and last.endswith("may be taken.")
    assert "\x1b" not in said.output


def test_the_answers_are_there_as_data(tmp_path: Path) -> None:
    said = law_explain(tmp_path, None, "--json")
    told = json.loads(said.output)
    assert (told["jurisdiction"], told["at"]) == ("NL", "2026-11-18T11:00:00+00:00")
    steps = {one["step"]: one for one in told["steps"]}
    assert steps["charge.interest"]["amount"] == "4.22"
    sms = steps["contact.sms"]
    assert (sms["allowed"], sms["changes_at"]) == (False, None)
    assert sms["reasons"][0]["code"] == "CEASE_CHANNEL"
    assert set(sms["reasons"][0]) == {
        "code", "text", "rule", "source", "since", "confidence", "binding",
    }  # fmt: skip


def test_facts_can_be_piped_in_and_the_moment_given() -> None:
    words = ["law", "explain", "--jurisdiction", "nl", "--facts", "-", "--at", "2026-11-22T12:00Z"]
    said = CliRunner().invoke(main, words, input="{}")
    assert said.exit_code == 0 and "SUNDAY" in said.output


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"debter": "consumer"}, "did you mean 'debtor'?"),
        ({"claims": [{"principle": 1}]}, "claims, number 1: 'principle' is not known here"),
        ([], "must be an object"),
    ],
)
def test_wrong_facts_end_with_place_and_remedy(tmp_path: Path, facts: Any, told: str) -> None:
    said = law_explain(tmp_path, facts)
    assert (said.exit_code, told in said.output) == (2, True)


def test_an_unknown_jurisdiction_names_those_there_are(tmp_path: Path) -> None:
    said = law_explain(tmp_path, place="XX")
    assert said.exit_code == 2 and "there are" in said.output


def test_a_file_that_is_missing_or_no_json_is_said(tmp_path: Path) -> None:
    words = ["law", "explain", "--jurisdiction", "NL", "--facts"]
    said = CliRunner().invoke(main, [*words, str(tmp_path / "none.json")])
    assert said.exit_code == 2 and "there is no such file" in said.output
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    said = CliRunner().invoke(main, [*words, str(broken)])
    assert said.exit_code == 2 and "is not JSON" in said.output
