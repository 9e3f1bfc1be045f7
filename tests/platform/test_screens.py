"""The shell around the screens: how it writes, whom it shows which places, how it refuses."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

import make
from cast import NOW, Cast
from tenor.platform.core.actor import system
from tenor.platform.core.models import User
from tenor.platform.core.people import add_person
from tenor.platform.workbench.templatetags.tenor import (
    count,
    day,
    money,
    overdue,
    percent,
    round_money,
    when,
    word,
)


@pytest.mark.parametrize(
    ("language", "amount", "currency", "written"),
    [
        ("en", "1234.5", "EUR", "€1,234.50"),
        ("nl", "1234.5", "EUR", "€\u00a01.234,50"),
        ("nl", "-1234.5", "EUR", "−€\u00a01.234,50"),
        ("en", "0", "GBP", "£0.00"),
        ("en", "1234.5", "CHF", "CHF 1,234.50"),
        ("en", "1234", "JPY", "¥1,234"),
        ("en", "1.2345", "KWD", "KWD 1.235"),
        ("en", "90071992547409.93", "EUR", "€90,071,992,547,409.93"),
    ],
)
def test_money_is_written_in_the_readers_form(
    language: str, amount: str, currency: str, written: str
) -> None:
    with translation.override(language):
        assert money(Decimal(amount), currency) == written


def test_what_is_not_known_is_a_dash() -> None:
    for write in (money, round_money, percent, count, day, when):
        assert write(None) == "–"


def test_figures_are_rounded_for_comparing() -> None:
    with translation.override("en"):
        assert round_money(Decimal("1234.56")) == "€1,235"
        assert percent(0.256) == "26%"
        assert percent(0.256, 1) == "25.6%"
        assert count(12345) == "12,345"


@pytest.mark.parametrize(
    ("days", "said"),
    [(1, "1 day late"), (30, "30 days late"), (0, "due today"), (-1, "due in 1 day"),
     (-9, "due in 9 days")],
)  # fmt: skip
def test_how_late_something_is_is_said_in_words(days: int, said: str) -> None:
    with translation.override("en"):
        assert overdue(days) == said


def test_days_and_hours_are_those_of_the_organisation() -> None:
    with translation.override("en"), timezone.override("Europe/Amsterdam"):
        late = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
        assert ">Wed 11 Mar, 00:30<" in when(late)
        assert 'title="Wednesday 11 March 2026, 00:30:00"' in when(late)
        assert ">9 Mar 2019<" in day(date(2019, 3, 9))
        assert day("2019-03-09") == day(date(2019, 3, 9))


def test_months_stand_small_in_dutch() -> None:
    with translation.override("nl"), timezone.override("Europe/Amsterdam"):
        assert ">di 10 mrt, 09:00<" in when(NOW)
        assert ">9 mrt 2019<" in day(date(2019, 3, 9))


def test_codes_are_said_in_words_and_strangers_stay() -> None:
    with translation.override("en"):
        assert (word("sms"), word("carrier_pigeon")) == ("Text message", "carrier pigeon")


def places(client: Client) -> list[str]:
    page = client.get("/o/delta/profile/").content.decode()
    navigation = page.split('class="places"')[1].split('<li class="more"')[0]
    return re.findall(r'data-key="\w"[^>]*>.*?<span>([^<]+)</span>', navigation)


@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [("agent", {"Worklist", "Customers"}, {"Audit log", "People", "Imports"}),
     ("manager", {"Worklist", "Imports", "Plan"}, {"Audit log", "People"}),
     ("compliance", {"Audit log", "Rules"}, {"Worklist", "People", "Imports"}),
     ("administrator", {"People", "Audit log"}, {"Worklist"})],
)  # fmt: skip
def test_each_role_sees_the_places_it_may_go_to(
    cast: Cast, client: Client, role: str, shown: set[str], hidden: set[str]
) -> None:
    client.force_login(getattr(cast, role).user)
    found = set(places(client))
    assert shown <= found
    assert not hidden & found


def test_every_place_that_is_shown_opens(cast: Cast, client: Client) -> None:
    for role in ("agent", "manager", "analyst", "compliance", "administrator"):
        client.force_login(getattr(cast, role).user)
        page = client.get("/o/delta/profile/").content.decode()
        for address in set(re.findall(r'href="(/o/delta/[a-z]+/)" data-key', page)):
            assert client.get(address, follow=True).status_code == 200, f"{role}: {address}"


def test_who_works_in_two_organisations_changes_between_them(cast: Cast, client: Client) -> None:
    add_person(system(cast.other), email=cast.manager.user.email, role="analyst")
    client.force_login(cast.manager.user)
    page = client.get("/o/delta/profile/").content.decode()
    assert '<a href="/o/omega/">' in page
    client.get("/o/omega/")
    assert client.get("/").headers["Location"] == "/o/omega/"
    assert "Analyst · Omega Lease" in client.get("/o/omega/profile/").content.decode()


def test_who_works_nowhere_is_told_whom_to_ask(client: Client, db: None) -> None:
    client.force_login(User.objects.create_user("alone@example.org"))
    page = client.get("/")
    assert page.status_code == 403
    assert "alone@example.org" in page.content.decode()


def test_the_day_is_that_of_the_organisation(cast: Cast, manager: Client) -> None:
    assert "Tuesday </span>10 March 2026" in manager.get("/o/delta/profile/").content.decode()
    make.at(cast, NOW.replace(hour=23, minute=30))
    # Half past midnight in Amsterdam.
    assert "Wednesday </span>11 March 2026" in manager.get("/o/delta/profile/").content.decode()


def test_a_made_up_organisation_says_so_on_every_screen(cast: Cast, manager: Client) -> None:
    assert b"Synthetic." not in manager.get("/o/delta/profile/").content
    cast.organisation.synthetic = True
    cast.organisation.save()
    assert b"Synthetic." in manager.get("/o/delta/profile/").content
    assert b"Synthetic." in manager.get("/o/delta/invoices/none/").content


def test_a_refusal_is_a_page_or_a_line_in_the_notices(cast: Cast, manager: Client) -> None:
    page: Any = manager.get("/o/delta/invoices/none/")
    assert page.status_code == 404
    assert b'<nav class="places"' in page.content
    line = manager.get("/o/delta/invoices/none/", headers={"HX-Request": "true"})
    assert (line.status_code, line.headers["HX-Retarget"]) == (404, "#notices")
    assert b"<html" not in line.content
    assert b"Nothing was changed" in line.content


def test_a_page_in_dutch_and_one_in_english_differ_by_the_reader(
    cast: Cast, manager: Client
) -> None:
    make.invoice(cast, "F1", amount="1234.50")
    assert "€1,234.50" in manager.get("/o/delta/invoices/F1/").content.decode()
    cast.manager.user.language = "nl"
    cast.manager.user.save()
    page = manager.get("/o/delta/invoices/F1/").content.decode()
    assert '<html lang="nl"' in page
    assert "€\u00a01.234,50" in page


def test_no_screen_runs_a_script_of_its_page(cast: Cast, manager: Client) -> None:
    """The content policy forbids them, and so a page that had one would be broken."""
    make.invoice(cast, "F1")
    for address in ("customers/", "invoices/F1/", "settings/", "profile/", "search/?q=cus"):
        page = manager.get(f"/o/delta/{address}").content.decode()
        for script in re.findall(r"<script([^>]*)>", page):
            assert "src=" in script or 'type="application/json"' in script
        assert not re.search(r"\son[a-z]+=|javascript:", page)
