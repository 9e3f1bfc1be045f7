"""A policy on the contacts of the past: would its channel and tone have done better?

Judged is what a contact log can tell: given that somebody was contacted on a day on which the
policy would have contacted them too, what its channel and tone bring in beside the ones used.
Only contacts that were left to chance can tell; the usual ones are what it is compared with.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from tenor.engine.decision import decide
from tenor.engine.errors import InputError
from tenor.engine.evaluate.offpolicy import Estimate, Terms, direct_method, estimates
from tenor.engine.evaluate.overlap import Verdict, verdict
from tenor.engine.evaluate.rewards import cross_fitted
from tenor.engine.evaluate.split import (
    FACTORS,
    USUAL,
    never_possible,
    split_propensities,
    with_kind,
)
from tenor.engine.evaluate.value import PolicyValue, value_of
from tenor.engine.evaluate.weights import additive_weights
from tenor.engine.frames import CONSENT_PREFIX, Tables
from tenor.engine.ledger import totals
from tenor.engine.policy.policyfile import Policy
from tenor.engine.policy.sections import Exploration
from tenor.engine.predictors.model import Model

ModelAt = Callable[[datetime], Model]
Report = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class LogRows:
    """The contacts of a period that tell something, and how many tell nothing and why.

    `rows` are contacts with `reward`, `expected`, `target_channel`, `target_tone`, `consents` and
    `record` (`split.with_kind`). Counts as in `LogValue`.
    """

    rows: pl.DataFrame
    contacts: int
    unknown: int
    unseen: int
    waiting: int


@dataclass(frozen=True)
class LogValue:
    """What the log tells of the policy; rewards are the share of the asked amount paid in time.

    Of `contacts` in the period, `unknown` have no recorded probability, `unseen` end too late to
    show their outcome or asked for nothing, and on `waiting` the policy would not have contacted.
    `by_chance` judges on the rest that was left to chance; `usual` is what the usual contacts
    earned and `gain` what the policy adds to them, both corrected for what was to be expected
    without any contact. Without usual contacts (None) the verdict is against chance. For
    `never_possible` contacts the record says that what the policy chose was not open then.
    """

    contacts: int
    unknown: int
    unseen: int
    waiting: int
    by_chance: PolicyValue
    usual: Estimate | None
    gain: Estimate
    verdict: Verdict
    never_possible: int = 0


def value_on_contacts(
    tables: Tables,
    *,
    model: Model,
    policy: Policy,
    from_: datetime,
    rng: np.random.Generator,
    margin: float = 0.0,
    report: Report | None = None,
) -> LogValue:
    """Judge `policy` on the contacts made from `from_` on.

    Parameters
    ----------
    model : fitted at `from_` or before, else it has seen the outcomes.
    margin : how much less, as a share of the amount, still counts as not worse.
    report : told the share of the work done, from 0 to 1.

    Raises
    ------
    InputError
        No contact in the period has a recorded probability, or none was left to chance.
    """
    found = log_rows(tables, model_at=lambda _: model, policy=policy, from_=from_, report=report)
    return judge(found, rng=rng, margin=margin)


def log_rows(
    tables: Tables,
    *,
    model_at: ModelAt,
    policy: Policy,
    from_: datetime,
    to: datetime | None = None,
    report: Report | None = None,
) -> LogRows:
    """Return the contacts from `from_` until `to` with their outcome and what `policy` would do.

    `model_at` gives the model for a day: it must have been fitted then or before.

    Raises
    ------
    InputError
        No contact in the period has a recorded probability.
    """
    made = tables.contacts.filter(pl.col("sent_at") >= from_)
    if to is not None:
        made = made.filter(pl.col("sent_at") < to)
    known = made.filter(pl.col("propensity") > 0)
    if known.is_empty():
        raise InputError(
            f"none of the {made.height:,} contacts since {from_:%Y-%m-%d} has a propensity: "
            "without the probability of what was done, a log can judge no other policy"
        )
    seen = with_rewards(tables, known, window_days=policy.outcome_window_days)
    choices = todays_choices(tables, seen, model_at=model_at, policy=policy, report=report)
    rows = seen.join(choices, on="contact_id", how="inner", maintain_order="left").join(
        consents(tables), on="customer_id", how="left", maintain_order="left"
    )
    return LogRows(
        rows=with_kind(rows),
        contacts=made.height,
        unknown=made.height - known.height,
        unseen=known.height - seen.height,
        waiting=seen.height - rows.height,
    )


def judge(found: LogRows, *, rng: np.random.Generator, margin: float = 0.0) -> LogValue:
    """Judge the policy on rows of `log_rows`, all or those of one group.

    Raises
    ------
    InputError
        None of them was left to chance.
    """
    chance = found.rows.filter(pl.col("record").is_not_null())
    if chance.is_empty():
        raise InputError(
            "no contact of the period was left to chance on a day on which the policy would have "
            "contacted too: nothing tells how other ways would have done"
        )
    logged, target = split_propensities(chance)
    done, would = cross_fitted(
        chance.with_columns(pl.col("tone", "target_tone").fill_null("")), factors=FACTORS
    )
    target = target.with_columns(q_logged=pl.Series(done), q_target=pl.Series(would))
    by_chance = value_of(logged, target, rng=rng, factors=FACTORS, cluster="channel", margin=margin)
    usual, gain = _over_usual(found.rows, chance["expected"], by_chance, logged, target, rng)
    return LogValue(
        contacts=found.contacts,
        unknown=found.unknown,
        unseen=found.unseen,
        waiting=found.waiting,
        by_chance=by_chance,
        usual=usual,
        gain=gain,
        verdict=verdict(by_chance.support, gain, margin=margin),
        never_possible=never_possible(chance),
    )


def with_rewards(tables: Tables, contacts: pl.DataFrame, *, window_days: int) -> pl.DataFrame:
    """Return the contacts whose outcome can be seen, with `reward`.

    The reward is the share, 0 to 1, of what the contact's invoices owed when it was sent that was
    paid within `window_days`. Left out are contacts less than the window before the last
    payment, and those that asked for nothing.
    """
    end = tables.payments["paid_at"].max()
    if end is None:
        return contacts.clear().with_columns(reward=pl.lit(0.0))
    window = timedelta(days=window_days)
    asked = (
        contacts.filter(pl.col("sent_at") + window <= end)
        .select("contact_id", "sent_at", invoice_id="invoice_ids")
        .explode("invoice_id")
        .drop_nulls("invoice_id")
        .unique(["contact_id", "invoice_id"], maintain_order=True)
        .sort("sent_at", maintain_order=True)
    )
    owed = asked.join_asof(
        totals(tables).sort("at", maintain_order=True),
        left_on="sent_at",
        right_on="at",
        by="invoice_id",
        check_sortedness=False,
    )
    paid = (
        asked.join(tables.payments, on="invoice_id", how="inner", suffix="_paid")
        .with_columns(late=pl.col("paid_at") > pl.col("sent_at"))
        .filter(pl.col("paid_at") <= pl.col("sent_at") + window)
        .group_by("contact_id", "invoice_id")
        .agg(
            before=pl.col("amount").filter(~pl.col("late")).sum().cast(pl.Float64),
            within=pl.col("amount").filter(pl.col("late")).sum().cast(pl.Float64),
        )
    )
    rewards = (
        owed.join(paid, on=["contact_id", "invoice_id"], how="left", maintain_order="left")
        .with_columns(
            balance=(pl.col("total").cast(pl.Float64) - pl.col("before").fill_null(0.0)).clip(0)
        )
        .with_columns(within=pl.min_horizontal(pl.col("within").fill_null(0.0).clip(0), "balance"))
        .group_by("contact_id", maintain_order=True)
        .agg(pl.col("balance").sum(), pl.col("within").sum())
        .filter(pl.col("balance") > 0)
        .select("contact_id", reward=pl.col("within") / pl.col("balance"))
    )
    return contacts.join(rewards, on="contact_id", how="inner", maintain_order="left")


def todays_choices(
    tables: Tables,
    contacts: pl.DataFrame,
    *,
    model_at: ModelAt,
    policy: Policy,
    report: Report | None = None,
) -> pl.DataFrame:
    """Return what `policy` would have done for each contact's customer on its very day.

    Columns `contact_id, target_channel, target_tone, expected` (share of the amount expected to
    be paid without contact). Decided with the facts at that day's midnight (UTC), for that day
    alone, without capacity or chance. Contacts on whose day it would have waited have no row.
    """
    only_today = for_today(policy)
    days = contacts.with_columns(day=pl.col("sent_at").dt.date()).sort("day", "contact_id")
    parts, groups = [_NO_CHOICES], days.partition_by("day", maintain_order=True)
    for i, group in enumerate(groups):
        midnight = datetime.combine(group["day"][0], datetime.min.time(), tzinfo=UTC)
        decided = decide(
            tables,
            as_of=midnight,
            model=model_at(midnight),
            policy=only_today,
            customers=group["customer_id"].unique().to_list(),
        )
        chosen = decided.filter(pl.col("channel").is_not_null()).select(
            "customer_id",
            target_channel="channel",
            target_tone="tone",
            expected="p_paid_wait",
        )
        joined = group.select("contact_id", "customer_id").join(chosen, on="customer_id")
        parts.append(joined.drop("customer_id"))
        if report:
            report((i + 1) / len(groups))
    return pl.concat(parts)


_NO_CHOICES = pl.DataFrame(
    schema={
        "contact_id": pl.String(),
        "target_channel": pl.String(),
        "target_tone": pl.String(),
        "expected": pl.Float64(),
    }
)


def for_today(policy: Policy) -> Policy:
    """Return the policy as it decides for one day alone, with room for all and without chance."""
    return replace(
        policy,
        decision=replace(policy.decision, horizon_days=1),
        exploration=Exploration(share=0.0),
        channels=tuple(
            replace(c, capacity_per_day=None, capacity_per_week=None) for c in policy.channels
        ),
    )


def consents(tables: Tables) -> pl.DataFrame:
    """Return `customer_id, consents`: which channels each customer has barred, as one text."""
    names = sorted(c for c in tables.customers.columns if c.startswith(CONSENT_PREFIX))
    barred = [
        pl.when(~pl.col(n)).then(pl.lit(n.removeprefix(CONSENT_PREFIX) + " ")).otherwise(pl.lit(""))
        for n in names
    ]
    return tables.customers.select("customer_id", consents=pl.concat_str([pl.lit(""), *barred]))


def _over_usual(
    rows: pl.DataFrame,
    expected: pl.Series,
    by_chance: PolicyValue,
    logged: pl.DataFrame,
    target: pl.DataFrame,
    rng: np.random.Generator,
) -> tuple[Estimate | None, Estimate]:
    """Return what the usual contacts earned and what the policy adds to them.

    gain = mean over chance of (q of the target - e + w (r - q)) less mean over usual of (r - e):
    e, what was expected without contact, evens out that the two were sent in somewhat different
    situations.
    """
    usual = rows.filter(pl.col("record").is_null() & (pl.col("propensity") >= USUAL))
    if usual.is_empty():
        return None, by_chance.gain
    weight = additive_weights(
        np.column_stack(
            [(target[f"probability_{f}"] / logged[f"propensity_{f}"]).to_numpy() for f in FACTORS]
        )
    )
    surprise = (logged["reward"] - target["q_logged"]).to_numpy()
    added = (target["q_target"] - expected).to_numpy()
    usual_surprise = (usual["reward"] - usual["expected"]).to_numpy()
    tried, used = len(surprise), len(usual_surprise)
    both = tried + used
    # Means over one part each, written as sums over the rows of both.
    terms = Terms(
        predicted=np.concatenate([added * both / tried, -usual_surprise * both / used]),
        corrected=np.concatenate([weight * surprise, np.zeros(used)]),
        base=np.concatenate([np.ones(tried), np.zeros(used)]),
    )
    customers = pl.concat([logged["customer_id"], usual["customer_id"]]).to_numpy()
    gain = estimates({"gain": terms}, clusters=customers, rng=rng)[0]
    earned = direct_method(usual["reward"].to_numpy())
    mean = estimates({"usual": earned}, clusters=usual["customer_id"].to_numpy(), rng=rng)[0]
    return mean, gain
