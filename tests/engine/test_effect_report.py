"""What contacts add, in points of payment: against a world's truth, and what is said of it."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import polars as pl
import pytest

import worlds
from tenor.engine.frames import Tables
from tenor.engine.predictors.contact_log import contact_log
from tenor.engine.predictors.effect_report import (
    LEAST_CONTACTS,
    SCHEMA,
    USUAL_AGES,
    Verdict,
    effect_report,
    sentence,
)
from tenor.engine.predictors.model import Model
from tenor.engine.simulation import World

ROW = {"of": "channel", "channel": "email", "tone": None, "contacts": 900, "points": 4.0}


@pytest.fixture(scope="module")
def found(tables: Tables, as_of: datetime, model: Model) -> pl.DataFrame:
    return effect_report(tables, as_of=as_of, model=model)


def test_the_true_average_effect_lies_in_the_interval_for_most_channels(
    found: pl.DataFrame, tables: Tables, as_of: datetime, model: Model, then: World
) -> None:
    truth, design = then.truth(), model.effect.design
    log = contact_log(tables.known_at(as_of), as_of, design.channels, design.tones)
    ages = truth.invoices["days_overdue"].is_between(*np.quantile(log.overdue, USUAL_AGES))
    inside = 0
    for channel, low, high in (
        found.filter(pl.col("of") == "channel").select("channel", "low", "high").rows()
    ):
        gains = [truth.gain(channel, tone, days=14) for tone in design.tones]
        inside += low <= 100.0 * np.mean(gains, axis=0)[ages.to_numpy()].mean() <= high
    assert inside >= 3


def test_there_is_a_row_a_channel_a_tone_and_a_pair_and_contacts_add_up(
    found: pl.DataFrame, tables: Tables, as_of: datetime
) -> None:
    assert found.schema == pl.Schema(SCHEMA)
    assert dict(found["of"].value_counts().iter_rows()) == {
        "channel": 4,
        "tone": 5,
        "channel x tone": 20,
    }
    sent = tables.known_at(as_of).contacts.height
    added = found.group_by("of").agg(pl.col("contacts").sum())
    assert set(added["contacts"]) == {sent}
    assert (found["low"] <= found["points"]).all() and (found["points"] <= found["high"]).all()


def test_a_channel_is_the_mean_of_its_tones_and_a_tone_of_its_channels(found: pl.DataFrame) -> None:
    pairs = found.filter(pl.col("of") == "channel x tone")
    for of in ("channel", "tone"):
        means = pairs.group_by(of).agg(mean=pl.col("points").mean())
        both = found.filter(pl.col("of") == of).join(means, on=of)
        assert (both["points"] - both["mean"]).abs().max() < 0.02  # type: ignore[operator]


def test_a_verdict_needs_an_interval_on_one_side_and_enough_contacts(found: pl.DataFrame) -> None:
    few = pl.col("contacts") < LEAST_CONTACTS
    assert set(found.filter(few)["verdict"]) <= {"no clear effect"}
    many = found.filter(~few)
    assert (many.filter(pl.col("low") > 0)["verdict"] == "helps").all()
    assert (many.filter(pl.col("high") < 0)["verdict"] == "harms").all()
    across = (pl.col("low") <= 0) & (pl.col("high") >= 0)
    assert (many.filter(across)["verdict"] == "no clear effect").all()


def test_a_world_in_which_every_contact_drives_away_is_said_to_be_harmed(
    tables: Tables, as_of: datetime, model: Model
) -> None:
    effect = model.effect
    mean = effect.mean.copy()
    mean[effect.design.calendar] = -6.0  # the mode "any contact"
    scared = replace(model, effect=replace(effect, mean=mean))
    channels = effect_report(tables, as_of=as_of, model=scared).filter(pl.col("of") == "channel")
    assert set(channels["verdict"]) == {"harms"}
    assert (channels["high"] < 0).all()


def test_less_evidence_makes_wider_intervals(
    found: pl.DataFrame, tables: Tables, as_of: datetime, model: Model
) -> None:
    unsure = replace(model, effect=replace(model.effect, factor=model.effect.factor / 2.0))
    wide = effect_report(tables, as_of=as_of, model=unsure)
    keys = ["of", "channel", "tone"]
    both = found.join(wide, on=keys, nulls_equal=True, suffix="_wide")
    assert (both["high_wide"] - both["low_wide"] > 1.2 * (both["high"] - both["low"])).all()


def test_the_same_facts_give_the_same_rows_in_any_order(
    found: pl.DataFrame, tables: Tables, as_of: datetime, model: Model
) -> None:
    again = effect_report(worlds.shuffled(tables, 3), as_of=as_of, model=model)
    assert again.equals(found)


def test_without_contacts_nothing_is_said_of_them(
    tables: Tables, as_of: datetime, model: Model
) -> None:
    none = replace(model.effect.design, channels=(), tones=())
    silent = replace(model, effect=replace(model.effect, design=none))
    empty = effect_report(tables.with_(contacts=tables.contacts.clear()), as_of=as_of, model=silent)
    assert empty.is_empty() and empty.schema == pl.Schema(SCHEMA)
    assert sentence(empty) == "No contacts to learn from: nothing can be said of what they add."


def test_the_sentence_names_the_channels_by_what_they_do() -> None:
    rows = [
        ROW | {"low": 2.04, "high": 6.0, "verdict": Verdict.HELPS.value},
        ROW | {"channel": "call", "low": 1.0, "high": 9.5, "verdict": Verdict.HELPS.value},
        ROW | {"channel": "fax", "points": -3.0, "low": -5.0, "high": -1.0, "verdict": "harms"},
        ROW | {"channel": "letter", "low": -1.0, "high": 9.0, "verdict": "no clear effect"},
        ROW | {"of": "tone", "channel": None, "tone": "firm", "low": 1.0, "high": 2.0,
               "verdict": "helps"},
    ]  # fmt: skip
    assert sentence(pl.DataFrame(rows, schema=SCHEMA)) == (
        "Points of payment within 14 days: helps: email +4.0 (+2.0 to +6.0), call +4.0 (+1.0 to "
        "+9.5); no clear effect: letter +4.0 (-1.0 to +9.0); harms: fax -3.0 (-5.0 to -1.0)."
    )
