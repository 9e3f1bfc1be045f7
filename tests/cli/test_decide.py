"""`tenor decide` writes a row a customer, says in one line what it did, and refuses well."""

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from tenor.cli.main import main
from tenor.engine import decide
from tenor.engine.frames import Tables
from tenor.engine.policy.policyfile import parse_policy
from tenor.engine.predictors.model import load_model
from tenor.engine.store import read_rows, write_tables
from worlds import POLICY

CHANCE = "[exploration]\nshare = 0.1\n"


@pytest.fixture(scope="module")
def data(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    write_tables(tables, folder)
    return folder


def run(data: Path, model: Path, policy: str, folder: Path, *options: str) -> Result:
    """Decide by the policy `policy`, into `folder/day.csv` unless told otherwise."""
    path = folder / "policy.toml"
    path.write_text(policy)
    arguments = [str(data), "--as-of", "2024-08-28", "--model", str(model), "--policy", str(path)]
    if "--out" not in options:
        arguments += ["--out", str(folder / "day.csv")]
    return CliRunner().invoke(main, ["decide", *arguments, *options])


def test_it_decides_for_everybody_and_says_so_in_one_line(
    data: Path, model_folder: Path, tables: Tables, as_of: datetime, tmp_path: Path
) -> None:
    result = run(data, model_folder, CHANCE + POLICY, tmp_path, "--seed", "4")
    assert result.exit_code == 0, result.stderr
    found = read_rows(tmp_path / "day.csv")
    expected = decide(
        tables,
        as_of=as_of,
        model=load_model(model_folder),
        policy=parse_policy(CHANCE + POLICY),
        seed=4,
    )
    for column in ("decision_id", "customer_id", "invoice_ids", "verdict", "send_at", "propensity"):
        assert found[column].to_list() == expected[column].to_list(), column
    counts = dict(expected["verdict"].value_counts().iter_rows())
    cost = expected.filter(pl.col("verdict") == "contact")["cost"].sum()
    assert len(result.stdout.splitlines()) == 1
    assert result.stdout.startswith(
        f"{expected.height} decisions written to {tmp_path / 'day.csv'}: "
    )
    assert f"{counts['contact']} to contact" in result.stdout
    assert f"{counts['wait']} to leave alone" in result.stdout
    assert f"contacts cost {cost:,.2f}." in result.stdout
    assert result.stderr == ""


def test_another_seed_leaves_other_things_to_chance(
    data: Path, model_folder: Path, tmp_path: Path
) -> None:
    explored = []
    for seed in ("1", "2"):
        assert run(data, model_folder, CHANCE + POLICY, tmp_path, "--seed", seed).exit_code == 0
        explored.append(read_rows(tmp_path / "day.csv")["explored"].to_list())
    assert explored[0] != explored[1]


def test_an_empty_policy_leaves_everybody_alone_and_warns(
    data: Path, model_folder: Path, tmp_path: Path
) -> None:
    result = run(data, model_folder, "", tmp_path)
    assert result.exit_code == 0
    assert result.stderr == (
        f"{tmp_path / 'policy.toml'}: no channel is on, so everybody is left alone: "
        "add a block such as [channels.email]\n"
    )
    assert set(read_rows(tmp_path / "day.csv")["verdict"]) <= {"wait", "review", "escalate"}


def test_the_day_is_written_as_a_page_too(data: Path, model_folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "day.html"
    result = run(data, model_folder, POLICY, tmp_path, "--html", str(page))
    assert result.exit_code == 0
    assert page.read_text().startswith("<!doctype html>")
    assert "2024" in page.read_text()


def test_a_mistyped_key_names_place_and_the_nearest_known_one(
    data: Path, model_folder: Path, tmp_path: Path
) -> None:
    result = run(data, model_folder, "[limits]\nmin_days_betwen = 3\n", tmp_path)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == (
        f"tenor: {tmp_path / 'policy.toml'}: unknown key limits.min_days_betwen; "
        "did you mean limits.min_days_between?\n"
    )
    assert not (tmp_path / "day.csv").exists()


def test_a_missing_policy_file_is_named(data: Path, model_folder: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere.toml"
    result = run(data, model_folder, POLICY, tmp_path, "--policy", str(nowhere))
    assert result.exit_code == 2
    assert result.stderr.startswith(f"tenor: {nowhere}: the policy file cannot be read: ")


def test_without_a_model_the_command_that_makes_one_is_named(data: Path, tmp_path: Path) -> None:
    result = run(data, tmp_path / "nowhere", POLICY, tmp_path)
    assert result.exit_code == 2
    assert result.stderr == (
        f"tenor: {tmp_path / 'nowhere'} holds no model: make one with `tenor fit DIR --model ...`\n"
    )


def test_a_file_of_another_kind_is_refused(data: Path, model_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "day.json"
    result = run(data, model_folder, POLICY, tmp_path, "--out", str(out))
    assert result.exit_code == 2
    assert result.stderr == f"tenor: {out}: write to a name that ends in .parquet or .csv\n"
    assert not out.exists()


def test_tables_that_are_not_there_are_named(model_folder: Path, tmp_path: Path) -> None:
    result = run(tmp_path / "nothing", model_folder, POLICY, tmp_path)
    assert result.exit_code == 2
    assert result.stderr == f"tenor: {tmp_path / 'nothing'}: does not exist\n"
