"""The PDF of an invoice: put by a program, had by its own customer and by who works here, gone."""

import base64
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

import make
from caller import Caller, caller
from cast import NOW, Cast
from tenor.platform.core.errors import Forbidden, Invalid
from tenor.platform.core.models import AuditEntry
from tenor.platform.ledger import actions, documents
from tenor.platform.ledger.models import InvoiceDocument
from tenor.platform.ledger.privacy import BOOKS, erase, export
from tenor.platform.wording.links import link_for, text_of

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def program(cast: Cast) -> Caller:
    """A program of the first organisation, with every scope."""
    cache.clear()
    make.invoice(cast, "F/1", number="2026-1", amount="300")
    return caller(cast.organisation)


@pytest.fixture
def stored(cast: Cast) -> InvoiceDocument:
    make.invoice(cast, "F1", customer="C1")
    return actions.put_document(cast.actor(), invoice_key="F1", content=PDF).row


def given(content: bytes = PDF, **more: str) -> dict[str, Any]:
    return {"content": base64.b64encode(content).decode(), **more}


def page(cast: Cast, customer: Any, more: str = "") -> Any:
    link = link_for(cast.organisation, customer, at=NOW)
    return Client().get(f"/p/{text_of(link)}/{more}")


def test_a_program_puts_a_document_once_replaces_it_and_takes_it_back(
    cast: Cast, program: Caller
) -> None:
    made = program.put("invoices/F/1/document", given(name="../a\\Factuur 1?.PDF"), 201)
    assert (made["name"], made["size"]) == ("Factuur 1.pdf", len(PDF))
    assert program.get("invoices/F/1")["document"] == made
    assert program.put("invoices/F/1/document", given(name="../a\\Factuur 1?.PDF")) == made
    first = documents.path_of(InvoiceDocument.objects.of(cast.organisation).get().file)
    assert (first.read_bytes(), first.stat().st_mode & 0o777) == (PDF, 0o600)

    other = program.put("invoices/F/1/document", given(PDF + b"\n%%EOF"))
    second = documents.path_of(InvoiceDocument.objects.of(cast.organisation).get().file)
    assert other["name"] == "2026-1.pdf"
    assert second.read_bytes() == PDF + b"\n%%EOF"

    program.call("DELETE", "invoices/F/1/document", status=204)
    assert program.get("invoices/F/1")["document"] is None
    program.call("DELETE", "invoices/F/1/document", status=404)
    verbs = AuditEntry.objects.of(cast.organisation).filter(action__startswith="invoice.document")
    assert list(verbs.order_by("pk").values_list("action", flat=True)) == [
        "invoice.document", "invoice.document", "invoice.document_removed",
    ]  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"<html>", PDF[:-7], b"x" * 2000 + PDF])
def test_what_is_no_whole_pdf_is_refused_and_nothing_changes(
    cast: Cast, program: Caller, content: bytes
) -> None:
    program.put("invoices/F/1/document", given(content), 422)
    program.put("invoices/F/1/document", {"content": "no base64!"}, 422)
    assert not InvoiceDocument.objects.of(cast.organisation).exists()


def test_a_document_that_is_too_large_is_refused(
    cast: Cast, program: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MOST_BYTES", len(PDF) - 1)
    with pytest.raises(Invalid, match="megabytes"):
        actions.put_document(cast.actor(), invoice_key="F/1", content=PDF)


def test_who_may_not_book_puts_no_document(cast: Cast, stored: InvoiceDocument) -> None:
    with pytest.raises(Forbidden):
        actions.put_document(cast.actor("agent"), invoice_key="F1", content=PDF + b"\n%%EOF")
    with pytest.raises(Forbidden):
        actions.remove_document(cast.actor("agent"), invoice_key="F1")


def test_a_customer_downloads_the_document_of_their_own_invoice_and_nobody_elses(
    cast: Cast, stored: InvoiceDocument
) -> None:
    cache.clear()
    shown = page(cast, stored.invoice.customer).content.decode()
    assert f'href="document/{stored.pk}/"' in shown
    got = page(cast, stored.invoice.customer, f"document/{stored.pk}/")
    assert b"".join(got.streaming_content) == PDF
    assert got["Content-Disposition"] == 'attachment; filename="F1.pdf"'
    assert (got["X-Content-Type-Options"], got["Cache-Control"]) == ("nosniff", "private, no-store")

    make.invoice(cast, "F2", customer="C2")
    somebody = make.customer(cast, "C2")
    assert page(cast, somebody, f"document/{stored.pk}/").status_code == 404
    assert "document/" not in page(cast, somebody).content.decode()
    make.at(cast, NOW + timedelta(days=60))
    assert Client().get(got.wsgi_request.path).status_code == 410


def test_who_works_here_has_it_on_the_case_and_on_the_invoice(
    cast: Cast, stored: InvoiceDocument, manager: Client, stranger: Client
) -> None:
    path = f"/o/delta/documents/{stored.pk}/"
    for screen in ("customers/C1/", "invoices/F1/"):
        assert path in manager.get(f"/o/delta/{screen}").content.decode()
    assert b"".join(manager.get(path).streaming_content) == PDF
    assert stranger.get(path).status_code in (403, 404)
    assert stranger.get(f"/o/omega/documents/{stored.pk}/").status_code == 404


def test_the_file_goes_with_the_books_of_the_person(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    make.invoice(cast, "F9", due_on=date(2018, 3, 1))
    row = actions.put_document(cast.actor(), invoice_key="F9", content=PDF).row
    [told] = export(cast.organisation, "C1")["documents"]
    assert (told["invoice_key"], told["name"]) == ("F9", "F9.pdf")

    # What is still owed stays, with its document.
    assert erase(cast.organisation, "C1", part=BOOKS, year=2018) == 0
    make.payment(cast, invoice="F9", paid_at=NOW.replace(year=2018))
    path = documents.path_of(row.file)
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        erase(cast.organisation, "C1", part=BOOKS, year=2018)
    assert not path.exists()
    assert not InvoiceDocument.objects.of(cast.organisation).exists()
