"""Groups compared: exact fractions, limits from the pack, and no conclusion from a few."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenor.engine.errors import LawError
from tenor.engine.law.library import pack_of
from tenor.engine.law.rights.fairness import (
    Confusion,
    Limits,
    calibration,
    drift,
    flips,
    four_fifths,
    gaps,
    limits,
)

TODAY = date(2026, 11, 21)
COUNTS = st.integers(1, 400).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))
BINS = st.lists(st.integers(0, 300), min_size=4, max_size=4).filter(sum)


def _limits(check: str) -> Limits:
    return limits(pack_of("NL"), TODAY, check)


def test_four_fifths_exactly_passes_and_a_hair_below_does_not() -> None:
    rule = _limits("four_fifths")

    assert four_fifths({"a": (50, 100), "b": (40, 100)}, rule).passes is True
    assert four_fifths({"a": (500, 1000), "b": (399, 1000)}, rule).passes is False


def test_thirty_in_a_group_are_enough_and_twenty_nine_are_not() -> None:
    rule = _limits("four_fifths")

    assert not four_fifths({"a": (15, 30), "b": (15, 30)}, rule).small_sample
    assert four_fifths({"a": (15, 30), "b": (15, 29)}, rule).small_sample


def test_the_gaps_of_three_groups_are_those_of_the_farthest_two() -> None:
    found = gaps(
        {
            "a": Confusion(tp=30, fp=10, fn=10, tn=50),
            "b": Confusion(tp=20, fp=20, fn=20, tn=40),
            "c": Confusion(tp=24, fp=6, fn=16, tn=54),
        }
    )

    assert found.demographic_parity == Fraction(1, 10)
    assert found.equal_opportunity == Fraction(1, 4)
    assert found.equalised_odds == Fraction(1, 4)
    assert found.disparate_impact == Fraction(3, 4)


def test_a_rate_of_nobody_is_left_out_of_the_gaps() -> None:
    found = gaps({"a": Confusion(3, 1, 1, 5), "b": Confusion(0, 4, 0, 6)})

    assert found.equal_opportunity is None
    assert found.equalised_odds is None
    assert found.demographic_parity == Fraction(0)


def test_one_flip_in_a_hundred_is_the_limit() -> None:
    rule = _limits("counterfactual")

    assert flips(300, 3, rule).passes
    assert not flips(300, 4, rule).passes


def test_calibration_is_compared_between_groups() -> None:
    rule = _limits("calibration")

    found = calibration({"a": (Decimal("41"), 40, 50), "b": (Decimal("28"), 30, 50)}, rule)

    assert found.errors == {"a": Fraction(1, 50), "b": Fraction(-1, 25)}
    assert (found.gap, found.passes, found.small_sample) == (Fraction(3, 50), False, False)


@pytest.mark.parametrize(
    ("now", "band"),
    [([25, 25, 25, 25], "stable"), ([15, 20, 30, 35], "watch"), ([0, 0, 50, 50], "shifted")],
)
def test_drift_is_stable_watched_or_shifted(now: list[int], band: str) -> None:
    assert drift([25, 25, 25, 25], now, _limits("drift")).band == band


@pytest.mark.parametrize("counts", [(0, 0), (3, 2), (-1, 4)])
def test_counts_that_are_no_share_are_refused(counts: tuple[int, int]) -> None:
    with pytest.raises(LawError, match="is no share"):
        four_fifths({"a": counts}, _limits("four_fifths"))


@given(COUNTS, COUNTS)
def test_the_order_of_groups_changes_nothing(a: tuple[int, int], b: tuple[int, int]) -> None:
    rule = _limits("four_fifths")
    one, other = four_fifths({"a": a, "b": b}, rule), four_fifths({"b": b, "a": a}, rule)

    assert (one.min_ratio, one.passes) == (other.min_ratio, other.passes)
    assert one.min_ratio is None or 0 <= one.min_ratio <= 1


@given(BINS, BINS)
def test_the_index_of_drift_is_symmetric_and_never_negative(a: list[int], b: list[int]) -> None:
    rule = _limits("drift")
    there, back = drift(a, b, rule).index, drift(b, a, rule).index

    assert there >= 0
    assert abs(there - back) < Decimal("1e-20")
