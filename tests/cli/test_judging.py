"""`tenor evaluate` and `tenor offpolicy` on a small made-up world: figures, warnings, bytes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tenor.cli.main import main

POLICY = """
[channels.email]
cost = 0.02
[channels.sms]
cost = 0.08
[channels.letter]
cost = 1.1
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portfolio of 150 customers over 300 days, and a model of its first 250."""
    folder = tmp_path_factory.mktemp("world")
    made = run("simulate", "--customers", "150", "--days", "300", "--out", str(folder / "data"))
    assert made.exit_code == 0, made.output
    fitted = run("fit", str(folder / "data"), "--as-of", "2024-09-07", "--model", f"{folder}/model")
    assert fitted.exit_code == 0, fitted.output
    (folder / "policy.toml").write_text(POLICY)
    return folder


def test_evaluate_prints_the_figures_beside_both_baselines_and_one_sentence(world):
    found = run(
        *("evaluate", f"{world}/data", "--model", f"{world}/model"),
        *("--from", "2024-09-07", "--to", "2024-10-26", "--json", f"{world}/quality.json"),
    )
    assert found.exit_code == 0, found.output
    assert "Paid within 30 days" in found.output
    for name in ("model", "own history", "own punctuality", "base rate"):
        assert f"\n  {name} " in found.output
    assert "Paid within 60 days: nothing to judge" in found.output
    assert found.output.splitlines()[-1].startswith("Ranks ")
    figures = json.loads((world / "quality.json").read_text())
    assert [h["days"] for h in figures["horizons"]] == [7, 30, 60]
    assert figures["horizons"][0]["rows"] > 100
    assert figures["instants"][0] == "2024-09-07T00:00:00+00:00"
    assert figures["summary"] == found.output.splitlines()[-1]


def test_evaluate_warns_where_the_model_has_seen_what_it_is_judged_by(world):
    found = run(*("evaluate", f"{world}/data", "--model", f"{world}/model", "--from", "2024-08-01"))
    assert found.exit_code == 0
    assert "so the figures flatter" in found.stderr


def test_evaluate_refuses_an_instant_after_which_nothing_can_be_seen(world):
    found = run(*("evaluate", f"{world}/data", "--model", f"{world}/model", "--from", "2024-10-25"))
    assert found.exit_code == 2
    assert "too early to judge by; give an earlier --from" in found.stderr


def test_offpolicy_says_how_much_can_be_judged_and_that_few_contacts_cannot_tell(world):
    def judged(name: str) -> Result:
        return run(
            *("offpolicy", f"{world}/data", "--model", f"{world}/model"),
            *("--policy", f"{world}/policy.toml", "--from", "2024-10-05"),
            *("--json", f"{world}/{name}.json"),
        )

    first = judged("first")
    assert first.exit_code == 0, first.output
    assert "drawn at random" in first.output
    assert first.output.splitlines()[-1].startswith("These logs cannot tell: ")
    figures = json.loads((world / "first.json").read_text())
    assert figures["verdict"]["finding"] == "cannot tell"
    assert figures["contacts"] > figures["by_chance"]["support"]["rows"] > 0
    judged("again")
    assert (world / "first.json").read_bytes() == (world / "again.json").read_bytes()


def test_offpolicy_refuses_a_log_without_probabilities_and_says_why(world, tmp_path):
    made = run(
        *("simulate", "--customers", "150", "--days", "300", "--randomised", "0"),
        *("--out", f"{tmp_path}/ladder"),
    )
    assert made.exit_code == 0
    found = run(
        *("offpolicy", f"{tmp_path}/ladder", "--model", f"{world}/model"),
        *("--policy", f"{world}/policy.toml", "--from", "2024-10-05"),
    )
    assert found.exit_code == 2
    assert "without the probability of what was done" in found.stderr


def test_backtest_holds_the_policy_beside_the_past_and_says_what_it_cannot_tell(world):
    found = run(
        *("backtest", f"{world}/data", "--model", f"{world}/model", "--from", "2024-09-07"),
        *("--to", "2024-09-11", "--every", "4", "--policy", f"{world}/policy.toml"),
        *("--segments", "--json", f"{world}/back.json", "--html", f"{world}/back.html"),
    )
    assert found.exit_code == 0, found.output
    assert "the policy   what was done" in found.output
    assert "These logs cannot tell for" in found.output
    assert found.output.splitlines()[-1].startswith("These logs cannot tell: ")
    figures = json.loads((world / "back.json").read_text())
    assert figures["would"]["contacts"] == figures["steps"][0]["contacts"]
    assert figures["harm"]["answer"] == "cannot tell"
    page = (world / "back.html").read_text()
    assert "Synthetic data" in page
    assert "Is anybody worse off?" in page


def test_backtest_refuses_a_model_that_has_seen_the_period(world):
    found = run("backtest", f"{world}/data", "--model", f"{world}/model", "--from", "2024-09-01")
    assert found.exit_code == 2
    assert "has seen what came after 2024-09-01" in found.stderr


def test_card_writes_what_the_model_is_and_what_cannot_be_seen_of_it_yet(world):
    found = run(
        *("card", f"{world}/model", "--data", f"{world}/data", "--as-of", "2024-09-20"),
        *("--out", f"{world}/card.json", "--sheet", f"{world}/sheet.md", "--name", "Delta"),
    )
    assert found.exit_code == 0, found.output
    facts = json.loads((world / "card.json").read_text())
    assert facts["name"] == "Delta"
    assert facts["synthetic"] is True
    assert [h["days"] for h in facts["quality"]["horizons"] if h["rows"]] == [7]
    assert "What came within 30 and 60 days could not be seen yet." in facts["limits"]
    assert "less than 30 days have passed" in " ".join(facts["limits"])
    assert (world / "sheet.md").read_text().startswith("# Data sheet: Delta")


def test_card_refuses_a_kind_of_file_that_it_does_not_write(world):
    found = run(
        *("card", f"{world}/model", "--data", f"{world}/data", "--as-of", "2024-09-20"),
        *("--out", f"{world}/card.pdf"),
    )
    assert found.exit_code == 2
    assert "give a file that ends in .html, .md, .json" in found.stderr
