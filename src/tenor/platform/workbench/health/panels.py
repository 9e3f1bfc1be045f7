"""The panels of health: freshness on top, then accuracy, drift and outcomes, each over time."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from tenor.platform.monitoring.queries import history
from tenor.platform.workbench.health.words import (
    MEASURES,
    PANELS,
    STATES,
    changed,
    moved_part,
    segment_of,
    subject_of,
    written,
)
from tenor.platform.workbench.reports.tables import Block, Column, Fact, Mark, Report, Table
from tenor.platform.workbench.reports.words import points
from tenor.platform.workbench.templatetags.tenor import percent
from tenor.platform.workbench.words import short_date

_SOURCES = ("invoices", "payments", "events")
_MOST_MOVED = 10
_ALARMING = ("alarm", "watch")


def panels(readings: Sequence[Any], parts: Mapping[str, Sequence[Any]]) -> list[tuple[str, Report]]:
    """Return the panels of the day's readings, each under its name.

    `parts`: what chances of each size came to.
    """
    by_key = {(r.code, r.subject): r for r in readings}
    named = (
        (_("Accuracy: does what is foretold come true?"), _accuracy(by_key, readings, parts)),
        (_("Drift: are customers and payments as they were?"), _drift(by_key, readings)),
        (_("Outcomes: does it do any good?"), _outcomes(by_key, readings)),
        (_("Facts: do they come as they should?"), [_facts_table(readings)]),
    )
    return [(name, Report("health", name, "", blocks=blocks)) for name, blocks in named]


def freshness(readings: Sequence[Any]) -> list[Fact]:
    """Return when each source spoke last."""
    return _fresh({(r.code, r.subject): r for r in readings})


def _fresh(by_key: Mapping[tuple[str, str], Any]) -> list[Fact]:
    """Say when each source spoke last."""
    found = []
    for source in _SOURCES:
        silent, volume = by_key.get(("silent", source)), by_key.get(("volume", source))
        last = silent.facts.get("last") if silent else None
        label = _("Last %(what)s") % {"what": subject_of("silent", source)}
        if last is None:
            found.append(Fact(label, "–", _("not regular enough yet to say what is usual")))
            continue
        day = formats.date_format(date.fromisoformat(last), "j F")
        state = _worst(silent, volume)
        hint = ""
        if volume is not None and volume.value is not None:
            # Of what comes on a few days a month, a week holds all or nothing.
            told = (
                _("%(now)s at a time, usually %(low)s to %(high)s")
                if volume.facts.get("arrivals")
                else _("%(now)s in a week, usually %(low)s to %(high)s")
            )
            hint = told % {
                "now": written(volume.value, "count"),
                "low": written(volume.low, "count"),
                "high": written(volume.high, "count"),
            }
        words, meaning = STATES[state]
        found.append(Fact(label, day, hint, str(words), meaning if meaning != "wait" else ""))
    return [*found, _pace_fact(by_key)]


def _pace_fact(by_key: Mapping[tuple[str, str], Any]) -> Fact:
    pace = by_key.get(("pace", "everybody"))
    label = _("Pace of paying")
    if pace is None or pace.value is None:
        return Fact(label, "–", _("needs two months of chances that were foretold"))
    words, meaning = STATES[pace.state]
    hint = _("payments to those expected; usually %(low)s to %(high)s") % {
        "low": percent(pace.low), "high": percent(pace.high),
    }  # fmt: skip
    return Fact(label, percent(pace.value), hint, str(words), meaning)


def _worst(*readings: Any) -> str:
    order = ("alarm", "watch", "well", "unknown")
    states = [r.state for r in readings if r is not None]
    return min(states, key=order.index, default="unknown")


def _accuracy(
    by_key: Mapping[tuple[str, str], Any],
    readings: Sequence[Any],
    parts: Mapping[str, Sequence[Any]],
) -> list[Block]:
    return [
        _reliability(parts.get("", ())),
        _off(by_key),
        _by_segment(readings),
        _effects(readings),
    ]


def _reliability(parts: Sequence[Any]) -> Block:
    """Draw what came of chances of each size beside what they said."""
    title, question = _("Accuracy: foretold and come true"), _(
        "Of invoices with a chance of so much, how many were paid within 30 days?"
    )  # fmt: skip
    empty = _("Comes a month after the first chances were foretold.")
    if not parts:
        return Block("reliability", title, question, empty=empty, size="half")
    data = {
        "names": [percent(p.said) for p in parts],
        "series": [
            {"name": _("came true"), "values": [p.came_true for p in parts]},
            {"name": _("foretold"), "values": [p.said for p in parts], "dashed": True,
             "colour": "chart-2"},
        ],
        "write": {"percent": True},
    }  # fmt: skip
    table = Table(
        [Column(_("Foretold"), "share"), Column(_("Came true"), "share"),
         Column(_("Invoices"), "count")],
        [[p.said, p.came_true, p.rows] for p in parts],
    )  # fmt: skip
    return Block("reliability", title, question, table, "lines", data)


def _off(by_key: Mapping[tuple[str, str], Any]) -> Block:
    """Draw by how much the weeks were off."""
    title = _("Accuracy over time")
    question = _("By how many points was each week off? Within the band is good enough.")
    reading = by_key.get(("calibration", ""))
    return _over_time("calibration", title, question, reading, _("off by"), times=100)


def _by_segment(readings: Sequence[Any]) -> Block:
    rows = [
        [segment_of(r.subject), r.facts.get("said"), r.facts.get("came_true"),
         r.facts.get("rows"), str(STATES[r.state][0])]
        for r in readings if r.code == "calibration"
    ]  # fmt: skip
    columns = [
        Column(_("Customers")), Column(_("Foretold"), "share"), Column(_("Came true"), "share"),
        Column(_("Chances"), "count"), Column(_("State")),
    ]  # fmt: skip
    return Block(
        "segments", _("Accuracy by kind of customer"),
        _("Is anybody judged wrongly although the whole is right?"), Table(columns, rows),
        size="half", empty=_("Comes a month after the first chances were foretold."),
    )  # fmt: skip


def _effects(readings: Sequence[Any]) -> Block:
    rows = [
        [subject_of("effect", r.subject), r.facts.get("believed"), r.facts.get("seen"),
         r.facts.get("reach"), str(STATES[r.state][0])]
        for r in readings if r.code == "effect"
    ]  # fmt: skip
    columns = [
        Column(_("Channel")), Column(_("Believed"), "share"), Column(_("Seen"), "share"),
        Column(_("Give or take"), "share"), Column(_("State")),
    ]  # fmt: skip
    return Block(
        "effects", _("What contacts add"),
        _("Does a contact add as much to the chance of payment as is believed? Counted on contacts "
          "drawn by lot alone."), Table(columns, rows), size="half",
        empty=_("Comes with exploration: some contacts are then drawn by lot."),
    )  # fmt: skip


def _drift(by_key: Mapping[tuple[str, str], Any], readings: Sequence[Any]) -> list[Block]:
    scores = _over_time(
        "scores", _("Drift of the chances"),
        _("How far are this week's chances from those of the quarter before? 0 is not at all."),
        by_key.get(("scores", "chance_30d")), _("distance"),
    )  # fmt: skip
    pace = _over_time(
        "pace", _("Pace of paying"),
        _("How many payments came of those that were expected? 1 is as expected."),
        by_key.get(("pace", "everybody")), _("came"),
    )  # fmt: skip
    features = [r for r in readings if r.code == "feature" and r.value is not None]
    features.sort(key=lambda r: (r.state not in _ALARMING, -r.value, r.subject))
    rows = [
        [subject_of(r.code, r.subject), r.value, r.high, moved_part(r.facts),
         str(STATES[r.state][0])]
        for r in features[:_MOST_MOVED]
    ]  # fmt: skip
    columns = [
        Column(_("What is known of customers")), Column(_("Distance"), "number", 2),
        Column(_("Usually up to"), "number", 2), Column(_("What moved most")),
        Column(_("State")),
    ]  # fmt: skip
    moved = Block(
        "features", _("Drift: what moved most"),
        _("Are customers like those that were learned from?"), Table(columns, rows),
        note=_("The distance is the population stability index, less what chance brings with so "
               "few or many rows. Below 0.1 nothing has moved enough to matter."),
        empty=_("Comes after two months with a predictor: each week is held against the quarter "
                "before it."),
    )  # fmt: skip
    return [scores, pace, moved]


def _outcomes(by_key: Mapping[tuple[str, str], Any], readings: Sequence[Any]) -> list[Block]:
    early = _over_time(
        "late_7d", _("Outcomes, early: unpaid a week after the due day"),
        _("Does trouble begin? This shows within days."),
        by_key.get(("outcome", "late_7d")), _("unpaid"), is_share=True,
    )  # fmt: skip
    late = _over_time(
        "paid_30d", _("Outcomes, late: paid within 30 days"),
        _("What came in of what was due? This needs a month to show."),
        by_key.get(("outcome", "paid_30d")), _("paid"), is_share=True,
    )  # fmt: skip
    return [early, late, _against(readings), _measures(readings)]


def _against(readings: Sequence[Any]) -> Block:
    """Draw each measure beside the group that is left to the ladder."""
    found = [r for r in readings if r.code == "against_control" and r.value is not None]
    marks = [_mark(r) for r in found]
    return Block(
        "against_control", _("Outcomes beside the group left to the ladder"),
        _("Does Tenor do better than the fixed ladder? Left of the middle line is less."),
        marks=marks, note=_("The mean of the last eight weeks with its 95% interval.") if marks
        else "", empty="" if marks else _("Leave a share of customers to the fixed ladder (under "
        "Settings) to see what Tenor brings."), size="wide",
    )  # fmt: skip


def _mark(reading: Any) -> Mark:
    facts = reading.facts
    mean, reach = facts["mean"], facts["reach"]
    low, high = mean - reach, mean + reach
    widest = max(abs(low), abs(high), 1e-9) * 1.1
    is_share = reading.unit in ("share", "points")
    sure = low > 0 or high < 0
    better = mean * facts["worse"] < 0
    meaning = "" if not sure else "good" if better else "careful"
    said = _("may be chance") if not sure else _("better") if better else _("worse")
    dot, left, right = (50 + 50 * x / widest for x in (mean, low, high))
    words = points(mean, low, high, 100 if is_share else 1, 1 if is_share else 2)
    return Mark(str(MEASURES[reading.subject]), words, said, dot, left, right, meaning)


def _measures(readings: Sequence[Any]) -> Block:
    rows = [
        [str(MEASURES[r.subject]), _("early") if r.facts.get("leading") else _("late"),
         written(r.value, r.unit), f"{written(r.low, r.unit)} – {written(r.high, r.unit)}",
         str(STATES[r.state][0])]
        for r in readings if r.code == "outcome"
    ]  # fmt: skip
    columns = [
        Column(_("Outcome")), Column(_("Shows")), Column(_("Last known week")),
        Column(_("Usually")), Column(_("State")),
    ]  # fmt: skip
    return Block(
        "measures", _("Outcomes this week"), _("Is anything worse than it was?"),
        Table(columns, rows),
    )  # fmt: skip


def _facts_table(readings: Sequence[Any]) -> Block:
    """List what is odd in the facts, or say that nothing is."""
    facts = [r for r in readings if r.panel in ("freshness", "quality")]
    odd = [r for r in facts if r.state in _ALARMING]
    rows = [[str(PANELS[r.panel]), changed(_as_check(r)), str(STATES[r.state][0])] for r in odd]
    made = sum(r.state != "unknown" for r in facts)
    columns = [Column(_("About")), Column(_("What is odd")), Column(_("State"))]
    return Block(
        "facts", _("The facts themselves"),
        _("Do they come, complete, once and in the same units as before?"), Table(columns, rows),
        empty=_("Nothing is odd: %(made)s checks of columns, doubles, joins and amounts.")
        % {"made": made},
    )  # fmt: skip


def _as_check(reading: Any) -> dict[str, Any]:
    return {name: getattr(reading, name) for name in ("code", "subject", "unit", "value", "facts")}


def _over_time(
    key: str,
    title: str,
    question: str,
    reading: Any,
    name: str,
    *,
    times: float = 1.0,
    is_share: bool = False,
) -> Block:
    """Draw a reading over time, with the band in which it usually lies."""
    empty = _("Too early to tell: a few weeks more are needed.")
    if reading is None or reading.value is None:
        return Block(key, title, question, empty=empty, size="half")
    values = history(reading)
    low, high = ((reading.low or 0.0) * times, (reading.high or 0.0) * times)
    series = {
        "name": name,
        "values": [round(v * times, 4) for _day, v in values],
        "low": [low] * len(values),
        "high": [high] * len(values),
    }
    data = {
        "names": [short_date(day, "j M") for day, _v in values],
        "series": [series],
        "write": {"percent": True} if is_share else {"digits": 1 if times > 1 else 2},
    }
    table = Table(
        [Column(_("Until")), Column(name)],
        [[short_date(day, "j M Y"), written(v, reading.unit)] for day, v in values],
    )
    return Block(key, title, question, table, "lines", data, size="low")
