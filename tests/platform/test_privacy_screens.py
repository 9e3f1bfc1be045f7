"""The screens of privacy: requests with their terms, all that is held, the file, the documents."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.test import Client

import make
from cast import NOW, Cast
from tenor.platform.core.models import AuditEntry
from tenor.platform.decisions.models import Decision, Run, Task
from tenor.platform.governance.actions import put_default_in_force
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Hold
from tenor.platform.privacy import processing
from tenor.platform.privacy.actions import answer, look_again, record_request
from tenor.platform.privacy.models import RightsRequest


@pytest.fixture
def officer(cast: Cast, client: Client) -> Client:
    """A browser in which the compliance officer is signed in."""
    client.force_login(cast.compliance.user)
    return client


def read(client: Client, address: str, **asked: str) -> str:
    """Return a page as text."""
    response = client.get(address, asked)
    assert response.status_code == 200
    return response.content.decode()


def asked(cast: Cast, kind: str, key: str = "C1", days_ago: int = 0) -> RightsRequest:
    """Take a request in."""
    return record_request(
        cast.actor("compliance"), customer_key=key, kind=kind,
        received_at=NOW - timedelta(days=days_ago),
    )  # fmt: skip


def test_what_is_overdue_stands_at_the_top_and_in_red(cast: Cast, officer: Client) -> None:
    for key in ("C1", "C2"):
        make.customer(cast, key)
    asked(cast, "access", "C1", days_ago=3)
    asked(cast, "access", "C2", days_ago=40)

    page = read(officer, "/o/delta/privacy/")

    assert "1 request should have been answered already." in page
    assert page.index("Customer C2") < page.index("Customer C1")
    assert '<span class="badge stop">' in page and "10 days overdue" in page
    assert "28 days left" in page


def test_a_request_is_taken_in_and_answered_on_screen(cast: Cast, officer: Client) -> None:
    make.customer(cast, "C1")
    form = {"kind": "objection", "received_on": "2026-03-09", "through": "phone", "words": "Stop."}
    made = officer.post("/o/delta/privacy/customers/C1/request/", form)
    row = RightsRequest.objects.of(cast.organisation).get()
    assert made["Location"] == f"/o/delta/privacy/requests/{row.pk}/"
    assert row.answer_by.isoformat() == "2026-04-09"

    page = read(officer, f"/o/delta/privacy/requests/{row.pk}/")
    assert "Stop." in page and "Profiling has stopped." in page
    officer.post(
        f"/o/delta/privacy/requests/{row.pk}/answer/", {"granted": "yes", "words": "We stopped."}
    )

    row.refresh_from_db()
    assert (row.state, row.answer) == ("granted", "We stopped.")
    assert Hold.objects.of(cast.organisation).get().lifted_at is None
    assert "We stopped." in read(officer, f"/o/delta/privacy/requests/{row.pk}/")
    assert "Customer C1" in read(officer, "/o/delta/privacy/", only="answered")


def test_an_answer_without_words_is_refused_beside_its_field(cast: Cast, officer: Client) -> None:
    make.customer(cast, "C1")
    row = asked(cast, "access")
    response = officer.post(
        f"/o/delta/privacy/requests/{row.pk}/answer/", {"granted": "yes", "words": ""}
    )
    assert response.status_code == 422
    assert b"is-invalid" in response.content
    row.refresh_from_db()
    assert row.state == "open"


def test_a_day_to_come_is_refused_beside_its_field(cast: Cast, officer: Client) -> None:
    make.customer(cast, "C1")
    form = {"kind": "access", "received_on": "2026-03-11", "through": "letter"}
    response = officer.post("/o/delta/privacy/customers/C1/request/", form)
    assert response.status_code == 422
    assert b"received before it is recorded" in response.content
    assert not RightsRequest.objects.of(cast.organisation).exists()


def test_the_page_of_a_customer_says_what_erasure_would_do(cast: Cast, officer: Client) -> None:
    make.invoice(cast, "F1", customer="C1", amount="50")
    make.payment(cast, "P1", invoice="F1", amount="50")

    page = read(officer, "/o/delta/privacy/customers/C1/")

    assert "Invoices and payments" in page
    assert "until 31 December 2033" in page
    assert "Name, addresses and other details" in page and "erased" in page


def test_erasure_is_done_on_screen_and_says_what_was_kept(cast: Cast, officer: Client) -> None:
    make.invoice(cast, "F1", customer="C1", amount="50")
    make.payment(cast, "P1", invoice="F1", amount="50")
    row = asked(cast, "erasure")
    assert "What erasure would do today" in read(officer, f"/o/delta/privacy/requests/{row.pk}/")

    officer.post(f"/o/delta/privacy/requests/{row.pk}/erase/")

    page = read(officer, f"/o/delta/privacy/requests/{row.pk}/")
    assert "What was erased, and what is kept" in page
    assert "until 31 December 2033" in page
    assert "Customer C1" not in page


def test_the_file_holds_every_row_about_a_person_and_of_nobody_else(
    cast: Cast, officer: Client
) -> None:
    make.invoice(cast, "F1", customer="C1", amount="50.10")
    make.customer(cast, "C1", name="Ann <Example>")
    make.customer(cast, "C2", name="Bob Other")
    ledger.write_note(cast.system, customer_key="C1", text="She moved.")
    ledger.write_note(cast.system, customer_key="C2", text="He did not.")

    response = officer.post("/o/delta/privacy/customers/C1/export/")

    assert response["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    data = json.loads(archive.read("data.json"))
    assert data["customer"][0]["name"] == "Ann <Example>"
    assert data["contact_points"][0]["value"] == "c1@example.org"
    assert data["invoices"][0]["amount"] == "50.1000"
    assert [note["text"] for note in data["notes"]] == ["She moved."]
    page = archive.read("data.html").decode()
    assert "Ann &lt;Example&gt;" in page and "She moved." in page
    everything = archive.read("data.json").decode() + page
    assert "Bob" not in everything and "He did not." not in everything
    entry = AuditEntry.objects.of(cast.organisation).get(action="rights.export")
    assert entry.subject == "customer:C1"


def test_an_agent_takes_a_request_in_at_the_case_and_sees_the_answer_there(cast: Cast) -> None:
    make.customer(cast, "C1")
    agent = Client()
    agent.force_login(cast.agent.user)
    assert "/o/delta/case/C1/data-request/" in read(agent, "/o/delta/customers/C1/")
    assert "/o/delta/privacy/" not in read(agent, "/o/delta/customers/C1/")
    form = {"kind": "access", "received_on": "2026-03-10", "through": "phone"}
    assert agent.post("/o/delta/case/C1/data-request/", form).status_code == 302
    row = RightsRequest.objects.of(cast.organisation).get()
    answer(cast.actor("compliance"), request_id=row.pk, granted=True, words="A copy is on its way.")
    assert "A copy is on its way." in read(agent, "/o/delta/customers/C1/")


def test_a_second_look_is_answered_from_the_worklist_by_somebody_else(cast: Cast) -> None:
    customer = make.customer(cast, "C1")
    run = Run.objects.of(cast.organisation).create(
        day=NOW.date(), as_of=NOW, seed=1, started_at=NOW, step="done"
    )
    Decision.objects.of(cast.organisation).create(
        run=run, customer=customer, key="D1", decided_at=NOW, invoice_keys=[], verdict="contact",
        channel="email", decided_by=cast.manager.user,
    )  # fmt: skip
    row = asked(cast, "human_review")
    task = Task.objects.of(cast.organisation).get()
    manager, agent = Client(), Client()
    manager.force_login(cast.manager.user)
    agent.force_login(cast.agent.user)

    assert "You had a part in this decision" in read(manager, f"/o/delta/worklist/{task.pk}/")
    manager.post(
        f"/o/delta/worklist/look-again/{row.pk}/", {"otherwise": "no", "words": "It was right."}
    )
    row.refresh_from_db()
    assert row.state == "open"
    assert "Decide otherwise" in read(agent, f"/o/delta/worklist/{task.pk}/")
    agent.post(
        f"/o/delta/worklist/look-again/{row.pk}/", {"otherwise": "yes", "words": "A plan fits."}
    )

    row.refresh_from_db()
    task.refresh_from_db()
    assert (row.state, row.decided_name, task.state) == ("granted", "Agent", "done")
    assert "A plan fits." in read(agent, "/o/delta/customers/C1/")


def test_the_record_says_what_is_set_today_and_nothing_else(cast: Cast, officer: Client) -> None:
    put_default_in_force(cast.system)
    make.customer(cast, "C1")
    make.customer(cast, "C2", country="DE")

    before = read(officer, "/o/delta/privacy/record/")
    assert "How long, by the law of Netherlands (1 customers)" in before
    assert "How long, by the law of Germany (1 customers)" in before
    assert "7 years after the end of the year [NL:retention.books" in before
    assert "8 years after the end of the year [DE:retention.vouchers" in before
    assert "none: a fixed ladder decides" in before
    assert "A person signs every hand-over" in before

    cast.organisation.settings = {"automatic": ["all"], "control_share": 0.2}
    cast.organisation.save()
    after = read(officer, "/o/delta/privacy/record/")
    assert "Reminders go out without a person" in after and "20.0%" in after
    assert "Reminders go out without a person" not in before


def test_the_record_is_a_file_too(cast: Cast, officer: Client) -> None:
    put_default_in_force(cast.system)
    response = officer.get("/o/delta/privacy/record/download/")
    text = response.content.decode()
    assert response["Content-Disposition"] == 'attachment; filename="record-of-processing.md"'
    assert text.startswith("# Record of processing")
    assert "# Impact on people" in text and "## Nederlands" in text


def test_debtors_are_told_of_profiling_only_where_there_is_any(cast: Cast) -> None:
    put_default_in_force(cast.system)
    told = " ".join(processing.told_to_debtors(cast.organisation, "en"))
    assert "Delta Water uses your data" in told
    assert "A computer works out" not in told
    assert "a person does" in told
    assert "Invoices and payments: 7 years after the end of the year." in told


def test_nobody_without_the_right_opens_a_place_of_privacy(cast: Cast) -> None:
    make.customer(cast, "C1")
    row = asked(cast, "access")
    for membership in (cast.agent, cast.manager, cast.analyst):
        client = Client()
        client.force_login(membership.user)
        for address in ("", "record/", f"requests/{row.pk}/", "customers/C1/"):
            assert client.get(f"/o/delta/privacy/{address}").status_code == 403
        assert "/o/delta/privacy/" not in client.get("/o/delta/customers/").content.decode()


def test_a_review_that_was_refused_reads_as_such(cast: Cast, officer: Client) -> None:
    customer = make.customer(cast, "C1")
    Decision.objects.of(cast.organisation).create(
        customer=customer, key="D1", decided_at=NOW, invoice_keys=[], verdict="wait"
    )
    row = asked(cast, "human_review")
    look_again(
        cast.actor("administrator"), request_id=row.pk, otherwise=False, words="It was right."
    )
    page = read(officer, f"/o/delta/privacy/requests/{row.pk}/")
    assert "refused" in page and "It was right." in page


def test_a_second_look_at_nothing_is_refused_in_words(cast: Cast, officer: Client) -> None:
    make.customer(cast, "C1")
    form = {"kind": "human_review", "received_on": "2026-03-10", "through": "letter"}
    response = officer.post("/o/delta/privacy/customers/C1/request/", form)
    assert response.status_code == 422
    assert b"There is no such decision about this customer." in response.content
    assert not RightsRequest.objects.of(cast.organisation).exists()
