"""What `tenor decide` and `tenor score` write beside their result when they are asked to."""

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

import worlds
from tenor.cli.main import main
from tenor.engine.frames import Tables
from tenor.engine.policy.grid import alternatives
from tenor.engine.policy.policyfile import read_policy
from tenor.engine.predictors.model import load_model
from tenor.engine.store import read_rows, write_tables


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tables: Tables) -> Path:
    made = tmp_path_factory.mktemp("asides")
    write_tables(tables, made / "data")
    (made / "policy.toml").write_text(worlds.POLICY)
    return made


def run(folder: Path, name: str, model: Path, as_of: datetime, *more: str) -> Result:
    arguments = [name, str(folder / "data"), "--as-of", f"{as_of:%Y-%m-%d}", "--model", str(model)]
    if name == "decide":
        arguments += ["--policy", str(folder / "policy.toml")]
    arguments += ["--out", str(folder / f"{name}.csv"), *more]
    return CliRunner().invoke(main, arguments)


def test_decide_writes_every_alternative_of_one_customer(
    folder: Path, model_folder: Path, as_of: datetime, tables: Tables
) -> None:
    owing = tables.known_at(as_of).invoices["customer_id"][-1]
    result = run(
        folder, "decide", model_folder, as_of, "--explain", owing, "--grid", f"{folder}/grid.csv"
    )
    assert result.exit_code == 0, result.output
    assert "1,848 alternatives" in result.stderr
    grid = read_rows(folder / "grid.csv")
    assert grid.height == 1848
    assert set(grid["customer_id"]) == {owing}
    decided = read_rows(folder / "decide.csv").filter(pl.col("customer_id") == owing)
    assert int(decided["candidates"][0]) == grid["permitted"].sum()
    # What is read back is what was worked out, empty lists as missing.
    every = alternatives(
        tables,
        as_of=as_of,
        model=load_model(model_folder),
        policy=read_policy(folder / "policy.toml"),
        customer_id=owing,
    )
    assert grid["removed_by"].fill_null([]).to_list() == every["removed_by"].to_list()
    assert grid["gain"].to_list() == pytest.approx(every["gain"].to_list())


@pytest.mark.parametrize("half", [("--explain", "C000001"), ("--grid", "grid.csv")])
def test_decide_refuses_half_of_an_explanation(
    folder: Path, model_folder: Path, as_of: datetime, half: tuple[str, str]
) -> None:
    result = run(folder, "decide", model_folder, as_of, *half)
    assert result.exit_code == 2
    assert "--explain CUSTOMER and --grid FILE are given together" in result.stderr


def test_score_writes_cohorts_and_says_whether_they_hold(
    folder: Path, model_folder: Path, as_of: datetime
) -> None:
    result = run(folder, "score", model_folder, as_of, "--cohorts", f"{folder}/cohorts.csv")
    assert result.exit_code == 0, result.output
    assert "ohorts" in result.stderr
    rows = pl.read_csv(folder / "cohorts.csv")
    assert rows.columns == ["customer_id", "cohort", "words"]
    assert rows["customer_id"].is_unique().all()
