"""Accounts of channels: who may set them, what is refused, and that secrets never come out."""

from collections.abc import Iterator
from typing import Any

import pytest

from cast import Cast
from provider_api import Api, running
from tenor.platform.core.errors import Forbidden, Invalid, NotFound
from tenor.platform.core.models import AuditEntry
from tenor.platform.decisions.channels import available_channels
from tenor.platform.outreach import accounts
from tenor.platform.outreach.channels import BY_PEOPLE, CHANNELS, PROVIDERS
from tenor.platform.outreach.channels.contract import CAN
from tenor.platform.outreach.channels.masking import masked
from tenor.platform.outreach.channels.provider import account_of, account_of_hook, hook_password
from tenor.platform.outreach.models import ChannelAccount

POSTMARK = {"sender": "facturen@delta.example"}
TOKEN = {"server_token": "pm-very-secret"}
TWILIO = {"account_sid": "AC1", "sender": "Delta"}


def set_account(cast: Cast, **values: Any) -> ChannelAccount:
    usual: dict[str, Any] = {
        "channel": "email", "provider": "postmark", "settings": POSTMARK, "secrets": TOKEN,
    }  # fmt: skip
    return accounts.set_account(cast.actor("administrator"), **{**usual, **values})


def seen(cast: Cast, channel: str) -> accounts.Seen:
    return next(one for one in accounts.accounts(cast.organisation) if one.channel == channel)


def test_secrets_go_in_and_never_come_out(cast: Cast) -> None:
    row = set_account(cast)
    assert "very-secret" not in row.secrets
    shown = seen(cast, "email")
    assert shown.settings["sender"] == "facturen@delta.example"
    assert shown.secrets == frozenset({"server_token"})
    assert "very-secret" not in repr(shown)
    entry = AuditEntry.objects.of(cast.organisation).get(action="channel_account.set")
    assert "very-secret" not in str(entry.after)
    assert entry.after["secrets_changed"] == ["server_token"]
    opened = account_of(cast.organisation, "email")
    assert opened is not None
    assert opened.get("server_token") == "pm-very-secret"
    assert "very-secret" not in repr(opened)


def test_a_secret_that_is_left_empty_stays_as_it_was(cast: Cast) -> None:
    hook = set_account(cast).hook
    row = set_account(cast, settings={"sender": "new@delta.example"}, secrets={})
    assert row.hook == hook
    opened = account_of(cast.organisation, "email")
    assert opened is not None
    assert (opened.get("sender"), opened.get("server_token")) == (
        "new@delta.example", "pm-very-secret",
    )  # fmt: skip


def test_another_provider_takes_its_place_and_the_first_still_tells_its_news(cast: Cast) -> None:
    first = set_account(cast)
    second = set_account(cast, provider="brevo", secrets={"api_key": "b"})
    assert first.hook != second.hook
    rows = ChannelAccount.objects.of(cast.organisation).filter(is_active=True)
    assert [row.provider for row in rows] == ["brevo"]
    found = account_of_hook(first.hook)
    assert found is not None
    assert (found[0], found[1].provider) == (cast.organisation, "postmark")
    assert account_of_hook("") is None
    assert account_of_hook("guessed") is None
    again = set_account(cast, secrets={})
    assert (again.pk, again.hook) == (first.pk, first.hook)


def test_an_account_that_is_removed_forgets_its_secrets(cast: Cast) -> None:
    set_account(cast)
    accounts.remove_account(cast.actor("administrator"), channel="email")
    assert account_of(cast.organisation, "email") is None
    assert ChannelAccount.objects.of(cast.organisation).get().secrets == ""
    with pytest.raises(NotFound):
        accounts.remove_account(cast.actor("administrator"), channel="email")
    with pytest.raises(Invalid) as refused:
        set_account(cast, secrets={})
    assert refused.value.field == "server_token"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"provider": "pigeon"}, "provider"),
        ({"channel": "fax"}, "provider"),
        ({"settings": {}}, "sender"),
        ({"settings": {"sender": "facturen"}}, "sender"),
        ({"settings": {**POSTMARK, "colour": "red"}}, "colour"),
        ({"settings": {**POSTMARK, "api_url": "http://api.postmarkapp.com"}}, "api_url"),
        ({"settings": {**POSTMARK, "api_url": "https://169.254.169.254/"}}, "api_url"),
        ({"provider": "smtp", "settings": {**POSTMARK, "host": "localhost"}}, "host"),
        ({"provider": "smtp", "settings": {**POSTMARK, "host": "a b"}}, "host"),
        ({"provider": "smtp", "settings": {**POSTMARK, "host": "mail.example.org", "port": "x"}},
         "port"),
        ({"provider": "smtp", "settings": {**POSTMARK, "host": "mail.example.org",
          "security": "none"}, "secrets": {"password": "p"}}, "security"),
        ({"channel": "sms", "provider": "twilio", "settings": {**TWILIO, "sender": "A" * 12},
          "secrets": {"auth_token": "t"}}, "sender"),
        ({"channel": "sms", "provider": "twilio", "settings": TWILIO, "secrets": {}},
         "auth_token"),
        ({"channel": "push", "provider": "webpush", "settings": {"words": "all"}, "secrets": {}},
         "words"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_at_its_field(
    cast: Cast, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        set_account(cast, **values)
    assert refused.value.field == field
    assert not ChannelAccount.objects.of(cast.organisation).exists()


@pytest.mark.parametrize("role", ["agent", "manager", "analyst", "compliance"])
def test_only_administrators_touch_accounts(cast: Cast, role: str) -> None:
    set_account(cast)
    actor = cast.actor(role)
    with pytest.raises(Forbidden):
        accounts.set_account(actor, channel="email", provider="postmark", settings=POSTMARK)
    with pytest.raises(Forbidden):
        accounts.remove_account(actor, channel="email")
    with pytest.raises(Forbidden):
        accounts.check_account(actor, channel="email")


def test_one_organisation_does_not_see_another_ones_account(cast: Cast) -> None:
    set_account(cast)
    assert account_of(cast.other, "email") is None
    assert all(one.provider is None for one in accounts.accounts(cast.other))


def test_each_channel_says_what_is_missing(cast: Cast, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert "mail server" in seen(cast, "email").missing[0]
    assert "account with a provider" in seen(cast, "sms").missing[0]
    assert "HTTPS" in seen(cast, "push").missing[0]
    assert seen(cast, "call").is_ready
    settings.PUBLIC_URL = "https://tenor.example"
    set_account(cast)
    set_account(
        cast, channel="sms", provider="twilio", settings=TWILIO, secrets={"auth_token": "t"}
    )
    for name in ("email", "sms", "push"):
        assert seen(cast, name).is_ready
    hook = seen(cast, "sms").hook
    assert hook.startswith("https://tenor.example/hooks/sms/twilio/")
    settings.SECRET_KEY = "lost"
    assert "TENOR_SECRET_KEY" in seen(cast, "email").missing[-1]


def test_only_administrators_get_the_password_of_a_hook(cast: Cast) -> None:
    row = set_account(cast)
    assert "@" not in seen(cast, "email").hook
    with pytest.raises(Forbidden):
        accounts.hook_of(cast.actor("manager"), channel="email")
    address = accounts.hook_of(cast.actor("administrator"), channel="email")
    assert address.startswith(f"http://tenor:{hook_password(row)}@localhost:8000/hooks/email/")


def test_the_plan_chooses_only_from_what_is_set_up(
    cast: Cast, settings: Any, django_assert_num_queries: Any
) -> None:
    names = ["call", "email", "push", "sms"]
    with django_assert_num_queries(1):
        assert available_channels(cast.organisation, names) == ("call", "email")
    set_account(
        cast, channel="sms", provider="twilio", settings=TWILIO, secrets={"auth_token": "t"}
    )
    settings.PUBLIC_URL = "https://tenor.example"
    assert available_channels(cast.organisation, names) == tuple(names)
    assert available_channels(cast.other, names) == ("call", "email", "push")


@pytest.fixture
def api() -> Iterator[Api]:
    """A provider on this machine."""
    with running() as made:
        yield made


PROBES = {
    "postmark": ("email", TOKEN, {}, "/server", "x-postmark-server-token"),
    "mailgun": ("email", {"api_key": "k"}, {"sender_domain": "mg.example.org"},
                "/domains/mg.example.org", "authorization"),
    "sendgrid": ("email", {"api_key": "k"}, {}, "/scopes", "authorization"),
    "brevo": ("email", {"api_key": "k"}, {}, "/account", "api-key"),
    "mailjet": ("email", {"api_key": "k", "secret_key": "s"}, {}, "/v3/REST/sender",
                "authorization"),
    "resend": ("email", {"api_key": "k"}, {}, "/domains", "authorization"),
    "sparkpost": ("email", {"api_key": "k"}, {}, "/account", "authorization"),
    "twilio": ("sms", {"auth_token": "t"}, {"account_sid": "AC1"},
               "/2010-04-01/Accounts/AC1.json", "authorization"),
    "spryng": ("sms", {"api_key": "k"}, {}, "/balance", "authorization"),
    "messagebird": ("sms", {"access_key": "k"}, {}, "/balance", "authorization"),
}  # fmt: skip


@pytest.mark.parametrize("provider", sorted(PROBES))
def test_an_account_is_tried_without_sending_anything(
    cast: Cast, api: Api, settings: Any, provider: str
) -> None:
    settings.WEBHOOKS_TO_PRIVATE = True
    channel, secrets, given, path, header = PROBES[provider]
    sender = "Delta" if channel == "sms" else "a@delta.example"
    set_account(
        cast, channel=channel, provider=provider, secrets=secrets,
        settings={"sender": sender, "api_url": api.address, **given},
    )  # fmt: skip
    actor = cast.actor("administrator")
    assert accounts.check_account(actor, channel=channel) == ""
    (asked,) = api.asked
    assert (asked.method, asked.path.rstrip("/")) == ("GET", path)
    assert asked.headers[header]
    api.usual = (401, {"message": "Unauthorised"})
    assert "401" in accounts.check_account(actor, channel=channel)


def test_every_channel_and_provider_says_what_it_can_in_known_words() -> None:
    for channel in CHANNELS.values():
        assert channel.can <= set(CAN)
        for provider in PROVIDERS.get(channel.name, ()):
            assert provider.can <= set(CAN)
    assert BY_PEOPLE.isdisjoint(CHANNELS)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("550 5.1.1 <ann.b@example.org>: no such user", "550 5.1.1 <…@example.org>: no such user"),
        ("Invalid 'To' Phone Number: +31612345678", "Invalid 'To' Phone Number: …78"),
        ("to 06-12345678 and\n0031 6 12345678", "to …78 and …78"),
        ("550 5.7.26 unauthenticated mail", "550 5.7.26 unauthenticated mail"),
    ],
)
def test_what_others_say_is_kept_without_whom_it_was_to(said: str, kept: str) -> None:
    assert masked(said) == kept
