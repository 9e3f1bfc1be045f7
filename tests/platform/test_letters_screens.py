"""The screens of letters: what waits, what goes to the printer, and who may do what."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

import letters as made
import plans
from cast import Cast
from tenor.platform.core.preferences import preferences_of
from tenor.platform.decisions.models import Decision
from tenor.platform.jobs import kinds, schedule
from tenor.platform.outreach.models import Letter, LetterBatch

ROOT = "/o/delta/letters/"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    """Keep the files of this test apart."""
    settings.DATA = tmp_path


@pytest.fixture
def filled(cast: Cast) -> LetterBatch:
    made.planned(cast)
    return made.filled(cast)


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_before_the_first_letter_the_page_says_how_they_come(cast: Cast, manager: Client) -> None:
    page = text(manager.get(ROOT))
    assert "No letters wait" in page and "letters/close/" not in page


def test_the_open_batch_says_what_closing_it_will_do(manager: Client, filled: LetterBatch) -> None:
    page = text(manager.get(ROOT))
    assert "Close the batch with 3 letters?" in page
    assert "3 pages, about €2.91 postage and printing" in page
    assert "Dorpsstraat 5, 1234 AB AMSTERDAM" in page


def test_a_batch_is_closed_and_fetched(cast: Cast, manager: Client, filled: LetterBatch) -> None:
    page = text(manager.post(f"{ROOT}close/", follow=True))
    assert "Closed: 3 letters are ready for the printer." in page
    answer = manager.post(f"{ROOT}{filled.pk}/fetch/")
    assert answer["Content-Disposition"].startswith(
        'attachment; filename="letters-delta-2026-03-10-1.zip"'
    )
    held = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert len(held.namelist()) == 5
    page = text(manager.get(ROOT))
    assert "2026-03-10-1" in page and "not yet" not in page


def test_a_letter_is_seen_as_printed_and_taken_out(
    cast: Cast, manager: Client, filled: LetterBatch
) -> None:
    letter = Letter.objects.of(cast.organisation).get(message__customer__key="C1")
    answer = manager.get(f"{ROOT}{letter.pk}/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    page = text(manager.post(f"{ROOT}{letter.pk}/drop/", follow=True))
    assert "A person took it out of the batch" in page
    assert "Close the batch with 2 letters?" in page
    assert manager.get(f"{ROOT}{letter.pk}/pdf/").status_code == 404


def test_an_agent_sees_and_does_not_close(
    cast: Cast, client: Client, stranger: Client, filled: LetterBatch
) -> None:
    client.force_login(cast.agent.user)
    assert "letters/close/" not in text(client.get(ROOT))
    for address in ("close/", f"{filled.pk}/fetch/", "1/drop/", "settings/"):
        assert client.post(f"{ROOT}{address}").status_code == 403
    assert stranger.get(ROOT).status_code == 404
    assert stranger.get(f"/o/omega/letters/{filled.pk}/").status_code == 404


def test_what_a_decision_would_send_is_shown_as_a_page(cast: Cast, manager: Client) -> None:
    made.planned(cast, people=1)
    decision = Decision.objects.of(cast.organisation).get()
    answer = manager.get(f"{ROOT}{decision.pk}/preview/")
    assert (answer["Content-Type"], answer.content[:4]) == ("image/png", b"\x89PNG")
    Decision.objects.of(cast.organisation).update(channel="email")
    assert manager.get(f"{ROOT}{decision.pk}/preview/").status_code == 404


def test_an_administrator_chooses_envelopes_and_the_hour(cast: Cast, client: Client) -> None:
    plans.settle(cast)
    client.force_login(cast.administrator.user)
    wrong = client.post(f"{ROOT}settings/", {"letters_close_at": "soon"})
    assert wrong.status_code == 422
    given = {"letter_window": "nl-right", "letters_close_at": "16:00"}
    assert "EA5/6, window right" in text(client.post(f"{ROOT}settings/", given, follow=True))
    cast.organisation.refresh_from_db()
    kept = preferences_of(cast.organisation)
    assert (kept.letter_window, kept.letters_close_at) == ("nl-right", "16:00")


def test_the_timetable_closes_the_batch_at_its_hour(cast: Cast, filled: LetterBatch) -> None:
    cast.organisation.settings = {**cast.organisation.settings, "letters_close_at": "11:00"}
    cast.organisation.save()
    schedule.put_due()
    assert "letters" in {entry.kind for entry in schedule.TIMETABLE}
    kinds.close_due(cast.organisation)
    assert LetterBatch.objects.of(cast.organisation).get().folder
