"""The overview loads nothing heavy, knows every command, and turns wrong input into one line."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tenor.cli.console import parse_instant
from tenor.cli.main import COMMANDS, main
from tenor.engine.errors import InputError

HEAVY = ("polars", "numpy", "lightgbm", "scipy", "holidays", "jinja2", "tenor.engine")
CONTRACT = {
    "check",
    "audit",
    "fit",
    "evaluate",
    "score",
    "decide",
    "simulate",
    "cases",
    "import",
    "demo",
}


def loaded_by(code: str) -> set[str]:
    """Run `code` in a fresh interpreter and return which heavy modules it has loaded."""
    probe = (
        f"{code}\nimport sys\nprint([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return set(eval(ran.stderr.splitlines()[-1]))


def test_the_command_line_loads_without_anything_heavy() -> None:
    assert loaded_by("import tenor.cli.main") == set()


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["nonsense"], []])
def test_help_version_and_mistyping_load_nothing_heavy(arguments: list[str]) -> None:
    code = f"""
from tenor.cli.main import main
try:
    main({arguments!r})
except SystemExit:
    pass
"""
    assert loaded_by(code) == set()


def test_the_overview_names_every_command_of_the_contract_in_the_order_of_work() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    assert set(COMMANDS) >= CONTRACT
    at = [result.output.index(f"\n  {name} ") for name in COMMANDS]
    assert at == sorted(at)
    for name, entry in COMMANDS.items():
        assert entry.example.startswith(f"tenor {name} "[:-1])


@pytest.mark.parametrize(("typed", "meant"), [("chek", "check"), ("decid", "decide")])
def test_a_mistyped_command_names_the_nearest(typed: str, meant: str) -> None:
    result = CliRunner().invoke(main, [typed])
    assert result.exit_code == 2
    assert f"There is no command '{typed}'. Did you mean {meant}?" in result.output


def test_help_of_a_command_shows_an_example() -> None:
    result = CliRunner().invoke(main, ["check", "--help"])
    assert result.exit_code == 0
    assert "Example:\n    tenor check data/" in result.output


def test_wrong_input_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["check", str(tmp_path / "nowhere")])
    assert result.exit_code == 2
    assert result.stderr == f"tenor: {tmp_path}/nowhere: does not exist\n"
    assert result.stdout == ""


def test_an_unexpected_error_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tenor.cli.check.command", broken)
    result = CliRunner().invoke(main, ["check"])
    assert isinstance(result.exception, ZeroDivisionError)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01", "2026-03-01T00:00:00+00:00"),
        ("2026-03-01T09:30:00Z", "2026-03-01T09:30:00+00:00"),
        ("2026-03-01T09:30:00+01:00", "2026-03-01T08:30:00+00:00"),
    ],
)
def test_an_instant_is_a_date_at_midnight_utc_or_a_timestamp(text: str, instant: str) -> None:
    assert parse_instant(text).isoformat() == instant


@pytest.mark.parametrize("text", ["1 March", "2026-02-30", "2026-03-01T09:30:00", ""])
def test_an_instant_without_a_meaning_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_instant(text)
