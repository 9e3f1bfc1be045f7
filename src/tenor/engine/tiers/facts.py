"""What is known or assumed of every account: its chances unaided, with a message, with a call."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.errors import InputError
from tenor.engine.tiers.assumptions import Assumptions, Floats, chance_alone, effect


@dataclass(frozen=True)
class Facts:
    """What is known or assumed of every account, each [N]; the three spans low, middle, high."""

    amount: Floats
    score: Floats
    days: Floats
    attempts: Floats
    alone: Mapping[str, Floats]
    called: Mapping[str, Floats]
    messaged: Mapping[str, Floats]

    def call_gain(self, given: Assumptions) -> Floats:
        """Return what a call brings over a message, in money after its cost."""
        more = self.called["middle"] - self.messaged["middle"]
        return self.amount * more - (given.call_cost - given.message_cost)

    def message_gain(self, given: Assumptions) -> Floats:
        """Return what a message brings over nothing, in money after its cost."""
        more = self.messaged["middle"] - self.alone["middle"]
        return self.amount * more - given.message_cost


ENDS = ("low", "middle", "high")


def facts_of(
    accounts: pl.DataFrame,
    chances: pl.DataFrame | None,
    given: Assumptions,
    *,
    assume_rest: bool = False,
) -> Facts:
    """Return the facts of `accounts`: with a model's `chances` where given, else assumed ones.

    `assume_rest`: accounts that `chances` does not name keep the assumed ones.
    """
    columns = {
        name: accounts[name].cast(pl.Float64).to_numpy()
        for name in ("amount", "score", "days_overdue", "attempts")
    }
    attempts = columns["attempts"]
    base = chance_alone(columns["score"], columns["days_overdue"], attempts)
    alone = {end: np.clip(base * getattr(given.alone, end), 0, 0.99) for end in ENDS}
    called, messaged = (
        {end: alone[end] + effect(alone[end], attempts, getattr(span, end)) for end in ENDS}
        for span in (given.call, given.message)
    )
    if chances is not None:
        known = is_measured(accounts, chances) | (not assume_rest)
        measured = _measured(accounts, chances, known, given)
        alone, called, messaged = (
            {end: np.where(known, values, assumed[end]) for end in ENDS}
            for values, assumed in zip(measured, (alone, called, messaged), strict=True)
        )
    return Facts(
        columns["amount"],
        columns["score"],
        columns["days_overdue"],
        attempts,
        alone,
        called,
        messaged,
    )


def is_measured(accounts: pl.DataFrame, chances: pl.DataFrame) -> NDArray[np.bool_]:
    """Tell which accounts `chances` names [N]."""
    named = accounts["account_id"].is_in(chances["account_id"].implode())
    return np.asarray(named.to_numpy(), dtype=np.bool_)


def _measured(
    accounts: pl.DataFrame,
    chances: pl.DataFrame,
    known: NDArray[np.bool_],
    given: Assumptions,
) -> tuple[Floats, Floats, Floats]:
    """Return a model's chances alone, called and messaged, each [N]; nan where not `known`.

    Without `p_messaged` a message has its assumed share of a call.
    """
    found = accounts.select("account_id").join(
        chances, on="account_id", how="left", maintain_order="left"
    )
    wanted = [c for c in ("p_alone", "p_called", "p_messaged") if c in found.columns]
    for name in wanted:
        wrong = found.filter(pl.Series(known) & ~pl.col(name).is_between(0, 1).fill_null(False))
        if wrong.height:
            raise InputError(
                f"chances: {name} of account {wrong['account_id'][0]} is "
                f"{'missing' if wrong[name][0] is None else wrong[name][0]}; a number from 0 to 1 "
                "is needed for every account"
            )
    columns = {c: found[c].cast(pl.Float64).fill_null(float("nan")).to_numpy() for c in wanted}
    alone, called = columns["p_alone"], columns["p_called"]
    share = given.message.middle / given.call.middle
    messaged = columns.get("p_messaged", alone + (called - alone) * share)
    return alone, called, messaged


def for_agency(facts: Facts, low_balance: float, given: Assumptions) -> NDArray[np.bool_]:
    """Choose low balances at high risk, tried before, that an agency serves better than we do."""
    tried = (facts.days >= given.agency_from_days) & (facts.attempts >= given.agency_from_attempts)
    risky = facts.alone["middle"] < given.high_risk_below
    return np.asarray(
        tried & risky & (facts.amount <= low_balance) & (agency_advantage(facts, given) > 0)
    )


def agency_advantage(facts: Facts, given: Assumptions) -> Floats:
    """Return the cost check: what an agency yields after all costs, less what messages yield."""
    kept = given.agency_collects.middle * (1 - given.agency_fee)
    own = facts.amount * facts.messaged["middle"] - given.message_cost
    return np.asarray(facts.amount * kept - given.agency_cost - own, dtype=np.float64)


def for_soft_call(facts: Facts, given: Assumptions) -> NDArray[np.bool_]:
    """Choose the accounts whose call is an early soft reminder: medium risk, newly overdue."""
    medium = facts.alone["middle"] >= given.high_risk_below
    return np.asarray(medium & (facts.days <= given.soft_call_until_days))
