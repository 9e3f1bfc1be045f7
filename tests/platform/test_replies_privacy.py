"""What somebody wrote is theirs: handed out whole, erased with its files, and nobody else's."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

import make
from cast import NOW, Cast
from mails import mail
from tenor.platform.privacy.export import tables_of
from tenor.platform.replies import actions, privacy
from tenor.platform.replies.mime import parsed, read
from tenor.platform.replies.models import Attachment, Reply

PDF = (("proof.pdf", "application/pdf", b"%PDF-1.7 proof"),)


@pytest.fixture
def replies(cast: Cast) -> Cast:
    """Two customers who sent the same file, and somebody whom nobody knows."""
    for key in ("C1", "C2"):
        make.customer(cast, key)
    for key in ("c1", "c2", "stranger"):
        raw = mail(f"From {key}.\n\n-- \n{key}", sender=f"{key}@example.org", number=f"<{key}@x>",
                   files=PDF)  # fmt: skip
        actions.take_in(cast.organisation, read(parsed(raw), provider="imap"))
    return cast


def test_all_that_somebody_wrote_is_handed_out(replies: Cast) -> None:
    customer = Reply.objects.of(replies.organisation).get(sender="c1@example.org").customer
    assert customer is not None

    tables = tables_of(replies.organisation, customer)

    (told,) = tables["replies"]
    assert told["whole"].startswith("From c1.\n\n--")
    assert [row["name"] for row in tables["attachments"]] == ["proof.pdf"]


def test_replies_are_erased_and_a_file_goes_with_the_last_who_sent_it(
    replies: Cast, django_capture_on_commit_callbacks: object
) -> None:
    capture = django_capture_on_commit_callbacks
    file = Path(settings.DATA) / Attachment.objects.of(replies.organisation)[0].file
    assert [one.count for one in privacy.holdings(replies.organisation, "C1")] == [1]

    with capture(execute=True):  # type: ignore[operator]
        privacy.erase(replies.organisation, "C1", part="replies")
    assert file.is_file()
    assert Reply.objects.of(replies.organisation).count() == 2
    with capture(execute=True):  # type: ignore[operator]
        privacy.erase(replies.organisation, "C2", part="replies", year=2026)
        assert privacy.expire(replies.organisation, NOW + timedelta(days=1)) == 2
    assert not file.exists()
    assert not Reply.objects.of(replies.organisation).exists()
