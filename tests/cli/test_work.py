"""The commands that do the work of an installation, each run as its operator runs it."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from cli.test_installation import TENOR, tenor


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, fresh_installation: Path) -> Path:
    """An installation with one organisation and nothing in it."""
    made = tmp_path_factory.mktemp("work") / "tenor"
    shutil.copytree(fresh_installation, made)
    assert (
        tenor(
            "organisation", "add", "delta", "--name", "Delta", "--language", "en", folder=made
        ).returncode
        == 0
    )
    return made


def test_a_day_is_made_and_says_what_a_person_should_know(folder: Path) -> None:
    day = tenor("day", "delta", folder=folder)
    assert day.returncode == 0, day.stderr
    assert day.stdout.endswith(": 0 decisions.\n")
    assert "Nothing is open, so there is nothing to decide." in day.stderr
    assert tenor("day", "delta", folder=folder).stdout == day.stdout
    assert "There are: delta." in tenor("day", "delt", folder=folder).stderr


def test_what_is_due_is_done_once(folder: Path) -> None:
    assert tenor("work", "--once", folder=folder).stdout.startswith("Did ")
    assert tenor("work", "--once", folder=folder).stdout == "Did 0 jobs.\n"


def test_a_worker_that_is_told_to_stop_stops(folder: Path) -> None:
    command = [TENOR, "work", "--installation", str(folder)]
    worker = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder.parent
    )
    assert worker.stderr is not None
    for line in worker.stderr:
        if "worker at work" in line:
            break
    time.sleep(0.5)
    os.kill(worker.pid, signal.SIGTERM)
    stdout, _ = worker.communicate(timeout=120)
    assert (worker.returncode, stdout) == (0, "Stopped.\n")
