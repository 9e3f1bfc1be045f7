"""A program that calls the API: its key, what it sends, and what it gets."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client

from cast import Cast
from tenor.platform.core.actor import system
from tenor.platform.core.keys import make_key
from tenor.platform.core.models import Organisation
from tenor.platform.core.roles import scopes


@dataclass
class Caller:
    """A program with a key; every address is under /api/v1."""

    key: str
    client: Client = field(default_factory=Client)

    def get(self, path: str, status: int = 200, **asked: Any) -> Any:
        """Read, and expect this status."""
        return self.call("GET", path, status=status, asked=asked)

    def post(self, path: str, content: Any = None, status: int = 200, once: str = "") -> Any:
        """Send JSON, and expect this status; `once` is the idempotency key."""
        headers = {"Idempotency-Key": once} if once else {}
        return self.call("POST", path, content, status=status, headers=headers)

    def put(self, path: str, content: Any, status: int = 200) -> Any:
        """Send JSON, and expect this status."""
        return self.call("PUT", path, content, status=status)

    def delete(self, path: str, status: int = 204) -> Any:
        """Delete, and expect this status."""
        return self.call("DELETE", path, status=status)

    def call(
        self,
        method: str,
        path: str,
        content: Any = None,
        *,
        status: int,
        asked: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Call, and return what the answer says."""
        answer = self.answer(method, path, content, asked=asked, headers=headers)
        said = json.loads(answer.content) if answer.content else None
        assert answer.status_code == status, (answer.status_code, said)
        if status >= 400:
            assert answer["Content-Type"] == "application/problem+json"
            assert (said["status"], said["type"]) == (status, "about:blank")
        return said

    def answer(
        self,
        method: str,
        path: str,
        content: Any = None,
        *,
        asked: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> HttpResponse:
        """Call, and return the answer itself; bytes and texts are sent as they are."""
        body = content if isinstance(content, bytes | str) else json.dumps(content)
        whole = path if path.startswith("/") else f"/api/v1/{path}"
        sent = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        return self.client.generic(
            method,
            whole,
            "" if content is None else body,
            content_type="application/json" if content is not None else "",
            query_params=asked or None,
            headers={name: value for name, value in sent.items() if value},
        )


def caller(organisation: Organisation, *wanted: str) -> Caller:
    """Return a program with a key of these scopes; none named: of all."""
    _, key = make_key(system(organisation), name="ERP", wanted=list(wanted or scopes()))
    return Caller(key)


def callers(cast: Cast) -> tuple[Caller, Caller]:
    """Return a program of the first organisation, and one of the other."""
    return caller(cast.organisation), caller(cast.other)
