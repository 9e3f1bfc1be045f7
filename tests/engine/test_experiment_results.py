"""Results: right on average, as exact as they say, by the customer, and plain where they cannot."""

from decimal import Decimal
from math import inf, sqrt

import numpy as np
import polars as pl
import pytest

from tenor.engine.errors import InputError
from tenor.engine.experiments.adjust import adjusted
from tenor.engine.experiments.balance import balance
from tenor.engine.experiments.outcomes import KNOWN, Better, Kind, Outcome
from tenor.engine.experiments.results import Verdict, results

HALVES = {"old": 0.5, "new": 0.5}
PAID = KNOWN["paid_30d"]


def drawn(
    rng: np.random.Generator, n: int, *, gain: float = 0.0, noise: float = 0.3, share: float = 0.5
) -> pl.DataFrame:
    """Customers whose days to pay are foretold in part, and an arm that changes them by `gain`."""
    foretold = rng.normal(20.0, 8.0, n)
    new = rng.random(n) < share
    # The line through what was foretold is not the truth, and differs between the arms.
    days = foretold + 0.02 * (foretold - 20.0) ** 2 + rng.normal(0.0, 8.0 * noise, n)
    days = days + np.where(new, gain + 0.3 * (foretold - 20.0), 0.0)
    return pl.DataFrame(
        {
            "customer_id": [f"C{i}" for i in range(n)],
            "arm": np.where(new, "new", "old"),
            "days_to_pay": days,
            "expected_days_to_pay": foretold,
        }
    )


def slow_lin(y: np.ndarray, t: np.ndarray, x: np.ndarray) -> tuple[float, float]:
    """Lin's estimator as one regression in matrix form, with HC2 errors and the drawn mean."""
    centred = x - x.mean()
    design = np.column_stack([np.ones(len(y)), t, centred, t * centred])
    inverse = np.linalg.inv(design.T @ design)
    found = inverse @ design.T @ y
    residual = y - design @ found
    leverage = np.diag(design @ inverse @ design.T)
    meat = (design * (residual**2 / (1 - leverage))[:, None]).T @ design
    variance = (inverse @ meat @ inverse)[1, 1] + found[3] ** 2 * x.var(ddof=1) / len(y)
    return float(found[1]), sqrt(variance)


def test_it_is_lins_estimator_with_robust_errors() -> None:
    rows = drawn(np.random.default_rng(1), 300, gain=-2.0, share=0.3)
    y, x = rows["days_to_pay"].to_numpy(), rows["expected_days_to_pay"].to_numpy()
    t = (rows["arm"] == "new").to_numpy()
    found = adjusted(y, t, x)
    value, error = slow_lin(y, t.astype(float), x)
    assert found.difference == pytest.approx(value, rel=1e-10)
    assert found.error == pytest.approx(error, rel=1e-10)


def test_without_anything_foretold_it_is_welchs_difference() -> None:
    rng = np.random.default_rng(2)
    old, new = rng.normal(0.0, 1.0, 60), rng.normal(1.0, 3.0, 90)
    found = adjusted(np.concatenate([old, new]), np.arange(150) >= 60)
    assert found.difference == pytest.approx(new.mean() - old.mean())
    assert found.error == pytest.approx(sqrt(old.var(ddof=1) / 60 + new.var(ddof=1) / 90))
    assert found.saved == 0.0


def test_it_is_right_on_average_and_as_exact_as_it_says() -> None:
    rng = np.random.default_rng(3)
    values, errors, plain = [], [], []
    for _ in range(600):
        rows = drawn(rng, 200, gain=-2.0)
        t = (rows["arm"] == "new").to_numpy()
        found = adjusted(rows["days_to_pay"], t, rows["expected_days_to_pay"])
        values.append(found.difference)
        errors.append(found.error)
        plain.append(adjusted(rows["days_to_pay"], t).difference)
    off = np.array(values) + 2.0
    assert abs(off.mean()) < 3.5 * off.std() / sqrt(len(off))
    assert np.mean(errors) == pytest.approx(off.std(), rel=0.08)
    assert np.mean(np.abs(off) < 1.96 * np.array(errors)) == pytest.approx(0.95, abs=0.03)
    # What was foretold explains most of the noise: the plain difference needs far more customers.
    assert off.std() < 0.6 * np.std(plain)


def test_a_missing_forecast_counts_as_none_and_costs_no_customer() -> None:
    rows = drawn(np.random.default_rng(4), 400, gain=-3.0)
    some = rows.with_columns(pl.when(pl.int_range(pl.len()) % 4 > 0).then("expected_days_to_pay"))
    whole = results(rows, [KNOWN["days_to_pay"]], control="old").of("days_to_pay", "new")
    part = results(some, [KNOWN["days_to_pay"]], control="old").of("days_to_pay", "new")
    assert part.customers == whole.customers
    assert whole.error < part.error
    assert whole.saved > part.saved > 0.3


def test_the_customer_is_the_unit_however_many_invoices() -> None:
    rng = np.random.default_rng(5)
    one = drawn(rng, 300, gain=-3.0)
    ten = pl.concat([one] * 10)
    alone, repeated = (
        results(rows, [KNOWN["days_to_pay"]], control="old").of("days_to_pay", "new")
        for rows in (one, ten)
    )
    assert repeated.error == pytest.approx(alone.error)
    assert repeated.customers == alone.customers


def test_amounts_of_a_customer_are_added_and_shares_averaged() -> None:
    rows = pl.DataFrame(
        {
            "customer_id": ["a", "a", "b", "c"],
            "arm": ["old", "old", "new", "new"],
            "collected_net": [Decimal("10.50"), Decimal("4.50"), Decimal("7"), None],
            "paid_30d": [1.0, 0.0, 1.0, 1.0],
        }
    )
    found = results(rows, [KNOWN["collected_net"], PAID], control="old")
    means = {(f.arm, f.outcome): (f.customers, f.mean) for f in found.figures}
    assert means[("old", "collected_net")] == (1, 15.0)
    assert means[("new", "collected_net")] == (1, 7.0)
    assert means[("old", "paid_30d")] == (1, 0.5)


def test_money_and_satisfaction_are_told_side_by_side_and_in_words() -> None:
    rng = np.random.default_rng(6)
    rows = drawn(rng, 3_000, gain=-4.0).with_columns(
        chance=pl.when(pl.col("arm") == "new").then(0.12).otherwise(0.02),
        paid_30d=pl.Series(rng.random(3_000)) < 0.7,
    )
    rows = rows.with_columns(complained=pl.Series(rng.random(3_000)) < pl.col("chance"))
    outcomes = [KNOWN["days_to_pay"], KNOWN["complained"], Outcome("paid_30d", smallest=0.15)]
    found = results(rows, outcomes, control="old", weights=HALVES)
    assert found.of("days_to_pay", "new").verdict is Verdict.BETTER
    assert found.of("complained", "new").verdict is Verdict.WORSE
    assert found.of("paid_30d", "new").verdict is Verdict.SAME
    days = found.of("days_to_pay", "new")
    assert days.daily.low < days.once.low < days.difference < days.once.high < days.daily.high
    assert days.relative == pytest.approx(days.difference / days.control_mean)
    assert days.relative_daily is not None
    assert days.relative_daily.low < days.relative < days.relative_daily.high < 0.0
    assert found.balance.passes
    assert found.notes == ()


def test_several_arms_share_the_chance_of_a_false_alarm() -> None:
    rng = np.random.default_rng(7)
    rows = drawn(rng, 900).with_columns(
        arm=pl.Series(rng.choice(["old", "a", "b"], 900)),
    )
    three = results(rows, [KNOWN["days_to_pay"]], control="old")
    two = results(rows.filter(pl.col("arm") != "b"), [KNOWN["days_to_pay"]], control="old")
    widths = [
        r.of("days_to_pay", "a").once.high - r.of("days_to_pay", "a").once.low for r in (two, three)
    ]
    assert widths[1] / widths[0] == pytest.approx(2.2414 / 1.9600, rel=0.001)


def test_who_never_complained_does_not_make_complaints_impossible() -> None:
    rows = pl.DataFrame(
        {
            "customer_id": [f"C{i}" for i in range(200)],
            "arm": ["old", "new"] * 100,
            "complained": [0.0] * 200,
        }
    )
    found = results(rows, [KNOWN["complained"]], control="old").of("complained", "new")
    assert found.verdict is Verdict.OPEN
    assert found.once.high > 0.01


def test_few_customers_tell_nothing() -> None:
    rows = drawn(np.random.default_rng(8), 40, gain=-50.0)
    found = results(rows, [KNOWN["days_to_pay"]], control="old")
    compared = found.of("days_to_pay", "new")
    assert (compared.daily.low, compared.daily.high) == (-inf, inf)
    assert compared.verdict is Verdict.OPEN
    assert any("below 30 nothing can be said" in note for note in found.notes)


def test_arms_of_other_numbers_than_drawn_are_an_alarm() -> None:
    assert balance({"old": 5_040, "new": 4_960}, HALVES).passes is True
    assert balance({"old": 260, "new": 240}, HALVES).passes is True
    assert balance({"old": 500, "new": 250}, HALVES).passes is False
    wrong = balance({"old": 5_500, "new": 4_500}, HALVES)
    assert wrong.passes is False
    assert "old has 5,500 customers where the draw foresees about 5,000" in wrong.text
    assert balance({"old": 5_000, "new": 5_000}, None).passes is None
    with pytest.raises(InputError, match="'stray', which has no share"):
        balance({"old": 5, "new": 5, "stray": 1}, HALVES)


def test_a_sound_draw_raises_no_alarm_though_looked_at_again_and_again() -> None:
    rng = np.random.default_rng(9)
    alarms = 0
    for _ in range(200):
        new = np.cumsum(rng.random(4_000) < 0.3)
        counts = [
            {"old": n - int(new[n - 1]), "new": int(new[n - 1])} for n in range(200, 4_001, 200)
        ]
        alarms += any(balance(c, {"old": 0.7, "new": 0.3}).passes is False for c in counts)
    assert alarms == 0


def test_a_figure_known_of_unlike_parts_is_said() -> None:
    rows = drawn(np.random.default_rng(10), 400).with_columns(
        rated=pl.when((pl.col("arm") == "old") | (pl.int_range(pl.len()) % 2 == 0)).then(4.0)
    )
    found = results(rows, [KNOWN["rated"]], control="old")
    said = "rated is known of 100% of the customers in old"
    assert any(note.startswith(said) for note in found.notes)


def test_what_cannot_be_compared_is_refused_in_words() -> None:
    rows = drawn(np.random.default_rng(11), 50)
    with pytest.raises(InputError, match="no column 'paid_30d'"):
        results(rows, [PAID], control="old")
    with pytest.raises(InputError, match="nobody is in the control 'ladder'"):
        results(rows, [KNOWN["days_to_pay"]], control="ladder")
    torn = pl.concat([rows, rows.head(1).with_columns(arm=pl.lit("elsewhere"))])
    with pytest.raises(InputError, match="1 customers are in more than one arm, such as C0"):
        results(torn, [KNOWN["days_to_pay"]], control="old")
    with pytest.raises(InputError, match="the smallest difference that matters is above 0"):
        Outcome("x", Kind.MEAN, Better.LOWER, smallest=0.0)
