"""All together: how groups are treated, what stands in for them, the past that is learned from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from tenor.engine.decision import decide
from tenor.engine.fairness.audit import Audit, audit
from tenor.engine.fairness.findings import limits_on
from tenor.engine.fairness.groups import attributes, groups_of, words_of
from tenor.engine.fairness.history import history_bias
from tenor.engine.fairness.proxies import Told, told
from tenor.engine.fairness.rows import WINDOW_DAYS, Pressing, outcomes_of
from tenor.engine.fairness.swap import PAIRS, Swap, swap
from tenor.engine.frames import PROTECTED_PREFIX, Tables
from tenor.engine.policy.policyfile import Policy
from tenor.engine.predictors.model import Model

Report = Callable[[float], None]


@dataclass(frozen=True)
class Examination:
    """Whether a predictor and a policy may go to work, as far as groups are concerned.

    `history` is about the facts learned from, and blocks nothing by itself: it is for a person.
    """

    audit: Audit
    told: tuple[Told, ...]
    swaps: tuple[Swap, ...]
    history: Audit

    @property
    def proxies(self) -> frozenset[str]:
        """Return the features that surely tell a group, beyond the limit."""
        most = self.audit.limits.most_telling
        return frozenset(f.name for group in self.told for f in group.proxies(most))

    @property
    def swapped(self) -> tuple[Swap, ...]:
        """Return what blocks: swaps of a protected column, or of a proxy, that change decisions."""
        return tuple(
            s
            for s in self.swaps
            if s.passes is False and (s.protected or f"customer_{s.column}" in self.proxies)
        )

    @property
    def passes(self) -> bool | None:
        """Say whether it passes; None where these data cannot tell."""
        if self.audit.passes is False or self.swapped:
            return False
        return self.audit.passes

    @property
    def text(self) -> str:
        """Return the outcome in plain words."""
        said = [self.audit.text]
        for s in self.swapped:
            what = "" if s.protected else ", which tells a protected group,"
            said.append(
                f"Another {words_of(s.column)}{what} changes {s.changed} of {s.pairs} decisions; "
                f"at most {100 * s.limit:g} in a hundred may."
            )
        if self.history.uneven:
            said.append(
                "In the past that is learned from, groups were not treated alike: "
                + self.history.text
            )
        return " ".join(said)


def examine(
    tables: Tables,
    *,
    as_of: datetime,
    model: Model | None = None,
    policy: Policy | None = None,
    groups: pl.DataFrame | None = None,
    seed: int = 0,
    pairs: int = PAIRS,
    pressing: Pressing | None = None,
    decisions: pl.DataFrame | None = None,
    looks: float = 1.0,
    report: Report | None = None,
) -> Examination:
    """Examine what a predictor and a policy do, on all that was known at `as_of` (aware).

    Parameters
    ----------
    tables : the facts, with the protected columns of customers where there are any.
    model, policy : who decides; without them nothing is swapped, and `decisions` are needed.
    groups : `groups_of(customers, named=…)`; without it the protected columns.
    seed : of deciding, swapping and the trees.
    pairs : how many customers are tried a swapped column.
    decisions : those of `as_of`, where they were made already, or those of days before it: then
        what followed them is looked at as well.
    looks : how many such examinations share one chance of a false alarm: those of a year.
    report : told the share of the work done, from 0 to 1.
    """
    known = tables.known_at(as_of)
    chosen = groups_of(known.customers) if groups is None else groups
    limits = limits_on(as_of.date())
    tell = report or (lambda _: None)
    # What decides never sees a protected column; the swap shows that it would not matter.
    blind = without_protected(known)
    followed = None
    if decisions is not None:
        window = policy.outcome_window_days if policy else WINDOW_DAYS
        followed = outcomes_of(decisions, known, until=as_of, window_days=window)
    elif model is not None and policy is not None:
        decisions = decide(blind, as_of=as_of, model=model, policy=policy, seed=seed)
    else:
        raise ValueError("give decisions, or a model and a policy to make them")
    tell(0.3)
    treated = audit(
        decisions, known, as_of=as_of, groups=chosen, outcomes=followed, limits=limits,
        pressing=pressing, looks=looks,
    )  # fmt: skip
    tell(0.4)
    telling = told(blind, as_of=as_of, groups=chosen, seed=seed) if attributes(chosen) else ()
    tell(0.6)
    swaps: tuple[Swap, ...] = ()
    if model is not None and policy is not None:
        swaps = swap(
            known, as_of=as_of, model=model, policy=policy, pairs=pairs, seed=seed, limits=limits
        )
    tell(0.9)
    past = history_bias(
        known, as_of=as_of, groups=chosen, pressing=pressing, limits=limits, looks=looks
    )
    tell(1.0)
    return Examination(treated, telling, swaps, past)


def without_protected(tables: Tables) -> Tables:
    """Return the same facts without any protected column."""
    return tables.with_(
        **{
            table.name: frame.drop([c for c in frame.columns if c.startswith(PROTECTED_PREFIX)])
            for table, frame in tables
        }
    )
