"""The effect predictor: what a contact adds to the daily chance of payment, over no contact.

    P(paid on day t) = 1 - exp(-own(x, t) - curve(days since contact) x strength(a, x))

One's own pace is a baseline grown without actions and a calendar (a sum of logits); a contact adds
to it (see `intensity`). Strength is linear in a few state columns for each mode
of the action (any contact, channel, tone, hour), shrunk by evidence towards what published
trials let one expect. Learned from all days of all open invoices, contacted or not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.features.build import Snapshot
from tenor.engine.frames import Tables
from tenor.engine.predictors.baseline import Baseline, fit_baseline
from tenor.engine.predictors.calendar_terms import CalendarTerms, calendar_terms
from tenor.engine.predictors.contact_log import ContactLog, contact_log
from tenor.engine.predictors.days import Days, days_at_risk, said
from tenor.engine.predictors.effect_design import STAGES, EffectDesign, Told, fatigue, stage_of
from tenor.engine.predictors.effect_layer import deviation
from tenor.engine.predictors.expected import PUBLISHED, Expected
from tenor.engine.predictors.history import Lessons, Report
from tenor.engine.predictors.intensity import POINT, chance, own_intensity, slopes, together
from tenor.engine.predictors.response import ResponseCurves, fit_curves
from tenor.engine.predictors.shrinkage import shrink
from tenor.engine.predictors.state import StateColumns, state_columns

Array = NDArray[np.float64]
Ints = NDArray[np.int_]

BATCH = 32_768
# Newton steps: after the fourth no strength moves by more than a tenth of a point.
STEPS = 4
# Readiness is counted from a chance of 3% a day, and beyond three units of logit it says no more.
USUALLY_READY = -3.5
FARTHEST = 3.0
# Where hardly anybody pays, one payment would say as much of contacts as hundreds elsewhere.
LEAST_CHANCE = 0.002


@dataclass(frozen=True)
class EffectPredictor:
    """What was learned about contacts. `mean` and `factor` are the posterior of the columns."""

    baseline: Baseline
    calendar: CalendarTerms
    state: StateColumns
    design: EffectDesign
    curves: ResponseCurves
    mean: Array
    factor: Array
    scales: dict[str, float]
    contacts_seen: int

    def paths(self, tables: Tables, snapshot: Snapshot, days: int) -> Array:
        """Return the intensity of payment on each coming day without new contact.

        [rows of the snapshot, days]. What was said in the last two weeks still acts.
        """
        rows = snapshot.rows
        n = rows.height
        row, day = np.repeat(np.arange(n), days), np.tile(np.arange(days), n)
        own = self.mean[: self.calendar.count]
        calendar = self.calendar.effect(rows, snapshot.as_of, row, day, own)
        logit = self.baseline.logit(rows)[row] + calendar
        log = self._log(tables.known_at(snapshot.as_of), snapshot.as_of)
        lingering = np.zeros(n * days)
        for at, lag in _pairs(said(log, log.codes(rows["invoice_id"])[row], day)):
            acting = np.flatnonzero(at >= 0)
            if not len(acting):
                continue
            # A contact's strength is the same on every day it acts: worked out once a contact. What
            # is known of the person now is in part its work, so it is that of the average person.
            contacts, where = np.unique(at[acting], return_inverse=True)
            states = np.zeros((len(contacts), self.design.state))
            told = _told(log, contacts, np.zeros((len(contacts), len(self.design.channels))))
            curve = self.curves.at(log.channel[at[acting]], lag[acting])
            lingering[acting] += curve * self.strength(states, told)[where]
        return together(own_intensity(logit), POINT * lingering).reshape(n, days)

    def states(self, rows: pl.DataFrame) -> Array:
        """Return what effects may depend on [rows, columns]: the state, and readiness last."""
        return _states(self.state.matrix(rows), self.baseline.logit(rows))

    def strength(self, states: Array, told: Told) -> Array:
        """Return what each contact adds at its peak, in points of intensity a day [n]."""
        effects = self.design.effects(states, told)
        own = self.mean[self.calendar.count :].astype(np.float32)
        return np.asarray(effects @ own, dtype=np.float64)

    def spread(self, states: Array, told: Told) -> Array:
        """Return the standard deviation of `strength` [n]: what data leave open."""
        effects = self.design.effects(states, told)
        calendar = np.zeros((len(effects), self.calendar.count), dtype=np.float32)
        return deviation(self.factor, np.concatenate([calendar, effects], axis=1), self.inverse)

    @cached_property
    def inverse(self) -> NDArray[np.float32]:
        """The inverse of `factor`: worked out once, as it takes longer than a customer's case."""
        return np.linalg.inv(self.factor).astype(np.float32)

    def mode_strengths(self, states: Array, earlier: Array) -> Array:
        """Return what each personal mode adds for people in `states` [n, modes], mean first.

        `earlier` [n] counts the contacts of the 30 days before.
        """
        design = self.design
        own = self.mean[design.calendar : design.calendar + design.modes * design.width]
        person = np.column_stack([np.ones(len(states)), states, fatigue(earlier)])
        return np.asarray(person @ own.reshape(design.modes, design.width).T)

    def stage_strengths(self) -> Array:
        """Return what contacts add at each stage, beside those of other stages [stages]."""
        return self.mean[self.design.stage_columns]

    def shared_strengths(self) -> tuple[Array, Array, Array, float]:
        """Return what is alike for everybody: weekday [7], channel x tone and channel x hour
        [channels + 1, tones + 1 or 24] (the last of each: unknown), and the worth of a higher
        answer rate on the channel."""
        design = self.design
        own = self.mean[design.calendar + design.modes * design.width :]
        channel, tone, hour = (
            np.concatenate([f.basis, np.zeros((1, f.modes))]) for f in design.factors
        )
        days, tones = design.weekday.modes, channel.shape[1] * tone.shape[1]
        weekday = design.weekday.basis @ own[:days]
        pairs = own[days : days + tones].reshape(channel.shape[1], tone.shape[1])
        waves = own[days + tones : -1 - len(STAGES)].reshape(channel.shape[1], 2)
        return weekday, channel @ pairs @ tone.T, channel @ waves @ hour[:24, :2].T, float(own[-1])

    def _log(self, known: Tables, reference: datetime) -> ContactLog:
        return contact_log(known, reference, self.design.channels, self.design.tones)


def fit_effect(
    tables: Tables,
    lessons: Lessons,
    *,
    days_to_arrive: Mapping[str, float],
    seed: int,
    prior: Expected = PUBLISHED,
    report: Report | None = None,
) -> EffectPredictor:
    """Learn from the lessons what contacts did.

    Parameters
    ----------
    tables : the facts; only those known at `lessons.as_of` are read.
    days_to_arrive : days from sending until a channel's message is read, where known.
    prior : what is expected of contacts before these data; from trials, or from a pool.
    """
    known = tables.known_at(lessons.as_of)
    channels, tones = (
        tuple(sorted({*known.contacts[name].drop_nulls(), *expected}))
        for name, expected in zip(("channel", "tone"), prior.known, strict=True)
    )
    log = contact_log(known, lessons.as_of, channels, tones)
    days = days_at_risk(lessons, log)
    if report:
        report("learning how people pay when left alone", 0.0)
    baseline, logit = fit_baseline(days, seed=seed)
    terms = calendar_terms(known)
    calendar = _calendar_columns(terms, days, lessons)
    offset = logit[days.row]
    if report:
        report("learning what contacts add", 0.0)
    curves = fit_curves(days, log, calendar, offset, channels, days_to_arrive, logistic)
    state = state_columns(lessons.rows, baseline.encoding)
    design = EffectDesign(channels, tones, terms.count, len(state.columns) + 1)
    states = _states(state.matrix(days.rows), logit)
    effects = _Effects(days, log, design, curves, states, _answers(lessons, days, channels))
    mean, factor, scales = _solve(effects, calendar, offset, prior)
    return EffectPredictor(
        baseline, terms, state, design, curves, mean, factor, scales, known.contacts.height
    )


def logistic(
    design: Array, offset: Array, paid: Array, weight: Array, mean: Array, spread: Array
) -> Array:
    """Return the coefficients of a logistic regression with a normal prior."""
    found, precision = mean.copy(), np.diag(1.0 / spread**2)
    for _ in range(4):
        gram, moment = np.zeros_like(precision), np.zeros(len(mean))
        for start in range(0, len(paid), BATCH):
            rows = slice(start, start + BATCH)
            part = design[rows]
            chance = 1.0 / (1.0 + np.exp(-(offset[rows] + part @ found)))
            moment += part.T @ (weight[rows] * (paid[rows] - chance))
            gram += (part * (weight[rows] * chance * (1.0 - chance))[:, None]).T @ part
        found = found + np.linalg.solve(gram + precision, moment - precision @ (found - mean))
    return found


@dataclass(frozen=True)
class _Effects:
    """The effect columns of days, made a batch at a time."""

    days: Days
    log: ContactLog
    design: EffectDesign
    curves: ResponseCurves
    states: Array
    answers: Array

    def columns(self, rows: Ints) -> NDArray[np.float32]:
        """Return [len(rows), effect columns]: the sum over the last two contacts."""
        days = self.days
        total = np.zeros((len(rows), self.design.columns - self.design.calendar), dtype=np.float32)
        for at, lag in ((days.last, days.lag), (days.before, days.lag_before)):
            told = np.flatnonzero(at[rows] >= 0)
            if not len(told):
                continue
            contact, owner = at[rows[told]], days.row[rows[told]]
            # What is known of a person after a contact shows what it did: only of contacts to come
            # may it tell beforehand.
            before = (self.log.day[contact] >= days.start[owner])[:, None]
            effects = self.design.effects(
                self.states[owner] * before,
                _told(self.log, contact, self.answers[owner] * before),
            )
            curve = self.curves.at(self.log.channel[contact], lag[rows[told]])
            total[told] += effects * curve.astype(np.float32)[:, None]
        return total


def _solve(
    effects: _Effects, calendar: Array, offset: Array, expected: Expected
) -> tuple[Array, Array, dict[str, float]]:
    """Return posterior mean, factor of its precision, and learned scales, in Newton steps."""
    days, prior = effects.days, effects.design.prior(expected)
    mean, factor, scales = prior.mean, np.eye(len(prior.mean)), {}
    contacted = days.last >= 0
    apart = [np.flatnonzero(contacted), np.flatnonzero(~contacted)]
    for _ in range(STEPS):
        gram, moment = np.zeros((len(mean), len(mean))), np.zeros(len(mean))
        for rows in apart:
            for start in range(0, len(rows), BATCH):
                batch = rows[start : start + BATCH]
                told = effects.columns(batch) if rows is apart[0] else None
                part, likely = _linear(calendar[batch], offset[batch], told, mean)
                used, weight = part.shape[1], days.weight[batch]
                moment[:used] += part.T @ (weight * (days.paid[batch] - likely)).astype(np.float32)
                root = np.sqrt(weight * likely * (1.0 - likely)).astype(np.float32)[:, None]
                gram[:used, :used] += (part * root).T @ (part * root)
        solution = shrink(gram, moment + gram @ mean, prior)
        mean, factor, scales = solution.mean, solution.factor, solution.scales
    return mean, factor, scales


def _linear(
    calendar: Array, offset: Array, told: NDArray[np.float32] | None, mean: Array
) -> tuple[NDArray[np.float32], Array]:
    """Return how the logit of each day's chance moves with the coefficients, and that chance.

    `told` are the effect columns of the days; None where no contact acts.
    """
    part = calendar.astype(np.float32)
    count = part.shape[1]
    own = own_intensity(offset + part @ mean[:count].astype(np.float32))
    if told is None:
        return part, chance(own)
    added = POINT * (told @ mean[count:].astype(np.float32)).astype(np.float64)
    likely = chance(together(own, added))
    by_own, by_added = slopes(own, added)
    calendar_moves = (by_own * chance(own) / likely).astype(np.float32)[:, None]
    contact_moves = (by_added * POINT / np.maximum(likely, LEAST_CHANCE)).astype(np.float32)
    contact_moves = contact_moves[:, None]
    return np.concatenate([part * calendar_moves, told * contact_moves], axis=1), likely


def _states(state: Array, logit: Array) -> Array:
    """Return the state and beside it readiness: the logit of paying on a day by oneself."""
    ready = np.clip(logit - USUALLY_READY, -FARTHEST, FARTHEST)
    return np.column_stack([state, ready])


def _told(log: ContactLog, contact: Ints, answers: Array) -> Told:
    """Return what was told in the contacts at these positions of the log."""
    channel = log.channel[contact]
    own = np.concatenate([answers, np.zeros((len(answers), 1))], axis=1)
    return Told(
        channel,
        log.tone[contact],
        log.hour[contact],
        log.weekday[contact],
        stage_of(log.overdue[contact]),
        log.earlier[contact],
        own[np.arange(len(contact)), channel],
    )


def _pairs(found: tuple[Ints, Ints, Ints, Ints]) -> list[tuple[Ints, Ints]]:
    last, before, lag, lag_before = found
    return [(last, lag), (before, lag_before)]


def answer_table(snapshot: Snapshot, channels: tuple[str, ...]) -> Array:
    """Return how each row's customer answers each channel, beside the usual [rows, channels]."""
    table = np.zeros((snapshot.rows.height, len(channels)))
    if not snapshot.answer_rates.height:
        return table
    number = {channel: j for j, channel in enumerate(channels)}
    place = pl.col("channel").replace_strict(number, default=None, return_dtype=pl.Int64)
    rates = snapshot.answer_rates.lazy().select("customer_id", "rate", place=place).drop_nulls()
    rows = snapshot.rows.lazy().select("customer_id").with_row_index("row")
    found = rows.join(rates, on="customer_id", how="inner").collect()
    table[found["row"].to_numpy(), found["place"].to_numpy()] = found["rate"].to_numpy()
    return table


def _answers(lessons: Lessons, days: Days, channels: tuple[str, ...]) -> Array:
    """Return `answer_table` for every row of `days.rows`, each as of its own snapshot."""
    table = np.zeros((days.rows.height, len(channels)))
    for snapshot in lessons.snapshots:
        mine = np.flatnonzero((days.rows["instant"] == snapshot.as_of).to_numpy())
        part = Snapshot(snapshot.as_of, days.rows[mine], snapshot.answer_rates)
        table[mine] = answer_table(part, channels)
    return table


def _calendar_columns(terms: CalendarTerms, days: Days, lessons: Lessons) -> Array:
    """Return the calendar's columns for every day at risk."""
    columns = np.empty((len(days.day), terms.count))
    instant = days.rows["instant"]
    for snapshot in lessons.snapshots:
        rows = (instant == snapshot.as_of).to_numpy()
        mine = np.flatnonzero(rows[days.row])
        columns[mine] = terms.columns(days.rows, snapshot.as_of, days.row[mine], days.day[mine])
    return columns
