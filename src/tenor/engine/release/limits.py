"""The limits of the gate, each with where it comes from: one table, so that it can be argued with.

A limit has two ends: `good` is where a check passes, `bad` beyond which it blocks; in between a
person decides. A figure that is known between two ends blocks only where it surely lies beyond, so
that chance in a small portfolio blocks nothing. An organisation may tighten the limits; the table
is what holds where it does not.
"""

from dataclasses import dataclass
from datetime import date

# When this table was last gone through.
REVIEWED = date(2026, 11, 22)


@dataclass(frozen=True)
class Limit:
    """What a figure is held against: it passes up to `good` and blocks beyond `bad`.

    Where `good` > `bad` more is better. `unit` says what the figure counts; `source` where the
    limit comes from (a house rule says so).
    """

    good: float
    bad: float
    unit: str
    source: str

    def passes(self, figure: float) -> bool | None:
        """Say whether a figure passes, blocks (False) or lies in between (None)."""
        if self.good > self.bad:
            return True if figure >= self.good else False if figure < self.bad else None
        return True if figure <= self.good else False if figure > self.bad else None

    def judges(self, figure: float, lower: float, upper: float) -> bool | None:
        """Say whether a figure that lies between `lower` and `upper` passes.

        It passes where it is estimated within the good end, and blocks only where all that it may
        be lies beyond the bad one: what few cases leave open is for a person to see.
        """
        more = self.good > self.bad
        if upper < self.bad if more else lower > self.bad:
            return False
        return True if (figure >= self.good if more else figure <= self.good) else None


_HOUSE = "house rule"
LIMITS: dict[str, Limit] = {
    "odd rows": Limit(
        0.02, 0.10, "share of a table's rows", f"{_HOUSE}: `tenor fit` refuses above 20% unreadable"
    ),
    "gaps": Limit(0, 0, "feeds that stop or have holes", f"{_HOUSE}: a silent feed teaches unpaid"),
    "paid invoices": Limit(
        1000, 200, "paid invoices", "what the payment predictor needs (engine/quality/sufficiency)"
    ),
    "without an end": Limit(
        0.15,
        0.40,
        "share of invoices due over 90 days ago",
        f"{_HOUSE}: far above write-off rates, payments are missing",
    ),
    "taken back": Limit(
        0.05, 0.20, "share of payments", f"{_HOUSE}: returns of debits run at a few in a hundred"
    ),
    "entered twice": Limit(0.01, 0.05, "share of invoices and payments", _HOUSE),
    "lead": Limit(
        0.0,
        -0.01,
        "AUC beyond the best naive answer",
        "naive answers often compete with models "
        "(Kureljusic & Metz 2023); one that loses to them adds nothing",
    ),
    "bias": Limit(0.02, 0.05, "mean chance less share paid, 30 days", _HOUSE),
    "bias of a group": Limit(0.05, 0.10, "mean chance less share paid, 30 days", _HOUSE),
    "shift of scores": Limit(
        0.10, 0.25, "population stability index", "Siddiqi 2006: above 0.25 a population has moved"
    ),
    "agreement in rank": Limit(0.80, 0.50, "Spearman's rank correlation", _HOUSE),
    "another seed": Limit(
        0.98, 0.90, "Spearman's rank correlation", f"{_HOUSE}: chance of fitting decides nothing"
    ),
    "margin": Limit(
        0.02, 0.02, "share of the amount asked", f"{_HOUSE}: as `tenor offpolicy --margin`"
    ),
    "slope": Limit(
        0.5, 0.0, "realised gain for each unit foretold", f"{_HOUSE}: 1 is right, below 0 misleads"
    ),
}
