"""`tenor fit` learns from a directory of tables, says in one line what it did, and refuses well."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tenor.cli.main import main
from tenor.engine import fit, load_model
from tenor.engine.store import write_tables
from worlds import POLICY, tiny


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    write_tables(tiny()[1], folder)
    return folder


def run(data: Path, model: Path, *options: str, as_of: str = "") -> Result:
    instant = as_of or tiny()[0].date().isoformat()
    return CliRunner().invoke(
        main, ["fit", str(data), "--as-of", instant, "--model", str(model), *options]
    )


def test_it_writes_a_model_and_says_so_in_one_line(data: Path, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(POLICY)
    result = run(data, tmp_path / "model", "--policy", str(tmp_path / "policy.toml"))
    assert result.exit_code == 0, result.stderr
    as_of, tables = tiny()
    learned = load_model(tmp_path / "model")
    known = tables.known_at(as_of)
    assert result.stdout == (
        f"Model {learned.version} written to {tmp_path / 'model'}: learned from "
        f"{known.invoices.height} invoices and {known.contacts.height} contacts "
        f"known at {as_of:%Y-%m-%d}.\n"
    )
    assert learned.as_of == as_of
    # No progress in a pipe: whole lines only, nothing that wipes itself.
    assert "\r" not in result.stderr
    assert "…" not in result.stderr


def test_the_days_that_a_letter_takes_come_from_the_policy(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("[channels.letter]\ndays_to_arrive = 5\n")
    assert run(data, tmp_path / "model", "--policy", str(path)).exit_code == 0
    as_of, tables = tiny()
    told = fit(tables, as_of=as_of, days_to_arrive={"letter": 5.0})
    assert load_model(tmp_path / "model").version == told.version


@pytest.mark.parametrize("as_of", ["2023-06-01", "2024-01-03"])
def test_too_little_history_is_refused_with_what_is_needed(
    data: Path, tmp_path: Path, as_of: str
) -> None:
    result = run(data, tmp_path / "model", as_of=as_of)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1] == (
        f"tenor: the tables hold too little history before {as_of} to learn from: at least two "
        "weeks with open invoices are needed; give more history or a later --as-of"
    )
    assert not (tmp_path / "model").exists()


def test_a_mistyped_policy_is_refused_before_anything_is_learned(
    data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("[channels.letter]\ndays_to_arive = 2\n")
    result = run(data, tmp_path / "model", "--policy", str(path))
    assert result.exit_code == 2
    assert result.stderr == (
        f"tenor: {path}: unknown key channels.letter.days_to_arive; "
        "did you mean channels.letter.days_to_arrive?\n"
    )
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (["--model"], "Missing option '--model'"),
        (["--as-of"], "Missing option '--as-of'"),
    ],
)
def test_what_must_be_given_is_named(missing: list[str], said: str) -> None:
    given = {"--as-of": "2024-05-01", "--model": "m"}
    arguments = [part for k, v in given.items() if k not in missing for part in (k, v)]
    result = CliRunner().invoke(main, ["fit", "data", *arguments])
    assert result.exit_code == 2
    assert said in result.stderr


def test_an_instant_without_a_zone_is_refused(data: Path, tmp_path: Path) -> None:
    result = run(data, tmp_path / "model", as_of="2024-05-01T09:00:00")
    assert result.exit_code == 2
    assert "names no time zone; end it in Z or an offset such as +01:00" in result.stderr
