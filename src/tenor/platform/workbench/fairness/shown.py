"""How the screen of fairness draws what an audit kept."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from django.utils.translation import gettext as _

from tenor.platform.fairness.queries import FairnessAudit, Finding
from tenor.platform.workbench.fairness import words
from tenor.platform.workbench.reports.tables import Block, Column, Fact, Mark, Table
from tenor.platform.workbench.reports.words import number, points
from tenor.platform.workbench.templatetags.tenor import count, percent

# A ratio of four times, or a quarter, stands at the edge of the track.
_EDGE = log(4.0)
_POINTS = 0.15
_TREATED = (
    "pressed", "contacted", "escalated", "charged", "pressed_though_paying", "error", "left_alone",
    "reviewed", "paid", "complained",
)  # fmt: skip
_PAST = ("pressed", "contacted", "escalated", "charged", "complained")

Cell = dict[str, Any]


@dataclass(frozen=True)
class Answered:
    """A finding with its sentence and what somebody answered."""

    row: Finding
    text: str
    answer: str


def facts(audit: FairnessAudit) -> list[Fact]:
    """Return the figures at the top."""
    treated = audit.figures["treatment"]
    cells = [c for c in treated["comparisons"] if c["blocks"]]

    def some(verdict: str) -> str:
        return count(sum(c["verdict"] == verdict for c in cells))

    return [
        Fact(_("Customers"), count(treated["customers"]),
             _("%(count)s decisions") % {"count": count(treated["rows"])}),
        Fact(_("Comparisons"), count(len(cells)), _("of a group with others who owe alike")),
        Fact(_("Worse off"), some("uneven"), _("beyond the limit and beyond chance")),
        Fact(_("Cannot tell"), some("unsure"),
             _("and %(count)s with too few people to show") % {"count": some("too few")}),
    ]  # fmt: skip


def treatment(audit: FairnessAudit, *, mixed: bool) -> list[Block]:
    """Return a part a measure of what the decisions do; `mixed` shows where two groups meet."""
    return _blocks("treated", audit.figures["treatment"], _TREATED, mixed)


def past(audit: FairnessAudit, *, mixed: bool) -> list[Block]:
    """Return a part a measure of what was done in the past year."""
    return _blocks("past", audit.figures["history"], _PAST, mixed)


def prevention(audit: FairnessAudit) -> list[Block]:
    """Return what was done to prevent debt, by group."""
    return _blocks("prevented", audit.figures["history"], words.PREVENTION, False)


def telling(audit: FairnessAudit) -> Table:
    """Return what tells each group."""
    rows = []
    for told in audit.figures["told"]:
        who = words.group(told["attribute"], told["group"])
        if told.get("too_few"):
            rows.append([who, _("too few people"), ""])
            continue
        together = told["together"]
        most = ", ".join(
            _("%(what)s (%(auc)s)")
            % {"what": words.feature(f["words"]), "auc": number(f["auc"], 2)}
            + (" " + _("→ look at it") if f["proxy"] else "")
            for f in told["features"][:3]
        )
        rows.append([who, _interval(together, 2), most])
    columns = [Column(_("Group")), Column(_("All together")), Column(_("What tells most"))]
    return Table(columns, rows)


def swaps(audit: FairnessAudit) -> Table:
    """Return what another value alone changes."""
    columns = [
        Column(_("Column")), Column(_("Tried"), "count"), Column(_("Decided otherwise"), "count"),
        Column(_("Share"), "share"), Column(_("Allowed"), "share"),
    ]  # fmt: skip
    return Table(
        columns,
        [
            [words.column(s["column"]), s["pairs"], s["changed"], s["rate"], s["limit"]]
            for s in audit.figures["swaps"]
        ],
    )


def price(audit: FairnessAudit) -> Table | None:
    """Return what judging by behaviour alone costs, where it was worked out."""
    found = audit.figures.get("behaviour_only")
    if not found or "auc" not in found:
        return None
    columns = [
        Column(_("Measured on what came afterwards")), Column(_("With who people are")),
        Column(_("By behaviour alone")), Column(_("What it costs")),
    ]  # fmt: skip
    ways, value = ("with_identity", "behaviour_only", "price"), found["expected_value"]
    own = _("Its own expectation a customer, in %(currency)s") % {"currency": value["currency"]}
    return Table(
        columns,
        [
            [_("Puts who pays before who does not (1: always)")]
            + [_interval(found["auc"][w], 3) for w in ways],
            [_("Error of the chances (0: none)")] + [_interval(found["brier"][w], 4) for w in ways],
            [own, *(_interval(value[w], 2) for w in ways)],
        ],
    )


def answered(rows: Iterable[Finding]) -> list[Answered]:
    """Return findings in words."""
    said = {"accepted": _("Accepted"), "mend": _("To be mended")}
    return [
        Answered(row, words.finding(row.place, row.facts), said.get(row.answer, "")) for row in rows
    ]


def known(audit: FairnessAudit) -> list[tuple[str, str]]:
    """Return by what people were compared, and of how many it is known."""
    told = audit.figures["treatment"]["known"]
    return [(words.column(name), count(many)) for name, many in told.items()]


def _blocks(key: str, found: dict[str, Any], measures: Sequence[str], mixed: bool) -> list[Block]:
    """Return a part a measure, those first in which somebody is treated unlike the others."""
    blocks = list(_measured(key, found, measures, mixed))
    return sorted(blocks, key=lambda block: bool(block.note))


def _measured(
    key: str, found: dict[str, Any], measures: Sequence[str], mixed: bool
) -> Iterable[Block]:
    for measure in measures:
        cells = [
            c for c in found["comparisons"] if c["measure"] == measure and (mixed or not c["mixed"])
        ]
        if not cells or all(c["verdict"] == "too few" for c in cells):
            continue
        title, what = words.MEASURES[measure]
        yield Block(
            f"{key}-{measure}",
            str(title),
            "" if measure == "error" else _("Of each group, how many %(what)s?") % {"what": what},
            table=_table(cells),
            marks=[_mark(c) for c in cells if "contrast" in c and (not c["mixed"] or _apart(c))],
            note=_quiet(cells),
        )


def _apart(cell: Cell) -> bool:
    """Say whether a group was found to be treated unlike the others."""
    return cell["verdict"] not in ("even", "unsure", "too few")


def _quiet(cells: Sequence[Cell]) -> str:
    """Say in a sentence that nobody is treated unlike the others; nothing where somebody is."""
    found = Counter(cell["verdict"] for cell in cells)
    if any(_apart(cell) for cell in cells):
        return ""
    told = {name: count(found[name]) for name in ("even", "unsure", "too few")}
    said = [
        _("%(count)s alike") % {"count": told["even"]} if found["even"] else "",
        _("%(count)s where these data cannot tell") % {"count": told["unsure"]}
        if found["unsure"]
        else "",
        _("%(count)s with too few people to show") % {"count": told["too few"]}
        if found["too few"]
        else "",
    ]
    return _("Nobody is found worse or better off: %(counts)s.") % {
        "counts": ", ".join(filter(None, said))
    }


def _mark(cell: Cell) -> Mark:
    c, verdict = cell["contrast"], words.VERDICTS[cell["verdict"]]
    name = words.group(cell["attribute"], cell["group"])
    if cell["measure"] == "error":
        low, dot, high = (
            50 + 50 * max(-1.0, min(1.0, (c[k] or 0.0) / _POINTS))
            for k in ("difference_lower", "difference", "difference_upper")
        )
        said = points(c["difference"], c["difference_lower"], c["difference_upper"])
    else:
        # Without anybody among the others there is no ratio: it is beyond the edge.
        far = 100.0 if c["rate"] > c["alike"] else 50.0
        low, dot, high = (
            _place(c[k], place) for k, place in (("lower", 0.0), ("ratio", far), ("upper", 100.0))
        )
        said = _("%(rate)s; alike %(alike)s") % {
            "rate": percent(c["rate"], 1), "alike": percent(c["alike"], 1)
        }  # fmt: skip
    return Mark(
        name, said, str(verdict[0]), round(dot, 2), round(low, 2), round(high, 2), verdict[1]
    )


def _place(ratio: float | None, unknown: float) -> float:
    """Return where a ratio stands on the track, in percent; one is in the middle."""
    if ratio is None:
        return unknown
    if ratio <= 0:
        return 0.0
    return 50 + 50 * max(-1.0, min(1.0, log(ratio) / _EDGE))


def _table(cells: Sequence[Cell]) -> Table:
    columns = [
        Column(_("Group")), Column(_("Customers"), "count"), Column(_("Of the group")),
        Column(_("Of others who owe alike")), Column(_("Ratio")), Column(_("Found")),
    ]  # fmt: skip
    rows = []
    for cell in cells:
        who, said = (
            words.group(cell["attribute"], cell["group"]),
            words.VERDICTS[cell["verdict"]][0],
        )
        if "contrast" not in cell:
            rows.append([who, None, None, None, None, said])
            continue
        c, r = cell["contrast"], cell["rate"]
        if cell["measure"] == "error":
            between = points(c["difference"], c["difference_lower"], c["difference_upper"])
            rows.append([who, cell["customers"], between, None, None, said])
            continue
        rate = _("%(value)s (%(low)s to %(high)s)") % {
            "value": percent(r["value"], 1), "low": percent(r["lower"], 1),
            "high": percent(r["upper"], 1),
        }  # fmt: skip
        ratio = _("%(value)s (%(low)s to %(high)s)") % {
            "value": number(c["ratio"], 2), "low": number(c["lower"], 2),
            "high": number(c["upper"], 2),
        }  # fmt: skip
        rows.append([who, cell["customers"], rate, percent(c["alike"], 1), ratio, said])
    return Table(columns, rows)


def _interval(figure: dict[str, Any], places: int) -> str:
    middle = figure.get("auc", figure.get("value"))
    return _("%(value)s (%(low)s to %(high)s)") % {
        "value": number(middle, places), "low": number(figure["lower"], places),
        "high": number(figure["upper"], places),
    }  # fmt: skip
