"""What a reply asks for in law's eyes: to be left alone, help, messages again, or a person's look.

A stop word ends consent at once. Free text that may be a wish to stop, or that asks something, goes
to a person while sending is paused: it is cheaper to wait than to send against a wish.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tenor.engine.law.contact.scope import weightiest_first
from tenor.engine.law.pack import Pack, Provision, Reason
from tenor.engine.law.values import Values

# English stop words are known to everybody: they count in every language.
_EVERYWHERE = "en"
_NOT_A_LETTER = re.compile(r"[^a-z0-9?]+")


class Wish(StrEnum):
    """What a reply asks for."""

    REVOKE = "REVOKE"  # no more messages
    HELP = "HELP"  # who are you, what is this
    OPT_IN = "OPT_IN"  # messages again
    REVIEW = "REVIEW"  # a person must read it, nothing is sent meanwhile
    NONE = "NONE"  # nothing about being contacted


@dataclass(frozen=True)
class Words:
    """Words of one `language` (ISO 639-1), as `plain` writes them.

    `stop`, `help` and `start` count where they are the whole reply, `polite` words around them
    left aside; `phrases` are a wish to stop wherever they stand; `doubt` are words of which a free
    text may mean it; `asks` begin a question that has no question mark.
    """

    language: str
    stop: frozenset[str]
    help: frozenset[str]
    start: frozenset[str]
    polite: frozenset[str]
    phrases: tuple[str, ...]
    doubt: tuple[str, ...]
    asks: frozenset[str]


@dataclass(frozen=True)
class Reply:
    """What a reply was found to ask for; `suppress`: nothing may be sent until it is dealt with."""

    wish: Wish
    suppress: bool
    reason: Reason | None = None


def read_words(values: Values) -> Words:
    """Read the values of a provision of section `replies`."""

    def words(name: str) -> list[str]:
        found = values.texts(name, ())
        empty = [word for word in found if not plain(word)]
        if empty:
            raise values.wrong(name, f"has {empty[0]!r}, in which there is no letter")
        return [plain(word) for word in found]

    return Words(
        language=values.text("language"),
        stop=frozenset(words("stop")),
        help=frozenset(words("help")),
        start=frozenset(words("start")),
        polite=frozenset(words("polite")),
        phrases=tuple(words("phrases")),
        doubt=tuple(words("doubt")),
        asks=frozenset(words("asks")),
    )


def classify(pack: Pack, text: str, language: str = "", *, on: date) -> Reply:
    """Tell what the reply `text` asks for, by the words in force on `on`.

    `language` is the customer's (BCP 47); its words and the English ones count, of an unknown
    language those of all. Case, accents and punctuation do not matter.
    """
    said = plain(text)
    if not said and any(character.isalpha() for character in text):
        return Reply(Wish.REVIEW, True)  # a script that none of our words is written in
    spoken = _spoken(pack, language, on)
    for wish, asks_for in _WISHES:
        found = [p.because(on, wish.value) for p, words in spoken if asks_for(said, words)]
        if found:
            suppress = wish in (Wish.REVOKE, Wish.REVIEW)
            return Reply(wish, suppress, weightiest_first(found)[0])
    return Reply(Wish.NONE, False)


def plain(text: str) -> str:
    """Return a text in small letters without accents, its words parted by one blank.

    A question mark stays, as a word of its own.
    """
    letters = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    bare = "".join(c for c in letters if not unicodedata.combining(c)).replace("?", " ? ")
    return _NOT_A_LETTER.sub(" ", bare).strip()


def _spoken(pack: Pack, language: str, on: date) -> list[tuple[Provision, Words]]:
    known = list(pack.in_force("replies", on))
    own = language.partition("-")[0].lower()
    if own not in {words.language for _provision, words in known}:
        return known
    return [(p, words) for p, words in known if words.language in (own, _EVERYWHERE)]


def _is(said: str, these: frozenset[str], polite: frozenset[str]) -> bool:
    """Say whether the whole reply is one of the words, once or more, with politeness around it."""
    every = said.replace("?", " ").split()
    kept = [word for word in every if word not in polite]
    return (
        " ".join(every) in these
        or " ".join(kept) in these
        or (bool(kept) and all(word in these for word in kept))
    )


def _has(said: str, phrases: Iterable[str]) -> bool:
    return any(f" {phrase} " in f" {said} " for phrase in phrases)


def _doubtful(said: str, words: Words) -> bool:
    asks = "?" in said.split() or any(f"{said} ".startswith(f"{word} ") for word in words.asks)
    return asks or _has(said, words.doubt) or _has(said, words.stop)


# In order: a word that is the whole reply, then a phrase within it, then a doubt.
_WISHES: tuple[tuple[Wish, Callable[[str, Words], bool]], ...] = (
    (Wish.REVOKE, lambda said, words: _is(said, words.stop, words.polite)),
    (Wish.HELP, lambda said, words: _is(said, words.help, words.polite)),
    (Wish.OPT_IN, lambda said, words: _is(said, words.start, words.polite)),
    (Wish.REVOKE, lambda said, words: _has(said, words.phrases)),
    (Wish.REVIEW, _doubtful),
)
