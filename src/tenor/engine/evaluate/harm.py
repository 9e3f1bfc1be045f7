"""Is any group of customers worse off? Three answers: fine, harmed, cannot tell.

A policy that gains on the whole may lose for some. Each group is judged on its own contacts; that
a group is harmed is claimed only where that holds with all groups looked at together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

import numpy as np
import polars as pl

from tenor.engine.errors import InputError
from tenor.engine.evaluate.logged import LogRows, LogValue, judge
from tenor.engine.evaluate.offpolicy import LEVEL
from tenor.engine.evaluate.overlap import obstacles
from tenor.engine.evaluate.segments import UNKNOWN, groups

# Smaller groups are not judged one by one: they are said to be too small.
FEWEST_CONTACTS = 30


class Answer(StrEnum):
    """Whether a group is worse off than the margin allows."""

    FINE = "fine"
    HARMED = "harmed"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class GroupValue:
    """What the policy is worth for one group of one way to group.

    `contacts` are those of the group that could be judged, by chance or usual; `value` is None
    where none was left to chance. `text` says the answer in words.
    """

    by: str
    group: str
    contacts: int
    customers: int
    value: LogValue | None
    answer: Answer
    text: str


@dataclass(frozen=True)
class Harm:
    """The answer over all groups: harmed if one is, fine if all are, else it cannot be told."""

    margin: float
    answer: Answer
    text: str
    groups: tuple[GroupValue, ...]


def harm_by_group(
    found: LogRows, segments: pl.DataFrame, *, margin: float, rng: np.random.Generator
) -> Harm:
    """Judge the policy for every group of customers.

    Parameters
    ----------
    found : of `logged.log_rows`.
    segments : `contact_id` and a column of names for each way to group, as known when it was sent.
    margin : how much less, as a share of the amount asked, still counts as no harm.
    """
    columns = [c for c in segments.columns if c != "contact_id"]
    rows = found.rows.join(segments, on="contact_id", how="left", maintain_order="left")
    parts = list(groups(rows, columns))
    judged = [
        _of_group(by, group, part.drop(columns), margin, rng, looks=len(parts))
        for by, group, part in parts
    ]
    return harm_of(judged, margin=margin)


def harm_of(judged: Iterable[GroupValue], *, margin: float) -> Harm:
    """Sum up what is known of each group."""
    found = tuple(judged)
    named = {a: [f"{g.by}: {g.group}" for g in found if g.answer is a] for a in Answer}
    if named[Answer.HARMED]:
        text = f"Worse off by more than {margin:.1%} of the amount: {_few(named[Answer.HARMED])}."
        return Harm(margin, Answer.HARMED, text, found)
    if not found:
        return Harm(margin, Answer.CANNOT_TELL, "These logs cannot tell for any group.", found)
    if named[Answer.CANNOT_TELL]:
        left = _few(named[Answer.CANNOT_TELL])
        text = f"These logs cannot tell for {len(named[Answer.CANNOT_TELL])} of {len(found)} groups"
        return Harm(margin, Answer.CANNOT_TELL, f"{text}: {left}." if left else f"{text}.", found)
    text = f"None of {len(found)} groups is worse off by more than {margin:.1%} of the amount."
    return Harm(margin, Answer.FINE, text, found)


def _of_group(
    by: str, group: str, rows: pl.DataFrame, margin: float, rng: np.random.Generator, *, looks: int
) -> GroupValue:
    contacts, customers = rows.height, rows["customer_id"].n_unique()
    if contacts < FEWEST_CONTACTS:
        text = f"only {contacts} contacts ({FEWEST_CONTACTS} needed)"
        return GroupValue(by, group, contacts, customers, None, Answer.CANNOT_TELL, text)
    try:
        value = judge(LogRows(rows, contacts, 0, 0, 0), rng=rng, margin=margin)
    except InputError:
        text = "no contact was left to chance"
        return GroupValue(by, group, contacts, customers, None, Answer.CANNOT_TELL, text)
    answer, text = answer_of(value, margin=margin, looks=looks)
    return GroupValue(by, group, contacts, customers, value, answer, text)


def answer_of(value: LogValue, *, margin: float, looks: int = 1) -> tuple[Answer, str]:
    """Say whether one group is worse off than the margin allows, and why.

    Harmed: the estimate lies beyond the margin, and that it is below nought holds with all
    `looks` groups looked at together (Bonferroni). Fine: the whole 95% interval stays above
    minus the margin. Each group's "fine" may be wrong in one case in forty; for all to be fine no
    correction is needed, as each must be.
    """
    against = obstacles(value.by_chance.support)
    if against:
        return Answer.CANNOT_TELL, "; ".join(against)
    gain = value.gain
    said = f"{gain.value:+.3f} of the amount ({gain.lower:+.3f} to {gain.upper:+.3f})"
    reach = NormalDist().inv_cdf(1.0 - (1.0 - LEVEL) / (2.0 * looks))
    if gain.value < -margin and gain.value + reach * gain.standard_error < 0:
        return Answer.HARMED, said
    if gain.lower >= -margin:
        return Answer.FINE, said
    return Answer.CANNOT_TELL, f"{said}: too wide for a margin of {margin:.3f}"


def _few(names: list[str], most: int = 4) -> str:
    """List some names, and say how many more there are."""
    shown = [name if name != UNKNOWN else "others" for name in names[:most]]
    more = len(names) - len(shown)
    return "; ".join(shown) + (f" and {more} more" if more > 0 else "")
