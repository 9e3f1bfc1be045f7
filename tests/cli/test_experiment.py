"""`tenor experiment`: a plan in words before the start, and what the table shows on any day."""

import json
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from tenor.cli.main import main
from tenor.engine.experiments.past import alike, past
from tenor.engine.frames import Tables
from tenor.engine.store import write_rows, write_tables


def experiment(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["experiment", *arguments])


def test_a_plan_says_how_many_and_how_long_in_words() -> None:
    result = experiment(
        "plan", "--usual", "70%", "--effect", "3%", "--a-week", "200", "--days", "170"
    )
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == (
        "To find a change from 70.0% to 73.0% four times in five, looking every day:"
    )
    assert lines[1] == "  at most 13,597 customers (old 6,799, new 6,799)"
    assert lines[2] == "  half of such experiments see it by 8,334 customers"
    assert lines[3] == "  looked at only once, at the end, 7,101 would do"
    assert lines[4] == "  at 200 customers a week: 506 days at most, half by 322 days"
    # 140 ripe days at 200 a week.
    assert any(line.startswith("    4,000  a change of 5.4 points  (170 days)") for line in lines)


def test_a_plan_from_ones_own_past(tables: Tables, as_of: datetime, tmp_path: Path) -> None:
    write_tables(tables, tmp_path)
    day = as_of.date().isoformat()
    result = experiment(
        "plan", str(tmp_path), "--as-of", day, "--outcome", "days_to_pay", "--effect", "-2"
    )
    assert result.exit_code == 0, result.stderr
    found = past(tables, as_of=as_of, outcome="days_to_pay")
    assert result.stdout.startswith(
        f"days_to_pay over the last 12 weeks that are known: {found.figure.usual:,.2f} of "
        f"{found.customers:,} customers"
    )
    assert "four times in five, looking every day" in result.stdout
    assert 0.0 < found.figure.foretold < 1.0
    assert 0.0 < found.figure.alike < 1.0


def test_how_alike_is_the_share_of_variance_between_customers() -> None:
    rng = np.random.default_rng(3)
    size = rng.integers(1, 8, 4_000)
    customer = np.repeat(np.arange(4_000), size)
    value = rng.normal(0.0, 1.0, 4_000)[customer] + rng.normal(0.0, 2.0, len(customer))
    assert alike(pl.Series(customer), pl.Series(value)) == pytest.approx(0.2, abs=0.02)
    assert alike(pl.Series([1, 2, 3]), pl.Series([0.0, 1.0, 0.0])) == 0.0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--effect", "3%"], "give --usual"),
        (["--usual", "seventy"], "'seventy' is no number; write 0.7 or 70%"),
        (["--usual", "70%", "--arms", "old"], "names no arms; write old=50%,new=50%"),
        (["--usual", "70%", "--effect", "40%"], "from 70.0% a share cannot move by +40.0%"),
        (["--usual", "170%"], "a share lies between 0 and 1, not 1.7"),
    ],
)
def test_a_plan_that_cannot_be_made_says_why(arguments: list[str], said: str) -> None:
    result = experiment("plan", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(12)
    n = 3_000
    foretold = rng.uniform(0.2, 0.9, n)
    new = rng.random(n) < 0.5
    rows = pl.DataFrame(
        {
            "customer_id": [f"C{i}" for i in range(n)],
            "arm": np.where(new, "new", "old"),
            "tone": np.where(rng.random(n) < 0.5, "friendly", "firm"),
            "paid_30d": (rng.random(n) < foretold + 0.1 * new).astype(float),
            "expected_paid_30d": foretold,
            "complained": (rng.random(n) < np.where(new, 0.15, 0.02)).astype(float),
        }
    )
    path = tmp_path_factory.mktemp("experiment") / "rows.csv"
    write_rows(rows, path)
    return path


def test_what_an_experiment_shows_in_words_and_in_figures(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    result = experiment(
        "read", str(table), "--control", "old", "--arms", "old=50%,new=50%", "--json", str(out)
    )
    assert result.exit_code == 0, result.stderr
    assert "  new: better." in result.stdout
    assert "  new: worse." in result.stdout
    assert "STOP new: complained is worse by at least" in result.stdout
    assert result.stdout.endswith("3,000 customers in 2 arms.\n")
    told = json.loads(out.read_text("utf-8"))
    assert told["balance"]["passes"] is True
    assert [c["outcome"] for c in told["comparisons"]] == ["paid_30d", "complained"]
    assert told["comparisons"][0]["daily"]["low"] > 0


def test_factors_are_read_apart_and_together(table: Path) -> None:
    result = experiment(
        "read", str(table), "--control", "old", "--factors", "arm,tone", "--outcome", "paid_30d"
    )
    assert result.exit_code == 0, result.stderr
    assert "paid_30d: arm old beside new:" in result.stdout
    assert "paid_30d: arm old beside new with tone friendly beside firm:" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--control", "ladder"], "nobody is in the control 'ladder'"),
        (["--control", "old", "--outcome", "calls"], "'calls' is no outcome"),
        (["--control", "old", "--outcome", "calls:mean:lower"], "no column 'calls'"),
    ],
)
def test_what_cannot_be_read_says_why(table: Path, arguments: list[str], said: str) -> None:
    result = experiment("read", str(table), *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_table_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "does not exist" in experiment("read", str(tmp_path / "no.csv"), "--control", "a").stderr
    (tmp_path / "bare.csv").write_text("customer_id,paid_30d\nC1,1.0\n", "utf-8")
    result = experiment("read", str(tmp_path / "bare.csv"), "--control", "a")
    assert result.exit_code == 2
    assert "has no column 'arm'" in result.stderr
