"""Say in plain words why something was decided: the engine's sentences, in the reader's language.

The engine writes English sentences with figures in them; each kind is known here by its form. What
has no words of its own is said as what it is: a rule of the organisation.
"""

import re
from collections.abc import Sequence

from tenor.platform.portal.words import Words

_FORMS = tuple(
    (re.compile(form), code)
    for form, code in (
        (r"(?P<days>\d+) days? overdue", "overdue"),
        (r"due today", "due_today"),
        (r"usually pays about (?P<days>\d+) days? late", "usually_late"),
        (r"usually pays about (?P<days>\d+) days? early", "usually_early"),
        (r"usually pays around the due date", "usually_on_time"),
        (r"\S+ raises the expected payment from \d+% to \d+% of the amount", "expected"),
        (r"answers \S+ more often than others do", "answers"),
        (r"unpaid after (?P<n>\d+) contacts?", "contacts"),
        (r"in \d+ days? it does more than today", "later"),
        (r"likely to pay unaided.*", "likely"),
        (r"(?:people's time|no permitted contact).*", "not_worth"),
        (r"saw the payment page.*", "looked"),
        (r"likely obstacle:.*", "obstacle"),
        (r"fixed ladder:.*", "ladder"),
        (r"a random permitted contact.*|(?:drawn|left alone) by chance.*", "chance"),
    )
)


def explained(reasons: Sequence[str], words: Words) -> list[str]:
    """Return the reasons as sentences, each once."""
    found: list[str] = []
    for reason in reasons:
        told = _told(reason, words)
        if told not in found:
            found.append(told)
    return found


def _told(reason: str, words: Words) -> str:
    for form, code in _FORMS:
        match = form.fullmatch(reason)
        if match:
            return str(words.filled(**match.groupdict())[code])
    return str(words["rule"])
