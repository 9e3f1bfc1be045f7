"""The audit log on screen: found by who, what, of which and when; and verified."""

import ast
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

import make
import tenor.platform
from cast import Cast
from tenor.platform.core import audit
from tenor.platform.core.append_only import allow_changes
from tenor.platform.core.audit_log import entries
from tenor.platform.core.models import AuditEntry
from tenor.platform.core.organisations import pause, resume
from tenor.platform.core.people import change_role
from tenor.platform.workbench.audit.words import words_of


@pytest.fixture
def officer(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.compliance.user)
    return client


def shown(client: Client, **asked: str) -> list[str]:
    page = client.get("/o/delta/audit/", asked)
    assert page.status_code == 200
    return [line["entry"].action for line in page.context["lines"]]


def test_the_log_is_found_by_who_what_and_of_which(cast: Cast, officer: Client) -> None:
    change_role(cast.actor("administrator"), user_id=cast.agent.user_id, role="analyst")
    pause(cast.actor("manager"), because="A mistake")
    resume(cast.actor("administrator"))
    assert shown(officer)[:3] == ["organisation.resume", "organisation.pause", "person.change_role"]
    assert shown(officer, who="credit_man") == ["organisation.pause"]
    assert shown(officer, action="organisation.") == ["organisation.resume", "organisation.pause"]
    subject = f"person:{cast.agent.user_id}"
    assert shown(officer, subject=subject) == ["person.change_role", "person.add"]
    assert shown(officer, who="nobody") == []


def test_the_log_shows_what_was_and_what_is(cast: Cast, officer: Client) -> None:
    change_role(cast.actor("administrator"), user_id=cast.agent.user_id, role="analyst")
    page = officer.get("/o/delta/audit/").content.decode()
    assert "role: <del>agent</del> → <ins>analyst</ins>" in page
    assert "changed somebody&#x27;s role" in page
    assert "192.0.2.7" in page


def test_the_log_is_found_by_day(cast: Cast, officer: Client) -> None:
    today = AuditEntry.objects.of(cast.organisation)[0].at.date().isoformat()
    assert len(shown(officer, since=today, until=today)) == 5
    assert shown(officer, until="2020-01-01") == []
    assert officer.get("/o/delta/audit/", {"since": "yesterday"}).status_code == 422


def test_the_log_goes_on_page_by_page(cast: Cast, officer: Client) -> None:
    for number in range(120):
        audit.record(cast.system, "thing.count", f"thing:{number}")
    seen, asked = [], "?action=thing."
    while asked:
        page = officer.get(f"/o/delta/audit/{asked}")
        seen += [line["entry"].subject for line in page.context["lines"]]
        asked = page.context["next"]
    assert seen == [f"thing:{n}" for n in reversed(range(120))]


def test_another_organisations_entries_are_not_shown(cast: Cast, officer: Client) -> None:
    audit.record(cast.actor("stranger"), "thing.secret", "thing:1", after={"word": "omega only"})
    assert "thing.secret" not in shown(officer)
    assert "thing.secret" not in [e.action for e in entries(cast.organisation).entries]


def test_a_whole_log_is_said_to_hold(cast: Cast, officer: Client) -> None:
    make.customer(cast, "C1")
    page = officer.post("/o/delta/audit/verify/")
    assert "none is missing, none was altered" in page.content.decode()
    assert page.context["breaks"] == []
    assert page.context["count"] == AuditEntry.objects.of(cast.organisation).count()


def test_an_entry_that_was_taken_away_is_noticed(cast: Cast, officer: Client) -> None:
    allow_changes(connection, "core_auditentry")
    number = AuditEntry.objects.of(cast.organisation).order_by("number")[1].pk
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_auditentry WHERE id = %s", [number])
    page = officer.post("/o/delta/audit/verify/").content.decode()
    assert "The log does not hold" in page
    assert "entries 2 to 2 are missing" in page


def test_what_was_changed_is_a_door_to_its_screen(cast: Cast, officer: Client) -> None:
    make.invoice(cast, "F/1", customer="C1")
    page = officer.get("/o/delta/audit/", {"subject": "invoice:"}).content.decode()
    assert '<a href="/o/delta/invoices/F/1/">invoice:F/1</a>' in page


def test_every_verb_of_the_log_has_words() -> None:
    """The verbs stand in the calls of `audit.record` all over the platform."""
    told = set()
    for path in Path(tenor.platform.__path__[0]).rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "audit.record":
                verb = call.args[1]
                if isinstance(verb, ast.Constant) and isinstance(verb.value, str):
                    told.add(verb.value)
    assert len(told) > 30
    assert {verb for verb in told if isinstance(words_of(verb), str)} == set()
