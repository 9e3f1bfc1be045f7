"""The list of invoices and the page of one: what is shown, and what can be done from there."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

import make
from cast import Cast
from make import TODAY
from tenor.platform.core.models import AuditEntry
from tenor.platform.ledger.models import Dispute, Entry, Hold, Invoice
from tenor.platform.ledger.queries import bookings_of


@pytest.fixture
def one(cast: Cast) -> Invoice:
    """An invoice of € 100, ten days late, € 30 of it paid."""
    row = make.invoice(
        cast, "F1", number="2026-001", lines=[{"text": "Water in January", "amount": Decimal(100)}]
    )
    make.payment(cast, "P1", invoice="F1", amount="30", reference="thank you")
    return row


def now_is(row: Invoice) -> Invoice:
    row.refresh_from_db()
    return row


def act(client: Client, name: str, **given: str) -> str:
    page = client.post(f"/o/delta/invoice/{name}/F1/", given, follow=True)
    assert page.redirect_chain == [("/o/delta/invoices/F1/", 302)]
    return page.content.decode()


def keys(client: Client, **asked: str) -> list[str]:
    page = client.get("/o/delta/invoices/", asked)
    assert page.status_code == 200
    return [row.key for row in page.context["page"].rows]


def test_invoices_are_listed_filtered_and_found(cast: Cast, one: Invoice, manager: Client) -> None:
    make.invoice(cast, "F2", customer="C2", amount="300", due_on=TODAY + timedelta(days=9))
    make.invoice(cast, "F3", customer="C2", amount="50", due_on=TODAY - timedelta(days=60))
    make.payment(cast, "P3", invoice="F3", amount="50")
    assert keys(manager) == ["F2", "F1", "F3"]
    assert keys(manager, only="open") == ["F1", "F2"]
    assert keys(manager, only="overdue") == ["F1"]
    assert keys(manager, only="paid") == ["F3"]
    assert keys(manager, only="open", sort="amount") == ["F2", "F1"]
    assert keys(manager, q="2026-0") == ["F1"]
    assert keys(manager, q="customer c2") == ["F2", "F3"]


def test_the_page_shows_what_is_asked_paid_and_left(one: Invoice, manager: Client) -> None:
    page = manager.get("/o/delta/invoices/F1/").content.decode()
    for words in ("Invoice 2026-001", "€70.00", "€30.00", "10 days late", "Water in January",
                  "thank you", "/o/delta/customers/C1/"):  # fmt: skip
        assert words in page


def test_a_credit_note_is_booked_and_taken_back(one: Invoice, manager: Client) -> None:
    assert "The credit note is booked" in act(manager, "credit", amount="20,50", text="Leak")
    assert now_is(one).balance == Decimal("49.5")
    booked = [(b.kind, b.amount, b.balance) for b in bookings_of(one)]
    assert booked == [
        ("payment", Decimal("-30"), Decimal("70")),
        ("credit_note", Decimal("-20.5"), Decimal("49.5")),
    ]
    entry = Entry.objects.of(one.organisation).get()
    act(manager, "reverse", entry=entry.key)
    assert now_is(one).balance == 70
    assert [b.entry_key for b in bookings_of(one)] == ["", "", ""]


def test_a_fee_is_booked(one: Invoice, manager: Client) -> None:
    act(manager, "fee", amount="12.10", text="Reminder")
    assert now_is(one).balance == Decimal("82.1")


@pytest.mark.parametrize(
    ("name", "given"),
    [("credit", {"amount": "much"}), ("credit", {"amount": "-5"}), ("credit", {"amount": "1e400"}),
     ("credit", {"amount": "0.00001"}), ("fee", {"amount": ""}), ("write-off", {"reason": " "}),
     ("reverse", {"entry": "none"}), ("hold", {"reason": "hardship", "until": "tomorrow"}),
     ("hold", {"reason": "whim", "until": "2026-04-01"}), ("dispute", {"reason": "whim"}),
     ("resolve", {"outcome": "upheld"}), ("lift", {"hold": "9"})],
)  # fmt: skip
def test_what_cannot_be_done_is_said_and_changes_nothing(
    one: Invoice, manager: Client, name: str, given: dict[str, str]
) -> None:
    written = AuditEntry.objects.of(one.organisation).count()
    page = manager.post(f"/o/delta/invoice/{name}/F1/", given, follow=True)
    said = page.content.decode()
    assert page.status_code == 404 or 'class="notice stop"' in said
    assert now_is(one).balance == 70
    assert AuditEntry.objects.of(one.organisation).count() == written


def test_an_invoice_is_written_off_and_asked_for_no_more(one: Invoice, manager: Client) -> None:
    page = act(manager, "write-off", reason="Insolvent")
    assert "written off" in page
    assert "data-opens" not in page.split("<main")[1]
    assert (now_is(one).is_open, one.closed_as) == (False, "written_off")


def test_an_invoice_is_handed_over_by_its_list_only(one: Invoice, manager: Client) -> None:
    page = manager.get("/o/delta/invoices/F1/").content.decode()
    assert 'href="/o/delta/case/C1/hand-over/?invoices=F1"' in page
    assert manager.post("/o/delta/invoice/escalate/F1/").status_code == 404
    assert now_is(one).closed_as == ""


def test_a_hold_begins_and_is_lifted(one: Invoice, cast: Cast, client: Client) -> None:
    client.force_login(cast.agent.user)
    until = (TODAY + timedelta(days=10)).isoformat()
    assert "Agreed" in act(client, "hold", reason="agreed", until=until, note="Lost job")
    hold = Hold.objects.of(one.organisation).get()
    assert (hold.invoice_id, hold.note, hold.by) == (one.pk, "Lost job", "Agent")
    act(client, "lift", hold=str(hold.pk))
    hold.refresh_from_db()
    assert hold.lifted_at is not None


def test_a_hold_of_another_invoice_is_not_lifted_from_here(
    one: Invoice, cast: Cast, manager: Client
) -> None:
    make.invoice(cast, "F2", customer="C2")
    manager.post("/o/delta/invoice/hold/F2/", {"reason": "agreed", "until": "2026-05-01"})
    hold = Hold.objects.of(one.organisation).get()
    act(manager, "lift", hold=str(hold.pk))
    hold.refresh_from_db()
    assert hold.lifted_at is None


def test_a_dispute_is_recorded_and_settled(one: Invoice, manager: Client) -> None:
    page = act(manager, "dispute", reason="quality", note="It still leaks")
    assert "It still leaks" in page
    assert "Settle the dispute" in page
    act(manager, "resolve", outcome="rejected", answer="It was mended on Monday")
    dispute = Dispute.objects.of(one.organisation).get()
    assert (dispute.outcome, dispute.answer) == ("rejected", "It was mended on Monday")


def test_an_agent_sees_no_button_for_money_and_cannot_book(
    one: Invoice, cast: Cast, client: Client
) -> None:
    client.force_login(cast.agent.user)
    page = client.get("/o/delta/invoices/F1/").content.decode()
    assert 'data-opens="credit"' not in page
    assert 'data-opens="hold"' in page
    assert client.post("/o/delta/invoice/credit/F1/", {"amount": "5"}).status_code == 403
    assert now_is(one).balance == 70


def test_an_invoice_of_others_is_not_found(one: Invoice, stranger: Client) -> None:
    assert stranger.get("/o/omega/invoices/F1/").status_code == 404
    answer = stranger.post("/o/omega/invoice/credit/F1/", {"amount": "5"})
    assert answer.status_code in (403, 404)
    assert now_is(one).balance == 70


def test_a_key_with_a_slash_has_its_page(cast: Cast, manager: Client) -> None:
    make.invoice(cast, "2026/17 b", customer="C9")
    page = manager.get("/o/delta/invoices/", {"q": "2026/17"}).content.decode()
    assert "/o/delta/invoices/2026/17%20b/" in page
    assert manager.get("/o/delta/invoices/2026/17%20b/").status_code == 200
