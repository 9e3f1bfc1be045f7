"""How well letters are read on a colour: the contrast that the rules for the web measure."""

import re
from dataclasses import dataclass

# WCAG 2.2, success criterion 1.4.3: text of ordinary size.
ENOUGH = 4.5
WHITE, BLACK = "#ffffff", "#000000"


@dataclass(frozen=True)
class Contrast:
    """A colour, the letters that are read best on it, and their contrast (1 to 21)."""

    colour: str
    letters: str
    ratio: float
    # As letters on white paper: links and headings.
    on_white: float

    @property
    def is_enough(self) -> bool:
        """Say whether the colour can also be read as letters on white."""
        return self.on_white >= ENOUGH


def contrast_of(colour: str) -> Contrast | None:
    """Measure a colour as #1a2b3c; nothing for what is no colour."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        return None
    light, dark = _ratio(colour, WHITE), _ratio(colour, BLACK)
    letters, ratio = (WHITE, light) if light >= ENOUGH or light >= dark else (BLACK, dark)
    return Contrast(colour.lower(), letters, ratio, light)


def _ratio(one: str, other: str) -> float:
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
