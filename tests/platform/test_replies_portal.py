"""The door of a customer's page: who may come in, and messages that end with one press."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

import make
from cast import NOW, Cast
from tenor.platform.core.models import AuditEntry
from tenor.platform.events.models import Event
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Consent
from tenor.platform.outreach.models import Message
from tenor.platform.portal.door import text_on
from tenor.platform.portal.words import words_of
from tenor.platform.wording.draft import LANGUAGES
from tenor.platform.wording.links import link_for, text_of
from tenor.platform.wording.models import PageLink


@pytest.fixture
def reader(db: None) -> Client:
    """A browser that nobody is signed in with, and that would be asked for a form's token."""
    cache.clear()
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def link(cast: Cast) -> PageLink:
    customer = make.customer(cast, "C1", name="Ann de Wit")
    return link_for(cast.organisation, customer, at=NOW, contact_key="M1", channel="email")


def path(link: PageLink, more: str = "") -> str:
    return f"/p/{text_of(link)}/{more}"


def consents(cast: Cast) -> dict[str, bool]:
    return dict(Consent.objects.of(cast.organisation).values_list("channel", "granted"))


def message(cast: Cast, link: PageLink, **values: Any) -> Message:
    usual: dict[str, Any] = {"key": "M1", "channel": "email", "state": "sent", "sent_at": NOW}
    row: Message = Message.objects.of(cast.organisation).create(
        customer=link.customer, send_at=NOW, **{**usual, **values}
    )
    return row


def test_the_page_opens_with_its_link_alone_and_tells_nobody(
    reader: Client, link: PageLink
) -> None:
    answer = reader.get(path(link))

    assert answer.status_code == 200
    assert b"Delta Water" in answer.content
    assert not answer.cookies
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"].startswith("noindex")
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert "script-src 'self'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("change", ["forged", "other number", "empty", "long", "odd"])
def test_a_link_that_is_not_ours_opens_nothing_and_names_nobody(
    reader: Client, link: PageLink, change: str
) -> None:
    number, _stop, signature = text_of(link).partition(".")
    text = {
        "forged": f"{number}.{'a' * 17}", "other number": f"zz.{signature}", "empty": "x",
        "long": "1" * 300, "odd": f"{number}.{signature}é",
    }[change]  # fmt: skip

    answer = reader.get(f"/p/{text}/")

    assert answer.status_code == 404
    assert b"Delta Water" not in answer.content
    assert answer["Cache-Control"] == "no-store"
    assert b"This link does not work" in answer.content


def test_a_link_that_is_over_opens_nothing_but_still_ends_messages(
    cast: Cast, reader: Client, link: PageLink
) -> None:
    for change in ({"expires_at": NOW}, {"revoked_at": NOW, "expires_at": NOW + timedelta(days=9)}):
        PageLink.objects.of(cast.organisation).update(**change)
        answer = reader.get(path(link))
        assert answer.status_code == 410
        assert b"Ann" not in answer.content
        assert b"Delta Water" in answer.content
    assert reader.post(path(link, "stop/"), {"channel": "email", "want": "stop"}).status_code == 200
    assert consents(cast) == {"email": False}


def test_who_tries_out_links_is_asked_to_wait(reader: Client) -> None:
    found = [reader.get(f"/p/{number}.aaaaaaaaaaaaaaaaa/").status_code for number in range(1, 25)]

    assert found == [404] * 20 + [429] * 4


def test_looking_at_the_page_ends_nothing(cast: Cast, reader: Client, link: PageLink) -> None:
    for ask in (reader.get, reader.head):
        assert ask(path(link, "stop/")).status_code == 200
    assert consents(cast) == {}
    assert not Event.objects.of(cast.organisation).exists()


def test_one_press_ends_the_channel_at_once_and_can_be_undone(
    cast: Cast, reader: Client, link: PageLink
) -> None:
    waits = message(cast, link, key="P1", state="planned", sent_at=None)

    answer = reader.post(path(link, "stop/"), {"channel": "email", "want": "stop"})

    assert "U krijgt niets meer per e-mail." in answer.content.decode()
    assert "Maak dit ongedaan" in answer.content.decode()
    assert consents(cast) == {"email": False}
    waits.refresh_from_db()
    assert (waits.state, waits.refusal) == ("cancelled", "consent")
    told = Event.objects.of(cast.organisation).get()
    assert (told.kind, told.contact_key) == ("opted_out", "M1")

    reader.post(path(link, "stop/"), {"channel": "email", "want": "again"})

    assert consents(cast) == {"email": True}
    kinds = Event.objects.of(cast.organisation).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["opted_out", "opted_in"]


def test_pressed_twice_it_happened_once(cast: Cast, reader: Client, link: PageLink) -> None:
    for _press in range(2):
        reader.post(path(link, "stop/"), {"channel": "sms", "want": "stop"})
    assert consents(cast) == {"sms": False}
    assert Event.objects.of(cast.organisation).count() == 1
    done = AuditEntry.objects.of(cast.organisation).get(action="consent.set")
    assert (done.actor, done.actor_name) == (f"customer:{link.customer_id}", "customer C1")


def test_the_button_of_a_mail_program_ends_the_channel_that_the_message_came_over(
    cast: Cast, reader: Client, link: PageLink
) -> None:
    answer = reader.post(path(link, "stop/"), {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 204
    assert consents(cast) == {"email": False}


def test_a_channel_that_is_none_ends_nothing(cast: Cast, reader: Client, link: PageLink) -> None:
    for channel in ("", "fax", "open_tracking"):
        reader.post(path(link, "stop/"), {"channel": channel, "want": "stop"})
    assert consents(cast) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word(reader: Client, link: PageLink, language: str) -> None:
    for more in ("", "stop/"):
        answer = reader.get(path(link, more), {"lang": language})
        assert answer.status_code == 200
        assert f'<html lang="{language}"' in answer.content.decode()
        assert "{" not in answer.content.decode().partition("<body>")[2]
    assert words_of(language)["stop"]["channels"]["sms"]


def test_the_language_is_the_customers_unless_the_reader_chose_another(
    reader: Client, link: PageLink
) -> None:
    assert b'<html lang="nl"' in reader.get(path(link), headers={"accept-language": "de"}).content
    assert b'<html lang="fr"' in reader.get(path(link), {"lang": "fr"}).content
    assert b'<html lang="nl"' in reader.get(path(link), {"lang": "xx"}).content


def test_a_form_that_is_too_large_is_turned_away(
    cast: Cast, reader: Client, link: PageLink
) -> None:
    answer = reader.post(path(link, "stop/"), {"channel": "email", "more": "x" * 70_000})
    assert answer.status_code == 413
    assert consents(cast) == {}


def test_the_picture_tells_an_opening_only_where_the_reader_agreed(
    cast: Cast, reader: Client, link: PageLink
) -> None:
    message(cast, link)
    cast.organisation.settings = {"open_tracking": True}
    cast.organisation.save()
    answer = reader.get(path(link, "seen.gif"))
    assert (answer["Content-Type"], answer.content[:6]) == ("image/gif", b"GIF89a")
    assert not Event.objects.of(cast.organisation).exists()

    ledger.set_consent(cast.system, customer_key="C1", channel="open_tracking", granted=True)
    for _look in range(2):
        reader.get(path(link, "seen.gif"))

    told = Event.objects.of(cast.organisation).get()
    assert (told.kind, told.customer_key, told.contact_key) == ("opened", "C1", "M1")


@pytest.mark.parametrize(
    ("colour", "ink"),
    [("#000000", "#ffffff"), ("#ffffff", "#000000"), ("#ffd400", "#000000"),
     ("#1f5f8b", "#ffffff")],
)  # fmt: skip
def test_words_on_the_organisations_colour_can_be_read(colour: str, ink: str) -> None:
    assert text_on(colour) == ink
