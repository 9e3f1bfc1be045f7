"""Guard rails: a harmful arm is stopped, a harmless one hardly ever, however often one looks."""

import numpy as np
import polars as pl
import pytest

from tenor.engine.errors import InputError
from tenor.engine.experiments.guards import Guard, State, crossed, watched
from tenor.engine.experiments.outcomes import KNOWN
from tenor.engine.experiments.results import results

GUARDS = (Guard(KNOWN["complained"], 0.02), Guard(KNOWN["paid_30d"], 0.05))
OUTCOMES = [KNOWN["complained"], KNOWN["paid_30d"]]


def people(rng: np.random.Generator, n: int, complained: float, paid: float) -> pl.DataFrame:
    new = rng.random(n) < 0.5
    return pl.DataFrame(
        {
            "customer_id": [f"C{i}" for i in range(n)],
            "arm": np.where(new, "new", "old"),
            "complained": rng.random(n) < np.where(new, complained, 0.02),
            "paid_30d": rng.random(n) < np.where(new, paid, 0.8),
        }
    )


def test_an_arm_that_makes_people_complain_is_stopped_and_why_is_said() -> None:
    rows = people(np.random.default_rng(1), 2_000, complained=0.12, paid=0.8)
    (stop,) = crossed(results(rows, OUTCOMES, control="old"), GUARDS)
    assert (stop.arm, stop.outcome, stop.state) == ("new", "complained", State.CROSSED)
    assert 0.02 < stop.low < stop.harm < stop.high
    assert stop.harm == pytest.approx(0.10, abs=0.03)


def test_for_what_should_be_high_harm_is_a_fall() -> None:
    rows = people(np.random.default_rng(2), 2_000, complained=0.02, paid=0.6)
    (stop,) = crossed(results(rows, OUTCOMES, control="old"), GUARDS)
    assert stop.outcome == "paid_30d"
    assert stop.harm == pytest.approx(0.20, abs=0.05)


def test_a_harmless_arm_is_known_to_keep_the_rails_in_time() -> None:
    rng = np.random.default_rng(3)
    early = watched(results(people(rng, 200, 0.02, 0.8), OUTCOMES, control="old"), GUARDS)
    late = watched(results(people(rng, 20_000, 0.02, 0.8), OUTCOMES, control="old"), GUARDS)
    assert {watch.state for watch in early} == {State.OPEN}
    assert {watch.state for watch in late} == {State.KEPT}


def test_an_arm_at_the_limit_is_hardly_ever_stopped_though_one_looks_again_and_again() -> None:
    rng = np.random.default_rng(4)
    stopped = 0
    for _ in range(60):
        rows = people(rng, 3_000, complained=0.04, paid=0.75)
        stopped += any(
            crossed(results(rows.head(n), OUTCOMES, control="old"), GUARDS)
            for n in range(200, 3_001, 400)
        )
    # At most one in twenty is promised; more than six of sixty would be worse (chance .02).
    assert stopped <= 6


def test_with_hardly_anybody_nothing_is_stopped() -> None:
    rows = people(np.random.default_rng(5), 40, complained=1.0, paid=0.0)
    assert crossed(results(rows, OUTCOMES, control="old"), GUARDS) == ()


def test_a_guard_whose_outcome_was_not_measured_watches_nothing() -> None:
    rows = people(np.random.default_rng(6), 400, complained=0.5, paid=0.8)
    found = results(rows, [KNOWN["paid_30d"]], control="old")
    assert [watch.outcome for watch in watched(found, GUARDS)] == ["paid_30d"]


def test_a_limit_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="above 0"):
        Guard(KNOWN["complained"], 0.0)
