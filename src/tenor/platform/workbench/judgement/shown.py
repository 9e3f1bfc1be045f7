"""How the screen of people's judgement says what was counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenor.engine.experiments.results import Verdict
from tenor.engine.predictors.judgement import FEWEST as FEWEST_REVIEWS
from tenor.engine.predictors.model import Model
from tenor.platform.decisions.judgement.afterwards import Afterwards, Kept
from tenor.platform.decisions.judgement.changes import Changes, Flag, Row
from tenor.platform.decisions.queries.labels import Agreement
from tenor.platform.decisions.reasons import REVIEW_REASONS, words_of
from tenor.platform.workbench.reports import people
from tenor.platform.workbench.reports.tables import Block, Column, Fact, Mark, Report, Table
from tenor.platform.workbench.reports.words import number, points
from tenor.platform.workbench.templatetags.tenor import count, percent, word

_REACH = 1.15


@dataclass(frozen=True)
class Flagged:
    """A flag as a row of the screen."""

    customer_key: str
    at: datetime
    proposed: str
    reason: str
    note: str
    better: str
    taught: bool


def report(
    said: Agreement,
    counted: Changes,
    fair: Afterwards,
    came: Sequence[Kept],
    model: Model | None,
) -> Report:
    """Return the figures and parts of the screen."""
    title = _("People's judgement")
    question = _("What do people change, who was right afterwards, and what was learned from it?")
    if not said.said:
        return Report("judgement", title, question)
    blocks = [
        _fairly(fair),
        _learned(model),
        _shares("segments", _("By how customers pay"), counted.segments),
        _shares("roles", _("By role"), counted.roles),
        people.reasons(said),
        people.months(said),
        _what_came(came),
    ]
    return Report("judgement", title, question, _facts(said, counted, model), blocks)


def sentence(fair: Afterwards) -> str:
    """Say in one sentence who was right afterwards, or that nobody can know yet."""
    found = fair.comparison
    if found is None:
        return ngettext(
            "Nobody can say yet who was right: %(count)s customer was looked at by lot so far.",
            "Nobody can say yet who was right: %(count)s customers were looked at by lot so far.",
            fair.customers[0],
        ) % {"count": fair.customers[0]}
    low, high = found.daily.low * 100, found.daily.high * 100
    told = {"low": number(abs(low), 1), "high": number(abs(high), 1), "days": fair.window}
    if found.verdict == Verdict.BETTER:
        return _("Looking pays: %(low)s to %(high)s more of 100 was paid in %(days)s days.") % told
    if found.verdict == Verdict.WORSE:
        return (
            _("Tenor did better alone: %(high)s to %(low)s more of 100 was paid in %(days)s days.")
            % told
        )
    if found.verdict == Verdict.SAME:
        return _("It makes no difference that matters whether a person looks first.")
    return _("No difference is sure yet: what was seen may be chance.")


def flagged(flag: Flag, model: Model | None) -> Flagged:
    """Put a flag in words, with whether the predictor in force has learned from it."""
    return Flagged(
        flag.customer_key,
        flag.at,
        word(flag.proposed),
        words_of(flag.reason, REVIEW_REASONS),
        flag.note,
        ", ".join(word(value) for value in flag.better.values()),
        model is not None and model.judgement.reviews > 0 and model.as_of > flag.at,
    )


def _facts(said: Agreement, counted: Changes, model: Model | None) -> list[Fact]:
    reviews = model.judgement.reviews if model else 0
    return [
        Fact(_("Agreed"), percent(said.share), _("of %(n)s judgements") % {"n": count(said.said)}),
        Fact(
            _("Drawn by lot"),
            count(counted.drawn),
            _("%(n)s looked at") % {"n": count(counted.looked_at)},
        ),
        Fact(_("Went by the rules"), count(said.by_rules), _("approved for their segment, unseen")),
        Fact(_("Learned from"), count(reviews), _("judgements, by the predictor in force")),
    ]


def _fairly(fair: Afterwards) -> Block:
    found = fair.comparison
    marks = []
    if found is not None:
        low, high = found.daily.low, found.daily.high
        reach = max(abs(low), abs(high)) * _REACH or 1.0
        meaning = {Verdict.BETTER: "good", Verdict.WORSE: "careful"}.get(found.verdict, "")
        marks = [
            Mark(
                _("Paid, in points"),
                points(found.difference, low, high, 100.0),
                _("may be chance") if not meaning else "",
                round(50 + 50 * found.difference / reach, 2),
                round(50 + 50 * low / reach, 2),
                round(50 + 50 * high / reach, 2),
                meaning,
            )
        ]
    told = {
        "looked": count(fair.customers[0]),
        "left": count(fair.customers[1]),
        "changed": percent(fair.changed),
    }
    note = _(
        "Fair, because a lot drew which decisions a person looks at one by one: %(looked)s "
        "customers beside %(left)s. Of those looked at, people decided %(changed)s otherwise."
    )
    return Block(
        "fairly",
        _("With a person looking, less without"),
        sentence(fair),
        marks=marks,
        note=note % told if found is not None else "",
    )


def _learned(model: Model | None) -> Block:
    title = _("What the predictor learned from it")
    if model is None or model.judgement.reviews < FEWEST_REVIEWS:
        return Block(
            "learned",
            title,
            "",
            empty=_(
                "Nothing yet: from %(n)s judgements on, the next predictor knows which channels "
                "and tones people change, proposes them less, and asks a person where they mostly "
                "do."
            )
            % {"n": FEWEST_REVIEWS},
        )
    known = model.judgement
    nobody = np.zeros((1, len(known.state)))
    rows: list[list[Any]] = []
    for pair in known.pairs:
        channel, tone = pair.split("|", 1)
        chance = float(known.chance(channel, tone, nobody)[0])
        rows.append([word(channel), word(tone) if tone else "", chance, chance - known.average])
    rows.sort(key=lambda row: -row[2])
    names = [Column(_("Channel")), Column(_("Tone")), Column(_("Would be changed"), "share"),
             Column(_("Above average"), "share")]  # fmt: skip
    return Block(
        "learned",
        title,
        _("How often would people change such a contact with an average customer?"),
        Table(names, rows),
        "ranked",
        {
            "parts": [{"name": f"{row[0]}, {row[1]}", "value": row[2]} for row in rows[:8]],
            "write": {"percent": True},
        },
    )


def _shares(key: str, title: str, rows: Sequence[Row]) -> Block:
    shown = [[word(row.name) if row.name else _("others"), row.said, row.share] for row in rows]
    names = [Column(_("Whose")), Column(_("Judgements"), "count"), Column(_("Otherwise"), "share")]
    data = {
        "parts": [{"name": name, "value": share} for name, _said, share in shown],
        "write": {"percent": True},
    }
    return Block(
        key,
        title,
        _("How often is it decided otherwise?"),
        Table(names, shown),
        "ranked" if shown else "",
        data if shown else None,
        empty=_("Too few judgements yet to show without pointing at somebody."),
    )


def _what_came(came: Sequence[Kept]) -> Block:
    verdicts = {name: str(words) for name, (words, _colour) in people.VERDICTS.items()}
    rows = [[verdicts.get(k.verdict, k.verdict), k.count, k.foretold, k.came] for k in came]
    names = [Column(_("What was said")), Column(_("Decisions"), "count"),
             Column(_("Foretold"), "share"), Column(_("Paid"), "share")]  # fmt: skip
    return Block(
        "came",
        _("What was foretold, and what came"),
        _("What Tenor foretold of its own plan, and what was paid in the end."),
        Table(names, rows),
        note=_(
            "This is no comparison of who is right: people chose which decisions to change, and "
            "they change those of which they know more."
        ),
        empty=_("No decision that somebody spoke about is old enough yet."),
    )
