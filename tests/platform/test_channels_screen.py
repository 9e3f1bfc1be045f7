"""Settings as customers see them, and channels: what stands there, who may change it, refusals."""

import pytest
from django.test import Client

from cast import Cast
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import preferences_of
from tenor.platform.ledger.models import OwnAccount

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
