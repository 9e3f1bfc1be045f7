"""Webhooks: what happens is told once it is kept, signed, tried again, and given up in the end."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import transaction

from cast import NOW, Cast
from tenor.platform.core import jobs
from tenor.platform.core.clock import real_now
from tenor.platform.core.errors import Forbidden, Invalid, NotFound, Refused
from tenor.platform.core.models import AuditEntry, Job
from tenor.platform.events import actions, deliveries, webhooks
from tenor.platform.events.models import Delivery, Event, Webhook
from tenor.platform.events.outside import check_url, post


@dataclass
class Listener:
    """A system outside that is told: what it got, and with which status it answers."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def listener() -> Iterator[Listener]:
    heard = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.got.append((dict(self.headers), body))
            self.send_response(heard.answers.pop(0) if heard.answers else 204)
            self.send_header("Location", f"{heard.url}/elsewhere")
            self.end_headers()

        def log_message(self, *parts: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    heard.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield heard
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def inside(settings: object) -> None:
    """Let webhooks go to this machine, as an operator can."""
    settings.WEBHOOKS_TO_PRIVATE = True  # type: ignore[attr-defined]


def happen(cast: Cast, key: str, kind: str = "promised", **more: object) -> bool:
    return actions.record(
        cast.organisation, kind, key=key, at=NOW, customer_key="C1", detail={"é": 1}, **more
    )


def states(cast: Cast) -> list[tuple[str, str, int]]:
    found = Delivery.objects.of(cast.organisation).order_by("pk").select_related("event")
    return [(one.event.key, one.state, one.attempts) for one in found]


@pytest.mark.usefixtures("inside")
def test_what_happens_is_told_once_and_signed(cast: Cast, listener: Listener) -> None:
    admin = cast.actor("administrator")
    hook, secret = webhooks.register(admin, url=listener.url, kinds=["promised"])
    assert happen(cast, "before\n2", received_at=NOW + timedelta(hours=1))
    happen(cast, "before\n2")
    happen(cast, "e2", "opened")
    old = {"key": "e3", "kind": "promised", "at": NOW - timedelta(days=9), "customer_key": "C1"}
    new = [{**old, "key": f"n{n}", "at": NOW} for n in range(20)]
    assert actions.record_many(cast.organisation, [old, *new, *new]).accepted == 21
    assert jobs.work_one() is True
    assert sorted(states(cast)) == sorted(
        (key, "delivered", 1) for key in ("before\n2", *(f"n{n}" for n in range(20)))
    )
    assert len(listener.got) == 21
    headers, body = listener.got[0]
    assert json.loads(body) == {
        "organisation": "delta", "key": "before\n2", "kind": "promised",
        "at": "2026-03-10T08:00:00+00:00", "received_at": "2026-03-10T09:00:00+00:00",
        "customer_key": "C1", "invoice_key": "", "contact_key": "", "detail": {"é": 1},
        "source": "tenor",
    }  # fmt: skip
    stamp = int(headers["Tenor-Timestamp"])
    assert headers["Tenor-Signature"] == deliveries.signature(secret, stamp, body)
    assert headers["Idempotency-Key"] == "before%0A2"
    assert headers["Tenor-Webhook"] == str(hook.pk)
    while jobs.work_one():
        pass
    assert len(listener.got) == 21


@pytest.mark.usefixtures("inside")
def test_a_refused_delivery_is_tried_later_and_at_last_given_up(
    cast: Cast, listener: Listener
) -> None:
    webhooks.register(cast.actor("administrator"), url=listener.url, kinds=[])
    happen(cast, "e1")
    listener.answers = [500, 302, 404] + [503] * 20
    now = real_now()
    waits = []
    for _ in range(20):
        if deliveries.post_due(cast.organisation, now=now) == 0:
            break
        assert deliveries.post_due(cast.organisation, now=now) == 0
        delivery = Delivery.objects.of(cast.organisation).get()
        waits.append((delivery.next_at - now).total_seconds())
        now = delivery.next_at
    assert waits[:-1] == [10, 60, 300, 1800, 7200, 21600, 86400]
    assert states(cast) == [("e1", "given_up", 8)]
    # A redirect is no delivery, and is not followed.
    assert len(listener.got) == 8
    assert {headers["Host"] for headers, _ in listener.got} == {listener.url.split("/")[2]}
    assert Delivery.objects.of(cast.organisation).get().error == "HTTP 503"

    listener.answers = []
    hook = Webhook.objects.of(cast.organisation).get()
    webhooks.redeliver(cast.actor("administrator"), webhook_id=hook.pk, delivery_id=delivery.pk)
    while jobs.work_one():
        pass
    assert states(cast) == [("e1", "delivered", 1)]


@pytest.mark.usefixtures("inside")
def test_a_worker_that_died_between_post_and_note_leads_to_a_second_delivery(
    cast: Cast, listener: Listener
) -> None:
    webhooks.register(cast.actor("administrator"), url=listener.url, kinds=[])
    happen(cast, "e1")
    now = real_now()
    delivery = Delivery.objects.of(cast.organisation).get()
    assert deliveries._claimed(delivery, now) is True
    assert deliveries._claimed(Delivery.objects.of(cast.organisation).get(), now) is True
    stale = Delivery.objects.of(cast.organisation).get()
    stale.next_at -= timedelta(seconds=1)
    assert deliveries._claimed(stale, now) is False
    assert deliveries.post_due(cast.organisation, now=now) == 0
    assert deliveries.post_due(cast.organisation, now=now + timedelta(minutes=3)) == 1
    assert len(listener.got) == 1


@pytest.mark.usefixtures("inside")
def test_an_address_that_is_silent_does_not_keep_the_others_waiting(
    cast: Cast, listener: Listener
) -> None:
    admin = cast.actor("administrator")
    webhooks.register(admin, url="http://127.0.0.1:1/", kinds=[])
    webhooks.register(admin, url=listener.url, kinds=[])
    for n in range(3):
        happen(cast, f"e{n}")
    assert deliveries.post_due(cast.organisation) == 4
    assert sorted(states(cast)) == sorted(
        [(f"e{n}", "delivered", 1) for n in range(3)]
        + [("e0", "waiting", 1), ("e1", "waiting", 0), ("e2", "waiting", 0)]
    )


def test_no_delivery_without_its_event_and_no_event_without_its_delivery(cast: Cast) -> None:
    webhooks.register(cast.actor("administrator"), url="https://example.org/", kinds=[])
    with pytest.raises(RuntimeError), transaction.atomic():
        happen(cast, "e1")
        raise RuntimeError
    assert (Event.objects.of(cast.organisation).count(), states(cast)) == (0, [])
    assert Job.objects.count() == 0
    happen(cast, "e1")
    assert states(cast) == [("e1", "waiting", 0)]
    assert actions.record(cast.other, "promised", key="e1", at=NOW, customer_key="C1")
    assert Delivery.objects.of(cast.other).count() == 0


def test_a_removed_webhook_is_told_nothing_more(cast: Cast) -> None:
    admin = cast.actor("administrator")
    hook, _ = webhooks.register(admin, url="https://example.org/", kinds=[])
    happen(cast, "e1")
    webhooks.remove(admin, webhook_id=hook.pk)
    happen(cast, "e2")
    assert states(cast) == [("e1", "given_up", 0)]
    assert deliveries.post_due(cast.organisation) == 0
    assert list(webhooks.webhooks(admin)) == []
    done = AuditEntry.objects.of(cast.organisation).values_list("action", flat=True)
    assert [action for action in done if action.startswith("webhook.")] == [
        "webhook.register", "webhook.remove",
    ]  # fmt: skip


def test_only_an_administrator_of_the_organisation_registers_and_removes(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        webhooks.register(cast.actor("manager"), url="https://example.org/", kinds=[])
    hook, _ = webhooks.register(cast.actor("administrator"), url="https://example.org/", kinds=[])
    happen(cast, "e1")
    delivery = Delivery.objects.of(cast.organisation).get()
    with pytest.raises(Forbidden):
        webhooks.remove(cast.actor("stranger"), webhook_id=hook.pk)
    for number in (delivery.pk + 1, 2**70):
        with pytest.raises(NotFound):
            webhooks.redeliver(cast.actor("administrator"), webhook_id=hook.pk, delivery_id=number)
    assert list(webhooks.webhooks(cast.actor("administrator"))) == [hook]
    assert states(cast) == [("e1", "waiting", 0)]


def test_an_organisation_has_a_bounded_number_of_webhooks(cast: Cast) -> None:
    admin = cast.actor("administrator")
    for n in range(20):
        webhooks.register(admin, url=f"https://example.org/{n}", kinds=["opened", "opened"])
    with pytest.raises(Refused, match="20 webhooks"):
        webhooks.register(admin, url="https://example.org/", kinds=[])
    assert [hook.kinds for hook in webhooks.webhooks(admin)] == [["opened"]] * 20


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "https://",
        "ftp://example.org/",
        "https://user:word@example.org/",
        "https://example.org:99999/",
        "https://example.org/#part",
        "https://example.org/a b",
        "https://localhost/",
        "https://printer.local/",
        "https://intranet/",
        "https://10.0.0.7/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
        "https://[",
    ],
)
def test_addresses_that_are_private_or_no_addresses_are_refused(url: str) -> None:
    with pytest.raises(Invalid):
        check_url(url, private=False)


def test_a_name_that_leads_inside_is_not_called(listener: Listener) -> None:
    # 127.0.0.1 under a name: what counts is where it leads when it is called.
    inside = listener.url.replace("127.0.0.1", "localhost")
    answer = post(inside, b"{}", {}, private=False)
    assert (answer.taken, answer.status) == (False, None)
    assert "private address" in answer.problem
    assert listener.got == []
    assert post(inside, b"{}", {}, private=True).taken is True
    assert "not known" in post("https://no-such-name.invalid/", b"{}", {}, private=True).problem
