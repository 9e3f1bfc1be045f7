"""What the linter says of a text, as the screens show it: an error stops, a warning asks."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tenor.platform.core.models import Organisation
from tenor.platform.wording.draft import Form, Kind
from tenor.platform.wording.linter import Finding, Level, findings


@dataclass(frozen=True)
class Shown:
    """A finding: how much it weighs, where it is, the words that it is about, what to do."""

    meaning: str
    place: str
    line: int
    quoted: str
    words: Promise | str


def of_text(
    body: str, subject: str, *, language: str, kind: Kind, form: Form, organisation: Organisation
) -> list[Shown]:
    """Look a text over."""
    found = findings(
        body, language=language, kind=kind, form=form, subject=subject, organisation=organisation
    )
    return shown(found)


def of_own_words(text: str, language: str, form: Form, organisation: Organisation) -> list[Shown]:
    """Look a person's own words for one message over; without words there is nothing to say."""
    if not text.strip():
        return []
    return shown(findings(text, language=language, form=form, organisation=organisation))


def shown(found: Sequence[Finding]) -> list[Shown]:
    """Return findings as they are shown, what stops first, then by their place."""
    rows = [
        Shown(
            "stop" if one.level is Level.ERROR else "careful",
            _("Subject") if one.part == "subject" else "",
            0 if one.part == "subject" else one.line,
            one.words,
            one.meaning,
        )
        for one in found
    ]
    return sorted(rows, key=lambda row: (row.meaning != "stop", row.line))
