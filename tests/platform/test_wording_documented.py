"""The handbook lists every variable and every kind of message, and no others."""

import re
from pathlib import Path

from tenor.platform.wording.composing import CODES
from tenor.platform.wording.draft import Kind
from tenor.platform.wording.variables import VARIABLES

PAGE = (Path(__file__).parents[2] / "docs/handbook/messages.md").read_text(encoding="utf-8")


def test_every_variable_stands_in_the_table_with_its_meaning() -> None:
    rows = re.findall(r"^\| `\{(\w+)\}` \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
    assert rows == [(one.name, one.meaning, one.sample) for one in VARIABLES.values()]


def test_every_kind_of_message_is_named() -> None:
    table = PAGE.partition("## Kinds")[2].partition("## Writing")[0]
    named = set(re.findall(r"`(\w+)`", table)) - {"long", "short", "script"}
    assert named == set(Kind)


def test_every_refusal_is_explained() -> None:
    table = PAGE.partition("| refusal |")[2].partition("\n\n")[0]
    first = " ".join(row.split("|")[1] for row in table.splitlines() if row.startswith("| `"))
    assert set(re.findall(r"`(\w+)`", first)) == CODES
