"""`tenor demo` makes an installation with made-up people; a second start goes on with it.

As a process of its own: an installation is opened once a process, and this one is the tests'.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from time import sleep
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest

from demonstration import CUSTOMERS, demo, tenor


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, demo_folder: Path) -> Path:
    """A demonstration that was made, and not served."""
    folder = tmp_path_factory.mktemp("demo") / "here"
    shutil.copytree(demo_folder, folder)
    return folder


def test_it_keeps_all_it_has_in_its_folder(made: Path) -> None:
    there = {p.name for p in made.iterdir()}
    assert {"tenor.sqlite3", "models", "worlds", "secret", "sign-in-demo.txt"} <= there


def test_everybody_signs_in_with_a_password_that_only_the_owner_can_read(made: Path) -> None:
    file = made / "sign-in-demo.txt"
    rows = [line.split("\t") for line in file.read_text().splitlines()]
    assert {row[0] for row in rows} == {
        "agent", "credit_manager", "analyst", "compliance", "administrator",
    }  # fmt: skip
    assert len({row[2] for row in rows}) == 5
    assert file.stat().st_mode & 0o077 == 0


def test_a_second_start_goes_on_with_what_is_there(made: Path) -> None:
    before = (made / "sign-in-demo.txt").read_bytes()
    worlds = sorted(p.name for p in (made / "worlds").iterdir())
    again = demo(made)
    assert again.returncode == 0, again.stderr
    assert "Making" not in again.stderr
    assert (made / "sign-in-demo.txt").read_bytes() == before
    assert sorted(p.name for p in (made / "worlds").iterdir()) == worlds


RECKONS_FIRST = """
import sys
import polars
from tenor.cli.main import main

if __name__ == "__main__":
    polars.DataFrame({"a": range(200_000)}).lazy().sort("a", descending=True).collect()
    main(sys.argv[1:])
"""


def test_what_reckons_is_served_by_a_process_that_was_there_when_much_was_reckoned(
    made: Path, tmp_path: Path
) -> None:
    script = tmp_path / "reckons_first.py"
    script.write_text(RECKONS_FIRST)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TENOR_", "DJANGO_"))}
    kept["POLARS_MAX_THREADS"] = "2"
    command = [sys.executable, str(script), "demo", "--out", str(made), "--no-browser"]
    with subprocess.Popen(
        [*command, "--customers", str(CUSTOMERS)], stdout=subprocess.PIPE, text=True, env=kept
    ) as served:
        try:
            assert served.stdout is not None
            said = next(line for line in served.stdout if " is at http" in line)
            root = said.split(" is at ")[1].split()[0]
            browser = build_opener(HTTPCookieProcessor())
            mail, password = sign_in_of(made, "credit_manager")
            form = answer(browser, f"{root}account/login/")
            token = form.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
            said_by_them = {"login": mail, "password": password, "csrfmiddlewaretoken": token}
            answer(browser, f"{root}account/login/", said_by_them)
            assert "Health" in answer(browser, f"{root}o/demo/learning/health/")
        finally:
            served.terminate()


def sign_in_of(folder: Path, role: str) -> tuple[str, str]:
    rows = [line.split("\t") for line in (folder / "sign-in-demo.txt").read_text().splitlines()]
    return next((row[1], row[2]) for row in rows if row[0] == role)


def answer(browser: OpenerDirector, url: str, form: dict[str, str] | None = None) -> str:
    """Ask until the server is there; what then waits for ever fails."""
    for _ in range(120):
        try:
            data = None if form is None else urlencode(form).encode()
            with browser.open(Request(url, data, {"Referer": url}), timeout=60) as found:
                return str(found.read().decode())
        except URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            sleep(0.5)
    raise AssertionError(f"nobody answers at {url}")


def test_another_demonstration_asks_another_folder(made: Path) -> None:
    other = demo(made, customers=90)
    assert other.returncode == 2
    assert f"another demonstration in this folder ({CUSTOMERS} customers, seed 1)" in other.stderr


def test_too_few_customers_are_refused(tmp_path: Path) -> None:
    result = demo(tmp_path, customers=10)
    assert result.returncode == 2
    assert "10 is not in the range" in result.stderr


def test_an_instant_without_tables_is_refused(tmp_path: Path) -> None:
    result = tenor("serve", "--as-of", "2026-01-01", "--installation", str(tmp_path))
    assert result.returncode == 2
    assert "--as-of goes with --data" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_tables_of_ones_own_become_an_organisation_that_only_looks_on(
    tmp_path: Path, fresh_installation: Path
) -> None:
    tables, there = tmp_path / "Our tables", str(tmp_path / "here")
    shutil.copytree(fresh_installation, there)
    made = tenor("simulate", "--customers", "60", "--seed", "2", "--out", str(tables))
    assert made.returncode == 0, made.stderr
    words = ("serve", "--data", str(tables), "--installation", there, "--no-serve")
    first = tenor(*words, "--as-of", "2025-06-01")
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[-1] == "Ready: `tenor serve` serves it."
    signed = (tmp_path / "here" / "sign-in-our-tables.txt").read_text()
    assert signed.startswith("administrator\tadmin@our-tables.example\t")
    again = tenor(*words, "--no-work")
    assert again.returncode == 0, again.stderr
    assert "Going on with Our tables" in again.stderr
    listed = tenor("organisation", "list", "--installation", there)
    assert listed.stdout.splitlines()[0] == "our-tables\tOur tables"
