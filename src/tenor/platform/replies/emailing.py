"""What e-mail providers tell, read by anymail's knowledge of each and put into our words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from anymail.signals import EventType, RejectReason
from anymail.webhooks.brevo import BrevoInboundWebhookView, BrevoTrackingWebhookView
from anymail.webhooks.mailgun import MailgunInboundWebhookView, MailgunTrackingWebhookView
from anymail.webhooks.mailjet import MailjetInboundWebhookView, MailjetTrackingWebhookView
from anymail.webhooks.postmark import PostmarkInboundWebhookView, PostmarkTrackingWebhookView
from anymail.webhooks.resend import ResendInboundWebhookView, ResendTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridInboundWebhookView, SendGridTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostInboundWebhookView, SparkPostTrackingWebhookView

from tenor.platform.replies.mime import Incoming, read
from tenor.platform.replies.news import Became, News

# The name under which the channel hands our key to a provider.
KEY = "tenor_key"


@dataclass(frozen=True)
class Mailer:
    """How a provider's calls are read; `given`: what the readers want of the account."""

    tracking: Any
    inbound: Any
    given: Mapping[str, str] = field(default_factory=dict)


MAILERS: Mapping[str, Mailer] = {
    "postmark": Mailer(PostmarkTrackingWebhookView, PostmarkInboundWebhookView),
    "mailgun": Mailer(
        MailgunTrackingWebhookView, MailgunInboundWebhookView, {"webhook_signing_key": "api_key"}
    ),
    "sendgrid": Mailer(SendGridTrackingWebhookView, SendGridInboundWebhookView),
    "brevo": Mailer(BrevoTrackingWebhookView, BrevoInboundWebhookView),
    "mailjet": Mailer(MailjetTrackingWebhookView, MailjetInboundWebhookView),
    "resend": Mailer(ResendTrackingWebhookView, ResendInboundWebhookView, {"api_key": "api_key"}),
    "sparkpost": Mailer(SparkPostTrackingWebhookView, SparkPostInboundWebhookView),
}
_BECAME = {
    EventType.DELIVERED: Became.DELIVERED,
    EventType.BOUNCED: Became.BOUNCED,
    EventType.DEFERRED: Became.DEFERRED,
    EventType.FAILED: Became.REJECTED,
    EventType.OPENED: Became.OPENED,
    EventType.CLICKED: Became.CLICKED,
    EventType.COMPLAINED: Became.COMPLAINED,
    EventType.UNSUBSCRIBED: Became.OPTED_OUT,
    EventType.SUBSCRIBED: Became.OPTED_IN,
}
# Why a provider would not carry a message at all, where that says something of the address.
_REJECTED = {
    RejectReason.INVALID: Became.BOUNCED,
    RejectReason.BOUNCED: Became.BOUNCED,
    RejectReason.SPAM: Became.COMPLAINED,
    RejectReason.UNSUBSCRIBED: Became.OPTED_OUT,
}
# Their own words for a message that came back although the address may be good.
_SOFT = ("softbounce", "soft_bounce", "soft", "blocked", "transient", "temporary")


def tracking_of(provider: str, event: Any) -> Iterator[News]:
    """Yield what an event says of a message of ours; nothing where it says nothing."""
    became = _BECAME.get(event.event_type)
    if event.event_type == EventType.REJECTED:
        became = _REJECTED.get(event.reject_reason, Became.REJECTED)
    if became is Became.BOUNCED and _is_soft(event.esp_event):
        became = Became.DEFERRED
    if became is None:
        return
    because = " ".join(str(event.mta_response or event.description or "").split())
    metadata = event.metadata or {}
    yield News(
        became=became,
        provider=provider,
        numbers=(str(event.message_id),) if event.message_id else (),
        contact_key=str(metadata.get(KEY) or ""),
        recipient=(event.recipient or "").lower()[:320],
        key=str(event.event_id or "")[:100],
        at=event.timestamp,
        because=because[:200],
    )


def inbound_of(provider: str, event: Any) -> Incoming:
    """Return what somebody wrote to an address that the provider receives for."""
    return read(event.message, provider=provider)


def _is_soft(told: Any) -> bool:
    """Say whether the provider calls it a bounce that may pass."""
    if not hasattr(told, "get"):
        return False
    data = told.get("event-data") or told.get("data") or told
    bounce = data.get("bounce") if isinstance(data, dict) else None
    names = [told.get(n) for n in ("Type", "event", "type")]
    names += [bounce.get("type")] if isinstance(bounce, dict) else []
    if told.get("hard_bounce") is False:
        return True
    return any(str(name).lower().replace(" ", "") in _SOFT for name in names if name)
