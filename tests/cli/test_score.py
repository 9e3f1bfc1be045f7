"""`tenor score` writes a row an open invoice, says in one line what it did, and refuses well."""

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from tenor.cli.main import main
from tenor.engine.frames import Tables
from tenor.engine.predictors.model import load_model
from tenor.engine.predictors.score import score
from tenor.engine.store import read_rows, write_tables


@pytest.fixture(scope="module")
def data(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    write_tables(tables, folder)
    return folder


def run(data: Path, model: Path, out: Path, *options: str, as_of: str = "2024-08-28") -> Result:
    arguments = [str(data), "--as-of", as_of, "--model", str(model), "--out", str(out)]
    return CliRunner().invoke(main, ["score", *arguments, *options])


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_it_scores_every_open_invoice_and_says_so_in_one_line(
    data: Path, model_folder: Path, tables: Tables, as_of: datetime, tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"scores.{ending}"
    result = run(data, model_folder, out, as_of=as_of.date().isoformat())
    assert result.exit_code == 0, result.stderr
    scores = read_rows(out)
    expected = score(tables, as_of=as_of, model=load_model(model_folder))
    columns = ["invoice_id", "p_paid_7d", "p_paid_30d", "expected_paid_on", "risk"]
    assert scores.select(columns).equals(expected.select(columns))
    assert len(result.stdout.splitlines()) == 1
    counts = dict(expected["risk"].value_counts().iter_rows())
    grades = ", ".join(f"{g} {counts[g]}" for g in "ABCDE" if g in counts)
    assert result.stdout.startswith(f"{expected.height} open invoices scored into {out}")
    assert f"(grades: {grades})" in result.stdout
    assert result.stderr == ""


def test_before_the_first_invoice_there_is_an_empty_file(
    data: Path, model_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "scores.csv"
    result = run(data, model_folder, out, as_of="2020-01-01")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"0 open invoices scored into {out}.")
    assert pl.read_csv(out).is_empty()
    assert "p_paid_30d" in pl.read_csv(out).columns


def test_without_a_model_the_command_that_makes_one_is_named(data: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    result = run(data, nowhere, tmp_path / "scores.csv")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == (
        f"tenor: {nowhere} holds no model: make one with `tenor fit DIR --model ...`\n"
    )


@pytest.mark.parametrize("name", ["scores.xlsx", "scores", "scores.CSV.zip"])
def test_a_file_of_another_kind_is_refused_and_nothing_is_written(
    data: Path, model_folder: Path, tmp_path: Path, name: str
) -> None:
    result = run(data, model_folder, tmp_path / name)
    assert result.exit_code == 2
    assert (
        result.stderr
        == f"tenor: {tmp_path / name}: write to a name that ends in .parquet or .csv\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_rows_that_cannot_be_used_stop_it_unless_they_may_be_skipped(
    data: Path, model_folder: Path, tables: Tables, tmp_path: Path
) -> None:
    folder = tmp_path / "csv"
    write_tables(tables, folder, file_format="csv")
    with (folder / "payments.csv").open("a") as file:
        file.write(",".join(["?"] * len(tables.payments.columns)) + "\n")
    out = tmp_path / "scores.csv"
    result = run(folder, model_folder, out)
    assert result.exit_code == 2
    assert "1 row of" in result.stderr
    assert "cannot be used" in result.stderr
    assert not out.exists()
    result = run(folder, model_folder, out, "--skip-bad-rows")
    assert result.exit_code == 0
    assert "skipped: not usable" in result.stderr
    assert out.exists()
