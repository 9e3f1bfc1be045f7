"""A mailbox on a real IMAP server is read once, wherever reading was broken off."""

import contextlib
import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from cast import Cast
from mails import mail
from tenor.platform.core.errors import Forbidden, Invalid
from tenor.platform.replies import actions, mailbox, queries
from tenor.platform.replies.models import Mailbox, Reply


@dataclass(frozen=True)
class Server:
    """An IMAP server on this machine, and a folder of its own for the test."""

    port: int
    folder: str = "INBOX"

    def line(self) -> imaplib.IMAP4:
        line = imaplib.IMAP4("127.0.0.1", self.port, timeout=60)
        line.login("ann", "secret")
        return line

    def put(self, *mails: bytes) -> None:
        line = self.line()
        for raw in mails:
            assert line.append(self.folder, "", "", raw)[0] == "OK"
        line.logout()


@pytest.fixture(scope="module")
def running() -> Iterator[int]:
    """Start the server once for this file."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-c", "from pymap.main import main; main()", "--host", "127.0.0.1",
         "--port", str(port), "--no-service", "managesieve", "--no-service", "admin", "dict",
         "--demo-user", "ann", "--demo-password", "secret"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _try in range(6000):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert server.poll() is None, "the mail server ended"
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=60)


@pytest.fixture
def server(running: int, cast: Cast, settings: Any, request: Any) -> Server:
    """The server, with an empty folder that the organisation reads its replies from."""
    settings.WEBHOOKS_TO_PRIVATE = True
    found = Server(running, f"box-{abs(hash(request.node.name))}")
    line = found.line()
    line.create(found.folder)
    line.logout()
    actions.set_mailbox(
        cast.actor("administrator"), host="127.0.0.1", port=running, user="ann",
        password="secret", security="none", folder=found.folder,
    )  # fmt: skip
    return found


def numbered(first: int, last: int) -> list[bytes]:
    return [mail(f"Reply {n}", number=f"<{n}@x>") for n in range(first, last + 1)]


def texts(cast: Cast) -> list[str]:
    return sorted(Reply.objects.of(cast.organisation).values_list("text", flat=True))


def test_what_is_new_is_taken_in_and_nothing_twice(cast: Cast, server: Server) -> None:
    server.put(*numbered(1, 3))

    assert mailbox.poll(cast.organisation) == 3
    assert mailbox.poll(cast.organisation) == 0
    server.put(*numbered(4, 4))
    assert mailbox.poll(cast.organisation) == 1

    assert texts(cast) == ["Reply 1", "Reply 2", "Reply 3", "Reply 4"]
    assert mailbox.poll(cast.other) == 0


def test_reading_leaves_no_mark_in_the_mailbox(cast: Cast, server: Server) -> None:
    server.put(*numbered(1, 1))
    mailbox.poll(cast.organisation)

    line = server.line()
    line.select(server.folder)
    assert line.search(None, "UNSEEN")[1] == [b"1"]
    line.logout()


def test_a_worker_that_dies_in_between_reads_again_and_doubles_nothing(
    cast: Cast, server: Server
) -> None:
    server.put(*numbered(1, 4))
    mailbox.poll(cast.organisation)
    # It died after the third was taken in, and before that was written down.
    box = Mailbox.objects.of(cast.organisation).get()
    Mailbox.objects.of(cast.organisation).update(last_number=box.last_number - 2)
    Reply.objects.of(cast.organisation).filter(text="Reply 4").delete()

    assert mailbox.poll(cast.organisation) == 2

    assert texts(cast) == ["Reply 1", "Reply 2", "Reply 3", "Reply 4"]


def test_numbers_that_were_given_anew_double_nothing(cast: Cast, server: Server) -> None:
    server.put(*numbered(1, 2))
    mailbox.poll(cast.organisation)
    Mailbox.objects.of(cast.organisation).update(validity=1, last_number=900)

    assert mailbox.poll(cast.organisation) == 2
    assert texts(cast) == ["Reply 1", "Reply 2"]


def test_an_e_mail_that_is_none_holds_up_nothing(cast: Cast, server: Server) -> None:
    server.put(b"\xff\xfe\x00 no mail at all", b"\r\n", *numbered(1, 1))

    assert mailbox.poll(cast.organisation) == 3

    assert "Reply 1" in texts(cast)


def test_what_is_wrong_with_a_mailbox_is_said_and_tried_again(cast: Cast, server: Server) -> None:
    server.put(*numbered(1, 1))
    set_up: Callable[..., Any] = actions.set_mailbox
    given = {"host": "127.0.0.1", "port": server.port, "user": "ann", "security": "none",
             "folder": server.folder}  # fmt: skip
    set_up(cast.actor("administrator"), **given, password="wrong")
    assert mailbox.poll(cast.organisation) == 0
    read = queries.mailbox_of(cast.organisation)
    assert read is not None
    assert "error" in read.error
    assert "wrong" not in read.error

    set_up(cast.actor("administrator"), **given, password="secret")

    assert mailbox.poll(cast.organisation) == 1
    read = queries.mailbox_of(cast.organisation)
    assert read is not None
    assert read.error == ""


def test_a_mailbox_inside_the_own_network_is_not_called(
    cast: Cast, server: Server, settings: Any
) -> None:
    settings.WEBHOOKS_TO_PRIVATE = False
    server.put(*numbered(1, 1))
    assert mailbox.poll(cast.organisation) == 0
    assert texts(cast) == []


def test_only_an_administrator_says_which_mailbox_is_read(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        actions.set_mailbox(cast.actor("manager"), host="imap.example", user="a", password="b")
    for wrong in ({"host": ""}, {"password": ""}, {"port": 0}, {"security": "half"}):
        given: dict[str, Any] = {"host": "imap.example", "user": "a", "password": "b", **wrong}
        with pytest.raises(Invalid):
            actions.set_mailbox(cast.actor("administrator"), **given)
    assert queries.mailbox_of(cast.organisation) is None
