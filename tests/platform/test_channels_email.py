"""E-mail: what a reader and their mail program receive, and what each provider's answer means."""

import email
import email.policy
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from cast import Cast
from provider_api import BREAK, Api, running
from tenor.platform.outreach import accounts
from tenor.platform.outreach.channels import email as channel
from tenor.platform.outreach.channels.contract import (
    NotSent,
    Parcel,
    Receipt,
    Refused,
    Unclear,
)
from tenor.platform.outreach.channels.email.message import written

STOP = "https://pay.example/p/1.abc/stop/"
PARCEL = Parcel(
    key="delta.0310-C1", to="ann@example.org", subject="Rekening F1", body="Beste Ann,\n\n€ 100",
    sender_name="Delta Water, B.V.", language="nl", html="<p>Beste Ann, <b>€ 100</b></p>",
    reply_to="vragen@delta.example", stop=STOP,
)  # fmt: skip
SECRETS = {
    "postmark": {"server_token": "pm-token"},
    "mailgun": {"api_key": "mg-key"},
    "sendgrid": {"api_key": "sg-key"},
    "brevo": {"api_key": "br-key"},
    "mailjet": {"api_key": "mj-key", "secret_key": "mj-secret"},
    "resend": {"api_key": "re-key"},
    "sparkpost": {"api_key": "sp-key"},
}
POSTMARK_YES = {"To": "ann@example.org", "MessageID": "b7bc2f4a", "ErrorCode": 0, "Message": "OK"}
MAILGUN_YES = {"id": "<2026.1@mg.delta.example>", "message": "Queued. Thank you."}
YES: dict[str, Any] = {
    "postmark": (200, POSTMARK_YES),
    "mailgun": (200, MAILGUN_YES),
    "sendgrid": (202, b""),
    "brevo": (201, {"messageId": "<2026.2@smtp-relay.mailin.fr>"}),
    "mailjet": (
        200,
        {"Messages": [{"Status": "success", "To": [{"Email": PARCEL.to, "MessageID": 5764}]}]},
    ),
    "resend": (200, {"id": "49a3999c"}),
    "sparkpost": (
        200,
        {"results": {"id": "102", "total_accepted_recipients": 1, "total_rejected_recipients": 0}},
    ),
}


@pytest.fixture(autouse=True)
def inside(settings: Any) -> None:
    """Let the tests reach stand-ins on this machine."""
    settings.WEBHOOKS_TO_PRIVATE = True


@pytest.fixture
def api() -> Iterator[Api]:
    """A provider on this machine."""
    with running() as made:
        yield made


def use(cast: Cast, api: Api, provider: str) -> None:
    """Let the organisation send over `provider`."""
    given = {"sender": "facturen@delta.example", "api_url": api.address}
    if provider == "mailgun":
        given |= {"sender_domain": "mg.delta.example"}
    accounts.set_account(
        cast.actor("administrator"), channel="email", provider=provider, settings=given,
        secrets=SECRETS[provider],
    )  # fmt: skip
    api.usual = YES[provider]


def hand_over(cast: Cast, parcel: Parcel = PARCEL) -> Receipt:
    with channel.opened(cast.organisation) as send:
        return send(parcel)


def test_a_mail_program_gets_both_forms_and_ends_it_with_one_press() -> None:
    raw = written(PARCEL, sender="facturen@delta.example").message().as_bytes()
    got = email.message_from_bytes(raw, policy=email.policy.default)
    plain, html = got.get_body(("plain",)), got.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().strip() == "Beste Ann,\n\n€ 100"
    assert html.get_content().strip() == "<p>Beste Ann, <b>€ 100</b></p>"
    assert got["From"] == '"Delta Water, B.V." <facturen@delta.example>'
    assert got["Reply-To"] == "vragen@delta.example"
    assert got["Message-ID"] == "<delta.0310-C1@delta.example>"
    assert got["List-Unsubscribe"] == f"<{STOP}>"
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["Content-Language"] == "nl"
    assert got["Feedback-ID"] == "message:delta:email:tenor"


def test_one_press_is_promised_over_https_only() -> None:
    parcel = Parcel("k", PARCEL.to, "", "", "Delta", "nl", stop="http://localhost/p/1/stop/")
    headers = written(parcel, sender="a@delta.example").extra_headers
    assert headers["List-Unsubscribe"] == "<http://localhost/p/1/stop/>"
    assert "List-Unsubscribe-Post" not in headers


@pytest.mark.parametrize("key", ["delta.0310-C1", "delta.reminder:Müller & Zn <1> 2@x"])
def test_the_number_of_a_message_names_its_key_in_a_reply(key: str) -> None:
    number = channel.message_id(key, "delta.example")
    assert number.isascii()
    assert " " not in number
    assert channel.keys_in(f"<other@example.org>\r\n {number}") == ["other", key]


def test_a_name_with_a_line_break_cannot_add_a_header() -> None:
    parcel = Parcel("k", PARCEL.to, "Hallo\nBcc: x@y.z", "", "Delta\r\nBcc: x@y.z", "nl")
    got = written(parcel, sender="a@delta.example").message()
    assert got["Bcc"] is None
    assert got["Subject"] == "Hallo Bcc: x@y.z"


@pytest.mark.parametrize("address", ["ann", "ann@", "ann@ex ample.org\n", "a\nb@example.org"])
def test_what_is_no_address_is_refused_before_anything_leaves(cast: Cast, address: str) -> None:
    with pytest.raises(Refused):
        hand_over(cast, Parcel("k", address, "s", "b", "Delta", "nl"))


def test_postmark_is_asked_as_its_documentation_says(cast: Cast, api: Api) -> None:
    use(cast, api, "postmark")
    receipt = hand_over(cast)
    assert (receipt.provider, receipt.reference) == ("postmark", "b7bc2f4a")
    (asked,) = api.asked
    assert (asked.method, asked.path) == ("POST", "/email")
    assert asked.headers["x-postmark-server-token"] == "pm-token"
    said = asked.json
    assert said["To"] == "ann@example.org"
    assert said["From"] == '"Delta Water, B.V." <facturen@delta.example>'
    assert (said["TextBody"], said["HtmlBody"]) == (PARCEL.body, PARCEL.html)
    assert (said["TrackOpens"], said["TrackLinks"]) == (False, "None")
    assert said["Metadata"] == {"tenor_key": "delta.0310-C1"}
    headers = {one["Name"]: one["Value"] for one in said["Headers"]}
    assert headers["Message-ID"] == "<delta.0310-C1@delta.example>"
    assert headers["X-PM-KeepID"] == "true"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_mailgun_is_asked_as_its_documentation_says(cast: Cast, api: Api) -> None:
    use(cast, api, "mailgun")
    assert hand_over(cast).reference == "<2026.1@mg.delta.example>"
    (asked,) = api.asked
    assert asked.path == "/mg.delta.example/messages"
    assert asked.headers["authorization"].startswith("Basic ")
    said = asked.form
    assert (said["to"], said["text"], said["html"]) == (PARCEL.to, PARCEL.body, PARCEL.html)
    assert (said["o:tracking-opens"], said["o:tracking-clicks"]) == ("no", "no")
    assert said["v:tenor_key"] == "delta.0310-C1"
    headers = {name.lower(): value for name, value in said.items()}
    assert headers["h:message-id"] == "<delta.0310-C1@delta.example>"
    assert said["h:List-Unsubscribe"] == f"<{STOP}>"


def test_sendgrid_is_asked_as_its_documentation_says(cast: Cast, api: Api) -> None:
    use(cast, api, "sendgrid")
    receipt = hand_over(cast)
    (asked,) = api.asked
    assert asked.path == "/mail/send"
    assert asked.headers["authorization"] == "Bearer sg-key"
    said = asked.json
    assert said["personalizations"][0]["to"] == [{"email": PARCEL.to}]
    assert [one["type"] for one in said["content"]] == ["text/plain", "text/html"]
    assert said["tracking_settings"]["open_tracking"] == {"enable": False}
    assert said["tracking_settings"]["click_tracking"] == {"enable": False}
    arguments = {**said["custom_args"], **said["personalizations"][0].get("custom_args", {})}
    assert arguments["tenor_key"] == "delta.0310-C1"
    # Under this number their news names the message.
    assert receipt.reference == arguments["anymail_id"]


@pytest.mark.parametrize("provider", sorted(SECRETS))
def test_every_provider_takes_a_message_once_with_our_key(
    cast: Cast, api: Api, provider: str
) -> None:
    use(cast, api, provider)
    receipt = hand_over(cast)
    assert receipt.provider == provider
    assert receipt.reference
    assert [charge.item for charge in receipt.charges] == ["provider"]
    (asked,) = api.asked
    assert b"delta.0310-C1" in asked.body
    assert b"rekening" in asked.body.lower()


REFUSALS: list[tuple[str, int, Any]] = [
    ("postmark", 422, {"ErrorCode": 406, "Message": "You tried to send to a recipient that has "
     "been marked as inactive.\nFound inactive addresses: ann@example.org.\nInactive recipients "
     "are ones that have generated a hard bounce or a spam complaint."}),
    ("postmark", 422, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'ann@example.org'."}),
    ("mailgun", 400, {"message": "to parameter is not a valid address. please check"}),
    ("sendgrid", 400, {"errors": [{"message": "Does not contain a valid address.",
     "field": "personalizations.0.to.0.email"}]}),
    ("brevo", 400, {"code": "invalid_parameter", "message": "email is not valid in to"}),
    ("mailjet", 400, {"Messages": [{"Status": "error", "Errors": [{"ErrorCode": "mj-0013",
     "ErrorRelatedTo": ["To[0].Email"], "ErrorMessage": "\"ann@example.org\" is invalid"}]}]}),
    ("resend", 422, {"name": "validation_error", "message": "Invalid `to` field."}),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "status", "answer"), REFUSALS)
def test_a_provider_that_turns_the_address_away_marks_it(
    cast: Cast, api: Api, provider: str, status: int, answer: Any
) -> None:
    use(cast, api, provider)
    api.usual = (status, answer)
    with pytest.raises(Refused) as refused:
        hand_over(cast)
    assert "ann@" not in str(refused.value)
    assert len(api.asked) == 1


@pytest.mark.parametrize("provider", sorted(SECRETS))
@pytest.mark.parametrize(("status", "again"), [(401, True), (429, True), (400, False)])
def test_a_no_of_another_kind_says_whether_trying_later_helps(
    cast: Cast, api: Api, provider: str, status: int, again: bool
) -> None:
    use(cast, api, provider)
    api.usual = (status, {"message": "no", "ErrorMessage": "no", "ErrorCode": "mj-0001"})
    with pytest.raises(NotSent) as not_sent:
        hand_over(cast)
    assert not isinstance(not_sent.value, Refused)
    assert not_sent.value.again is again


@pytest.mark.parametrize("provider", sorted(set(SECRETS) - {"resend"}))
@pytest.mark.parametrize("told", [BREAK, (500, {"message": "oops"}), (503, b"busy")])
def test_who_may_have_taken_it_is_not_asked_again(
    cast: Cast, api: Api, provider: str, told: Any
) -> None:
    use(cast, api, provider)
    api.usual = told
    with pytest.raises(Unclear):
        hand_over(cast)
    assert len(api.asked) == 1


def test_who_carries_a_key_out_once_is_asked_again_with_the_same_key(cast: Cast, api: Api) -> None:
    use(cast, api, "resend")
    api.answers = [BREAK, (500, {})]
    assert hand_over(cast).reference == "49a3999c"
    assert [one.headers["idempotency-key"] for one in api.asked] == ["delta.0310-C1"] * 3
    # The first is still on its way: that is no no.
    api.answers = [BREAK, (409, {"name": "concurrent_idempotent_requests"})]
    assert hand_over(cast).reference == "49a3999c"
    api.answers = [BREAK, BREAK, BREAK]
    with pytest.raises(Unclear):
        hand_over(cast)


def test_a_provider_that_is_down_has_taken_nothing(cast: Cast, api: Api) -> None:
    use(cast, api, "postmark")
    accounts.set_account(
        cast.actor("administrator"), channel="email", provider="postmark",
        settings={"sender": "a@delta.example", "api_url": "http://127.0.0.1:1/"},
    )  # fmt: skip
    with pytest.raises(NotSent) as not_sent:
        hand_over(cast)
    assert not_sent.value.again


def test_a_yes_that_nobody_can_read_is_unclear(cast: Cast, api: Api) -> None:
    use(cast, api, "postmark")
    api.usual = (200, b"<html>fine</html>")
    with pytest.raises(Unclear):
        hand_over(cast)


def test_an_account_does_not_lead_into_this_network(cast: Cast, api: Api, settings: Any) -> None:
    use(cast, api, "postmark")
    settings.WEBHOOKS_TO_PRIVATE = False
    with pytest.raises(NotSent, match="private address"):
        hand_over(cast)
    assert api.asked == []


class Mailbox:
    """A mail server that keeps what it gets."""

    def __init__(self) -> None:
        self.got: list[tuple[str, list[str], bytes]] = []

    async def handle_DATA(  # noqa: N802
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        """Keep the message."""
        self.got.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 OK"


def test_an_organisation_sends_over_its_own_mail_server(cast: Cast) -> None:
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        accounts.set_account(
            cast.actor("administrator"), channel="email", provider="smtp",
            settings={"sender": "facturen@delta.example", "host": "127.0.0.1", "port": port,
                      "security": "none"},
        )  # fmt: skip
        assert accounts.check_account(cast.actor("administrator"), channel="email") == ""
        receipt = hand_over(cast)
    finally:
        controller.stop()
    assert receipt == Receipt("smtp", "<delta.0310-C1@delta.example>", receipt.charges)
    ((sender, to, content),) = box.got
    assert (sender, to) == ("facturen@delta.example", ["ann@example.org"])
    assert b"multipart/alternative" in content
    assert "ConnectionRefused" in accounts.check_account(
        cast.actor("administrator"), channel="email"
    )
