"""A policy on the organisation's own past: what it would have done, and what that may be worth.

At each instant the policy decides from what was known then, with a model that was fitted then or
before. Its own contacts take the place of the real ones (`imagined`), so that its limits hold;
payments stay as they came. What it is worth is asked of the contacts that were left to chance.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from tenor.engine.decision import decide
from tenor.engine.errors import InputError
from tenor.engine.evaluate import volumes
from tenor.engine.evaluate.gain import (
    NO_GAINS,
    GainCalibration,
    foretold_gains,
    gain_calibration,
)
from tenor.engine.evaluate.harm import Answer, Harm, harm_by_group
from tenor.engine.evaluate.imagined import carried_out, handed_over, imagined, steps
from tenor.engine.evaluate.logged import LogRows, LogValue, judge, log_rows
from tenor.engine.evaluate.overlap import Finding, Verdict
from tenor.engine.evaluate.segments import segments_at
from tenor.engine.evaluate.volumes import Agreement, LeftAlone, Step, Volume
from tenor.engine.frames import Tables
from tenor.engine.policy.policyfile import Policy
from tenor.engine.predictors.model import Model, fit

Report = Callable[[str, float], None]
# As `tenor offpolicy`: so much less, as a share of the amount asked, still counts as not worse.
MARGIN = 0.02


@dataclass(frozen=True)
class Fitted:
    """Which model decided from `at` on: its version, and the instant it was fitted at."""

    at: datetime
    version: str
    fitted_at: datetime


@dataclass(frozen=True)
class Backtest:
    """A policy beside the past.

    `steps` has a row an instant of deciding; `would` and `done` sum them up. `reviews` counts why
    a person would have been asked. `value` is None where the log cannot judge at all; `verdict`
    says so in words. `harm` is None unless asked for by group, `gain` unless asked for.
    """

    from_: datetime
    to: datetime
    every: int
    policy_version: str
    models: tuple[Fitted, ...]
    customers: int
    would: Volume
    done: Volume
    steps: tuple[Step, ...]
    agreement: Agreement
    left_alone: LeftAlone
    reviews: Mapping[str, int]
    value: LogValue | None
    verdict: Verdict
    harm: Harm | None
    margin: float
    gain: GainCalibration | None = None


@dataclass
class _Played:
    """What has been decided so far, step by step."""

    contacts: list[pl.DataFrame] = field(default_factory=list)
    handed: list[pl.DataFrame] = field(default_factory=list)
    decided: list[pl.DataFrame] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)
    reasons: list[pl.Series] = field(default_factory=list)
    customers: set[str] = field(default_factory=set)


def backtest(
    tables: Tables,
    *,
    policy: Policy,
    from_: datetime,
    to: datetime,
    every: int = 7,
    model: Model | None = None,
    refit_days: int | None = None,
    segments: bool = False,
    gains: bool = False,
    margin: float = MARGIN,
    rng: np.random.Generator,
    report: Report | None = None,
) -> Backtest:
    """Hold what `policy` would have done from `from_` until `to` beside what was done.

    Parameters
    ----------
    tables : the facts, also those after `to`: they alone show how the last steps ended.
    every : days from one instant of deciding to the next; of what was decided, that goes out which
        would be sent before the next.
    model : fitted at `from_` or before; without one it is fitted at `from_`.
    refit_days : fit anew every so many days, each time from what was known then.
    segments : also judge group by group whether anybody is worse off by more than `margin` (share
        of the amount asked).
    gains : also say whether the gains that the models foretold came true.
    report : called with what is being done and the share of it that is done (0 to 1).

    Raises
    ------
    InputError
        `to` is not after `from_`, `every` is no whole day, the model has seen later facts, or
        nobody owed anything in the period.
    """
    _check(from_, to, every, model)
    models = _Models(tables, policy, from_, model, refit_days)
    played, rows = _Played(), []
    plan = steps(from_, to, every)
    for k, (at, until) in enumerate(plan):
        if report:
            report("deciding the past anew", k / len(plan))
        rows.append(_step(tables, policy, models.at(at), at, until, from_, played, rng))
    if not played.customers:
        raise InputError(f"nobody owed anything from {from_:%Y-%m-%d} to {to:%Y-%m-%d}")
    found, value, verdict = _value(tables, models, policy, from_, to, margin, rng, report)
    harm = _harm(tables, found, plan, margin, rng) if segments else None
    gain = _gain(tables, found, models, policy, rng, report) if gains else None
    real = [_real(tables, at, until) for at, until in plan]
    return Backtest(
        from_=from_,
        to=to,
        every=every,
        policy_version=policy.version,
        models=tuple(models.used),
        customers=len(played.customers),
        would=volumes.volume(_joined(tables, played.contacts), sum(r.handed_over for r in rows)),
        done=volumes.volume(pl.concat(real), volumes.escalations(tables, from_, to)),
        steps=tuple(rows),
        agreement=volumes.agreement(played.decided, real),
        left_alone=volumes.left_alone(
            tables,
            [(at, d) for (at, _), d in zip(plan, played.decided, strict=True)],
            window_days=policy.outcome_window_days,
        ),
        reviews=volumes.review_reasons(pl.concat(played.reasons)),
        value=value,
        verdict=verdict,
        harm=harm,
        margin=margin,
        gain=gain,
    )


class _Models:
    """The model of each instant: given, or fitted from what was known then."""

    def __init__(
        self,
        tables: Tables,
        policy: Policy,
        from_: datetime,
        model: Model | None,
        refit_days: int | None,
    ) -> None:
        self._tables, self._policy, self._from = tables, policy, from_
        self._every = timedelta(days=refit_days) if refit_days else None
        self._given = model
        self._known: dict[datetime, Model] = {}
        self.used: list[Fitted] = []

    def at(self, instant: datetime) -> Model:
        """Return the model of `instant`: never one that was fitted later."""
        start = self._from
        if self._every is not None and instant > start:
            start += self._every * ((instant - start) // self._every)
        if start not in self._known:
            first = start == self._from and self._given is not None
            model = self._given if first else self._fitted(start)
            assert model is not None and model.as_of <= instant
            self._known[start] = model
            self.used.append(Fitted(start, model.version, model.as_of))
        return self._known[start]

    def _fitted(self, instant: datetime) -> Model:
        return fit(self._tables, as_of=instant, days_to_arrive=self._policy.days_to_arrive)


def _check(from_: datetime, to: datetime, every: int, model: Model | None) -> None:
    if to <= from_:
        raise InputError(f"the period ends on {to:%Y-%m-%d}, before it begins: give a later --to")
    if every < 1:
        raise InputError("give at least one day from one decision to the next (--every)")
    if model is not None and model.as_of > from_:
        raise InputError(
            f"the model was fitted at {model.as_of:%Y-%m-%d} and has seen what came after "
            f"{from_:%Y-%m-%d}: give a later --from, or no model, then one is fitted at --from"
        )


def _step(
    tables: Tables,
    policy: Policy,
    model: Model,
    at: datetime,
    until: datetime,
    from_: datetime,
    played: _Played,
    rng: np.random.Generator,
) -> Step:
    """Decide at one instant, note what goes out, and count it beside what was really done."""
    now = imagined(tables, from_=from_, contacts=played.contacts, handed=played.handed)
    seed = int(rng.integers(2**31))
    decisions = decide(now, as_of=at, model=model, policy=policy, seed=seed)
    out, handed = carried_out(decisions, until=until), handed_over(decisions)
    asked = decisions.filter(pl.col("review_reason").is_not_null())
    waiting = set(asked["customer_id"].to_list())
    played.decided.append(
        decisions.filter(pl.col("verdict") != "escalate")
        .select("customer_id")
        .join(out.select("customer_id", "channel", "tone"), on="customer_id", how="left")
    )
    new = waiting - played.waiting
    played.contacts.append(out)
    played.handed.append(handed)
    played.waiting = waiting
    played.reasons.append(asked.filter(pl.col("customer_id").is_in(sorted(new)))["review_reason"])
    played.customers |= set(decisions["customer_id"].to_list())
    real = _real(tables, at, until)
    return Step(
        at=at,
        open=decisions.height,
        contacts=out.height,
        contacts_done=real.height,
        handed_over=handed.height,
        handed_over_done=volumes.escalations(tables, at, until),
        cost=round(float(out["cost"].sum()), 2),
        cost_done=round(float(real["cost"].fill_null(0.0).sum()), 2),
        people=len(waiting),
        new_people=len(new),
    )


def _real(tables: Tables, at: datetime, until: datetime) -> pl.DataFrame:
    return tables.contacts.filter(pl.col("sent_at").is_between(at, until, closed="left"))


def _joined(tables: Tables, contacts: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(
        [tables.contacts.select("customer_id", "channel", "tone", "cost").clear()]
        + [c.select("customer_id", "channel", "tone", "cost") for c in contacts]
    )


def _value(
    tables: Tables,
    models: _Models,
    policy: Policy,
    from_: datetime,
    to: datetime,
    margin: float,
    rng: np.random.Generator,
    report: Report | None,
) -> tuple[LogRows | None, LogValue | None, Verdict]:
    """Ask the contacts left to chance; where they say nothing, say so instead of a figure."""

    def told(share: float) -> None:
        if report:
            report("asking what was left to chance", share)

    found = None
    try:
        found = log_rows(tables, model_at=models.at, policy=policy, from_=from_, to=to, report=told)
        value = judge(found, rng=rng, margin=margin)
    except InputError as error:
        return found, None, Verdict(Finding.CANNOT_TELL, f"These logs cannot tell: {error}.")
    return found, value, value.verdict


def _gain(
    tables: Tables,
    found: LogRows | None,
    models: _Models,
    policy: Policy,
    rng: np.random.Generator,
    report: Report | None,
) -> GainCalibration:
    """Hold what the models foretold of each way that chance chose against what came."""

    def told(share: float) -> None:
        if report:
            report("holding gains against what came true", share)

    if found is None:
        return gain_calibration(NO_GAINS, rng=rng)
    rows = foretold_gains(tables, found, model_at=models.at, policy=policy, report=told)
    return gain_calibration(rows, rng=rng)


def _harm(
    tables: Tables,
    found: LogRows | None,
    plan: list[tuple[datetime, datetime]],
    margin: float,
    rng: np.random.Generator,
) -> Harm:
    """Judge by groups as they stood at the last instant of deciding before each contact."""
    if found is None or found.rows.is_empty():
        return Harm(margin, Answer.CANNOT_TELL, "These logs cannot tell for any group.", ())
    parts = []
    for at, until in plan:
        sent = found.rows.filter(pl.col("sent_at").is_between(at, until, closed="left"))
        if not sent.is_empty():
            groups = segments_at(tables, at)
            parts.append(
                sent.select("contact_id", "customer_id").join(groups, on="customer_id", how="left")
            )
    placed = pl.concat(parts, how="diagonal").drop("customer_id")
    return harm_by_group(found, placed, margin=margin, rng=rng)
