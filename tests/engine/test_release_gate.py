"""The gate: each check at its limit, planted faults found, and what the whole comes to."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

import worlds
from tenor.engine.evaluate.by_segment import GroupQuality
from tenor.engine.evaluate.figures import Figure
from tenor.engine.evaluate.gain import GainCalibration
from tenor.engine.evaluate.offpolicy import Estimate
from tenor.engine.frames import Tables
from tenor.engine.release.check import Area, Check, audited
from tenor.engine.release.data_checks import data_checks
from tenor.engine.release.gate import Decision, checks, verdict
from tenor.engine.release.limits import LIMITS
from tenor.engine.release.policy_checks import gain_checks, policy_checks
from tenor.engine.release.predictor_checks import group_check, predictor_checks
from tenor.engine.release.stability import psi, rank_agreement


def check(passed: bool | None, *, needed: bool = True) -> Check:
    return Check("it works", passed, 1.0, 2.0, "so it is", Area.DATA, "", needed)


def test_one_failed_check_blocks_whatever_else_passes():
    said = verdict([check(True), check(False), check(None)])
    assert said.decision is Decision.BLOCK
    assert said.reasons == ("it works: so it is",)


def test_a_needed_check_that_cannot_tell_asks_a_person_and_so_does_no_check_at_all():
    assert verdict([check(True), check(None)]).decision is Decision.PERSON
    assert verdict([]).decision is Decision.PERSON


def test_what_the_canary_proves_may_be_left_open_and_is_said():
    said = verdict([check(True), check(None, needed=False)])
    assert said.decision is Decision.RELEASE
    assert said.reasons == ("it works: so it is",)


def test_a_limit_passes_up_to_its_good_end_and_blocks_beyond_its_bad_one():
    shift = LIMITS["shift of scores"]
    assert [shift.passes(v) for v in (0.10, 0.11, 0.25, 0.26)] == [True, None, None, False]
    rank = LIMITS["agreement in rank"]
    assert [rank.passes(v) for v in (0.80, 0.79, 0.50, 0.49)] == [True, None, None, False]


def test_every_limit_says_where_it_comes_from_and_what_it_counts():
    assert all(limit.source and limit.unit for limit in LIMITS.values())


# The facts.


def answers(facts: Tables, as_of: datetime) -> dict[str, bool | None]:
    return {c.name: c.passed for c in data_checks(facts, as_of=as_of)}


@pytest.fixture(scope="module")
def sound(tables: Tables, as_of: datetime) -> dict[str, bool | None]:
    return answers(tables, as_of)


def test_sound_facts_pass(sound):
    assert False not in sound.values()
    assert sound["nothing entered twice"] is True
    assert sound["feeds without holes"] is True


def test_payments_booked_twice_are_found(tables, as_of, sound):
    twice = tables.with_(payments=pl.concat([tables.payments, tables.payments.head(400)]))
    assert answers(twice, as_of)["nothing entered twice"] is False


def test_payments_that_were_taken_back_are_found(tables, as_of, sound):
    assert sound["payments stay paid"] is True
    back = tables.payments.head(500).with_columns(amount=-pl.col("amount"))
    turned = tables.with_(payments=pl.concat([tables.payments, back]))
    assert answers(turned, as_of)["payments stay paid"] is False


def test_a_feed_of_payments_that_stopped_is_found(tables, as_of):
    cut = tables.payments.filter(pl.col("paid_at") < as_of - timedelta(days=90))
    found = answers(tables.with_(payments=cut), as_of)
    assert found["feeds without holes"] is False


def test_invoices_whose_end_was_never_told_are_found(tables, as_of):
    lost = tables.with_(payments=tables.payments.gather_every(3))
    assert answers(lost, as_of)["labels are complete"] is False


def test_facts_after_the_instant_move_no_check(tables, as_of):
    assert data_checks(worlds.later_deleted(tables, as_of), as_of=as_of) == data_checks(
        tables, as_of=as_of
    )


# The predictor.


@pytest.fixture(scope="module")
def predictor(tables: Tables, as_of: datetime, model) -> dict[str, Check]:
    later = as_of + timedelta(days=31)
    found = predictor_checks(tables, as_of=later, model=model, live=model, reseeded=model)
    return {c.name: c for c in found}


def test_a_predictor_is_held_against_naive_answers_and_its_own_twin(predictor):
    assert predictor["better than naive answers"].figure is not None
    assert "AUC" in predictor["better than naive answers"].text
    assert predictor["scores like the live ones"].figure == pytest.approx(0.0, abs=1e-9)
    assert predictor["ranks like the live one"].figure == pytest.approx(1.0)
    assert predictor["the same with another seed"].passed is True


def test_calibration_is_told_for_all_and_for_the_group_that_is_furthest_off(predictor):
    assert predictor["calibrated over all"].figure is not None
    assert "furthest off is" in predictor["calibrated in each group"].text


def test_a_predictor_fitted_just_now_cannot_be_judged_yet(tables, as_of, model):
    found = predictor_checks(tables, as_of=as_of, model=model)
    assert [c.passed for c in found] == [None, None, None]
    assert "less than 30 days have passed" in found[0].text


def group(name: str, bias: tuple[float, float, float], *, enough: bool = True) -> GroupQuality:
    rows = 500 if enough else 20
    nothing = Figure(0.7, 0.6, 0.8)
    return GroupQuality("kind", name, 30, rows, rows // 2, 0.5, nothing, Figure(*bias), enough)


def test_a_group_that_is_surely_badly_calibrated_blocks_and_is_named():
    found = group_check([group("a", (0.01, 0, 0.02)), group("b", (-0.2, -0.25, -0.15))])
    assert (found.passed, found.figure) == (False, 0.2)
    assert "furthest off is kind: b" in found.text


def test_groups_within_the_limit_pass_and_small_ones_are_not_judged():
    found = group_check([group("a", (0.04, 0, 0.08)), group("b", (0.5, 0.4, 0.6), enough=False)])
    assert found.passed is True
    assert "1 more are too small to judge" in found.text
    assert group_check([group("b", (0.5, 0.4, 0.6), enough=False)]).passed is None


def test_a_group_that_may_be_off_asks_a_person():
    assert group_check([group("a", (0.08, 0.01, 0.15))]).passed is None


# The policy, and the whole.


@dataclass(frozen=True)
class Audit:
    passes: bool | None


def test_an_audit_that_was_not_made_cannot_tell_and_one_that_fails_blocks():
    found = [audited("alike", a, area=Area.FAIRNESS, about="Whether") for a in (None, Audit(False))]
    assert [c.passed for c in found] == [None, False]


def test_without_a_backtest_or_realised_gains_nothing_is_claimed_and_nothing_held_up():
    found = [*policy_checks(None), *gain_checks(None)]
    assert {c.passed for c in found} == {None}
    assert not any(c.needed for c in found)


def gain_of(value: float, lower: float, upper: float) -> GainCalibration:
    return GainCalibration(900, 400, Estimate("slope", value, 0.1, lower, upper), 0.1, True, "told")


def test_gains_that_come_true_pass_and_gains_that_mislead_block():
    slopes = [gain_of(0.9, 0.6, 1.2), gain_of(0.3, -0.1, 0.7), gain_of(-0.5, -0.8, -0.2)]
    assert [gain_checks(g)[0].passed for g in slopes] == [True, None, False]


def test_the_whole_gate_asks_about_every_area(tables, as_of, model):
    later = as_of + timedelta(days=31)
    found = checks(tables, as_of=later, model=model, fairness=Audit(True), history=Audit(True))
    assert {c.area for c in found} == {*Area} - {Area.STABILITY, Area.WORDS, Area.LAW}
    assert all(c.text for c in found)
    blocked = verdict([*found, replace(found[0], passed=False)])
    assert blocked.decision is Decision.BLOCK


# How far scores are apart.


def test_the_stability_index_is_nought_for_equal_scores_and_as_worked_out_by_hand():
    rng = np.random.default_rng(0)
    scores = rng.random(5000)
    assert psi(scores, scores) == 0.0
    # Two bins: half of the old in each, a quarter and three quarters of the new.
    old, new = [0.1] * 50 + [0.9] * 50, [0.1] * 25 + [0.9] * 75
    assert psi(old, new, bins=2) == pytest.approx(
        (0.25 - 0.5) * np.log(0.25 / 0.5) + (0.75 - 0.5) * np.log(0.75 / 0.5)
    )
    assert psi(scores, scores**2) > 0.25


def test_rank_agreement_equals_the_formula_of_spearman_and_shares_ties():
    assert rank_agreement([1, 2, 3, 4], [1, 2, 3, 4]) == pytest.approx(1.0)
    assert rank_agreement([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1.0)
    # 1 - 6 sum d^2 / (n (n^2 - 1)) with d = 1, 1, 0, 0.
    assert rank_agreement([1, 2, 3, 4], [2, 1, 3, 4]) == pytest.approx(0.8)
    assert rank_agreement([1, 1, 2], [5, 5, 9]) == pytest.approx(1.0)
    assert rank_agreement([1, 1], [2, 2]) == 1.0
