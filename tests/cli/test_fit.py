"""`tenor fit`: what it refuses to learn from, and what it leaves out when it is told to."""

from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from tenor.cli.console import load
from tenor.cli.fit import MOST_SKIPPED
from tenor.cli.main import main
from tenor.engine.errors import InputError
from tenor.engine.predictors.model import load_model

INVOICES = "invoice_id,customer_id,amount,currency,issued_on,due_on\n"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def directory(path: Path, *, invoices: int, bad: int, payments: int = 0, lost: int = 0) -> Path:
    """A folder with so many rows, some of them unusable: no amount, or paid for no invoice."""
    rows = [
        f"I{i},C1,{'much' if i < bad else 10},EUR,2024-01-01,2024-01-31\n" for i in range(invoices)
    ]
    paid = [
        f"{'lost' if i < lost else f'I{bad + i}'},2024-02-05T10:00:00Z,10\n"
        for i in range(payments)
    ]
    (path / "customers.csv").write_text("customer_id\nC1\n")
    (path / "invoices.csv").write_text(INVOICES + "".join(rows))
    (path / "payments.csv").write_text("invoice_id,paid_at,amount\n" + "".join(paid))
    return path


def test_fit_refuses_where_more_than_a_fifth_of_the_rows_cannot_be_used(tmp_path: Path) -> None:
    data = directory(tmp_path, invoices=40, bad=13)
    found = run(
        *("fit", str(data), "--as-of", "2024-06-01", "--model", str(tmp_path / "model")),
        "--skip-bad-rows",
    )
    assert found.exit_code == 2
    assert found.stderr == (
        f"tenor: 31.7% of the rows of {data} cannot be used (13 of 41), more than the 20% that "
        "may be skipped: what is left would not be the whole truth. "
        f"`tenor check {data}` lists them; mend the export and try again\n"
    )
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        ({"invoices": 50, "bad": 10}, ""),
        ({"invoices": 50, "bad": 11}, "11 of 51"),
        ({"invoices": 100, "bad": 0, "payments": 10, "lost": 2}, ""),
        ({"invoices": 100, "bad": 0, "payments": 10, "lost": 3}, "30.0% of the payments rows"),
    ],
)
def test_the_share_counts_over_all_rows_and_over_those_that_are_learned_from(
    tmp_path: Path, rows: dict[str, int], refused: str
) -> None:
    data = directory(tmp_path, **rows)
    if refused:
        with pytest.raises(InputError, match=refused):
            load(data, None, True, most_skipped=MOST_SKIPPED)
    else:
        kept = load(data, None, True, most_skipped=MOST_SKIPPED)
        assert kept.invoices.height == rows["invoices"] - rows["bad"]


def test_other_commands_skip_as_many_rows_as_there_are(tmp_path: Path) -> None:
    assert load(directory(tmp_path, invoices=40, bad=30), None, True).invoices.height == 10


def test_fit_writes_what_contacts_add_beside_the_model_and_says_which_channels_help(
    tmp_path: Path,
) -> None:
    data, model = f"{tmp_path}/data", f"{tmp_path}/model"
    made = run("simulate", "--customers", "150", "--days", "260", "--out", data)
    assert made.exit_code == 0, made.output
    fitted = run("fit", data, "--as-of", "2024-08-01", "--model", model, "--behaviour-only")
    assert fitted.exit_code == 0, fitted.output
    assert fitted.stderr.splitlines()[-1].startswith("Points of payment within 14 days: ")
    assert fitted.stdout.endswith("known at 2024-08-01, behaviour only.\n")
    effects = pl.read_csv(f"{model}/effects.csv")
    assert set(effects["of"]) == {"channel", "tone", "channel x tone"}
    assert set(effects["verdict"]) <= {"helps", "no clear effect", "harms"}
    kept = load_model(Path(model))
    assert fitted.stdout.startswith(f"Model {kept.version} written to {model}: ")
    Path(f"{model}/effects.csv").write_text("changed")
    assert load_model(Path(model)).version == kept.version
    judged = run("evaluate", data, "--model", model, "--from", "2024-08-01")
    assert judged.exit_code == 0, judged.output
