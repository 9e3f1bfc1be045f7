"""The handbook's table of roles says what the code does."""

import re
from pathlib import Path

from tenor.platform.core.roles import RIGHTS, Right, Role

PAGE = Path(__file__).parents[2] / "docs" / "handbook" / "workbench.md"
COLUMNS = (Role.AGENT, Role.CREDIT_MANAGER, Role.ANALYST, Role.COMPLIANCE, Role.ADMINISTRATOR)


def test_the_handbook_says_who_may_do_what() -> None:
    table = PAGE.read_text("utf-8").split("## Roles")[1]
    rows = re.findall(r"^\| [^|]+ \|(( (yes)? ?\|){5})$", table, re.MULTILINE)
    told = [[cell.strip() == "yes" for cell in row[0].split("|")[:5]] for row in rows]
    assert told == [[right in RIGHTS[role] for role in COLUMNS] for right in Right]
