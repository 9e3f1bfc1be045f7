"""Sort accounts into four tiers of action under a number of calls, by what each action adds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.tiers.assumptions import Assumptions, Floats
from tenor.engine.tiers.facts import (
    ENDS,
    Facts,
    agency_advantage,
    facts_of,
    for_agency,
    for_soft_call,
    is_measured,
)

# Nineteen of twenty: how wide the range of an expected recovery is for chance alone.
_NORMAL_95 = 1.96
LOW_BALANCE_QUANTILE = 0.25


class Tier(IntEnum):
    """What is done with an account, in the order of effort."""

    CALL = 1
    MESSAGE = 2
    LEAVE = 3
    AGENCY = 4


@dataclass(frozen=True)
class Amounts:
    """An expected sum with the range that assumptions and chance leave open."""

    low: float
    expected: float
    high: float


@dataclass(frozen=True)
class TierSummary:
    """One tier: how many, how much, what is expected, and what it takes.

    `unaided`: expected without any action; `recovery`: with the tier's action, net of an
    agency's fee; `gain`: the difference less `cost`.
    """

    tier: Tier
    accounts: int
    amount: Decimal
    unaided: float
    recovery: Amounts
    gain: float
    calls: int
    soft_calls: int
    minutes: float
    messages: int
    letters: int
    approvals: int
    cost: float


@dataclass(frozen=True)
class Rival:
    """Another way of choosing whom to call, under the same assumptions and number of calls."""

    name: str
    recovered: float
    wasted: int  # calls to those who pay unaided


@dataclass(frozen=True)
class Plan:
    """The tiers of a list of accounts.

    `rows`: `account_id, tier, action, call_rank` (null: a call is not worth its cost), `amount,
    days_overdue, industry, p_alone, p_with_action, effect_of_call, expected_recovery, gain,
    reason, chances` ("measured" or "assumed"), by tier and gain. `measured`: the chances come
    from a model, not from assumptions, but for the accounts in `assumed`.
    """

    rows: pl.DataFrame
    tiers: tuple[TierSummary, ...]
    recovery: Amounts
    rivals: tuple[Rival, ...]
    calls_per_week: int
    low_balance: Decimal
    measured: bool
    assumptions: Assumptions = field(default_factory=Assumptions)
    assumed: tuple[str, ...] = ()


def plan_tiers(
    accounts: pl.DataFrame,
    *,
    calls_per_week: int,
    chances: pl.DataFrame | None = None,
    assume_rest: bool = False,
    low_balance: Decimal | None = None,
    assumptions: Assumptions | None = None,
) -> Plan:
    """Sort `accounts` (`accounts.Accounts.frame`) into tiers; calls go where they add most money.

    `chances` (`account_id, p_alone, p_called`, in [0, 1], optionally `p_messaged`) replaces the
    assumed chances by a model's; it must name every account, or with `assume_rest` those it does
    not name keep the assumed ones and are marked. `low_balance`: below it an account may go to
    an agency; the lowest quarter of the amounts where None.

    Every call takes one of `calls_per_week`, so taking the largest gains is the best choice
    there is. Whoever pays unaided is never called, however large the amount.
    """
    given = assumptions or Assumptions()
    # Between equal gains and amounts the id decides, not the order of the file.
    accounts = accounts.sort("account_id")
    facts = facts_of(accounts, chances, given, assume_rest=assume_rest)
    nobody = np.zeros(accounts.height, dtype=bool)
    measured = nobody if chances is None else is_measured(accounts, chances)
    if low_balance is None:
        quantile = accounts["amount"].cast(pl.Float64).quantile(LOW_BALANCE_QUANTILE, "nearest")
        low_balance = Decimal(repr(quantile)).quantize(Decimal("0.01"))
    tier, rank = _assign(facts, calls_per_week, float(low_balance), given)
    rows = _rows(accounts, facts, tier, rank, given, measured)
    return Plan(
        rows=rows,
        tiers=tuple(_summary(t, accounts, facts, tier, given) for t in Tier),
        recovery=_amounts(
            facts.amount, {end: _with_action(facts, tier, end, given) for end in ENDS}
        ),
        rivals=_rivals(facts, tier, calls_per_week, given),
        calls_per_week=calls_per_week,
        low_balance=low_balance,
        measured=chances is not None,
        assumptions=given,
        assumed=() if chances is None else tuple(accounts["account_id"].filter(~measured)),
    )


def _assign(
    facts: Facts, calls: int, low_balance: float, given: Assumptions
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the tier of each account, and its place in the queue for calls (0: none)."""
    alone, gain = facts.alone["middle"], facts.call_gain(given)
    unaided = (alone >= given.pays_unaided_from) | (facts.days <= 0)
    agency = for_agency(facts, low_balance, given) & ~unaided
    order = np.lexsort((np.arange(len(gain)), -facts.amount, -gain))
    queue = [int(i) for i in order if gain[i] > 0 and not unaided[i] and not agency[i]]
    rank = np.zeros(len(gain), dtype=np.int64)
    rank[queue] = np.arange(1, len(queue) + 1)
    tier = np.full(len(gain), Tier.MESSAGE, dtype=np.int64)
    tier[unaided] = Tier.LEAVE
    tier[agency] = Tier.AGENCY
    tier[(rank > 0) & (rank <= calls)] = Tier.CALL
    nothing_helps = (tier == Tier.MESSAGE) & (facts.message_gain(given) <= 0)
    tier[nothing_helps] = Tier.LEAVE
    return tier, rank


def _with_action(facts: Facts, tier: NDArray[np.int64], end: str, given: Assumptions) -> Floats:
    """Return the chance of payment under each account's action, net of an agency's fee."""
    agency = getattr(given.agency_collects, end) * (1 - given.agency_fee)
    return np.select(
        [tier == Tier.CALL, tier == Tier.MESSAGE, tier == Tier.LEAVE],
        [facts.called[end], facts.messaged[end], facts.alone[end]],
        default=agency,
    )


def _costs(tier: NDArray[np.int64], given: Assumptions) -> Floats:
    return np.select(
        [tier == Tier.CALL, tier == Tier.MESSAGE, tier == Tier.AGENCY],
        [given.call_cost + given.message_cost, given.message_cost, given.agency_cost],
        default=0.0,
    )


def _summary(
    which: Tier, accounts: pl.DataFrame, facts: Facts, tier: NDArray[np.int64], given: Assumptions
) -> TierSummary:
    mine = tier == which
    count = int(mine.sum())
    amount = facts.amount[mine]
    chance = {end: _with_action(facts, tier, end, given)[mine] for end in ENDS}
    recovery = _amounts(amount, chance)
    unaided = float((amount * facts.alone["middle"][mine]).sum())
    cost = float(_costs(tier, given)[mine].sum())
    calls = count if which is Tier.CALL else 0
    approvals = count if which is Tier.AGENCY else 0
    total = accounts.filter(pl.Series(mine))["amount"].sum()
    return TierSummary(
        tier=which,
        accounts=count,
        amount=total if isinstance(total, Decimal) else Decimal(total),
        unaided=unaided,
        recovery=recovery,
        gain=recovery.expected - unaided - cost,
        calls=calls,
        soft_calls=int((mine & for_soft_call(facts, given)).sum()) if calls else 0,
        minutes=calls * given.minutes_per_call + approvals * given.minutes_per_approval,
        messages=count if which in (Tier.CALL, Tier.MESSAGE) else 0,
        letters=approvals,
        approvals=approvals,
        cost=cost,
    )


def _amounts(amount: Floats, chance: Mapping[str, Floats]) -> Amounts:
    """Return what is expected of `amount` at these chances, with its range.

    The range holds both the low and high end of the assumptions and, were the chances exactly
    right, nineteen of twenty outcomes of chance.
    """
    low, expected, high = (float((amount * chance[end]).sum()) for end in ENDS)
    middle = chance["middle"]
    spread = _NORMAL_95 * float(np.sqrt((amount**2 * middle * (1 - middle)).sum()))
    return Amounts(
        max(0.0, min(low, expected - spread)),
        expected,
        min(float(amount.sum()), max(high, expected + spread)),
    )


def _rivals(
    facts: Facts, tier: NDArray[np.int64], calls: int, given: Assumptions
) -> tuple[Rival, ...]:
    """Compare ways of choosing the calls: what they add over a message to the same accounts."""
    added = facts.amount * (facts.called["middle"] - facts.messaged["middle"])
    unaided = facts.alone["middle"] >= given.pays_unaided_from
    made = min(calls, len(added))
    ours = tier == Tier.CALL
    orders = {
        "largest amount first": -facts.amount,
        "best score first (the likely payers)": -facts.score,
        "worst score first (the risky)": facts.score,
        "longest overdue first": -facts.days,
    }
    found = [Rival("by effect × amount (this plan)", float(added[ours].sum()), 0)]
    for name, key in orders.items():
        chosen = np.lexsort((np.arange(len(key)), key))[:made]
        found.append(Rival(name, float(added[chosen].sum()), int(unaided[chosen].sum())))
    share = made / max(len(added), 1)
    at_random = Rival("at random", float(added.sum() * share), round(float(unaided.sum()) * share))
    return (*found, at_random)


_ACTIONS = {
    Tier.CALL: "call",
    Tier.MESSAGE: "message",
    Tier.LEAVE: "leave alone",
    Tier.AGENCY: "propose to an agency",
}


def _rows(
    accounts: pl.DataFrame,
    facts: Facts,
    tier: NDArray[np.int64],
    rank: NDArray[np.int64],
    given: Assumptions,
    measured: NDArray[np.bool_],
) -> pl.DataFrame:
    chance = _with_action(facts, tier, "middle", given)
    soft = for_soft_call(facts, given) & (tier == Tier.CALL)
    gain = facts.amount * (chance - facts.alone["middle"]) - _costs(tier, given)
    actions = [
        "soft reminder call" if s else _ACTIONS[Tier(t)] for t, s in zip(tier, soft, strict=True)
    ]
    return (
        accounts.select("account_id", "amount", "days_overdue", "industry")
        .with_columns(
            tier=pl.Series(tier),
            action=pl.Series(actions, dtype=pl.String),
            call_rank=pl.Series(rank),
            p_alone=pl.Series(facts.alone["middle"]).round(4),
            p_with_action=pl.Series(chance).round(4),
            effect_of_call=pl.Series(facts.called["middle"] - facts.alone["middle"]).round(4),
            expected_recovery=pl.Series(facts.amount * chance).round(2),
            gain=pl.Series(gain).round(2),
            reason=pl.Series(_reasons(facts, tier, rank, given), dtype=pl.String),
            chances=pl.Series(np.where(measured, "measured", "assumed"), dtype=pl.String),
        )
        .with_columns(pl.when(pl.col("call_rank") > 0).then("call_rank").alias("call_rank"))
        .sort("tier", "gain", "account_id", descending=[False, True, False])
        .select(
            "account_id", "tier", "action", "call_rank", "amount", "days_overdue", "industry",
            "p_alone", "p_with_action", "effect_of_call", "expected_recovery", "gain", "reason",
            "chances",
        )
    )  # fmt: skip


def _reasons(
    facts: Facts, tier: NDArray[np.int64], rank: NDArray[np.int64], given: Assumptions
) -> list[str]:
    """Say in a line why each account is in its tier."""
    alone, called = facts.alone["middle"], facts.called["middle"]
    soft, advantage = for_soft_call(facts, given), agency_advantage(facts, given)
    said = []
    for i, which in enumerate(tier):
        share = f"{alone[i]:.0%}"
        if which == Tier.CALL:
            kind = "; early, so a soft reminder" if soft[i] else ""
            said.append(f"a call lifts {share} to {called[i]:.0%}{kind}")
        elif which == Tier.AGENCY:
            said.append(
                f"small, {share} pay unaided after {facts.attempts[i]:.0f} attempts; an agency is "
                f"expected to leave {advantage[i]:.2f} more; a person must approve"
            )
        elif which == Tier.LEAVE and facts.days[i] <= 0:
            said.append("not overdue yet")
        elif which == Tier.LEAVE and alone[i] >= given.pays_unaided_from:
            said.append(f"{share} pay unaided: contact would add little")
        elif which == Tier.LEAVE:
            said.append(f"{share} pay unaided and nothing we can send is worth its cost")
        elif rank[i]:
            said.append(
                f"{share} pay unaided; number {rank[i]} in line for a call, beyond capacity"
            )
        else:
            said.append(f"{share} pay unaided; a call would cost more than it adds")
    return said
