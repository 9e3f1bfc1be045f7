"""Signing in as a person does it: by password, with a code, with a passkey."""

import re
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from playwright.sync_api import Page, expect

from cast import PASSWORD, Cast
from tenor.platform.core.models import User


@pytest.fixture
def manager_user(cast: Cast, live_server: object) -> User:
    user: User = cast.manager.user
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(page: Page, user: User) -> None:
    page.goto("/o/delta/profile/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.context.clear_cookies()


def confirm(page: Page) -> None:
    """Say the password once more, where a page guards something."""
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def test_a_password_leads_to_where_one_wanted_to_go(page: Page, manager_user: User) -> None:
    sign_in(page, manager_user)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your profile")
    page.locator("summary", has_text="Credit_Manager").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/o/delta/profile/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_an_authenticator_app_is_set_up_and_asked_for(page: Page, manager_user: User) -> None:
    sign_in(page, manager_user)
    page.get_by_role("link", name="Second factor and passkeys").last.click()
    page.get_by_role("link", name="Activate").click()
    confirm(page)
    secret = page.get_by_label("Authenticator secret").input_value()
    assert page.locator("img.code-image").evaluate("image => image.naturalWidth > 100")
    page.get_by_label(re.compile("code", re.IGNORECASE)).last.fill(_code(secret))
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery Codes")
    sign_out(page)
    sign_in(page, manager_user)
    expect(page.get_by_role("heading", level=1)).to_have_text("Two-Factor Authentication")
    page.get_by_label("Code").fill(_code(secret))
    page.get_by_role("button", name="Sign In").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your profile")


def test_a_passkey_is_made_and_opens_the_door_without_a_password(
    open_page: Callable[..., Page], manager_user: User
) -> None:
    page = open_page()
    authenticator = page.context.new_cdp_session(page)
    authenticator.send("WebAuthn.enable")
    authenticator.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                     "hasUserVerification": True, "isUserVerified": True,
                     "automaticPresenceSimulation": True}},
    )  # fmt: skip
    sign_in(page, manager_user)
    page.goto("/account/2fa/webauthn/add/")
    confirm(page)
    page.get_by_label("Name").fill("My laptop")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery Codes")
    sign_out(page)
    page.goto("/o/delta/profile/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your profile")


def _code(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))
