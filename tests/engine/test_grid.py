"""Every alternative of a customer: it agrees with the decision, and says what forbids the rest."""

from datetime import datetime, timedelta

import polars as pl
import pytest

import policy_world as pw
import worlds
from tenor.engine.decision import decide
from tenor.engine.errors import InputError
from tenor.engine.frames import Tables
from tenor.engine.policy.grid import SCHEMA, alternatives
from tenor.engine.policy.policyfile import Policy, parse_policy
from tenor.engine.predictors.model import Model

# Nothing drawn by chance, nothing short: what is left is the best choice for each.
FREE = worlds.POLICY.replace("capacity_per_day = 2\n", "") + "[exploration]\nshare = 0\n"


def grid_of(
    tables: Tables, model: Model, policy: Policy | None = None, **more: object
) -> pl.DataFrame:
    """The alternatives of C1 in the small portfolio of the policy's tests."""
    as_of = more.get("as_of", pw.AS_OF)
    assert isinstance(as_of, datetime)
    found = policy or pw.policy_of()
    return alternatives(tables, as_of=as_of, model=model, policy=found, customer_id="C1")


def removed(grid: pl.DataFrame, **where: object) -> set[tuple[str, ...]]:
    """What takes the cells away, of those where the columns have these values."""
    cells = grid.filter(*[pl.col(c) == v for c, v in where.items()])
    assert cells.height
    return {tuple(r) for r in cells["removed_by"].to_list()}


def test_the_best_permitted_alternative_is_the_decision_for_every_customer(
    tables: Tables, as_of: datetime, model: Model
) -> None:
    policy = parse_policy(FREE)
    decisions = decide(tables, as_of=as_of, model=model, policy=policy)
    contacted = decisions.filter(pl.col("channel").is_not_null()).head(14)
    waiting = decisions.filter(pl.col("verdict") == "wait").head(6)
    assert contacted.height == 14 and waiting.height == 6
    for row in pl.concat([contacted, waiting]).iter_rows(named=True):
        grid = alternatives(
            tables, as_of=as_of, model=model, policy=policy, customer_id=row["customer_id"]
        )
        left = grid.filter("permitted")
        assert left.height == row["candidates"]
        best = left.sort("gain", descending=True, maintain_order=True).head(1).to_dicts()
        if row["verdict"] == "wait":
            assert not best or best[0]["gain"] <= 0.0
            continue
        for column in ("channel", "tone", "send_at", "invoice_ids"):
            assert best[0][column] == row[column], (row["customer_id"], column)
        assert best[0]["p_paid"] == pytest.approx(row["p_paid"], abs=2e-6)
        assert best[0]["gain"] == pytest.approx(row["value"], abs=1e-4)


def test_the_grid_is_whole_and_in_order_and_what_is_not_permitted_has_its_rule(
    tables: Tables, as_of: datetime, model: Model
) -> None:
    customer = decide(tables, as_of=as_of, model=model, policy=parse_policy(FREE))["customer_id"][0]
    grid = alternatives(
        tables, as_of=as_of, model=model, policy=parse_policy(FREE), customer_id=customer
    )
    # Three channels have twelve hours, calls eight; three tones, fourteen days.
    assert grid.height == (3 * 12 + 8) * 3 * 14
    assert grid.schema == pl.Schema(SCHEMA)
    assert grid.select("channel", "tone", "day", "hour").is_duplicated().sum() == 0
    assert (grid["permitted"] == (grid["removed_by"].list.len() == 0)).all()
    assert grid["p_paid"].is_between(0, 1).all()
    assert set(grid["customer_id"]) == {customer}
    again = alternatives(
        tables, as_of=as_of, model=model, policy=parse_policy(FREE), customer_id=customer
    )
    assert again.equals(grid)


def test_a_stronger_contact_promises_more_and_gains_more(
    tables: Tables, as_of: datetime, model: Model
) -> None:
    customer = decide(tables, as_of=as_of, model=model, policy=parse_policy(FREE))["customer_id"][0]
    grid = alternatives(
        tables, as_of=as_of, model=model, policy=parse_policy(FREE), customer_id=customer
    )
    hours = grid.filter(
        (pl.col("channel") == "email") & (pl.col("tone") == "firm") & (pl.col("day") == 3)
    ).sort("strength")
    assert hours.height == 12
    assert hours["p_paid"].is_sorted()
    assert hours["gain"].is_sorted()


def test_each_rule_names_the_cells_it_takes(model: Model) -> None:
    free = grid_of(pw.world(), model)
    assert removed(free, channel="email") == {()}
    # Monday the 11th is day 0: Saturday is day 5.
    assert removed(free, channel="call", day=5) == {("channel_days",)}
    refused = pw.world(customers=[pw.customer(consent_email=False)])
    assert removed(grid_of(refused, model), channel="email") == {("consent",)}
    assert removed(grid_of(refused, model), channel="call", day=1) == {()}


def test_a_contact_of_yesterday_takes_the_first_days_up_to_its_hour(model: Model) -> None:
    yesterday = pw.world(contacts=[pw.contact("2026-05-10 10:00")])
    grid = grid_of(yesterday, model)
    assert removed(grid, channel="email", day=2) == {("min_days_between",)}
    # Four days of 24 hours end at 12:00 in Amsterdam on day 3.
    assert removed(grid, channel="email", day=3, hour=11) == {("min_days_between",)}
    assert removed(grid, channel="email", day=3, hour=12) == {()}


def test_hours_that_have_passed_today_are_named(model: Model) -> None:
    noon = pw.at("2026-05-11 10:30")
    grid = grid_of(pw.world(), model, as_of=noon)
    assert removed(grid, channel="email", day=0, hour=12) == {("hours_passed",)}
    assert removed(grid, channel="email", day=0, hour=13) == {()}


def test_two_invoices_that_are_quiet_for_two_reasons_take_the_day_together(model: Model) -> None:
    both = pw.world(
        pw.event("hold_started", "2026-05-02", invoice="I1", until="2026-05-13"),
        pw.event("promised", "2026-05-08", invoice="I2", date="2026-05-12"),
        invoices=[pw.invoice("I1"), pw.invoice("I2")],
    )
    grid = grid_of(both, model)
    assert removed(grid, channel="email", day=1) == {("hold", "promise")}
    # The hold ends with the 13th (day 2), the promise with its tolerance on the 15th (day 4).
    assert removed(grid, channel="email", day=3) == {()}
    assert grid.filter(pl.col("day") == 3)["invoice_ids"].to_list()[0] == ["I1"]
    assert set(grid.filter(pl.col("day") == 5)["invoice_ids"].to_list()[0]) == {"I1", "I2"}


@pytest.mark.parametrize(
    ("customer", "said"),
    [("nobody", "there is no customer nobody"), ("C2", "customer C2 has no open invoice")],
)
def test_who_owes_nothing_is_refused(model: Model, customer: str, said: str) -> None:
    tables = pw.world(customers=[pw.customer(), pw.customer("C2")])
    tables = tables.with_(
        invoices=pl.concat([tables.invoices, pw.world(invoices=[pw.invoice("I2", "C2")]).invoices]),
        payments=pw.world(payments=[pw.payment("2026-05-02", "100", "I2")]).payments,
    )
    with pytest.raises(InputError, match=said):
        alternatives(
            tables,
            as_of=pw.AS_OF + timedelta(hours=1),
            model=model,
            policy=pw.policy_of(),
            customer_id=customer,
        )


def test_a_single_contact_in_all_the_tables_can_be_looked_up(model: Model) -> None:
    once = pw.world(contacts=[pw.contact("2026-05-09 10:00")])
    grid = grid_of(once, model)
    none = grid_of(pw.world(), model)
    # What was said two days ago still acts.
    assert (grid["p_paid"] - none["p_paid"]).mean() > 0.0
