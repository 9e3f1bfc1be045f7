"""`tenor monitor` says in plain words what has moved, and exits with 1 where something has."""

import json
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from tenor.cli.main import main
from tenor.engine.frames import Tables
from tenor.engine.simulation import World
from tenor.engine.store import write_tables


@pytest.fixture(scope="module")
def data(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    write_tables(tables, folder)
    return folder


def run(data: Path, *options: str, as_of: str = "2024-10-23") -> Result:
    return CliRunner().invoke(main, ["monitor", str(data), "--as-of", as_of, *options])


def test_quiet_weeks_end_with_nothing_to_do(data: Path, model_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "found.json"
    result = run(data, "--model", str(model_folder), "--json", str(out))
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1].endswith("0 alarms")
    found = json.loads(out.read_text())
    assert found["alarms"] == []
    panels = {check["panel"] for check in found["checks"] if check["state"] == "well"}
    assert {"freshness", "quality", "outcomes", "drift", "accuracy", "world"} <= panels


def test_payments_booked_twice_are_said_with_their_step_and_exit_1(
    tables: Tables, then: World, tmp_path: Path
) -> None:
    late = tables.payments.filter(pl.col("paid_at") > then.today + timedelta(days=50))
    again = late.with_columns(pl.col("payment_id") + " again")
    write_tables(tables.with_(payments=pl.concat([tables.payments, again])), tmp_path / "data")
    out = tmp_path / "found.json"
    result = run(tmp_path / "data", "--json", str(out))
    assert result.exit_code == 1, result.output
    assert "payments" in result.stdout and "there twice" in result.stdout
    assert "Do: look at the import before anything else." in result.stdout
    alarm = json.loads(out.read_text())["alarms"][0]
    assert (alarm["key"], alarm["step"]) == ("quality:payments", "look_at_import")
    assert alarm["since"] >= "2024-10-01"


def test_decisions_without_what_they_must_say_are_refused(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "decisions.csv"
    file.write_text("customer_id,channel\nC1,email\n")
    result = run(data, "--decisions", str(file))
    assert result.exit_code == 2
    assert "the column decided_at is missing" in result.stderr
