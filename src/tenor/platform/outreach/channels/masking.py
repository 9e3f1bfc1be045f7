"""Addresses and numbers made unreadable: what others say of a message is kept, not whom it was to.

Answers of mail servers and providers repeat the address; they end in logs, in the audit log and in
tasks, where it has no business.
"""

import re

_EMAIL = re.compile(r"[^\s<>\"'(),;:]+@([A-Za-z0-9.-]+)")
# With a plus or a nought in front, or nine digits and more: not the code of a mail server.
_NUMBER = re.compile(r"(?<![\w.])(?:[+0]\d(?:[ ()-]?\d){6,}|\d{9,})(?!\w)")
_SEEN_DIGITS = 2


def masked(text: str, most: int = 200) -> str:
    """Return `text` in at most so many signs, its addresses and telephone numbers unreadable."""
    text = _EMAIL.sub(lambda found: f"…@{found[1]}", text)
    text = _NUMBER.sub(lambda found: masked_number(found[0]), text)
    return " ".join(text.split())[:most]


def masked_number(number: str) -> str:
    """Return the last digits of a number only."""
    return f"…{number[-_SEEN_DIGITS:]}"
