"""Text messages: numbers, parts, how to stop them, and what each provider's answer means."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from cast import Cast
from provider_api import BREAK, Api, running
from tenor.platform.core.errors import Invalid
from tenor.platform.outreach import accounts
from tenor.platform.outreach.channels import channel_of, sms
from tenor.platform.outreach.channels.contract import (
    Charge,
    NotSent,
    Parcel,
    Receipt,
    Refused,
    Unclear,
)
from tenor.platform.outreach.channels.provider import account_of, hook_password
from tenor.platform.outreach.channels.sms.numbers import Number, read_number
from tenor.platform.outreach.channels.sms.segments import Segments, plainer, segments_of

STOP = "https://pay.example/p/1.abc/stop/"
PARCEL = Parcel(
    key="delta.0310-C1", to="06 12345678", subject="", body="Delta Water: € 100 staat open.",
    sender_name="Delta Water", language="nl", stop=STOP, country="NL",
)  # fmt: skip
TEXT = f"{PARCEL.body}\nGeen sms meer: {STOP}"
GIVEN: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "twilio": ({"account_sid": "AC1"}, {"auth_token": "secret"}),
    "spryng": ({}, {"api_key": "sp-key"}),
    "messagebird": ({}, {"access_key": "mb-key"}),
}
YES: dict[str, Any] = {
    "twilio": (201, {"sid": "SM12", "status": "queued", "num_segments": "1", "error_code": None}),
    "spryng": (200, {"id": "9dbc5ffb", "encoding": "plain", "originator": "Delta"}),
    "messagebird": (
        201,
        {"id": "e8077d80", "recipients": {"totalCount": 1, "items": [
            {"recipient": 31612345678, "status": "sent", "messagePartCount": 1}]}},
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def inside(settings: Any) -> None:
    """Let the tests reach stand-ins on this machine."""
    settings.WEBHOOKS_TO_PRIVATE = True


@pytest.fixture
def api() -> Iterator[Api]:
    """A provider on this machine."""
    with running() as made:
        yield made


def use(cast: Cast, api: Api, provider: str, **settings: Any) -> None:
    """Let the organisation send over `provider`."""
    given, secrets = GIVEN[provider]
    accounts.set_account(
        cast.actor("administrator"), channel="sms", provider=provider,
        settings={"sender": "Delta", "api_url": api.address, **given, **settings}, secrets=secrets,
    )  # fmt: skip
    api.usual = YES[provider]


def hand_over(cast: Cast, parcel: Parcel = PARCEL) -> Receipt:
    with sms.opened(cast.organisation) as send:
        return send(parcel)


def said(**values: Any) -> Parcel:
    return Parcel(
        **{**{name: getattr(PARCEL, name) for name in PARCEL.__dataclass_fields__}, **values}
    )


@pytest.mark.parametrize(
    ("text", "country", "found"),
    [
        ("06 12345678", "NL", Number("+31612345678", "NL")),
        ("0031612345678", "BE", Number("+31612345678", "NL")),
        ("+32 470 12 34 56", "", Number("+32470123456", "BE")),
        ("0151 23456789", "DE", Number("+4915123456789", "DE")),
    ],
)
def test_a_number_is_read_as_one_of_the_readers_country(
    text: str, country: str, found: Number
) -> None:
    assert read_number(text, country) == found


@pytest.mark.parametrize(
    ("text", "country", "words"),
    [
        ("612", "NL", "no such telephone number"),
        ("06 12345678", "", "write it with"),
        ("ann", "NL", "no telephone number in NL"),
        ("020 555 01 23", "NL", "a landline"),
        ("0900 1234567", "NL", "premium-rate"),
    ],
)
def test_what_no_text_message_reaches_is_refused_in_words(
    text: str, country: str, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        read_number(text, country)


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", Segments("gsm", 1)),
        ("a" * 160, Segments("gsm", 1)),
        ("a" * 161, Segments("gsm", 2)),
        ("a" * 306, Segments("gsm", 2)),
        ("a" * 307, Segments("gsm", 3)),
        # The euro sign is of the extension table: two places.
        ("a" * 158 + "€", Segments("gsm", 1)),
        ("a" * 159 + "€", Segments("gsm", 2)),
        # It is not cut in half at the end of a part of 153: 152 + 2 goes into the next.
        ("a" * 152 + "€" + "a" * 151, Segments("gsm", 2)),
        ("a" * 152 + "€" + "a" * 152, Segments("gsm", 3)),
        ("ë" + "a" * 69, Segments("ucs2", 1)),
        ("ë" + "a" * 70, Segments("ucs2", 2)),
        ("ë" * 134, Segments("ucs2", 2)),
        ("ë" * 135, Segments("ucs2", 3)),
        # Outside the first plane of Unicode: two places.
        ("😀" * 35, Segments("ucs2", 1)),
        ("😀" * 36, Segments("ucs2", 2)),
        ("😀" * 66, Segments("ucs2", 2)),
        ("😀" * 67, Segments("ucs2", 3)),
    ],
)
def test_parts_are_counted_as_networks_cut_them(text: str, segments: Segments) -> None:
    assert segments_of(text) == segments


def test_signs_of_typography_do_not_make_a_text_dearer() -> None:
    assert plainer("‘€\u00a0100’ – “ja”…") == "'€ 100' - \"ja\"..."
    assert segments_of(plainer("’" * 160)) == Segments("gsm", 1)


def test_twilio_is_asked_as_its_documentation_says(cast: Cast, api: Api, settings: Any) -> None:
    settings.PUBLIC_URL = "https://tenor.example"
    use(cast, api, "twilio")
    receipt = hand_over(cast)
    assert receipt == Receipt("twilio", "SM12", (Charge("segment", Decimal(1)),), "NL", TEXT)
    (asked,) = api.asked
    assert (asked.method, asked.path) == ("POST", "/2010-04-01/Accounts/AC1/Messages.json")
    assert asked.headers["authorization"] == "Basic QUMxOnNlY3JldA=="
    form = asked.form
    report = form.pop("StatusCallback")
    opened = account_of(cast.organisation, "sms")
    assert opened is not None
    # They call with the password that opens the address.
    assert report == (
        f"https://tenor:{hook_password(opened)}@tenor.example/hooks/sms/twilio/{opened.hook}/"
    )
    assert form == {"To": "+31612345678", "From": "Delta", "Body": TEXT}


def test_spryng_is_asked_as_its_documentation_says(cast: Cast, api: Api) -> None:
    use(cast, api, "spryng")
    receipt = hand_over(cast)
    assert (receipt.provider, receipt.reference, receipt.country) == ("spryng", "9dbc5ffb", "NL")
    (asked,) = api.asked
    assert (asked.path, asked.headers["authorization"]) == ("/messages", "Bearer sp-key")
    assert asked.json == {
        "body": TEXT, "encoding": "plain", "originator": "Delta", "recipients": ["31612345678"],
        "route": "business", "reference": "delta.0310-C1",
    }  # fmt: skip


def test_messagebird_is_asked_as_its_documentation_says(cast: Cast, api: Api) -> None:
    use(cast, api, "messagebird")
    assert hand_over(cast, said(body="Zoë, € 100 staat open.")).reference == "e8077d80"
    (asked,) = api.asked
    assert (asked.path, asked.headers["authorization"]) == ("/messages", "AccessKey mb-key")
    assert asked.json["recipients"] == ["31612345678"]
    assert (asked.json["originator"], asked.json["datacoding"]) == ("Delta", "unicode")
    # No address without TLS is given to them.
    assert "reportUrl" not in asked.json


def test_every_part_is_charged(cast: Cast, api: Api) -> None:
    use(cast, api, "spryng")
    receipt = hand_over(cast, said(body="a" * 161))
    assert receipt.charges == (Charge("segment", Decimal(2)),)
    shown = sms.rendered(cast.organisation, said(body="a" * 161))
    assert (shown.charges, shown.body) == (receipt.charges, receipt.body)


@pytest.mark.parametrize(
    ("language", "given", "ends"),
    [
        ("nl", {"sender": "+31612345679", "replies": True}, "Geen sms meer? Antwoord STOP."),
        ("de", {"sender": "+31612345679", "replies": True}, "Keine SMS mehr? Antworten Sie STOP."),
        # Nobody can answer a name.
        ("en", {"sender": "Delta", "replies": True}, f"No more texts: {STOP}"),
        ("fr", {}, f"Plus de SMS : {STOP}"),
        ("nl", {"stop_hint": ""}, PARCEL.body),
    ],
)
def test_a_text_says_how_to_stop_them(
    cast: Cast, api: Api, language: str, given: dict[str, Any], ends: str
) -> None:
    use(cast, api, "spryng", **given)
    assert hand_over(cast, said(language=language)).body.endswith(ends)


def test_in_america_it_is_always_said_and_never_twice(cast: Cast, api: Api) -> None:
    use(cast, api, "twilio", stop_hint="")
    american = said(to="+1 202 555 0123", language="en", country="US")
    assert hand_over(cast, american).body.endswith(f"No more texts: {STOP}")
    again = said(to="+1 202 555 0123", language="en", body=f"Open: $1. Stop: {STOP}")
    assert hand_over(cast, again).body == again.body


@pytest.mark.parametrize(
    ("provider", "status", "answer"),
    [
        ("twilio", 400, {"code": 21211, "message": "Invalid 'To' Phone Number: +31612345678"}),
        ("twilio", 400, {"code": 21610, "message": "Attempt to send to unsubscribed recipient"}),
        ("twilio", 201, {"sid": "SM1", "status": "failed", "error_code": 21614}),
        ("spryng", 422, {"message": "invalid", "errors": {"recipients.0": ["invalid"]}}),
        ("messagebird", 422, {"errors": [
            {"code": 9, "description": "no (correct) recipients found",
             "parameter": "recipient"}]}),
    ],
)  # fmt: skip
def test_a_number_that_a_provider_turns_away_is_refused_without_naming_it(
    cast: Cast, api: Api, provider: str, status: int, answer: Any
) -> None:
    use(cast, api, provider)
    api.usual = (status, answer)
    with pytest.raises(Refused) as refused:
        hand_over(cast)
    assert "612345678" not in str(refused.value)


@pytest.mark.parametrize(
    ("provider", "status", "answer", "again"),
    [
        ("twilio", 401, {"code": 20003, "message": "Authenticate"}, True),
        ("twilio", 429, {"code": 20429, "message": "Too Many Requests"}, True),
        ("twilio", 400, {"code": 21603, "message": "A 'From' phone number is required"}, False),
        ("spryng", 401, {"message": "Unauthenticated."}, True),
        ("spryng", 422, {"message": "invalid", "errors": {"originator": ["too long"]}}, False),
        ("messagebird", 422, {"errors": [{"code": 25, "description": "not enough balance"}]}, True),
        ("messagebird", 422, {"errors": [{"code": 10, "parameter": "originator"}]}, False),
    ],
)
def test_a_no_of_another_kind_says_whether_trying_later_helps(
    cast: Cast, api: Api, provider: str, status: int, answer: Any, again: bool
) -> None:
    use(cast, api, provider)
    api.usual = (status, answer)
    with pytest.raises(NotSent) as not_sent:
        hand_over(cast)
    assert not isinstance(not_sent.value, Refused)
    assert not_sent.value.again is again


@pytest.mark.parametrize("provider", sorted(GIVEN))
@pytest.mark.parametrize("told", [BREAK, (500, {}), (200, b"fine"), (200, {}), (200, [])])
def test_who_may_have_taken_it_is_not_asked_again(
    cast: Cast, api: Api, provider: str, told: Any
) -> None:
    use(cast, api, provider)
    api.usual = told
    with pytest.raises(Unclear):
        hand_over(cast)
    assert len(api.asked) == 1


def test_a_provider_that_is_down_has_taken_nothing(cast: Cast, api: Api) -> None:
    use(cast, api, "spryng", api_url="http://127.0.0.1:1/")
    with pytest.raises(NotSent) as not_sent:
        hand_over(cast)
    assert not_sent.value.again


def test_without_an_account_nothing_leaves(cast: Cast) -> None:
    with pytest.raises(NotSent, match="no account"):
        hand_over(cast)


@pytest.mark.parametrize("sender", ["Delta Water BV", "Délta", "+31 6 12", "a\nb"])
def test_a_sender_that_no_network_shows_is_refused(cast: Cast, api: Api, sender: str) -> None:
    with pytest.raises(Invalid) as refused:
        use(cast, api, "spryng", sender=sender)
    assert refused.value.field == "sender"


def test_made_up_people_get_the_same_words_and_nothing_leaves(cast: Cast) -> None:
    cast.organisation.synthetic = True
    channel = channel_of(cast.organisation, "sms")
    assert channel is not None
    assert (channel.point, channel.atomic) == ("", True)
    with channel.opened(cast.organisation) as send:
        receipt = send(said(to="", body="a" * 200))
    assert receipt.provider == "simulated"
    assert receipt.charges == (Charge("segment", Decimal(2)),)
    assert receipt.body == "a" * 200 + f"\nGeen sms meer: {STOP}"
