"""A real SMTP server receives each message once, whoever is killed; its answers are understood."""

import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.db import connection

import make
import plans
from cast import NOW, Cast, make_cast
from tenor.platform.decisions.gate import open_gate
from tenor.platform.decisions.models import Decision, Task
from tenor.platform.ledger.models import ContactPoint
from tenor.platform.outreach import outcomes
from tenor.platform.outreach.actions import Sent, send_due
from tenor.platform.outreach.channels.contract import NotSent, Receipt
from tenor.platform.outreach.models import Cost, Message

LATER = NOW + timedelta(hours=2)
SENDER = Path(__file__).parents[1] / "sender.py"


class Mailbox:
    """What arrived, by Message-ID; answers as it is told to."""

    def __init__(self) -> None:
        """Accept everything, until told otherwise."""
        self.arrived: Counter[str] = Counter()
        self.answer_to_recipient = self.answer_to_data = "250 OK"
        self.lock, self.port = threading.Lock(), 0

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Take a recipient, or not."""
        if self.answer_to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer_to_recipient

    async def handle_DATA(  # noqa: N802
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        """Keep which message this was."""
        lines = envelope.content.decode("utf-8", "replace").splitlines()
        number = next(line for line in lines if line.lower().startswith("message-id:"))
        with self.lock:
            self.arrived[number.partition("<")[2].partition("@")[0].partition(".")[2]] += 1
        if self.answer_to_data == "break":
            server.transport.abort()
        return self.answer_to_data


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server on a free port of this machine."""
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


@pytest.fixture
def smtp(mailbox: Mailbox, settings: Any) -> Mailbox:
    """The server, with this process writing to it."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
    settings.EMAIL_TIMEOUT = 5
    return mailbox


def lay_out(cast: Cast, count: int) -> None:
    """Approve an e-mail to each of so many customers."""
    plans.rules(cast)
    plans.settle(cast, automatic=["all"])
    run = plans.run(cast)
    for number in range(count):
        make.invoice(cast, f"F{number}", customer=f"C{number}")
        plans.decision(run, f"C{number}", invoice_keys=[f"F{number}"])
    open_gate(run)


def test_the_server_receives_what_is_sent(cast: Cast, smtp: Mailbox) -> None:
    lay_out(cast, 3)
    assert send_due(cast.organisation, LATER).sent == 3
    assert smtp.arrived == {"0310-C0": 1, "0310-C1": 1, "0310-C2": 1}


def test_an_address_that_the_server_refuses_for_good_is_marked(cast: Cast, smtp: Mailbox) -> None:
    lay_out(cast, 1)
    smtp.answer_to_recipient = "550 no such person"
    done = send_due(cast.organisation, LATER)
    assert (done.sent, done.failed) == (0, 1)
    assert ContactPoint.objects.of(cast.organisation).get().bounced_because.startswith("550")
    assert Task.objects.of(cast.organisation).get().kind == "no_address"
    assert Message.objects.of(cast.organisation).get().state == "failed"
    smtp.answer_to_recipient = "250 OK"
    assert send_due(cast.organisation, LATER).sent == 0


def test_a_server_that_refuses_us_says_nothing_about_an_address(cast: Cast, smtp: Mailbox) -> None:
    lay_out(cast, 1)
    smtp.answer_to_recipient = "554 5.7.1 Relay access denied"
    done = send_due(cast.organisation, LATER)
    assert (done.retried, done.failed) == (1, 0)
    assert ContactPoint.objects.of(cast.organisation).get().bounced_at is None


def test_a_server_that_says_later_is_tried_again_with_patience(cast: Cast, smtp: Mailbox) -> None:
    lay_out(cast, 1)
    smtp.answer_to_data = "451 try again later"
    for tries, wait in enumerate((5, 30, 120), start=1):
        make.at(cast, LATER)
        done = send_due(cast.organisation)
        assert (done.sent, done.retried) == (0, 1)
        row = Message.objects.of(cast.organisation).get()
        assert (row.state, row.attempts) == ("planned", tries)
        assert row.send_at == LATER + timedelta(minutes=wait)
        Message.objects.of(cast.organisation).update(send_at=LATER)
    assert Decision.objects.of(cast.organisation).get().state == "approved"
    assert send_due(cast.organisation).failed == 1
    assert Task.objects.of(cast.organisation).get().kind == "review"


def test_a_server_that_is_down_loses_nothing(cast: Cast, smtp: Mailbox, settings: Any) -> None:
    lay_out(cast, 2)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    assert send_due(cast.organisation, LATER).retried == 2
    settings.EMAIL_PORT = port
    assert send_due(cast.organisation, LATER + timedelta(minutes=10)).sent == 2
    assert set(smtp.arrived.values()) == {1}


def test_a_line_that_breaks_while_handing_over_is_unclear(cast: Cast, smtp: Mailbox) -> None:
    lay_out(cast, 1)
    smtp.answer_to_data = "break"
    done = send_due(cast.organisation, LATER)
    assert (done.sent, done.unclear) == (0, 1)
    smtp.answer_to_data = "250 OK"
    assert send_due(cast.organisation, LATER).sent == 0
    assert Task.objects.of(cast.organisation).get().kind == "unclear"
    assert sum(smtp.arrived.values()) == 1


@pytest.mark.django_db(transaction=True)
def test_workers_that_are_killed_send_nothing_twice_lose_nothing_and_remind_nobody_who_paid(
    mailbox: Mailbox,
) -> None:
    cast, count = make_cast(), 50
    lay_out(cast, count)
    workers = [begun(mailbox, "send", "delta", LATER.isoformat(), "8", seed) for seed in "12"]
    payer = begun(mailbox, "pay", "delta", "10", "1", "3")
    killed = sum(int(worker.communicate(timeout=600)[0]) for worker in workers)
    untaken = {f"0310-{customer}" for customer in payer.communicate(timeout=600)[0].split()}
    assert killed > 0
    # Those that were claimed by the dead: their time runs out.
    rows = Message.objects.of(cast.organisation)
    left = rows.filter(state="sending").update(lease_until=datetime(2020, 1, 1, tzinfo=UTC))
    assert send_due(cast.organisation, LATER).unclear == left
    ended: dict[str, set[str]] = {"sent": set(), "unclear": set(), "cancelled": set()}
    for key, state in rows.values_list("key", "state"):
        ended[state].add(key)
    arrived = set(mailbox.arrived)
    assert max(mailbox.arrived.values()) == 1
    # Who paid before anybody took their message gets none; everybody else is accounted for.
    assert not untaken & arrived
    assert ended["cancelled"] <= untaken
    assert ended["sent"] | ended["unclear"] | untaken == {f"0310-C{n}" for n in range(count)}
    assert ended["sent"] <= arrived <= ended["sent"] | ended["unclear"]
    assert len(ended["unclear"]) <= killed
    unclear = Task.objects.of(cast.organisation).filter(kind="unclear")
    assert unclear.count() == len(ended["unclear"])
    # Each that went out, or may have, costs what it costs, once.
    charged = Cost.objects.of(cast.organisation).values_list("message__key", flat=True)
    assert sorted(charged) == sorted(ended["sent"] | ended["unclear"])


def begun(mailbox: Mailbox, *words: str) -> "subprocess.Popen[str]":
    """Start somebody who sends, or who pays, on this test's database."""
    command = [sys.executable, str(SENDER), *words]
    return subprocess.Popen(command, env=environment(mailbox), stdout=subprocess.PIPE, text=True)


def environment(mailbox: Mailbox) -> dict[str, str]:
    """Return what another process needs to work on this test's database and mail server."""
    known = connection.settings_dict
    if connection.vendor == "postgresql":
        url = f"postgres://{known['USER']}@/{known['NAME']}?host={known['HOST']}"
    else:
        url = f"sqlite:///{known['NAME']}"
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tenor.platform.config.settings",
        "TENOR_DATABASE_URL": url,
        "TENOR_EMAIL_URL": f"smtp://127.0.0.1:{mailbox.port}",
    }


def test_a_round_over_a_slow_server_leaves_the_rest_to_the_next_which_asks_anew(
    cast: Cast, smtp: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(cast, 3)
    monkeypatch.setattr("tenor.platform.outreach.sending.FRESH", timedelta(0))
    assert send_due(cast.organisation, LATER).sent == 0
    monkeypatch.setattr("tenor.platform.outreach.sending.FRESH", timedelta(minutes=1))
    assert send_due(cast.organisation, LATER).sent == 3
    assert set(smtp.arrived.values()) == {1}


def test_a_worker_that_was_taken_for_dead_changes_nothing_when_it_wakes(
    cast: Cast, smtp: Mailbox
) -> None:
    lay_out(cast, 1)
    smtp.answer_to_data = "break"
    send_due(cast.organisation, LATER)
    messages, done = Message.objects.of(cast.organisation), Sent()
    asleep = messages.select_related("customer", "decision").get()
    assert asleep.state == "unclear"
    outcomes.went_out(cast.system, asleep, Receipt("smtp"), LATER, done)
    outcomes.not_sent(cast.system, asleep, NotSent("later", again=True), done)
    assert (messages.get().state, done.sent, done.retried) == ("unclear", 0, 0)
