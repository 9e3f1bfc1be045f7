"""What the screens of texts show: places in a grid, one text with its versions and differences."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tenor.platform.core.errors import NotFound
from tenor.platform.core.models import Organisation
from tenor.platform.wording import queries, texts
from tenor.platform.wording.draft import TONES, Form, Kind
from tenor.platform.wording.variables import OF_KINDS, VARIABLES
from tenor.platform.workbench.messages.words import FORMS, GROUPS, KINDS, LANGUAGES, said_of
from tenor.platform.workbench.words import word_of

Words = Promise | str
FORM_ICONS = {Form.LONG: "mail", Form.SHORT: "message", Form.SCRIPT: "phone"}
# How a text of each form can be looked at: the channel, its icon.
WAYS = {
    Form.LONG: (("email", "mail"), ("letter", "file-text")),
    Form.SHORT: (("sms", "message"), ("push", "bell")),
    Form.SCRIPT: (("call", "phone"),),
}


@dataclass(frozen=True)
class Place:
    """Where a text stands: occasion, form, tone, language."""

    kind: str
    form: str
    tone: str
    language: str

    @property
    def name(self) -> Words:
        """Return what the occasion is called."""
        return KINDS[Kind(self.kind)].name

    @property
    def when(self) -> Words:
        """Say when such a message goes out."""
        return KINDS[Kind(self.kind)].when

    @property
    def form_name(self) -> Words:
        """Return what the form is called."""
        return FORMS[Form(self.form)]

    @property
    def language_name(self) -> str:
        """Return the language, in itself."""
        return LANGUAGES[self.language]

    @property
    def has_subject(self) -> bool:
        """Say whether there is a subject line."""
        return self.form == Form.LONG

    @property
    def where(self) -> dict[str, str]:
        """Return the place as the queries and actions take it."""
        return {
            "kind": self.kind, "form": self.form, "tone": self.tone, "language": self.language
        }  # fmt: skip


def place_of(kind: str, form: str, tone: str, language: str) -> Place:
    """Return the place of that name, or refuse."""
    known = kind in list(Kind) and form in list(Form) and tone in TONES and language in LANGUAGES
    if not known:
        raise NotFound(_("There is no such text."))
    return Place(kind, form, tone, language)


def overview(organisation: Organisation, form: Form, language: str) -> list[dict[str, Any]]:
    """Return the occasions in groups, each with a cell for each tone."""
    found = {
        (place.kind, place.tone): place
        for place in queries.places(organisation, form=form, language=language)
    }
    return [
        {
            "name": name,
            "rows": [
                {
                    "name": KINDS[kind].name,
                    "when": KINDS[kind].when,
                    "cells": [_cell(organisation, found[kind, tone]) for tone in TONES],
                }
                for kind in kinds
            ],
        }
        for name, kinds in GROUPS
    ]


def _cell(organisation: Organisation, place: queries.Place) -> dict[str, Any]:
    where = [place.kind.value, place.form.value, place.tone, place.language]
    words, meaning, sign = _("built-in"), "", ""
    if place.live is not None:
        words, meaning, sign = _("your own"), "good", "check"
    if place.open is not None:
        state, meaning = said_of(place.open.state)
        words, sign = str(state), "clock" if place.open.state == "submitted" else "edit"
    return {
        "tone": place.tone,
        "href": reverse("workbench:message_text", args=[organisation.slug, *where]),
        "words": words,
        "meaning": meaning,
        "sign": sign,
    }


def listed(row: Any, here: Any) -> dict[str, Any]:
    """Return a version as the list of versions shows it."""
    words, meaning = said_of(row.state)
    return {
        "number": row.number, "words": words, "meaning": meaning, "by": row.drafted_by,
        "at": row.drafted_at, "note": row.note, "here": here is not None and row.pk == here.pk,
    }  # fmt: skip


def difference(before: str, after: str) -> list[dict[str, str]]:
    """Return the lines of two texts: the same, taken away ("-"), added ("+")."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [{"sign": line[0].strip(), "text": line[2:]} for line in lines if line[0] != "?"]


def variables(place: Place) -> list[dict[str, str]]:
    """Return what can be filled in at this place, with its meaning and a sample."""
    return [
        {"place": f"{{{one.name}}}", "meaning": one.meaning, "sample": one.sample}
        for one in VARIABLES.values()
        if place.kind in OF_KINDS.get(one.name, (place.kind,))
    ]


def built_in(place: Place) -> Any:
    """Return the text that comes with the product."""
    return texts.built_in(Kind(place.kind), Form(place.form), place.tone, place.language)


def ways(place: Place) -> list[dict[str, str]]:
    """Return how a text of this form can be looked at."""
    return [
        {"value": channel, "icon": icon, "name": word_of(channel)}
        for channel, icon in WAYS[Form(place.form)]
    ]


def waiting(rows: Sequence[Any], slug: str) -> list[dict[str, Any]]:
    """Return the texts that wait for somebody's word, as links."""
    found = []
    for row in rows:
        place = Place(row.kind, row.form, row.tone, row.language)
        name = ", ".join(
            str(part)
            for part in (place.name, place.form_name, word_of(row.tone), place.language_name)
        )
        href = reverse("workbench:message_text", args=[slug, *place.where.values()])
        found.append({"name": name, "href": href, "by": row.submitted_by or row.drafted_by})
    return found
