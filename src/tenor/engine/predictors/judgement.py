"""People's judgement: the chance that somebody would change or refuse a proposed contact.

What people say of decisions (events of kind `reviewed`) shows what figures do not: that a tone
does not fit here, that a channel is wrong there. Learned is how often a proposal of a channel and a
tone, to a customer in this state, does not stand. Without reviews nothing is foretold of anybody.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.events import Kind
from tenor.engine.frames import Tables
from tenor.engine.predictors.history import Lessons

Array = NDArray[np.float64]
StatesOf = Callable[[pl.DataFrame], Array]

# Verdicts by which a proposal did not stand; what was merely held back says neither.
OVERRIDDEN = ("changed", "vetoed", "disagreed", "flagged")
STOOD = ("agreed",)
# Before data: about one proposal in twenty does not stand (logit scale).
USUAL = -3.0
USUAL_SPREAD = 1.5
CHANNEL_SPREAD = 1.0
TONE_SPREAD = 1.0
PAIR_SPREAD = 0.7
# A standard deviation of the state moves the odds by about a fifth, until reviews say more.
STATE_SPREAD = 0.2
# Fewer reviews than this name nobody's habit but the reviewer's mood of a day.
FEWEST = 20
_STEPS = 15
_SMALLEST = 1e-9


@dataclass(frozen=True)
class JudgementPredictor:
    """How often proposals do not stand: `usual` and what each part adds, on the logit scale.

    `pairs` is keyed "channel|tone"; `state` [columns of the effect's state]; `average` is the
    share that did not stand of all that was judged, `reviews` how many there were.
    """

    usual: float
    channels: dict[str, float]
    tones: dict[str, float]
    pairs: dict[str, float]
    state: Array
    average: float
    reviews: int

    def chance(self, channel: str, tone: str, states: Array) -> Array:
        """Return the chance [n] that a proposal would be changed or refused.

        `states` [n, columns] as `EffectPredictor.states` gives them.
        """
        known = self.usual + self.channels.get(channel, 0.0) + self.tones.get(tone, 0.0)
        known += self.pairs.get(f"{channel}|{tone}", 0.0)
        own = states @ self.state if len(self.state) else np.zeros(len(states))
        return np.asarray(1.0 / (1.0 + np.exp(-(known + own))))

    def excess(self, channel: str, tone: str, states: Array) -> Array:
        """Return by how much that chance [n] lies above the average: 0 where nobody judged."""
        if self.reviews < FEWEST:
            return np.zeros(len(states))
        return np.clip(self.chance(channel, tone, states) - self.average, 0.0, 1.0)


NOBODY_JUDGED = JudgementPredictor(USUAL, {}, {}, {}, np.zeros(0), 0.0, 0)


def fit_judgement(tables: Tables, lessons: Lessons, states_of: StatesOf) -> JudgementPredictor:
    """Learn from every `reviewed` event known at the lessons' instant.

    Its detail holds `verdict`, `channel` and `tone` of the proposal, `to_channel` and `to_tone` of
    what a person made of it, and `weight` (0 to 1; 1 where not given: what was said of many at
    once weighs less). A proposal that was changed teaches twice: what did not stand, and what did.
    `states_of` gives the states of rows [rows, columns].
    """
    said = _said(tables.known_at(lessons.as_of))
    reviews = said.filter(~pl.col("made_of_it")).height
    if reviews < FEWEST:
        return NOBODY_JUDGED
    channels = tuple(sorted(said["channel"].unique()))
    tones = tuple(sorted(said["tone"].unique()))
    channel = np.array([channels.index(c) for c in said["channel"]])
    tone = np.array([tones.index(t) for t in said["tone"]])
    pair = channel * len(tones) + tone
    states = _states(said, lessons, states_of)
    columns = np.concatenate(
        [
            np.ones((len(said), 1)),
            np.eye(len(channels))[channel],
            np.eye(len(tones))[tone],
            np.eye(len(channels) * len(tones))[pair],
            states,
        ],
        axis=1,
    )
    spread = np.concatenate(
        [
            [USUAL_SPREAD],
            np.full(len(channels), CHANNEL_SPREAD),
            np.full(len(tones), TONE_SPREAD),
            np.full(len(channels) * len(tones), PAIR_SPREAD),
            np.full(states.shape[1], STATE_SPREAD),
        ]
    )
    over, weight = said["over"].to_numpy().astype(np.float64), said["weight"].to_numpy()
    found = _logistic(columns, over, weight, spread)
    ends = np.cumsum([1, len(channels), len(tones), len(channels) * len(tones)])
    names = [f"{c}|{t}" for c in channels for t in tones]
    judged = ~said["made_of_it"].to_numpy()
    return JudgementPredictor(
        float(found[0]),
        dict(zip(channels, found[ends[0] : ends[1]].tolist(), strict=True)),
        dict(zip(tones, found[ends[1] : ends[2]].tolist(), strict=True)),
        dict(zip(names, found[ends[2] : ends[3]].tolist(), strict=True)),
        found[ends[3] :],
        float(np.average(over[judged], weights=weight[judged])),
        reviews,
    )


def _said(known: Tables) -> pl.DataFrame:
    """Return what was said: customer_id, at, channel, tone, over, weight, made_of_it.

    `made_of_it` marks the rows of what a person put in the place of a proposal.
    """
    field = pl.col("detail").str.json_path_match
    events = (
        known.events.filter((pl.col("kind") == Kind.REVIEWED) & pl.col("customer_id").is_not_null())
        .select(
            "customer_id",
            "at",
            verdict=field("$.verdict"),
            channel=field("$.channel"),
            tone=field("$.tone").fill_null(""),
            to_channel=field("$.to_channel"),
            to_tone=field("$.to_tone"),
            weight=field("$.weight").cast(pl.Float64, strict=False).fill_null(1.0).clip(0.0, 1.0),
        )
        .with_columns(
            to_channel=pl.coalesce("to_channel", "channel"), to_tone=pl.coalesce("to_tone", "tone")
        )
        .filter(
            pl.col("verdict").is_in([*OVERRIDDEN, *STOOD])
            & (pl.col("channel").fill_null("") != "")
            & (pl.col("weight") > 0.0)
        )
    )
    same = (pl.col("to_channel") == pl.col("channel")) & (pl.col("to_tone") == pl.col("tone"))
    changed = pl.col("verdict") == "changed"
    # Another hour or other words leave channel and tone as they were: they stood.
    over = pl.col("verdict").is_in(list(OVERRIDDEN)) & ~(changed & same)
    judged = events.select(
        "customer_id", "at", "channel", "tone", "weight", over=over, made_of_it=pl.lit(False)
    )
    # What was put in its place stood, or would have in the eyes of who flagged the proposal.
    instead = events.filter(pl.col("verdict").is_in(list(OVERRIDDEN)) & ~same).select(
        "customer_id",
        "at",
        channel="to_channel",
        tone="to_tone",
        weight="weight",
        over=pl.lit(False),
        made_of_it=pl.lit(True),
    )
    return pl.concat([judged, instead.select(judged.columns)]).sort(
        "at", "customer_id", "channel", "tone", "over", "made_of_it", "weight"
    )


def _states(said: pl.DataFrame, lessons: Lessons, states_of: StatesOf) -> Array:
    """Return each customer's state at the last instant before the word [n, columns]; else 0.

    Of several invoices the state is that of the one with the largest balance.
    """
    found = np.zeros((len(said), states_of(lessons.rows.head(1)).shape[1]))
    order = sorted(lessons.snapshots, key=lambda s: s.as_of)
    instants = np.array([s.as_of.timestamp() for s in order])
    at = said["at"].dt.timestamp("us").to_numpy() / 1e6
    place = np.searchsorted(instants, at, side="right") - 1
    for number in np.unique(place[place >= 0]):
        rows = order[number].rows.sort("log_balance", descending=True, maintain_order=True)
        rows = rows.unique("customer_id", keep="first", maintain_order=True)
        matrix = states_of(rows)
        where = {customer: i for i, customer in enumerate(rows["customer_id"])}
        for row in np.flatnonzero(place == number):
            known = where.get(said["customer_id"][int(row)])
            if known is not None:
                found[row] = matrix[known]
    return found


def _logistic(columns: Array, over: Array, weight: Array, spread: Array) -> Array:
    """Return the most likely coefficients under normal priors around `USUAL` and 0.

    Newton's steps, halved until the fit no longer gets worse: a whole step may overshoot where
    chances are far from one half.
    """
    mean = np.zeros(columns.shape[1])
    mean[0] = USUAL
    found, precision = mean.copy(), spread**-2.0

    def misfit(at: Array) -> float:
        logit = columns @ at
        told = np.logaddexp(0.0, logit) - over * logit
        return float(weight @ told + 0.5 * precision @ (at - mean) ** 2)

    here = misfit(found)
    for _ in range(_STEPS):
        chance = 1.0 / (1.0 + np.exp(-(columns @ found)))
        gradient = columns.T @ (weight * (over - chance)) - precision * (found - mean)
        slope = (columns * (weight * chance * (1.0 - chance))[:, None]).T @ columns
        step = np.linalg.solve(slope + np.diag(precision), gradient)
        while misfit(found + step) > here and np.abs(step).max() > _SMALLEST:
            step = step / 2.0
        found = found + step
        here = misfit(found)
    return found
