"""`tenor experiment`: a plan in words before the start, and what the table shows on any day."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from tenor.cli.main import main
from tenor.engine.errors import InputError
from tenor.engine.experiments.past import alike, foretold_by, past
from tenor.engine.frames import Tables, tables_of
from tenor.engine.predictors.model import Model
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


def test_a_plan_counts_what_a_model_foretold(
    tables: Tables, as_of: datetime, model: Model, model_folder: Path, tmp_path: Path
) -> None:
    write_tables(tables, tmp_path)
    asked = ["plan", str(tmp_path), "--model", str(model_folder), "--effect", "-3%", "--as-of"]
    early = experiment(*asked, (model.as_of + timedelta(days=29)).isoformat())
    assert early.exit_code == 2
    assert "what it foretells is known 30 days later" in early.stderr
    late = experiment(*asked, (model.as_of + timedelta(days=30)).isoformat())
    assert late.exit_code == 0, late.stderr
    assert "foretold 0." in late.stdout and "by the model." in late.stdout
    other = experiment(*asked, as_of.isoformat(), "--outcome", "escalated")
    assert other.exit_code == 2 and "not escalated: leave --model" in other.stderr


def test_foretold_is_how_chances_and_payments_go_together() -> None:
    at, due = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 2, 20, tzinfo=UTC).date()
    names = [f"F{i}" for i in range(40)]
    known = tables_of(
        customers=pl.DataFrame({"customer_id": [f"C{i}" for i in range(40)]}),
        invoices=pl.DataFrame(
            {
                "invoice_id": names, "customer_id": [f"C{i}" for i in range(40)],
                "amount": ["100"] * 40, "currency": "EUR",
                "issued_on": due - timedelta(days=30), "due_on": due,
            }
        ),
        payments=pl.DataFrame(
            {"invoice_id": names[:20], "paid_at": [at + timedelta(days=9)] * 20, "amount": "100"}
        ),
    )  # fmt: skip
    told = pl.DataFrame({"invoice_id": names, "p_paid_30d": [0.9] * 20 + [0.1] * 20})
    month = at + timedelta(days=30)
    assert foretold_by(known, told, at=at, as_of=month) == pytest.approx(0.99)
    turned = told.with_columns(p_paid_30d=1.0 - pl.col("p_paid_30d"))
    assert foretold_by(known, turned, at=at, as_of=month) == 0.0
    assert foretold_by(known, told.head(19), at=at, as_of=month) == 0.0
    with pytest.raises(InputError, match="known from 2026-03-31 on"):
        foretold_by(known, told, at=at, as_of=at + timedelta(days=29))


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
        (["--usual", "70%", "--a-week", "-3"], "--a-week is how many customers come a week"),
        (["--usual", "70%", "--days", "60"], "--days needs --a-week"),
        (["--usual", "70%", "--a-week", "9", "--days", "0"], "--days is how long it may take"),
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


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("yes", "paid_30d: 'yes' is no number; write 1 for yes and 0 for no"),
        ("7", "paid_30d: 7 is no share: it lies between 0 and 1"),
    ],
)
def test_an_outcome_that_is_none_is_refused(cell: str, said: str, tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    table.write_text(f"customer_id,arm,paid_30d\nC1,old,1\nC2,new,{cell}\nC3,new,\n", "utf-8")
    result = experiment("read", str(table), "--control", "old")
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_a_table_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "does not exist" in experiment("read", str(tmp_path / "no.csv"), "--control", "a").stderr
    (tmp_path / "bare.csv").write_text("customer_id,paid_30d\nC1,1.0\n", "utf-8")
    result = experiment("read", str(tmp_path / "bare.csv"), "--control", "a")
    assert result.exit_code == 2
    assert "has no column 'arm'" in result.stderr
