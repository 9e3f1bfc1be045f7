"""Rests are compared exactly, and facts of one instant have one order."""

from decimal import Decimal

import polars as pl
import pytest

from policy_world import at, event, invoice, payment, world
from tenor.engine.ledger import invoice_states

AS_OF = at("2026-05-11")


def test_no_rest_of_exactly_a_percent_is_lost_in_rounding() -> None:
    cents = range(1, 10_001)
    tables = world(
        invoices=[invoice(f"I{c}", amount=str(Decimal(c) / 100)) for c in cents],
        payments=[payment("2026-05-02", str(Decimal(c) * 99 / 10_000), f"I{c}") for c in cents],
    )
    states = invoice_states(tables, AS_OF)
    assert states.filter("is_open")["invoice_id"].to_list() == []


@pytest.mark.parametrize(
    "first",
    [
        {"kind": "amount_changed", "amount": "120"},
        {"kind": "credited", "amount": "20"},
        {"kind": "credited"},
    ],
)
def test_the_order_of_facts_of_one_instant_does_not_matter(first: dict[str, str]) -> None:
    one = event(invoice="I1", when="2026-05-02", **first)
    other = event("amount_changed", "2026-05-02", invoice="I1", amount="90")
    states = [invoice_states(world(*facts), AS_OF) for facts in ([one, other], [other, one])]
    assert states[0].equals(states[1])
    assert pl.concat(states)["total"].n_unique() == 1
