"""`tenor check` lists what is wrong, says what the data is enough for, and exits 2 on bad rows."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from tenor.cli.console import load
from tenor.cli.main import main
from tenor.engine.errors import InputError

INVOICES = "invoice_id,customer_id,amount,currency,issued_on,due_on\n"


def directory(path: Path, bad: int = 0) -> Path:
    rows = [f"I{i},C1,{10 + i},EUR,2024-01-01,2024-01-31\n" for i in range(5)]
    rows += [f"B{i},C1,much,EUR,2024-01-01,2024-01-31\n" for i in range(bad)]
    (path / "customers.csv").write_text("customer_id,country\nC1,NL\n")
    (path / "invoices.csv").write_text(INVOICES + "".join(rows))
    (path / "payments.csv").write_text("invoice_id,paid_at,amount\nI1,2024-01-05T10:00:00Z,11\n")
    return path


def check(path: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["check", str(path), "--as-of", "2024-06-01", *options])


def test_good_tables_end_in_one_line_and_exit_code_0(tmp_path: Path) -> None:
    result = check(directory(tmp_path))
    assert result.exit_code == 0
    last = result.stdout.splitlines()[-1]
    assert last == f"{tmp_path}: all 7 rows can be used, 2 things odd"
    assert result.stderr == ""


def test_bad_rows_are_listed_up_to_a_cap_and_counted(tmp_path: Path) -> None:
    result = check(directory(tmp_path, bad=30))
    assert result.exit_code == 2
    assert 'invoices.csv row 7, amount: "much" is not an amount such as 1234.50' in result.stdout
    assert result.stdout.count("is not an amount") == 20
    assert "and 10 more (--problems FILE writes all)" in result.stdout
    assert result.stdout.splitlines()[-1] == (
        f"{tmp_path}: 30 of 37 rows cannot be used, 2 things odd"
    )


def test_every_problem_can_be_written_to_a_file(tmp_path: Path) -> None:
    directory(tmp_path, bad=30)
    check(tmp_path, "--problems", str(tmp_path / "problems.csv"))
    written = pl.read_csv(tmp_path / "problems.csv")
    assert written.columns == ["file", "row", "column", "reason"]
    assert written["row"].to_list() == list(range(7, 37))


def test_the_json_holds_everything_that_is_shown(tmp_path: Path) -> None:
    directory(tmp_path, bad=2)
    check(tmp_path, "--json", str(tmp_path / "check.json"))
    content = json.loads((tmp_path / "check.json").read_text())
    assert content["rows"]["invoices"] == 7
    assert content["unusable_rows"] == 2
    assert content["problems"][0] == {
        "file": "invoices.csv",
        "row": 7,
        "column": "amount",
        "reason": '"much" is not an amount such as 1234.50',
    }
    assert {f["code"] for f in content["findings"]} == {"no_rows"}
    assert [use["verdict"] for use in content["sufficiency"]["uses"]] == [
        "thin",
        "too little",
        "too little",
    ]


def test_other_commands_stop_at_bad_rows_and_name_the_way_on(tmp_path: Path) -> None:
    directory(tmp_path, bad=4)
    with pytest.raises(InputError) as refusal:
        load(tmp_path, None, skip_bad_rows=False)
    first, *rest = str(refusal.value).splitlines()
    assert first == (
        f"4 rows of {tmp_path} cannot be used (`tenor check {tmp_path}` lists them; "
        "--skip-bad-rows goes on without them):"
    )
    assert rest[0].strip() == 'invoices.csv row 7, amount: "much" is not an amount such as 1234.50'
    assert rest[-1].strip() == "and 1 more"


def test_skipping_bad_rows_says_how_many(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = load(directory(tmp_path, bad=4), None, skip_bad_rows=True)
    assert tables.invoices.height == 5
    assert capsys.readouterr().err == "4 of 11 rows skipped: not usable\n"
