"""Out-of-time quality: exact figures, censored outcomes left out, and no look into the future."""

from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenor.engine.errors import InputError
from tenor.engine.evaluate import metrics
from tenor.engine.evaluate.baselines import (
    own_delays,
    own_punctuality,
    own_shares,
    own_shares_at_age,
    past_invoices,
)
from tenor.engine.evaluate.figures import Figure
from tenor.engine.evaluate.quality import quality
from tenor.engine.frames import tables_of

T = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


# The figures themselves


def _auc_by_pairs(predicted, outcome):
    ones, zeros = predicted[outcome == 1], predicted[outcome == 0]
    return np.mean((ones[:, None] > zeros) + 0.5 * (ones[:, None] == zeros))


LEVELS = st.lists(
    st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.booleans(), st.integers(1, 3)),
    min_size=4,
    max_size=40,
).filter(lambda rows: len({r[1] for r in rows}) == 2)


@given(LEVELS)
@settings(deadline=None)
def test_the_auc_is_the_share_of_pairs_in_the_right_order(rows):
    predicted = np.array([r[0] for r in rows])
    outcome = np.array([float(r[1]) for r in rows])
    assert metrics.auc(predicted, outcome) == pytest.approx(_auc_by_pairs(predicted, outcome))


@given(LEVELS)
@settings(deadline=None)
def test_a_weighted_auc_is_that_of_the_rows_repeated(rows):
    predicted = np.array([r[0] for r in rows])
    outcome = np.array([float(r[1]) for r in rows])
    times = np.array([r[2] for r in rows])
    weighted = metrics.ranking(predicted, outcome).auc(times[None].astype(float))[0]
    repeated = _auc_by_pairs(np.repeat(predicted, times), np.repeat(outcome, times))
    assert weighted == pytest.approx(repeated)


def _concordance_by_pairs(expected, days, seen):
    wins = pairs = 0.0
    for i, j in combinations(range(len(days)), 2):
        for a, b in ((i, j), (j, i)):
            # a is known to be paid before b.
            if seen[a] and (days[a] < days[b] or (days[a] == days[b] and not seen[b])):
                pairs += 1
                wins += 1.0 if expected[a] < expected[b] else 0.5 * (expected[a] == expected[b])
    return wins / pairs if pairs else None


@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.booleans()), min_size=2, max_size=30
    )
)
@settings(deadline=None)
def test_concordance_counts_pairs_whose_order_is_known(rows):
    expected, days = (np.array([float(r[k]) for r in rows]) for k in (0, 1))
    seen = np.array([r[2] for r in rows])
    found = metrics.concordance(expected, days, seen)
    by_pairs = _concordance_by_pairs(expected, days, seen)
    assert np.isnan(found) if by_pairs is None else found == pytest.approx(by_pairs)


def test_errors_and_surprise_of_single_rows_are_exact():
    predicted, outcome = np.array([0.8, 0.8, 0.0]), np.array([1.0, 0.0, 1.0])
    assert metrics.brier(predicted, outcome) == pytest.approx([0.04, 0.64, 1.0])
    assert metrics.log_loss(predicted, outcome) == pytest.approx(
        [-np.log(0.8), -np.log(0.2), -np.log(1e-6)]
    )


def test_the_best_threshold_stands_between_different_predictions_only():
    predicted = np.array([0.1, 0.1, 0.3, 0.3, 0.6])
    outcome = np.array([0.0, 0.0, 1.0, 0.0, 1.0])
    share, threshold = metrics.best_accuracy(predicted, outcome)
    assert share == 0.8
    assert np.mean((predicted > threshold) == (outcome > 0.5)) == 0.8


def test_bins_hold_ties_together():
    bins = metrics.calibration_bins(np.array([0.2] * 90 + [0.7] * 10))
    assert len(set(bins[:90])) == 1
    assert bins[95] > bins[5]


# The baselines


def _invoices(rows):
    """Rows of (invoice, customer, issued day, settled day or None), days relative to T."""
    frame = pl.DataFrame(
        {
            "invoice_id": [r[0] for r in rows],
            "customer_id": [r[1] for r in rows],
            "amount": ["100"] * len(rows),
            "currency": ["EUR"] * len(rows),
            "issued_on": [T.date() + r[2] * DAY for r in rows],
            "due_on": [T.date() + (r[2] + 14) * DAY for r in rows],
        }
    ).with_columns(pl.col("amount").cast(pl.Decimal(38, 4)))
    paid = [r for r in rows if r[3] is not None]
    payments = pl.DataFrame(
        {
            "invoice_id": [r[0] for r in paid],
            "paid_at": [T + r[3] * DAY for r in paid],
            "amount": ["100"] * len(paid),
        },
        schema_overrides={"invoice_id": pl.String, "paid_at": pl.Datetime("us", "UTC")},
    ).with_columns(pl.col("amount").cast(pl.Decimal(38, 4)))
    return tables_of(
        customers=frame.select("customer_id").unique(maintain_order=True),
        invoices=frame,
        payments=payments,
    )


def test_the_own_share_is_that_of_open_days_followed_by_payment_within_the_horizon():
    tables = _invoices([("I1", "A", -100, -80), ("I2", "A", -60, None), ("I3", "B", -5, -4)])
    shares, overall = own_shares(past_invoices(tables.known_at(T), T), 30)
    # I1 was open 20 days, each less than 30 days before payment; I2 30 days until 30 days ago.
    assert shares.rows() == [("A", 20 / 50)]  # B has no day that lies 30 days back
    assert overall == 20 / 50


def test_the_share_at_the_same_age_looks_at_invoices_that_were_once_as_late():
    tables = _invoices(
        [
            ("I1", "A", -100, -75),  # paid 11 days late
            ("I2", "A", -100, -84),  # paid 2 days late: no longer open when 5 days late
            ("I3", "A", -100, -40),  # paid 46 days late
            ("I4", "A", -25, None),  # like the one asked about: its 30 days are not over
            ("I5", "A", -19, None),  # 5 days late: asked about
            ("I6", "B", -19, None),  # as late, of a customer without a past
        ]
    )
    past = past_invoices(tables.known_at(T), T)
    asked = past.filter(pl.col("invoice_id").is_in(["I5", "I6"]))
    # When 5 days late, I1 and I3 were open, and I1 was paid within 30 days.
    assert own_shares_at_age(past, asked, 30).rows() == [("I5", 0.5), ("I6", 0.5)]
    assert own_shares_at_age(past, asked, 60).rows() == [("I5", 1.0), ("I6", 1.0)]


def test_punctuality_counts_due_invoices_only_and_the_due_day_itself_as_in_time():
    tables = _invoices(
        [
            ("I1", "A", -50, -36.5),  # due on day -36: in time
            ("I2", "A", -50, -35.5),  # on the due day
            ("I3", "A", -50, -34),  # late
            ("I4", "A", -50, None),  # late and open
            ("I5", "B", -3, -1),  # not due yet
        ]
    )
    past = past_invoices(tables.known_at(T), T)
    shares, overall = own_punctuality(past)
    assert (shares.rows(), overall) == ([("A", 0.5)], 0.5)
    assert own_delays(past)[0].rows() == [("A", 0.5), ("B", -12.0)]


# The whole


def _portfolio(rng, *, customers=90, each=4):
    """Customers whose habit is their number: the higher, the later they pay."""
    rows = []
    for c in range(customers):
        for k in range(each):
            issued = int(rng.integers(-200, 30))
            settled = issued + 2 + c + float(rng.integers(0, 10))
            rows.append((f"I{c}-{k}", f"C{c}", issued, settled if settled < 150 else None))
    return _invoices(rows)


def _clairvoyant(truth):
    """Score by the truth: certain of every payment."""

    def score(tables, as_of):
        paid = truth.payments.group_by("invoice_id").agg(pl.col("paid_at").min())
        rows = tables.invoices.join(paid, on="invoice_id", how="left", maintain_order="left")
        days = (pl.col("paid_at") - pl.lit(as_of)).dt.total_seconds() / 86_400
        return rows.select(
            "invoice_id",
            *(
                (days <= h).fill_null(False).cast(pl.Float64).alias(f"p_paid_{h}d")
                for h in (7, 30, 60)
            ),
            expected_paid_on=pl.col("paid_at").dt.date().fill_null(date(2030, 1, 1)),
            p_escalated=pl.lit(0.0),
        )

    return score


def _constant(chance):
    def score(tables, as_of):
        return tables.invoices.select(
            "invoice_id",
            *(pl.lit(chance).alias(f"p_paid_{h}d") for h in (7, 30, 60)),
            expected_paid_on=pl.lit(as_of.date() + 10 * DAY),
            p_escalated=pl.lit(0.5),
        )

    return score


def test_a_clairvoyant_is_perfect_and_beats_the_own_history():
    tables = _portfolio(np.random.default_rng(0))
    found = quality(tables, score=_clairvoyant(tables), from_=T)
    for horizon in found.horizons:
        model = horizon.scores[0]
        assert model.name == "model"
        assert model.auc == Figure(1.0, 1.0, 1.0)
        assert model.probability.brier.value == 0.0
        assert model.probability.calibration_error.value == 0.0
        assert model.probability.best_accuracy == 1.0
        assert {s.name for s in horizon.scores} == {
            "model",
            "own history",
            "own, same age",
            "base rate",
            "own punctuality",
        }
    assert found.horizons[1].lead.lower > 0
    assert found.summary.startswith("Ranks better than the customer's own history (within 30 days")
    assert "calibrated within one point on average: +0.0 (+0.0 to +0.0) at 7" in found.summary
    assert (found.days[0].name, found.days[0].mean_absolute, found.days[0].concordance) == (
        "model",
        0.0,
        1.0,
    )
    assert found.days[1].mean_absolute > 0


def test_a_constant_ranks_nothing_and_its_bias_is_exact():
    tables = _portfolio(np.random.default_rng(0))
    found = quality(tables, score=_constant(0.9), from_=T)
    horizon = found.horizons[1]
    model = horizon.scores[0]
    assert model.auc.value == 0.5
    assert model.probability.bias.value == pytest.approx(0.9 - horizon.paid_share)
    assert model.probability.calibration_error.value == pytest.approx(abs(0.9 - horizon.paid_share))
    assert [b.rows for b in model.probability.reliability] == [horizon.rows]
    assert "Ranks worse than the customer's own history" in found.summary
    assert "not calibrated within one point on average: +" in found.summary


def test_outcomes_the_data_end_too_early_to_show_are_left_out_and_counted():
    tables = _invoices(
        [("I1", "A", -10, 5), ("I2", "B", -10, 40), ("I3", "C", -10, None), ("I4", "D", -90, -50)]
    )
    found = quality(tables, score=_constant(0.5), from_=T)  # the last fact is on day 40
    assert [(h.days, h.rows, h.censored) for h in found.horizons] == [
        (7, 3, 0),
        (30, 3, 0),
        (60, 0, 3),
    ]
    assert [h.paid_share for h in found.horizons[:2]] == pytest.approx([1 / 3, 1 / 3])
    assert found.days[0].settled == 2
    assert found.days[0].mean_absolute == (5 + 30) / 2


def test_what_is_paid_after_the_handover_does_not_count_as_paid():
    tables = _invoices([("I1", "A", -10, 5), ("I2", "B", -10, 5), ("I3", "C", -10, 40)])
    handed_over = tables.with_(
        events=tables_of(
            events=pl.DataFrame({"at": [T + 2 * DAY], "kind": ["escalated"], "invoice_id": ["I1"]})
        ).events
    )
    found = quality(handed_over, score=_constant(0.5), from_=T)
    assert found.horizons[0].paid_share == pytest.approx(1 / 3)
    assert (found.escalation.days, found.escalation.escalated) == (30, 1)


def test_the_scorer_sees_no_fact_later_than_its_instant():
    tables = _portfolio(np.random.default_rng(1))
    seen = []

    def score(known, as_of):
        assert known.payments["paid_at"].max() <= as_of
        assert known.invoices["issued_on"].max() <= as_of.date()
        seen.append(as_of)
        return _constant(0.5)(known, as_of)

    found = quality(tables, score=score, from_=T, to=T + 30 * DAY)
    assert seen == [T + 7 * k * DAY for k in range(4)]
    assert found.instants == tuple(seen)


def test_facts_after_the_last_instant_asked_for_change_nothing():
    tables = _portfolio(np.random.default_rng(2))
    to = T + 40 * DAY
    cut = tables.with_(payments=tables.payments.filter(pl.col("paid_at") <= to))
    cut = cut.with_(  # a fact on the last instant, so that both end there
        contacts=tables_of(
            contacts=pl.DataFrame(
                {
                    "contact_id": ["K"],
                    "customer_id": ["C1"],
                    "invoice_ids": [["I1-0"]],
                    "sent_at": [to],
                    "channel": ["email"],
                }
            )
        ).contacts
    )
    whole = tables.with_(contacts=cut.contacts)
    found = quality(whole, score=_constant(0.4), from_=T, to=to)
    assert repr(found) == repr(quality(cut, score=_constant(0.4), from_=T, to=to))


def test_the_same_seed_gives_the_same_figures_whatever_the_order_of_the_rows():
    tables = _portfolio(np.random.default_rng(3))
    shuffled = tables.with_(
        invoices=tables.invoices.sample(fraction=1.0, shuffle=True, seed=4),
        payments=tables.payments.sample(fraction=1.0, shuffle=True, seed=5),
    )
    straight = repr(quality(tables, score=_constant(0.4), from_=T, seed=1))
    assert straight == repr(quality(shuffled, score=_constant(0.4), from_=T, seed=1))
    assert straight != repr(quality(tables, score=_constant(0.4), from_=T, seed=2))


def test_an_instant_too_close_to_the_end_is_refused_with_the_remedy():
    tables = _invoices([("I1", "A", -10, 5)])
    with pytest.raises(InputError, match="less than 7 days after 2026-03-01"):
        quality(tables, score=_constant(0.5), from_=T)


def test_an_open_invoice_that_was_not_scored_is_an_error():
    tables = _invoices([("I1", "A", -10, 50), ("I2", "B", -10, 60)])

    def half(known, as_of):
        return _constant(0.5)(known, as_of).head(1)

    with pytest.raises(InputError, match="1 invoices open at 2026-03-01 were not scored"):
        quality(tables, score=half, from_=T)
