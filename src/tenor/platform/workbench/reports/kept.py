"""The figures that the last run of the day kept, read for the screens, a currency at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Why a figure has no value, in words; the codes are those of `engine.kpis.ratios.Reason`.
REASONS: dict[str, str | Promise] = {
    "NO_SALES": _("nothing was billed in the period"),
    "HISTORY_TOO_SHORT": _("more is owed than the history shows billed"),
    "NOTHING_TO_COLLECT": _("nothing was due to be collected"),
    "NOTHING_COLLECTED": _("nothing was collected"),
    "NO_COSTS": _("no contact names its cost"),
    "NO_PROMISES_DUE": _("no promise has fallen due"),
    "NOTHING_THERE": _("nothing stood there"),
    "NOTHING_ENDED": _("no invoice was paid, handed over or written off"),
    "NOT_REACHED": _("so many have not been paid yet"),
    "NO_DSO": _("there is no DSO to divide by"),
}
# Fewer customers an arm, and a difference says little: chance alone moves a share of 100 by 10%.
ENOUGH_CUSTOMERS = 100

_MORE_IS_BETTER = frozenset({"paid_by_due", "reacted", "paid_30d", "rated"})


@dataclass(frozen=True)
class Known:
    """A figure: its value, or in words why it has none."""

    value: Decimal | None
    why: str | Promise = ""


@dataclass(frozen=True)
class Compared:
    """A mean of both arms and their difference with its 95% interval; better where it is `good`."""

    treated: float
    control: float
    difference: float
    low: float
    high: float
    less_is_better: bool

    @property
    def is_sure(self) -> bool:
        """Say whether chance alone hardly explains the difference."""
        return self.low > 0 or self.high < 0

    @property
    def is_better(self) -> bool:
        """Say whether Tenor's side does better, whatever chance says."""
        return (self.difference < 0) == self.less_is_better and self.difference != 0


def known(given: Any) -> Known:
    """Read a figure of the engine (`{"value": "1.00"}` or `{"value": null, "reason": …}`)."""
    if not isinstance(given, dict):
        return Known(None, "")
    value = given.get("value")
    return Known(
        Decimal(value) if value is not None else None, REASONS.get(given.get("reason") or "", "")
    )


class Kept:
    """The figures of a run; each part is empty where the run has none."""

    def __init__(self, run: Any, currency: str) -> None:
        """Take the figures of `run` (or of nothing), looked at in one currency."""
        self.run = run
        self.figures: dict[str, Any] = run.figures if run else {}
        self.currency = currency

    @property
    def currencies(self) -> list[str]:
        """Return the currencies that there are, the one with most invoices first."""
        return [s["currency"] for s in (self.figures.get("audit") or {}).get("sections", [])]

    @property
    def section(self) -> dict[str, Any] | None:
        """Return the audit of the currency."""
        return self._one((self.figures.get("audit") or {}).get("sections", []))

    @property
    def drivers(self) -> dict[str, Any] | None:
        """Return why the DSO changed in thirty days."""
        return self._one(self.figures.get("drivers") or [])

    @property
    def indicators(self) -> list[dict[str, Any]]:
        """Return the leading and lagging indicators, a row a month, oldest first."""
        return self._all(self.figures.get("indicators") or [])

    @property
    def weeks(self) -> list[dict[str, Any]]:
        """Return the cash that is expected, a row a week."""
        return self._all((self.figures.get("forecast") or {}).get("weeks", []))

    @property
    def arms(self) -> dict[str, Any] | None:
        """Return both arms of the comparison; nothing where nobody is left to the ladder."""
        return self.figures.get("arms") or None

    @property
    def funnel(self) -> list[dict[str, Any]]:
        """Return what became of the contacts of the last thirty days, a row a channel."""
        return self.figures.get("funnel") or []

    @property
    def is_thin(self) -> bool:
        """Say whether an arm of the comparison is too small to tell much."""
        arms = self.arms
        if arms is None:
            return True
        smallest: int = min(arms[side]["customers"] for side in ("treated", "control"))
        return smallest < ENOUGH_CUSTOMERS

    def compared(self, name: str) -> Compared | None:
        """Return a mean of both arms, such as `paid_30d`; see `decisions.runs.comparison`."""
        if self.arms is None:
            return None
        found = {d["name"]: d for d in self.arms["differences"]}.get(name)
        if found is None or self.arms["treated"].get(name) is None:
            return None
        return Compared(
            float(self.arms["treated"][name]),
            float(self.arms["control"][name]),
            float(found["difference"]),
            float(found["low"]),
            float(found["high"]),
            less_is_better=name not in _MORE_IS_BETTER,
        )

    @property
    def other(self) -> str:
        """Return what those get whom Tenor is compared with: "ladder" or "nothing"."""
        return str((self.arms or {}).get("kind", "ladder"))

    def cost_per_collected(self, side: str) -> Decimal | None:
        """Return what an arm's contacts cost for each unit of the currency it brought in."""
        if self.arms is None:
            return None
        came = Decimal(self.arms[side]["collected"].get(self.currency, "0"))
        return Decimal(str(self.arms[side]["cost"])) / came if came > 0 else None

    def _one(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
        return next((row for row in rows if row["currency"] == self.currency), None)

    def _all(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row for row in rows if row["currency"] == self.currency]


def kept_of(run: Any, asked: str, usual: str) -> Kept:
    """Return the figures of a run in the currency asked for, else the usual one or the largest."""
    there = Kept(run, usual).currencies
    chosen = next((c for c in (asked, usual) if c in there), there[0] if there else usual)
    return Kept(run, chosen)
