"""Are groups treated alike by these decisions? Who is contacted, pressed, helped, handed over.

A group is compared with everybody else who owes alike (kind of customer, amount, days overdue) and
is as likely to pay by itself. So that a predictor that errs against a group does not excuse itself,
what it foretold is held against what came, by group. What is uneven needs to be both larger than
the law's screen of four fifths and beyond chance, over all comparisons together (Holm).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite

import numpy as np
import polars as pl

from tenor.engine.fairness.contrast import Codes, Contrast, contrast, rate
from tenor.engine.fairness.findings import (
    MEASURES,
    Comparison,
    Limits,
    Measure,
    Screen,
    Sense,
    Verdict,
    limits_on,
)
from tenor.engine.fairness.groups import AND, attributes, groups_of, with_intersections, words_of
from tenor.engine.fairness.judging import judged
from tenor.engine.fairness.rows import GROUNDS, Pressing, decision_rows
from tenor.engine.frames import Tables
from tenor.engine.law.rights import fairness as law

# Cochran's rule: with fewer expected cases than this, nothing is concluded from counts.
_FEWEST_CASES = 5.0


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
    def untold(self) -> tuple[str, ...]:
        """Return the attributes of which nothing that is done was found alike: data cannot tell."""
        done = [c for c in self.comparisons if c.measure.blocks and not c.measure.error]
        found = [c for c in done if c.contrast is not None and not c.mixed]
        told = {c.attribute for c in found if c.verdict is Verdict.EVEN}
        return tuple(dict.fromkeys(c.attribute for c in found if c.attribute not in told))

    @property
    def passes(self) -> bool | None:
        """Say whether groups are treated alike; None where these data cannot tell of an attribute.

        An attribute of which no group is large enough to compare is said, and does not count.
        """
        if self.uneven:
            return False
        told = any(c.verdict is Verdict.EVEN and c.measure.blocks for c in self.comparisons)
        return True if told and not self.untold else None

    @property
    def text(self) -> str:
        """Return the outcome in a few sentences."""
        compared = [c for c in self.comparisons if c.measure.blocks]
        if not compared:
            return "No groups are known, so nothing can be said about how they are treated."
        few = sum(c.verdict is Verdict.TOO_FEW for c in compared)
        unsure = sum(c.verdict is Verdict.UNSURE for c in compared)
        rest = (
            f" Of {len(compared)} comparisons, {few} have too few people and in {unsure} "
            f"these data cannot tell.{_seen_from(compared)}"
        )
        if self.uneven:
            return " ".join(sentence(c) for c in self.named[:3]) + rest
        if self.passes is None:
            untold = ", ".join(words_of(a) for a in self.untold)
            what = f" by {untold}" if untold else ""
            return f"These data cannot tell whether groups{what} are treated alike.{rest}"
        return "No group was found to be treated worse than others who owe alike." + rest


def _seen_from(found: Sequence[Comparison]) -> str:
    """Say how much worse off a group must be to be noticed, of what presses."""
    seen = [
        c.seen_from for c in found
        if c.seen_from is not None and c.measure.column == "pressed" and not c.mixed
    ]  # fmt: skip
    if not seen:
        return ""
    low, high = f"{min(seen):.2f}", f"{max(seen):.2f}"
    span = low if low == high else f"{low} to {high}"
    return f" A group that is pressed {span} times as often as others would be noticed."


def audit(
    decisions: pl.DataFrame,
    tables: Tables,
    *,
    as_of: datetime,
    groups: pl.DataFrame | None = None,
    outcomes: pl.DataFrame | None = None,
    limits: Limits | None = None,
    pressing: Pressing | None = None,
    looks: float = 1.0,
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
    rows: pl.DataFrame, groups: pl.DataFrame, *, as_of: datetime, limits: Limits, looks: float = 1.0
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
        comparisons=judged(found, limits, looks),
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
    grounds = None if measure.error else _grounds(known)
    people: Codes = known["customer_id"].rank("dense").cast(pl.Int64).to_numpy()
    labels = known[attribute]
    everybody = known["customer_id"].n_unique()
    found = []
    for label in sorted(labels.unique().to_list()):
        member = (labels == label).to_numpy()
        count = len(np.unique(people[member]))
        few = count < limits.small or everybody - count < limits.small
        one = (
            None
            if few
            else contrast(
                values, member, strata, people, grounds=grounds, uneven_spread=measure.error
            )
        )
        if one is None or not _has_cases(one, values, member, measure):
            found.append(
                Comparison(attribute, label, measure, count, None, None, None, Verdict.TOO_FEW)
            )
            continue
        seen = rate(values[member], people[member])
        found.append(Comparison(attribute, label, measure, count, seen, one, None, Verdict.UNSURE))
    return found


def _grounds(known: pl.DataFrame) -> np.ndarray:
    """Return what may rightly make a difference, as numbers of each row."""
    names = [name for name in GROUNDS if name in known.columns]
    return known.select(pl.col(names).cast(pl.Float64)).to_numpy()


def _has_cases(one: Contrast, values: np.ndarray, member: np.ndarray, measure: Measure) -> bool:
    """Say whether enough happened, or could have, for a normal approximation to hold."""
    if not isfinite(one.expected):
        return False
    if measure.error:
        return True
    happened = max(one.expected, float(values[member].sum()))
    spared = max(member.sum() - one.expected, float((1.0 - values[member]).sum()))
    return bool(min(happened, spared) >= _FEWEST_CASES)


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
