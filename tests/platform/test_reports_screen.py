"""Reports on screen and as files: what they say is what the day kept, and what people did."""

import csv
import io
from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

import make
import plans
from cast import NOW, Cast
from ladder_group import compared
from tenor.engine.frames import Tables
from tenor.platform.decisions import actions as decisions
from tenor.platform.decisions.models import Task
from tenor.platform.decisions.queries import latest_run
from tenor.platform.governance import actions as governance
from tenor.platform.jobs.day import run_day
from tenor.platform.ledger import actions as ledger
from tenor.platform.workbench.reports.pages import PAGES
from tenor.platform.workbench.reports.tables import Column, Table

REPORTS = "/o/delta/reports/"


@pytest.fixture
def books(cast: Cast) -> Cast:
    """Six customers with an invoice of 100 each, five of them late; no predictor yet."""
    governance.put_default_in_force(cast.system)
    plans.settle(cast)
    for number, late in enumerate((1, 14, 30, 5, -10, 70)):
        due = make.TODAY - timedelta(days=late)
        make.invoice(cast, f"F{number}", customer=f"C{number}", due_on=due)
    run_day(cast.organisation)
    return cast


def text(client: Client, name: str) -> str:
    response = client.get(f"{REPORTS}{name}/")
    assert response.status_code == 200
    return " ".join(unescape(response.content.decode()).split())


def rows(client: Client, name: str, table: str) -> list[list[str]]:
    response = client.get(f"{REPORTS}{name}/{table}.csv")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_reports_begin_with_the_money(books: Cast, manager: Client) -> None:
    assert manager.get(REPORTS)["Location"] == f"{REPORTS}money/"


@pytest.mark.parametrize("name", PAGES)
def test_every_report_stands_before_there_is_anything_to_report(
    cast: Cast, manager: Client, name: str
) -> None:
    assert str(PAGES[name].title) in text(manager, name)


@pytest.mark.parametrize("name", PAGES)
def test_every_report_stands_on_a_few_invoices(books: Cast, manager: Client, name: str) -> None:
    assert str(PAGES[name].title) in text(manager, name)


@pytest.mark.parametrize("role", ["agent", "administrator"])
def test_who_may_not_analyse_sees_no_report_and_no_file(
    books: Cast, client: Client, role: str
) -> None:
    client.force_login(getattr(books, role).user)
    for where in ("", "money/", "money/ages.csv"):
        assert client.get(REPORTS + where).status_code == 403


def test_what_is_not_there_is_not_found(books: Cast, manager: Client) -> None:
    assert manager.get(REPORTS + "none/").status_code == 404
    assert manager.get(REPORTS + "money/none.csv").status_code == 404
    assert manager.get(REPORTS + "none/ages.csv").status_code == 404


def test_the_money_is_that_of_the_books(books: Cast, manager: Client) -> None:
    page = text(manager, "money")
    assert "€600" in page
    assert "€500 overdue (83%)" in page
    ages = rows(manager, "money", "ages")
    assert [row[:3] for row in ages[1:]] == [
        ["not due yet", "1", "100.0000"],
        ["1 to 30 days late", "4", "400.0000"],
        ["31 to 60 days late", "0", "0"],
        ["61 to 90 days late", "1", "100.0000"],
        ["more than 90 days late", "0", "0"],
    ]


def test_without_a_ladder_group_the_effect_is_not_known_and_said_to_be(
    books: Cast, manager: Client
) -> None:
    assert "nobody can say what Tenor brings" in text(manager, "effect")
    assert "not known: nobody is left to the fixed ladder" in text(manager, "society")
    plans.settle(books, control_share=0.1)
    assert "10.0% of the customers are left to the fixed ladder, by lot." in text(manager, "effect")


def test_a_file_says_which_day_it_is_of_and_that_it_is_made_up(
    books: Cast, manager: Client
) -> None:
    where = REPORTS + "money/ages.csv"
    name = manager.get(where)["Content-Disposition"]
    assert name == 'attachment; filename="delta-money-ages-2026-03-10.csv"'
    books.organisation.synthetic = True
    books.organisation.save()
    assert "ages-2026-03-10-synthetic.csv" in manager.get(where)["Content-Disposition"]
    assert "made-up data" in text(manager, "money")


def test_a_spreadsheet_runs_nothing_of_a_table() -> None:
    table = Table(
        [Column("=A1"), Column("n", "number")], [["@SUM(A1)", -3], ["+31", Decimal("-1.5")]]
    )
    assert list(csv.reader(io.StringIO(table.as_csv().lstrip("\ufeff")))) == [
        ["'=A1", "n"],
        ["'@SUM(A1)", "-3"],
        ["+31", "-1.5"],
    ]


def test_the_effect_is_the_difference_of_both_groups(
    cast: Cast, manager: Client, tables: Tables, as_of: datetime, model_folder: Path
) -> None:
    run = compared(cast, tables, as_of, model_folder)
    arms = run.figures["arms"]
    found = {row[0]: row[1:] for row in rows(manager, "effect", "arms")[1:]}
    assert found["Customers"][:2] == [
        str(arms[side]["customers"]) for side in ("treated", "control")
    ]
    late = next(d for d in arms["differences"] if d["name"] == "days_late")
    bounds = [f"{late[part]:.2f}" for part in ("difference", "low", "high")]
    assert [f"{float(v):.2f}" for v in found["Days late"][2:]] == bounds
    page = text(manager, "effect")
    smaller = min(arms[side]["customers"] for side in ("treated", "control"))
    assert ("The smaller group has" in page) == (smaller < 100)
    assert page.count('class="marks-dot') == len(arms["differences"]) >= 7
    assert "however often you look" in page
    assert found["Handed over, in percent"][0] == f"{100 * arms['treated']['escalated']:g}"
    for name in PAGES:
        assert "made-up data" in text(manager, name)


def test_the_journey_counts_what_contacts_reached(
    cast: Cast, manager: Client, tables: Tables, as_of: datetime, model_folder: Path
) -> None:
    run = compared(cast, tables, as_of, model_folder)
    sent = {row["channel"]: row["sent"] for row in run.figures["funnel"]}
    found = rows(manager, "journey", "channels")
    words = {"email": "E-mail", "letter": "Letter", "call": "Call", "sms": "Text message"}
    assert {row[0]: int(row[1]) for row in found[1:]} == {words[c]: n for c, n in sent.items()}
    assert text(manager, "journey").count('data-chart="funnel"') == 1 + len(sent)


def test_what_people_say_of_decisions_is_counted_with_its_reason(
    books: Cast, manager: Client
) -> None:
    actor = books.actor("manager")
    run = latest_run(books.organisation)
    assert run is not None
    decisions.approve(actor, run=run)
    one = run.decisions.get(customer__key="C0")
    decisions.veto(actor, decisions=[one], reason="hardship")
    page = text(manager, "people")
    assert "of 5 words" in page
    assert "80%" in page
    assert rows(manager, "people", "reasons")[1:] == [["The customer is in difficulty", "1"]]
    assert rows(manager, "people", "months")[1:] == [["2026-03", "4", "0", "0", "1", "0", "0"]]


def test_room_that_was_given_and_what_was_charged_is_counted(books: Cast, manager: Client) -> None:
    system = books.system
    ledger.start_hold(system, customer_key="C0", reason="hardship", ends_at=None, note="")
    ledger.start_hold(system, customer_key="C1", reason="complaint", ends_at=None, note="")
    ledger.add_fee(system, invoice_key="F2", key="fee-1", amount=Decimal("40"), text="Collection")
    assert sorted(rows(manager, "society", "holds")[1:]) == [["complaint", "1"], ["hardship", "1"]]
    assert rows(manager, "society", "charged")[1:] == [["fees", "1", "40.0000"]]
    page = text(manager, "society")
    assert (
        '<span class="figure-label">Given room in hardship</span> <span class="figure-value">1'
        in page
    )


def test_peoples_minutes_are_counted_by_route(books: Cast, manager: Client) -> None:
    for number, minutes in enumerate(("6", "9.5")):
        Task.objects.of(books.organisation).create(
            customer=make.customer(books, f"T{number}"), key=f"call:{number}", kind="call",
            due_at=NOW, created_at=NOW, done_at=NOW, state="done", outcome="no_answer",
            minutes=Decimal(minutes),
        )  # fmt: skip
    found = rows(manager, "costs", "minutes")
    assert found[1][:2] == ["Call", "2"]
    assert [float(value) for value in found[1][2:5]] == [15.5, 7.75, 11.625]
    assert found[1][5] == "No answer (2)"


def test_currencies_are_reported_apart(books: Cast, manager: Client) -> None:
    make.invoice(books, "U1", customer="U", amount="70", currency="USD")
    make.at(books, NOW + timedelta(days=1))
    run_day(books.organisation)
    page = text(manager, "money")
    assert "€600" in page
    assert 'href="?currency=USD"' in page
    other = manager.get(REPORTS + "money/", {"currency": "USD"}).content.decode()
    assert "$70" in other
    assert "€" not in other.split("<main")[1]
