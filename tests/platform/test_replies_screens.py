"""The screens of what comes back: read, said whose, done; files are handed out, never opened."""

import pytest
from django.test import Client

import make
from cast import Cast
from mails import mail
from tenor.platform.ledger.models import Consent
from tenor.platform.outreach.models import ChannelAccount
from tenor.platform.replies import actions
from tenor.platform.replies.mime import parsed, read
from tenor.platform.replies.models import Attachment, Reply

HOME = "/o/delta/replies/"


@pytest.fixture
def replies(cast: Cast) -> dict[str, Reply]:
    """A reply with a file of a customer, one that two may have written, and an absence."""
    make.customer(cast, "C1", name="Ann de Wit")
    for key in ("C2", "C3"):
        make.customer(cast, key, email="both@example.org")
    pdf = (("proof.pdf", "application/pdf", b"%PDF-1.7 <script>"),)
    mails = {
        "known": mail("Can I pay <b>later</b>?", sender="c1@example.org", files=pdf),
        "unknown": mail("Paid.", sender="both@example.org", number="<m2@x>"),
        "absent": mail("Away", number="<m3@x>", auto_submitted="auto-replied"),
    }
    return {
        name: actions.take_in(cast.organisation, read(parsed(raw), provider="imap"))
        for name, raw in mails.items()
    }


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def test_the_inbox_shows_what_waits_and_what_is_nobodys(
    manager: Client, replies: dict[str, Reply]
) -> None:
    shown = page(manager, HOME)
    assert "Ann de Wit" in shown
    assert "both@example.org" in shown
    assert "Away" not in shown
    assert "Ann de Wit" not in page(manager, HOME + "?only=unmatched")
    assert "Away" in page(manager, HOME + "?only=automatic")
    assert "reply of which nobody knows whose it is" in page(manager, "/o/delta/today/")


def test_a_reply_is_shown_as_words_and_dealt_with(
    manager: Client, replies: dict[str, Reply]
) -> None:
    here = f"{HOME}{replies['known'].pk}/"
    shown = page(manager, here)
    assert "Can I pay &lt;b&gt;later&lt;/b&gt;?" in shown
    assert "mailto:c1@example.org?subject=Re%3A%20Your%20invoice" in shown
    assert "Open the reply" in page(manager, "/o/delta/customers/C1/")

    manager.post(here + "handle/", {"note": "Until Friday."})

    row = Reply.across.get(pk=replies["known"].pk)
    assert (row.state, row.handled_by, row.holds) == ("handled", "Credit_Manager", [])
    manager.post(here + "reopen/")
    row.refresh_from_db()
    assert row.state == "new"


def test_a_person_says_whose_a_reply_is(manager: Client, replies: dict[str, Reply]) -> None:
    here = f"{HOME}{replies['unknown'].pk}/"
    shown = page(manager, here)
    assert "Customer C2" in shown
    assert "Customer C3" in shown
    wrong = manager.post(here + "assign/", {"customer": "C99"}, follow=True).content.decode()
    assert "There is no customer C99." in wrong

    manager.post(here + "assign/", {"customer": "C3"})

    row = Reply.across.get(pk=replies["unknown"].pk)
    assert (row.customer.key, row.matched_by) == ("C3", "person")


def test_a_file_is_handed_out_as_bytes_to_keep(
    manager: Client, stranger: Client, replies: dict[str, Reply]
) -> None:
    number = Attachment.across.get().pk

    answer = manager.get(f"{HOME}files/{number}/")

    assert b"".join(answer.streaming_content) == b"%PDF-1.7 <script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="proof.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert stranger.get(f"{HOME}files/{number}/").status_code == 404
    assert stranger.get(f"/o/omega/replies/files/{number}/").status_code == 404


def test_a_person_switches_what_a_customer_allows(manager: Client, cast: Cast) -> None:
    make.customer(cast, "C/1")
    shown = page(manager, "/o/delta/customers/C/1/")
    assert "What they allow" in shown

    manager.post("/o/delta/case/C/1/consent/", {"channel": "sms", "granted": "no"})

    row = Consent.objects.of(cast.organisation).get()
    assert (row.channel, row.granted, row.source) == ("sms", False, "workbench")
    assert "told to somebody here" in page(manager, "/o/delta/customers/C/1/")
    manager.post("/o/delta/case/C/1/consent/", {"channel": "fax", "granted": "no"})
    assert Consent.objects.of(cast.organisation).count() == 1


def test_an_administrator_names_the_mailbox_and_nobody_sees_its_password(
    cast: Cast, client: Client
) -> None:
    client.force_login(cast.administrator.user)
    given = {"host": "imap.example.org", "user": "billing", "password": "very-secret",
             "security": "tls", "port": "", "folder": "INBOX"}  # fmt: skip
    assert client.post(HOME + "mailbox/", given | {"password": ""}).status_code == 422

    assert client.post(HOME + "mailbox/", given).status_code == 302

    shown = page(client, HOME + "mailbox/")
    assert "imap.example.org" in shown
    assert "very-secret" not in shown
    row = ChannelAccount.objects.of(cast.organisation).get()
    assert "very-secret" not in row.secrets + str(row.settings)
    client.post(HOME + "mailbox/stop/")
    assert not ChannelAccount.objects.of(cast.organisation).filter(is_active=True).exists()
