"""Harm is predicted too: the chance that a contact brings a complaint or an opt-out."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.events import Kind
from tenor.engine.features.behaviour import with_customer
from tenor.engine.frames import Tables
from tenor.engine.predictors.contact_log import contact_log
from tenor.engine.predictors.effect_design import fatigue
from tenor.engine.predictors.history import Lessons

Array = NDArray[np.float64]

# A complaint this soon after a contact is counted as brought about by it.
WINDOW = timedelta(days=7)
# Before data: about one contact in 300 brings a complaint, repeats more (logit scale).
USUAL = -5.7
USUAL_SPREAD = 1.5
CHANNEL_SPREAD = 0.7
TONE_SPREAD = 0.5
REPEAT = 0.4
REPEAT_SPREAD = 0.3


@dataclass(frozen=True)
class HarmPredictor:
    """Chance of one kind of harm by channel, tone and contacts in the last 30 days."""

    usual: float
    channels: dict[str, float]
    tones: dict[str, float]
    repeat: float

    def chance(self, channel: str, tone: str, earlier: Array) -> Array:
        """Return the chance [n] after `earlier` contacts [n] in the 30 days before."""
        logit = self.usual + self.channels.get(channel, 0.0) + self.tones.get(tone, 0.0)
        return np.asarray(1.0 / (1.0 + np.exp(-(logit + self.repeat * fatigue(earlier)))))


def fit_harm(tables: Tables, lessons: Lessons, kind: Kind) -> HarmPredictor:
    """Learn how often `kind` (complained, opted_out) follows within a week of a contact."""
    known = tables.known_at(lessons.as_of)
    contacts = known.contacts.filter(pl.col("sent_at") <= lessons.as_of - WINDOW)
    contacts = contacts.sort("sent_at", "contact_id")
    channels = tuple(sorted(contacts["channel"].drop_nulls().unique()))
    tones = tuple(sorted(contacts["tone"].drop_nulls().unique()))
    happened = _followed(contacts, with_customer(known).filter(pl.col("kind") == kind))
    first = contacts.with_columns(invoice_ids=pl.concat_list(pl.col("contact_id")))
    log = contact_log(known.with_(contacts=first), lessons.as_of, channels, tones)
    # One row a contact: each is filed under its own name, in the order of the names.
    order = contacts["contact_id"].to_numpy().argsort(kind="stable")
    columns = np.concatenate(
        [
            np.ones((len(log.key), 1)),
            np.eye(len(channels) + 1)[log.channel][:, : len(channels)],
            np.eye(len(tones) + 1)[log.tone][:, : len(tones)],
            fatigue(log.earlier)[:, None],
        ],
        axis=1,
    )
    mean = np.array([USUAL] + [0.0] * (columns.shape[1] - 2) + [REPEAT])
    spread = np.array(
        [USUAL_SPREAD]
        + [CHANNEL_SPREAD] * len(channels)
        + [TONE_SPREAD] * len(tones)
        + [REPEAT_SPREAD]
    )
    found = _logistic(columns, happened[order], mean, spread)
    count = len(channels)
    return HarmPredictor(
        float(found[0]),
        dict(zip(channels, found[1 : 1 + count].tolist(), strict=True)),
        dict(zip(tones, found[1 + count : -1].tolist(), strict=True)),
        float(found[-1]),
    )


def _followed(contacts: pl.DataFrame, events: pl.DataFrame) -> Array:
    """Mark each contact whose customer's event came within a week; the last contact before it."""
    happened = events.select("customer_id", "at", "contact_id").sort("at")
    if happened.is_empty() or contacts.is_empty():
        return np.zeros(contacts.height)
    named = set(happened["contact_id"].drop_nulls())
    unnamed = happened.filter(pl.col("contact_id").is_null())
    found = unnamed.join_asof(
        contacts.select("customer_id", "sent_at", last="contact_id").sort("sent_at"),
        left_on="at",
        right_on="sent_at",
        by="customer_id",
        strategy="backward",
        tolerance=WINDOW,
        check_sortedness=False,
    )
    named |= set(found["last"].drop_nulls())
    return contacts["contact_id"].is_in(sorted(named)).cast(pl.Float64).to_numpy()


def _logistic(columns: Array, happened: Array, mean: Array, spread: Array) -> Array:
    found, precision = mean.copy(), np.diag(spread**-2.0)
    for _ in range(12):
        chance = 1.0 / (1.0 + np.exp(-(columns @ found)))
        weight = chance * (1.0 - chance)
        gradient = columns.T @ (happened - chance) - precision @ (found - mean)
        step = np.linalg.solve((columns * weight[:, None]).T @ columns + precision, gradient)
        found = found + np.clip(step, -2.0, 2.0)
    return found
