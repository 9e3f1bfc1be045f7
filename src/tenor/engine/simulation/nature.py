"""The hidden laws of a world: its payer types and what a contact does to each, drawn from a seed.

Contacts add to the *intensity* of paying, or multiply it (`WorldConfig.multiplied`), through
gamma-shaped responses, thresholds, gates and saturation. But for the adding, the forms are not
those of the effect predictor (no exponential fading, nothing linear in what is observable). The
sizes stay within published reminder experiments: a message against none +7 to +25 points on
payment within weeks (Gillitzer & Sinning 2018; Haynes et al. 2013), SMS against e-mail 0 to +28%
(Westpac/BETA 2019), tone +3% on average with a deviation of 8% and many nulls (Hallsworth et al.
2017; Saulitis; Holzmeister et al. 2021), hour and weekday 0 to 5%, twice weekly no better than
weekly (Antinyan et al. 2021).
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from tenor.engine.simulation.chance import Floats
from tenor.engine.simulation.config import WorldConfig

AGES = 26  # days after sending during which a contact still does something


class Payer(IntEnum):
    """The hidden types of payer."""

    PROMPT = 0  # pays about the due date whatever happens
    FORGETFUL = 1  # means to pay; any message helps
    PAY_DAY = 2  # pays when the wage is in, and answers only then
    TIGHT = 3  # has too little; pays in parts, promises, shrinks from pressure
    STRATEGIC = 4  # pays late on purpose, until it sounds serious
    DISPUTER = 5  # disputes first
    ELUSIVE = 6  # is reached by one channel only


@dataclass(frozen=True)
class _Habit:
    """The usual figures of a type.

    `share`: of consumers, of businesses. `lag`: days from due to the day one means to pay,
    with the spread between people. `peak`: intensity a day then, fading over `width` days to
    `floor`. `pull`: what one neutral text adds in all to the intensity, and the most a day.
    `half`: recent contacts that halve a further one's effect. `visits`: looks at the payment
    page that lead to nothing, for each look that does.
    """

    share: tuple[float, float]
    lag: tuple[float, float]
    peak: float
    width: float
    floor: float
    pull: float
    most: float
    half: float
    visits: float


_HABITS = {
    Payer.PROMPT: _Habit((0.40, 0.40), (-3.0, 3.0), 0.40, 4.0, 0.028, 0.45, 0.45, 3.0, 0.1),
    Payer.FORGETFUL: _Habit((0.20, 0.16), (1.0, 4.0), 0.15, 3.0, 0.009, 1.10, 0.55, 3.2, 0.3),
    Payer.PAY_DAY: _Habit((0.14, 0.02), (4.0, 5.0), 0.18, 7.0, 0.018, 0.80, 0.55, 2.6, 0.5),
    Payer.TIGHT: _Habit((0.10, 0.10), (12.0, 7.0), 0.05, 9.0, 0.013, 0.42, 0.16, 1.9, 1.6),
    Payer.STRATEGIC: _Habit((0.04, 0.19), (26.0, 9.0), 0.13, 9.0, 0.008, 0.95, 0.45, 3.6, 0.2),
    Payer.DISPUTER: _Habit((0.04, 0.08), (3.0, 4.0), 0.13, 6.0, 0.014, 0.30, 0.20, 1.8, 0.4),
    Payer.ELUSIVE: _Habit((0.08, 0.05), (5.0, 5.0), 0.09, 5.0, 0.010, 1.05, 0.45, 3.0, 0.3),
}

# Per medium: lowest and highest strength against a text, mean days and shape of the response,
# days under way, share of addresses that work, chance of being noticed, and how wearing it is.
_MEDIA = {
    "email": ((0.40, 0.80), 2.6, 1.6, 0, 0.96, 0.70, 0.7),
    "sms": ((1.00, 1.00), 1.6, 1.3, 0, 0.97, 0.92, 1.0),
    "push": ((0.50, 0.95), 1.2, 1.1, 0, 0.60, 0.80, 0.8),
    "letter": ((0.70, 1.10), 3.2, 2.2, 2, 0.97, 0.90, 0.9),
    "call": ((1.20, 1.80), 1.5, 1.2, 0, 0.93, 0.48, 1.4),
}

# What tempers do beyond their small average: (type, temper) -> relative change of the pull.
# Below -1 the contact drives payment away.
_TASTES = {
    (Payer.FORGETFUL, "friendly"): 0.15,
    (Payer.FORGETFUL, "urgent"): -0.20,
    (Payer.PAY_DAY, "empathetic"): 0.15,
    (Payer.TIGHT, "empathetic"): 0.60,
    (Payer.TIGHT, "friendly"): 0.20,
    (Payer.TIGHT, "firm"): -0.55,
    (Payer.TIGHT, "urgent"): -1.45,
    (Payer.DISPUTER, "firm"): -1.10,
    (Payer.DISPUTER, "urgent"): -1.60,
    (Payer.DISPUTER, "empathetic"): 0.40,
    (Payer.PROMPT, "urgent"): -0.30,
}
# How serious a temper sounds (for the strategic), and how much it angers.
SEVERITY = {"friendly": 0.0, "neutral": 0.8, "firm": 2.0, "urgent": 3.0, "empathetic": 0.0}
ANGER = {"friendly": 0.7, "neutral": 0.8, "firm": 1.6, "urgent": 3.0, "empathetic": 0.6}


@dataclass(frozen=True)
class Nature:
    """One world's laws; T types, C channels, Q tones, as in the config's order.

    Attributes
    ----------
    share : float[2, T], of consumers and of businesses
    lag, lag_sd : float[T], days from due to the day one means to pay
    peak, width, floor : float[T], intensity a day then, days of fading, intensity that stays
    pull : float[T, C, Q], what a contact that is noticed adds to the intensity, in all
    kernel : float[T, C, AGES], how that is spread over the days since sending; sums to 1
    most : float[T], the most that contacts add to a day's intensity
    half : float[T], recent contacts that halve a further one
    visits : float[T], fruitless looks at the payment page
    weekday : float[7], relative effect of the day of sending; Monday first
    hour_swing, hour_peak : float[T], how much the hour of sending matters, and the best hour
    pay_weekday : float[7], habit of paying by day of the week
    valid, noticed, wear : float[C], working addresses, chance of notice, fatigue a contact
    severity, anger : float[Q]
    amount_taste : float[Q], change of the pull per doubling of the amount above the usual
    weather, economy : float, relative change of paying per standard deviation of the series
    observable : float[T, K], pull of the visible traits (customers.TRAITS) towards each type
    """

    share: Floats
    lag: Floats
    lag_sd: Floats
    peak: Floats
    width: Floats
    floor: Floats
    pull: Floats
    kernel: Floats
    most: Floats
    half: Floats
    visits: Floats
    weekday: Floats
    hour_swing: Floats
    hour_peak: Floats
    pay_weekday: Floats
    valid: Floats
    noticed: Floats
    wear: Floats
    severity: Floats
    anger: Floats
    amount_taste: Floats
    weather: float
    economy: float
    observable: Floats


def draw_nature(config: WorldConfig, rng: np.random.Generator, *, traits: int) -> Nature:
    """Draw the laws of a world, `traits` being the number of visible traits of a customer."""
    habits = [_HABITS[t] for t in Payer]
    vary = config.variety
    kinds = len(habits)

    def about(values: list[float], spread: float) -> Floats:
        return np.asarray(values) * np.exp(vary * spread * rng.normal(size=len(values)))

    share = np.array([[h.share[b] for h in habits] for b in (0, 1)])
    share = share * np.exp(vary * 0.25 * rng.normal(size=kinds))
    media = [_MEDIA[c.medium] for c in config.channels]
    return Nature(
        share=share / share.sum(axis=1, keepdims=True),
        lag=np.array([h.lag[0] for h in habits]) + vary * rng.normal(size=kinds),
        lag_sd=about([h.lag[1] for h in habits], 0.1),
        peak=about([h.peak for h in habits], 0.12),
        width=about([h.width for h in habits], 0.12),
        floor=about([h.floor for h in habits], 0.12),
        pull=_draw_pull(config, rng, about([h.pull for h in habits], 0.15)),
        kernel=_draw_kernel(config, rng),
        most=about([h.most for h in habits], 0.1),
        half=about([h.half for h in habits], 0.12),
        visits=about([h.visits for h in habits], 0.2),
        weekday=1.0 + vary * 0.02 * rng.normal(size=7) * (rng.random(7) < 0.6),
        hour_swing=vary * 0.05 * rng.random(kinds) * (rng.random(kinds) < 0.6),
        hour_peak=rng.uniform(8.0, 20.0, size=kinds),
        pay_weekday=np.array([1.25, 1.1, 1.0, 1.05, 1.15, 0.75, 0.65])
        * np.exp(vary * 0.05 * rng.normal(size=7)),
        valid=np.array([m[4] for m in media]),
        noticed=np.array([m[5] for m in media]),
        wear=np.array([m[6] for m in media]),
        severity=np.array([SEVERITY[t.temper] for t in config.tones]),
        anger=np.array([ANGER[t.temper] for t in config.tones]),
        amount_taste=vary * 0.04 * rng.normal(size=len(config.tones)),
        weather=float(vary * rng.normal(0.0, 0.05)),
        economy=float(abs(vary * rng.normal(0.0, 0.10))),
        observable=rng.normal(0.0, 0.45, size=(kinds, traits)),
    )


def _draw_pull(config: WorldConfig, rng: np.random.Generator, pull: Floats) -> Floats:
    vary, kinds = config.variety, len(Payer)
    channels, tones = len(config.channels), len(config.tones)
    low = np.array([_MEDIA[c.medium][0][0] for c in config.channels])
    high = np.array([_MEDIA[c.medium][0][1] for c in config.channels])
    medium = low + (high - low) * rng.random(channels)
    by_type = np.exp(vary * 0.15 * rng.normal(size=(kinds, channels)))
    # Tone: exactly nothing in two of five cases, else +3% with a deviation of 8% (see above) ...
    tone = vary * rng.normal(0.03, 0.08, size=tones) * (rng.random(tones) < 0.6)
    # ... while single types have tastes that nearly cancel in the average.
    taste = np.zeros((kinds, tones))
    for (payer, temper), change in _TASTES.items():
        for q, t in enumerate(config.tones):
            taste[payer, q] = change if t.temper == temper else taste[payer, q]
    taste = taste * np.exp(vary * 0.3 * rng.normal(size=taste.shape))
    taste = taste + vary * 0.08 * rng.normal(size=taste.shape) * (rng.random(taste.shape) < 0.5)
    # A quarter of the pairs of channel and tone mean something of their own.
    pair = rng.normal(0.0, 0.10, size=(channels, tones)) * (rng.random((channels, tones)) < 0.25)
    strength = pull[:, None] * medium * by_type * config.effect_scale
    manner = (1.0 + taste)[:, None, :] + tone + vary * pair
    result: Floats = strength[:, :, None] * manner
    return result


def _draw_kernel(config: WorldConfig, rng: np.random.Generator) -> Floats:
    """Spread a response over the days: gamma-shaped, slower for the types that take their time."""
    slow = np.array([1.0, 0.8, 1.2, 1.6, 1.4, 1.3, 1.1])
    slow = slow * np.exp(config.variety * 0.1 * rng.normal(size=len(Payer)))
    kernel = np.zeros((len(Payer), len(config.channels), AGES))
    fine = (np.arange(AGES * 24) + 0.5) / 24.0
    for c, channel in enumerate(config.channels):
        _, mean, shape, delay, *_ = _MEDIA[channel.medium]
        mean = mean * float(np.exp(config.variety * 0.12 * rng.normal()))
        for t in range(len(Payer)):
            scale = mean * slow[t] / shape
            since = np.maximum(fine - delay, 1e-9)
            density = np.where(fine > delay, since ** (shape - 1.0) * np.exp(-since / scale), 0.0)
            kernel[t, c] = density.reshape(AGES, 24).sum(axis=1)
    result: Floats = kernel / kernel.sum(axis=2, keepdims=True)
    return result
