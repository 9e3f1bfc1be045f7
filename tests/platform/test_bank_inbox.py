"""Bank files that a program gives, or that lie in a folder."""

import base64
import os
import time
from pathlib import Path
from typing import Any

import pytest

import bankfile
import make
from bankfile import file, line
from caller import caller
from cast import NOW, Cast
from tenor.platform.banking.models import BankFile, Line
from tenor.platform.core.jobs import Claim
from tenor.platform.core.models import Job
from tenor.platform.jobs import bank
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Invoice

GOOD = file(line("60", "F1001"))


@pytest.fixture(autouse=True)
def own_account(cast: Cast) -> None:
    ledger.set_account(cast.system, iban=bankfile.IBAN, currency="EUR", holder="Delta Water")
    make.invoice(cast, "F1001", amount="60")


@pytest.fixture
def folder(cast: Cast, settings: Any, tmp_path: Path) -> Path:
    settings.BANK_FOLDER = str(tmp_path)
    there = tmp_path / cast.organisation.slug
    there.mkdir()
    return there


def put(folder: Path, name: str, content: bytes, *, age: float = 120) -> Path:
    path = folder / name
    path.write_bytes(content)
    os.utime(path, (time.time() - age,) * 2)
    return path


def hourly(cast: Cast) -> None:
    job = Job.objects.create(
        kind="bank", key="bank:test", organisation=cast.organisation, run_at=NOW
    )
    bank._look_again(Claim(job, ""))
    job.delete()


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def balance(cast: Cast) -> Any:
    return Invoice.objects.of(cast.organisation).get(key="F1001").balance


def test_a_program_gives_a_statement_and_its_sure_lines_are_booked(cast: Cast) -> None:
    program = caller(cast.organisation)
    given = {"name": "mar.xml", "content": base64.b64encode(GOOD).decode()}
    [taken] = program.post("bank-files", given, 201)
    assert (taken["name"], taken["format"], taken["lines"]) == ("mar.xml", "CAMT.053", 1)
    assert balance(cast) == 0
    again = program.post("bank-files", given, 409)
    assert "was taken in already" in again["detail"]
    program.post("bank-files", {**given, "content": base64.b64encode(b"hello").decode()}, 422)
    assert BankFile.objects.of(cast.organisation).count() == 1


def test_files_in_the_folder_are_taken_in_each_by_itself(cast: Cast, folder: Path) -> None:
    put(folder, "a.xml", b"<Document/>")
    put(folder, "b.xml", GOOD)
    put(folder, "c.xml.part", b"half")
    put(folder, ".hidden", b"x")
    put(folder, "new.xml", file(line("1", "x"), number="2", opening="1060"), age=5)

    hourly(cast)

    assert balance(cast) == 0
    assert names(folder) == [
        ".hidden", "c.xml.part", "done/b.xml", "failed/a.xml", "failed/a.xml.txt", "new.xml",
    ]  # fmt: skip
    assert "Nothing was taken in" in (folder / "failed/a.xml.txt").read_text("utf-8")


def test_a_file_that_was_taken_in_and_not_moved_is_moved_and_counts_once(
    cast: Cast, folder: Path
) -> None:
    for _twice in range(2):
        put(folder, "b.xml", GOOD)
        hourly(cast)
    assert names(folder) == ["done/b-2.xml", "done/b.xml"]
    assert Line.objects.of(cast.organisation).count() == 1


def test_a_link_in_the_folder_is_not_followed(cast: Cast, folder: Path, tmp_path: Path) -> None:
    secret = put(tmp_path, "secret.xml", GOOD)
    (folder / "x.xml").symlink_to(secret)
    hourly(cast)
    assert balance(cast) == 60


def test_without_a_folder_nothing_is_read(cast: Cast, settings: Any) -> None:
    settings.BANK_FOLDER = ""
    hourly(cast)
    assert not BankFile.objects.of(cast.organisation).exists()
