"""How the screen of exploring says what was counted."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenor.engine.policy.policyfile import Policy
from tenor.platform.decisions.queries.exploration import Effect, Latest, Realised, Taught, Week
from tenor.platform.workbench.reports.tables import Block, Column, Fact, Mark, Report, Table
from tenor.platform.workbench.reports.words import number, points
from tenor.platform.workbench.templatetags.tenor import count, money, percent, word
from tenor.platform.workbench.words import short_date

# Why nothing is tried with somebody: the codes of `decisions.runs.exploring.NEVER`.
WHY = {
    "comparison": gettext_lazy("In a comparison group that is left to the ladder or alone"),
    "objected": gettext_lazy("Objected to profiling"),
    "collection": gettext_lazy("Due for handing over"),
    "held": gettext_lazy(
        "On hold: vulnerable, ill, in a payment plan of the law, or another reason"
    ),
    "disputed": gettext_lazy("Disputes an invoice"),
    "large": gettext_lazy("Owes more than the limit that your rules set"),
    "closed": gettext_lazy("The rules leave nothing that may be tried now"),
}
_REACH = 1.1


def report(
    policy: Policy,
    latest: Latest | None,
    weeks: Sequence[Week],
    found: Realised,
    taught: Sequence[Taught],
) -> Report:
    """Return the figures and parts of the screen."""
    title = _("Exploration")
    question = _("What was tried on purpose, what did it cost, and what did it teach?")
    blocks = [_weeks(weeks, policy), _realised(found), _taught(taught), _never(latest)]
    return Report("exploration", title, question, _facts(policy, latest, weeks), blocks)


def _facts(policy: Policy, latest: Latest | None, weeks: Sequence[Week]) -> list[Fact]:
    own, currency = policy.exploration, policy.objective.currency
    price = own.price_per_day
    named = ", ".join(word(name) for name in own.channels)
    return [
        Fact(
            _("The margin"),
            percent(own.share, 1),
            _("of customers, only %(channels)s") % {"channels": named}
            if named
            else _("of customers, on channels that take nobody's time"),
        ),
        Fact(
            _("May cost a day"),
            _("no limit") if price is None else money(price, currency),
            _("of expected value, by your rules"),
        ),
        Fact(
            _("Cost of the last day"),
            "–" if latest is None else money(latest.loss, currency),
            _("expected at most, over the whole plan"),
        ),
        Fact(
            _("Tried in half a year"),
            count(sum(week.uniform + week.draw for week in weeks)),
            _("decisions by chance"),
        ),
    ]


def _weeks(weeks: Sequence[Week], policy: Policy) -> Block:
    currency = policy.objective.currency
    columns = [
        Column(_("Week from")), Column(_("Tried evenly"), "count"),
        Column(_("Tried as perhaps the best"), "count"), Column(_("Expected cost"), "money"),
    ]  # fmt: skip
    rows = [[short_date(w.monday, "j M"), w.uniform, w.draw, w.loss] for w in weeks]
    data = {
        "names": [short_date(w.monday, "j M") for w in weeks],
        "series": [{"name": _("Expected cost"), "values": [round(w.loss, 2) for w in weeks]}],
        "write": {"money": currency, "digits": 2},
    }
    return Block(
        "weeks",
        _("What it was expected to cost, week by week"),
        _("How much value was given up for learning?"),
        Table(columns, rows, currency),
        "bars" if weeks else "",
        data if weeks else None,
        note=_(
            "What the best decision is worth by all that is known, less what is tried instead. It "
            "is counted as if every plan were carried out; plans are made anew each day, so it was "
            "this or less."
        ),
        empty=_("No day was decided since this is counted."),
    )


def _realised(found: Realised) -> Block:
    one, marks = found.comparison, []
    if one is not None:
        low, high = one.daily.low, one.daily.high
        reach = max(abs(low), abs(high)) * _REACH or 1.0
        clear = low > 0 or high < 0
        marks = [
            Mark(
                _("Paid, in points"),
                points(one.difference, low, high, 100.0),
                "" if clear else _("may be chance"),
                round(50 + 50 * one.difference / reach, 2),
                round(50 + 50 * low / reach, 2),
                round(50 + 50 * high / reach, 2),
                ("good" if low > 0 else "careful") if clear else "",
            )
        ]
    told = {"tried": count(found.tried), "usual": count(found.usual), "days": found.window}
    return Block(
        "realised",
        _("What came of it: those tried with, less those it could have been"),
        _("Was less paid where something was tried?"),
        size="half",
        marks=marks,
        note=_(
            "Fair, because the lot alone chose whom something is tried with: %(tried)s customers "
            "beside %(usual)s, each counted once, by what was paid in %(days)s days."
        )
        % told
        if marks
        else "",
        empty=_(
            "Nobody can say yet: %(tried)s tried with, %(usual)s beside them, over %(days)s days."
        )
        % told,
    )


def _taught(taught: Sequence[Taught]) -> Block:
    kept = [one for one in taught if one.before is not None]
    title = _("What was learned: how much more readily people pay after a contact")
    question = _(
        "Which effects moved, and which are known better than before? In the middle: no effect."
    )
    if not taught:
        return Block("taught", title, question, empty=_("No predictor is in force yet."))
    every = [e for one in taught for e in (one.before, one.now) if e is not None]
    # The middle of the track is no effect.
    reach = max(max(abs(e.high), abs(e.low)) for e in every) * _REACH
    marks = []
    for one in taught:
        if one.now.of != "channel":
            continue
        for effect, when in ((one.before, _("before")), (one.now, _("now"))):
            if effect is not None:
                marks.append(_mark(effect, when, one, reach))
    return Block(
        "taught",
        title,
        question,
        Table(
            [
                Column(_("Contact")), Column(_("Before"), "number", 1),
                Column(_("Now"), "number", 1), Column(_("Less uncertain by"), "share", 0),
            ],
            [
                [
                    _name(one.now), one.before and one.before.points, one.now.points,
                    None if one.before is None else 1 - one.now.spread / one.before.spread,
                ]
                for one in taught
            ],
        ),
        size="wide",
        marks=marks,
        note=_sentence(kept)
        + " "
        + _(
            "Points are percentage points: by how much a contact raises the chance of a payment on "
            "one day, at the height of its effect. The bar holds 95%% of what is thought possible. "
            "All contacts taught this, those by chance above all where the usual ones are alike."
        ).replace("%%", "%"),
    )  # fmt: skip


def _mark(effect: Effect, when: str, one: Taught, reach: float) -> Mark:
    def place(points: float) -> float:
        return round(50 + 50 * points / reach, 2)

    moved = ""
    if effect is one.now and one.before is not None and _moved(one):
        moved = _("moved")
    words = _("%(points)s points a day (%(low)s to %(high)s)") % {
        "points": number(effect.points, 1),
        "low": number(effect.low, 1),
        "high": number(effect.high, 1),
    }
    return Mark(
        f"{_name(effect)}, {when}",
        words,
        moved,
        place(effect.points),
        place(effect.low),
        place(effect.high),
        "good" if effect is one.now and effect.low > 0 else "",
    )


def _moved(one: Taught) -> bool:
    """Say whether an effect went beyond what was thought likely before."""
    assert one.before is not None
    return not one.before.low <= one.now.points <= one.before.high


def _sentence(kept: Sequence[Taught]) -> str:
    """Say in a sentence how the uncertainty changed."""
    if not kept:
        return _("There is no earlier predictor to compare with.")
    less = sum(1 - one.now.spread / one.before.spread for one in kept if one.before) / len(kept)
    moved = [_name(one.now) for one in kept if _moved(one)]
    said = (
        _("The uncertainty is %(share)s smaller than with the predictor before.")
        if less >= 0
        else _("The uncertainty is %(share)s larger than with the predictor before.")
    ) % {"share": percent(abs(less))}
    if moved:
        return f"{said} " + _("Beyond what was thought likely moved: %(names)s.") % {
            "names": ", ".join(moved)
        }
    return f"{said} " + _("No effect moved beyond what was thought likely.")


def _name(effect: Effect) -> str:
    if effect.of == "channel":
        return str(word(effect.name))
    return _("tone: %(tone)s") % {"tone": word(effect.name)}


def _never(latest: Latest | None) -> Block:
    title = _("With whom nothing is tried, and why")
    if latest is None:
        return Block("never", title, "", empty=_("No day was decided since this is counted."))
    note = ngettext(
        "On the last day something could be tried with %(n)s customer of %(all)s.",
        "On the last day something could be tried with %(n)s customers of %(all)s.",
        latest.possible,
    ) % {"n": count(latest.possible), "all": count(latest.customers)}
    return Block(
        "never",
        title,
        _("Who is never part of learning by trying?"),
        Table(
            [Column(_("Why")), Column(_("Customers"), "count")],
            [[str(WHY[why]), n] for why, n in latest.never],
        ),
        note=note,
        empty=_("Something could be tried with everybody."),
    )
