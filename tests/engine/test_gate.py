"""Which decisions wait for a person, and why."""

from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from policy_world import AS_OF, customer, event, invoice, payment, policy_of, world
from tenor.engine.frames import AMOUNT, Tables
from tenor.engine.policy.gate import obstacles, reviews

# No decision is drawn by chance, so that the other reasons stand alone.
QUIET = "[review]\nsample = 0\n"


def decision(id: str = "C1", verdict: str = "contact", **more: Any) -> dict[str, Any]:
    made = {"customer_id": id, "verdict": verdict, "amount": Decimal(100), "p_better": 0.9}
    channel = "email" if verdict == "contact" else None
    return made | {"channel": channel, "explored": False, "rules": []} | more


def frame(*decisions: dict[str, Any]) -> pl.DataFrame:
    schema = {
        "customer_id": pl.String,
        "verdict": pl.String,
        "channel": pl.String,
        "amount": AMOUNT,
        "p_better": pl.Float64,
        "explored": pl.Boolean,
        "rules": pl.List(pl.String),
    }
    return pl.DataFrame(list(decisions), schema=schema)


def look(
    *decisions: dict[str, Any], tables: Tables | None = None, policy: str = QUIET, seed: int = 0
) -> pl.DataFrame:
    return reviews(
        frame(*decisions), tables or world(), as_of=AS_OF, policy=policy_of(policy), seed=seed
    )


def reason(made: dict[str, Any], tables: Tables | None = None, policy: str = QUIET) -> str | None:
    found: str | None = look(made, tables=tables, policy=policy)["review_reason"][0]
    return found


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (decision(), None),
        (decision(verdict="wait"), None),
        (decision(amount=Decimal("5000")), None),
        (decision(amount=Decimal("5000.01")), "5000.01 is above 5000 EUR"),
        # Nobody needs to look at leaving a dear customer alone.
        (decision(verdict="wait", amount=Decimal(9000)), None),
        (decision(p_better=0.6), None),
        (decision(p_better=0.599), "only 59% likely to beat waiting, 60% is asked"),
        (decision(p_better=None), None),
        (decision(p_better=0.1, explored=True), None),
        (decision(verdict="wait", p_better=0.1), None),
        (decision(verdict="escalate"), "a person confirms every hand-over to collection"),
        (
            decision(amount=Decimal(9000), p_better=0.5),
            "9000.00 is above 5000 EUR; only 50% likely to beat waiting, 60% is asked",
        ),
    ],
)
def test_dear_uncertain_and_final_decisions_are_looked_at(
    made: dict[str, Any], why: str | None
) -> None:
    assert reason(made) == why


def test_collection_without_a_person_is_the_policys_choice() -> None:
    trusting = QUIET + "escalate_without_person = true"
    assert reason(decision(verdict="escalate"), policy=trusting) is None


def visits(*dates: str, **where: str) -> list[dict[str, Any]]:
    return [event("page_visited", date, **where) for date in dates]


THREE = visits("2026-05-03", "2026-05-05", "2026-05-09")


def test_a_payment_page_seen_three_times_without_payment_goes_to_a_person() -> None:
    why = (
        "likely obstacle: financial room or doubt "
        "(payment page seen 3 times since 2026-05-03, nothing paid since)"
    )
    assert reason(decision(), world(*THREE)) == why
    assert reason(decision(verdict="wait"), world(*THREE)) == why
    assert reason(decision(), world(*THREE[:2])) is None
    assert reason(decision(), world(*THREE[:2]), QUIET + "visits_without_payment = 2") is not None


@pytest.mark.parametrize(
    ("tables", "seen"),
    [
        # Visits before a payment led to it.
        (world(*THREE, payments=[payment("2026-05-04", "10")]), None),
        (world(*THREE, payments=[payment("2026-05-02", "10")]), 3),
        (world(*THREE, payments=[payment("2026-05-12", "10")]), 3),
        # Told of the invoice instead of the customer; of another customer; too old; later than now.
        (world(*visits("2026-05-03", "2026-05-05", "2026-05-09", invoice="I1")), 3),
        (world(*THREE[:2], event("page_visited", "2026-05-09", customer="C2")), None),
        (world(*visits("2026-03-01", "2026-05-05", "2026-05-09")), None),
        (world(*visits("2026-05-03", "2026-05-05", "2026-05-11 00:01")), None),
    ],
)
def test_visits_count_since_the_last_payment_within_sixty_days(
    tables: Tables, seen: int | None
) -> None:
    found = obstacles(tables, as_of=AS_OF, policy=policy_of())
    assert found["visits"].to_list() == ([] if seen is None else [seen])


@pytest.mark.parametrize(
    ("events", "obstacle", "evidence"),
    [
        ([], "financial room or doubt", "nothing paid since"),
        (
            [
                event("payment_started", "2026-05-05"),
                event("payment_failed", "2026-05-05", method="ideal", reason="bank timeout"),
            ],
            "payment method",
            "payment begun once, failed once, last failure: ideal, bank timeout, "
            "nothing paid since",
        ),
        (
            [event("payment_failed", "2026-05-05", method="card", reason="Insufficient funds")],
            "financial room",
            "failed once, last failure: card, Insufficient funds, nothing paid since",
        ),
        (
            [
                event("payment_failed", "2026-05-04", reason="AM04"),
                event("payment_failed", "2026-05-06", reason="card expired"),
            ],
            "payment method",
            "failed 2 times, last failure: card expired, nothing paid since",
        ),
        (
            [event("payment_failed", "2026-05-05")],
            "payment method",
            "failed once, nothing paid since",
        ),
        (
            [event("payment_started", "2026-05-05")],
            "payment not finished",
            "payment begun once, nothing paid since",
        ),
        (
            [event("payment_started", "2026-05-05"), event("replied", "2026-05-06")],
            "a message not yet answered",
            "payment begun once, the customer wrote or promised, nothing paid since",
        ),
    ],
)
def test_the_likely_obstacle_is_told_with_its_evidence(
    events: list[dict[str, Any]], obstacle: str, evidence: str
) -> None:
    found = look(decision(), tables=world(*THREE, *events)).row(0, named=True)
    assert found["obstacle"] == obstacle
    assert found["evidence"] == f"payment page seen 3 times since 2026-05-03, {evidence}"
    assert found["review_reason"] == f"likely obstacle: {obstacle} ({found['evidence']})"


@pytest.mark.parametrize("rule", ["hold", "disputed", "plan", "promise"])
def test_where_a_rule_explains_the_silence_no_obstacle_is_sought(rule: str) -> None:
    found = look(decision(verdict="wait", rules=["consent", rule]), tables=world(*THREE))
    assert found.row(0) == ("C1", None, None, None)
    assert reason(decision(rules=["consent"]), world(*THREE)) is not None


def test_the_sample_is_exact_on_average_in_every_stratum() -> None:
    made = [decision(f"A{n}") for n in range(150)]
    made += [decision(f"B{n}", channel="call") for n in range(30)]
    made += [decision(f"D{n}", verdict="wait") for n in range(300)]
    counts = []
    for seed in range(200):
        found = look(*made, policy="[review]\nsample = 0.01", seed=seed)
        drawn = found.filter(pl.col("review_reason").is_not_null())
        assert set(drawn["review_reason"]) <= {"drawn by chance (1% of decisions)"}
        ids = drawn["customer_id"].str.head(1)
        counts.append([(ids == stratum).sum() for stratum in "ABD"])
    # 1.5, 0.3 and 3 are expected: rounded up or down by chance.
    by_stratum = list(zip(*counts, strict=True))
    assert [set(c) for c in by_stratum] == [{1, 2}, {0, 1}, {3}]
    assert sum(by_stratum[0]) / 200 == pytest.approx(1.5, abs=0.15)
    assert sum(by_stratum[1]) / 200 == pytest.approx(0.3, abs=0.13)


def test_everybody_is_drawn_with_the_same_chance() -> None:
    made = [decision(f"A{n}") for n in range(10)]
    times = dict.fromkeys((d["customer_id"] for d in made), 0)
    for seed in range(400):
        found = look(*made, policy="[review]\nsample = 0.25", seed=seed)
        for id in found.filter(pl.col("review_reason").is_not_null())["customer_id"]:
            times[id] += 1
    # 100 each expected, standard deviation 8.7.
    assert all(65 <= n <= 135 for n in times.values())


def test_the_answer_keeps_the_order_of_the_decisions_and_does_not_depend_on_it() -> None:
    made = [decision(f"A{n}", amount=Decimal(n * 1000)) for n in range(40)]
    policy = "[review]\nsample = 0.2"
    one = look(*made, policy=policy)
    other = look(*reversed(made), policy=policy)
    assert one["customer_id"].to_list() == [d["customer_id"] for d in made]
    assert one.equals(other.reverse())


def test_two_customers_are_told_apart() -> None:
    tables = world(
        *THREE,
        customers=[customer("C1"), customer("C2")],
        invoices=[invoice("I1", "C1"), invoice("I2", "C2")],
    )
    found = look(decision("C2"), decision("C1"), tables=tables)
    assert found["obstacle"].to_list() == [None, "financial room or doubt"]


def test_no_decisions_need_no_person() -> None:
    assert look().height == 0
