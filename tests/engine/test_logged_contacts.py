"""Judging a policy on past contacts: exact rewards, and the truth of a made-up log found."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tenor.engine.evaluate.logged import consents, with_rewards
from tenor.engine.evaluate.overlap import Finding
from tenor.engine.evaluate.split import split_propensities
from tenor.engine.evaluate.value import value_of
from tenor.engine.frames import Tables, tables_of

T = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def _money(*amounts: str) -> pl.Series:
    return pl.Series(amounts).cast(pl.Decimal(38, 4))


def _tables(payments: list[tuple[str, float, str]]) -> Tables:
    invoices = ["I1", "I2", "I3"]
    return tables_of(
        customers=pl.DataFrame({"customer_id": ["A"]}),
        invoices=pl.DataFrame(
            {
                "invoice_id": invoices,
                "customer_id": ["A"] * 3,
                "amount": _money("100", "50", "30"),
                "currency": ["EUR"] * 3,
                "issued_on": [(T - 60 * DAY).date()] * 3,
                "due_on": [(T - 30 * DAY).date()] * 3,
            }
        ),
        payments=pl.DataFrame(
            {
                "invoice_id": [p[0] for p in payments],
                "paid_at": [T + p[1] * DAY for p in payments],
                "amount": _money(*(p[2] for p in payments)),
            }
        ),
        contacts=pl.DataFrame(
            {
                "contact_id": ["K1", "K2", "K3"],
                "customer_id": ["A"] * 3,
                "invoice_ids": [["I1", "I2"], ["I1"], ["I1"]],
                "sent_at": [T, T + 12 * DAY, T + 25 * DAY],
                "channel": ["email"] * 3,
                "propensity": [0.1] * 3,
            }
        ),
    )


def test_the_reward_is_the_share_of_what_was_owed_then_that_came_within_the_window():
    tables = _tables(
        [
            ("I1", -5, "20"),  # before: 80 are still owed
            ("I1", 3, "40"),
            ("I2", 20, "50"),  # after the window of the first contact
            ("I1", 14.5, "40"),
            ("I3", 30, "30"),
        ]
    )
    found = with_rewards(tables, tables.contacts, window_days=14)
    # The first asked for 80 + 50 and brought 40; the second for 40, all of which came; the third
    # was sent five days before the data end.
    assert dict(found.select("contact_id", "reward").iter_rows()) == {
        "K1": pytest.approx(40 / 130),
        "K2": 1.0,
    }


def test_more_than_was_owed_counts_as_all_and_a_contact_that_asked_for_nothing_is_left_out():
    tables = _tables([("I1", 3, "500"), ("I2", 60, "50")])
    found = with_rewards(tables, tables.contacts, window_days=14)
    assert dict(found.select("contact_id", "reward").iter_rows()) == {
        "K1": pytest.approx(100 / 150)
    }


def test_the_amount_owed_is_that_of_the_day_it_was_asked_for():
    tables = _tables([("I1", 13, "80"), ("I2", 60, "50")])
    raised = tables.with_(
        events=tables_of(
            events=pl.DataFrame(
                {
                    "at": [T + 5 * DAY],
                    "kind": ["amount_changed"],
                    "invoice_id": ["I1"],
                    "detail": ['{"amount": "160"}'],
                }
            )
        ).events
    )
    found = with_rewards(raised, raised.contacts, window_days=14)
    assert dict(found.select("contact_id", "reward").iter_rows()) == {
        "K1": pytest.approx(80 / 150),
        "K2": pytest.approx(80 / 160),
        "K3": 0.0,
    }


# A log whose truth is known: channel and tone drawn evenly among the person's channels, day and
# hour drawn too, so that only the probability of all four together is recorded.


def _log(rng: np.random.Generator, rows: int) -> pl.DataFrame:
    channels, tones = np.array(["call", "email", "sms"]), np.array(["firm", "friendly"])
    barred = rng.random(rows) < 0.4  # these may not be called
    channel = np.where(barred, rng.integers(1, 3, rows), rng.integers(0, 3, rows))
    tone = rng.integers(0, 2, rows)
    chance = 0.2 + 0.15 * (channel == 2) + 0.1 * (tone == 1)
    return pl.DataFrame(
        {
            "contact_id": [f"K{i}" for i in range(rows)],
            "customer_id": [f"C{i // 2}" for i in range(rows)],
            "channel": channels[channel],
            "tone": tones[tone],
            "consents": np.where(barred, "call ", ""),
            "propensity": 0.3 / np.where(barred, 2, 3) / 2 / 48,
            "reward": (rng.random(rows) < chance).astype(float),
            "target_channel": ["sms"] * rows,
            "target_tone": ["friendly"] * rows,
            "expected": [0.2] * rows,
        }
    )


def test_channel_and_tone_are_judged_though_only_the_whole_probability_is_recorded():
    logged, target = split_propensities(_log(np.random.default_rng(0), 20_000))
    found = value_of(logged, target, rng=np.random.default_rng(1), factors=("channel", "tone"))
    truth = 0.2 + 0.15 + 0.1
    for estimate in found.estimates:
        if estimate.name not in ("DM", "DRos", "Switch-DR"):
            assert abs(estimate.value - truth) < 4 * estimate.standard_error, estimate.name
            assert estimate.standard_error < 0.02
    assert found.support.mean_weight == pytest.approx(1.0, abs=0.03)
    assert found.verdict.finding is Finding.BETTER


def test_few_contacts_left_to_chance_cannot_tell():
    logged, target = split_propensities(_log(np.random.default_rng(0), 120))
    found = value_of(logged, target, rng=np.random.default_rng(1), factors=("channel", "tone"))
    assert found.verdict.finding is Finding.CANNOT_TELL


def test_customers_with_the_same_barred_channels_are_alike_and_unknown_consent_bars_nothing():
    tables = tables_of(
        customers=pl.DataFrame(
            {
                "customer_id": ["A", "B", "C"],
                "consent_sms": [True, False, None],
                "consent_call": [False, False, True],
            }
        )
    )
    assert consents(tables).rows() == [("A", "call "), ("B", "call sms "), ("C", "")]
