"""The handbook lists every setting of an installation, with its default and its meaning."""

import re
from pathlib import Path

from tenor.platform.config.environment import Environment

PAGE = Path(__file__).parents[2] / "docs" / "handbook" / "operate.md"


def test_the_handbook_lists_every_setting_with_its_meaning() -> None:
    text = PAGE.read_text("utf-8")
    rows = re.findall(r"^\| `TENOR_(\w+)` \| (.*?) \| (.*) \|$", text, re.MULTILINE)
    known = {
        name.upper(): (_written(field.default), field.description)
        for name, field in Environment.model_fields.items()
    }
    assert {name: (default, meaning) for name, default, meaning in rows} == known


def _written(default: object) -> str:
    if isinstance(default, bool):
        default = int(default)
    text = ", ".join(default) if isinstance(default, list) else str(default)
    return f"`{text}`" if text else "–"
