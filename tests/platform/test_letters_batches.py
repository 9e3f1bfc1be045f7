"""A batch of letters: filled as the plan is carried out, asked about again, closed, and fetched."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
import zxingcpp
from django.db import transaction
from django.db.models.signals import post_save
from pytest_django import DjangoCaptureOnCommitCallbacks

import make
import plans
from cast import NOW, Cast
from letters import LATER, POSTAL, customer, planned
from letters import filled as batch_of
from tenor.engine.payments import epc
from tenor.platform.core.errors import Forbidden, Refused
from tenor.platform.core.models import AuditEntry
from tenor.platform.core.preferences import change_preferences
from tenor.platform.decisions.gate import open_gate
from tenor.platform.decisions.models import Decision, Run, Task
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Invoice
from tenor.platform.outreach import batch_files, batches, sending
from tenor.platform.outreach.actions import send_due
from tenor.platform.outreach.actions.stops import start_channel, stop_channel
from tenor.platform.outreach.models import Content, Cost, Letter, LetterBatch, Message
from tenor.platform.outreach.privacy import erase

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """Keep the files of this test apart."""
    settings.DATA = tmp_path / "data"
    return tmp_path


@pytest.fixture
def run(cast: Cast) -> Run:
    return planned(cast)


@pytest.fixture
def filled(cast: Cast, run: Run) -> LetterBatch:
    """The open batch, with a letter to each of the three."""
    return batch_of(cast)


def letters_of(cast: Cast) -> dict[str, Letter]:
    """Return the letters by the customer's key."""
    rows = Letter.objects.of(cast.organisation).select_related("message__customer")
    return {row.message.customer.key: row for row in rows}


def files(cast: Cast) -> list[str]:
    return sorted(path.name for path in batch_files.path_of("letters").rglob("*.pdf"))


def content(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def close(cast: Cast) -> batches.Closing:
    return batches.close_batch(cast.actor())


def test_a_letter_is_a_file_and_a_row_in_the_open_batch(cast: Cast, filled: LetterBatch) -> None:
    letter = letters_of(cast)["C1"]
    pdf = batch_files.path_of(letter.file).read_bytes()
    assert letter.sha256 == hashlib.sha256(pdf).hexdigest()
    assert (letter.pages, letter.country, letter.dropped) == (1, "NL", "")
    assert (filled.count, filled.pages, filled.closed_at, filled.folder) == (3, 3, None, "")
    message = letter.message
    assert (message.state, message.provider, message.address) == ("sent", "letters", POSTAL)
    kept = Content.objects.of(cast.organisation).get(message=message)
    assert (kept.file, kept.pages) == (letter.file, 1)
    costs = Cost.objects.of(cast.organisation).filter(message=message)
    assert {(c.item, c.amount) for c in costs} == {
        ("postage", Decimal("0.91")), ("print", Decimal("0.06")),
    }  # fmt: skip
    assert message.cost == 0.97


def test_what_the_code_on_the_paper_asks_is_what_the_books_say(
    cast: Cast, filled: LetterBatch
) -> None:
    for letter in letters_of(cast).values():
        page = pdfium.PdfDocument(batch_files.path_of(letter.file).read_bytes())[0]
        grey = page.render(scale=200 / 72, grayscale=True).to_numpy()
        (code,) = zxingcpp.read_barcodes(grey.reshape(grey.shape[:2]))
        read = epc.read(code.text)
        invoice = Invoice.objects.of(cast.organisation).get(key=letter.message.invoice_keys[0])
        assert epc.amount_of(read) == invoice.balance
        assert read.reference == letter.message.reference
        text = page.get_textpage().get_text_bounded()
        assert letter.message.customer.name in text and "1234 AB AMSTERDAM" in text


def test_closing_sends_what_should_still_go_and_tells_the_printer_all(
    cast: Cast, filled: LetterBatch
) -> None:
    closing = close(cast)
    batch = closing.batch
    assert (closing.dropped, batch.count, batch.pages) == (0, 3, 3)
    assert batch.folder == "letters/delta/2026-03-10-1"
    assert {letter.message.sent_at for letter in letters_of(cast).values()} == {LATER}
    held = content(batches.fetch_batch(cast.actor(), number=batch.pk))
    rows = list(csv.DictReader(io.StringIO(held["manifest.csv"].decode())))
    assert [row["position"] for row in rows] == ["1", "2", "3"]
    for row in rows:
        assert hashlib.sha256(held[row["file"]]).hexdigest() == row["sha256"]
    first = rows[0]
    letter = letters_of(cast)["C1"]
    assert {name: first[name] for name in ("pages", "sheets", "post", "country", "duplex")} == {
        "pages": "1", "sheets": "1", "post": "domestic", "country": "NL", "duplex": "yes",
    }  # fmt: skip
    assert (first["address_lines"], first["reference"]) == ("3", letter.message.reference)
    told = json.loads(held["manifest.json"])
    assert (told["letters"], told["pages"], told["window"]["layout"]) == (3, 3, "nl-left")
    assert told["files"] == rows
    # Nobody's name is told by the name of a file.
    assert set(held) == {"manifest.csv", "manifest.json", *(row["file"] for row in rows)}


def test_a_download_is_the_same_each_time_and_each_time_written_down(
    cast: Cast, filled: LetterBatch
) -> None:
    batch = close(cast).batch
    first = batches.fetch_batch(cast.actor(), number=batch.pk)
    before = first.read_bytes()
    assert batches.fetch_batch(cast.actor(), number=batch.pk).read_bytes() == before
    first.unlink()
    assert batches.fetch_batch(cast.actor(), number=batch.pk).read_bytes() == before
    rows = AuditEntry.objects.of(cast.organisation).filter(action="letters.fetch")
    assert rows.count() == 3


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (lambda c: make.payment(c, "P1", invoice="F1", amount="100.50"), "paid"),
        (lambda c: make.payment(c, "P1", invoice="F1", amount="10"), "amount_changed"),
        (lambda c: ledger.open_dispute(c.system, invoice_key="F1", reason="quality"), "disputed"),
        (lambda c: ledger.start_hold(c.system, customer_key="C1", reason="agreed"), "hold"),
        (
            lambda c: ledger.make_promise(
                c.system, customer_key="C1", invoice_keys=["F1"], promised_on=NOW.date()
            ),
            "promise",
        ),
        (
            lambda c: ledger.agree_plan(
                c.system, customer_key="C1", invoice_keys=["F1"],
                instalments=[
                    (NOW.date() + timedelta(days=5), Decimal("50")),
                    (NOW.date() + timedelta(days=35), Decimal("50.50")),
                ],
            ),
            "plan",
        ),
        (
            lambda c: ledger.set_consent(
                c.system, customer_key="C1", channel="letter", granted=False
            ),
            "consent",
        ),
        (lambda c: ledger.mark_bounced(c.system, value=POSTAL), "no_address"),
        (lambda c: make.at(c, NOW + timedelta(days=3)), "too_old"),
    ],
)  # fmt: skip
def test_what_happened_since_takes_a_letter_out(
    cast: Cast, filled: LetterBatch, happens: Callable[[Cast], object], reason: str
) -> None:
    happens(cast)
    closing = close(cast)
    letter = letters_of(cast)["C1"]
    assert letter.dropped == reason
    assert closing.dropped in (1, 3)
    message = letter.message
    assert (message.state, message.refusal, message.sent_at) == ("cancelled", reason, None)
    assert message.cost == 0
    costs = Cost.objects.of(cast.organisation).filter(message=message)
    assert sum(cost.amount for cost in costs) == 0
    assert Decision.objects.of(cast.organisation).get(customer__key="C1").state == "lapsed"
    assert Path(letter.file).name not in files(cast)
    held = content(batches.fetch_batch(cast.actor(), number=closing.batch.pk))
    assert Path(letter.file).name not in held


def test_a_new_address_takes_the_letter_to_the_old_one_out(cast: Cast, filled: LetterBatch) -> None:
    ledger.mark_bounced(cast.system, value=POSTAL)
    ledger.add_contact_point(
        cast.system, customer_key="C1", kind="postal", value="Nieuwstraat 1\n3311 AB DORDRECHT"
    )
    close(cast)
    assert letters_of(cast)["C1"].dropped == "address_changed"
    assert letters_of(cast)["C2"].dropped == "no_address"


def test_one_letter_can_be_taken_out_by_hand_before_closing(
    cast: Cast, filled: LetterBatch
) -> None:
    letter = letters_of(cast)["C2"]
    with pytest.raises(Forbidden):
        batches.drop_letter(cast.actor("agent"), number=letter.pk)
    batches.drop_letter(cast.actor(), number=letter.pk)
    with pytest.raises(Refused, match="taken out already"):
        batches.drop_letter(cast.actor(), number=letter.pk)
    assert close(cast).batch.count == 2
    with pytest.raises(Refused, match="closed"):
        batches.drop_letter(cast.actor(), number=letters_of(cast)["C1"].pk)
    assert letters_of(cast)["C2"].message.refusal == "by_hand"


def test_who_may_close_and_fetch_and_when(cast: Cast, filled: LetterBatch) -> None:
    with pytest.raises(Forbidden):
        batches.close_batch(cast.actor("agent"))
    with pytest.raises(Refused, match="still open"):
        batches.fetch_batch(cast.actor(), number=filled.pk)
    cast.organisation.paused_at = NOW
    cast.organisation.save()
    with pytest.raises(Refused, match="switched off"):
        close(cast)
    assert not any(letter.dropped for letter in letters_of(cast).values())
    cast.organisation.paused_at = None
    cast.organisation.save()
    close(cast)
    with pytest.raises(Refused, match="no open batch"):
        close(cast)


def test_after_closing_new_letters_begin_another_batch(cast: Cast, filled: LetterBatch) -> None:
    close(cast)
    customer(cast, "C4", "F4", amount="10")
    made = plans.run(cast, as_of=TOMORROW)
    plans.decision(made, "C4", channel="letter", invoice_keys=["F4"], amount=Decimal(10))
    open_gate(made)
    make.at(cast, TOMORROW + timedelta(hours=2))
    assert send_due(cast.organisation).sent == 1
    batch = LetterBatch.objects.of(cast.organisation).get(closed_at=None)
    assert (str(batch.day), batch.number, batch.count) == ("2026-03-11", 1, 1)


def test_a_file_whose_row_was_undone_is_cleared_away(cast: Cast, run: Run) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        send_due(cast.organisation, LATER)
        raise RuntimeError("the machine stops here")
    assert not Letter.objects.of(cast.organisation).exists()
    orphans = files(cast)
    assert len(orphans) == 3
    stray = batch_files.path_of("letters/delta/2026-03-10-1") / "00009-ORPHAN.pdf"
    stray.write_bytes(b"left over")
    assert send_due(cast.organisation, LATER).sent == 3
    make.at(cast, LATER)
    close(cast)
    assert files(cast) == orphans


def test_a_channel_that_is_stopped_in_the_middle_keeps_the_other_letters_in(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(cast, people=5)
    monkeypatch.setattr(sending, "FILED_TOGETHER", 2)

    def stop(created: bool, **_more: object) -> None:
        if created and Letter.objects.of(cast.organisation).count() == 2:
            stop_channel(cast.actor(), channel="letter", because="wrong paper")

    post_save.connect(stop, sender=Letter)
    try:
        done = send_due(cast.organisation, LATER)
    finally:
        post_save.disconnect(stop, sender=Letter)
    assert (done.sent, len(files(cast))) == (2, 2)
    states = Message.objects.of(cast.organisation).order_by("pk").values_list("state", flat=True)
    assert list(states) == ["sent", "sent", "planned", "planned", "planned"]
    start_channel(cast.actor(), channel="letter")
    assert send_due(cast.organisation, LATER).sent == 3


def test_a_closing_that_was_broken_off_is_gone_on_with(cast: Cast, filled: LetterBatch) -> None:
    filled.closed_at, filled.closed_by = LATER, "Manager"
    filled.save()
    make.payment(cast, "P1", invoice="F1", amount="100.50")
    closing = close(cast)
    assert (closing.batch.pk, closing.batch.count, closing.dropped) == (filled.pk, 2, 1)


def test_at_its_hour_a_batch_closes_by_itself(cast: Cast, filled: LetterBatch) -> None:
    assert batches.closing_turn(cast.organisation) == ""
    change_preferences(cast.actor("administrator"), letters_close_at="11:30")
    cast.organisation.refresh_from_db()
    # The organisation is in Amsterdam: ten in London is eleven there.
    assert batches.closing_turn(cast.organisation) == ""
    make.at(cast, LATER + timedelta(hours=1))
    assert batches.closing_turn(cast.organisation) == "2026-03-10"
    closing = batches.close_due(cast.organisation)
    assert closing is not None and closing.batch.count == 3
    assert batches.close_due(cast.organisation) is None


def test_a_print_service_finds_the_batch_in_its_folder(
    cast: Cast, filled: LetterBatch, settings: Any, folder: Path
) -> None:
    settings.LETTERS_FOLDER = str(folder / "printer")
    batch = close(cast).batch
    (found,) = (folder / "printer" / "delta").iterdir()
    made = batches.fetch_batch(cast.actor(), number=batch.pk)
    assert (found.name, found.read_bytes()) == (made.name, made.read_bytes())


def test_what_cannot_be_put_into_that_folder_is_said_and_not_lost(
    cast: Cast, filled: LetterBatch, settings: Any, folder: Path
) -> None:
    (folder / "file").write_text("in the way")
    settings.LETTERS_FOLDER = str(folder / "file")
    with pytest.raises(Refused, match="Download it here"):
        close(cast)
    batch = LetterBatch.objects.of(cast.organisation).get()
    assert len(content(batches.fetch_batch(cast.actor(), number=batch.pk))) == 5


def test_erasing_a_customer_takes_the_letter_and_every_copy_of_it(
    cast: Cast,
    filled: LetterBatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    batch = close(cast).batch
    made = batches.fetch_batch(cast.actor(), number=batch.pk)
    name = Path(letters_of(cast)["C1"].file).name
    assert name in content(made)
    with django_capture_on_commit_callbacks(execute=True):
        erase(cast.organisation, "C1", part="messages")
    assert name not in files(cast)
    assert not made.exists()
    assert name not in content(batches.fetch_batch(cast.actor(), number=batch.pk))


@pytest.mark.parametrize(
    ("postal", "code", "task"),
    [
        ("", "no_address", "no_address"),
        ("Straße 漢字 1\n1234 AB X", "no_glyph", "review"),
        ("\n".join(f"Regel {n}" for n in range(9)), "no_room", "review"),
    ],
)
def test_a_letter_that_cannot_be_set_becomes_work_for_a_person(
    cast: Cast, run: Run, postal: str, code: str, task: str
) -> None:
    customer(cast, "C4", "F4", amount="10", postal=postal)
    plans.decision(run, "C4", channel="letter", invoice_keys=["F4"], amount=Decimal(10))
    open_gate(run)
    done = send_due(cast.organisation, LATER)
    assert (done.sent, dict(done.refused)) == (3, {code: 1})
    assert Task.objects.of(cast.organisation).get().kind == task
    message = Message.objects.of(cast.organisation).get(customer__key="C4")
    assert (message.state, hasattr(message, "letter")) == ("cancelled", False)


def test_a_made_up_world_sets_no_letters_but_counts_what_they_cost(cast: Cast, run: Run) -> None:
    cast.organisation.synthetic = True
    cast.organisation.save()
    assert send_due(cast.organisation, LATER).sent == 3
    assert not LetterBatch.objects.of(cast.organisation).exists()
    costs = Cost.objects.of(cast.organisation)
    assert sum(cost.amount for cost in costs) == Decimal("2.91")
