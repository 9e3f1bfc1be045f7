"""What an experiment is judged by: money and satisfaction, a figure a customer each."""

from dataclasses import dataclass
from enum import StrEnum

from tenor.engine.errors import InputError


class Kind(StrEnum):
    """What a customer's figure is."""

    SHARE = "share"  # from 0 to 1: whether something happened, or to what part of their invoices
    MEAN = "mean"  # any number, such as days; several rows of a customer count as their mean
    SUM = "sum"  # an amount; several rows of a customer are added


class Better(StrEnum):
    """Which way one wants it."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True)
class Outcome:
    """A figure that the arms are compared by.

    `name` is its column; `kind` what it is; `better` which way one wants it; `smallest` the
    smallest difference that matters, in its own units and above 0, to be fixed before the start:
    smaller ones count as none, and the intervals are narrowest for it. None: a tenth of the
    standard deviation among customers. `satisfaction` says that it is about how people feel
    treated, and not about money.
    """

    name: str
    kind: Kind = Kind.SHARE
    better: Better = Better.HIGHER
    smallest: float | None = None
    satisfaction: bool = False

    def __post_init__(self) -> None:
        """Refuse a smallest difference that is none."""
        if self.smallest is not None and not self.smallest > 0.0:
            raise InputError(
                f"{self.name}: the smallest difference that matters is above 0, not {self.smallest}"
            )


# Ratings are of 1 to 5; collected_net is what came in less what contacts cost, in the policy's
# currency. A customer who was never asked for a rating has none: leave the cell empty.
OUTCOMES = (
    Outcome("paid_30d", Kind.SHARE, Better.HIGHER, 0.03),
    Outcome("days_to_pay", Kind.MEAN, Better.LOWER, 2.0),
    Outcome("collected_net", Kind.SUM, Better.HIGHER),
    Outcome("escalated", Kind.SHARE, Better.LOWER, 0.02),
    Outcome("complained", Kind.SHARE, Better.LOWER, 0.01, satisfaction=True),
    Outcome("opted_out", Kind.SHARE, Better.LOWER, 0.01, satisfaction=True),
    Outcome("rated", Kind.MEAN, Better.HIGHER, 0.2, satisfaction=True),
)
KNOWN = {outcome.name: outcome for outcome in OUTCOMES}
