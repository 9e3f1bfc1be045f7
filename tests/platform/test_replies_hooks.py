"""Providers tell what became of messages at addresses that only they can use."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.test import Client

import make
from cast import NOW, Cast
from tenor.platform.core import sealed
from tenor.platform.core.tenancy import Owned
from tenor.platform.events.models import Event
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Consent, ContactPoint
from tenor.platform.outreach.channels.provider import (
    HOOK_USER,
    hook_address,
    hook_password,
    hook_with_password,
    opened_account,
)
from tenor.platform.outreach.models import ChannelAccount, Message
from tenor.platform.replies.models import Attachment, Reply


@dataclass
class Provider:
    """A provider that calls its address."""

    row: ChannelAccount
    client: Client

    @property
    def path(self) -> str:
        whole = hook_address(self.row)
        return "/" + whole.split("/", 3)[3].rpartition("@")[2]

    def call(self, content: Any, *, more: str = "", form: bool = False, **headers: str) -> int:
        """Call with the password of the address, unless other headers are given."""
        sent = headers or {"authorization": password(self.row)}
        told: dict[str, Any] = (
            {"data": content} if form
            else {"data": json.dumps(content), "content_type": "application/json"}
        )  # fmt: skip
        return self.client.post(self.path + more, headers=sent, **told).status_code


def password(row: ChannelAccount) -> str:
    said = f"{HOOK_USER}:{hook_password(opened_account(row))}"
    return "Basic " + base64.b64encode(said.encode()).decode()


def provider(cast: Cast, name: str, channel: str = "email", **secrets: str) -> Provider:
    cache.clear()
    row = ChannelAccount.objects.of(cast.organisation).create(
        channel=channel, provider=name, hook=f"{name}-{'h' * 40}", secrets=sealed.seal(secrets)
    )
    return Provider(row, Client(enforce_csrf_checks=True))


def message(cast: Cast, number: str, channel: str = "email") -> Message:
    customer = make.customer(cast, "C1")
    row: Message = Message.objects.of(cast.organisation).create(
        customer=customer, key="M1", channel=channel, state="sent", address="c1@example.org",
        provider_key=number, send_at=NOW, sent_at=NOW,
    )  # fmt: skip
    return row


def kinds(cast: Cast) -> list[str]:
    return sorted(Event.objects.of(cast.organisation).values_list("kind", flat=True))


def rows(cast: Cast) -> dict[str, list[Any]]:
    return {
        table.__name__: list(table.across.order_by("pk").values())
        for table in apps.get_models()
        if issubclass(table, Owned)
    }


POSTMARK = {"RecordType": "Delivery", "MessageID": "pm-1", "Recipient": "c1@example.org",
            "DeliveredAt": "2026-03-10T07:30:00Z", "Metadata": {"tenor_key": "M1"}}  # fmt: skip
BOUNCE = {"RecordType": "Bounce", "Type": "HardBounce", "MessageID": "pm-1", "ID": 42,
          "Email": "c1@example.org", "BouncedAt": "2026-03-10T07:40:00Z",
          "Details": "smtp;550 no such user"}  # fmt: skip


def test_a_delivery_is_told_and_told_again_it_counts_once(cast: Cast) -> None:
    postmark, row = provider(cast, "postmark"), message(cast, "pm-1")

    assert [postmark.call(POSTMARK) for _again in range(3)] == [200, 200, 200]

    row.refresh_from_db()
    assert row.delivered_at is not None
    assert row.delivered_at.isoformat() == "2026-03-10T07:30:00+00:00"
    assert kinds(cast) == ["delivered"]


def test_a_bounce_closes_the_address_and_a_soft_one_does_not(cast: Cast) -> None:
    postmark = provider(cast, "postmark")
    message(cast, "pm-1")
    postmark.call(BOUNCE | {"Type": "SoftBounce", "ID": 41})
    assert ContactPoint.objects.of(cast.organisation).get().bounced_at is None

    postmark.call(BOUNCE)
    postmark.call(POSTMARK)

    assert ContactPoint.objects.of(cast.organisation).get().bounced_at == NOW
    assert kinds(cast) == ["bounced", "deferred", "delivered"]


@pytest.mark.parametrize(
    "headers",
    [{"x-nothing": "1"}, {"authorization": "Basic dGVub3I6d3Jvbmc="}, {"authorization": "Basic %%"},
     {"authorization": "Bearer tenor"}],
)  # fmt: skip
def test_a_stranger_is_turned_away_and_changes_nothing(cast: Cast, headers: dict[str, str]) -> None:
    postmark = provider(cast, "postmark")
    message(cast, "pm-1")
    before = rows(cast)

    for content in (POSTMARK, BOUNCE):
        assert postmark.call(content, **headers) == 401

    assert rows(cast) == before


def test_an_address_that_nobody_has_is_none(cast: Cast) -> None:
    postmark, other = provider(cast, "postmark"), provider(cast, "twilio", "sms")
    client, good = Client(), {"authorization": password(postmark.row)}
    hook = postmark.row.hook
    for path in (f"/hooks/email/postmark/{'x' * 43}/", f"/hooks/email/mailgun/{hook}/",
                 f"/hooks/sms/postmark/{hook}/", "/hooks/email/postmark/x/"):  # fmt: skip
        assert client.post(path, {}, headers=good).status_code == 404
    # The password of one address opens no other.
    assert other.call({}, authorization=password(postmark.row)) == 401


def test_nonsense_is_said_to_be_that_and_changes_nothing(cast: Cast) -> None:
    postmark = provider(cast, "postmark")
    message(cast, "pm-1")
    before = rows(cast)
    for content in ([], "x", 7, {"RecordType": "Delivery", "DeliveredAt": []}):
        assert postmark.call(content) == 400
    assert rows(cast) == before


def test_what_was_sent_at_mailgun_is_known_by_its_signature(cast: Cast) -> None:
    mailgun, row = provider(cast, "mailgun", api_key="key-1"), message(cast, "<m-1@mg.example>")

    def told(key: str, token: str = "t1") -> dict[str, Any]:
        signed = hmac.new(key.encode(), f"1773129600{token}".encode(), hashlib.sha256).hexdigest()
        return {
            "signature": {"timestamp": "1773129600", "token": token, "signature": signed},
            "event-data": {
                "event": "complained", "timestamp": 1773129600.0, "recipient": "c1@example.org",
                "message": {"headers": {"message-id": "m-1@mg.example"}},
            },
        }  # fmt: skip

    assert mailgun.call(told("another key"), **{"x-none": "1"}) == 401
    assert kinds(cast) == []
    for _replayed in range(2):
        assert mailgun.call(told("key-1"), **{"x-none": "1"}) == 200

    assert kinds(cast) == ["complained", "opted_out"]
    consent = Consent.objects.of(cast.organisation).get()
    assert (consent.customer_id, consent.channel, consent.granted) == (
        row.customer_id, "email", False,
    )  # fmt: skip


def test_sendgrid_tells_several_things_at_once_in_any_order(cast: Cast) -> None:
    sendgrid = provider(cast, "sendgrid")
    message(cast, "other")
    told = [
        {"event": "open", "sg_event_id": "3", "timestamp": 1773129600, "email": "c1@example.org",
         "tenor_key": "M1", "smtp-id": "<x>"},
        {"event": "unsubscribe", "sg_event_id": "2", "timestamp": 1773129600,
         "email": "c1@example.org", "tenor_key": "M1"},
        {"event": "delivered", "sg_event_id": "1", "timestamp": 1773129500,
         "email": "c1@example.org", "tenor_key": "M1", "smtp-id": "<x>"},
    ]  # fmt: skip
    for content in (told, told[::-1]):
        assert sendgrid.call(content) == 200
    # Nobody agreed to being watched: the opening is not kept.
    assert kinds(cast) == ["delivered", "opted_out"]


def test_a_reply_comes_in_through_a_provider_with_its_file(cast: Cast) -> None:
    postmark, row = provider(cast, "postmark"), message(cast, "pm-1")
    told = {
        "FromFull": {"Email": "c1@example.org", "Name": "Ann"}, "Subject": "Re: invoice",
        "ToFull": [{"Email": "in@delta.example", "Name": ""}], "MessageID": "in-1",
        "TextBody": "Paid on 3 March.", "HtmlBody": "",
        "Headers": [{"Name": "Message-ID", "Value": "<r1@x>"},
                    {"Name": "In-Reply-To", "Value": "<M1@delta.example>"}],
        "Attachments": [{"Name": "proof.pdf", "ContentType": "application/pdf",
                         "Content": base64.b64encode(b"%PDF-1.7").decode()}],
    }  # fmt: skip

    assert [postmark.call(told, more="inbound/") for _again in range(2)] == [200, 200]

    reply = Reply.objects.of(cast.organisation).get()
    assert (reply.customer, reply.matched_by, reply.text, reply.provider) == (
        row.customer, "header", "Paid on 3 March.", "postmark",
    )  # fmt: skip
    assert Attachment.objects.of(cast.organisation).get().name == "proof.pdf"
    assert kinds(cast) == ["replied"]


def twilio_signature(path: str, fields: dict[str, str], token: str) -> str:
    said = settings.PUBLIC_URL + path + "".join(f"{k}{v}" for k, v in sorted(fields.items()))
    return base64.b64encode(hmac.new(token.encode(), said.encode(), "sha1").digest()).decode()


def test_twilio_is_known_by_its_signature_over_all_that_it_says(cast: Cast) -> None:
    twilio = provider(cast, "twilio", "sms", auth_token="secret token")
    message(cast, "SM9", "sms")
    ledger.add_contact_point(cast.system, customer_key="C1", kind="mobile", value="0612345678")
    status = {"MessageSid": "SM9", "MessageStatus": "delivered", "To": "+31612345678"}
    stop = {"MessageSid": "SM10", "From": "+31612345678", "To": "+31970", "Body": "STOP",
            "SmsStatus": "received"}  # fmt: skip

    def call(fields: dict[str, str], signed: dict[str, str], token: str = "secret token") -> int:
        given = {"x-twilio-signature": twilio_signature(twilio.path, signed, token)}
        return twilio.call(fields, form=True, **given)

    assert call(stop, stop, "another") == 401
    assert call(stop | {"From": "+31687654321"}, stop) == 401
    assert not Consent.objects.of(cast.organisation).exists()
    assert [call(stop, stop), call(status, status), call(stop, stop)] == [200, 200, 200]

    assert kinds(cast) == ["delivered", "opted_out", "replied"]
    consent = Consent.objects.of(cast.organisation).get()
    assert (consent.channel, consent.granted) == ("sms", False)


@pytest.mark.parametrize("name", ["messagebird", "spryng"])
def test_providers_that_call_with_fields_in_the_address_are_understood(
    cast: Cast, name: str
) -> None:
    there = provider(cast, name, "sms")
    row = message(cast, "mb-1", "sms")
    ledger.add_contact_point(cast.system, customer_key="C1", kind="mobile", value="0612345678")
    head = {"authorization": password(there.row)}
    report = {"id": "mb-1", "reference": "M1", "recipient": "31612345678", "status": "delivered",
              "statusDatetime": "2026-03-10T07:30:00+00:00"}  # fmt: skip
    answer = {"id": "in-1", "originator": "31612345678", "recipient": "31970", "body": "Betaald!"}

    for fields in (report, answer, report, answer):
        assert there.client.get(there.path, fields, headers=head).status_code == 200

    row.refresh_from_db()
    assert row.delivered_at is not None
    assert kinds(cast) == ["delivered", "replied"]
    assert Reply.objects.of(cast.organisation).get().text == "Betaald!"
    assert there.client.get(there.path, answer).status_code == 401


def test_the_address_that_is_entered_carries_its_password_and_the_table_does_not(
    cast: Cast,
) -> None:
    there = provider(cast, "postmark")
    account = opened_account(there.row)
    secret = hook_password(account)
    assert f"//{HOOK_USER}:{secret}@" in hook_with_password(account)
    assert secret not in json.dumps(list(ChannelAccount.across.values()), default=str)
    assert len(secret) == 40


def test_news_at_the_address_for_letters_is_no_letter(cast: Cast) -> None:
    postmark = provider(cast, "postmark")
    assert postmark.call(POSTMARK, more="inbound/") == 400
    assert postmark.call({"RecordType": "Inbound", "From": "c1@example.org"}) == 400


@pytest.mark.parametrize(
    "place",
    ["/hooks/pay/%00/", f"/hooks/email/postmark/%00{'h' * 40}/", "/p/made-up/%00/"],
)
def test_an_address_that_no_database_keeps_is_nobodys(db: None, client: Client, place: str) -> None:
    assert client.post(place).status_code == 404
