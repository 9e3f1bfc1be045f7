"""Are groups treated alike? Rates, gaps, swaps, calibration and drift, with the pack's limits.

Base rates differ between groups, so not every measure can be even at once: a result is a screen
that asks a person to look, never a verdict. Counts are whole, results are exact fractions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tenor.engine.errors import LawError
from tenor.engine.law.pack import Pack
from tenor.engine.law.values import Values

# A share of nothing would make the index infinite; both sides are lifted to this one.
_LEAST_SHARE = Decimal("0.0001")


@dataclass(frozen=True)
class Limits:
    """The limits of one provision of section `fairness`; a check reads those of its own name.

    `least` and `most` bound the measure; between `watch` and `most` it is watched. `small` is the
    size of a group below which nothing is concluded. `unit` is what the limits are in.
    """

    least: Decimal | None
    most: Decimal | None
    watch: Decimal | None
    small: int


def read_fairness(values: Values) -> Limits:
    """Read the values of a provision of section `fairness`."""
    return Limits(
        least=values.number("least", None),
        most=values.number("most", None),
        watch=values.number("watch", None),
        small=values.whole("small", 0),
    )


def limits(pack: Pack, day: date, check: str) -> Limits:
    """Return the limits of a check (`four_fifths`, `counterfactual`, `drift`, `calibration`)."""
    found: Limits | None = pack.says("fairness", check, day)
    if found is None:
        raise LawError(f"{pack.jurisdiction}: no limits for {check!r} on {day}")
    return found


@dataclass(frozen=True)
class Selection:
    """How often the favourable outcome fell to each group, and how far the lowest is behind.

    `min_ratio` and `passes` are None where no group had any: nothing can be said then.
    """

    rates: Mapping[str, Fraction]
    min_ratio: Fraction | None
    passes: bool | None
    small_sample: bool


def four_fifths(groups: Mapping[str, tuple[int, int]], within: Limits) -> Selection:
    """Compare the rate of the favourable outcome: group to (favourable, all), all above zero.

    The lowest rate must be at least `within.least` of the highest (29 CFR 1607.4(D)); equal passes.
    """
    _check_counts(groups)
    rates = {name: Fraction(good, total) for name, (good, total) in groups.items()}
    small = any(total < within.small for _good, total in groups.values())
    highest = max(rates.values(), default=Fraction(0))
    if not highest:
        return Selection(rates, None, None, small)
    ratio = min(rates.values()) / highest
    passes = within.least is None or ratio >= Fraction(within.least)
    return Selection(rates, ratio, passes, small)


@dataclass(frozen=True)
class Confusion:
    """What a yes-no prediction got right and wrong in a group; positive is favourable."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def true_positive_rate(self) -> Fraction | None:
        """Return the share of those it should favour that it did; None without any."""
        return _share(self.tp, self.tp + self.fn)

    @property
    def false_positive_rate(self) -> Fraction | None:
        """Return the share of those it should not favour that it did; None without any."""
        return _share(self.fp, self.fp + self.tn)

    @property
    def selection_rate(self) -> Fraction | None:
        """Return the share of all that it favours; None without any."""
        return _share(self.tp + self.fp, self.tp + self.fp + self.fn + self.tn)

    @property
    def precision(self) -> Fraction | None:
        """Return the share of the favoured that it was right about; None without any."""
        return _share(self.tp, self.tp + self.fp)


@dataclass(frozen=True)
class Gaps:
    """The widest gaps between groups; None where too few groups have the rate.

    Parity compares selection rates, opportunity true positive rates, odds the wider of the gaps
    in true and in false positive rates; the ratio is lowest to highest selection rate.
    Definitions: Hardt, Price, Srebro, "Equality of Opportunity in Supervised Learning" (2016).
    """

    demographic_parity: Fraction | None
    equal_opportunity: Fraction | None
    equalised_odds: Fraction | None
    disparate_impact: Fraction | None


def gaps(groups: Mapping[str, Confusion]) -> Gaps:
    """Compare the predictions about two or more groups."""
    selected = [c.selection_rate for c in groups.values()]
    opportunity = _spread([c.true_positive_rate for c in groups.values()])
    wrongly = _spread([c.false_positive_rate for c in groups.values()])
    both = opportunity is not None and wrongly is not None
    known = [rate for rate in selected if rate is not None]
    highest = max(known, default=Fraction(0))
    return Gaps(
        demographic_parity=_spread(selected),
        equal_opportunity=opportunity,
        equalised_odds=max(opportunity, wrongly) if both else None,  # type: ignore[type-var]
        disparate_impact=min(known) / highest if len(known) > 1 and highest else None,
    )


@dataclass(frozen=True)
class Flips:
    """How many decisions changed when one attribute alone was swapped."""

    rate_percent: Fraction
    limit_percent: Decimal
    passes: bool


def flips(pairs: int, changed: int, within: Limits) -> Flips:
    """Judge a counterfactual test: of so many pairs, so many were decided otherwise."""
    _check_counts({"pairs": (changed, pairs)})
    rate = Fraction(100 * changed, pairs)
    limit = within.most if within.most is not None else Decimal(0)
    return Flips(rate, limit, rate <= Fraction(limit))


@dataclass(frozen=True)
class Calibrated:
    """Per group what was foretold less what came (positive: foretold too high), and the widest gap.

    `small_sample` says that a group is too small to conclude from.
    """

    errors: Mapping[str, Fraction]
    gap: Fraction | None
    passes: bool | None
    small_sample: bool


def calibration(groups: Mapping[str, tuple[Decimal, int, int]], within: Limits) -> Calibrated:
    """Compare calibration: group to (sum of foretold chances, how many came true, all)."""
    _check_counts({name: (came, total) for name, (_sum, came, total) in groups.items()})
    errors = {n: (Fraction(s) - came) / total for n, (s, came, total) in groups.items()}
    small = any(total < within.small for _sum, _came, total in groups.values())
    gap = _spread(list(errors.values()))
    passes = None if gap is None or within.most is None else gap <= Fraction(within.most)
    return Calibrated(errors, gap, passes, small)


@dataclass(frozen=True)
class Drift:
    """The population stability index, and whether it is `stable`, to be `watched`, or `shifted`."""

    index: Decimal
    band: str


def drift(baseline: Sequence[int], current: Sequence[int], within: Limits) -> Drift:
    """Compare how many fell in each bin then and now: sum of (q - p) ln(q / p) over shares.

    An empty bin counts as one in ten thousand, so that a new or a vanished one weighs heavily and
    the index stays finite.
    """
    if len(baseline) != len(current) or not sum(baseline) or not sum(current):
        raise LawError("drift compares two lists of counts of the same length, neither empty")
    before, now = _shares(baseline), _shares(current)
    index = sum(((q - p) * (q / p).ln() for p, q in zip(before, now, strict=True)), Decimal(0))
    if within.most is not None and index > within.most:
        return Drift(index, "shifted")
    if within.watch is not None and index >= within.watch:
        return Drift(index, "watch")
    return Drift(index, "stable")


def _shares(counts: Sequence[int]) -> list[Decimal]:
    total = Decimal(sum(counts))
    return [max(Decimal(count) / total, _LEAST_SHARE) for count in counts]


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _spread(rates: Sequence[Fraction | None]) -> Fraction | None:
    known = [rate for rate in rates if rate is not None]
    return max(known) - min(known) if len(known) > 1 else None


def _check_counts(groups: Mapping[str, tuple[int, int]]) -> None:
    for name, (part, total) in groups.items():
        if total <= 0 or not 0 <= part <= total:
            raise LawError(f"{name}: {part} of {total} is no share; count at least one")
