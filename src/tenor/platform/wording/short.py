"""A message in little room: a text message, or what a browser shows; its link is never cut."""

from tenor.platform.wording import forms
from tenor.platform.wording.draft import Draft

# Three segments of GSM 03.38 joined together.
MOST = 459
SEGMENTS_OF_TWO = 306
# The signs of GSM 03.38, its extension table too.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)


class TooLong(ValueError):
    """A short text does not fit; cutting it would cut what it has to say."""


def short(draft: Draft, most: int = MOST) -> str:
    """Return a short message as one line of text; raises `TooLong` where it does not fit."""
    text = forms.plain_blanks(" ".join((*draft.paragraphs, *draft.after)))
    text = " ".join(text.split())
    if len(text) > most:
        raise TooLong(f"{len(text)} signs, of {most} at most")
    return text


def not_gsm(text: str) -> list[str]:
    """Return the signs for which a text message needs a dearer alphabet, each once."""
    return [sign for sign in dict.fromkeys(text) if sign not in _GSM]
