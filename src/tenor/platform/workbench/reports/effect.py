"""What Tenor brings: its customers beside those who are left to the fixed ladder by lot."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.workbench.reports.kept import ENOUGH_CUSTOMERS, Compared, Kept
from tenor.platform.workbench.reports.tables import Block, Column, Fact, Mark, Report, Table
from tenor.platform.workbench.reports.words import days, points
from tenor.platform.workbench.templatetags.tenor import money, percent, round_money

# A difference is drawn on a track that reaches this far beyond the end of its interval.
_REACH = 1.15


def report(organisation: Organisation, kept: Kept) -> Report:
    """Return the report of the effect; without a comparison it says how one begins."""
    question = _("Does it do better than the fixed ladder would have done?")
    if kept.other == "nothing":
        question = _("Does it do better than contacting nobody would have done?")
    if kept.arms is None:
        return Report("effect", _("Effect"), question, notices=[_none(organisation)])
    blocks = [*_differences(kept), *_curves(kept), _arms(kept)]
    return Report("effect", _("Effect"), question, _facts(kept), blocks, _notices(kept))


def _none(organisation: Organisation) -> str:
    preferences = preferences_of(organisation)
    share = percent(preferences.control_share, 1)
    if preferences.control_share > 0 and preferences.control_kind == "nothing":
        return _(
            "%(share)s of the customers are left alone, by lot. What it brings is known once "
            "invoices of both groups are thirty days past their due day."
        ) % {"share": share}
    if preferences.control_share > 0:
        return _(
            "%(share)s of the customers are left to the fixed ladder, by lot. What it brings is "
            "known once invoices of both groups are thirty days past their due day."
        ) % {"share": share}
    return _(
        "Nobody is left to the fixed ladder, so nobody can say what Tenor brings: what would have "
        "happened otherwise is not known. An administrator can leave a share of the customers to "
        "it, by lot, under Settings."
    )


def _notices(kept: Kept) -> list[str]:
    arms = kept.arms or {}
    smallest = min(arms[side]["customers"] for side in ("treated", "control"))
    if not kept.is_thin:
        return []
    text = ngettext(
        "The smaller group has %(count)s customer; below %(enough)s the intervals are wide and "
        "rough. Read them as a first look.",
        "The smaller group has %(count)s customers; below %(enough)s the intervals are wide and "
        "rough. Read them as a first look.",
        smallest,
    )
    return [text % {"count": smallest, "enough": ENOUGH_CUSTOMERS}]


def _facts(kept: Kept) -> list[Fact]:
    shares = (
        ("paid_30d", _("Paid within 30 days of the due day")),
        ("escalated", _("Handed over")),
    )
    found = []
    for name, label in shares:
        compared = kept.compared(name)
        if compared is not None:
            mine, other = percent(compared.treated, 1), percent(compared.control, 1)
            found.append(_fact(label, mine, other, compared, 100, kept))
    late = kept.compared("days_late")
    if late is not None:
        mine, other = days(late.treated), days(late.control)
        found.insert(1, _fact(_("Days late"), mine, other, late, 1, kept))
    sides = [kept.cost_per_collected(side) for side in ("treated", "control")]
    cost = [None if side is None else money(side * 100, kept.currency) for side in sides]
    label = _("Cost to collect %(hundred)s") % {"hundred": round_money(100, kept.currency)}
    return [*found, Fact(label, cost[0] or "–", _other(cost[1] or "–", kept))]


def _fact(label: str, mine: str, other: str, compared: Compared, times: float, kept: Kept) -> Fact:
    apart = points(compared.difference, compared.low, compared.high, times)
    meaning = "" if not compared.is_sure else "good" if compared.is_better else "careful"
    return Fact(label, mine, _other(other, kept), apart, meaning)


def _other(value: str, kept: Kept) -> str:
    """Say what came of those whom Tenor is compared with."""
    if kept.other == "nothing":
        return _("left alone: %(value)s") % {"value": value}
    return _("ladder: %(value)s") % {"value": value}


def _groups() -> tuple[tuple[str, str, tuple[tuple[str, str, float], ...]], ...]:
    """Return what is compared: early signs, late ones, and how people feel treated."""
    return (
        (
            "early",
            _("Early signs"),
            (
                ("paid_by_due", _("Paid by the due day, in points"), 100.0),
                ("reacted", _("Looked, answered or promised, in points"), 100.0),
            ),
        ),
        (
            "differences",
            _("Money and time"),
            (
                ("paid_30d", _("Paid within 30 days, in points"), 100.0),
                ("days_late", _("Days late"), 1.0),
                ("escalated", _("Handed over, in points"), 100.0),
                ("cost", _("Cost of contact a customer"), 1.0),
            ),
        ),
        (
            "satisfaction",
            _("How people feel treated"),
            (
                ("complained", _("Complained, in points"), 100.0),
                ("opted_out", _("Opted out, in points"), 100.0),
                ("rated", _("Mark for the page, 1 to 5"), 1.0),
            ),
        ),
    )


def _differences(kept: Kept) -> list[Block]:
    since = formats.date_format(date.fromisoformat((kept.arms or {})["since"]), "j F Y")
    question = _("How far may chance alone have gone? Invoices due since %(day)s.")
    blocks = []
    for key, title, names in _groups():
        marks = [
            _mark(words, compared, times)
            for name, words, times in names
            if (compared := kept.compared(name)) is not None
        ]
        if marks:
            blocks.append(Block(key, title, question % {"day": since}, marks=marks))
    if blocks:
        note = _(
            "A line that crosses the middle may be chance. The bounds hold 95 times in 100, "
            "however often you look. What the groups differed in before is taken out, so a "
            "difference may be other than that of the two figures."
        )
        blocks[-1] = replace(blocks[-1], note=note)
    return blocks


def _mark(name: str, compared: Compared, times: float) -> Mark:
    reach = max(abs(compared.low), abs(compared.high)) * _REACH or 1.0

    def place(value: float) -> float:
        return round(50 + 50 * value / reach, 2)

    if compared.difference == compared.low == compared.high == 0:
        said, meaning = _("no difference"), ""
    elif not compared.is_sure:
        said, meaning = _("may be chance"), ""
    elif compared.is_better:
        said, meaning = _("Tenor does better"), "good"
    else:
        said, meaning = _("Tenor does worse"), "careful"
    words = points(compared.difference, compared.low, compared.high, times)
    dot, low, high = place(compared.difference), place(compared.low), place(compared.high)
    return Mark(name, words, said, dot, low, high, meaning)


def _arms(kept: Kept) -> Block:
    arms = kept.arms or {}
    sides = (arms["treated"], arms["control"])
    money_of = _("in %(currency)s") % {"currency": kept.currency}
    rows: list[list[Any]] = [
        _plain(_("Customers"), 0, *(side["customers"] for side in sides)),
        _plain(_("Invoices that fell due"), 0, *(side["invoices"] for side in sides)),
        _told(_("Paid by the due day, in percent"), "paid_by_due", kept, 100),
        _told(_("Looked, answered or promised, in percent"), "reacted", kept, 100),
        _told(_("Paid within 30 days of the due day, in percent"), "paid_30d", kept, 100),
        _told(_("Days late"), "days_late", kept, 1),
        _told(_("Handed over, in percent"), "escalated", kept, 100),
        _plain(_("Contacts a customer"), 2, *(s["contacts"] / s["customers"] for s in sides)),
        _told(_("Cost of contact a customer, %(money)s") % {"money": money_of}, "cost", kept, 1),
        _plain(
            _("Hand-overs as the rules price them, %(money)s") % {"money": money_of},
            2,
            *(side.get("hand_over_cost", 0.0) for side in sides),
        ),
        _plain(
            _("Collected, %(money)s") % {"money": money_of},
            0,
            *(Decimal(side["collected"].get(kept.currency, "0")) for side in sides),
        ),
        _told(_("Complained, in percent"), "complained", kept, 100),
        _told(_("Opted out, in percent"), "opted_out", kept, 100),
        _told(_("Mark for the page, 1 to 5"), "rated", kept, 1),
        _plain(_("Customers who gave a mark"), 0, *(side.get("raters", 0) for side in sides)),
    ]
    other = _("Left alone") if kept.other == "nothing" else _("Fixed ladder")
    heads = (_("Tenor"), other, _("Difference"), _("at least"), _("at most"))
    columns = [Column(_("What")), *(Column(head, "figure") for head in heads)]
    question = _("Each customer counts once, as drawn by lot.")
    return Block("arms", _("Both groups in numbers"), question, Table(columns, rows))


def _told(name: str, part: str, kept: Kept, times: float) -> list[Any]:
    """Return a row with the difference of a mean and its interval."""
    compared = kept.compared(part)
    if compared is None:
        return [name, None, None, None, None, None]
    bounds = [compared.treated, compared.control, compared.difference, compared.low, compared.high]
    if part == "cost":
        bounds[:2] = [side["cost"] / side["customers"] for side in _sides(kept)]
    return [name, *(round(bound * times, 2) for bound in bounds)]


def _sides(kept: Kept) -> list[dict[str, Any]]:
    return [(kept.arms or {})[side] for side in ("treated", "control")]


def _plain(name: str, places: int, mine: Any, ladder: Any) -> list[Any]:
    """Return a row without a difference: sizes of groups are not an effect."""
    return [name, *(round(v, places) if places else int(v) for v in (mine, ladder)), *[None] * 3]


def _curves(kept: Kept) -> list[Block]:
    section = kept.section
    curve = (section or {}).get("from_due")
    if not curve or not curve["days"]:
        return []
    points_at = list(range(-15, 91, 5))
    shares = [_by(curve, day, "paid") for day in points_at]
    handed = [_by(curve, day, "handed_over") for day in points_at]
    table = Table(
        [
            Column(_("Days after the due day"), "count"),
            Column(_("Paid"), "share"),
            Column(_("Handed over"), "share"),
        ],
        list(map(list, zip(points_at, shares, handed, strict=True))),
    )
    data = {
        "names": [str(day) for day in points_at],
        "series": [
            {"name": _("paid"), "values": shares},
            {"name": _("handed over"), "values": handed, "colour": "chart-3"},
        ],
        "today": "0",
        "write": {"percent": True},
    }
    return [
        Block(
            "curve",
            _("Paid by each day"),
            _("Of all invoices of two years, what share is paid so many days after the due day?"),
            table,
            "lines",
            data,
        )
    ]


def _by(curve: dict[str, Any], day: int, part: str) -> float:
    reached = [share for at, share in zip(curve["days"], curve[part], strict=True) if at <= day]
    return reached[-1] if reached else 0.0
