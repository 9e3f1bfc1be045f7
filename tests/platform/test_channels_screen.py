"""Settings as customers see them, and channels: what stands there, who may change it, refusals."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

import plans
from cast import Cast
from tenor.platform.core.models import AuditEntry, Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.core.sealed import opened
from tenor.platform.ledger.models import OwnAccount
from tenor.platform.outreach.channels.provider import hook_password
from tenor.platform.outreach.models import ChannelAccount, ChannelStop, Price

SEEN = {
    "postal_address": "Kade 1\r\n1011 AB Amsterdam", "phone": "+31 20 555 01 23",
    "reply_email": "vragen@delta.example", "website": "https://delta.example",
    "colour": "#0B5C63",
}  # fmt: skip
ACCOUNT = {
    "currency": "eur", "holder": "Delta Water", "iban": "NL91 ABNA 0417 1643 00", "bic": "",
    "bank": "ABN AMRO", "is_default": "on",
}  # fmt: skip


@pytest.fixture
def administrator(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.administrator.user)
    return client


def now_is(cast: Cast) -> Organisation:
    return Organisation.objects.get(pk=cast.organisation.pk)


def test_how_customers_see_the_organisation_is_kept(cast: Cast, administrator: Client) -> None:
    assert administrator.post("/o/delta/settings/seen/save/", SEEN).status_code == 302
    kept = preferences_of(now_is(cast))
    assert kept.postal_address == "Kade 1\n1011 AB Amsterdam"
    assert (kept.phone, kept.reply_email) == ("+31 20 555 01 23", "vragen@delta.example")
    assert (kept.website, kept.colour) == ("https://delta.example", "#0b5c63")
    assert kept.open_tracking is False
    page = administrator.get("/o/delta/settings/seen/").content.decode()
    assert "1011 AB Amsterdam" in page
    assert "contrast 7.7" in page


@pytest.mark.parametrize(
    ("name", "value"),
    [("reply_email", "vragen"), ("website", "javascript:alert(1)"), ("colour", "red"),
     ("postal_address", "\n".join("abcdefgh"))],
)  # fmt: skip
def test_what_no_reader_could_use_is_refused_beside_its_field(
    cast: Cast, administrator: Client, name: str, value: str
) -> None:
    page = administrator.post("/o/delta/settings/seen/save/", SEEN | {name: value})
    assert page.status_code == 422
    assert page.context["seen_form"].errors.keys() == {name}
    assert now_is(cast).settings == {}


def test_a_pale_colour_is_shown_with_dark_letters_and_its_weakness(administrator: Client) -> None:
    part = administrator.get("/o/delta/settings/seen/colour/?colour=%23ffe066").content.decode()
    assert "color: #000000" in part
    assert "A darker shade is read better" in part
    none = administrator.get("/o/delta/settings/seen/colour/?colour=red;}x").content.decode()
    assert "style=" not in none


def test_a_bank_account_is_kept_and_taken_away(cast: Cast, administrator: Client) -> None:
    assert b"No account is known yet" in administrator.get("/o/delta/settings/seen/").content
    assert administrator.post("/o/delta/settings/accounts/", ACCOUNT).status_code == 302
    row = OwnAccount.objects.of(cast.organisation).get()
    assert (row.currency, row.iban, row.is_default) == ("EUR", "NL91ABNA0417164300", True)
    page = administrator.get("/o/delta/settings/seen/").content.decode()
    assert "NL91\u00a0ABNA\u00a00417\u00a01643\u00a000" in page
    administrator.post(f"/o/delta/settings/accounts/{row.pk}/remove/")
    assert not OwnAccount.objects.of(cast.organisation).exists()


def test_a_mistyped_account_number_stays_in_the_field_with_its_reason(
    cast: Cast, administrator: Client
) -> None:
    wrong = ACCOUNT | {"iban": "NL91 ABNA 0417 1643 01"}
    page = administrator.post("/o/delta/settings/accounts/", wrong)
    assert page.status_code == 422
    assert "check digits do not come out" in page.content.decode()
    assert "NL91 ABNA 0417 1643 01" in page.content.decode()
    assert not OwnAccount.objects.of(cast.organisation).exists()


def test_others_read_it_and_change_nothing(cast: Cast, manager: Client) -> None:
    page = manager.get("/o/delta/settings/seen/")
    assert page.status_code == 200
    assert "Keep this account" not in page.content.decode()
    assert manager.post("/o/delta/settings/seen/save/", SEEN).status_code == 403
    assert manager.post("/o/delta/settings/accounts/", ACCOUNT).status_code == 403
    assert now_is(cast).settings == {}


CHANNELS = "/o/delta/settings/channels/"
TWILIO = {
    "provider": "twilio", "account_sid": "AC" + "1" * 32, "auth_token": "only-once-seen",
    "sender": "+31 6 12345678",
}  # fmt: skip


def test_every_channel_stands_there_with_what_is_missing(cast: Cast, manager: Client) -> None:
    text = manager.get(CHANNELS).content.decode()
    for name in ("E-mail", "Text message", "Push message", "Call"):
        assert name in text
    assert "An account with a provider." in text
    assert "Set up" not in text


def test_a_secret_goes_in_and_never_comes_out(cast: Cast, administrator: Client) -> None:
    page = administrator.get(CHANNELS + "sms/?provider=twilio").content.decode()
    assert 'type="password"' in page
    assert administrator.post(CHANNELS + "sms/account/", TWILIO).status_code == 302
    row = ChannelAccount.objects.of(cast.organisation).get()
    assert row.provider == "twilio"
    assert "only-once-seen" not in row.secrets
    page = administrator.get(CHANNELS + "sms/").content.decode()
    assert "only-once-seen" not in page
    assert "Kept. Leave empty to keep it" in page
    assert f"{hook_password(row)}@localhost:8000/hooks/sms/twilio/{row.hook}/" in page
    entry = AuditEntry.objects.of(cast.organisation).order_by("-number")[0]
    assert "only-once-seen" not in str(entry.after)


def test_a_secret_that_is_left_empty_stays_as_it_was(cast: Cast, administrator: Client) -> None:
    administrator.post(CHANNELS + "sms/account/", TWILIO)
    changed = TWILIO | {"auth_token": "", "sender": "Delta"}
    assert administrator.post(CHANNELS + "sms/account/", changed).status_code == 302
    row = ChannelAccount.objects.of(cast.organisation).get()
    assert row.settings["sender"] == "Delta"
    assert opened(row.secrets)["auth_token"] == "only-once-seen"


def test_what_a_provider_cannot_use_is_refused_beside_its_field(
    cast: Cast, administrator: Client
) -> None:
    for name, value in {"auth_token": "", "sender": "a name that is too long"}.items():
        page = administrator.post(CHANNELS + "sms/account/", TWILIO | {name: value})
        assert page.status_code == 422
        assert page.context["form"].errors.keys() == {name}
        assert "only-once-seen" not in page.content.decode()
    page = administrator.post(CHANNELS + "sms/account/", {"provider": "nobody"})
    assert page.status_code == 422
    assert not ChannelAccount.objects.of(cast.organisation).exists()


def test_an_account_is_forgotten_with_its_secrets(cast: Cast, administrator: Client) -> None:
    administrator.post(CHANNELS + "sms/account/", TWILIO)
    administrator.post(CHANNELS + "sms/forget/")
    row = ChannelAccount.objects.of(cast.organisation).get()
    assert (row.is_active, row.secrets) == (False, "")
    assert "/hooks/sms/" not in administrator.get(CHANNELS + "sms/").content.decode()


def test_a_channel_is_stopped_with_a_reason_and_started_again(cast: Cast, manager: Client) -> None:
    assert manager.post(CHANNELS + "email/stop/", {"because": " "}).status_code == 422
    assert not ChannelStop.objects.of(cast.organisation).exists()
    page = manager.post(CHANNELS + "email/stop/", {"because": "Wrong prices"}, follow=True)
    text = page.content.decode()
    assert "E-mail is stopped: nothing goes out over it." in text
    assert "Credit_Manager: “Wrong prices”" in text
    stop = ChannelStop.objects.of(cast.organisation).get()
    assert (stop.channel, stop.because) == ("email", "Wrong prices")
    plans.run(cast)
    for place in ("today", "plan"):
        assert "Wrong prices" in manager.get(f"/o/delta/{place}/").content.decode(), place
    manager.post(CHANNELS + "email/start/")
    assert not ChannelStop.objects.of(cast.organisation).exists()
    assert "Wrong prices" not in manager.get("/o/delta/today/").content.decode()


def test_a_channel_that_is_none_is_not_there(administrator: Client, manager: Client) -> None:
    assert administrator.get(CHANNELS + "pigeon/").status_code == 404
    assert manager.post(CHANNELS + "pigeon/stop/", {"because": "x"}).status_code == 404


def test_prices_have_a_day_and_what_held_stays(cast: Cast, administrator: Client) -> None:
    given = {"item": "segment", "price": "0,0725", "country": "nl", "valid_from": "2026-03-10"}
    administrator.post(CHANNELS + "sms/price/", given)
    later = given | {"price": "0.08", "valid_from": "2026-04-01"}
    administrator.post(CHANNELS + "sms/price/", later)
    rows = list(Price.objects.of(cast.organisation).order_by("valid_from"))
    assert [(r.item, r.country, r.price, r.valid_from) for r in rows] == [
        ("segment", "NL", Decimal("0.072500"), date(2026, 3, 10)),
        ("segment", "NL", Decimal("0.080000"), date(2026, 4, 1)),
    ]
    page = administrator.get(CHANNELS + "sms/").content.decode()
    assert "EUR 0.0725" in page
    assert page.count("/remove/") == 1
    refused = administrator.post(f"{CHANNELS}prices/{rows[0].pk}/remove/")
    assert refused.status_code == 409
    administrator.post(f"{CHANNELS}prices/{rows[1].pk}/remove/")
    assert [r.pk for r in Price.objects.of(cast.organisation)] == [rows[0].pk]


@pytest.mark.parametrize(
    ("name", "value"),
    [("price", "much"), ("price", "-1"), ("price", "1000"), ("country", "N1"), ("item", "postage"),
     ("valid_from", "tomorrow")],
)  # fmt: skip
def test_a_price_that_cannot_be_used_is_refused(
    cast: Cast, administrator: Client, name: str, value: str
) -> None:
    given = {"item": "segment", "price": "0.07", "country": "", "valid_from": "2026-03-10"}
    page = administrator.post(CHANNELS + "sms/price/", given | {name: value})
    assert page.status_code == 422
    assert page.context["price_form"].errors.keys() == {name}
    assert not Price.objects.of(cast.organisation).exists()


def test_who_may_not_set_up_or_stop_does_not(cast: Cast, administrator: Client) -> None:
    agent = Client()
    agent.force_login(cast.agent.user)
    assert agent.get(CHANNELS + "sms/").status_code == 200
    assert agent.post(CHANNELS + "sms/account/", TWILIO).status_code == 403
    assert agent.post(CHANNELS + "sms/stop/", {"because": "x"}).status_code == 403
    assert agent.post(CHANNELS + "sms/price/", {}).status_code == 403
    assert not ChannelAccount.objects.of(cast.organisation).exists()
    assert not ChannelStop.objects.of(cast.organisation).exists()
