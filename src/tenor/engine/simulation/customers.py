"""The people of a world: what everybody can see of them, and what only the world knows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.simulation.chance import Floats, Ints
from tenor.engine.simulation.config import WorldConfig
from tenor.engine.simulation.nature import Nature, Payer

Flags = NDArray[np.bool_]

SECTORS = ("retail", "construction", "hospitality", "transport", "services")
QUARTERS = ("N", "E", "S", "W")
AGE_BANDS = ("18-29", "30-44", "45-59", "60-74", "75+")
# The visible traits that lean towards a type, in the order of `Nature.observable`.
TRAITS = (
    "business",
    "autopay",
    "short_tenure",
    "second_language",
    *(f"sector_{s}" for s in SECTORS),
    *(f"quarter_{q}" for q in QUARTERS),
)
# How an age band leans towards the seven types (times `protected_link`): the young forget and
# wait for their wage, the old pay at once. A fair engine must not find this out.
_AGE_LEAN = np.array(
    [
        [-0.4, 0.6, 0.8, 0.5, 0.2, -0.2, 0.4],
        [-0.1, 0.3, 0.3, 0.3, 0.1, 0.0, 0.1],
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.0],
        [0.5, -0.4, -0.8, -0.2, -0.2, 0.2, -0.1],
        [0.7, -0.3, -1.5, -0.1, -0.5, 0.3, 0.3],
    ]
)
# Media that may be used only with consent, and the share of people who gave it.
_NEEDS_CONSENT = {"email": 0.97, "sms": 0.90, "push": 0.55}
# Log of how much more businesses like a medium, and people per age band (times `protected_link`).
_BUSINESS_TASTE = {"email": 0.20, "sms": -0.25, "push": -0.4, "call": 0.10}
_AGE_TASTE = {"sms": -0.10, "push": -0.2, "letter": 0.10, "call": 0.10}


@dataclass(frozen=True)
class People:
    """The customers' lasting traits, one element each; never exported but for `visible`.

    Attributes
    ----------
    visible : pl.DataFrame, the contract's customers table
    kind : int[N], `Payer`
    business, autopay : bool[N]
    zone : int[N], index of the time zone in `zones`
    region : int[N], index of the region in `regions`
    lag : float[N], own days from due to the day of paying
    temper : float[N], own multiplier of every contact's pull
    taste : float[N, C], own multiplier by channel
    working, consent : bool[N, C], the address works; contact is allowed
    noticed : float[N, C], chance that a message is noticed
    threshold : float[N], how serious it must sound (strategic)
    income_day, run_weekday : int[N], day of the month with money; weekday of payment runs
    trouble : bool[N], the usual way of paying often fails
    yearly : float[N], invoices a year; `monthly_day` : int[N], 0 where not a subscription
    amount : float[N], usual amount; `terms` : int[N], days
    """

    visible: pl.DataFrame
    zones: tuple[str, ...]
    regions: tuple[str, ...]
    kind: Ints
    business: Flags
    autopay: Flags
    zone: Ints
    region: Ints
    lag: Floats
    temper: Floats
    taste: Floats
    working: Flags
    consent: Flags
    noticed: Floats
    threshold: Floats
    income_day: Ints
    run_weekday: Ints
    trouble: Flags
    yearly: Floats
    monthly_day: Ints
    amount: Floats
    terms: Ints


@dataclass(frozen=True)
class _Seen:
    """What everybody can see, as drawn: indices instead of words."""

    business: Flags
    autopay: Flags
    second_language: Flags
    place: Ints
    quarter: Ints
    sector: Ints
    age: Ints
    zone: Ints
    tenure_years: Floats


def draw_people(config: WorldConfig, nature: Nature, rng: np.random.Generator) -> People:
    """Draw the customers of a world: visible traits first, then the hidden type they lean to."""
    zones = tuple(dict.fromkeys(z for p in config.places for z in p.zones))
    seen = _draw_seen(config, rng, zones)
    kind = _draw_kind(config, nature, seen, rng)
    hidden = _draw_means(config, seen, kind, rng) | _draw_manner(config, nature, seen, kind, rng)
    consent = np.ones((config.customers, len(config.channels)), dtype=np.bool_)
    for c, channel in enumerate(config.channels):
        if channel.medium in _NEEDS_CONSENT:
            consent[:, c] = rng.random(config.customers) < _NEEDS_CONSENT[channel.medium]
    value = np.round(hidden["amount"] * hidden["yearly"] * 0.15, 2)
    return People(
        visible=_visible(config, seen, zones, consent, value),
        zones=zones,
        regions=tuple(f"{p.country}-{q}" for p in config.places for q in QUARTERS),
        kind=kind,
        business=seen.business,
        autopay=seen.autopay,
        zone=seen.zone,
        region=seen.place * len(QUARTERS) + seen.quarter,
        consent=consent,
        **hidden,
    )


def customer_ids(index: Ints) -> pl.Series:
    """Return the ids of customers by their index."""
    return numbered("C", index, 6)


def numbered(prefix: str, index: Ints, width: int) -> pl.Series:
    """Return `prefix` and the number, padded to `width` digits, for each index."""
    digits = pl.Series(index, dtype=pl.Int64).cast(pl.String).str.zfill(width)
    return pl.select(pl.lit(prefix) + digits).to_series()


def _draw_seen(config: WorldConfig, rng: np.random.Generator, zones: tuple[str, ...]) -> _Seen:
    n, places = config.customers, config.places
    weight = np.array([p.share for p in places])
    business = rng.random(n) < config.business_share
    place = rng.choice(len(places), size=n, p=weight / weight.sum()).astype(np.int64)
    of_place = np.array([len(p.zones) for p in places])
    first = np.array([zones.index(p.zones[0]) for p in places])
    return _Seen(
        business=business,
        autopay=rng.random(n) < np.where(business, 0.10, 0.22),
        second_language=rng.random(n) < 0.15,
        place=place,
        quarter=rng.integers(0, len(QUARTERS), size=n),
        sector=rng.integers(0, len(SECTORS), size=n),
        age=rng.choice(len(AGE_BANDS), size=n, p=[0.18, 0.30, 0.27, 0.18, 0.07]),
        zone=first[place] + (rng.random(n) * of_place[place]).astype(np.int64),
        tenure_years=np.round(rng.gamma(1.6, 3.0, size=n), 1),
    )


def _draw_kind(config: WorldConfig, nature: Nature, seen: _Seen, rng: np.random.Generator) -> Ints:
    traits = np.column_stack(
        [seen.business, seen.autopay, seen.tenure_years < 1.5, seen.second_language]
        + [seen.business & (seen.sector == s) for s in range(len(SECTORS))]
        + [seen.quarter == q for q in range(len(QUARTERS))]
    ).astype(np.float64)
    traits -= traits.mean(axis=0)
    lean = np.where(seen.business[:, None], 0.0, _AGE_LEAN[seen.age]) * config.protected_link
    score = np.log(nature.share)[seen.business.astype(int)] + traits @ nature.observable.T + lean
    # The largest score plus Gumbel noise is a draw with chances softmax(score).
    kind: Ints = np.argmax(score + rng.gumbel(size=score.shape), axis=1).astype(np.int64)
    return kind


def _draw_means(
    config: WorldConfig, seen: _Seen, kind: Ints, rng: np.random.Generator
) -> dict[str, Any]:
    """Draw how often, how much and out of what people pay."""
    n = len(kind)
    monthly = rng.random(n) < np.where(seen.business, 0.15, 0.30)
    rate = rng.gamma(4.0, 0.25, size=n) * np.where(seen.business, 1.6, 0.8) * config.invoices_a_year
    usual = np.where(seen.business, 850.0, 95.0)
    spread = np.where(seen.business, 1.0, 0.6)
    return {
        "yearly": rate,
        "monthly_day": np.where(monthly, rng.integers(1, 29, size=n), 0),
        "amount": usual * np.exp(spread * rng.normal(size=n)),
        "terms": np.where(seen.business, rng.choice([14, 30, 30, 45], size=n), 14),
        # Wages arrive on the 23rd to the 27th, for some on the first.
        "income_day": np.where(rng.random(n) < 0.2, 1, rng.integers(23, 28, size=n)),
        "run_weekday": rng.choice(7, size=n, p=[0.1, 0.15, 0.1, 0.35, 0.3, 0.0, 0.0]),
        "trouble": rng.random(n) < np.where(kind == Payer.TIGHT, 0.15, 0.05),
        "threshold": rng.normal(3.2, 0.7, size=n),
    }


def _draw_manner(
    config: WorldConfig, nature: Nature, seen: _Seen, kind: Ints, rng: np.random.Generator
) -> dict[str, Any]:
    """Draw when people mean to pay, and how each is reached and answers."""
    n, channels = len(kind), len(config.channels)
    media = [c.medium for c in config.channels]
    lag = nature.lag[kind] + nature.lag_sd[kind] * rng.normal(size=n)
    leaning = np.zeros((n, channels))
    for c, medium in enumerate(media):
        slope = _AGE_TASTE.get(medium, 0.0) * config.protected_link
        leaning[:, c] = np.where(seen.business, _BUSINESS_TASTE.get(medium, 0.0), slope * seen.age)
    own = rng.normal(size=(n, channels))
    trait = rng.normal(0.0, 0.6, size=(n, channels)) * config.persons
    chance = nature.noticed / (nature.noticed + (1.0 - nature.noticed) * np.exp(trait))
    favourite = rng.integers(0, channels, size=n)
    only = np.where(np.arange(channels) == favourite[:, None], 0.95, 0.15)
    elusive = (kind == Payer.ELUSIVE)[:, None]
    return {
        "lag": lag,
        "temper": np.exp(config.persons * 0.35 * rng.normal(size=n)),
        "taste": np.exp(config.persons * 0.30 * own + leaning),
        "working": rng.random((n, channels)) < nature.valid,
        "noticed": np.where(elusive, np.minimum(chance, 1.0) * only, chance),
    }


def _visible(
    config: WorldConfig, seen: _Seen, zones: tuple[str, ...], consent: Flags, value: Floats
) -> pl.DataFrame:
    places = config.places
    several = np.array([len(p.zones) > 1 for p in places])[seen.place]
    second = np.minimum(
        seen.second_language.astype(int),
        np.array([len(p.languages) - 1 for p in places])[seen.place],
    )
    countries = np.array([p.country for p in places])[seen.place]
    regions = [f"{c}-{QUARTERS[q]}" for c, q in zip(countries, seen.quarter, strict=True)]
    pairs = zip(seen.place, second, strict=True)
    asked = [c for c, ch in enumerate(config.channels) if ch.medium in _NEEDS_CONSENT]
    return pl.DataFrame(
        {
            "customer_id": customer_ids(np.arange(len(countries))),
            "kind": np.where(seen.business, "business", "consumer"),
            "country": countries,
            "language": [places[p].languages[s] for p, s in pairs],
            "timezone": _words(np.array(zones)[seen.zone], where=several),
            "customer_value": value,
            **{f"consent_{config.channels[c].name}": consent[:, c] for c in asked},
            "sector": _words(np.array(SECTORS)[seen.sector], where=seen.business),
            "region": regions,
            "tenure_years": seen.tenure_years,
            "autopay": seen.autopay,
            "protected_age_band": _words(np.array(AGE_BANDS)[seen.age], where=~seen.business),
        }
    )


def _words(words: NDArray[np.str_], *, where: Flags) -> pl.Series:
    return pl.Series([w if there else None for w, there in zip(words, where, strict=True)])
