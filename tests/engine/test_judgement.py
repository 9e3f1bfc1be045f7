"""People's judgement: what they change teaches the next model, and what they leave does not."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from tenor.engine import decide
from tenor.engine.events import Kind
from tenor.engine.frames import INSTANT, Tables
from tenor.engine.policy.policyfile import Policy, parse_policy
from tenor.engine.predictors.history import Lessons, lessons
from tenor.engine.predictors.judgement import (
    FEWEST,
    NOBODY_JUDGED,
    JudgementPredictor,
    fit_judgement,
)
from tenor.engine.predictors.model import Model
from worlds import POLICY, policy_of

NOBODY = np.zeros((1, 0))


@pytest.fixture(scope="module")
def past(tables: Tables, as_of: datetime) -> Lessons:
    found = lessons(tables, as_of)
    # The last instants are enough for a state, and quicker.
    return Lessons(found.as_of, found.snapshots[-4:], found.outcomes)


def said(
    as_of: datetime, customers: list[str], *, verdict: str, days_ago: float = 2.0, **detail: Any
) -> pl.DataFrame:
    """One word of a person about a contact with each of these customers."""
    text = json.dumps({"verdict": verdict} | detail)
    return pl.DataFrame(
        {
            "at": [as_of - timedelta(days=days_ago)] * len(customers),
            "kind": [Kind.REVIEWED.value] * len(customers),
            "customer_id": customers,
            "detail": [text] * len(customers),
        },
        schema_overrides={"at": INSTANT},
    )


def told(tables: Tables, *words: pl.DataFrame) -> Tables:
    return tables.with_(events=pl.concat([tables.events, *words], how="diagonal"))


def ids(tables: Tables, count: int) -> list[str]:
    return tables.customers["customer_id"].sort().to_list()[:count]


def learned(
    tables: Tables, past: Lessons, model: Model, *words: pl.DataFrame
) -> JudgementPredictor:
    return fit_judgement(told(tables, *words), past, model.effect.states)


def test_where_nobody_said_anything_nothing_is_foretold(
    tables: Tables, past: Lessons, model: Model
) -> None:
    assert learned(tables, past, model) == NOBODY_JUDGED
    assert NOBODY_JUDGED.excess("email", "firm", np.zeros((3, 2))).tolist() == [0.0, 0.0, 0.0]


def test_a_few_words_are_the_mood_of_a_day(tables: Tables, past: Lessons, model: Model) -> None:
    few = said(past.as_of, ids(tables, FEWEST - 1), verdict="vetoed", channel="email", tone="firm")
    assert learned(tables, past, model, few).reviews == 0


def test_what_is_changed_again_and_again_is_known_to_be(
    tables: Tables, past: Lessons, model: Model
) -> None:
    people = ids(tables, 200)
    found = learned(
        tables,
        past,
        model,
        said(past.as_of, people[:100], verdict="changed", channel="email", tone="firm",
             to_channel="email", to_tone="friendly"),
        said(past.as_of, people[100:], verdict="agreed", channel="sms", tone="neutral"),
    )  # fmt: skip
    nobody = np.zeros((1, model.effect.design.state))
    assert found.reviews == 200
    assert found.average == pytest.approx(0.5)
    assert found.chance("email", "firm", nobody)[0] > 0.85
    assert found.chance("email", "friendly", nobody)[0] < 0.15
    assert found.chance("sms", "neutral", nobody)[0] < 0.1
    assert found.excess("email", "firm", nobody)[0] > 0.35
    assert found.excess("sms", "neutral", nobody)[0] == 0.0


def test_another_hour_leaves_the_way_as_it_was(tables: Tables, past: Lessons, model: Model) -> None:
    words = {"channel": "email", "tone": "firm", "to_channel": "email", "to_tone": "firm"}
    found = learned(
        tables, past, model, said(past.as_of, ids(tables, 60), verdict="changed", **words)
    )
    assert found.average == 0.0


def test_one_press_for_many_weighs_as_one(tables: Tables, past: Lessons, model: Model) -> None:
    people = ids(tables, 150)
    found = learned(
        tables,
        past,
        model,
        said(
            past.as_of, people[:120], verdict="agreed", channel="email", tone="firm", weight=1 / 120
        ),
        said(past.as_of, people[120:], verdict="vetoed", channel="email", tone="firm"),
    )
    assert found.average == pytest.approx(30 / 31)


def test_who_differs_is_told_apart(tables: Tables, past: Lessons, model: Model) -> None:
    rows = past.snapshots[-1].rows.sort("log_balance", "invoice_id", descending=True)
    rows = rows.unique("customer_id", keep="first", maintain_order=True).reverse()
    small, large = rows["customer_id"][:80].to_list(), rows["customer_id"][-80:].to_list()
    way = {"channel": "email", "tone": "firm", "days_ago": 0.5}
    found = learned(
        tables,
        past,
        model,
        said(past.as_of, small, verdict="agreed", **way),
        said(past.as_of, large, verdict="flagged", **way),
    )
    states = model.effect.states(rows)
    of = found.chance("email", "firm", states)
    assert of[-80:].mean() > of[:80].mean() + 0.3


def test_words_of_later_are_not_heard(tables: Tables, past: Lessons, model: Model) -> None:
    later = said(past.as_of, ids(tables, 100), verdict="vetoed", days_ago=-1.0,
                 channel="email", tone="firm")  # fmt: skip
    assert learned(tables, past, model, later) == NOBODY_JUDGED


@pytest.fixture(scope="module")
def taught(tables: Tables, past: Lessons, model: Model) -> Model:
    """The model as it is after people refused every text message that was proposed."""
    people = ids(tables, 240)
    words = [
        said(past.as_of, people[:120], verdict="vetoed", channel="sms", tone=tone)
        for tone in ("friendly", "neutral", "firm")
    ]
    agreed = [
        said(past.as_of, people[120:], verdict="agreed", channel="email", tone=tone)
        for tone in ("friendly", "neutral", "firm")
    ]
    return replace(model, judgement=learned(tables, past, model, *words, *agreed))


def judged(text: str = "") -> Policy:
    return parse_policy(POLICY + "[exploration]\nshare = 0\n" + text)


def shares(decisions: pl.DataFrame) -> dict[str, int]:
    proposed = decisions.filter(pl.col("channel").is_not_null())
    return dict(proposed["channel"].value_counts().iter_rows())


def test_what_people_refuse_is_proposed_less_by_the_next_model(
    tables: Tables, as_of: datetime, model: Model, taught: Model
) -> None:
    before = decide(tables, as_of=as_of, model=model, policy=judged())
    after = decide(tables, as_of=as_of, model=taught, policy=judged())
    assert taught.version != model.version
    assert shares(before)["sms"] > 20
    assert shares(after).get("sms", 0) < shares(before)["sms"] / 2


def test_the_policy_says_what_a_changed_decision_costs(
    tables: Tables, as_of: datetime, model: Model, taught: Model
) -> None:
    free = judged("[judgement]\ncost_of_override = 0\noverride_above = 1\n")
    columns = ["customer_id", "verdict", "channel", "tone", "send_at", "value"]
    before = decide(tables, as_of=as_of, model=model, policy=free).select(columns)
    after = decide(tables, as_of=as_of, model=taught, policy=free).select(columns)
    assert before.equals(after)


def test_what_people_mostly_change_goes_to_a_person_with_the_reason(
    tables: Tables, as_of: datetime, taught: Model
) -> None:
    free = judged("[judgement]\ncost_of_override = 0\noverride_above = 0.5\n")
    texts = decide(tables, as_of=as_of, model=taught, policy=free).filter(channel="sms")
    assert texts.height > 20
    assert set(texts["verdict"]) == {"review"}
    assert texts["review_reason"].str.contains("of such contacts").all()


def test_at_its_defaults_it_leaves_the_version_of_a_policy_as_it_was() -> None:
    assert judged("[judgement]\ncost_of_override = 4\n").version == judged().version
    assert judged("[judgement]\ncost_of_override = 5\n").version != judged().version
    assert policy_of().judgement.override_above == 0.5
