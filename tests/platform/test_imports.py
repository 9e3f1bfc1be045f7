"""Imports as people do them: choose files, match columns, see what is wrong, write; and again."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cast import Cast
from tenor.engine.simulation import World, WorldConfig
from tenor.engine.store import read_tables
from tenor.platform.connectors import actions
from tenor.platform.connectors.models import Import
from tenor.platform.core.errors import Refused
from tenor.platform.core.jobs import work_one
from tenor.platform.decisions import facts
from tenor.platform.events.models import Event
from tenor.platform.jobs import importing
from tenor.platform.ledger.models import ContactPoint, Customer, Invoice, Payment
from tenor.platform.outreach.models import Message

CUSTOMERS = "Klantnr;Klantnaam;E-mail;Land;Branche\nK1;Jan Jansen;jan@example.org;NL;bouw\n"
INVOICES = (
    "Factuurnummer;Klantnr;Bedrag;Munt;Factuurdatum;Vervaldatum\n"
    "F1;K1;1.234,50;EUR;03-01-2026;31-01-2026\n"
    "F2;K1;twaalf;EUR;03-01-2026;31-01-2026\n"
)


def upload(name: str, text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(), "text/csv")


def begun(manager: Client, invoices: str = INVOICES) -> str:
    """Upload two files; return the address of the import."""
    given = [upload("klanten.csv", CUSTOMERS), upload("facturen.csv", invoices)]
    answer = manager.post("/o/delta/imports/", {"files": given})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_files_are_matched_checked_and_written_from_the_browser(
    cast: Cast, manager: Client
) -> None:
    place = begun(manager)
    page = manager.get(place).content.decode()
    assert "Klantnr" in page and "jan@example.org" in page
    manager.post(place + "columns/")
    page = manager.get(place).content.decode()
    assert "1 row cannot be used" in page and "twaalf" in page
    manager.post(place + "write/", {"skip_bad_rows": "1"})
    assert "The import is written" in manager.get(place).content.decode()
    invoice = Invoice.objects.of(cast.organisation).get()
    assert (invoice.key, invoice.balance) == ("F1", Decimal("1234.5"))
    assert (invoice.issued_on, invoice.due_on) == (date(2026, 1, 3), date(2026, 1, 31))
    customer = Customer.objects.of(cast.organisation).get()
    assert (customer.name, customer.attributes) == ("Jan Jansen", {"Branche": "bouw"})
    assert ContactPoint.objects.of(cast.organisation).get().value == "jan@example.org"


def test_without_leave_to_skip_bad_rows_nothing_at_all_is_written(
    cast: Cast, manager: Client
) -> None:
    place = begun(manager)
    manager.post(place + "columns/")
    answer = manager.post(place + "write/", {"skip_bad_rows": "0"})
    assert answer.status_code == 409
    assert not Customer.objects.of(cast.organisation).exists()
    assert Import.objects.of(cast.organisation).get().state == "checked"


def test_what_nobody_checked_is_not_written(cast: Cast, manager: Client) -> None:
    place = begun(manager)
    assert manager.post(place + "write/", {"skip_bad_rows": "1"}).status_code == 409
    assert not Invoice.objects.of(cast.organisation).exists()


def test_a_refused_upload_says_why_and_keeps_nothing(cast: Cast, manager: Client) -> None:
    answer = manager.post("/o/delta/imports/", {"files": [upload("a.csv", "x,x\n1,2\n")]})
    assert answer.status_code == 422 and "two columns called x" in answer.content.decode()
    assert manager.post("/o/delta/imports/", {}).status_code == 422
    assert not Import.objects.of(cast.organisation).exists()


def test_the_bad_rows_can_be_downloaded(manager: Client) -> None:
    place = begun(manager)
    manager.post(place + "columns/")
    answer = manager.get(place + "problems/invoices.csv")
    assert "attachment" in answer["Content-Disposition"]
    assert answer.content.decode().splitlines()[1].startswith('3,"Bedrag: ')


def test_the_same_files_once_more_change_nothing(cast: Cast, manager: Client) -> None:
    good = INVOICES.replace("twaalf", "12,00")
    for _ in range(2):
        place = begun(manager, good)
        manager.post(place + "columns/")
        manager.post(place + "write/", {"skip_bad_rows": "0"})
    first, second = Import.objects.of(cast.organisation).order_by("pk")
    assert first.counts["invoices"] | {"new": 2} == first.counts["invoices"]
    assert second.counts["invoices"] | {"new": 0, "same": 2} == second.counts["invoices"]
    assert Invoice.objects.of(cast.organisation).count() == 2


def test_later_files_may_name_what_is_there_already(cast: Cast, manager: Client) -> None:
    place = begun(manager, INVOICES.replace("twaalf", "12,00"))
    manager.post(place + "columns/")
    manager.post(place + "write/", {"skip_bad_rows": "0"})
    paid = "invoice_id,paid_at,amount\nF2,2026-02-01T10:00:00Z,12.00\nF9,2026-02-01T10:00:00Z,1\n"
    answer = manager.post("/o/delta/imports/", {"files": [upload("payments.csv", paid)]})
    place = answer["Location"]
    manager.post(place + "columns/")
    manager.post(place + "write/", {"skip_bad_rows": "1"})
    assert Payment.objects.of(cast.organisation).get().amount == 12
    assert not Invoice.objects.of(cast.organisation).get(key="F2").is_open
    assert Customer.objects.of(cast.organisation).get().name == "Jan Jansen"


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A directory as `tenor simulate` writes it: sixty customers, half a year."""
    world = World(WorldConfig(customers=60), 5)
    world.play_ladder(180)
    world.write(tmp_path / "data")
    return tmp_path / "data"


def brought(cast: Cast, directory: Path) -> Import:
    """Bring a directory in as the command does."""
    files = sorted(directory.glob("*.parquet"))
    row = actions.take_files(cast.system, files=files)
    actions.check_import(cast.system, number=row.pk)
    importing.ask_to_write(cast.system, number=row.pk, skip_bad_rows=False)
    row.refresh_from_db()
    if row.state == "waiting":
        assert work_one()
        row.refresh_from_db()
    assert row.state == "written", row.message
    return row


def test_a_whole_history_comes_in_as_the_engine_wrote_it(cast: Cast, history: Path) -> None:
    told = read_tables(history).tables
    last = max(told.payments["paid_at"].max(), told.events["at"].max())
    cast.organisation.clock_at = last
    cast.organisation.save()
    brought(cast, history)
    told, kept = told.known_at(last), facts.tables(cast.organisation, last)
    for name in ("customers", "invoices", "payments", "contacts"):
        assert getattr(kept, name).height == getattr(told, name).height, name
    # What is owed of every invoice is what the engine makes of the same history.
    from tenor.engine.ledger import invoice_states

    owed = invoice_states(told, last).select("invoice_id", "balance", "is_open").sort("invoice_id")
    rows = Invoice.objects.of(cast.organisation).order_by("key")
    assert list(rows.values_list("key", "balance", "is_open")) == owed.rows()


def test_a_history_brought_in_twice_is_there_once(cast: Cast, history: Path) -> None:
    tables = (Customer, Invoice, Payment, Message, Event)
    cast.organisation.clock_at = read_tables(history).tables.payments["paid_at"].max()
    cast.organisation.save()
    brought(cast, history)
    before = [t.objects.of(cast.organisation).count() for t in tables]
    again = brought(cast, history)
    assert [t.objects.of(cast.organisation).count() for t in tables] == before
    assert all(counts["new"] == 0 for counts in again.counts.values())


def test_a_written_import_is_over(cast: Cast, history: Path) -> None:
    row = brought(cast, history)
    with pytest.raises(Refused):
        importing.ask_to_write(cast.system, number=row.pk, skip_bad_rows=True)
