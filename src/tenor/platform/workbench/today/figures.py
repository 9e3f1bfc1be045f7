"""Four figures of the day, each beside the fixed ladder's where somebody is left to it."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from tenor.platform.workbench.reports.kept import Compared, Kept, known
from tenor.platform.workbench.reports.words import days, points
from tenor.platform.workbench.templatetags.tenor import money, percent, round_money

# The forecast's weeks that are summed up in one figure.
_WEEKS = 4


@dataclass(frozen=True)
class Shown:
    """A figure: its words, what it is beside, whether that is better, the report behind it."""

    label: str
    value: str
    hint: str
    compared: str = ""
    meaning: str = ""
    report: str = ""


def figures(kept: Kept) -> list[Shown]:
    """Return the four figures; nothing where no run has kept any."""
    section = kept.section
    if section is None:
        return []
    return [_open(kept), _paying(kept), _expected(kept), _collecting(kept)]


def _open(kept: Kept) -> Shown:
    section = kept.section or {}
    share = known(section["overdue_pct"]).value
    hint = _("%(overdue)s of it overdue (%(share)s)") % {
        "overdue": round_money(section["overdue"]["amount"], kept.currency),
        "share": percent(share / 100 if share is not None else None),
    }
    value = round_money(section["open"]["amount"], kept.currency)
    return Shown(_("Open"), value, hint, *_month_before(section), "money")


def _month_before(section: dict[str, object]) -> tuple[str, str]:
    """Compare the overdue share with that of a month ago: a stock has no control group."""
    months = [m for m in section.get("trend", []) if m["is_complete"]]  # type: ignore[attr-defined]
    now = known(section["overdue_pct"]).value
    before = known(months[-1]["overdue_pct"]).value if months else None
    if now is None or before is None:
        return "", ""
    moved = now - before
    text = _("overdue share at the last month's end: %(share)s") % {"share": percent(before / 100)}
    return text, "good" if moved < 0 else "careful" if moved > 1 else ""


def _paying(kept: Kept) -> Shown:
    label = _("Days late")
    compared = kept.compared("days_late")
    if compared is not None:
        hint = _("from the due day, customers whom Tenor plans for")
        text, meaning = _beside(compared, days(compared.control), _days_apart(compared), kept)
        return Shown(label, days(compared.treated), hint, text, meaning, "effect")
    last = next(
        (m for m in reversed(kept.indicators) if known(m["days_late_each"]).value is not None), None
    )
    value = days(known(last["days_late_each"]).value) if last else "–"
    hint = _("from the due day, invoices paid this month")
    return Shown(label, value, hint, _no_control(), "", "effect")


def _expected(kept: Kept) -> Shown:
    label = _("Expected in four weeks")
    weeks = kept.weeks
    if len(weeks) < _WEEKS:
        return Shown(label, "–", _("There is no predictor in force yet."), "", "", "money")
    last = weeks[_WEEKS - 1]
    hint = _("between %(low)s and %(high)s, four times out of five") % {
        "low": round_money(round(last["cumulative_low"]), kept.currency),
        "high": round_money(round(last["cumulative_high"]), kept.currency),
    }
    alone = [
        week["without_contact"] for week in weeks[:_WEEKS] if week["without_contact"] is not None
    ]
    text = ""
    if alone:
        text = _("without any contact about %(sum)s%(partly)s") % {
            "sum": round_money(round(sum(alone)), kept.currency),
            "partly": "" if len(alone) == _WEEKS else " " + _("(as far as is known)"),
        }
    value = round_money(round(last["cumulative"]), kept.currency)
    return Shown(label, value, hint, text, "", "money")


def _collecting(kept: Kept) -> Shown:
    section = kept.section or {}
    label = _("Cost to collect %(hundred)s") % {"hundred": round_money(100, kept.currency)}
    cost = known(section["cost_per_collected"])
    value = money(cost.value * 100, kept.currency) if cost.value is not None else "–"
    hint = str(cost.why) if cost.value is None else _("contacts of the last year")
    sides = [kept.cost_per_collected(side) for side in ("treated", "control")]
    if None in sides:
        return Shown(label, value, hint, _no_control(), "", "costs")
    mine, ladder = (Decimal(side or 0) * 100 for side in sides)
    handed = kept.compared("escalated")
    text = _("Tenor %(mine)s, ladder %(ladder)s") % {
        "mine": money(mine, kept.currency), "ladder": money(ladder, kept.currency),
    }  # fmt: skip
    if handed is not None:
        text += "; " + _("handed over: %(mine)s against %(ladder)s") % {
            "mine": percent(handed.treated, 1), "ladder": percent(handed.control, 1),
        }  # fmt: skip
    return Shown(label, value, hint, text, "good" if mine < ladder else "", "costs")


def _beside(compared: Compared, control: str, apart: str, kept: Kept) -> tuple[str, str]:
    """Say what the control group came to, how sure that is, and whether it is better."""
    text = _("ladder group: %(control)s; difference %(apart)s") % {
        "control": control,
        "apart": apart,
    }
    if kept.is_thin:
        return text + " " + _("(too few customers to be sure)"), ""
    if not compared.is_sure:
        return text + " " + _("(may be chance)"), ""
    return text, "good" if compared.is_better else "careful"


def _days_apart(compared: Compared) -> str:
    return points(compared.difference, compared.low, compared.high, 1, 1)


def _no_control() -> str:
    return _("No comparison: nobody is left to the fixed ladder.")
