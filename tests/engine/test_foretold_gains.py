"""What a model foretold of each way that chance could have chosen, for contacts of the past."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

import worlds
from tenor.engine.evaluate.gain import foretold_gains, gain_calibration
from tenor.engine.evaluate.logged import LogRows
from tenor.engine.evaluate.split import with_kind
from tenor.engine.ledger import invoice_states
from tenor.engine.policy.grid import alternatives

WAYS = [("email", "firm"), ("email", "friendly"), ("sms", "friendly"), ("letter", "firm")]


@pytest.fixture(scope="module")
def drawn(tables, as_of) -> LogRows:
    """Forty contacts on the morning of `as_of`, in four ways in turn, as if drawn evenly."""
    late = invoice_states(tables, as_of).filter("is_open").group_by("customer_id")
    who = late.agg(pl.col("days_overdue").min()).filter(pl.col("days_overdue") > 3)
    ids = who["customer_id"].sort().head(40).to_list()
    ways = [WAYS[k % len(WAYS)] for k in range(len(ids))]
    rows = pl.DataFrame(
        {
            "contact_id": [f"K{k}" for k in range(len(ids))],
            "customer_id": ids,
            "sent_at": [as_of + timedelta(hours=8)] * len(ids),
            "channel": [channel for channel, _ in ways],
            "tone": [tone for _, tone in ways],
            "consents": [""] * len(ids),
            "propensity": [0.05] * len(ids),
            "reward": [0.5] * len(ids),
            "expected": [0.4] * len(ids),
        },
        schema_overrides={"sent_at": pl.Datetime("us", "UTC")},
    )
    return LogRows(with_kind(rows), len(ids), 0, 0, 0)


@pytest.fixture(scope="module")
def found(tables, drawn, model, policy) -> pl.DataFrame:
    return foretold_gains(tables, drawn, model_at=lambda _: model, policy=policy)


def test_each_gain_is_that_of_the_same_contact_among_all_alternatives(
    found, drawn, tables, as_of, model, policy
):
    contact = found["contact_id"][0]
    mine = drawn.rows.filter(pl.col("contact_id") == contact).row(0, named=True)
    every = alternatives(
        tables, as_of=as_of, model=model, policy=policy, customer_id=mine["customer_id"]
    ).filter(pl.col("day") == 0)
    local = every.filter(pl.col("send_at") == mine["sent_at"])
    by_way = {(c, t): p for c, t, p in local.select("channel", "tone", "p_paid").rows()}
    told = found.row(0, named=True)
    usual = sum(by_way[way] for way in WAYS) / len(WAYS)
    assert told["foretold"] - told["usual"] == pytest.approx(
        by_way[mine["channel"], mine["tone"]] - usual, abs=2e-5
    )


def test_what_came_later_moves_nothing_that_was_foretold(
    found, drawn, tables, as_of, model, policy
):
    past = worlds.later_deleted(tables, as_of)
    assert foretold_gains(past, drawn, model_at=lambda _: model, policy=policy).equals(found)


def test_forty_contacts_are_too_few_to_tell_a_slope(found):
    told = gain_calibration(found, rng=np.random.default_rng(0))
    assert told.contacts == found.height > 20
    assert 0.001 < told.spread < 0.5
    assert told.text.startswith("These logs cannot tell: ")
