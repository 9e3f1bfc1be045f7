"""Hand something to an address outside: only to public ones, without following anybody's hint."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import httpx
from django.utils.translation import gettext as _

from tenor.platform.core.errors import Invalid

# A system that takes longer than this to say "received" does its work before it answers.
PATIENCE_SECONDS = 10.0
# Networks that lead to private addresses by another name: NAT64, 6to4 and Teredo.
_TUNNELS = tuple(ipaddress.IPv6Network(name) for name in ("64:ff9b::/32", "2002::/16", "2001::/32"))
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Unreachable(OSError):
    """The address leads nowhere, or to where we do not send."""


@dataclass(frozen=True)
class Answer:
    """What the other side said: its status, and why it does not count where it does not."""

    status: int | None
    problem: str = ""

    @property
    def taken(self) -> bool:
        """Say whether the other side took it."""
        return not self.problem


def check_url(url: str, *, private: bool) -> str:
    """Return `url` where something may be posted to it; refuse it otherwise."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Invalid(_("This is no web address."), field="url") from None
    allowed = ("https", "http") if private else ("https",)
    if parts.scheme not in allowed or not host or port == 0 or not url.isascii():
        raise Invalid(_("Give an address that begins with https://."), field="url")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Invalid(_("Give an address without a name, password or #."), field="url")
    if any(character.isspace() or not character.isprintable() for character in url):
        raise Invalid(_("This is no web address."), field="url")
    if not private:
        _refuse_private_name(host)
    return url


def check_place(host: str, port: int, *, private: bool) -> None:
    """Refuse to call `host` where its name leads to an address that may not be called."""
    found = _addresses(host, port)
    if not private and not all(map(_is_public, found)):
        raise Unreachable("its name leads to a private address")


def post(url: str, body: bytes, headers: dict[str, str], *, private: bool) -> Answer:
    """Post `body` once; a redirect is not followed and does not count as taken."""
    try:
        place, host = _place(url, private=private)
        with (
            httpx.Client(timeout=PATIENCE_SECONDS, follow_redirects=False, trust_env=False) as web,
            # The address that was checked is the one that is called: a name can change its mind.
            web.stream(
                "POST",
                place,
                content=body,
                headers={**headers, "Host": host},
                extensions={"sni_hostname": urlsplit(url).hostname},
            ) as answer,
        ):
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Answer(None, f"{type(error).__name__}: {error}"[:200])
    return Answer(status, "" if 200 <= status < 300 else f"HTTP {status}")


def _place(url: str, *, private: bool) -> tuple[str, str]:
    """Return `url` with its host as a number that may be called, and the host as it was named."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = _addresses(parts.hostname, port)
    if not private and not all(map(_is_public, addresses)):
        raise Unreachable("its name leads to a private address")
    number = f"[{addresses[0]}]" if addresses[0].version == 6 else str(addresses[0])
    return urlunsplit(parts._replace(netloc=f"{number}:{port}")), parts.netloc


def _addresses(host: str | None, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("its name is not known") from None
    return [ipaddress.ip_address(str(place[4][0]).split("%")[0]) for place in found]


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return _is_public(address.ipv4_mapped)
        if any(address in network for network in _TUNNELS):
            return False
    return address.is_global and not address.is_multicast


def _refuse_private_name(host: str) -> None:
    """Refuse what is private by its name already; what the name leads to is asked at each call."""
    try:
        public = _is_public(ipaddress.ip_address(host))
    except ValueError:
        inside = (".localhost", ".local", ".internal")
        public = "." in host and not host.endswith(inside)
    if not public:
        raise Invalid(_("Give an address outside this network."), field="url")
