"""What does not belong in a message, by language: dated lists of patterns, read once."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

LISTS = Path(__file__).parent / "lint"
# What a list has; each is a code of a finding, but the last two, which are parts of patterns.
LISTED = ("threat", "insult", "shame", "authority", "bluff", "pressure")


@dataclass(frozen=True)
class WordList:
    """The patterns of a language, as of a day, with what they rest on."""

    language: str
    as_of: date
    sources: tuple[str, ...]
    patterns: Mapping[str, re.Pattern[str]]
    amounts: re.Pattern[str]
    dates: re.Pattern[str]


@cache
def word_list(language: str) -> WordList:
    """Return the list of a language."""
    found = tomllib.loads((LISTS / f"{language}.toml").read_text(encoding="utf-8"))
    months, money = "|".join(found["date_words"]), "|".join(found["amount_words"])
    return WordList(
        language=language,
        as_of=found["as_of"],
        sources=tuple(found["sources"]),
        patterns={name: _edged(found[name]) for name in LISTED},
        amounts=re.compile(
            rf"[€$£]\s?\d|\d[\d.,\s]*\s?(?:[€$£]|(?:{money})\b)|\b(?:{money})\s?\d"
            r"|\b\d{1,3}(?:[.,\s]\d{3})+(?:[.,]\d{2})?\b",
            re.IGNORECASE,
        ),
        dates=re.compile(
            rf"\b\d{{1,2}}(?:st|nd|rd|th|er|e|\.)?\s+(?:of\s+)?(?:{months})\b"
            rf"|\b(?:{months})\s+\d{{1,2}}\b"
            r"|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}/\d{1,2}\b",
            re.IGNORECASE,
        ),
    )


def _edged(patterns: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)
