"""The first screen: what needs me, how we are doing, what happens next."""

from datetime import date, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

import make
import plans
from cast import NOW, Cast
from ladder_group import compared
from tenor.engine.frames import Tables
from tenor.platform.core.models import AuditEntry
from tenor.platform.decisions.models import Decision, Signal, Task
from tenor.platform.governance import actions as governance
from tenor.platform.jobs.day import run_day
from tenor.platform.workbench.templatetags.tenor import round_money

TODAY = "/o/delta/today/"


@pytest.fixture
def books(cast: Cast) -> Cast:
    """Six customers with an invoice of 100 each, five of them late; no predictor yet."""
    governance.put_default_in_force(cast.system)
    plans.settle(cast)
    for number, late in enumerate((1, 14, 30, 5, -10, 70)):
        make.invoice(
            cast, f"F{number}", customer=f"C{number}", due_on=make.TODAY - timedelta(days=late)
        )
    return cast


def text(client: Client, where: str = TODAY) -> str:
    response = client.get(where)
    assert response.status_code == 200
    return " ".join(unescape(response.content.decode()).split())


def signal(cast: Cast, kind: str, level: str = "warn", **facts: object) -> Signal:
    row: Signal = Signal.objects.of(cast.organisation).create(
        key=f"{kind}:{facts}", kind=kind, level=level, facts=facts, at=NOW
    )
    return row


def test_what_needs_me_counts_what_waits_for_this_person(books: Cast, manager: Client) -> None:
    run_day(books.organisation)
    page = text(manager)
    assert '<span class="needs-count">4</span><span><strong>contacts wait to be approved' in page
    assert '<span class="needs-count">1</span><span><strong>decision asks for your own' in page
    assert 'href="/o/delta/plan/?group=hand_over#plan"' in page
    assert "Decided this morning on what was known at 09:00." in page


def test_an_agent_is_led_to_cases_and_not_to_approvals(books: Cast, client: Client) -> None:
    run_day(books.organisation)
    Task.objects.of(books.organisation).create(
        customer=make.customer(books, "C9"), key="call:C9", kind="call", due_at=NOW,
        created_at=NOW, value=3.0,
    )  # fmt: skip
    client.force_login(books.agent.user)
    page = text(client)
    free = Task.objects.of(books.organisation).filter(state="open", claimed_by=None).count()
    assert f'<span class="needs-count">{free}</span>' in page
    assert "free for you" in page
    assert "to be approved" not in page
    assert "/reports/" not in page, "an agent has no reports to be led to"


def test_rules_that_wait_are_shown_to_who_may_approve_them(books: Cast, client: Client) -> None:
    draft = governance.draft_policy(books.actor("manager"), text=plans.RULES)
    governance.submit_policy(books.actor("manager"), number=draft.number, note="Calmer")
    client.force_login(books.compliance.user)
    assert "version of the rules waits for your word" in text(client)
    client.force_login(books.manager.user)
    assert "version of the rules waits" not in text(client)


def seen(code: str, subject: str, unit: str, value: float, **facts: object) -> dict[str, object]:
    """Say an alarm as the day's watch puts it up."""
    check = {"code": code, "subject": subject, "unit": unit, "value": value, "facts": facts}
    return {"of": f"freshness:{subject}", "panel": "freshness", "check": check}


@pytest.mark.parametrize(
    ("kind", "facts", "words"),
    [
        ("alarm", seen("silent", "payments", "days", 6.0, days=6, usual=2),
         ("No new payments arrive", "Payments: nothing has come for 6 days; never before for more "
          "than 2", "Look whether the connection still delivers.")),
        ("alarm", seen("surge", "bounced", "count", 40.0, before=5.25),
         ("Many more messages come back than usual",
          "Messages that come back: 40 in a week, usually 5",
          "Look at where the addresses come from")),
        ("alarm", seen("volume", "payments", "count", 30.0, before=90.0, direction=-1),
         ("Far fewer payments than usual", "Payments: 30 in a week, usually 90",
          "Look whether all bank statements are in")),
        ("alarm", {**seen("pace", "everybody", "times", 0.4, came=20.0, expected=50.0),
                   "panel": "world", "fell_back": True},
         ("Everybody pays otherwise than before", "Tenor fell back by itself")),
        ("unsent", {"count": 12},
         ("What was approved does not go out", "12 approved contacts are past their moment")),
        ("missed_days", {"days": 1}, ("1 day had no plan", "What was due then is decided now.")),
        ("something_new", {}, ("something new",)),
    ],
)  # fmt: skip
def test_a_signal_says_what_shows_it_and_what_to_do(
    books: Cast, manager: Client, kind: str, facts: dict[str, object], words: tuple[str, ...]
) -> None:
    signal(books, kind, **facts)
    page = text(manager)
    for word in words:
        assert word in page


def test_a_signal_is_put_away_by_whoever_has_seen_it(
    books: Cast, manager: Client, stranger: Client
) -> None:
    row = signal(books, "unsent", count=2)
    where = f"{TODAY}signals/{row.pk}/seen/"
    assert stranger.post(where.replace("delta", "omega")).status_code == 404
    row.refresh_from_db()
    assert row.seen_at is None
    assert manager.get(where).status_code == 405
    assert manager.post(where).status_code == 302
    row.refresh_from_db()
    assert (row.seen_at, row.seen_by) == (NOW, "Credit_Manager")
    assert "What was approved does not go out" not in text(manager)
    assert AuditEntry.objects.of(books.organisation).filter(action="signal.see").count() == 1


def test_the_run_says_what_holds_things_up(books: Cast, manager: Client) -> None:
    plans.settle(books, read_only=True)
    run_day(books.organisation)
    page = text(manager)
    assert "This organisation only looks on: a plan is made, nothing is sent." in page
    assert "decisions wait for a person." not in page, "that is said above, with where to go"


def test_without_a_comparison_the_figures_say_so(books: Cast, manager: Client) -> None:
    run_day(books.organisation)
    page = text(manager)
    assert "€600" in page
    assert "€500 of it overdue (83%)" in page
    assert page.count("No comparison: nobody is left to the fixed ladder.") == 2
    assert "There is no predictor in force yet." in page
    assert "No forecast yet" in page


def test_each_age_leads_to_its_invoices(books: Cast, manager: Client) -> None:
    run_day(books.organisation)
    page = text(manager)
    assert '"name": "1 to 30 days late", "value": 400.0' in page
    for age, keys in {"1-30": {"F0", "F1", "F2", "F3"}, "61-90": {"F5"}, "current": {"F4"}}.items():
        address = f"/o/delta/invoices/?age={age}&currency=EUR"
        assert f'"url": "{address}"'.replace("&", "\\u0026") in page
        found = text(manager, address)
        assert {f"F{n}" for n in range(6) if f"invoices/F{n}/" in found} == keys
    assert manager.get("/o/delta/invoices/?age=old").status_code == 422
    assert '<td>61 to 90 days late</td><td class="number">1</td>' in page


def test_before_the_first_day_the_screen_says_what_will_be_here(
    cast: Cast, manager: Client
) -> None:
    page = text(manager)
    assert "There is no plan yet" in page
    assert "No figures yet" in page
    assert "No forecast yet" in page


def test_a_plan_of_another_day_is_said_to_be(books: Cast, manager: Client) -> None:
    run_day(books.organisation)
    make.at(books, NOW + timedelta(days=1))
    assert "The last plan is that of Tuesday 10 March" in text(manager)


def test_figures_stand_beside_those_of_the_ladder(
    cast: Cast, manager: Client, tables: Tables, as_of: datetime, model_folder: Path
) -> None:
    run = compared(cast, tables, as_of, model_folder)
    arms, weeks = run.figures["arms"], run.figures["forecast"]["weeks"]
    page = text(manager)
    late = round(arms["control"]["days_late"], 1)
    assert f"ladder group: {late} days" in page
    assert "No comparison" not in page
    assert round_money(round(weeks[3]["cumulative"])) in page
    low, high = (round_money(round(weeks[3][f"cumulative_{side}"])) for side in ("low", "high"))
    assert f"between {low} and {high}, four times out of five" in page
    first = date.fromisoformat(weeks[0]["week"])
    assert f"<td>{first.day} {first:%b}</td>" in page
    assert 'data-chart="lines"' in page
    assert "thirty days ago" in page
    assert Decision.objects.of(cast.organisation).filter(run=run, arm="control").exists()
