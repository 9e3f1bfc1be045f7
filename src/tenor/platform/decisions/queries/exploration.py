"""What exploring cost and what it taught, week by week and effect by effect."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from tenor.engine.errors import ModelError
from tenor.engine.experiments.outcomes import Better, Kind, Outcome
from tenor.engine.experiments.results import Comparison, results
from tenor.engine.predictors.effect_design import Told
from tenor.engine.predictors.model import Model
from tenor.platform.core.models import Organisation
from tenor.platform.decisions import live
from tenor.platform.decisions.judgement.afterwards import came
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.decisions.runs.exploring import NEVER
from tenor.platform.governance import queries
from tenor.platform.governance.models import PredictorVersion

# Plans so far apart that few customers are in two of them, and so many of them.
APART = timedelta(days=28)
MOST_PLANS = 4
# Of those with whom something could have been tried and was not, so many are enough.
MOST_USUAL = 20_000
# Below this, on the smaller side, an interval would be a guess.
FEWEST = 30
TRIED, USUAL = "tried", "usual"
PAID = Outcome("paid", Kind.SHARE, Better.HIGHER, 0.03)


@dataclass(frozen=True)
class Week:
    """A week of exploring: how many were tried with, and what that was expected to cost."""

    monday: date
    uniform: int
    draw: int
    loss: float


@dataclass(frozen=True)
class Latest:
    """The day that was decided last: with how many something could be tried, with whom not."""

    day: date
    customers: int
    possible: int
    tried: int
    loss: float
    price: float | None
    never: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Realised:
    """What was paid of those tried with, beside those with whom it could have been.

    The lot alone parted them, so the difference is what trying cost or brought. `comparison` is
    None below `FEWEST` customers a side.
    """

    window: int
    tried: int
    usual: int
    comparison: Comparison | None


@dataclass(frozen=True)
class Effect:
    """By how many points a kind of contact raises the chance of payment of a day, at its peak.

    `low` to `high` holds 95% of what is thought possible; `spread` is the standard deviation.
    """

    of: str
    name: str
    points: float
    low: float
    high: float
    spread: float


@dataclass(frozen=True)
class Taught:
    """An effect as the predictor before held it (None: it did not know it), and as it is now."""

    before: Effect | None
    now: Effect


def weeks(organisation: Organisation, since: date) -> list[Week]:
    """Return the weeks in which days were decided, the oldest first."""
    runs = Run.objects.of(organisation).filter(day__gte=since).order_by("day")
    found: dict[date, list[dict[str, Any]]] = {}
    for day, figures in runs.values_list("day", "figures"):
        if "exploration" in figures:
            found.setdefault(day - timedelta(days=day.weekday()), []).append(figures["exploration"])
    return [
        Week(
            monday,
            sum(one["uniform"] for one in days),
            sum(one["draw"] for one in days),
            sum(one["loss"] for one in days),
        )
        for monday, days in found.items()
    ]


def latest(organisation: Organisation) -> Latest | None:
    """Return what the last day left to chance."""
    runs = Run.objects.of(organisation).order_by("-day").values_list("day", "figures")[:7]
    for day, figures in runs:
        if (one := figures.get("exploration")) is not None:
            never = tuple((why, one["never"][why]) for why in NEVER if why in one["never"])
            return Latest(
                day, one["customers"], one["possible"], one["uniform"] + one["draw"],
                one["loss"], one["price"], never,
            )  # fmt: skip
    return None


def realised(organisation: Organisation, as_of: datetime, window: int) -> Realised:
    """Compare what was paid within `window` days where something was tried, and where not."""
    rows = pl.DataFrame(
        list(_first_of_each(organisation, as_of - timedelta(days=window))),
        schema={
            "pk": pl.Int64, "customer_id": pl.String, "decided_at": pl.Datetime("us", "UTC"),
            "invoice_keys": pl.List(pl.String), "amount": pl.Float64, "p_paid_wait": pl.Float64,
            "arm": pl.String,
        },
        orient="row",
    )  # fmt: skip
    tried, usual = rows.filter(arm=TRIED), rows.filter(arm=USUAL)
    if usual.height > MOST_USUAL:
        usual = usual.sort("pk").gather_every(-(-usual.height // MOST_USUAL))
    if min(tried.height, usual.height) < FEWEST:
        return Realised(window, tried.height, usual.height, None)
    rows = pl.concat([tried, usual])
    paid = rows.join(came(organisation, rows, as_of, window), on="pk", how="left").with_columns(
        pl.col("paid").fill_null(0.0)
    )
    found = results(
        paid.select("customer_id", "arm", "paid", expected_paid="p_paid_wait"),
        [PAID],
        control=USUAL,
    )
    return Realised(window, tried.height, usual.height, found.of("paid", TRIED))


def _first_of_each(organisation: Organisation, until: datetime) -> Iterator[tuple[Any, ...]]:
    """Go through the first decision of each customer, in a few plans, that chance could change."""
    days: list[tuple[int, date]] = []
    done = Run.objects.of(organisation).filter(as_of__lte=until, step=Run.Step.DONE)
    for number, day in done.order_by("-day").values_list("pk", "day"):
        if not days or days[-1][1] - day >= APART:
            days.append((number, day))
        if len(days) == MOST_PLANS:
            break
    seen: set[str] = set()
    fields = ("pk", "customer__key", "decided_at", "invoice_keys", "amount", "p_paid_wait",
              "explored", "eligible")  # fmt: skip
    for number, _day in reversed(days):
        rows = Decision.objects.of(organisation).filter(run_id=number, p_paid_wait__isnull=False)
        for *same, amount, alone, explored, eligible in rows.order_by("pk").values_list(*fields):
            if not eligible or same[1] in seen:
                continue
            seen.add(same[1])
            yield *same, float(amount), alone, TRIED if explored else USUAL


def taught(organisation: Organisation) -> list[Taught]:
    """Return what is held of each channel and tone now, beside what the predictor before held."""
    now = queries.live_predictor(organisation)
    model = live.model_if_readable(now)
    if now is None or model is None:
        return []
    earlier = _before(organisation, now)
    known = {} if earlier is None else {(e.of, e.name): e for e in effects(earlier)}
    return [Taught(known.get((e.of, e.name)), e) for e in effects(model)]


def _before(organisation: Organisation, now: PredictorVersion) -> Model | None:
    rows = PredictorVersion.objects.of(organisation).filter(facts_until__lt=now.facts_until)
    for row in rows.order_by("-facts_until")[:3]:
        try:
            return live.model_of(row)
        except ModelError:
            # Its folder is gone, or of another version.
            continue
    return None


def effects(model: Model) -> list[Effect]:
    """Return by how many points each channel, and each tone, raises the chance of a day.

    For a customer like most, without contacts lately, averaged over all else of the contact.
    """
    design = model.effect.design
    found = []
    for of, names in (("channel", design.channels), ("tone", design.tones)):
        for number, name in enumerate(names):
            one = np.full(1, -1)
            at = np.full(1, number)
            told = Told(
                at if of == "channel" else one, at if of == "tone" else one,
                one, one, one, np.zeros(1), np.zeros(1),
            )  # fmt: skip
            state = np.zeros((1, design.state))
            strength = float(model.effect.strength(state, told)[0])
            spread = float(model.effect.spread(state, told)[0])
            ends = strength - 1.96 * spread, strength + 1.96 * spread
            found.append(Effect(of, name, strength, *ends, spread))
    return found
