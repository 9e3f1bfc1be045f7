"""A message in words, right before it goes out: as its reader will see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tenor.platform.core.models import Organisation
from tenor.platform.experiments.queries import texts_tried
from tenor.platform.outreach.asking import Standing
from tenor.platform.outreach.channels.contract import Channel, Charge, Parcel
from tenor.platform.outreach.models import Message
from tenor.platform.wording.composing import CannotSay, compose
from tenor.platform.wording.draft import Draft, Form, Kind
from tenor.platform.wording.facts import Fact, House
from tenor.platform.wording.html import html
from tenor.platform.wording.plain import plain

__all__ = ["CannotSay", "Said", "Voice"]

_USUAL_TONE = "neutral"


@dataclass(frozen=True)
class Said:
    """A message as it is handed over (`parcel`) and as its reader will see it (the rest).

    `charges` are what the channel expects it to cost; `notice` is which of the law's letters it is.
    """

    draft: Draft
    parcel: Parcel
    subject: str
    body: str
    html: str = ""
    charges: tuple[Charge, ...] = ()
    notice: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Voice:
    """Speaks for an organisation: what is the same for many messages is read once."""

    organisation: Organisation
    house: House = field(init=False)
    texts: dict[tuple[str, str], tuple[int, ...]] = field(init=False)

    def __post_init__(self) -> None:
        """Open the house."""
        self.house = House(self.organisation)
        self.texts = texts_tried(self.organisation)

    def said(
        self,
        message: Message,
        left: Standing,
        *,
        at: datetime,
        channel: Channel,
        reached: bool = False,
        extra: Mapping[str, Fact] | None = None,
    ) -> Said:
        """Return a message in words, about what is owed at `at`; raises `CannotSay`.

        `reached` says whether the customer heard from us before, `extra` what the books do not
        say of what it is about.
        """
        draft = compose(
            self.organisation, message.customer, left.invoices, kind=Kind(message.kind),
            tone=message.tone or _USUAL_TONE, channel=message.channel, at=at,
            own_words=left.own_words, contact_key=message.key, extra=extra, reached=reached,
            house=self.house, tried=self._tried(message),
        )  # fmt: skip
        parcel = self._parcel(message, left, draft)
        seen = channel.rendered(self.organisation, parcel)
        return Said(
            draft, parcel, seen.subject, seen.body, seen.html, seen.charges, _notice_of(draft)
        )

    def _tried(self, message: Message) -> tuple[int, ...]:
        """Return the texts of the arm that the customer is in, where an experiment tries texts."""
        if not self.texts or message.decision is None:
            return ()
        return self.texts.get((message.decision.experiment, message.decision.arm), ())

    def _parcel(self, message: Message, left: Standing, draft: Draft) -> Parcel:
        is_page = draft.form is Form.LONG and message.channel == "email"
        return Parcel(
            key=f"{self.organisation.slug}.{message.key}",
            to=left.address,
            subject=draft.subject,
            body=plain(draft),
            html=html(draft) if is_page else "",
            sender_name=" ".join(self.organisation.name.split()),
            language=draft.language,
            reply_to=self.house.preferences.reply_email,
            stop=draft.links.stop,
            draft=draft,
            country=message.customer.country,
        )


def _notice_of(draft: Draft) -> dict[str, Any]:
    if draft.kind is not Kind.NOTICE:
        return {}
    return {
        "letter": draft.letter,
        "contains": sorted(str(content) for content in draft.contains),
        "costs": None if draft.fee is None else f"{draft.fee:f}",
    }
