"""What an audit of fairness compares, by which limits, and what it says of each comparison."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tenor.engine.fairness.contrast import Contrast, Rate
from tenor.engine.fairness.groups import AND
from tenor.engine.law.library import NONE, pack_of
from tenor.engine.law.rights import fairness as law

# From this day on all limits are in force; older facts are judged by the first of them.
_FIRST_LIMITS = date(2018, 5, 25)
_CHECKS = ("four_fifths", "calibration", "counterfactual", "proxy")


class Sense(StrEnum):
    """What it means for a person."""

    BURDEN = "burden"
    HELP = "help"
    NEITHER = "neither"


class Verdict(StrEnum):
    """What a comparison found of a group."""

    UNEVEN = "uneven"  # worse off, beyond the limit and beyond chance
    BETTER = "better"  # better off, beyond the limit and beyond chance
    DIFFERENT = "different"  # more or less often, where neither is better or worse
    EVEN = "even"  # the whole interval lies within the limits
    UNSURE = "unsure"  # these data cannot tell
    TOO_FEW = "too few"  # nothing is said, and no figure shown


@dataclass(frozen=True)
class Measure:
    """Something that is done to people, or follows: `column` of the rows, and its words.

    `blocks` says whether an uneven finding keeps a release back. An `error` is compared by its
    difference, everything else by its ratio.
    """

    column: str
    words: str
    sense: Sense
    blocks: bool
    error: bool = False


MEASURES = (
    Measure("contacted", "contacted", Sense.BURDEN, blocks=True),
    Measure("pressed", "pressed (firm or urgent, a letter, a call)", Sense.BURDEN, blocks=True),
    Measure("escalated", "handed over to collection", Sense.BURDEN, blocks=True),
    Measure("charged", "charged costs", Sense.BURDEN, blocks=True),
    Measure("proposed", "offered a payment plan", Sense.HELP, blocks=True),
    Measure("offered", "given a payment plan", Sense.HELP, blocks=True),
    Measure("reminded_early", "reminded before the due date", Sense.HELP, blocks=True),
    Measure("helped", "offered help in the message", Sense.HELP, blocks=True),
    Measure("pressed_though_paying", "pressed, of those who then paid", Sense.BURDEN, blocks=True),
    Measure("error", "chance of payment, foretold too high", Sense.BURDEN, True, error=True),
    Measure("left_alone", "left alone", Sense.NEITHER, blocks=False),
    Measure("reviewed", "looked at by a person first", Sense.NEITHER, blocks=False),
    Measure("paid", "paid in time, of those contacted", Sense.NEITHER, blocks=False),
    Measure("complained", "complained, of those contacted", Sense.NEITHER, blocks=False),
)


@dataclass(frozen=True)
class Limits:
    """From the pack of what holds everywhere: see section `fairness`, with day and source.

    A burden may be at most 1 / `least` times as frequent as for others alike, help at least
    `least` times; foretold may be off by `most_error` more; below `small` customers nothing is
    concluded; a changed attribute alone may change `most_flips` percent of decisions; features
    together may tell a group with an AUC of at most `most_telling`.
    """

    least: float
    small: int
    most_error: float
    most_flips: float
    most_telling: float
    four_fifths: law.Limits
    counterfactual: law.Limits


@dataclass(frozen=True)
class Comparison:
    """One group, one measure. Without `rate` and `contrast` where there are too few people.

    `p_held` is the p-value that holds over all comparisons of the audit that may block.
    `seen_from` is from which ratio on (a burden's above 1, a help's below) an audit like this finds
    the group worse off four times in five; None where that is not so of any ratio, and of errors.
    `mixed` says that the group is an intersection of two.
    """

    attribute: str
    group: str
    measure: Measure
    customers: int
    rate: Rate | None
    contrast: Contrast | None
    p_held: float | None
    verdict: Verdict
    seen_from: float | None = None

    @property
    def mixed(self) -> bool:
        """Say whether the group is where two others meet."""
        return AND in self.attribute


@dataclass(frozen=True)
class Screen:
    """The plain four-fifths ratio of an attribute: lowest over highest favourable rate.

    Nothing is adjusted here: a person looks where it fails. Groups that are too small are left out.
    """

    attribute: str
    measure: Measure
    ratio: float | None
    passes: bool | None


def limits_on(day: date) -> Limits:
    """Return the limits of a day (older days: the first there were)."""
    day, pack = max(day, _FIRST_LIMITS), pack_of(NONE)
    found = {n: law.limits(pack, day, n) for n in _CHECKS}
    fifths = found["four_fifths"]
    return Limits(
        least=float(fifths.least or 0),
        small=max(fifths.small, found["calibration"].small),
        most_error=float(found["calibration"].most or 0),
        most_flips=float(found["counterfactual"].most or 0),
        most_telling=float(found["proxy"].most or 0),
        four_fifths=fifths,
        counterfactual=found["counterfactual"],
    )
