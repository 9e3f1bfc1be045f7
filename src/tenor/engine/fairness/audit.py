"""Are groups treated alike by these decisions? Who is contacted, pressed, helped, handed over.

A group is compared with everybody else who owes alike (kind of customer, amount, days overdue) and
is as likely to pay by itself. So that a predictor that errs against a group does not excuse itself,
what it foretold is held against what came, by group. What is uneven needs to be both larger than
the law's screen of four fifths and beyond chance, over all comparisons together (Holm).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from math import isfinite

import numpy as np
import polars as pl

from tenor.engine.fairness.contrast import Codes, Contrast, Rate, contrast, holm, rate
from tenor.engine.fairness.groups import AND, attributes, groups_of, with_intersections, words_of
from tenor.engine.fairness.rows import Pressing, decision_rows
from tenor.engine.frames import Tables
from tenor.engine.law.library import NONE, pack_of
from tenor.engine.law.rights import fairness as law

# From this day on all limits are in force; older facts are judged by the first of them.
_FIRST_LIMITS = date(2018, 5, 25)
# All comparisons of an audit together raise a false alarm in at most so many audits.
FALSE_ALARMS = 0.05
# Cochran's rule: with fewer expected cases than this, nothing is concluded from counts.
_FEWEST_CASES = 5.0


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


@dataclass(frozen=True)
class Audit:
    """The whole audit. `known` says of how many customers each attribute is known."""

    as_of: datetime
    rows: int
    customers: int
    known: Mapping[str, int]
    limits: Limits
    comparisons: tuple[Comparison, ...]
    screens: tuple[Screen, ...]

    @property
    def uneven(self) -> tuple[Comparison, ...]:
        """Return what keeps a release back."""
        return tuple(
            c for c in self.comparisons if c.verdict is Verdict.UNEVEN and c.measure.blocks
        )

    @property
    def named(self) -> tuple[Comparison, ...]:
        """Return what is uneven, without what follows from it where two groups meet."""
        whole = {(c.attribute, c.group, c.measure.column) for c in self.uneven if not c.mixed}

        def follows(c: Comparison) -> bool:
            parts = zip(c.attribute.split(AND), c.group.split(AND), strict=True)
            return c.mixed and any((a, g, c.measure.column) in whole for a, g in parts)

        return tuple(c for c in self.uneven if not follows(c))

    @property
    def passes(self) -> bool | None:
        """Say whether groups are treated alike; None where these data cannot tell at all."""
        if self.uneven:
            return False
        told = (c.verdict is Verdict.EVEN for c in self.comparisons if c.measure.blocks)
        return True if any(told) else None

    @property
    def text(self) -> str:
        """Return the outcome in a sentence or two."""
        judged = [c for c in self.comparisons if c.measure.blocks]
        if not judged:
            return "No groups are known, so nothing can be said about how they are treated."
        few = sum(c.verdict is Verdict.TOO_FEW for c in judged)
        unsure = sum(c.verdict is Verdict.UNSURE for c in judged)
        rest = (
            f" Of {len(judged)} comparisons, {few} have too few people and in {unsure} "
            "these data cannot tell."
        )
        if self.uneven:
            return " ".join(sentence(c) for c in self.named[:3]) + rest
        if self.passes is None:
            return "These data cannot tell whether groups are treated alike." + rest
        return "No group was found to be treated worse than others who owe alike." + rest


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


_CHECKS = ("four_fifths", "calibration", "counterfactual", "proxy")


def audit(
    decisions: pl.DataFrame,
    tables: Tables,
    *,
    as_of: datetime,
    groups: pl.DataFrame | None = None,
    outcomes: pl.DataFrame | None = None,
    limits: Limits | None = None,
    pressing: Pressing | None = None,
    looks: int = 1,
) -> Audit:
    """Compare how decisions treat groups.

    Parameters
    ----------
    decisions : the contract's "Decisions out", of one day or of several.
    tables : the facts, with everything the decisions speak of.
    as_of : aware; whose limits hold, and when the audit was made.
    groups : `customer_id` and a column of texts an attribute (`groups.groups_of`); without it the
        protected columns of `tables.customers`. Customers of whom an attribute is not known take no
        part in its comparisons.
    outcomes : what followed (`rows.outcomes_of`); without it effects, plans, charges, and errors of
        what was foretold are left out.
    limits : without it those of the day.
    pressing : which contacts press.
    looks : how many audits share one chance of a false alarm.
    """
    rows = decision_rows(decisions, tables, outcomes=outcomes, pressing=pressing)
    chosen = groups_of(tables.customers) if groups is None else groups
    limits = limits or limits_on(as_of.date())
    return compared(rows, chosen, as_of=as_of, limits=limits, looks=looks)


def compared(
    rows: pl.DataFrame, groups: pl.DataFrame, *, as_of: datetime, limits: Limits, looks: int = 1
) -> Audit:
    """Compare groups on rows of `customer_id, stratum` and the measures' columns that are there.

    `looks` is how many such audits share one chance of a false alarm, as those of a year do.
    """
    wide = with_intersections(groups)
    joined = rows.join(wide, on="customer_id", how="left", maintain_order="left")
    measures = [m for m in MEASURES if m.column in rows.columns]
    found: list[Comparison] = []
    screens: list[Screen] = []
    for attribute in attributes(wide):
        for measure in measures:
            known = joined.filter(
                pl.col(attribute).is_not_null() & pl.col(measure.column).is_not_null()
            )
            mine = _of_attribute(known, attribute, measure, limits)
            found += mine
            if AND not in attribute and measure.sense is not Sense.NEITHER and not measure.error:
                screens.append(_screen(known, attribute, measure, limits))
    customers = rows.select("customer_id").unique()
    who = customers.join(groups, on="customer_id", how="inner")
    return Audit(
        as_of=as_of,
        rows=rows.height,
        customers=customers.height,
        known={a: who[a].drop_nulls().len() for a in attributes(groups)},
        limits=limits,
        comparisons=_judged(found, limits, looks),
        screens=tuple(screens),
    )


def sentence(comparison: Comparison) -> str:
    """Say what a comparison found of a group, in plain words."""
    who = f"{words_of(comparison.attribute)} {comparison.group}"
    c = comparison.contrast
    if comparison.rate is None or c is None:
        return f"{who}: too few people to say anything about {comparison.measure.words}."
    if comparison.measure.error:
        return (
            f"{who}: payment is foretold {100 * c.difference:+.1f} points too high compared with "
            f"others ({100 * c.difference_lower:+.1f} to {100 * c.difference_upper:+.1f})."
        )
    return (
        f"{who}: {100 * c.rate:.1f} of 100 {comparison.measure.words}; of others who owe alike "
        f"{100 * c.alike:.1f} of 100."
    )


def _of_attribute(
    known: pl.DataFrame, attribute: str, measure: Measure, limits: Limits
) -> list[Comparison]:
    """Compare each group of an attribute with the others, not yet judged together."""
    values = known[measure.column].cast(pl.Float64).to_numpy()
    strata = known["stratum"].to_numpy()
    # Foretold and came are compared as they are: risk is what is being judged.
    strata = np.zeros_like(strata) if measure.error else strata
    people: Codes = known["customer_id"].rank("dense").cast(pl.Int64).to_numpy()
    labels = known[attribute]
    everybody = known["customer_id"].n_unique()
    found = []
    for label in sorted(labels.unique().to_list()):
        member = (labels == label).to_numpy()
        count = len(np.unique(people[member]))
        few = count < limits.small or everybody - count < limits.small
        one = None if few else contrast(values, member, strata, people)
        if one is None or not _has_cases(one, values, member, measure):
            found.append(
                Comparison(attribute, label, measure, count, None, None, None, Verdict.TOO_FEW)
            )
            continue
        seen = rate(values[member], people[member])
        found.append(Comparison(attribute, label, measure, count, seen, one, None, Verdict.UNSURE))
    return found


def _has_cases(one: Contrast, values: np.ndarray, member: np.ndarray, measure: Measure) -> bool:
    """Say whether enough happened, or could have, for a normal approximation to hold."""
    if not isfinite(one.expected):
        return False
    if measure.error:
        return True
    happened = max(one.expected, float(values[member].sum()))
    spared = max(member.sum() - one.expected, float((1.0 - values[member]).sum()))
    return bool(min(happened, spared) >= _FEWEST_CASES)


def _judged(found: Sequence[Comparison], limits: Limits, looks: int) -> tuple[Comparison, ...]:
    """Judge all comparisons together, those that may block apart from those that inform."""
    judged = {}
    for blocks in (True, False):
        places = [
            i for i, c in enumerate(found) if c.contrast is not None and c.measure.blocks is blocks
        ]
        p_values = [c.contrast.p_value for c in (found[i] for i in places) if c.contrast]
        for i, alone in zip(places, holm(p_values), strict=True):
            held = min(1.0, looks * alone)
            judged[i] = replace(found[i], p_held=held, verdict=_verdict(found[i], held, limits))
    return tuple(judged.get(i, c) for i, c in enumerate(found))


def _verdict(comparison: Comparison, held: float, limits: Limits) -> Verdict:
    c, measure = comparison.contrast, comparison.measure
    assert c is not None
    sure = held < FALSE_ALARMS
    if measure.error:
        if sure and abs(c.difference) > limits.most_error:
            return Verdict.UNEVEN
        within = -limits.most_error <= c.difference_lower
        return (
            Verdict.EVEN if within and c.difference_upper <= limits.most_error else Verdict.UNSURE
        )
    more, less = c.ratio > 1 / limits.least, c.ratio < limits.least
    if sure and (more or less):
        if measure.sense is Sense.NEITHER:
            return Verdict.DIFFERENT
        worse = less if measure.sense is Sense.HELP else more
        return Verdict.UNEVEN if worse else Verdict.BETTER
    if c.lower >= limits.least and c.upper <= 1 / limits.least:
        return Verdict.EVEN
    return Verdict.UNSURE


def _screen(known: pl.DataFrame, attribute: str, measure: Measure, limits: Limits) -> Screen:
    good = pl.col(measure.column).cast(pl.Float64)
    good = good if measure.sense is Sense.HELP else 1.0 - good
    counts = known.group_by(attribute).agg(
        good=good.sum().cast(pl.Int64), rows=pl.len(), people=pl.col("customer_id").n_unique()
    )
    large = counts.filter(pl.col("people") >= limits.small)
    if large.height < 2:
        return Screen(attribute, measure, None, None)
    shares = {label: (g, n) for label, g, n, _ in large.iter_rows()}
    said = law.four_fifths(shares, limits.four_fifths)
    ratio = None if said.min_ratio is None else float(said.min_ratio)
    return Screen(attribute, measure, ratio, said.passes)
