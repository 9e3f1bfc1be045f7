"""A payment that is taken back (a returned debit, a repayment) is a negative payment."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from policy_world import AS_OF, at, contact, days, event, invoice, left, payment, world
from tenor.engine.decision import decide
from tenor.engine.features.build import build
from tenor.engine.features.contact import answers
from tenor.engine.frames import Tables
from tenor.engine.kpis.history import courses, standing
from tenor.engine.ledger import invoice_states
from tenor.engine.policy.gate import obstacles
from tenor.engine.policy.policyfile import Policy
from tenor.engine.predictors.history import outcomes
from tenor.engine.predictors.model import Model
from tenor.engine.predictors.score import score
from tenor.engine.quality import findings
from tenor.engine.store import read_tables, write_tables

# Drawn on the due date, and back from the bank four days later.
DRAWN, BACK = payment("2026-05-01 06:00", "100"), payment("2026-05-05 09:00", "-100")


def returned(*events: dict[str, Any], **more: Any) -> Tables:
    return world(*events, payments=[DRAWN, BACK], **more)


def test_it_opens_the_invoice_again_from_then_on() -> None:
    def state(when: str) -> tuple[Any, ...]:
        columns = "paid", "balance", "settled_at", "is_open", "days_overdue"
        return invoice_states(returned(), at(when)).select(columns).row(0)

    nothing, all_of_it = Decimal("0.0000"), Decimal("100.0000")
    paid_on = at("2026-05-01 06:00")
    assert state("2026-05-05 08:00") == (all_of_it, nothing, paid_on, False, 4)
    assert state("2026-05-05 10:00") == (nothing, all_of_it, None, True, 4)
    (now,) = standing(courses(returned()), AS_OF).select("balance", "is_open").rows()
    assert now == (all_of_it, True)


def test_in_part_it_opens_what_came_back() -> None:
    tables = world(payments=[DRAWN, payment("2026-05-05", "-40")])
    assert invoice_states(tables, AS_OF).select("balance", "is_open").rows() == [
        (Decimal("40.0000"), True)
    ]
    again = tables.with_(
        payments=pl.concat(
            [tables.payments, world(payments=[payment("2026-05-08", "40")]).payments]
        )
    )
    assert invoice_states(again, AS_OF)["settled_at"].to_list() == [at("2026-05-08")]


def test_what_the_past_teaches_is_the_payment_that_stayed() -> None:
    assert outcomes(returned())["settled_at"].to_list() == [None]
    for good in ("2026-05-07", "2026-05-09"):
        tables = world(payments=[DRAWN, BACK, payment(good, "100")])
        assert outcomes(tables)["settled_at"].to_list() == [at(good)]


def test_the_invoice_is_a_row_again_and_the_return_is_no_payment_of_theirs() -> None:
    assert build(returned(), at("2026-05-05 08:00")).rows.is_empty()
    (row,) = build(returned(), AS_OF).rows.iter_rows(named=True)
    assert (row["invoice_id"], row["days_overdue"], row["paid_share"]) == ("I1", 10.0, 0.0)
    assert (row["payments"], row["part_payments"]) == (1.0, 0.0)
    assert row["days_since_payment"] == pytest.approx(9.75)


def test_it_is_not_taken_for_a_reaction_or_for_a_promise_kept() -> None:
    told = returned(contacts=[contact("2026-05-04")])
    assert answers(told, AS_OF)["answered"].to_list() == [0.0]
    promised = event("promised", "2026-05-04", invoice="I1", date="2026-05-12")
    found = left(returned(promised))
    assert days(found) == list(range(5, 14))
    seen = [event("page_visited", "2026-05-04", invoice="I1", customer="C1")] * 3
    assert obstacles(returned(*seen), as_of=AS_OF, policy=Policy())["visits"].to_list() == [3]


def test_who_was_left_alone_is_decided_about_again(model: Model, policy: Policy) -> None:
    before, after = at("2026-05-05 08:00"), AS_OF + timedelta(days=5)
    others = [invoice("I2", "C2"), invoice()]
    tables = returned(invoices=others)
    (calm,) = decide(tables, as_of=before, model=model, policy=policy)["customer_id"].to_list()
    assert calm == "C2"
    both = decide(tables, as_of=after, model=model, policy=policy)
    assert both["customer_id"].to_list() == ["C1", "C2"]
    assert both["invoice_ids"].to_list() == [["I1"], ["I2"]]
    assert score(tables, as_of=after, model=model)["invoice_id"].to_list() == ["I1", "I2"]


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_files_with_it_are_read_without_complaint(tmp_path: Path, file_format: Any) -> None:
    write_tables(returned(), tmp_path, file_format=file_format)
    found = read_tables(tmp_path)
    assert found.problems.is_empty()
    assert found.tables.payments["amount"].to_list() == [Decimal(100), Decimal(-100)]
    named = {f.code for f in findings(found.tables, today=AS_OF.date())}
    assert not {code for code in named if code.startswith("payment")}
