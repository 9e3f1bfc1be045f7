"""`tenor fairness` on the small world: a sentence, a page, and figures without small cells."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import worlds
from tenor.cli.main import main
from tenor.engine.frames import Tables
from tenor.engine.store import write_rows


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


@pytest.fixture(scope="module")
def folder(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small world's tables without the columns that take time to try, and a policy."""
    found = tmp_path_factory.mktemp("fair")
    (found / "data").mkdir()
    for table, frame in tables:
        kept = frame.drop("region", "tenure_years", "autopay", "sector", strict=False)
        write_rows(kept, found / "data" / f"{table.name}.parquet")
    (found / "data" / "metadata.json").write_text('{"synthetic": true}')
    (found / "policy.toml").write_text(worlds.POLICY)
    return found


def test_a_model_that_has_seen_what_came_later_is_refused(
    folder: Path, model_folder: Path, as_of: datetime
) -> None:
    early = f"{as_of - timedelta(days=1):%Y-%m-%d}"
    where = ("fairness", f"{folder}/data", "--as-of", early, "--model", str(model_folder))
    found = run(*where, "--policy", f"{folder}/policy.toml")
    assert (found.exit_code, found.stdout) == (2, "")
    assert f"after {early}: give a later --as-of" in found.stderr


def test_it_says_what_it_found_and_writes_a_page_and_figures(
    folder: Path, model_folder: Path, as_of: datetime
) -> None:
    found = run(
        *(
            "fairness",
            f"{folder}/data",
            "--as-of",
            f"{as_of:%Y-%m-%d}",
            "--model",
            str(model_folder),
        ),
        *("--policy", f"{folder}/policy.toml", "--groups", "language", "--pairs", "5"),
        *("--json", f"{folder}/out.json", "--html", f"{folder}/out.html"),
    )
    assert found.exit_code == 0, found.output
    assert "age band: known of" in found.output
    assert "too few" in found.output
    figures = json.loads((folder / "out.json").read_text())
    assert found.output.splitlines()[-1] == figures["text"]
    swapped = {s["column"]: s for s in figures["swaps"]}
    assert swapped["protected_age_band"]["changed"] == 0
    cells = figures["treatment"]["comparisons"] + figures["history"]["comparisons"]
    small = [c for c in cells if c["verdict"] == "too few"]
    assert small and not any({"rate", "contrast", "customers"} & set(c) for c in small)
    page = (folder / "out.html").read_text()
    assert "Are groups treated alike?" in page and "Synthetic data" in page


def test_a_column_that_is_not_there_is_named_with_those_that_are(
    folder: Path, model_folder: Path, as_of: datetime
) -> None:
    found = run(
        *(
            "fairness",
            f"{folder}/data",
            "--as-of",
            f"{as_of:%Y-%m-%d}",
            "--model",
            str(model_folder),
        ),
        *("--policy", f"{folder}/policy.toml", "--groups", "faith"),
    )
    assert found.exit_code == 2
    assert "no column 'faith'" in found.stderr
