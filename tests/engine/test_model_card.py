"""The model card and the data sheet: every word from facts, and equal bytes for equal facts."""

import json
from dataclasses import dataclass
from datetime import timedelta

import polars as pl
import pytest

import worlds
from tenor.engine.release.check import Area, Check
from tenor.engine.reports.card_inputs import excluded, families, family_of
from tenor.engine.reports.data_sheet import data_facts, data_sheet, data_sheet_markdown, digest
from tenor.engine.reports.model_card import card_facts, model_card, model_card_markdown


def card(tables, model, **more):
    arguments = {"as_of": model.as_of, "name": "Delta", "synthetic": True, "software": "1.0"}
    return card_facts(model, tables, **(arguments | more))


@pytest.fixture(scope="module")
def facts(tables, model):
    return card(tables, model)


def test_the_card_names_what_it_was_fitted_on_and_with_what(facts, tables, model):
    known = tables.known_at(model.as_of)
    assert facts["version"] == model.version
    assert facts["fit"]["invoices"] == known.invoices.height
    page = model_card(facts)
    assert f"Model {model.version}, fitted at" in page
    assert facts["data"]["digest"] in page
    assert "Synthetic data: made up to practise on." in page
    assert "Synthetic data" not in model_card(facts | {"synthetic": False, "limits": []})


def test_equal_facts_give_equal_bytes_whatever_the_order_of_rows(facts, tables, model):
    again = card(worlds.shuffled(tables, 3), model)
    assert json.dumps(again) == json.dumps(facts)
    assert model_card(again) == model_card(facts)
    assert model_card_markdown(again) == model_card_markdown(facts)


def test_nothing_after_the_fit_is_in_the_data_that_it_learned_from(facts, tables, model):
    assert card(worlds.later_deleted(tables, model.as_of), model)["data"] == facts["data"]


def test_limits_follow_from_what_was_not_measured(facts):
    limits = " ".join(facts["limits"])
    for words in ("made-up customers", "some seasons not once", "not measured", "not audited"):
        assert words in limits


def test_a_limit_goes_when_what_it_rested_on_is_there(tables, model):
    @dataclass(frozen=True)
    class Audit:
        passes: bool | None = True

    told = " ".join(card(tables, model, synthetic=False, fairness=Audit())["limits"])
    assert "made-up" not in told
    assert "not audited" not in told


def test_a_check_that_cannot_tell_is_a_limit_and_the_gate_says_so(tables, model):
    open_ = Check(
        "calibrated", None, 0.07, 0.02, "off by 7 points", Area.CALIBRATION, "house", True
    )
    found = card(tables, model, checks=[open_])
    assert "calibrated: off by 7 points." in found["limits"]
    assert found["gate"]["decision"] == "a person decides"
    assert "| calibrated | for a person | off by 7 points |" in model_card_markdown(found)


def test_every_input_has_a_family_and_a_reason_and_no_protected_column_is_one(facts, tables, model):
    read = [c for family in facts["inputs"] for c in family["columns"]]
    assert sorted(read) == sorted(model.payment.encoding.columns)
    assert not [c for c in read if "protected" in c]
    assert all(family["why"] for family in facts["inputs"])
    never = [c for e in facts["excluded"] for c in e["columns"]]
    assert "customers.protected_age_band" in never


def test_families_tell_the_claim_from_habits_and_own_columns():
    columns = ["log_balance", "mean_delay", "contacts_30d", "clicked_90d", "customer_sector"]
    assert [family_of(c) for c in columns] == [
        "the claim",
        "how invoices were paid",
        "contacts",
        "responses",
        "own columns of customers",
    ]
    assert [f["family"] for f in families(columns)] == [family_of(c) for c in columns]


def test_the_data_sheet_counts_what_is_there_and_who_is_left_out(tables, as_of):
    facts = data_facts(tables, as_of=as_of, name="Delta", synthetic=False, left_out=3)
    rows = {t["table"]: t["rows"] for t in facts["tables"]}
    assert rows["payments"] == tables.payments.filter(pl.col("paid_at") <= as_of).height
    assert "3 customers who do not want to be profiled." in data_sheet(facts)
    assert sum(facts["channels"].values()) == rows["contacts"]
    assert "| payments |" in data_sheet_markdown(facts)


def test_the_digest_changes_with_any_fact_and_not_with_the_order_of_rows(tables, as_of):
    known = tables.known_at(as_of)
    assert digest(worlds.shuffled(known, 1)) == digest(known)
    cents = known.payments.with_columns(
        amount=pl.when(pl.int_range(pl.len()) == 0)
        .then(pl.col("amount") + pl.lit("0.01").cast(pl.Decimal(38, 4)))
        .otherwise("amount")
    )
    assert digest(known.with_(payments=cents)) != digest(known)
    assert digest(tables.known_at(as_of + timedelta(days=3))) != digest(known)


def test_nobody_is_named_in_a_card_or_a_sheet(facts, tables):
    page = model_card(facts)
    assert not [c for c in tables.customers["customer_id"].head(50).to_list() if c in page]
    assert excluded(tables)
