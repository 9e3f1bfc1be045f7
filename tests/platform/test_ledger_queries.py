"""Finding and reading the ledger: lists that go on, ageing, statements, what stands now."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

import make
from cast import NOW, Cast
from tenor.platform.core.errors import Forbidden, Invalid, NotFound
from tenor.platform.core.models import Organisation
from tenor.platform.ledger import actions, queries

DAY = timedelta(days=1)


def keys(page: queries.Page[Any]) -> list[str]:
    return [row.key for row in page.rows]


def walked(ask: Callable[..., queries.Page[Any]], own: Organisation, **how: Any) -> list[str]:
    """All keys of a list, two rows at a time."""
    found, after = [], None
    while True:
        page = ask(own, after=after, limit=2, **how)
        assert len(page.rows) <= 2
        found += keys(page)
        if not page.next:
            return found
        after = page.next


@pytest.fixture
def portfolio(cast: Cast) -> Cast:
    """Five customers: A disputes, B is on hold, C promised, D pays in parts, E has credit."""
    for number, key in enumerate("ABCDE"):
        name = ("Bakker", "Jansen", "De Vries", "Bakker", "Visser")[number]
        make.customer(cast, key, name=name, email=f"{name[-3:].lower()}{number}@mail.example")
        make.invoice(
            cast, f"F{key}", customer=key, amount=(50, 20, 50, 40, 30)[number],
            due_on=make.TODAY - (35 - 10 * number) * DAY, number=f"2026-{number}",
        )  # fmt: skip
    actions.open_dispute(cast.system, invoice_key="FA", reason="quality")
    actions.start_hold(cast.system, customer_key="B", reason="agreed", ends_at=NOW + DAY)
    actions.make_promise(
        cast.system, customer_key="C", invoice_keys=["FC"], promised_on=make.TODAY + DAY
    )
    actions.agree_plan(
        cast.system, customer_key="D", invoice_keys=["FD"],
        instalments=[(make.TODAY, Decimal(15)), (make.TODAY + 30 * DAY, Decimal(25))],
    )  # fmt: skip
    make.payment(cast, "PE", amount="33", invoice="FE")
    return cast


def test_customers_go_on_where_the_page_ended(portfolio: Cast) -> None:
    own = portfolio.organisation
    assert walked(queries.customers, own) == ["A", "D", "C", "B", "E"]
    assert walked(queries.customers, own, sort="amount") == ["C", "A", "D", "B"]
    assert walked(queries.customers, own, sort="overdue") == ["A", "B", "C", "D"]
    page = queries.customers(own, limit=2)
    assert (page.total, bool(page.next)) == (5, True)
    assert queries.customers(portfolio.other).rows == []


def test_customers_are_found_by_what_one_remembers(portfolio: Cast) -> None:
    own = portfolio.organisation

    def found(text: str) -> list[str]:
        return keys(queries.customers(own, search=text))

    assert found("bakk") == ["A", "D"]
    assert found("vries") == ["C"]
    assert found("SER4@mail") == ["E"]
    assert found("2026-1") == ["B"]
    assert found("FB") == ["B"]
    assert found("C") == ["C"]
    assert found("%") == []
    assert found("nobody") == []


def test_customers_by_what_stands(portfolio: Cast) -> None:
    own = portfolio.organisation
    by = {only: keys(queries.customers(own, only=only)) for only in queries.CUSTOMERS_ONLY}
    assert by == {
        "open": ["A", "D", "C", "B"],
        "overdue": ["A", "D", "C", "B"],
        "disputed": ["A"],
        "hold": ["B"],
        "promised": ["C"],
        "plan": ["D"],
        "credit": ["E"],
    }
    rows = queries.customers(own).rows
    assert [row.marks for row in rows] == [("disputed",), ("plan",), ("promised",), ("hold",), ()]
    assert [row.days_overdue for row in rows] == [35, 5, 15, 25, None]
    assert [[e.open_amount for e in row.owed] for row in rows] == [[50], [40], [50], [20], []]
    make.at(portfolio, NOW + DAY)
    assert keys(queries.customers(own, only="hold")) == [], "a hold ends by itself"


def test_invoices_go_on_where_the_page_ended(portfolio: Cast) -> None:
    own = portfolio.organisation
    assert walked(queries.invoices, own, only="open") == ["FA", "FB", "FC", "FD"]
    assert walked(queries.invoices, own, only="open", sort="amount") == ["FC", "FA", "FD", "FB"]
    assert walked(queries.invoices, own) == ["FE", "FD", "FC", "FB", "FA"]
    assert keys(queries.invoices(own, only="paid")) == ["FE"]
    marked = {only: keys(queries.invoices(own, only=only)) for only in queries.MARKS}
    assert marked == {"disputed": ["FA"], "hold": ["FB"], "promised": ["FC"], "plan": ["FD"]}
    assert keys(queries.invoices(own, search="bakker")) == ["FD", "FA"]
    assert keys(queries.invoices(own, search="2026-1")) == ["FB"]
    assert keys(queries.invoices(own, sort="amount")) == ["FC", "FA", "FD", "FB"]
    assert keys(queries.invoices(own, search="2026-")) == ["FE", "FD", "FC", "FB", "FA"]
    assert keys(queries.invoices(own, customer_key="C")) == ["FC"]
    first = queries.invoices(own, only="open").rows[0]
    assert (first.days_overdue, first.marks, first.customer.key) == (35, ("disputed",), "A")


@pytest.mark.parametrize("after", ["x", "W10", "WyJ4IiwyXQ", "WyJOYU4iLDFd", "WyIxIiwxZTMwXQ", "é"])
def test_a_place_that_is_none_is_refused(portfolio: Cast, after: str) -> None:
    with pytest.raises(Invalid):
        queries.invoices(portfolio.organisation, sort="overdue", after=after)
    with pytest.raises(Invalid):
        queries.customers(portfolio.organisation, sort="amount", after=after)


def test_a_choice_that_is_none_is_refused(portfolio: Cast) -> None:
    for how in ({"only": "rich"}, {"sort": "colour"}):
        with pytest.raises(Invalid):
            queries.customers(portfolio.organisation, **how)
        with pytest.raises(Invalid):
            queries.invoices(portfolio.organisation, **how)


def test_ageing_keeps_currencies_apart_and_today_is_not_overdue(cast: Cast) -> None:
    for number, days in enumerate((-5, 0, 1, 30, 31, 60, 61, 90, 91)):
        make.invoice(cast, f"F{number}", amount="10.01", due_on=make.TODAY - days * DAY)
    make.invoice(cast, "U1", amount="5", currency="USD")
    make.payment(cast, "P1", amount="4.01", invoice="F8")
    euro, dollar = queries.ageing(cast.organisation)
    assert [(b.name, b.invoices, b.amount) for b in euro.buckets] == [
        ("current", 2, Decimal("20.02")),
        ("1-30", 2, Decimal("20.02")),
        ("31-60", 2, Decimal("20.02")),
        ("61-90", 2, Decimal("20.02")),
        ("90+", 1, Decimal("6.00")),
    ]
    assert (euro.amount, euro.overdue, euro.invoices) == (Decimal("86.08"), Decimal("66.06"), 9)
    assert (dollar.currency, dollar.amount) == ("USD", 5)
    assert queries.ageing(cast.other) == []


def test_the_statement_adds_up_line_by_line(cast: Cast) -> None:
    make.invoice(cast, "F1", amount="100", due_on=make.TODAY - 20 * DAY)
    make.invoice(cast, "U1", amount="7", currency="USD")
    make.payment(cast, "P1", amount="120", invoice="F1", paid_at=NOW - 9 * DAY, method="debit")
    fee = actions.add_fee(cast.system, invoice_key="F1", amount=Decimal(40), at=NOW - 5 * DAY)
    actions.reverse_entry(cast.system, entry_key=fee.row.key, at=NOW - 4 * DAY)
    actions.reverse_payment(cast.system, payment_key="P1")
    actions.credit_invoice(cast.system, invoice_key="F1", amount=Decimal(10), at=NOW + DAY)
    customer = queries.customer_for(cast.actor("agent"), "C1")
    assert [
        (line.at, line.amount, line.balance) for line in queries.statement(customer, "EUR")
    ] == [
        (make.TODAY - 50 * DAY, 100, 100),
        (make.TODAY - 9 * DAY, -120, -20),
        (make.TODAY - 5 * DAY, 40, 20),
        (make.TODAY - 4 * DAY, -40, -20),
        (make.TODAY, 120, 100),
        (make.TODAY + DAY, -10, 90),
    ]
    texts = [line.text for line in queries.statement(customer, "EUR")]
    assert texts[:4] == ["Invoice F1", "Payment", "Fee on F1", "Taken back: Fee on F1"]
    assert [currency for currency, _ in queries.statements_of(customer)] == ["EUR", "USD"]
    assert queries.invoice_for(cast.actor("agent"), "F1").balance == 90


def test_the_situation_is_what_stands_now(portfolio: Cast) -> None:
    actor = portfolio.actor("agent")
    found = {key: queries.situation(queries.customer_for(actor, key)) for key in "ABCDE"}
    assert [d.invoice.key for d in found["A"].disputes] == ["FA"]
    assert (len(found["B"].holds), found["B"].is_on_hold) == (1, True)
    assert found["C"].promise is not None and found["C"].promise.amount == 50
    assert found["D"].plan is not None
    assert [i.amount for i in found["D"].plan.instalments.all()] == [15, 25]
    assert found["E"].credit == {"EUR": Decimal(3)}
    assert found["E"].promise is found["E"].plan is None
    make.at(portfolio, NOW + DAY)
    assert queries.situation(queries.customer_for(portfolio.actor("agent"), "B")).holds == []


def test_rows_are_for_those_who_may_see_them(portfolio: Cast) -> None:
    for ask in (queries.customer_for, queries.invoice_for, queries.payment_for):
        with pytest.raises(NotFound):
            ask(portfolio.actor("stranger"), {"invoice_for": "FA"}.get(ask.__name__, "A"))
    nobody = portfolio.actor("administrator").__class__(
        portfolio.organisation, "person", 1, "x", frozenset()
    )
    with pytest.raises(Forbidden):
        queries.customer_for(nobody, "A")
