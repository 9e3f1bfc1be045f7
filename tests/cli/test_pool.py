"""`tenor pool training-set`: a set without names from the books of an organisation."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

import worlds
from cast import Cast
from lived import keep
from tenor.cli import installation
from tenor.cli.main import main


@pytest.fixture
def at_hand(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The tests' own database is the installation that is open."""
    for opening in ("need_installation", "open_installation"):
        monkeypatch.setattr(installation, opening, lambda folder=None: None)
    as_of, tables = worlds.tiny()
    keep(cast.organisation, tables, as_of)
    return cast


def test_it_writes_rows_without_names_and_says_how_they_withstood(
    at_hand: Cast, tmp_path: Path
) -> None:
    out = tmp_path / "study"
    call = ["pool", "training-set", "delta", "--out", str(out), "--k", "5"]
    result = CliRunner().invoke(main, call)
    assert result.exit_code == 0, result.stderr
    rows = pl.read_parquet(out / "rows.parquet")
    sheet = json.loads((out / "sheet.json").read_text("utf-8"))
    assert sheet["rows"] == rows.height > 5
    assert (sheet["k"], sheet["attacks"][0]["certain"]) == (5, 0)
    assert result.stdout.startswith(f"{rows.height} rows written to {out}; ")
    groups = rows.group_by(rows.columns[1:]).len()
    assert groups["len"].min() >= 5  # type: ignore[operator]
    again = CliRunner().invoke(main, call)
    assert again.exit_code == 2
    assert again.stderr == f"tenor: {out}: is there already; name a new folder\n"


def test_an_organisation_that_is_not_there_and_a_crowd_of_one_are_refused(
    at_hand: Cast, tmp_path: Path
) -> None:
    out = str(tmp_path / "study")
    nowhere = CliRunner().invoke(main, ["pool", "training-set", "nowhere", "--out", out])
    assert nowhere.exit_code == 2
    alone = CliRunner().invoke(main, ["pool", "training-set", "delta", "--out", out, "--k", "1"])
    assert alone.exit_code == 2
    assert not Path(out).exists()
