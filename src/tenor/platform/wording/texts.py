"""The built-in texts: a file a kind in each language, and the frame around every message.

Read once and checked when read: a text that names what is no variable, or a language that lacks
a word of the frame, stops the first use of it.
"""

import tomllib
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tenor.engine.law.letters.contents import Content
from tenor.platform.wording.draft import LANGUAGES, TONES, Form, Kind
from tenor.platform.wording.variables import OF_CLAUSES, VARIABLES, names_in, strays_in

TEXTS = Path(__file__).parent / "texts"
BUILT_IN = "built-in"
ANY = "any"
DEFAULT_LANGUAGE, DEFAULT_TONE = "en", "neutral"
_PARTS = ("subject", "long", "after", "short", "script")


@dataclass(frozen=True)
class Text:
    """A text before it is filled: `body` stands before the table, `after` behind it.

    Both are paragraphs with an empty line between; one that begins with `?` is left out where
    something that it names is not known. `says` are contents of the law that its words have.
    """

    kind: Kind
    form: Form
    tone: str
    language: str
    subject: str
    body: str
    after: str = ""
    version: str = BUILT_IN
    says: frozenset[Content] = frozenset()

    @property
    def name(self) -> str:
        """Return how the text is called: reminder/firm."""
        return f"{self.kind}/{self.tone}"


@dataclass(frozen=True)
class Frame:
    """The words around every message in a language, and the clauses that a law may ask for."""

    language: str
    words: Mapping[str, str]
    clauses: Mapping[str, str | Mapping[str, str]]
    script: Mapping[str, str]

    def clause(self, content: Content, *places: str) -> str:
        """Return the words for a content: those of the first place that has some, else of any."""
        found = self.clauses.get(content.value, "")
        if isinstance(found, str):
            return found.strip()
        return next((found[place] for place in (*places, ANY) if place in found), "").strip()


class TextError(ValueError):
    """A text cannot be used; the message says which and why."""


def built_in(kind: Kind, form: Form, tone: str, language: str, letter: str = "") -> Text:
    """Return the built-in text; a tone that it does not know is said as for any.

    `letter` is the law's name of a notice: those have words of their own.
    """
    found = _file(language, kind)
    own = letter if isinstance(found.get(form.value, {}).get(letter), dict) else ""
    parts = {name: _of_letter(table, own) for name, table in found.items()}
    body = _toned(parts.get(form.value, {}), tone)
    if not body:
        raise TextError(f"{language}/{kind}.toml has no [{form}] for the tone {tone!r}")
    return Text(
        kind=kind,
        form=form,
        tone=tone,
        language=language,
        subject=" ".join(_toned(parts.get("subject", {}), tone).split()),
        body=body,
        after=_toned(parts.get("after", {}), tone) if form is Form.LONG else "",
        says=frozenset(map(Content, parts.get("says", {}).get(form.value, ()))),
    )


def language_of(letter: str, language: str) -> str:
    """Return the language to write a letter in: English where the law's own words lack in one."""
    if not letter or has_letter(letter, language):
        return language
    return DEFAULT_LANGUAGE if has_letter(letter, DEFAULT_LANGUAGE) else language


def has_letter(letter: str, language: str) -> bool:
    """Say whether a letter of the law has words of its own in a language."""
    return isinstance(_file(language, Kind.NOTICE).get("long", {}).get(letter), dict)


@cache
def frame(language: str) -> Frame:
    """Return the frame of a language."""
    path = TEXTS / language / "frame.toml"
    found = _read(path)
    known = {*VARIABLES, *OF_CLAUSES}
    for name, clause in found["clauses"].items():
        Content(name)
        for text in clause.values() if isinstance(clause, dict) else (clause,):
            _checked(path, text, known)
    script = {name: part[ANY] for name, part in found.get("script", {}).items()}
    return Frame(language, found["words"], found["clauses"], script)


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that have texts, in the order of `LANGUAGES`."""
    return tuple(one for one in LANGUAGES if (TEXTS / one / "frame.toml").is_file())


@cache
def kinds(language: str) -> frozenset[Kind]:
    """Return the kinds that have a text in a language."""
    return frozenset(kind for kind in Kind if (TEXTS / language / f"{kind}.toml").is_file())


@cache
def _file(language: str, name: str) -> dict[str, dict[str, Any]]:
    path = TEXTS / language / f"{name}.toml"
    found = _read(path)
    for part in _PARTS:
        for tone, text in _toned_texts(found.get(part, {})):
            if tone not in (*TONES, ANY):
                raise TextError(f"{language}/{path.name}: [{part}] has no tone {tone!r}")
            _checked(path, text, set(VARIABLES))
    return found


def _toned_texts(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Go through the texts of a part, those of single letters too."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _toned_texts(value)
        else:
            yield name, value


def _of_letter(table: Mapping[str, Any], letter: str) -> Mapping[str, Any]:
    """Return a letter's part of a table; what it has none of is that of every notice."""
    chosen = table.get(letter) or table.get(ANY)
    return chosen if isinstance(chosen, dict) else table


def _checked(path: Path, text: str, known: Container[str]) -> None:
    wrong = [name for name in names_in(text) if name not in known]
    if wrong or strays_in(text):
        raise TextError(f"{path.parent.name}/{path.name}: there is no variable {wrong or '{'}")


def _toned(table: Mapping[str, Any], tone: str) -> str:
    for name in (tone, ANY, DEFAULT_TONE):
        if isinstance(table.get(name), str):
            return str(table[name]).strip()
    return ""


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise TextError(f"there is no text {path.parent.name}/{path.name}") from error
    except tomllib.TOMLDecodeError as error:
        raise TextError(f"{path.parent.name}/{path.name} cannot be read: {error}") from error
