"""What contacts add: against the simulated truth, and honest where nothing was varied."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from engine.conformance import Case, check_predictor
from tenor.engine import fit
from tenor.engine.features.build import Snapshot, build
from tenor.engine.frames import Tables
from tenor.engine.policy.candidates import candidates
from tenor.engine.policy.permitted import permitted
from tenor.engine.policy.worth import paid_within
from tenor.engine.predictors.baseline import Baseline
from tenor.engine.predictors.calendar_terms import CalendarTerms
from tenor.engine.predictors.contact_log import ContactLog, contact_log
from tenor.engine.predictors.days import LAGS, Days, days_at_risk
from tenor.engine.predictors.effect import EffectPredictor, _Effects, fit_effect, logistic
from tenor.engine.predictors.effect_design import MEAN, EffectDesign, Told, stage_of
from tenor.engine.predictors.effect_layer import deviation
from tenor.engine.predictors.encoding import Encoding
from tenor.engine.predictors.history import lessons
from tenor.engine.predictors.model import Model
from tenor.engine.predictors.response import ResponseCurves, curve_of, fit_curves
from tenor.engine.predictors.state import StateColumns
from tenor.engine.simulation import World
from worlds import DAYS_TO_ARRIVE, lived, policy_of, tiny

Array = NDArray[np.float64]
CLASSES = (
    EffectPredictor,
    Baseline,
    CalendarTerms,
    StateColumns,
    EffectDesign,
    ResponseCurves,
    Encoding,
)
NOON, WEDNESDAY = 12, 2


def told(n: int, channel: int = -1, tone: int = -1, **more: Any) -> Told:
    """A first contact, at noon of a Wednesday, of which only channel and tone are known."""
    given = {"hour": NOON, "weekday": WEDNESDAY, "stage": -1, "earlier": 0.0, "answers": 0.0} | more
    columns = {k: np.broadcast_to(v, (n,)) for k, v in given.items()}
    return Told(np.full(n, channel), np.full(n, tone), **columns)


def number(names: tuple[str, ...], name: str) -> int:
    return names.index(name) if name in names else -1


def rank_correlation(left: Array, right: Array) -> float:
    ranks = [np.argsort(np.argsort(values)) for values in (left, right)]
    return float(np.corrcoef(*ranks)[0, 1])


def test_it_keeps_what_every_predictor_promises(tmp_path: Path) -> None:
    as_of, tables = tiny()
    past = lessons(tables, as_of)
    snapshot = build(tables, as_of)

    def learn(seed: int) -> EffectPredictor:
        return fit_effect(tables, past, days_to_arrive=DAYS_TO_ARRIVE, seed=seed)

    def predict(predictor: EffectPredictor, rows: pl.DataFrame) -> Array:
        own = predictor.paths(tables, Snapshot(as_of, rows, snapshot.answer_rates), 28)
        return 1.0 - np.exp(-np.cumsum(own, axis=1))

    # Strengths are worked out in single precision: alike to six digits in any order of rows.
    check_predictor(Case(learn, predict, snapshot.rows, CLASSES, tolerance=1e-5), tmp_path)


# Against the truth of the simulated world


def true_and_foretold(model: Model, then: World, tables: Tables) -> tuple[Array, Array]:
    """What each contact adds to the chance of payment within two weeks: [channels x tones, rows].

    Of the overdue, undisputed invoices; not-a-number where the channel is closed to the customer.
    """
    effect, design, as_of = model.effect, model.effect.design, then.today
    snapshot, truth = build(tables, as_of), then.truth()
    real = truth.invoices.with_row_index("real")
    both = snapshot.rows.with_row_index("row").join(real, on="invoice_id", maintain_order="left")
    both = both.filter((pl.col("days_overdue") >= 0) & ~pl.col("disputed"))
    row, place = both["row"].to_numpy(), both["real"].to_numpy()
    own = effect.paths(tables, snapshot, 14).astype(np.float32)[row]
    states = effect.states(snapshot.rows)[row]
    n, found, known = len(row), [], []
    for channel in then.config.channel_names:
        for tone in then.config.tone_names:
            numbers = number(design.channels, channel), number(design.tones, tone)
            strength = effect.strength(states, told(n, *numbers))
            curve = effect.curves.curves[np.full(n, numbers[0])].astype(np.float32)
            with_, without = (
                paid_within(own, strength, curve, np.full(n, day), 14) for day in (0, -1)
            )
            open_ = truth.may_send(channel)[place]
            found.append(np.where(open_, with_ - without, np.nan))
            known.append(np.where(open_, truth.gain(channel, tone)[place], np.nan))
    return np.array(known), np.array(found)


def test_among_a_persons_contacts_the_better_ones_are_foretold(
    model: Model, then: World, tables: Tables
) -> None:
    known, found = true_and_foretold(model, then, tables)
    assert known.shape[0] == 4 * 5
    assert known.shape[1] > 50
    beside = [v - np.nanmean(v, axis=0) for v in (known, found)]
    open_ = ~np.isnan(known)
    assert rank_correlation(beside[1][open_], beside[0][open_]) > 0.05


def test_the_size_of_what_contacts_add_is_about_right(
    model: Model, then: World, tables: Tables
) -> None:
    known, found = (np.nanmean(v) for v in true_and_foretold(model, then, tables))
    assert 0.08 < known < 0.2
    assert 0.4 < found / known < 1.5


def test_who_pays_when_left_alone_is_foretold(model: Model, then: World, tables: Tables) -> None:
    snapshot, truth = build(tables, then.today), then.truth()
    found = 1.0 - np.exp(-model.effect.paths(tables, snapshot, 14).sum(axis=1))
    real = pl.DataFrame({"invoice_id": truth.invoices["invoice_id"], "chance": truth.p_paid_wait()})
    both = snapshot.rows.select("invoice_id").with_columns(found=pl.Series(found))
    both = both.join(real, on="invoice_id")
    assert both.height > 100
    assert rank_correlation(both["found"].to_numpy(), both["chance"].to_numpy()) > 0.3
    assert both["found"].mean() == pytest.approx(both["chance"].mean(), abs=0.1)


# What was never varied


@cache
def learned(randomised: float) -> EffectPredictor:
    """From a history of which so large a share of steps was left to chance."""
    then, tables = lived(300, randomised=randomised, days=150, later=1)
    return fit(tables, as_of=then.today, days_to_arrive=DAYS_TO_ARRIVE).effect


def still_open(effect: EffectPredictor, first: str, second: str) -> float:
    """What share is left of the uncertainty, before data, about how much more one channel adds."""
    design = effect.design
    nobody = np.zeros((1, design.state))
    columns = [design.effects(nobody, told(1, number(design.channels, c))) for c in (first, second)]
    padded = np.zeros((1, design.columns))
    padded[:, design.calendar :] = columns[0] - columns[1]
    before = effect.scales["channel"] * np.sqrt(2 * len(design.channels))
    return float(deviation(effect.factor, padded)[0] / before)


def test_a_strict_ladder_leaves_open_which_channel_does_more() -> None:
    strict, varied = learned(0.0), learned(1.0)
    assert strict.design.channels == ("call", "email", "letter")
    assert varied.design.channels == ("call", "email", "letter", "sms")
    assert strict.contacts_seen > varied.contacts_seen
    for pair in [("call", "email"), ("letter", "email"), ("call", "letter")]:
        assert still_open(strict, *pair) > 0.5
        assert still_open(strict, *pair) > 1.01 * still_open(varied, *pair)


def test_of_a_channel_never_used_is_expected_what_trials_found() -> None:
    strict = learned(0.0)
    nobody = np.zeros((1, strict.design.state))
    used = [strict.strength(nobody, told(1, c))[0] for c in range(len(strict.design.channels))]
    assert strict.strength(nobody, told(1))[0] == pytest.approx(float(np.mean(used)), abs=0.05)
    assert strict.strength(nobody, told(1))[0] == pytest.approx(MEAN, abs=2.0)
    assert strict.spread(nobody, told(1))[0] > 0.5


def test_what_is_known_after_a_contact_does_not_teach_what_it_did() -> None:
    as_of, tables = tiny()
    past, known = lessons(tables, as_of), tables.known_at(as_of)
    log = contact_log(known, as_of, ("email", "letter"), ("firm", "friendly", "neutral"))
    days = days_at_risk(past, log)
    design = EffectDesign(("email", "letter"), ("firm", "friendly", "neutral"), 0, 1)
    curves = ResponseCurves(np.ones((3, LAGS)))

    def columns(state: float, answers: float) -> Array:
        count = days.rows.height
        given = np.full((count, 1), state), np.full((count, 2), answers)
        return _Effects(days, log, design, curves, *given).columns(np.arange(len(days.day)))

    later = (days.last >= 0) & (log.day[days.last] >= days.start[days.row])
    earlier = (days.last >= 0) & ~later
    told = (columns(2.0, 2.0) != columns(0.0, 0.0)).any(axis=1)
    assert earlier.sum() > 20 and later.sum() > 20
    assert not told[earlier].any()
    assert told[later & (log.channel[days.last] >= 0)].all()


def test_a_contact_adds_less_for_those_who_are_about_to_pay_anyway() -> None:
    varied = learned(1.0)
    people = np.zeros((2, varied.design.state))
    people[:, -1] = (-1.0, 1.0)
    unready, ready = varied.strength(people, told(2))
    assert unready - ready == pytest.approx(1.2, abs=0.6)


def test_what_was_said_lately_still_acts_and_fades(
    model: Model, tables: Tables, as_of: datetime
) -> None:
    snapshot = build(tables, as_of)
    silent = tables.with_(contacts=tables.contacts.clear())
    added = model.effect.paths(tables, snapshot, 14) - model.effect.paths(silent, snapshot, 14)
    told = (added != 0.0).any(axis=1)
    assert 20 < told.sum() < len(told)
    assert added[told, :3].mean() > 0.005
    assert added[told, -1].mean() < added[told, :3].mean() / 10


def test_where_hardly_anybody_pays_it_is_foretold_that_hardly_anybody_does() -> None:
    as_of, tables = tiny()
    kept = tables.invoices["invoice_id"].gather_every(40)
    few = tables.with_(payments=tables.payments.filter(pl.col("invoice_id").is_in(kept.implode())))
    past, snapshot = lessons(few, as_of), build(few, as_of)
    effect = fit_effect(few, past, days_to_arrive=DAYS_TO_ARRIVE, seed=0)
    days = days_at_risk(past, contact_log(few, as_of, effect.design.channels, effect.design.tones))
    truly = np.average(days.paid, weights=days.weight)
    assert truly < 0.002
    foretold = effect.paths(few, snapshot, 14).mean()
    assert truly / 3 < foretold < 3 * truly
    # Payments come by themselves: the calendar, one for all, need not correct that by much.
    assert np.abs(effect.mean[: effect.calendar.count]).max() < 0.7


def test_without_any_contact_in_the_past_the_expectation_alone_speaks() -> None:
    as_of, tables = tiny()
    silent = tables.with_(
        contacts=tables.contacts.clear(),
        events=tables.events.filter(pl.col("contact_id").is_null()),
    )
    effect = fit(silent, as_of=as_of).effect
    assert effect.design.channels == effect.design.tones == ()
    assert effect.contacts_seen == 0
    nobody = np.zeros((2, effect.design.state))
    assert effect.strength(nobody, told(2)) == pytest.approx([MEAN, MEAN], abs=0.01)
    assert effect.strength(nobody, told(2, earlier=np.array([0.0, 4.0])))[1] < MEAN
    assert effect.curves.curves.shape == (1, LAGS)


# The parts that decisions are made of


def test_the_parts_that_candidates_are_scored_by_add_up_to_the_strength(
    model: Model, tables: Tables, as_of: datetime
) -> None:
    known, policy = tables.known_at(as_of).in_order(), policy_of()
    allowed = permitted(known, as_of=as_of, policy=policy)
    snapshot = build(known, as_of)
    found = candidates(model, known, snapshot, allowed, policy)
    design, grid = model.effect.design, allowed.grid
    single = found.invoices.filter(pl.len().over("row") == 1).filter("covered")
    rows, late = single["row"].to_numpy(), single["days_overdue"].to_numpy()
    assert len(rows) > 50
    rng = np.random.default_rng(1)
    for _ in range(5):
        channel, tone = rng.integers(4), rng.integers(3)
        day, hour = rng.integers(grid.days), rng.integers(len(grid.hours))
        actions = np.tile([channel, tone, day, hour], (len(rows), 1)).astype(np.int64)
        # In this world clocks are ahead of UTC, so that day 0 is the date of the instant.
        weekday = (as_of.weekday() + int(day)) % 7
        whole = model.effect.strength(
            found.states[rows],
            told(
                len(rows),
                number(design.channels, grid.channels[channel]),
                number(design.tones, grid.tones[tone]),
                hour=grid.hours[hour],
                weekday=weekday,
                stage=stage_of(late + day),
                earlier=found.earlier[rows],
                answers=found.answers[rows, channel],
            ),
        )
        parts = found.strength_of(rows, actions, allowed.first_day)
        assert parts == pytest.approx(whole, abs=1e-4)


# Curves


def mean_lag(curve: Array) -> float:
    return float((np.arange(len(curve)) * curve).sum() / curve.sum())


def test_a_letter_acts_later_than_a_text_message(model: Model) -> None:
    curves = dict(zip(model.effect.design.channels, model.effect.curves.curves, strict=False))
    assert {name: float(c.max()) for name, c in curves.items()} == dict.fromkeys(curves, 1.0)
    assert mean_lag(curves["letter"]) > mean_lag(curves["sms"]) + 1.0
    assert mean_lag(curves["letter"]) > mean_lag(curves["email"]) + 1.0


@pytest.mark.parametrize(
    ("delay", "first"), [(0.0, 0), (1.0, 1), (2.0, 2), (4.0, 4), (0.5, 0), (2.5, 2)]
)
def test_a_curve_begins_in_part_on_the_day_it_begins_and_then_fades(
    delay: float, first: int
) -> None:
    curve = curve_of(delay, 2.5)
    assert len(curve) == LAGS
    assert (curve[:first] == 0).all()
    assert 0 < curve[first] < curve[first + 1]
    assert (np.diff(curve[first + 1 :]) < 0).all()


def test_how_late_a_channel_acts_is_learned_without_being_told() -> None:
    # Two channels, one contact each per invoice on day 0; "slow" does nothing for three days.
    n, count = 6_000, 14
    rng = np.random.default_rng(3)
    channel = np.arange(n) % 2
    curves = np.stack([curve_of(0.0, 1.5), curve_of(3.0, 1.5)])
    row, day = np.repeat(np.arange(n), count), np.tile(np.arange(count), n)
    chance = 1.0 / (1.0 + np.exp(3.5 - 1.8 * curves[channel[row], day]))
    paid = (rng.random(n * count) < chance).astype(float)
    nothing = np.full(n * count, -1)
    log = ContactLog(
        invoices={},
        key=np.arange(n),
        day=np.zeros(n, dtype=int),
        channel=channel,
        tone=np.full(n, -1),
        hour=np.full(n, NOON),
        weekday=np.full(n, WEDNESDAY),
        earlier=np.zeros(n),
        **_rest_of_log(n),
    )
    days = Days(
        rows=pl.DataFrame({"row": np.arange(n)}),
        start=np.zeros(n, dtype=int),
        row=row,
        day=day,
        paid=paid,
        weight=np.ones(n * count),
        last=row,
        before=nothing,
        lag=day,
        lag_before=np.full(n * count, LAGS),
    )
    learned_curves = fit_curves(
        days, log, np.ones((n * count, 1)), np.full(n * count, -3.5), ("fast", "slow"), {}, logistic
    ).curves
    fast, slow, other = (mean_lag(c) for c in learned_curves)
    assert fast < 2.0
    assert slow > fast + 1.5
    assert other == pytest.approx(mean_lag(curve_of(0.0, 2.5)))


def _rest_of_log(n: int) -> dict[str, Any]:
    """Fields that came to the log later and that curves do not read."""
    given = {"invoices", "key", "day", "channel", "tone", "hour", "weekday", "earlier"}
    return {f: np.full(n, -1) for f in ContactLog.__dataclass_fields__ if f not in given}
