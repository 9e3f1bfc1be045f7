"""Planted faults are found within the stated delay, and a quiet year passes without an alarm."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl
import pytest

from tenor.engine.features.build import build
from tenor.engine.frames import AMOUNT, Tables
from tenor.engine.monitoring import Edges, Look, State, Step, Watch, edges_of, look_back, watch
from tenor.engine.monitoring.calibration import matured_looks
from tenor.engine.predictors.model import Model
from tenor.engine.simulation import World

WEEKS = 50
FAULT_WEEK = 26


@dataclass(frozen=True)
class Year:
    """A quiet simulated year, watched by a model that was fitted before it."""

    tables: Tables
    looks: tuple[Look, ...]
    edges: Edges

    def at(self, week: int) -> datetime:
        return self.looks[week].at

    def seen(self, tables: Tables, day: int, *, frozen: bool = False) -> Watch:
        """What is seen so many days after the fault week began; looks are kept ones."""
        at = self.at(FAULT_WEEK) + timedelta(days=day)
        looks = self.looks[: FAULT_WEEK + 1 + (0 if frozen else day // 7)]
        return watch(tables, as_of=at, looks=looks, edges=self.edges)


@pytest.fixture(scope="module")
def year(then: World, model: Model) -> Year:
    world = then.copy()
    world.play_ladder(7 * WEEKS)
    tables = world.tables()
    first = build(tables.known_at(then.today).in_order(), then.today)
    edges = edges_of(first.rows)
    looks = look_back(tables, as_of=world.today, model=model, weeks=WEEKS, edges=edges)
    return Year(tables, looks, edges)


def test_a_quiet_year_raises_no_alarm(year: Year) -> None:
    for week in range(8, WEEKS + 1, 4):
        seen = watch(
            year.tables, as_of=year.at(week), looks=year.looks[: week + 1], edges=year.edges
        )
        assert [a.text for a in seen.alarms] == []
    known = [c for c in seen.checks if c.state is not State.UNKNOWN]
    assert len(known) > 90


def after(year: Year) -> datetime:
    return year.at(FAULT_WEEK)


def cents(year: Year) -> Tables:
    """Invoices of the fault week on come in cents."""
    tables, late = year.tables, pl.col("issued_on") >= after(year).date()
    times = pl.when(late).then(100).otherwise(1)
    return tables.with_(
        invoices=tables.invoices.with_columns((pl.col("amount") * times).cast(AMOUNT))
    )


def stopped(year: Year) -> Tables:
    paid = year.tables.payments
    return year.tables.with_(payments=paid.filter(pl.col("paid_at") < after(year)))


def twice(year: Year) -> Tables:
    paid = year.tables.payments
    again = paid.filter(pl.col("paid_at") >= after(year))
    return year.tables.with_(payments=pl.concat([paid, again]))


def halved(year: Year) -> Tables:
    """Half of the customers are in no import any more."""
    tables, since = year.tables, after(year)
    gone = tables.customers["customer_id"].gather_every(2).implode()
    theirs = pl.col("customer_id").is_in(gone)
    owed = tables.invoices.filter(theirs)["invoice_id"].implode()
    return tables.with_(
        invoices=tables.invoices.filter(~(theirs & (pl.col("issued_on") >= since.date()))),
        payments=tables.payments.filter(
            ~(pl.col("invoice_id").is_in(owed) & (pl.col("paid_at") >= since))
        ),
        events=tables.events.filter(~(theirs & (pl.col("at") >= since))),
    )


def ten_days_later(year: Year) -> Tables:
    """From the fault week on everybody pays ten days later than they would have."""
    paid = year.tables.payments
    at = pl.when(pl.col("paid_at") >= after(year)).then(pl.col("paid_at").dt.offset_by("10d"))
    return year.tables.with_(payments=paid.with_columns(paid_at=at.otherwise("paid_at")))


def half_table_lost(year: Year) -> Tables:
    return year.tables.with_(customers=year.tables.customers.gather_every(2))


FAULTS: list[tuple[Callable[[Year], Tables], int, str, Step]] = [
    (cents, 3, "quality:invoices", Step.LOOK_AT_IMPORT),
    (stopped, 6, "freshness:payments", Step.LOOK_AT_IMPORT),
    (twice, 4, "quality:payments", Step.LOOK_AT_IMPORT),
    (halved, 21, "freshness:volume", Step.LOOK_AT_IMPORT),
    (half_table_lost, 1, "quality:invoices", Step.LOOK_AT_IMPORT),
    (ten_days_later, 14, "world:everybody", Step.FALL_BACK),
]


@pytest.mark.parametrize(
    ("fault", "days", "key", "step"), FAULTS, ids=[f[0].__name__ for f in FAULTS]
)
def test_a_planted_fault_is_found_within_its_days(
    year: Year, fault: Callable[[Year], Tables], days: int, key: str, step: Step
) -> None:
    spoilt = fault(year)
    found = {a.key: a for a in year.seen(spoilt, days).alarms}
    assert found[key].step is step
    if fault is not half_table_lost:
        # There from the first row on; of the others nothing was seen before they began.
        assert year.seen(spoilt, 0).alarms == ()


def test_cents_are_called_by_their_factor_and_since_when(year: Year) -> None:
    alarm = year.seen(cents(year), 5).alarms[0]
    assert alarm.checks[0].facts["factor"] == 100.0
    assert alarm.since is not None
    assert abs((alarm.since - after(year).date()).days) <= 3
    assert alarm.years > 5


def test_while_facts_are_in_doubt_what_is_made_of_them_is_told_beneath(year: Year) -> None:
    late = year.seen(stopped(year), 35)
    panels = [a.panel.value for a in late.alarms]
    assert panels[0] == "freshness"
    assert "accuracy" not in panels
    assert {"accuracy", "outcomes"} <= {c.panel.value for c in late.alarms[0].also}


def test_a_miscalibrated_predictor_is_found_in_three_months_and_nothing_else(year: Year) -> None:
    too_low = [
        Look(
            look.at,
            look.counts,
            look.foretold.with_columns(pl.col("p_paid_30d") * 0.7),
        )
        for look in year.looks
    ]
    at = year.at(17)
    came = matured_looks(too_low[:18], year.tables, as_of=at)
    seen = watch(year.tables, as_of=at, looks=year.looks[:18], edges=year.edges, came=came)
    assert [a.key for a in seen.alarms] == ["accuracy"]
    first = seen.alarms[0].checks[0]
    assert first.facts["came_true"] > first.facts["said"] + 0.1
    assert seen.alarms[0].step is Step.REFIT


def test_a_feature_that_moves_is_named_with_its_parts_and_for_whom(year: Year) -> None:
    moved = list(year.looks[: FAULT_WEEK + 1])
    for i in (-2, -1):
        counts = moved[i].counts
        mine = (pl.col("feature") == "contacts_30d") & (pl.col("bin") >= 0)
        moved[i] = Look(
            moved[i].at,
            counts.with_columns(bin=pl.when(mine).then(0).otherwise("bin")),
            moved[i].foretold,
        )
    seen = watch(year.tables, as_of=after(year), looks=moved, edges=year.edges)
    assert [a.key for a in seen.alarms] == ["drift"]
    first = seen.alarms[0].checks[0]
    assert first.subject == "contacts_30d"
    assert first.facts["parts"][0]["now"] > first.facts["parts"][0]["before"]
    assert first.facts["segment"]


def test_nothing_later_than_the_instant_has_a_say(year: Year) -> None:
    at = year.at(20)
    looks = year.looks[:21]
    whole = watch(year.tables, as_of=at, looks=looks, edges=year.edges)
    cut = watch(year.tables.known_at(at), as_of=at, looks=looks, edges=year.edges)
    assert whole.alarms == cut.alarms
    assert [(c.key, c.state) for c in whole.checks] == [(c.key, c.state) for c in cut.checks]
    for here, there in zip(whole.checks, cut.checks, strict=True):
        assert here.log_looks == pytest.approx(there.log_looks, abs=1e-6)


def test_a_new_organisation_hears_that_it_is_too_early(year: Year) -> None:
    early = year.tables.known_at(year.tables.payments["paid_at"].min() + timedelta(days=20))  # type: ignore[operator]
    seen = watch(early, as_of=early.until or year.at(0))
    assert seen.alarms == ()
    assert {c.state for c in seen.checks if c.code != "silent"} == {State.UNKNOWN}
