"""What is owed at an instant: balances, credits, changed amounts, payment and what undoes it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_world import at, customer, event, invoice, payment, world
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states, settlements, totals

# I1: 100.00, issued on the first of April and due on the first of May 2026.
AS_OF = at("2026-05-11")
Facts = list[dict[str, Any]]


def pay(when: str, amount: str) -> dict[str, Any]:
    return payment(f"2026-{when}", amount)


def credit(when: str, amount: str | None = None) -> dict[str, Any]:
    detail = {} if amount is None else {"amount": amount}
    return event("credited", f"2026-{when}", invoice="I1", **detail)


def change(when: str, amount: str) -> dict[str, Any]:
    return event("amount_changed", f"2026-{when}", invoice="I1", amount=amount)


def tables_with(facts: Facts, amount: str = "100") -> Tables:
    return world(
        *[f for f in facts if "kind" in f],
        invoices=[invoice(amount=amount)],
        payments=[f for f in facts if "paid_at" in f],
    )


def state(tables: Tables, as_of: datetime = AS_OF) -> dict[str, Any]:
    (row,) = invoice_states(tables, as_of).iter_rows(named=True)
    return row


@pytest.mark.parametrize(
    ("facts", "total", "paid", "settled"),
    [
        pytest.param([], "100", "0", None, id="nothing happened"),
        pytest.param([pay("05-02", "40")], "100", "40", None, id="paid in part"),
        pytest.param([pay("05-02", "100")], "100", "100", "05-02", id="paid"),
        pytest.param(
            [pay("05-05", "60"), pay("05-02", "40")], "100", "100", "05-05", id="paid in two parts"
        ),
        pytest.param([pay("05-02", "120")], "100", "120", "05-02", id="paid too much"),
        pytest.param(
            [pay("05-02", "100"), pay("05-03", "5")], "100", "105", "05-02", id="paid on and on"
        ),
        pytest.param([pay("03-20", "100")], "100", "100", "03-20", id="paid before it was issued"),
        pytest.param(
            [pay("03-20", "40"), pay("04-20", "60")], "100", "100", "04-20", id="part paid before"
        ),
        pytest.param([credit("05-02", "30")], "70", "0", None, id="credited in part"),
        pytest.param([credit("05-02")], "0", "0", "05-02", id="credited as a whole"),
        pytest.param(
            [pay("05-02", "70"), credit("05-04", "30")], "70", "70", "05-04", id="paid and credited"
        ),
        pytest.param([change("05-02", "125")], "125", "0", None, id="a fee was added"),
        pytest.param(
            [change("05-02", "125"), change("05-03", "110")], "110", "0", None, id="changed twice"
        ),
        pytest.param(
            [credit("05-02", "30"), change("05-03", "120"), credit("05-04", "20")],
            "100",
            "0",
            None,
            id="a new total forgets the credits before it",
        ),
        pytest.param(
            [pay("05-02", "60"), change("05-04", "60")], "60", "60", "05-04", id="lowered to paid"
        ),
        pytest.param(
            [pay("05-02", "100"), change("05-04", "125")], "125", "100", None, id="asked up again"
        ),
        pytest.param(
            [pay("05-02", "100"), change("05-04", "125"), pay("05-08", "25")],
            "125",
            "125",
            "05-08",
            id="asked up again and paid",
        ),
        pytest.param(
            [pay("05-02", "100"), pay("05-03", "-100")], "100", "0", None, id="payment reversed"
        ),
        pytest.param(
            [pay("05-02", "100"), pay("05-03", "-100"), pay("05-07", "100")],
            "100",
            "100",
            "05-07",
            id="reversed and paid again",
        ),
        pytest.param([pay("05-12", "100")], "100", "0", None, id="paid only later"),
        pytest.param([credit("05-12"), change("05-12", "7")], "100", "0", None, id="changed later"),
    ],
)
def test_what_is_owed_follows_from_the_facts(
    facts: Facts, total: str, paid: str, settled: str | None
) -> None:
    found = state(tables_with(facts))
    assert found["total"] == Decimal(total)
    assert found["paid"] == Decimal(paid)
    assert found["balance"] == Decimal(total) - Decimal(paid)
    assert found["settled_at"] == (at(f"2026-{settled}") if settled else None)
    assert found["is_open"] == (settled is None)
    assert found["amount"] == Decimal(100)


def test_an_invoice_is_settled_reopened_and_settled_again_as_time_goes_on() -> None:
    facts = tables_with([pay("05-02", "100"), change("05-04", "125"), pay("05-08", "25")])
    open_on = {
        day: state(facts, at(f"2026-{day}"))["is_open"]
        for day in ("05-01", "05-02", "05-03", "05-04", "05-07", "05-08")
    }
    assert open_on == {
        "05-01": True,
        "05-02": False,
        "05-03": False,
        "05-04": True,
        "05-07": True,
        "05-08": False,
    }


@pytest.mark.parametrize(
    ("amount", "paid", "is_open"),
    [
        ("100", "99", False),
        ("100", "98.99", True),
        ("1000", "999", False),
        ("1000", "998.99", True),
        ("10", "9.90", False),
        ("10", "9.89", True),
        ("0.50", "0.4950", False),
        ("0.50", "0.4949", True),
    ],
)
def test_a_rest_of_a_percent_and_at_most_one_unit_is_not_chased(
    amount: str, paid: str, is_open: bool
) -> None:
    assert state(tables_with([pay("05-02", paid)], amount))["is_open"] == is_open


@pytest.mark.parametrize("kind", ["escalated", "written_off"])
def test_what_is_out_of_our_hands_is_closed_though_not_settled(kind: str) -> None:
    facts = [event(kind, "2026-05-06", invoice="I1"), event(kind, "2026-05-04", invoice="I1")]
    found = state(tables_with(facts))
    assert found["closed_at"] == at("2026-05-04")
    assert found["settled_at"] is None
    assert not found["is_open"]
    assert found["balance"] == 100
    assert state(tables_with(facts), at("2026-05-03"))["is_open"]


def test_days_overdue_count_from_the_due_date() -> None:
    facts = tables_with([])
    assert [
        state(facts, at(f"2026-{day}"))["days_overdue"] for day in ("04-26", "05-01", "05-11")
    ] == [-5, 0, 10]


def test_an_invoice_is_known_from_its_issue_date_on() -> None:
    facts = tables_with([pay("03-20", "100")])
    assert invoice_states(facts, at("2026-03-31 23:59")).is_empty()
    assert state(facts, at("2026-04-01"))["settled_at"] == at("2026-03-20")


def test_facts_about_unknown_invoices_change_nothing() -> None:
    odd = world(
        event("amount_changed", "2026-05-02", invoice="I9", amount="5"),
        event("credited", "2026-05-02", invoice="I9"),
        event("escalated", "2026-05-02", invoice="I9"),
        event("credited", "2026-05-02", customer="C1"),
        event("amount_changed", "2026-05-03", invoice="I1"),
        event("amount_changed", "2026-05-03", invoice="I1", amount="a lot"),
        payments=[payment("2026-05-02", "100", "I9")],
    )
    assert invoice_states(odd, AS_OF).equals(invoice_states(world(), AS_OF))


def test_every_change_of_what_is_asked_is_listed_from_the_issue_on() -> None:
    changed = tables_with([credit("05-02", "30.25"), change("05-03", "120"), credit("05-04", "20")])
    assert totals(changed).rows() == [
        ("I1", at("2026-04-01"), Decimal("100")),
        ("I1", at("2026-05-02"), Decimal("69.75")),
        ("I1", at("2026-05-03"), Decimal("120")),
        ("I1", at("2026-05-04"), Decimal("100")),
    ]


def test_no_facts_are_no_invoices() -> None:
    assert invoice_states(world(customers=[], invoices=[]), AS_OF).is_empty()


# Any facts: against a slow fold, and in any order.


@dataclass(frozen=True)
class Fact:
    """Something that happens to an invoice, so many hours after it was issued."""

    invoice: int
    hour: int
    kind: str
    cents: int


AMOUNTS = [Decimal("100"), Decimal("19.99"), Decimal("2500.5")]
ISSUED = datetime(2026, 4, 1, tzinfo=UTC)
HOURS = 24 * 40

facts_of = st.lists(
    st.builds(
        Fact,
        invoice=st.integers(0, 2),
        hour=st.integers(-48, HOURS),
        kind=st.sampled_from(["paid", "paid", "credited", "amount_changed", "cancelled"]),
        cents=st.integers(1, 30_000),
    ),
    max_size=14,
    # What is said of an invoice's total at one and the same instant has no order.
    unique_by=lambda f: (f.invoice, f.hour) if f.kind != "paid" else (f.invoice, f.hour, f.cents),
)


def tables_of_facts(facts: list[Fact]) -> Tables:
    def when(fact: Fact) -> str:
        return (ISSUED + timedelta(hours=fact.hour)).strftime("%Y-%m-%d %H:%M")

    changes = []
    for fact in facts:
        if fact.kind == "cancelled":
            changes.append(event("credited", when(fact), invoice=f"I{fact.invoice}"))
        elif fact.kind != "paid":
            amount = str(Decimal(fact.cents) / 100)
            changes.append(event(fact.kind, when(fact), invoice=f"I{fact.invoice}", amount=amount))
    return world(
        *changes,
        customers=[customer()],
        invoices=[invoice(f"I{n}", amount=str(a)) for n, a in enumerate(AMOUNTS)],
        payments=[
            payment(when(f), str(Decimal(f.cents) / 100), f"I{f.invoice}")
            for f in facts
            if f.kind == "paid"
        ],
    )


def folded(facts: list[Fact], number: int) -> tuple[Decimal, Decimal, datetime | None]:
    """Total, paid and settled of one invoice, one fact after the other."""
    total, paid, settled = AMOUNTS[number], Decimal(0), None
    for fact in sorted((f for f in facts if f.invoice == number), key=lambda f: f.hour):
        value = Decimal(fact.cents) / 100
        if fact.kind == "paid":
            paid += value
        elif fact.kind == "amount_changed":
            total = value
        else:
            total -= value if fact.kind == "credited" else total
        owed = total - paid > min(total / 100, Decimal(1))
        at_ = ISSUED + timedelta(hours=fact.hour)
        settled = None if owed else settled or at_
    return total, paid, settled


@settings(max_examples=60, deadline=None)
@given(facts_of.map(lambda facts: [f for f in facts if f.kind == "paid" or f.hour > 0]))
def test_states_equal_a_fold_of_one_fact_after_the_other(facts: list[Fact]) -> None:
    found = settlements(tables_of_facts(facts)).sort("invoice_id")
    for number, row in enumerate(found.iter_rows(named=True)):
        total, paid, settled = folded(facts, number)
        assert row["total"] == total
        assert row["paid"] == paid
        assert row["settled_at"] == settled


@settings(max_examples=40, deadline=None)
@given(facts_of, st.integers(0, HOURS), st.randoms(use_true_random=False))
def test_the_order_of_the_facts_does_not_matter_and_sums_agree(
    facts: list[Fact], hours: int, chance: Any
) -> None:
    as_of = ISSUED + timedelta(hours=hours)
    tables = tables_of_facts(facts)
    mixed = list(facts)
    chance.shuffle(mixed)
    other = tables_of_facts(mixed)
    states = invoice_states(tables, as_of)
    assert states.equals(invoice_states(other, as_of))
    assert (states["balance"] == states["total"] - states["paid"]).all()
    by_then = tables.payments.filter(pl.col("paid_at") <= as_of)
    assert states["paid"].sum() == by_then["amount"].sum()
    assert states["is_open"].to_list() == states["settled_at"].is_null().to_list()
