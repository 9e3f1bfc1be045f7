"""A policy judged group by group: a planted harm is found, a fine group is not accused."""

import numpy as np
import polars as pl
import pytest

from tenor.engine.errors import InputError
from tenor.engine.evaluate.harm import Answer, GroupValue, harm_by_group, harm_of
from tenor.engine.evaluate.logged import LogRows, judge
from tenor.engine.evaluate.overlap import Finding
from tenor.engine.evaluate.split import with_kind

# The policy would send a friendly text to everybody. In the log channel and tone were drawn evenly,
# and half of the contacts were the usual e-mail in a firm tone.
CHANNELS, TONES = np.array(["email", "sms"]), np.array(["firm", "friendly"])


def log_of(seed: int, rows: int, *, gain: dict[str, float]) -> tuple[LogRows, pl.DataFrame]:
    """A log where a text changes the share paid by `gain` of the contact's group."""
    rng = np.random.default_rng(seed)
    names = np.array(list(gain))
    group = names[rng.integers(0, len(names), rows)]
    usual = rng.random(rows) < 0.5
    channel = np.where(usual, 0, rng.integers(0, 2, rows))
    tone = np.where(usual, 0, rng.integers(0, 2, rows))
    added = np.array([gain[g] for g in group])
    chance = 0.4 + added * (channel == 1)
    made = pl.DataFrame(
        {
            "contact_id": [f"K{i}" for i in range(rows)],
            "customer_id": [f"C{i // 2}" for i in range(rows)],
            "channel": CHANNELS[channel],
            "tone": TONES[tone],
            "consents": [""] * rows,
            "propensity": np.where(usual, 0.6, 0.1),
            "reward": (rng.random(rows) < chance).astype(float),
            "expected": [0.35] * rows,
            "target_channel": ["sms"] * rows,
            "target_tone": ["friendly"] * rows,
        }
    )
    segments = pl.DataFrame({"contact_id": made["contact_id"], "kind": group})
    return LogRows(with_kind(made), rows, 0, 0, 0), segments


def test_a_worse_policy_is_found_worse_and_a_better_one_better():
    rng = np.random.default_rng(0)
    worse, _ = log_of(1, 6000, gain={"all": -0.2})
    better, _ = log_of(1, 6000, gain={"all": 0.2})
    found = judge(worse, rng=rng)
    assert found.verdict.finding is Finding.WORSE
    assert abs(found.gain.value + 0.2) < 4 * found.gain.standard_error < 0.15
    assert judge(better, rng=rng).verdict.finding is Finding.BETTER


def test_the_clustered_estimator_agrees_where_tones_do_alike():
    found = judge(log_of(3, 6000, gain={"all": 0.2})[0], rng=np.random.default_rng(0))
    named = {e.name: e for e in found.by_chance.estimates}
    assert abs(named["OffCEM"].value - 0.6) < 4 * named["OffCEM"].standard_error
    assert named["OffCEM"].standard_error < named["DR"].standard_error


def test_a_planted_harmed_group_is_named_though_the_policy_gains_on_the_whole():
    found, segments = log_of(2, 12_000, gain={"business": 0.3, "consumer": -0.2})
    assert judge(found, rng=np.random.default_rng(0)).gain.value > 0
    harm = harm_by_group(found, segments, margin=0.05, rng=np.random.default_rng(0))
    assert harm.answer is Answer.HARMED
    assert harm.text == "Worse off by more than 5.0% of the amount: kind: consumer."
    assert {g.group: g.answer for g in harm.groups} == {
        "business": Answer.FINE,
        "consumer": Answer.HARMED,
    }


def test_a_group_with_few_contacts_cannot_be_told_and_neither_can_the_whole():
    found, segments = log_of(4, 6000, gain={"business": 0.2, "consumer": 0.2})
    few = segments.with_columns(
        kind=pl.when(pl.int_range(pl.len()) < 20).then(pl.lit("agency")).otherwise("kind")
    )
    harm = harm_by_group(found, few, margin=0.05, rng=np.random.default_rng(0))
    assert harm.answer is Answer.CANNOT_TELL
    told = {g.group: (g.answer, g.text) for g in harm.groups}
    assert told["agency"] == (Answer.CANNOT_TELL, "only 20 contacts (30 needed)")
    assert told["business"][0] is Answer.FINE


def test_a_harmless_policy_is_seldom_said_to_harm_anybody():
    # Ten groups without any effect in each of 8 logs: without correction about two of the logs
    # would accuse somebody beyond a margin this small.
    accused = 0
    for seed in range(8):
        found, segments = log_of(seed, 2000, gain={f"g{k}": 0.0 for k in range(10)})
        harm = harm_by_group(found, segments, margin=0.001, rng=np.random.default_rng(seed))
        accused += harm.answer is Answer.HARMED
    assert accused <= 1


def test_all_groups_fine_is_fine_and_none_at_all_cannot_be_told():
    one = GroupValue("kind", "business", 500, 200, None, Answer.FINE, "")
    assert harm_of([one], margin=0.02).answer is Answer.FINE
    assert harm_of([], margin=0.02).answer is Answer.CANNOT_TELL


def test_without_anything_left_to_chance_nothing_is_judged():
    found, _ = log_of(0, 500, gain={"all": 0.0})
    usual = LogRows(found.rows.filter(pl.col("record").is_null()), 500, 0, 0, 0)
    with pytest.raises(InputError, match="left to chance"):
        judge(usual, rng=np.random.default_rng(0))
