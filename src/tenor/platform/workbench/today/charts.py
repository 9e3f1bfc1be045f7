"""What happens next, drawn: the cash that is expected, how late money is, what moved the DSO."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenor.platform.core.models import Organisation
from tenor.platform.ledger.queries import ageing as ageing_of
from tenor.platform.workbench.reports.kept import Kept, known
from tenor.platform.workbench.reports.words import AGES, days, signed
from tenor.platform.workbench.templatetags.tenor import count, round_money
from tenor.platform.workbench.words import short_date

DRIVERS: dict[str, str | Promise] = {
    "sales": gettext_lazy("billing is spread otherwise over the months"),
    "terms": gettext_lazy("other terms of payment"),
    "before_due": gettext_lazy("more or less unpaid before the due day"),
    "lateness": gettext_lazy("customers pay later or earlier after the due day"),
    "mix": gettext_lazy("more or less billed to those who pay late"),
    "blocked": gettext_lazy("disputed or on hold"),
    "handed_over": gettext_lazy("handed over or written off"),
    "old_debt": gettext_lazy("open for more than a year"),
}


@dataclass(frozen=True)
class Chart:
    """What a chart draws, and the table behind it."""

    data: dict[str, Any]
    columns: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Driver:
    """What moved the DSO, by how many days; `left` and `width` place its bar in percent."""

    words: str
    days: str
    left: float
    width: float
    adds: bool


@dataclass(frozen=True)
class Dso:
    """The DSO now and thirty days ago, and what lies between."""

    now: str
    before: str
    change: str
    drivers: list[Driver]


def cash(kept: Kept) -> Chart | None:
    """Return the cash expected in each week with its band, and without any contact."""
    weeks = kept.weeks
    if not weeks:
        return None
    names = [short_date(date.fromisoformat(week["week"]), "j M") for week in weeks]
    alone = [week["without_contact"] for week in weeks]
    series: list[dict[str, Any]] = [
        {
            "name": _("expected"),
            "values": [week["expected"] for week in weeks],
            "low": [week["low"] for week in weeks],
            "high": [week["high"] for week in weeks],
            "colour": "chart-1",
        }
    ]
    if any(value is not None for value in alone):
        series.append(
            {"name": _("no contact"), "values": alone, "dashed": True, "colour": "chart-2"}
        )

    def written(value: float | None) -> str:
        return round_money(None if value is None else round(value), kept.currency)

    return Chart(
        {"names": names, "series": series, "write": {"money": kept.currency}},
        [_("Week of"), _("Expected"), _("At least"), _("At most"), _("Without contact")],
        [
            [
                name,
                *(written(week[part]) for part in ("expected", "low", "high", "without_contact")),
            ]
            for name, week in zip(names, weeks, strict=True)
        ],
    )


def ageing(organisation: Organisation, currency: str) -> Chart | None:
    """Return how late the open money is, now; each bar leads to its invoices."""
    found = next((a for a in ageing_of(organisation) if a.currency == currency), None)
    if found is None:
        return None
    where = reverse("workbench:invoices", args=[organisation.slug])
    parts = [
        {
            "name": str(AGES[bucket.name]),
            "value": float(bucket.amount),
            "note": _("%(count)s invoices") % {"count": count(bucket.invoices)},
            "url": f"{where}?{urlencode({'age': bucket.name, 'currency': currency})}",
        }
        for bucket in found.buckets
    ]
    rows = [
        [str(AGES[b.name]), count(b.invoices), round_money(b.amount, currency)]
        for b in found.buckets
    ]
    data = {"parts": parts, "write": {"money": currency}}
    return Chart(data, [_("Age"), _("Invoices"), _("Open")], rows)


def drivers(kept: Kept) -> Dso | None:
    """Return the DSO and what moved it in thirty days, largest first; nothing where it has none."""
    found = kept.drivers
    if found is None or known(found["dso_end"]).value is None:
        return None
    parts = [(name, Decimal(moved)) for name, moved in found["drivers"] if Decimal(moved)]
    parts.sort(key=lambda part: -abs(part[1]))
    widest = max((abs(moved) for _name, moved in parts), default=Decimal(1))
    change = known(found["change"]).value
    return Dso(
        days(known(found["dso_end"]).value),
        days(known(found["dso_start"]).value),
        signed(float(change)) if change is not None else "",
        [_driver(name, moved, widest) for name, moved in parts[:5]],
    )


def _driver(name: str, moved: Decimal, widest: Decimal) -> Driver:
    width = round(50 * float(abs(moved) / widest), 1)
    adds = moved > 0
    return Driver(
        str(DRIVERS.get(name, name)), signed(float(moved)), 50 if adds else 50 - width, width, adds
    )
