"""What an answer from outside means for a message: it left, it did not, or nobody knows.

Only an answer that says no counts as no. A server that failed on its side, or a line that broke
after the request had left, may have taken the message: that is unclear, and never tried again.
"""

import ssl
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from tenor.platform.events.outside import Unreachable, check_place
from tenor.platform.outreach.channels.contract import NotSent, Refused, Unclear
from tenor.platform.outreach.channels.masking import masked

PATIENCE_SECONDS = 20.0
# Somebody can put these right (a key, an empty balance, too fast), so that trying again may help.
_MENDABLE = frozenset(
    {
        HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS,
    }
)  # fmt: skip
# The request had not left: no line could be made at all.
_BEFORE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


def answered(status: int, words: str, *, about_reader: bool = False) -> NotSent | Unclear:
    """Return what an answer other than yes means; `about_reader`: the address is what is wrong."""
    said = masked(f"HTTP {status}: {words}")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status < HTTPStatus.MULTIPLE_CHOICES:
        return Unclear(said)
    if about_reader:
        return Refused(said)
    return NotSent(said, again=status in _MENDABLE)


def broken(error: Exception, *, left: bool) -> NotSent | Unclear:
    """Return what a broken line means: `left` says whether the request may have gone out."""
    said = masked(f"{type(error).__name__}: {error}")
    return Unclear(said) if left else NotSent(said, again=True)


def has_left(error: httpx.HTTPError) -> bool:
    """Say whether the request may have gone out before the line broke."""
    return not isinstance(error, _BEFORE)


def check_address(url: str) -> None:
    """Refuse to hand over where an address of an account leads into this network."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    check_host(parts.hostname or "", port)


def check_host(host: str, port: int) -> None:
    """Refuse to hand over where a host leads into this network."""
    try:
        check_place(host, port, private=settings.WEBHOOKS_TO_PRIVATE)
    except Unreachable as error:
        raise NotSent(f"{host}: {error}", again=True) from None


def client(address: str) -> httpx.Client:
    """Return a client for a provider's address; a redirect is an answer, not a way on."""
    base = address if address.endswith("/") else f"{address}/"
    return httpx.Client(base_url=base, timeout=PATIENCE_SECONDS, follow_redirects=False)


def tried(
    address: str, path: str, *, headers: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
) -> str:  # fmt: skip
    """Ask something harmless of a provider; return what is wrong, "" where it answers us."""
    try:
        check_address(address)
        with client(address) as web:
            answer = web.get(path, headers=dict(headers or {}), auth=auth)
    except (NotSent, httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
        return masked(f"{type(error).__name__}: {error}")
    if answer.is_success:
        return ""
    return masked(f"HTTP {answer.status_code}: {answer.text}")
