"""How often the gate errs: hardly ever about what is harmless, hardly ever about planted faults."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tenor.engine.evaluate.by_segment import GroupQuality
from tenor.engine.evaluate.figures import Figure
from tenor.engine.frames import Tables
from tenor.engine.release.contacting import contacting_changed
from tenor.engine.release.gate_trial import answers
from tenor.engine.release.limits import LIMITS
from tenor.engine.release.predictor_checks import group_check
from tenor.engine.release.stability import psi, rank_interval, shift

SINCE = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_harmless_candidate_of_a_small_portfolio_is_hardly_ever_refused():
    assert sum(answer.refuses for answer in answers("harmless", 60, 20)) <= 1


@pytest.mark.parametrize(
    ("kind", "by"),
    [
        ("promises 15 points too much", "calibrated over all"),
        ("moved to the middle", "scores like the live ones"),
        ("hardly knows who pays", "better than naive answers"),
    ],
)
def test_planted_faults_are_refused_at_a_thousand_customers(kind, by):
    assert all(by in answer.failed for answer in answers(kind, 1000, 3))


def test_the_interval_of_the_index_holds_the_truth_and_few_customers_say_nothing():
    """Of 200 samples of 150 customers about 95% of the intervals hold the index of a population."""
    rng = np.random.default_rng(5)
    everybody = rng.normal(size=60_000)
    moved = 0.7 * everybody + rng.normal(0.3, 0.3, size=60_000)
    truth = psi(everybody, moved)
    held = 0
    for draw in range(200):
        some = rng.choice(60_000, size=150, replace=False)
        found = shift(everybody[some], moved[some], some, rng=np.random.default_rng(draw))
        assert found is not None
        held += found.lower <= truth <= found.upper
    assert held >= 180
    assert shift(everybody[:29], moved[:29], np.arange(29), rng=rng) is None


def test_equal_scores_have_no_shift_whatever_the_sample():
    scores = np.random.default_rng(1).random(80)
    found = shift(scores, scores, np.arange(80), rng=np.random.default_rng(2))
    assert found == Figure(0.0, 0.0, 0.0)


def test_the_interval_of_a_rank_correlation_is_that_of_bonett_and_wright():
    # tanh(atanh 0.8 -+ 1.96 sqrt((1 + 0.32) / 97)), worked out by hand.
    assert rank_interval(0.8, 100) == pytest.approx((0.7012, 0.8686), abs=5e-4)
    assert rank_interval(0.8, 29) == (-1.0, 1.0)
    assert rank_interval(1.0, 500) == (1.0, 1.0)


def test_a_figure_blocks_only_where_all_that_it_may_be_lies_beyond_the_limit():
    bias, lead = LIMITS["bias"], LIMITS["lead"]
    said = [bias.judges(*f) for f in ((0.01, -0.2, 0.2), (0.06, 0.04, 0.08), (0.07, 0.06, 0.08))]
    assert said == [True, None, False]
    said = [lead.judges(*f) for f in ((0.0, -0.3, 0.3), (-0.02, -0.04, 0.0), (-0.1, -0.2, -0.02))]
    assert said == [True, None, False]


def test_among_many_groups_one_must_be_further_off_to_be_surely_off():
    """Off by 14 points, 11 to 17: beyond the limit alone, not surely as one of forty."""

    def group(value: float, low: float, high: float) -> GroupQuality:
        nothing = Figure(0.7, 0.6, 0.8)
        return GroupQuality("kind", "a", 30, 500, 250, 0.5, nothing, Figure(value, low, high), True)

    far = group(0.14, 0.11, 0.17)
    assert group_check([far]).passed is False
    assert group_check([far, *[group(0.0, -0.01, 0.01)] * 39]).passed is None


def contacts(days: range, channel: str, a_day: int) -> pl.DataFrame:
    sent = [SINCE + timedelta(days=d, minutes=n) for d in days for n in range(a_day)]
    return pl.DataFrame({"sent_at": sent, "channel": channel}).with_columns(
        pl.col("sent_at").dt.replace_time_zone("UTC")
    )


def test_other_contacts_than_before_are_told_by_what_share_they_differ(tables: Tables):
    """As many e-mails as before and twice as many text messages again: two of three are new."""
    before = contacts(range(-30, 0), "email", 2)
    after = pl.concat([contacts(range(30), "email", 2), contacts(range(30), "sms", 4)])
    due = pl.DataFrame({"due_on": [(SINCE + timedelta(days=d)).date() for d in range(-30, 30)]})
    known = tables.with_(contacts=pl.concat([before, after]), invoices=due)
    asked = {"since": SINCE, "until": SINCE + timedelta(days=30)}
    assert contacting_changed(known, **asked) == pytest.approx(4 / 6)
    same = tables.with_(contacts=pl.concat([before, contacts(range(30), "email", 2)]), invoices=due)
    assert contacting_changed(same, **asked) == pytest.approx(0.0)
    few = tables.with_(contacts=before.head(20), invoices=due)
    assert contacting_changed(few, **asked) is None
