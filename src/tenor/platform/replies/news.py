"""News of a message, as every provider's words are read: what became of it, once it had left."""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Became(StrEnum):
    """What became of a message."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"  # the address is no good
    DEFERRED = "deferred"  # it did not arrive this time; the address may be good
    REJECTED = "rejected"  # the provider would not carry it
    OPENED = "opened"
    CLICKED = "clicked"
    COMPLAINED = "complained"
    OPTED_OUT = "opted_out"
    OPTED_IN = "opted_in"


@dataclass(frozen=True)
class News:
    """One piece of news.

    `key` is the provider's number of it, where it has one; `numbers` are numbers of the message (a
    Message-ID, the provider's own), `contact_key` ours, where the provider hands it back.
    """

    became: Became
    provider: str
    numbers: tuple[str, ...] = ()
    contact_key: str = ""
    recipient: str = ""
    key: str = ""
    at: datetime | None = None
    because: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the news as it is kept while it waits."""
        return asdict(self) | {"at": self.at.isoformat() if self.at else None}


def news_from(kept: dict[str, Any]) -> News:
    """Return news that was kept while it waited."""
    at = datetime.fromisoformat(kept["at"]) if kept["at"] else None
    values = kept | {"became": Became(kept["became"]), "numbers": tuple(kept["numbers"]), "at": at}
    return News(**values)
