"""`tenor import event-log` writes tables, says what it left out, and stops at unusable events."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from tenor.cli.main import main
from tenor.engine.store import read_tables

MAPPING = """
[log]
case = "case"
activity = "what"
timestamp = "at"
timezone = "UTC"

[activities."billed"]
becomes = "invoice"
amount = "sum"
due_days = 14

[activities."paid"]
becomes = "payment"
amount = "sum"
"""
LOG = """case,what,at,sum
A,billed,2024-03-01,10
A,paid,2024-03-05,10
A,sang,2024-03-06,
"""


def run(path: Path, log: str, *options: str) -> Result:
    (path / "log.csv").write_text(log)
    (path / "map.toml").write_text(MAPPING)
    command = ["import", "event-log", str(path / "log.csv"), "--mapping", str(path / "map.toml")]
    return CliRunner().invoke(main, [*command, "--out", str(path / "out"), *options])


def test_the_tables_are_written_and_one_line_says_what(tmp_path: Path) -> None:
    result = run(tmp_path, LOG)
    assert result.exit_code == 0
    assert result.stdout == (
        f"1 invoice of 1 customer, 1 payment, 0 contacts and 0 events written to {tmp_path}/out\n"
    )
    assert result.stderr == 'not mapped: 1 event "sang"\n'
    reading = read_tables(tmp_path / "out")
    assert reading.problems.is_empty()
    assert reading.rows["invoices"] == 1
    metadata = json.loads((tmp_path / "out" / "metadata.json").read_text())
    assert metadata["left_out"] == {'events "sang"': 1}


def test_csv_files_are_written_on_demand(tmp_path: Path) -> None:
    assert run(tmp_path, LOG, "--format", "csv").exit_code == 0
    assert (tmp_path / "out" / "payments.csv").read_text() == (
        "invoice_id,paid_at,amount,payment_id,method\nA,2024-03-05T00:00:00Z,10.00,A-p1,\n"
    )


def test_an_unusable_event_stops_the_import_unless_it_may_be_skipped(tmp_path: Path) -> None:
    log = LOG + "A,paid,2024-03-09,ten\n"
    refused = run(tmp_path, log)
    assert refused.exit_code == 2
    assert "1 event cannot be used (--skip-bad-rows goes on without them):" in refused.stderr
    assert "case A, row 5 (paid): sum: 'ten' is not an amount such as 1234.50" in refused.stderr
    assert not (tmp_path / "out").exists()
    skipped = run(tmp_path, log, "--skip-bad-rows")
    assert skipped.exit_code == 0
    assert "1 event cannot be used and were skipped:" in skipped.stderr


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    run(tmp_path, LOG)
    (tmp_path / "log.csv").unlink()
    command = ["import", "event-log", str(tmp_path / "log.csv"), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, [*command, "--mapping", str(tmp_path / "map.toml")])
    assert result.exit_code == 2
    assert result.stderr == f"tenor: {tmp_path}/log.csv: is not there\n"
