"""The canary's rule: each move at its edge, and its error rates in a simulated rollout."""

from dataclasses import dataclass

import numpy as np
import pytest

from tenor.engine.errors import InputError
from tenor.engine.release.canary import Move, Rule, next_step
from tenor.engine.release.rollout import Candidate, Setting, rollout

RULE = Rule(steps=(0.05, 0.15, 0.35), days=7, most_days=60, money_margin=0.5)


@dataclass(frozen=True)
class Seen:
    low: float
    high: float


CALM = Seen(-0.001, 0.001)


def move(money, complaints=CALM, share=0.05, days=7):
    return next_step(money, complaints, share=share, days=days, rule=RULE)


def test_a_canary_that_surely_brings_less_is_rolled_back_on_its_first_day():
    found = move(Seen(-4.0, -0.1), days=0)
    assert (found.move, found.share, found.harm) == (Move.ROLL_BACK, 0.0, True)
    assert "brings less" in found.because


def test_more_complaints_roll_it_back_however_much_money_it_brings():
    found = move(Seen(3.0, 5.0), Seen(0.0001, 0.02))
    assert found.move is Move.ROLL_BACK
    assert "complaints" in found.because


def test_it_is_widened_when_the_worst_that_is_possible_stays_within_the_margin_at_the_wider_share():
    # At 15% of the customers a loss of 3.3 each is one of 0.495 over all, 3.4 one of 0.51.
    assert move(Seen(-3.3, 4.0)).share == 0.15
    assert move(Seen(-3.4, 4.0)).move is Move.KEEP


def test_it_is_widened_only_after_the_days_that_an_outcome_takes():
    assert move(Seen(1.0, 2.0), days=6).move is Move.KEEP
    assert move(Seen(1.0, 2.0), days=7).move is Move.WIDEN


def test_the_last_step_finishes_only_where_the_candidate_is_no_worse_than_the_margin():
    assert move(Seen(-0.5, 2.0), share=0.35).move is Move.FINISH
    assert move(Seen(-0.51, 2.0), share=0.35).move is Move.KEEP


def test_complaints_that_may_rise_too_far_keep_it_where_it_is():
    found = move(Seen(0.0, 2.0), Seen(-0.001, 0.01), share=0.35)
    assert found.move is Move.KEEP
    assert "complaints could rise by up to 1.00% of all customers (0.20% allowed)" in found.because


def test_what_cannot_be_shown_to_be_harmless_is_for_people_to_decide_and_said_beforehand():
    early = move(Seen(-9.0, 9.0), days=41)
    assert early.move is Move.KEEP
    assert "60 days will hardly tell: after 42 people decide" in early.because
    found = move(Seen(-9.0, 9.0), days=42)
    assert (found.move, found.share, found.harm) == (Move.ASK, 0.15, False)
    assert "it could cost up to 1.35 a customer" in found.because


def test_rare_complaints_of_a_small_organisation_are_no_reason_to_roll_back():
    found = move(Seen(0.2, 2.0), Seen(-0.017, 0.017), share=0.5, days=90)
    assert (found.move, found.share) == (Move.ASK, 1.0)
    assert "complaints could rise by up to 1.70%" in found.because


def test_what_time_may_still_tell_has_all_its_days():
    nearly = Seen(-3.5, 3.5)  # 3.33 would do
    assert move(nearly, days=50).move is Move.KEEP
    assert "people" not in move(nearly, days=50).because
    assert move(nearly, days=60).move is Move.ASK


def test_without_any_reading_it_stays_and_in_the_end_people_decide():
    assert move(None, None, days=41).move is Move.KEEP
    assert move(None, None, days=42).move is Move.ASK


@pytest.mark.parametrize(
    "wrong", [{"steps": ()}, {"steps": (0.2, 0.1)}, {"steps": (0.5, 1.5)}, {"days": 0},
              {"days": 91}, {"money_margin": -1.0}],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(InputError, match="canary"):
        Rule(**wrong)


# Played out: few runs here, many in benchmarks/canary.py.

PLAYED = Rule(money_margin=1.0, complaints_margin=0.004)


def ends(candidate, runs=12):
    setting = Setting(cases_a_day=400)
    return [
        rollout(candidate, setting, PLAYED, rng=np.random.default_rng(seed)) for seed in range(runs)
    ]


def test_a_harmful_candidate_is_stopped_or_asked_about_before_it_touches_many():
    found = ends(Candidate(money=-5.0))
    assert {r.move for r in found} <= {Move.ROLL_BACK, Move.ASK}
    assert any(r.harm for r in found)
    assert max(r.touched for r in found) < 0.10


def test_a_candidate_that_upsets_people_is_stopped_though_it_brings_money():
    found = ends(Candidate(money=3.0, complaints=0.02))
    assert {r.move for r in found} == {Move.ROLL_BACK}


def test_a_good_candidate_is_let_through():
    found = ends(Candidate(money=2.0))
    assert sum(r.move is Move.FINISH for r in found) >= 11


def test_equal_luck_gives_an_equal_rollout():
    assert ends(Candidate(), runs=2) == ends(Candidate(), runs=2)
