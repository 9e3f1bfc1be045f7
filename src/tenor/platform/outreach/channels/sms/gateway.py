"""What a text message provider is to us: one request, and how its answer is read."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tenor.platform.outreach.channels.provider import Account, Provider
from tenor.platform.outreach.channels.sms.numbers import Number


@dataclass(frozen=True)
class Text:
    """A text message as it goes out. `report_to` is where to tell what became of it."""

    key: str
    to: Number
    sender: str
    body: str
    alphabet: str
    report_to: str = ""


@dataclass(frozen=True)
class Request:
    """A POST to a provider: its path, and either a form or JSON."""

    path: str
    form: Mapping[str, str] | None = None
    json: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    auth: tuple[str, str] | None = None


@dataclass(frozen=True)
class Taken:
    """What a provider said when it took a text: its number of it, and in how many parts."""

    reference: str
    segments: int = 0


@dataclass(frozen=True)
class Refusal:
    """What a provider said when it did not: the meaning in HTTP's terms, and about whom it is."""

    status: int
    about_reader: bool = False


@dataclass(frozen=True)
class Gateway:
    """A provider: where it is, what it is asked, and how its answers are read.

    `read` returns nothing where a yes does not say what was taken, and a refusal where it says no
    after all.
    """

    provider: Provider
    api: str
    request: Callable[[Account, Text], Request]
    read: Callable[[Any], Taken | Refusal | None]
    refusal: Callable[[int, Any], Refusal]


def short_key(key: str, most: int) -> str:
    """Return a key that a provider carries along: our own, or its digest where that is too long."""
    return key if len(key) <= most else hashlib.sha256(key.encode()).hexdigest()[:most]
