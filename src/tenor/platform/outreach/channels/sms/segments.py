"""How many parts a text message is sent in: each is charged.

A text in the signs of GSM 03.38 has 160 places; those of its extension table take two. Any other
sign makes it UCS-2, with 70. Longer texts are sent in parts of 153 or 67 places, and a sign that
takes two is not cut in half.
"""

from collections.abc import Iterator
from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("^{}\\[~]|€\f")
# Places of a text in one part, and of each part where there are several.
_GSM, _UCS2 = (160, 153), (70, 67)
# The same to a reader, and within the cheap alphabet.
_PLAINER = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": ",", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "…": "...",
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2011": "-", "\u2212": "-", "\t": " ",
        "•": "-", "×": "x",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Segments:
    """How a text is sent: in which alphabet ("gsm" or "ucs2"), and in how many parts."""

    alphabet: str
    count: int


def plainer(text: str) -> str:
    """Return `text` with signs of typography as a telephone writes them."""
    return text.translate(_PLAINER)


def segments_of(text: str) -> Segments:
    """Count the parts that `text` is sent in."""
    gsm = all(sign in _BASIC or sign in _EXTENSION for sign in text)
    one, part = _GSM if gsm else _UCS2
    sizes = list(_sizes(text, gsm))
    alphabet = "gsm" if gsm else "ucs2"
    if sum(sizes) <= one:
        return Segments(alphabet, 1)
    count, used = 1, 0
    for size in sizes:
        if used + size > part:
            count, used = count + 1, 0
        used += size
    return Segments(alphabet, count)


def _sizes(text: str, gsm: bool) -> Iterator[int]:
    """Give the places that each sign takes."""
    for sign in text:
        if gsm:
            yield 2 if sign in _EXTENSION else 1
        else:
            yield 2 if ord(sign) > 0xFFFF else 1
