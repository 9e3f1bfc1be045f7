"""What is wrong with a text before anybody receives it: with its place and what to do instead.

Errors keep a text from being used; a warning is for its writer to weigh. The word lists are of a
day and never complete: they stand beside the person who approves a text, not in their place.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenor.engine.law.contact.channels import seen_from_outside
from tenor.engine.law.library import shipped
from tenor.engine.law.pack import Pack
from tenor.platform.core import clock
from tenor.platform.core.clock import real_now
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.governance.law import law_of
from tenor.platform.wording.draft import Form, Kind
from tenor.platform.wording.law import ASKING
from tenor.platform.wording.short import MOST, SEGMENTS_OF_TWO, not_gsm
from tenor.platform.wording.variables import (
    OF_KINDS,
    VARIABLES,
    Unresolved,
    fill,
    names_in,
    samples,
    strays_in,
)
from tenor.platform.wording.wordlists import LISTED, WordList, word_list

# B1: sentences that are read once and understood.
LONGEST_SENTENCE = 25
_SUBJECT, _BODY = "subject", "body"
_SENTENCE_ENDS = re.compile(r"[.!?:;]+[\"”’)]*(?=\s|$)|\n")
_CAPITALS = re.compile(r"\b[A-ZÀ-ÖØ-Þ]{2,}(?:[\s,]+[A-ZÀ-ÖØ-Þ]{2,})+\b|\b[A-ZÀ-ÖØ-Þ]{6,}\b")
_LINK = re.compile(
    r"https?://[^\s<>\"')]+|(?<![@\w.-])(?:[\w-]+\.)+(?:com|org|net|eu|io|info|nl|be|de|fr|uk|app|ly|me)"
    r"(?:/[^\s<>\"')]*)?(?![\w@])",
    re.IGNORECASE,
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}\b")
# What a writer may name: only a notice may speak of those, and only as the law allows.
_NOTICES = frozenset({Kind.NOTICE})


class Level(StrEnum):
    """How much it weighs."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """Something wrong with `words`; `line` counts from 1 in its part (`subject` or `body`)."""

    level: Level
    code: str
    part: str
    line: int
    words: str

    @property
    def meaning(self) -> Promise | str:
        """Say what is wrong, and what to do instead."""
        return WORDS[self.code]


WORDS: dict[str, Promise] = {
    "threat": _("This threatens. Say what can still be done, and what avoids a next step."),
    "insult": _("This is an insult or a reproach. Write what happened, not what somebody is."),
    "shame": _("This shames the reader. Leave it out."),
    "authority": _(
        "Only a notice may speak of courts, bailiffs, registers or collection. Leave it out here."
    ),
    "bluff": _("This says or suggests what you cannot do. Leave it out."),
    "pressure": _("This presses. Name the day with {by} and say why it matters."),
    "shouting": _("Capitals shout. Write it in ordinary letters."),
    "exclamation": _("An exclamation mark shouts. End with a full stop."),
    "amount": _("An amount by hand will be wrong after the next payment. Write {total}."),
    "date": _("A date by hand will be wrong next week. Write {by} or {oldest_due}."),
    "account": _("An account by hand may be the wrong one. Write {account}, or leave it out."),
    "unknown": _("There is no variable of this name."),
    "braces": _("A brace stands alone. Variables are written as {total}."),
    "not_here": _("This variable is known in other kinds of message only."),
    "empty": _("This is not filled in under Settings. Begin the paragraph with ? or leave it out."),
    "link": _("This link leads elsewhere. Readers learn to trust your own pages only: use {page}."),
    "no_link": _("Little room needs the way to all the rest. Add {page}."),
    "no_sender": _("The reader has to see who writes. Add {organisation}."),
    "too_long": _("This is too long for a text message. Say less; the rest is on the page."),
    "two_messages": _("This costs more than two messages a reader. Say less if you can."),
    "not_gsm": _("This sign makes every text message cost more than twice. Use another one."),
    "shows_debt": _("Others may see this on a screen: it may not tell of a debt."),
    "long_sentence": _("This sentence is long. Make two of it."),
    "wrong_term": _("This is not how the law counts the term of this letter: count from receipt."),
    "refused": _("Here it would be refused until what is missing is known."),
    "nothing": _("There are no words here."),
}  # fmt: skip


@dataclass(frozen=True)
class _Looked:
    """What is looked at, and in which light."""

    text: str
    part: str
    words: WordList
    kind: Kind | None
    form: Form
    organisation: Organisation | None

    def found(self, level: Level, code: str, start: int, words: str) -> Finding:
        """Return a finding at a place of the text."""
        line = self.text.count("\n", 0, start) + 1
        return Finding(level, code, self.part, line, " ".join(words.split())[:80])


def findings(
    text: str,
    *,
    language: str,
    kind: Kind | None = None,
    form: Form = Form.LONG,
    subject: str = "",
    organisation: Organisation | None = None,
) -> list[Finding]:
    """Return what is wrong with a text and its subject line; empty where nothing is.

    Without a `kind` it is what a person wrote into one message. `organisation` adds what only it
    knows: its links, its law, and which of its settings are empty.
    """
    words = word_list(language)
    body = _Looked(text, _BODY, words, kind, form, organisation)
    found = [one for rule in _RULES for one in rule(body)]
    if subject:
        head = _Looked(subject, _SUBJECT, words, kind, form, organisation)
        found += [one for rule in _RULES if rule not in _OF_BODIES for one in rule(head)]
        found += _shown(head)
    elif form is Form.SHORT:
        found += _shown(body)
    return sorted(found, key=lambda one: (one.part == _BODY, one.line, one.level))


def has_errors(found: list[Finding]) -> bool:
    """Say whether a text may not be used as it is."""
    return any(one.level is Level.ERROR for one in found)


def _listed(looked: _Looked) -> Iterator[Finding]:
    """Find words of the lists; a notice may name courts and collection, as the law wants it to."""
    for code in LISTED:
        if code == "authority" and looked.kind in _NOTICES:
            continue
        level = Level.WARNING if code == "pressure" else Level.ERROR
        for match in looked.words.patterns[code].finditer(looked.text):
            yield looked.found(level, code, match.start(), match.group())


def _loud(looked: _Looked) -> Iterator[Finding]:
    plain = re.sub(r"\{[^{}]*\}", lambda found: "·" * len(found.group()), looked.text)
    for match in _CAPITALS.finditer(plain):
        yield looked.found(Level.ERROR, "shouting", match.start(), match.group())
    for match in re.finditer(r"[!?]*!+[!?]*", plain):
        is_loud = match.group() != "!"
        if not is_loud and looked.kind is not None and looked.kind not in ASKING:
            # Thanks may sound glad.
            continue
        level = Level.ERROR if is_loud else Level.WARNING
        yield looked.found(level, "exclamation", match.start(), match.group())


def _by_hand(looked: _Looked) -> Iterator[Finding]:
    taken: list[tuple[int, int]] = []
    for code, pattern in (
        ("account", _IBAN), ("date", looked.words.dates), ("amount", looked.words.amounts)
    ):  # fmt: skip
        for match in pattern.finditer(looked.text):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                taken.append(match.span())
                yield looked.found(Level.ERROR, code, match.start(), match.group())


def _variables(looked: _Looked) -> Iterator[Finding]:
    if strays_in(looked.text):
        at = re.search(r"[{}]", re.sub(r"\{[^{}]*\}", lambda f: "·" * len(f.group()), looked.text))
        yield looked.found(Level.ERROR, "braces", at.start() if at else 0, "{")
    for name in names_in(looked.text):
        at_place = looked.text.index("{" + name + "}")
        if name not in VARIABLES:
            yield looked.found(Level.ERROR, "unknown", at_place, "{" + name + "}")
        elif looked.kind is not None and looked.kind not in OF_KINDS.get(name, (looked.kind,)):
            yield looked.found(Level.ERROR, "not_here", at_place, "{" + name + "}")
        elif _is_empty(looked, name) and not _is_optional(looked.text, at_place):
            yield looked.found(Level.ERROR, "empty", at_place, "{" + name + "}")


def _is_empty(looked: _Looked, name: str) -> bool:
    """Say whether a variable comes from a setting that the organisation has left empty."""
    setting = {"email": "reply_email"}.get(name, name)
    if looked.organisation is None or setting not in _FROM_SETTINGS:
        return False
    return not getattr(preferences_of(looked.organisation), setting)


def _is_optional(text: str, at: int) -> bool:
    start = max((found.end() for found in re.finditer(r"\n[ \t]*\n", text[:at])), default=0)
    return text[start:].lstrip().startswith("?")


def _links(looked: _Looked) -> Iterator[Finding]:
    own = {_host(settings.PUBLIC_URL)}
    if looked.organisation is not None:
        own.add(_host(preferences_of(looked.organisation).website))
    for match in _LINK.finditer(looked.text):
        if _host(match.group()) not in own - {""}:
            yield looked.found(Level.ERROR, "link", match.start(), match.group())


def _host(address: str) -> str:
    parts = urlsplit(address if "://" in address else f"//{address}")
    return (parts.netloc or parts.path).lower().removeprefix("www.")


def _sentences(looked: _Looked) -> Iterator[Finding]:
    start = 0
    ends = [(found.start(), found.end()) for found in _SENTENCE_ENDS.finditer(looked.text)]
    for stop, after in [*ends, (len(looked.text), len(looked.text))]:
        sentence = looked.text[start:stop]
        if len(sentence.split()) > LONGEST_SENTENCE:
            at = start + len(sentence) - len(sentence.lstrip())
            yield looked.found(Level.WARNING, "long_sentence", at, sentence)
        start = after


def _room(looked: _Looked) -> Iterator[Finding]:
    """Look at what has little room: who writes, the way to the rest, how long, which signs."""
    if not looked.text.strip():
        yield looked.found(Level.ERROR, "nothing", 0, "")
    if looked.form is not Form.SHORT or looked.kind is None:
        return
    names = names_in(looked.text)
    if "page" not in names:
        yield looked.found(Level.ERROR, "no_link", 0, "")
    if "organisation" not in names:
        yield looked.found(Level.ERROR, "no_sender", 0, "")
    filled = _filled(looked.text)
    if len(filled) > MOST:
        yield looked.found(Level.ERROR, "too_long", 0, f"{len(filled)}")
    elif len(filled) > SEGMENTS_OF_TWO:
        yield looked.found(Level.WARNING, "two_messages", 0, f"{len(filled)}")
    for sign in not_gsm(re.sub(r"\{[^{}]*\}", "", looked.text)):
        at = looked.text.index(sign)
        yield looked.found(Level.WARNING, "not_gsm", at, sign)


def _shown(looked: _Looked) -> Iterator[Finding]:
    """Ask the law of every place whether others may see these words."""
    for match in _filled_words(looked):
        yield looked.found(Level.ERROR, "shows_debt", 0, match)


def _filled_words(looked: _Looked) -> Iterator[str]:
    text = _filled(looked.text)
    seen: set[str] = set()
    for pack in _packs(looked.organisation):
        day = clock.today(looked.organisation) if looked.organisation else real_now().date()
        ruling = seen_from_outside(pack, day, surface=_SUBJECT, text=text)
        for reason in ruling.reasons if not ruling.allowed else ():
            word = reason.text.rpartition("“")[2].rstrip("”.")
            if word not in seen:
                seen.add(word)
                yield word


def _packs(organisation: Organisation | None) -> list[Pack]:
    return list((law_of(organisation) if organisation else shipped()).values())


def _filled(text: str) -> str:
    try:
        return " ".join(fill(text, samples()).split())
    except Unresolved:
        return text


_FROM_SETTINGS = frozenset({"phone", "reply_email", "website", "registration_number", "mandate"})
_RULES: tuple[Callable[[_Looked], Iterator[Finding]], ...] = (
    _listed, _loud, _by_hand, _variables, _links, _sentences, _room,
)  # fmt: skip
_OF_BODIES = (_sentences, _room)
