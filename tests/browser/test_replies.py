"""What comes back, as people deal with it: on a desk, and a reader with a telephone."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect

import make
from cast import NOW, Cast
from mails import mail
from tenor.platform.ledger.models import Consent
from tenor.platform.replies import actions
from tenor.platform.replies.mime import parsed, read
from tenor.platform.wording.links import link_for, text_of

SignIn = Callable[[Page, AbstractBaseUser], Page]
Axe = Callable[[Page], list[str]]


@pytest.fixture
def world(cast: Cast, live_server: object) -> Cast:
    """A reply with a question and a file, and one of which nobody knows whose it is."""
    make.customer(cast, "C1", name="Ann de Wit")
    pdf = (("proof.pdf", "application/pdf", b"%PDF-1.7"),)
    for raw in (
        mail("Can I pay at the end of the month?\n\nOn Tue, Delta wrote:\n> Open", files=pdf),
        mail("I paid on Friday.", sender="who@else.example", number="<m2@x>"),
    ):
        actions.take_in(cast.organisation, read(parsed(raw), provider="imap"))
    return cast


def test_a_reply_is_read_and_dealt_with(
    world: Cast, page: Page, signed_in: SignIn, axe: Axe
) -> None:
    signed_in(page, world.manager.user).goto("/o/delta/replies/")
    assert axe(page) == []
    page.get_by_role("link", name="Ann de Wit").click()
    expect(page.locator(".message-body").first).to_have_text("Can I pay at the end of the month?")
    assert axe(page) == []
    page.get_by_label("What was agreed").fill("Until the 31st.")
    page.get_by_role("button", name="It is dealt with").click()
    expect(page.get_by_text("What rested because of it goes on.")).to_be_visible()
    expect(page.locator(".replies li")).to_have_count(1)
    page.get_by_role("link", name="who@else.example").click()
    page.get_by_label("Customer number").fill("C1")
    page.get_by_role("button", name="It is theirs").click()
    expect(page.get_by_text("It is with Ann de Wit now.")).to_be_visible()


def test_a_reader_ends_messages_on_a_telephone_and_thinks_again(
    world: Cast, phone: Page, axe: Axe
) -> None:
    customer = world.organisation
    row = make.customer(world, "C1")
    link = link_for(customer, row, at=NOW, contact_key="M1", channel="email")
    phone.goto(f"/p/{text_of(link)}/stop/?lang=en")
    assert axe(phone) == []
    phone.get_by_role("button", name="Stop: e-mail").click()
    expect(phone.get_by_role("status")).to_contain_text("You get nothing more by e-mail.")
    assert not Consent.objects.of(customer).get().granted
    assert axe(phone) == []
    phone.get_by_role("button", name="Undo this").click()
    expect(phone.get_by_role("status")).to_contain_text("You can be reached by e-mail again.")
    assert phone.context.cookies() == []
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
