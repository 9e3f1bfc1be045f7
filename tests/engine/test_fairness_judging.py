"""What all comparisons of an audit, and the audits of a year, may get wrong between them."""

from dataclasses import replace

import pytest

from fair import DAY
from tenor.engine.fairness.contrast import Contrast, Rate
from tenor.engine.fairness.findings import MEASURES, Comparison, Verdict, limits_on
from tenor.engine.fairness.judging import MONTHLY, asked_for, judged

LIMITS = limits_on(DAY.date())
PRESSED = next(m for m in MEASURES if m.column == "pressed")
OFFERED = next(m for m in MEASURES if m.column == "offered")
RATE = Rate(0.3, 0.2, 0.4, 300, 300)
WORSE = Contrast(0.3, 0.2, 0.1, 0.05, 0.15, 1.5, 1.2, 1.9, 0.001, 60.0, 6.0)


def compared(attribute: str, group: str, p_value: float) -> Comparison:
    one = replace(WORSE, p_value=p_value)
    return Comparison(attribute, group, PRESSED, 300, RATE, one, None, Verdict.UNSURE)


def test_a_years_audits_share_one_chance_however_many_are_asked_for() -> None:
    shares = 12 / MONTHLY + sum(1 / asked_for(k) for k in range(1, 1000))
    assert shares == pytest.approx(1.0, abs=1e-3)
    assert shares <= 1.0
    assert asked_for(1) == pytest.approx(20.0)


def test_of_two_groups_one_comparison_is_made_and_of_three_each_its_own() -> None:
    two = judged([compared("sex", "f", 0.02), compared("sex", "m", 0.02)], LIMITS, 1.0)
    assert [c.p_held for c in two] == [0.02, 0.02]
    assert two[0].verdict is Verdict.UNEVEN
    three = judged([compared("origin", name, 0.02) for name in "abc"], LIMITS, 1.0)
    assert [c.p_held for c in three] == pytest.approx([0.06] * 3)
    # The third is too small for a figure: the other two are still not each other's reverse.
    few = replace(three[2], rate=None, contrast=None, p_held=None, verdict=Verdict.TOO_FEW)
    held = judged([*three[:2], few], LIMITS, 1.0)
    assert [c.p_held for c in held[:2]] == pytest.approx([0.04] * 2)


def test_what_is_sure_once_is_not_sure_among_twelve() -> None:
    found = [compared("sex", "f", 0.01)]
    assert judged(found, LIMITS, 1.0)[0].verdict is Verdict.UNEVEN
    assert judged(found, LIMITS, MONTHLY)[0].verdict is Verdict.UNSURE


def test_it_is_said_how_much_worse_off_a_group_would_be_noticed() -> None:
    # Of 60 expected, six by chance: (1.96 + 0.84) standard errors are 28% more.
    once = judged([compared("sex", "f", 0.5)], LIMITS, 1.0)[0]
    assert once.seen_from == pytest.approx(1.28, abs=0.005)
    # A year's chance takes 3.7 standard errors instead of 2.8.
    yearly = judged([compared("sex", "f", 0.5)], LIMITS, MONTHLY)[0]
    assert yearly.seen_from == pytest.approx(1.37, abs=0.005)
    help_ = replace(compared("sex", "f", 0.5), measure=OFFERED)
    assert judged([help_], LIMITS, 1.0)[0].seen_from == pytest.approx(0.72, abs=0.005)
    rare = replace(help_, contrast=replace(WORSE, expected=6.0, by_chance=3.0))
    assert judged([rare], LIMITS, 1.0)[0].seen_from is None
