"""`tenor demo` makes up a portfolio, learns from it and shows a day; a second run goes on."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tenor import __version__
from tenor.cli.main import main
from tenor.engine.store import read_rows


def run(folder: Path, *options: str) -> Result:
    arguments = ["demo", "--customers", "60", "--no-browser", "--out", str(folder), *options]
    return CliRunner().invoke(main, arguments)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A demonstration that has run once."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, run(folder)


def test_it_ends_well_and_says_where_to_look(shown: tuple[Path, Result]) -> None:
    folder, result = shown
    assert result.exit_code == 0, result.output
    last = result.stdout.splitlines()[-1]
    assert last.startswith("On synthetic data. Open ")
    for name in ("pages/day.html", "pages/audit.html", "policy.toml"):
        assert str(folder / name) in last
        assert (folder / name).is_file()
    assert result.stderr == ""


def test_the_pages_say_that_the_people_are_made_up(shown: tuple[Path, Result]) -> None:
    folder, _ = shown
    for name in ("day", "audit"):
        page = (folder / "pages" / f"{name}.html").read_text()
        assert "ynthetic" in page, name
        assert "http://" not in page.replace("http://www.w3.org", "")


def test_the_decisions_are_there_to_be_read(shown: tuple[Path, Result]) -> None:
    folder, _ = shown
    found = read_rows(folder / "decisions.csv")
    assert found.height > 5
    assert set(found["verdict"]) <= {"contact", "wait", "review", "escalate"}


def test_a_second_run_goes_on_with_the_same_people_by_the_changed_policy(
    shown: tuple[Path, Result],
) -> None:
    folder, first = shown
    made = folder / f"data-{__version__}-60-1"
    before = {p.name: p.stat().st_mtime_ns for p in made.iterdir()}
    assert "metadata.json" in before
    (folder / "policy.toml").write_text("[channels.email]\ncost = 0.02\n")
    again = run(folder)
    assert again.exit_code == 0
    assert {p.name: p.stat().st_mtime_ns for p in made.iterdir()} == before
    channels = set(read_rows(folder / "decisions.csv")["channel"].drop_nulls())
    assert channels <= {"email"}
    assert again.stdout != first.stdout


def test_a_mistake_in_its_policy_is_named(shown: tuple[Path, Result]) -> None:
    folder, _ = shown
    (folder / "policy.toml").write_text("[chanels.email]\n")
    result = run(folder)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"tenor: {folder / 'policy.toml'}: unknown key chanels")


def test_too_few_customers_are_refused(tmp_path: Path) -> None:
    result = run(tmp_path, "--customers", "10")
    assert result.exit_code == 2
    assert "10 is not in the range" in result.stderr
