"""Effects that fade and outcomes beside the control group: found where they are, and only there."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from tenor.engine.frames import AMOUNT, Tables, tables_of
from tenor.engine.monitoring.checks import State, judged
from tenor.engine.monitoring.decay import KEPT, decay, with_outcome
from tenor.engine.monitoring.outcomes import outcomes

NOW = datetime(2026, 3, 2, tzinfo=UTC)
CHANNELS = ("email", "sms", None)
# What each channel is believed to add to the chance of payment within two weeks.
GAIN = {"email": 0.15, "sms": 0.20, None: 0.0}


def drawn(truth: dict[str | None, float], *, a_week: int = 240, weeks: int = 20, level: float = 0.0,
          seed: int = 1) -> pl.DataFrame:  # fmt: skip
    """Contacts drawn by lot, and whether each was paid if channels really add `truth`."""
    rng = np.random.default_rng(seed)
    rows = []
    for n in range(a_week * weeks):
        channel = CHANNELS[int(rng.integers(3))]
        alone = float(rng.uniform(0.2, 0.5))
        rows.append(
            {
                "decided_at": NOW
                - timedelta(days=15 + 7 * (n // a_week), hours=int(rng.integers(150))),
                "customer_id": f"C{n}",
                "invoice_ids": [f"I{n}"],
                "channel": channel,
                "propensity": 1 / 3,
                "p_paid": alone + GAIN[channel],
                "p_paid_wait": alone,
                "paid": float(rng.random() < alone + level + truth[channel]),
            }
        )
    return pl.DataFrame(rows, schema={**KEPT, "paid": pl.Float64()})


def states(rows: pl.DataFrame) -> dict[str, State]:
    return {c.subject: c.state for c in judged(decay(rows, as_of=NOW))}


def test_effects_as_believed_raise_no_alarm() -> None:
    for seed in range(8):
        assert set(states(drawn(GAIN, seed=seed)).values()) == {State.WELL}


def test_an_effect_that_is_gone_is_found_for_its_channel_alone() -> None:
    rows = drawn({**GAIN, "email": 0.0})
    found = {c.subject: c for c in judged(decay(rows, as_of=NOW))}
    assert {name: c.state for name, c in found.items()} == {
        "email": State.ALARM, "sms": State.WELL,
    }  # fmt: skip
    email = found["email"]
    assert email.facts["believed"] == pytest.approx(0.15, abs=0.001)
    assert abs(email.facts["seen"]) < email.facts["reach"]
    assert email.facts["direction"] == -1


def test_people_who_pay_less_anyway_are_no_weaker_effect() -> None:
    assert set(states(drawn(GAIN, level=-0.15)).values()) == {State.WELL}


def test_too_few_drawn_by_lot_cannot_tell() -> None:
    assert set(states(drawn(GAIN, a_week=5)).values()) == {State.UNKNOWN}


def test_what_was_paid_is_counted_by_amount_and_only_when_its_time_is_over() -> None:
    at = NOW - timedelta(days=20)
    tables = tables_of(
        customers=pl.DataFrame({"customer_id": ["C1"]}),
        invoices=pl.DataFrame(
            {
                "invoice_id": ["A", "B"], "customer_id": ["C1", "C1"],
                "amount": [Decimal(100), Decimal(300)], "currency": ["EUR", "EUR"],
                "issued_on": [at.date()] * 2, "due_on": [at.date()] * 2,
            },
            schema_overrides={"amount": AMOUNT},
        ),
        payments=pl.DataFrame(
            {
                "invoice_id": ["B", "A"],
                "paid_at": [at + timedelta(days=3), at + timedelta(days=15)],
                "amount": [Decimal(300), Decimal(100)],
            },
            schema_overrides={"amount": AMOUNT},
        ),
    )  # fmt: skip
    row = {"customer_id": "C1", "invoice_ids": ["A", "B"], "channel": "sms", "p_paid": 0.5,
           "p_paid_wait": 0.3}  # fmt: skip
    kept = pl.DataFrame(
        [
            {**row, "decided_at": at, "propensity": 0.2},
            {**row, "decided_at": at, "propensity": 1.0},
            {**row, "decided_at": NOW - timedelta(days=3), "propensity": 0.2},
        ],
        schema=KEPT,
    )
    assert with_outcome(kept, tables, as_of=NOW)["paid"].to_list() == [0.75]


@pytest.fixture(scope="module")
def split(tables: Tables) -> tuple[Tables, pl.DataFrame]:
    """Half of the customers of a small world by lot, both treated alike."""
    ids = tables.customers["customer_id"]
    arms = ["treated" if n % 2 else "control" for n in range(len(ids))]
    return tables, pl.DataFrame({"customer_id": ids, "arm": arms})


def at_end(tables: Tables) -> datetime:
    last = tables.payments["paid_at"].max()
    assert isinstance(last, datetime)
    return last


def test_groups_that_are_treated_alike_differ_by_nothing(
    split: tuple[Tables, pl.DataFrame],
) -> None:
    tables, arms = split
    found = judged(outcomes(tables, as_of=at_end(tables), arms=arms))
    assert {c.state for c in found} <= {State.WELL, State.UNKNOWN}
    compared = [c for c in found if c.code == "against_control" and c.known]
    assert {c.subject for c in compared} >= {"paid_30d", "late_7d", "days_late"}
    assert {c.subject: c.facts["leading"] for c in compared}["late_7d"] is True


def test_a_group_that_pays_later_than_the_ladders_is_found(
    split: tuple[Tables, pl.DataFrame],
) -> None:
    tables, arms = split
    treated = arms.filter(pl.col("arm") == "treated")["customer_id"].implode()
    owed = tables.invoices.filter(pl.col("customer_id").is_in(treated))["invoice_id"].implode()
    since = at_end(tables) - timedelta(days=140)
    late = pl.col("invoice_id").is_in(owed) & (pl.col("paid_at") > since)
    worse = tables.with_(
        payments=tables.payments.with_columns(
            paid_at=pl.when(late).then(pl.col("paid_at").dt.offset_by("14d")).otherwise("paid_at")
        )
    )
    found = judged(outcomes(worse, as_of=at_end(tables), arms=arms))
    alarmed = {(c.code, c.subject) for c in found if c.state is State.ALARM}
    assert ("against_control", "days_late") in alarmed
    days = next(c for c in found if c.key == "against_control:days_late")
    assert days.facts["treated"] > days.facts["control"] + 3
