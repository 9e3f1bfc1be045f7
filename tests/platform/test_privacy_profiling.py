"""Who objected to profiling: nothing learned chooses for them, and nothing is learned from them."""

from datetime import datetime
from pathlib import Path

import pytest

import lived
import worlds
from cast import Cast
from tenor.engine.frames import Tables
from tenor.platform.decisions import facts
from tenor.platform.decisions.actions.asking import ask
from tenor.platform.decisions.models import Decision, Score
from tenor.platform.decisions.runs import refresh
from tenor.platform.jobs.day import run_day
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Invoice
from tenor.platform.ledger.queries.unprofiled import unprofiled
from tenor.platform.privacy.actions import answer, record_request


@pytest.fixture
def learned(cast: Cast, tables: Tables, as_of: datetime, model_folder: Path) -> Cast:
    """An organisation with the books of the small world, and what was learned from them."""
    lived.keep(cast.organisation, tables, as_of)
    lived.put_in_force(cast.organisation, worlds.POLICY, model_folder)
    cast.compliance.organisation.clock_at = as_of
    return cast


def owing(cast: Cast) -> list[str]:
    """Return the keys of the customers who owe something."""
    rows = Invoice.objects.of(cast.organisation).filter(is_open=True)
    return sorted(set(rows.values_list("customer__key", flat=True)))


def objects(cast: Cast, key: str) -> int:
    """Let a customer object to profiling; return the number of the request."""
    row = record_request(cast.actor("compliance"), customer_key=key, kind="objection")
    return int(row.pk)


def test_the_fixed_ladder_decides_about_somebody_who_objected(learned: Cast) -> None:
    first, second, *_rest = owing(learned)
    objects(learned, first)

    run = run_day(learned.organisation, until_step="gate")

    found = {d.customer.key: d for d in run.decisions.select_related("customer")}
    mine, other = found[first], found[second]
    assert (mine.arm, mine.segment, mine.p_paid, mine.explored, mine.candidates) == (
        "unprofiled", "", None, False, 0,
    )  # fmt: skip
    assert mine.propensity == 1.0
    assert other.arm == "treated" and other.segment
    assert {d.arm for k, d in found.items() if k != first} == {"treated"}


def test_nothing_is_foretold_about_somebody_who_objected(learned: Cast) -> None:
    first, *_rest = owing(learned)
    objects(learned, first)

    run_day(learned.organisation, until_step="decide")

    about = set(
        Score.objects.of(learned.organisation).values_list("invoice__customer__key", flat=True)
    )
    assert first not in about
    assert about == set(owing(learned)) - {first}


def test_no_predictor_learns_from_somebody_who_objected(learned: Cast) -> None:
    first, second, *_rest = owing(learned)
    now = learned.organisation.clock_at
    assert now is not None
    before = facts.to_learn_from(learned.organisation, now)
    objects(learned, first)

    after = facts.to_learn_from(learned.organisation, now)

    assert {first, second} <= set(before.customers["customer_id"])
    for name in ("customers", "invoices", "contacts", "events"):
        keys = getattr(after, name)["customer_id"].drop_nulls()
        assert first not in set(keys), name
    theirs = before.invoices.filter(customer_id=first)["invoice_id"]
    assert not set(after.payments["invoice_id"]) & set(theirs)
    assert set(before.customers["customer_id"]) - set(after.customers["customer_id"]) == {first}


def test_todays_plan_hears_of_an_objection_at_once(learned: Cast) -> None:
    run_day(learned.organisation)
    first = (
        Decision.objects.of(learned.organisation)
        .filter(state__in=["proposed", "approved", "nothing"])
        .order_by("customer__key")
        .values_list("customer__key", flat=True)[0]
    )
    objects(learned, first)
    seen = refresh.seen_since(learned.organisation, None)
    assert first in dict(seen.customers)

    after = refresh.decide_again(learned.organisation, first)

    assert after is not None
    assert (after.arm, after.segment, after.p_paid) == ("unprofiled", "", None)


def test_who_asks_about_somebody_who_objected_hears_the_ladder(learned: Cast) -> None:
    first, *_rest = owing(learned)
    objects(learned, first)

    found = ask(learned.system, customer_key=first)

    assert (found.arm, found.p_paid, found.explored) == ("unprofiled", None, False)


def test_profiling_goes_on_once_the_objection_was_weighed_and_found_weaker(learned: Cast) -> None:
    first, *_rest = owing(learned)
    number = objects(learned, first)
    now = learned.organisation.clock_at
    assert now is not None
    assert unprofiled(learned.organisation, now) == {first}
    answer(learned.actor("compliance"), request_id=number, granted=False, words="Weighed.")
    assert unprofiled(learned.organisation, now) == frozenset()


def test_a_hold_for_another_reason_leaves_profiling_alone(learned: Cast) -> None:
    first, *_rest = owing(learned)
    ledger.start_hold(learned.system, customer_key=first, reason="complaint")
    now = learned.organisation.clock_at
    assert now is not None
    assert unprofiled(learned.organisation, now) == frozenset()
