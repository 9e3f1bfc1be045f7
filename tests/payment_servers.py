"""Stand-ins for payment providers: they speak the providers' own language, over HTTP, on 127.0.0.1.

What they answer follows the providers' public documentation; no money moves. A test says what the
payer does (`pay`, `fail`, …) and posts the hook's message itself, as often and as late as it likes.
"""

import hashlib
import hmac
import itertools
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

PAID_AT = "2026-03-10T08:30:00+00:00"
PAID_SECONDS = 1_773_131_400


class Server:
    """A provider: its payments by number, and the numbers by idempotency key."""

    key: ClassVar[str]

    def __init__(self) -> None:
        """Know nothing yet, and answer."""
        self.payments: dict[str, dict[str, Any]] = {}
        self.by_key: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []
        self.broken = False
        self.address = ""
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def number(self, prefix: str) -> str:
        """Return a number that was not given yet."""
        return f"{prefix}{next(self._numbers):010d}"

    def answer(self, method: str, url: str, headers: Any, body: bytes) -> tuple[int, Any]:
        """Answer a request: the status, and what goes out as JSON."""
        with self._lock:
            self.asked.append((method, url))
            if self.broken:
                return 503, {
                    "status": 503, "title": "Unavailable", "detail": "Try again later",
                    "error": {"message": "Try again later", "type": "api_error"},
                }  # fmt: skip
            if headers.get("Authorization") != f"Bearer {self.key}":
                return 401, {"status": 401, "title": "Unauthorized", "detail": "Missing key",
                             "error": {"message": "Missing key"}}  # fmt: skip
            once = headers.get("Idempotency-Key", "")
            return self.serve(method, urlsplit(url).path, parse_qs(urlsplit(url).query), once, body)

    def serve(
        self, method: str, path: str, query: dict[str, list[str]], once: str, body: bytes
    ) -> tuple[int, Any]:
        """Answer a request that is allowed."""
        raise NotImplementedError


class Mollie(Server):
    """Mollie's payments, version 2 of its API."""

    key = "test_standin0123456789012345678901"

    def serve(
        self, method: str, path: str, query: dict[str, list[str]], once: str, body: bytes
    ) -> tuple[int, Any]:
        """Make a payment, or show one."""
        if method == "POST" and path == "/v2/payments":
            if once not in self.by_key:
                data, number = json.loads(body), self.number("tr_")
                self.by_key[once] = number
                self.payments[number] = {
                    "resource": "payment", "id": number, "mode": "test", "status": "open",
                    "amount": data["amount"], "description": data["description"],
                    "metadata": data["metadata"], "method": data.get("method"),
                    "redirectUrl": data["redirectUrl"], "webhookUrl": data.get("webhookUrl"),
                    "createdAt": PAID_AT, "locale": data.get("locale"),
                    "_links": {"checkout": {"href": f"https://pay.example/{number}",
                                            "type": "text/html"}},
                }  # fmt: skip
            return 201, self.payments[self.by_key[once]]
        if method == "GET" and path == "/v2/payments":
            return 200, {"count": 0, "_embedded": {"payments": []}, "_links": {}}
        found = self.payments.get(path.rpartition("/")[2])
        if method == "GET" and found is not None:
            return 200, found
        return 404, {"status": 404, "title": "Not Found", "detail": "No payment exists"}

    def pay(self, number: str, *, method: str = "ideal", value: str | None = None) -> None:
        """Let the payer pay (another amount than asked: `value`)."""
        row = self.payments[number]
        row |= {"status": "paid", "paidAt": PAID_AT, "method": method}
        if value is not None:
            row["amount"] = {**row["amount"], "value": value}

    def end(self, number: str, status: str, reason: str = "") -> None:
        """End it without a payment: failed, canceled, expired."""
        self.payments[number] |= {"status": status, "failedAt": PAID_AT}
        if reason:
            self.payments[number]["details"] = {"failureReason": reason}

    def take_back(self, number: str, value: str, *, charged_back: bool = False) -> None:
        """Refund or charge back so much in all."""
        name = "amountChargedBack" if charged_back else "amountRefunded"
        self.payments[number][name] = {"currency": "EUR", "value": value}


class Stripe(Server):
    """Stripe's checkout sessions."""

    key = "sk_test_standin"
    secret = "whsec_standin"

    def serve(
        self, method: str, path: str, query: dict[str, list[str]], once: str, body: bytes
    ) -> tuple[int, Any]:
        """Make a page to pay at, show one, or find those of a payment."""
        if method == "POST" and path == "/v1/checkout/sessions":
            if once not in self.by_key:
                self.by_key[once] = self._made(
                    {k: v[0] for k, v in parse_qs(body.decode()).items()}
                )
            return 200, self.payments[self.by_key[once]]
        if method == "GET" and path == "/v1/checkout/sessions":
            wanted = query.get("payment_intent", [""])[0]
            rows = [p for p in self.payments.values() if p["payment_intent"]["id"] == wanted]
            return 200, {"object": "list", "data": rows, "has_more": False, "url": path}
        found = self.payments.get(path.rpartition("/")[2])
        if method == "GET" and found is not None:
            return 200, found
        return 404, {"error": {"message": "No such checkout.session", "code": "resource_missing"}}

    def _made(self, data: dict[str, str]) -> str:
        number, intent = self.number("cs_test_"), self.number("pi_")
        price = "line_items[0][price_data]"
        self.payments[number] = {
            "id": number, "object": "checkout.session", "status": "open",
            "payment_status": "unpaid", "client_reference_id": data["client_reference_id"],
            "amount_total": int(data[f"{price}[unit_amount]"]),
            "currency": data[f"{price}[currency]"], "url": f"https://pay.example/{number}",
            "expires_at": PAID_SECONDS + 86_400, "metadata": {"key": data["metadata[key]"]},
            "payment_intent": {"id": intent, "object": "payment_intent",
                               "status": "requires_payment_method", "latest_charge": None,
                               "last_payment_error": None},
        }  # fmt: skip
        return number

    def pay(self, number: str, *, method: str = "ideal") -> None:
        """Let the payer pay."""
        row = self.payments[number]
        row |= {"status": "complete", "payment_status": "paid"}
        row["payment_intent"] |= {
            "status": "succeeded",
            "latest_charge": {
                "id": self.number("ch_"), "object": "charge", "created": PAID_SECONDS,
                "amount_refunded": 0, "disputed": False,
                "payment_method_details": {"type": method},
            },
        }  # fmt: skip

    def end(self, number: str, status: str, reason: str = "") -> None:
        """End it without a payment: expired, or refused for good."""
        row = self.payments[number]
        row["status"] = "expired" if status == "expired" else "complete"
        if reason:
            row["payment_intent"]["last_payment_error"] = {"code": "card_declined",
                                                           "decline_code": reason}  # fmt: skip

    def take_back(self, number: str, cents: int, *, charged_back: bool = False) -> None:
        """Refund so much in all, or charge all of it back."""
        charge = self.payments[number]["payment_intent"]["latest_charge"]
        charge |= {"disputed": True} if charged_back else {"amount_refunded": cents}

    def message(self, number: str, kind: str = "checkout.session.completed") -> bytes:
        """Return what the hook posts about a page."""
        about = {"id": number, "object": "checkout.session"}
        return json.dumps({"id": "evt_1", "object": "event", "type": kind,
                           "data": {"object": about}}).encode()  # fmt: skip

    def message_about_payment(self, number: str, kind: str = "charge.refunded") -> bytes:
        """Return what the hook posts about the payment of a page."""
        intent = self.payments[number]["payment_intent"]["id"]
        about = {"id": "ch_1", "object": "charge", "payment_intent": intent}
        return json.dumps({"id": "evt_2", "object": "event", "type": kind,
                           "data": {"object": about}}).encode()  # fmt: skip

    def signature(self, body: bytes, *, secret: str = secret, at: float | None = None) -> str:
        """Return the header that signs a message."""
        moment = int(time.time() if at is None else at)
        signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
        return f"t={moment},v1={signed.hexdigest()}"


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """Let a stand-in answer at `server.address` for as long as this lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve("GET")

        def do_POST(self) -> None:
            self._serve("POST")

        def _serve(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, content = server.answer(method, self.path, self.headers, body)
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.address = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
