"""The commands of an installation, each run as its operator runs it."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tenor.cli.main import main

TENOR = Path(sys.executable).with_name("tenor")
PASSWORD = "a long pass phrase 42"


def tenor(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [TENOR, *arguments, "--installation", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder.parent)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, fresh_installation: Path) -> Path:
    """An installation with one organisation and its administrator."""
    made = tmp_path_factory.mktemp("installation") / "tenor"
    shutil.copytree(fresh_installation, made)
    assert tenor("organisation", "add", "delta", "--name", "Delta", folder=made).returncode == 0
    person = ("person", "add", "delta", "ann@delta.example", "--role", "administrator")
    added = tenor(*person, "--password", PASSWORD, folder=made)
    assert added.stdout == "ann@delta.example may sign in as administrator of delta.\n"
    return made


def test_what_is_refused_is_one_line_and_exit_code_2(folder: Path) -> None:
    again = tenor("organisation", "add", "delta", "--name", "Delta", folder=folder)
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr == "tenor: There is an organisation called delta already.\n"
    weak = ("person", "add", "delta", "bob@delta.example", "--role", "agent", "--password", "short")
    assert "at least 12 characters" in tenor(*weak, folder=folder).stderr
    unknown = ("person", "add", "delt", "b@delta.example", "--role", "agent", "--password", "x")
    assert "There are: delta." in tenor(*unknown, folder=folder).stderr
    assert tenor("organisation", "list", folder=folder).stdout == "delta\tDelta\n1 organisations.\n"


def test_a_mistyped_folder_is_refused_and_nothing_is_made_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TENOR_DATABASE_URL", raising=False)
    nowhere = tmp_path / "typo"
    for asked in (("replay", "abc"), ("audit-log", "verify"), ("day", "delta")):
        found = CliRunner().invoke(main, [*asked, "--installation", str(nowhere)])
        assert (found.exit_code, found.stdout) == (2, "")
        assert found.stderr == (
            f"tenor: {nowhere}: there is no installation here; name its folder with "
            "--installation or TENOR_DATA, or make one with `tenor serve` or "
            "`tenor organisation add`\n"
        )
    assert not nowhere.exists()


def test_an_altered_log_is_told_and_exits_1(folder: Path) -> None:
    assert tenor("audit-log", "verify", folder=folder).returncode == 0
    with sqlite3.connect(folder / "tenor.sqlite3") as database:
        database.execute("DROP TRIGGER core_auditentry_no_UPDATE")
        database.execute("UPDATE core_auditentry SET actor_name = 'Eve' WHERE organisation_id = 1")
    found = tenor("audit-log", "verify", folder=folder)
    assert found.returncode == 1
    assert found.stdout == "delta: entry 1 was altered after it was written\n"


def test_the_secret_and_the_folder_are_made_once_and_kept_to_the_owner(folder: Path) -> None:
    secret = folder / "secret"
    assert secret.stat().st_mode & 0o077 == 0
    before = secret.read_text()
    tenor("organisation", "list", folder=folder)
    assert secret.read_text() == before


def test_a_wrong_setting_stops_the_start_with_a_hint(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENOR_DATABASE_URL", "mysql://localhost/tenor")
    refused = tenor("organisation", "list", folder=folder)
    assert refused.returncode == 2
    assert "TENOR_DATABASE_URL" in refused.stderr and "sqlite:///" in refused.stderr
