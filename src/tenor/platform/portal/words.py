"""The words of a customer's page, in the reader's language: a TOML file a language.

They are no part of the workbench's catalogue, which has two languages: nobody is shown a page of
which half is in another one. A key that a language lacks is an error when the file is read.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenor.platform.core.models import Organisation
from tenor.platform.wording.draft import LANGUAGES

if TYPE_CHECKING:
    from tenor.platform.ledger.models import Customer

_TEXTS = Path(__file__).parent / "texts"
# Every language has the keys of this one.
_USUAL = "en"


class Words(Mapping[str, Any]):
    """The words of one part of the pages: `words["title"]`, in templates `words.title`."""

    def __init__(self, table: Mapping[str, Any], facts: Mapping[str, Any] | None = None) -> None:
        """Keep the table, and what is filled in where a text has {braces}."""
        self._table, self._facts = table, dict(facts or {})

    def __getitem__(self, key: str) -> Any:
        """Return a text with its facts filled in, or a table within this one."""
        found = self._table[key]
        if isinstance(found, Mapping):
            return Words(found, self._facts)
        return found.format(**self._facts) if "{" in found else found

    def __iter__(self):  # type: ignore[no-untyped-def]
        """Go through the keys."""
        return iter(self._table)

    def __len__(self) -> int:
        """Count the keys."""
        return len(self._table)

    def filled(self, **facts: Any) -> "Words":
        """Return the same words with these facts filled in."""
        return Words(self._table, {**self._facts, **facts})


def language_of(
    asked: str, accepted: str, customer: "Customer | None", organisation: Organisation | None
) -> str:
    """Return the language of a page: what the reader chose, else the customer's, the browser's."""
    wanted = [asked, customer.language if customer else ""]
    wanted += [part.partition(";")[0] for part in accepted.split(",")]
    wanted += [organisation.language if organisation else ""]
    for one in wanted:
        if (code := one.strip()[:2].lower()) in LANGUAGES:
            return code
    return _USUAL


def words_of(language: str) -> Words:
    """Return all words of the pages in a language, a table a part."""
    return Words(_read(language))


@cache
def _read(language: str) -> dict[str, Any]:
    usual: dict[str, Any] = {}
    found: dict[str, Any] = {}
    for name, target in ((_USUAL, usual), (language, found)):
        for path in sorted((_TEXTS / name).glob("*.toml")):
            target |= tomllib.loads(path.read_text(encoding="utf-8"))
    missing = sorted(_keys(usual) - _keys(found))
    if missing:
        raise LookupError(f"{language} lacks {', '.join(missing)}")
    return found


def _keys(table: Mapping[str, Any], place: str = "") -> set[str]:
    keys: set[str] = set()
    for name, value in table.items():
        keys |= _keys(value, f"{place}{name}.") if isinstance(value, Mapping) else {place + name}
    return keys
