"""A small OpenID Connect provider on this machine: it signs in whoever it is told to."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "tenor", "a secret between two"


@dataclass
class Provider:
    """Where it listens, whom it signs in next, and what it was asked."""

    address: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    nonce: str = ""
    asked: list[str] = field(default_factory=list)
    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )

    def settings(self) -> dict[str, Any]:
        """Return how an installation that uses this provider is set up."""
        app = {
            "provider_id": "oidc", "name": "Delta's provider", "client_id": CLIENT,
            "secret": SECRET, "settings": {"server_url": self.address},
        }  # fmt: skip
        return {"openid_connect": {"APPS": [app]}}


@contextmanager
def provider() -> Iterator[Provider]:
    """Run the provider for a while."""
    here = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(here))
    here.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()


def _handler(here: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            here.asked.append(parts.path)
            if parts.path == "/authorize":
                return self._send_back({k: v[0] for k, v in parse_qs(parts.query).items()})
            answers = {
                "/.well-known/openid-configuration": _description(here),
                "/jwks": {"keys": [_public(here)]},
                "/userinfo": here.person,
            }
            return self._answer(answers.get(parts.path))

        def do_POST(self) -> None:
            here.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            given = {k: v[0] for k, v in parse_qs(body).items()}
            known = given.get("client_secret") == SECRET or "Authorization" in self.headers
            fits = known and given.get("code") == "once" and self.path == "/token"
            self._answer(_tokens(here) if fits else None)

        def _send_back(self, asked: dict[str, str]) -> None:
            here.nonce = asked.get("nonce", "")
            assert asked["client_id"] == CLIENT
            query = urlencode({"code": "once", "state": asked["state"]})
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{query}")
            self.end_headers()

        def _answer(self, content: Any) -> None:
            text = json.dumps(content).encode()
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *args: Any) -> None:
            """Keep the tests' output quiet."""

    return Handler


def _description(here: Provider) -> dict[str, Any]:
    return {
        "issuer": here.address,
        "authorization_endpoint": f"{here.address}/authorize",
        "token_endpoint": f"{here.address}/token",
        "userinfo_endpoint": f"{here.address}/userinfo",
        "jwks_uri": f"{here.address}/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }


def _public(here: Provider) -> dict[str, Any]:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(here.key.public_key()))
    return {**public, "kid": "one", "use": "sig", "alg": "RS256"}


def _tokens(here: Provider) -> dict[str, Any]:
    now = int(time.time())
    content = {"iss": here.address, "aud": CLIENT, "iat": now, "exp": now + 300, **here.person}
    if here.nonce:
        content["nonce"] = here.nonce
    token = jwt.encode(content, here.key, algorithm="RS256", headers={"kid": "one"})
    return {"access_token": "one", "token_type": "Bearer", "expires_in": 300, "id_token": token}
