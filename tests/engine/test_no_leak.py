"""Nothing that is asked as of an instant depends on a fact later than it: the contract's promise.

Later facts are deleted, shifted, changed and invented; features, scores, decisions and models as
of the instant must stay the same to the last digit.
"""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenor.engine.decision import decide
from tenor.engine.features.build import build
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states
from tenor.engine.predictors.history import lessons
from tenor.engine.predictors.model import Model, fit
from tenor.engine.predictors.score import score
from worlds import DAYS_TO_ARRIVE, LATER, assert_same_tables, policy_of, tiny

# With exploration and all channels, so that whatever could look ahead does.
POLICY = policy_of("[exploration]\nshare = 0.2\n[review]\nsample = 0.2\n")
# A midnight and an odd moment within the tiny world's first ninety days.
INSTANTS = [timedelta(0), timedelta(days=-21, hours=13, minutes=7)]


Said = dict[datetime, tuple[pl.DataFrame, pl.DataFrame]]


@pytest.fixture(scope="module")
def said(model: Model) -> Said:
    """What is scored and decided at each instant from the facts as they are."""
    moment, tables = tiny()
    return {
        at: (
            score(tables, as_of=at, model=model),
            decide(tables, as_of=at, model=model, policy=POLICY),
        )
        for at in (moment + before for before in INSTANTS)
    }


def assert_same_features(left: Tables, right: Tables, as_of: datetime) -> None:
    found, other = build(left, as_of), build(right, as_of)
    assert found.rows.equals(other.rows)
    by = ["customer_id", "channel"]
    assert found.answer_rates.sort(by).equals(other.answer_rates.sort(by))


@pytest.mark.parametrize("how", sorted(LATER))
def test_the_changes_made_here_do_change_what_comes_later(how: str) -> None:
    as_of, tables = tiny()
    later = as_of + timedelta(days=40)
    other = LATER[how](tables, as_of)
    same = {t.name: frame.equals(getattr(other, t.name)) for t, frame in tables}
    untouched = {n for n, is_same in same.items() if is_same}
    assert untouched <= {"customers"}
    assert not invoice_states(tables, later).equals(invoice_states(other, later))
    assert not build(tables, later).rows.equals(build(other, later).rows)


@pytest.mark.parametrize("how", sorted(LATER))
@pytest.mark.parametrize("before", INSTANTS, ids=str)
def test_features_scores_and_decisions_see_nothing_later(
    how: str, before: timedelta, model: Model, said: Said
) -> None:
    moment, tables = tiny()
    as_of = moment + before
    other = LATER[how](tables, as_of)
    scores, decisions = said[as_of]
    assert scores.height > 20
    assert decisions["explored"].any()
    assert_same_tables(tables.known_at(as_of), other.known_at(as_of))
    assert_same_features(tables, other, as_of)
    assert score(other, as_of=as_of, model=model).equals(scores)
    assert decide(other, as_of=as_of, model=model, policy=POLICY).equals(decisions)


@settings(max_examples=12, deadline=None)
@given(st.integers(10 * 24 * 60, 89 * 24 * 60), st.permutations(sorted(LATER)))
def test_features_see_nothing_later_at_any_minute_whatever_comes(
    minutes: int, ways: list[str]
) -> None:
    moment, tables = tiny()
    as_of = moment - timedelta(days=90) + timedelta(minutes=minutes)
    other = tables
    for how in ways[:2]:
        other = LATER[how](other, as_of)
    assert_same_features(tables, other, as_of)


def test_what_is_learned_sees_nothing_later(tmp_path: Path) -> None:
    as_of, tables = tiny()
    invented = LATER["invented"](LATER["changed"](tables, as_of), as_of)
    versions = {
        how: fit(t, as_of=as_of, days_to_arrive=DAYS_TO_ARRIVE).save(tmp_path / how)
        for how, t in {
            "as it was": tables,
            "deleted": LATER["deleted"](tables, as_of),
            "changed and invented": invented,
        }.items()
    }
    files = [{f.name: f.read_bytes() for f in sorted((tmp_path / h).iterdir())} for h in versions]
    assert len(files[0]) >= 3
    assert files[0] == files[1] == files[2]
    assert len(set(versions.values())) == 1
    # The power of the test: what comes later would have been learned.
    later = as_of + timedelta(days=10)
    assert not lessons(tables, later).rows.equals(lessons(invented, later).rows)


def test_a_customer_who_comes_later_colours_no_population(model: Model) -> None:
    as_of, tables = tiny()
    strangers = pl.DataFrame(
        {"customer_id": [f"X{n}" for n in range(500)], "country": ["JP"] * 500}
    )
    more = tables.with_(customers=pl.concat([strangers, tables.customers], how="diagonal"))
    more = more.with_(customers=more.customers.select(tables.customers.columns))
    assert_same_features(tables, more, as_of)
    assert score(more, as_of=as_of, model=model).equals(score(tables, as_of=as_of, model=model))
