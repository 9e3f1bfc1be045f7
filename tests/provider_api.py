"""A provider's API on this machine: it keeps what it was asked, and answers as it is told to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

BREAK = "break"


@dataclass(frozen=True)
class Asked:
    """One request: its method and path, headers in small letters, and its body."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        """Return the body as a form."""
        found = parse_qs(self.body.decode(), keep_blank_values=True)
        return {name: values[0] for name, values in found.items()}


@dataclass
class Api:
    """What was asked so far, and what is answered: a status and a body, or `BREAK`."""

    asked: list[Asked] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    usual: Any = (200, {})
    address: str = ""

    def answer(self, request: Asked) -> Any:
        """Return what is answered to this request."""
        self.asked.append(request)
        return self.answers.pop(0) if self.answers else self.usual


@contextmanager
def running() -> Iterator[Api]:
    """Serve on a free port of this machine."""
    api = Api()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(length)
            told = api.answer(Asked(self.command, self.path, headers, body))
            if told == BREAK:
                self.close_connection = True
                return
            status, content = told
            text = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = _serve  # noqa: N815

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    api.address = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
