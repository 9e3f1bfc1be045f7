"""The handbook says of each provider what the code says."""

import re
from pathlib import Path

from tenor.platform.outreach.channels import PROVIDERS
from tenor.platform.outreach.channels.contract import CAN

PAGE = Path(__file__).parents[2] / "docs" / "handbook" / "channels.md"


def test_the_table_of_providers_is_that_of_the_code() -> None:
    text = PAGE.read_text("utf-8")
    rows = re.findall(r"^\| (.+?) \| `(\w+)` \| (\w+) \| (.+?) \| (\S+) \|$", text, re.MULTILINE)
    known = [
        (one.title, one.name, channel, ", ".join(sorted(one.can)), one.hook or "–")
        for channel, providers in PROVIDERS.items()
        for one in providers
    ]
    assert rows == known


def test_each_word_of_what_a_channel_can_is_explained() -> None:
    text = PAGE.read_text("utf-8")
    explained = text.partition("*Can*")[2].partition("*News*")[0]
    assert set(re.findall(r"`(\w+)`", explained)) == set(CAN)
