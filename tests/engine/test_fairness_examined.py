"""A planted unfair way of working is kept back, a fair one passes; proxies are found by name."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import worlds
from tenor.engine.decision import decide
from tenor.engine.fairness.audit import audit
from tenor.engine.fairness.examine import Examination, examine, without_protected
from tenor.engine.fairness.findings import Verdict
from tenor.engine.fairness.groups import groups_of
from tenor.engine.fairness.history import history_bias, history_rows
from tenor.engine.fairness.price import price
from tenor.engine.fairness.proxies import told
from tenor.engine.fairness.swap import Swap, swappable
from tenor.engine.features.build import build
from tenor.engine.frames import Tables
from tenor.engine.policy.policyfile import Policy, parse_policy
from tenor.engine.predictors.model import Model


@pytest.fixture(scope="module")
def peopled(tables: Tables) -> Tables:
    """The small world with an origin that nobody in it knows of, and an area that tells it."""
    rng = np.random.default_rng(11)
    count = tables.customers.height
    origin = rng.integers(0, 2, count)
    area = np.where(rng.random(count) < 0.85, origin, 1 - origin)
    return tables.with_(
        customers=tables.customers.drop(
            "protected_age_band", "region", "tenure_years", "autopay"
        ).with_columns(
            protected_origin=pl.Series(np.array(["here", "elsewhere"])[origin].tolist()),
            area=pl.Series(np.array(["north", "south"])[area].tolist()),
        )
    )


@pytest.fixture(scope="module")
def fair(peopled: Tables, as_of: datetime, model: Model, policy: Policy) -> Examination:
    return examine(peopled, as_of=as_of, model=model, policy=policy, pairs=60)


def pressed_in_the_south(
    tables: Tables, as_of: datetime, model: Model, policy: Policy
) -> pl.DataFrame:
    """Decide with the policy, but send the south nothing but urgent letters and calls."""
    harsh = parse_policy(
        worlds.POLICY.replace("[channels.email]\ncost = 0.02\n", "")
        .replace("[channels.sms]\ncost = 0.07\n", "")
        .replace("cost = 1.10", 'cost = 0.01\ntones = ["urgent"]')
    )
    south = tables.customers.filter(pl.col("area") == "south")["customer_id"]
    rest = tables.customers.filter(pl.col("area") != "south")["customer_id"]
    return pl.concat(
        decide(tables, as_of=as_of, model=model, policy=rules, customers=ids.to_list())
        for ids, rules in ((south, harsh), (rest, policy))
    ).sort("customer_id")


def test_a_fair_way_of_working_is_not_kept_back(fair: Examination) -> None:
    assert fair.passes is not False
    assert fair.swapped == ()
    assert fair.audit.uneven == ()


def test_a_way_of_working_that_presses_a_group_by_where_it_lives_is_kept_back(
    fair: Examination, peopled: Tables, as_of: datetime, model: Model, policy: Policy
) -> None:
    blind = without_protected(peopled)
    decisions = pressed_in_the_south(blind, as_of, model, policy)
    found = replace(fair, audit=audit(decisions, peopled, as_of=as_of))
    assert found.passes is False
    assert {(c.group, c.measure.column) for c in found.audit.uneven} >= {("elsewhere", "pressed")}
    assert "elsewhere" in found.text


def test_the_column_that_tells_a_group_is_named_and_what_does_not_tell_it_is_not(
    fair: Examination,
) -> None:
    assert "customer_area" in fair.proxies
    assert fair.proxies <= {"customer_area"}
    group = next(t for t in fair.told if t.group == "elsewhere")
    assert group.together is not None and group.together.lower > 0.7
    best = group.features[0]
    assert (best.name, best.identity) == ("customer_area", True)
    # Of 85 in a hundred it is right: 1 - h(0.85) = 0.39 bits.
    assert best.bits == pytest.approx(0.39, abs=0.08)
    assert best.auc == pytest.approx(0.85, abs=0.04)


def test_no_decision_hangs_on_a_protected_attribute(fair: Examination) -> None:
    origin = next(s for s in fair.swaps if s.column == "protected_origin")
    assert origin.pairs > 10 and origin.changed == 0 and origin.passes is True
    # What a predictor may read does change decisions.
    assert sum(s.changed for s in fair.swaps) > 0


def test_a_proxy_on_which_decisions_hang_is_kept_back_and_a_column_that_tells_nothing_is_not(
    fair: Examination,
) -> None:
    area, plain, origin = (
        Swap(column, 200, 6, 0.03, 0.0138, 0.0639, 0.01, passes=False)
        for column in ("area", "sector", "protected_origin")
    )
    assert replace(fair, swaps=(area,)).passes is False
    assert (
        "Another area, which tells a protected group, changes 6 of 200"
        in replace(fair, swaps=(area,)).text
    )
    assert replace(fair, swaps=(plain,)).swapped == ()
    assert replace(fair, swaps=(origin,)).passes is False


def test_kind_and_country_are_never_swapped_for_the_law_itself_tells_them_apart(
    peopled: Tables,
) -> None:
    columns = swappable(peopled)
    assert {"protected_origin", "area"} <= set(columns)
    assert not {"kind", "country", "timezone", "customer_id"} & set(columns)


def test_what_is_protected_is_no_feature_and_no_lesson(peopled: Tables, as_of: datetime) -> None:
    with_it = build(peopled, as_of).rows
    assert not [c for c in with_it.columns if "protected" in c]
    assert with_it.equals(build(without_protected(peopled), as_of).rows)


def test_a_model_of_a_world_with_protected_columns_reads_none_of_them(
    tables: Tables, model: Model, tmp_path: Path
) -> None:
    assert "protected_age_band" in tables.customers.columns
    read = {
        *model.payment.encoding.columns,
        *model.effect.baseline.encoding.columns,
        *(column for column, _ in model.effect.state.columns),
    }
    assert read and not [c for c in read if "protected" in c]
    model.save(tmp_path)
    for file in tmp_path.iterdir():
        assert b"protected" not in file.read_bytes()


def test_a_past_in_which_a_group_was_handed_over_at_equal_risk_is_told_before_learning(
    peopled: Tables, as_of: datetime
) -> None:
    even = history_bias(peopled, as_of=as_of, months=7)
    assert not [c for c in even.uneven if c.measure.column in ("pressed", "contacted")]
    elsewhere = peopled.customers.filter(pl.col("protected_origin") == "elsewhere")
    hit = pl.col("customer_id").is_in(elsewhere["customer_id"].implode())
    unfair = peopled.with_(
        contacts=peopled.contacts.with_columns(
            channel=pl.when(hit).then(pl.lit("call")).otherwise(pl.lit("email"))
        )
    )
    found = history_bias(unfair, as_of=as_of, months=7)
    assert found.passes is False
    assert ("elsewhere", "pressed") in {(c.group, c.measure.column) for c in found.uneven}


def test_prevention_is_counted_among_those_it_could_help(peopled: Tables, as_of: datetime) -> None:
    rows = history_rows(peopled, as_of=as_of, months=3)
    assert {"reminded_early", "helped", "offered", "charged"} <= set(rows.columns)
    assert 0 < rows["reminded_early"].null_count() < rows.height
    assert (
        rows.filter(pl.col("contacted") == 0)["helped"].null_count()
        == rows.filter(pl.col("contacted") == 0).height
    )


def test_nothing_later_than_the_instant_is_looked_at(peopled: Tables, as_of: datetime) -> None:
    later = worlds.later_invented(peopled, as_of)
    assert history_rows(later, as_of=as_of, months=3).equals(
        history_rows(peopled, as_of=as_of, months=3)
    )
    groups = groups_of(peopled.customers)
    assert told(later, as_of=as_of, groups=groups) == told(peopled, as_of=as_of, groups=groups)


def test_without_any_group_everything_is_said_to_be_unknown(
    tables: Tables, as_of: datetime, model: Model, policy: Policy
) -> None:
    plain = without_protected(tables)
    own = ["sector", "region", "tenure_years", "autopay"]
    plain = plain.with_(customers=plain.customers.drop(own).with_columns(language=pl.lit("nl")))
    found = examine(plain, as_of=as_of, model=model, policy=policy, pairs=5)
    assert found.passes is None
    assert found.told == () and found.swaps == () and found.history.passes is None


def test_the_price_of_behaviour_alone_stands_side_by_side_with_intervals(policy: Policy) -> None:
    as_of, small = worlds.tiny()
    unknown = pl.lit(None, dtype=pl.Float64)
    small = small.with_(contacts=small.contacts.with_columns(propensity=unknown))
    found = price(small, as_of=as_of, policy=policy)
    assert found.rows > 50
    assert found.with_identity.auc.lower <= found.with_identity.auc.value
    assert found.auc_price.lower <= found.auc_price.value <= found.auc_price.upper
    assert found.auc_price.value == pytest.approx(
        found.with_identity.auc.value - found.behaviour_only.auc.value, abs=1e-9
    )
    assert found.expected_price.value == pytest.approx(
        found.expected.value - found.expected_behaviour_only.value, abs=1e-9
    )
    assert found.logged is None and "propensity" in found.why_not


def test_verdicts_of_too_few_never_carry_a_figure(fair: Examination) -> None:
    for found in (fair.audit, fair.history):
        for c in found.comparisons:
            assert (c.verdict is Verdict.TOO_FEW) == (c.rate is None) == (c.contrast is None)
