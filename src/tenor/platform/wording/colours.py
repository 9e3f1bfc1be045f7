"""Colours that can be read: contrast as WCAG 2 measures it, and colours moved until it does."""

# What ordinary text needs on its ground (WCAG 2.2, 1.4.3).
ENOUGH = 4.5
WHITE, DARK = "#ffffff", "#1c2229"
# The house's own, where an organisation has chosen none.
USUAL = "#1f5f8b"
_STEPS = 20


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours such as #1a2b3c: 1 is none, 21 black on white."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_on(ground: str) -> str:
    """Return the colour of text on a ground: white, or ink where white cannot be read."""
    return WHITE if contrast(WHITE, ground) >= ENOUGH else "#000000"


def readable(colour: str, ground: str) -> str:
    """Return the colour, moved towards black or white until it can be read on a ground."""
    towards = "#000000" if _luminance(ground) > 0.5 else WHITE
    for step in range(_STEPS + 1):
        moved = _mixed(colour, towards, step / _STEPS)
        if contrast(moved, ground) >= ENOUGH:
            return moved
    return towards


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return float(part / 12.92) if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _mixed(one: str, other: str, share: float) -> str:
    pairs = zip(_parts(one), _parts(other), strict=True)
    mixed = (round(a + (b - a) * share) for a, b in pairs)
    return "#" + "".join(f"{part:02x}" for part in mixed)
