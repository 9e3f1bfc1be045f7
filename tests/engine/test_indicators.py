"""Leading and lagging indicators: cohorts looked at when their time has come."""

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl

from policy_world import event, invoice, payment, world
from tenor.engine.frames import Tables, tables_of
from tenor.engine.kpis.indicators import Indicators, indicators
from tenor.engine.kpis.ratios import Figure, Reason

# Asked at noon on the last day of May.
AS_OF = datetime(2026, 5, 31, 12, tzinfo=UTC)


def last(tables: Tables, as_of: datetime = AS_OF) -> Indicators:
    return indicators(tables, as_of)[-1]


def value(figure: Figure) -> Decimal | None:
    return figure.value


def test_early_delinquency_is_who_still_owes_five_days_after_the_due_day() -> None:
    found = last(
        world(
            invoices=[
                invoice("A", due="2026-05-10", amount="100"),
                invoice("B", due="2026-05-10", amount="300"),
                invoice("C", due="2026-05-20", amount="400"),
                # Its fifth day lies before the last thirty, and that of E is still to come.
                invoice("D", due="2026-04-20", amount="900"),
                invoice("E", due="2026-05-27", amount="900"),
            ],
            payments=[
                payment("2026-05-15 23:00", "100", "A"),
                payment("2026-05-16 01:00", "300", "B"),
            ],
        )
    )
    assert value(found.early_delinquency_pct) == Decimal("66.67")
    assert value(found.early_delinquency_amount_pct) == Decimal("87.50")


def test_who_became_overdue_is_cured_when_paid_within_thirty_days() -> None:
    found = last(
        world(
            event("escalated", "2026-05-05", invoice="D"),
            invoices=[
                invoice("A", due="2026-04-10", amount="100"),
                invoice("B", due="2026-04-10", amount="300"),
                # In time: never overdue, so not in the base.
                invoice("C", due="2026-04-10", amount="400"),
                invoice("D", due="2026-04-10", amount="100"),
            ],
            payments=[
                payment("2026-04-20", "100", "A"),
                payment("2026-05-11", "300", "B"),
                payment("2026-04-10", "400", "C"),
            ],
        )
    )
    assert value(found.cure_pct) == Decimal("33.33")
    assert value(found.cure_amount_pct) == Decimal("20.00")


def test_days_to_pay_weigh_by_amount_and_count_the_month_of_settling() -> None:
    found = indicators(
        world(
            invoices=[
                invoice("A", issued="2026-04-01", due="2026-05-01", amount="100"),
                invoice("B", issued="2026-04-01", due="2026-05-01", amount="300"),
                invoice("C", issued="2026-04-01", due="2026-05-01", amount="999"),
            ],
            payments=[
                payment("2026-05-01", "100", "A"),
                payment("2026-05-09", "100", "B"),
                payment("2026-05-13", "200", "B"),
            ],
        ),
        AS_OF,
    )
    assert [(m.month, m.until, m.settled) for m in found] == [
        (date(2026, 4, 1), date(2026, 4, 30), 0),
        (date(2026, 5, 1), date(2026, 5, 31), 2),
    ]
    assert (found[0].is_complete, found[1].is_complete) == (True, False)
    assert found[0].days_to_pay == Figure.none(Reason.NOTHING_ENDED)
    # 30 days at 100 and 42 days at 300; nought and twelve days late.
    assert value(found[1].days_to_pay) == Decimal("39.00")
    assert value(found[1].days_late) == Decimal("9.00")
    assert value(found[1].days_late_each) == Decimal("6.00")


def test_recovery_is_what_came_of_debts_long_overdue() -> None:
    found = last(
        world(
            invoices=[
                invoice("A", issued="2026-01-01", due="2026-02-01", amount="100"),
                invoice("B", issued="2026-01-01", due="2026-04-20", amount="500"),
            ],
            payments=[payment("2026-05-10", "40", "A"), payment("2026-05-10", "500", "B")],
        )
    )
    assert value(found.recovery_pct) == Decimal("40.00")


def test_promises_are_those_that_fell_due_in_the_month() -> None:
    found = last(
        world(
            event("promised", "2026-05-05", invoice="A", date="2026-05-10"),
            event("promised", "2026-05-05", invoice="B", date="2026-05-10"),
            event("promised", "2026-05-05", invoice="C", date="2026-05-30"),
            invoices=[invoice(i) for i in "ABC"],
            payments=[payment("2026-05-09", "100", "A")],
        )
    )
    assert (found.promises.due, found.promises.kept) == (2, 1)
    assert value(found.promises.kept_by_count_pct) == Decimal("50.00")


def test_each_currency_has_months_of_its_own() -> None:
    tables = world(invoices=[invoice("A"), invoice("B", amount="300")])
    mixed = tables.with_(invoices=tables.invoices.with_columns(currency=pl.Series(["EUR", "SEK"])))
    found = indicators(mixed, AS_OF, months=1)
    assert [(m.currency, value(m.early_delinquency_amount_pct)) for m in found] == [
        ("EUR", Decimal("100.00")),
        ("SEK", Decimal("100.00")),
    ]
    assert indicators(tables_of(), AS_OF) == ()
