"""What goes on around the customers: the weather of each region and the business climate."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from tenor.engine.simulation.chance import Floats, Ints
from tenor.engine.simulation.config import WorldConfig

DAYS = 3660  # ten years: longer than any history that is simulated
PUBLISHED_AFTER = 10  # days after its month begins, the climate figure comes out


@dataclass(frozen=True)
class Surroundings:
    """The external series: `weather` float[region, day], `climate` float[day], both standardised.

    `weekday` and `month_day` are the calendar of every day; `month` counts months from the start.
    """

    weather: Floats
    climate: Floats
    weekday: Ints
    month_day: Ints
    days_before: Ints
    month: Ints
    regions: tuple[str, ...]

    def days_since(self, month_day: Ints, day: int) -> Ints:
        """Count the days since the last such day of the month, as of `day`."""
        today = self.month_day[day]
        since = np.where(today >= month_day, 0, self.days_before[day]) + today - month_day
        counted: Ints = np.maximum(since, 0)
        return counted


def draw_surroundings(
    config: WorldConfig, regions: tuple[str, ...], rng: np.random.Generator
) -> Surroundings:
    """Draw ten years of weather and business climate (first-order autoregressions)."""
    dates = np.datetime64(config.start, "D") + np.arange(DAYS)
    months = dates.astype("datetime64[M]")
    previous = (months.astype("datetime64[D]") - (months - 1).astype("datetime64[D]")).astype(int)
    month = (months - months[0]).astype(int)
    climate = _autoregression(rng.normal(size=(1, int(month[-1]) + 1)), 0.85)[0]
    return Surroundings(
        weather=_autoregression(rng.normal(size=(len(regions), DAYS)), 0.75),
        climate=climate[month],
        weekday=((np.arange(DAYS) + config.start.weekday()) % 7).astype(np.int64),
        month_day=((dates - months.astype("datetime64[D]")).astype(int) + 1).astype(np.int64),
        days_before=previous.astype(np.int64),
        month=month.astype(np.int64),
        regions=regions,
    )


def external_table(config: WorldConfig, around: Surroundings, days: int) -> pl.DataFrame:
    """Return the contract's external table up to day `days` (exclusive) of the world."""
    if not config.external or days == 0:
        return pl.DataFrame()
    dates = [config.start + timedelta(days=d) for d in range(days)]
    weather = pl.DataFrame(
        {
            "date": dates * len(around.regions),
            "name": "temperature_anomaly",
            "value": np.round(around.weather[:, :days].ravel() * 2.5, 2),
            "region": np.repeat(np.array(around.regions), days),
        }
    )
    firsts = [d for d in range(days) if around.month_day[d] == 1]
    if not firsts:
        return weather
    climate = pl.DataFrame(
        {
            "date": [dates[d] for d in firsts],
            "name": "business_climate",
            "value": np.round(100.0 + 8.0 * around.climate[firsts], 1),
            "region": pl.Series([None] * len(firsts), dtype=pl.String),
            "available_on": [dates[d] + timedelta(days=PUBLISHED_AFTER) for d in firsts],
        }
    )
    return pl.concat([weather, climate], how="diagonal").sort("date", maintain_order=True)


def _autoregression(noise: Floats, memory: float) -> Floats:
    values = noise.copy()
    for t in range(1, noise.shape[1]):
        values[:, t] = memory * values[:, t - 1] + np.sqrt(1.0 - memory**2) * noise[:, t]
    return values
