"""What the screens about the law show of a pack, a provision, a change and a case."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tenor.engine.cases.run import Outcome
from tenor.engine.law.pack import InForce, Pack, Provision
from tenor.engine.law.review.check import Watched
from tenor.engine.law.review.said import name_of, say
from tenor.engine.law.review.show import Shown, show, values_of
from tenor.engine.law.review.stricter import Change
from tenor.platform.core import clock
from tenor.platform.core.errors import NotFound
from tenor.platform.core.models import Organisation
from tenor.platform.governance.law import law_of
from tenor.platform.workbench.law import words

Text = str | Promise
# Longer values stand behind a click: word lists of replies, patterns of signs.
LONG = 90


@dataclass(frozen=True)
class Rule:
    """A provision as a table shows it on a day."""

    section: str
    name: str
    id: str
    text: str
    values: tuple[tuple[str, str], ...]
    state: str
    first: date | None
    last: date | None
    changes_on: date | None
    source: str
    confidence: tuple[Text, str]
    binding: Text
    inherited: str
    ours: bool

    @property
    def short(self) -> list[tuple[str, str]]:
        """Return the values that are read at a glance."""
        return [(name, value) for name, value in self.values if len(value) <= LONG]

    @property
    def long(self) -> list[tuple[str, str]]:
        """Return the values that stand behind a click."""
        return [(name, value) for name, value in self.values if len(value) > LONG]


@dataclass(frozen=True)
class Section:
    """The provisions of one section."""

    code: str
    name: Text
    icon: str
    rules: list[Rule]


def tabs(request: HttpRequest, here: str) -> list[dict[str, Any]]:
    """Return the places of the law."""
    slug = request.organisation.slug  # type: ignore[attr-defined]
    names = [
        ("law", _("Packs")),
        ("law_watch", _("To look at")),
        ("law_versions", _("Our own")),
    ]
    return [
        {"name": name, "href": reverse(f"workbench:{route}", args=[slug]), "here": route == here}
        for route, name in names
    ]


def pack_named(organisation: Organisation, code: str) -> Pack:
    """Return a pack as it holds for the organisation, or refuse."""
    found = law_of(organisation).get(code)
    if found is None:
        raise NotFound(_("There is no pack of this name."))
    return found


def provision_named(pack: Pack, section: str, name: str) -> Provision:
    """Return a provision of a pack, inherited ones too, or refuse."""
    found = pack.find(section, name)
    if found is None:
        raise NotFound(_("There is no such provision."))
    return found


def day_of(request: HttpRequest, organisation: Organisation) -> date:
    """Return the day that was asked for, else today."""
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return clock.today(organisation)


def sections(pack: Pack, day: date, *, only: str = "", own: bool = False) -> list[Section]:
    """Return what a pack says on a day, by section in the order in which a case meets them."""
    order = list(words.SECTIONS)
    found: dict[str, list[Rule]] = {}
    for one in show(pack, day, only or None):
        if not own or not one.inherited_from:
            found.setdefault(one.provision.section, []).append(rule_of(one))
    return [
        Section(code, words.section_words(code), words.section_icon(code), found[code])
        for code in sorted(found, key=lambda c: order.index(c) if c in order else len(order))
    ]


def rule_of(one: Shown) -> Rule:
    """Return a provision as a table shows it."""
    row, provision = one.row, one.provision
    state = "none" if row is None else "unknown" if row.says is None else "known"
    return Rule(
        section=provision.section,
        name=provision.name,
        id=provision.id,
        text=provision.text,
        values=one.values,
        state=state,
        first=row.first if row else None,
        last=row.last if row else None,
        changes_on=one.changes_on,
        source=row.source if row else "",
        confidence=words.CONFIDENCE[row.confidence] if row else ("", ""),
        binding=words.BINDING[row.binding] if row else "",
        inherited=one.inherited_from,
        ours="+" in provision.jurisdiction,
    )


@dataclass(frozen=True)
class Span:
    """One row of a provision in its timeline."""

    first: date
    last: date | None
    values: tuple[tuple[str, str], ...]
    known: bool
    source: str
    confidence: tuple[Text, str]
    binding: Text
    review_by: date | None
    now: bool


def spans(provision: Provision, day: date) -> list[Span]:
    """Return what a provision said and says, the newest first."""
    return [_span(row, day) for row in reversed(provision.rows)]


def _span(row: InForce, day: date) -> Span:
    return Span(
        first=row.first,
        last=row.last,
        values=values_of(row) if row.says is not None else (),
        known=row.says is not None,
        source=row.source,
        confidence=words.CONFIDENCE[row.confidence],
        binding=words.BINDING[row.binding],
        review_by=row.review_by,
        now=row.holds_on(day),
    )


@dataclass(frozen=True)
class WatchedRule:
    """A provision to look at, as the list shows it."""

    why: Text
    meaning: str
    by: date | None
    late: bool
    pack: Pack
    rule: Provision
    source: str


def watched_rule(one: Watched, today: date) -> WatchedRule:
    """Put the words of why beside what is to be looked at."""
    why, meaning = words.WHY[one.why]
    late = one.by is not None and one.by <= today
    return WatchedRule(why, meaning, one.by, late, one.pack, one.provision, one.row.source)


@dataclass(frozen=True)
class ChangeShown:
    """A change of an extension with its words; `what` stays in the words of the pack."""

    kind: Text
    meaning: str
    rule: Provision
    what: str
    since: date
    signs: bool
    replaces: str


def changes_shown(changes: Iterable[Change]) -> list[ChangeShown]:
    """Return the changes, those that ask for a signature first."""
    ordered = sorted(changes, key=lambda change: not change.needs_sign_off)
    return [
        ChangeShown(
            *words.KINDS[change.kind],
            rule=change.provision,
            what=change.words,
            since=change.since,
            signs=change.needs_sign_off,
            replaces=change.before.jurisdiction.partition("+")[0] if change.before else "",
        )
        for change in ordered
    ]


@dataclass(frozen=True)
class CaseShown:
    """A worked case, and what came of it where it was run."""

    id: str
    rule: str
    given: list[tuple[str, str]]
    expected: list[tuple[str, str]]
    verdict: Text
    meaning: str
    differences: tuple[str, ...]


def cases_shown(outcomes: Iterable[Outcome], *, ran: bool = True) -> list[CaseShown]:
    """Return worked cases as a table shows them."""
    return [
        CaseShown(
            id=o.case.id,
            rule=o.case.rule.replace("_", " "),
            given=_pairs(o.case.input),
            expected=_pairs(o.case.expected),
            verdict=words.VERDICTS[o.verdict][0] if ran else "",
            meaning=words.VERDICTS[o.verdict][1],
            differences=o.differences if ran else (),
        )
        for o in outcomes
    ]


def _pairs(table: Any) -> list[tuple[str, str]]:
    from_pack = {k: v for k, v in table.items() if k != "jurisdiction"}
    return [(name_of(key), say(value)) for key, value in from_pack.items()]
