"""What people write with a payment: numbers in a text, and names written in several ways."""

import re
import unicodedata

from tenor.engine.payments.references import normalise

_WORD = re.compile(r"[A-Z0-9]+")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
# An RF reference in blocks of four has seven.
_MOST_WORDS = 7
# What stands around a name and tells nobody apart.
_FORMS = frozenset(
    _WORD.findall(
        "BV NV VOF CV BVBA SRL SA SAS SARL EURL GMBH MBH AG KG OHG UG EK EV CO LTD LIMITED LLP PLC "
        "INC LLC CORP AB AS OY HR HEER DHR MW MEVR MEVROUW HERR FRAU MR MRS MS MME MLLE EN EO UND "
        "ET AND OF"
    )
)


def plain(text: str) -> str:
    """Return a text in capitals without accents: banks drop or keep them as they like."""
    apart = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return "".join(sign for sign in apart if not unicodedata.combining(sign)).upper()


def numbers_in(text: str) -> frozenset[str]:
    """Return every number that a text may hold, as `normalise` writes references.

    A number may be broken by blanks and signs, so that neighbouring words count together. What
    comes out is meant to be compared with known numbers, never to be taken as one.
    """
    words = _WORD.findall(plain(text))
    joined = {
        normalise("".join(words[start:end]))
        for start in range(len(words))
        for end in range(start + 1, min(start + _MOST_WORDS, len(words)) + 1)
    }
    return frozenset(one for one in joined if any(sign.isdigit() for sign in one))


def is_telling(number: str) -> bool:
    """Say whether a number in a text can mean this invoice alone: four signs, no bare year."""
    compact = normalise(number)
    return len(compact) >= 4 and any(s.isdigit() for s in compact) and not _YEAR.fullmatch(compact)


def same_name(one: str, other: str) -> bool:
    """Say whether two ways of writing may name the same person or company.

    The order of the words, accents, legal forms and titles do not matter; an initial stands for a
    word; every word of the shorter name must be in the other, and one of three letters or more in
    full. `J. Jansen` may be `Jansen, Jan`.
    """
    first, second = sorted((_words(one), _words(other)), key=len)
    whole = set(first) & set(second)
    if not any(len(word) >= 3 for word in whole):
        return False
    left = [word for word in second if word not in whole]
    for word in (word for word in first if word not in whole):
        found = next((longer for longer in left if _stands_for(word, longer)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def name_words(name: str) -> frozenset[str]:
    """Return the words of a name that may tell it apart: two names that are the same share one."""
    return frozenset(word for word in _words(name) if len(word) >= 3)


def _words(name: str) -> list[str]:
    # "B.V." is one word, "J.P." two initials: a point joins nothing but a legal form.
    joined = re.sub(r"\b([A-Z])\.([A-Z])\.(?=\W|$)", r"\1\2 ", plain(name))
    words = [word for word in _WORD.findall(joined) if word not in _FORMS]
    return [letter for word in words for letter in (word if _are_initials(word) else [word])]


def _are_initials(word: str) -> bool:
    return len(word) == 2 and word.isalpha()


def _stands_for(word: str, found: str) -> bool:
    short, long = sorted((word, found), key=len)
    return len(short) == 1 and long.startswith(short)
