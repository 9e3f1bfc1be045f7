"""Pooling: off until an administrator says so, sums alone, a counted price, exact erasure."""

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

import worlds
from cast import NOW, Cast
from lived import keep
from tenor.engine.pooling.columns import expected_coefficients
from tenor.engine.pooling.contribution import Contribution, read, written
from tenor.engine.pooling.noise import rho_of
from tenor.engine.pooling.rows import days_of
from tenor.engine.pooling.statistics import (
    GRID,
    SIZE_BASELINE,
    SIZE_EFFECT,
    baseline_of,
    effect_parts,
    statistics_of,
)
from tenor.engine.predictors.expected import PUBLISHED
from tenor.platform.core.actor import person, system
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.core.models import AuditEntry, Job, Organisation
from tenor.platform.decisions import facts
from tenor.platform.jobs.worker import work_through
from tenor.platform.pooling import actions, privacy, queries
from tenor.platform.pooling.models import Gift, Part, Place, Received

KEY = "agreed between us all"


def joined(organisation: Organisation, **terms: float) -> Place:
    asked = {"epsilon": 1.0, "budget": 4.0, **terms}
    return actions.join(system(organisation), key=KEY, **asked)


def gift_of(organisation: Organisation, *, mean: float = 0.0, days_ago: int = 0) -> Gift:
    """A gift that says without noise that contacts do `mean` more than trials say."""
    moment = np.zeros(SIZE_EFFECT, dtype=np.int64)
    # The first entry of gram is the column "any contact"; its moment follows the gram's entries.
    first = SIZE_EFFECT - len(expected_coefficients())
    moment[0], moment[first] = 5_000 * GRID, int(5_000 * mean * GRID)
    gift: Gift = Gift.objects.of(organisation).create(
        given_at=NOW - timedelta(days=days_ago), facts_until=NOW, rho=rho_of(1.0), sigma=1.0,
        baseline=[0] * SIZE_BASELINE, effect=[int(v) for v in moment], exact=[0] * SIZE_EFFECT,
        customers=10, shortened=0, synthetic=organisation.synthetic,
    )  # fmt: skip
    return gift


def file_from(giver: str, day: date = date(2026, 3, 1), key: str = KEY) -> bytes:
    given = Contribution(
        giver, day, rho_of(1.0), 1.0, (0,) * SIZE_BASELINE, (0,) * SIZE_EFFECT
    )  # fmt: skip
    return written(given, key=key).encode()


def test_nobody_takes_part_before_an_administrator_says_so(cast: Cast) -> None:
    gift_of(cast.other)
    joined(cast.other)
    assert queries.prior_for(cast.organisation) is PUBLISHED
    with pytest.raises(Refused, match="takes no part"):
        actions.give(cast.system, tables=worlds.tiny()[1], as_of=NOW)
    for role in ("agent", "manager", "analyst", "compliance"):
        with pytest.raises(Forbidden):
            actions.join(cast.actor(role), epsilon=1.0, budget=4.0)
    assert not Place.objects.of(cast.organisation).exists()
    actions.join(cast.actor("administrator"), epsilon=1.0, budget=4.0)
    assert queries.prior_for(cast.organisation).source == "a pool of 1 organisations"
    last = AuditEntry.objects.of(cast.organisation).order_by("-number").first()
    assert (last.action, last.after) == ("pool.join", {"epsilon": 1.0, "budget": 4.0})


def test_what_others_found_is_expected_and_ones_own_is_not_counted_twice(cast: Cast) -> None:
    joined(cast.organisation)
    joined(cast.other)
    gift_of(cast.organisation, mean=-3.0)
    gift_of(cast.other, mean=0.5)
    expected = queries.prior_for(cast.organisation)
    assert expected.mean > PUBLISHED.mean + 0.1
    assert queries.prior_for(cast.other).mean < PUBLISHED.mean


def test_made_up_people_teach_nothing_about_real_ones(cast: Cast) -> None:
    joined(cast.organisation)
    joined(cast.other)
    gift_of(cast.other, mean=2.0)
    Gift.across.update(synthetic=True)
    assert queries.contributions(cast.organisation) == []
    assert queries.prior_for(cast.organisation) is PUBLISHED


def test_who_leaves_gives_and_takes_nothing_and_has_not_forgotten_the_price(cast: Cast) -> None:
    joined(cast.organisation, budget=1.0)
    joined(cast.other)
    gift_of(cast.organisation)
    actions.leave(cast.actor("administrator"))
    assert queries.contributions(cast.other) == []
    assert queries.latest_gift(cast.organisation) is None
    joined(cast.organisation, budget=1.0)
    assert queries.cost(cast.organisation, NOW).left == pytest.approx(0.0, abs=1e-12)
    with pytest.raises(Refused, match="is spent"):
        actions.give(cast.system, tables=worlds.tiny()[1], as_of=NOW)


def test_costs_of_a_year_add_up_and_then_run_out(cast: Cast) -> None:
    joined(cast.organisation, budget=2.0)
    for days_ago in (400, 200, 100):
        gift_of(cast.organisation, days_ago=days_ago)
    cost = queries.cost(cast.organisation, NOW)
    # Two of the three are within a year; together they cost less than twice one.
    assert 1.3 < cost.spent < 1.6
    assert cost.left == pytest.approx(rho_of(2.0) - 2 * rho_of(1.0))


def test_a_gift_is_due_each_quarter(cast: Cast) -> None:
    assert queries.giving_turn(cast.organisation) == ""
    joined(cast.organisation)
    assert queries.giving_turn(cast.organisation) == "2026-W11"
    gift_of(cast.organisation, days_ago=90)
    assert queries.giving_turn(cast.organisation) == ""
    Gift.across.update(given_at=NOW - timedelta(days=92))
    assert queries.giving_turn(cast.organisation) == "2026-W11"


def test_terms_that_hide_nobody_are_refused(cast: Cast) -> None:
    for terms in ({"epsilon": 9.0}, {"epsilon": float("nan")}, {"epsilon": 1.0, "budget": 0.5}):
        with pytest.raises(Invalid):
            joined(cast.organisation, **terms)
    with pytest.raises(Invalid, match="12 signs"):
        actions.join(cast.system, epsilon=1.0, budget=4.0, key="short")
    assert not Place.objects.of(cast.organisation).exists()


@pytest.fixture
def giving(cast: Cast) -> tuple[Organisation, Gift]:
    """An organisation with a small world in its books that has given."""
    as_of, tables = worlds.tiny()
    keep(cast.organisation, tables, as_of)
    cast.organisation.refresh_from_db()
    joined(cast.organisation)
    long_ago = NOW - timedelta(days=9000)
    Job.objects.create(kind="pool_give", key="now", organisation=cast.organisation, run_at=long_ago)
    work_through()
    gift = queries.latest_gift(cast.organisation)
    assert gift is not None
    return cast.organisation, gift


def test_what_is_given_is_noisy_and_what_is_kept_can_be_erased_to_the_bit(
    cast: Cast, giving: tuple[Organisation, Gift]
) -> None:
    organisation, gift = giving
    assert gift.customers == gift.parts.count() > 20
    off = (np.array(gift.effect) - np.array(gift.exact)) / GRID
    assert off.std() == pytest.approx(gift.sigma, rel=0.3)
    # Erase somebody: what is kept is the sum as it were without them.
    known = facts.to_learn_from(organisation, gift.facts_until)
    part = gift.parts.select_related("customer").order_by("pk")[3]
    key = part.customer.key
    assert privacy.holdings(organisation, key)[0].count == 1
    assert len(privacy.export(organisation, key)["pool"][0]["numbers"]) == SIZE_EFFECT
    assert privacy.erase(organisation, key, part=privacy.PARTS) == 1
    others = known.of_customers(known.customers.filter(pl.col("customer_id") != key)["customer_id"])
    without = effect_parts(days_of(others, gift.facts_until), baseline_of(np.array(gift.baseline)))
    gift.refresh_from_db()
    assert gift.exact == without.total().tolist()
    assert (gift.erased, gift.customers) == (1, len(without.customer_ids))
    assert np.linalg.eigvalsh(statistics_of(np.array(gift.exact)).gram).min() > -1e-3
    assert privacy.holdings(organisation, key) == []
    assert not Part.objects.of(organisation).filter(customer__key=key).exists()
    # The file that leaves holds the noisy sums alone.
    text = actions.file_of(cast.actor("administrator"))
    told = json.loads(text)
    assert "exact" not in told
    assert tuple(told["effect"]) == tuple(gift.effect)
    assert read(text, key=KEY).giver == queries.place_of(organisation).giver  # type: ignore[union-attr]


def test_files_of_others_are_taken_in_once_and_only_with_the_key(cast: Cast) -> None:
    actor = cast.actor("administrator")
    with pytest.raises(Refused, match="takes no part"):
        actions.take(actor, content=file_from("elsewhere"))
    joined(cast.organisation)
    actions.take(actor, content=file_from("elsewhere"))
    actions.take(actor, content=file_from("elsewhere", date(2026, 3, 5)))
    assert [row.given_on for row in queries.received(cast.organisation)] == [date(2026, 3, 5)]
    assert [one.giver for one in queries.contributions(cast.organisation)] == ["elsewhere"]
    with pytest.raises(Invalid, match="A later gift"):
        actions.take(actor, content=file_from("elsewhere", date(2026, 3, 2)))
    with pytest.raises(Invalid, match="another pool key"):
        actions.take(actor, content=file_from("third", key="something else"))
    with pytest.raises(Invalid, match="far too large"):
        actions.take(actor, content=b" " * 2_000_000)
    place = queries.place_of(cast.organisation)
    assert place is not None
    with pytest.raises(Invalid, match="your own"):
        actions.take(actor, content=file_from(place.giver))
    (row,) = queries.received(cast.organisation)
    actions.drop(actor, number=row.pk)
    assert not Received.objects.of(cast.organisation).exists()


def test_the_pool_key_is_sealed_and_kept_when_terms_change(cast: Cast) -> None:
    place = joined(cast.organisation)
    assert KEY not in place.key
    again = actions.join(cast.system, epsilon=4.0, budget=16.0)
    assert again.key == place.key
    assert (again.giver, again.epsilon) == (place.giver, 4.0)


def test_a_training_set_leaves_without_names_and_is_written_down(cast: Cast) -> None:
    as_of, tables = worlds.tiny()
    made, attacks = actions.export_training_set(cast.actor("analyst"), tables=tables, as_of=as_of)
    assert all(one.passes for one in attacks)
    assert not set(tables.invoices["invoice_id"]) & set(made.rows["row"])
    last = AuditEntry.objects.of(cast.organisation).order_by("-number").first()
    assert (last.action, last.after["k"]) == ("pool.training_set", 10)
    with pytest.raises(Forbidden):
        actions.export_training_set(cast.actor("agent"), tables=tables, as_of=as_of)
    other, _attacks = actions.export_training_set(
        replace(person(cast.stranger)), tables=tables, as_of=as_of
    )
    assert not set(other.rows["row"]) & set(made.rows["row"])
