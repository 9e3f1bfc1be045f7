"""Signing in: by password, second factor and provider; and who is kept out."""

import re
import urllib.request
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from cast import PASSWORD, Cast
from oidc_provider import Provider, provider
from tenor.platform.core.actor import system
from tenor.platform.core.errors import Forbidden, NotFound, Refused
from tenor.platform.core.models import AuditEntry, Membership, User
from tenor.platform.core.people import add_person, remove_second_factor
from tenor.platform.core.preferences import change_preferences

LOGIN = "/account/login/"


@pytest.fixture
def manager_user(cast: Cast) -> User:
    """The credit manager, with a password."""
    user: User = cast.manager.user
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, user: User, password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"login": user.email, "password": password})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def code_of(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def test_a_password_lets_in_and_it_is_written_down(client: Client, manager_user: User) -> None:
    assert sign_in(client, manager_user).headers["Location"] == "/"
    assert is_in(client)
    entry = AuditEntry.across.filter(organisation=None, action="person.sign_in").get()
    assert (entry.actor, entry.origin) == (f"person:{manager_user.pk}", "127.0.0.1")


def test_the_address_in_the_log_is_the_word_of_our_own_proxy_only(
    manager_user: User, settings: Any
) -> None:
    made_up = {"HTTP_X_FORWARDED_FOR": "203.0.113.9, 198.51.100.7"}
    for proxies, origin in ((0, "127.0.0.1"), (1, "198.51.100.7"), (3, "127.0.0.1")):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
        client = Client(**made_up)
        client.force_login(manager_user)
        client.post("/o/delta/settings/pause/", {"because": "A test"})
        client.post("/o/delta/settings/resume/")
        entry = AuditEntry.across.filter(action="organisation.pause").latest("pk")
        assert entry.origin == origin


def test_a_wrong_password_does_not_and_says_no_more_than_that(
    client: Client, manager_user: User
) -> None:
    wrong = sign_in(client, manager_user, "something else entirely")
    unknown = client.post(LOGIN, {"login": "nobody@delta.example", "password": PASSWORD})
    said = [re.findall(r'<ul class="errorlist.*?</ul>', r.content.decode(), re.S)
            for r in (wrong, unknown)]  # fmt: skip
    assert said[0] == said[1] != []
    assert not is_in(client)
    assert not AuditEntry.across.filter(action="person.sign_in").exists()


def test_after_five_wrong_passwords_the_right_one_waits_too(manager_user: User) -> None:
    for _ in range(5):
        sign_in(Client(), manager_user, "something else entirely")
    client = Client()
    response = sign_in(client, manager_user)
    assert b"Too many failed login attempts" in response.content
    assert not is_in(client)
    # Another process counts on: what was counted stands in the database.
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM core_cache")
        assert cursor.fetchone()[0] > 0
    cache.clear()
    sign_in(client, manager_user)
    assert is_in(client)


def test_somebody_else_is_not_kept_out_by_these_failures(cast: Cast, manager_user: User) -> None:
    cast.agent.user.set_password(PASSWORD)
    cast.agent.user.save()
    for _ in range(6):
        sign_in(Client(), manager_user, "something else entirely")
    client = Client()
    sign_in(client, cast.agent.user)
    assert is_in(client)


def test_too_many_tries_from_one_address_are_answered_with_429(manager_user: User) -> None:
    client = Client()
    answers = [
        client.post(LOGIN, {"login": f"n{n}@delta.example", "password": PASSWORD}).status_code
        for n in range(31)
    ]
    assert answers[-1] == 429
    assert not is_in(client)


def _with_authenticator(client: Client, user: User) -> str:
    sign_in(client, user)
    assert client.get(reverse("mfa_activate_totp")).status_code == 302
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    assert b"data:image/svg" in page.content
    secret: str = page.context["form"].secret
    done = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert done.status_code == 302
    client.post(reverse("account_logout"))
    cache.clear()
    return secret


def test_a_second_factor_is_asked_for_and_checked(client: Client, manager_user: User) -> None:
    secret = _with_authenticator(client, manager_user)
    assert sign_in(client, manager_user).headers["Location"] == reverse("mfa_authenticate")
    assert not is_in(client)
    assert client.get("/o/delta/").status_code == 302
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not is_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert is_in(client)


def test_a_recovery_code_lets_in_once(client: Client, manager_user: User) -> None:
    _with_authenticator(client, manager_user)
    kept = Authenticator.objects.get(user=manager_user, type="recovery_codes")
    code = kept.wrap().get_unused_codes()[0]
    sign_in(client, manager_user)
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert is_in(client)
    other = Client()
    sign_in(other, manager_user)
    other.post(reverse("mfa_authenticate"), {"code": code})
    assert not is_in(other)


def test_an_organisation_can_ask_everybody_for_a_second_factor(
    cast: Cast, client: Client, manager_user: User
) -> None:
    change_preferences(cast.actor("administrator"), second_factor_required=True)
    sign_in(client, manager_user)
    answer = client.get("/o/delta/settings/")
    assert answer.headers["Location"] == reverse("mfa_index")
    page = client.get(reverse("mfa_index")).content.decode()
    assert "Delta Water asks for a second factor" in page
    secret = _with_authenticator(client, manager_user)
    sign_in(client, manager_user)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert client.get("/o/delta/settings/").status_code == 200


def test_a_lost_password_is_renewed_by_e_mail_and_other_browsers_are_signed_out(
    client: Client, manager_user: User
) -> None:
    elsewhere = Client()
    sign_in(elsewhere, manager_user)
    asked = {"email": manager_user.email}
    said = client.post(reverse("account_reset_password"), asked, follow=True)
    link = next(line for line in mail.outbox[0].body.split() if "/password/reset/key/" in line)
    page = client.get(urlsplit(link).path, follow=True)
    form = {"password1": "four other plain words", "password2": "four other plain words"}
    client.post(page.redirect_chain[-1][0], form)
    manager_user.refresh_from_db()
    assert manager_user.check_password("four other plain words")
    assert elsewhere.get("/").headers["Location"].startswith(LOGIN)
    mail.outbox.clear()
    unknown = Client().post(
        reverse("account_reset_password"), {"email": "nobody@delta.example"}, follow=True
    )
    assert unknown.redirect_chain == said.redirect_chain


@pytest.mark.parametrize("weak", ["short", "1q2w3e4r5t6y", "credit_manager@delta.example"])
def test_a_weak_password_is_refused(client: Client, manager_user: User, weak: str) -> None:
    sign_in(client, manager_user)
    given = {"oldpassword": PASSWORD, "password1": weak, "password2": weak}
    client.post(reverse("account_change_password"), given)
    manager_user.refresh_from_db()
    assert manager_user.check_password(PASSWORD)


@pytest.mark.parametrize("path", ["/account/signup/", "/account/email/"])
def test_nobody_lets_themselves_in_or_takes_another_address(
    client: Client, manager_user: User, path: str
) -> None:
    sign_in(client, manager_user)
    given = {"email": "new@delta.example", "password1": PASSWORD, "password2": PASSWORD}
    assert client.get(path).status_code == 404
    assert client.post(path, {**given, "action_add": ""}).status_code == 404
    assert not User.objects.filter(email="new@delta.example").exists()
    assert not EmailAddress.objects.filter(email="new@delta.example").exists()


def test_somebody_who_is_taken_away_is_out_at_once(cast: Cast, manager: Client) -> None:
    assert manager.get("/o/delta/settings/").status_code == 200
    Membership.objects.of(cast.organisation).filter(pk=cast.manager.pk).update(is_active=False)
    assert manager.get("/o/delta/settings/").status_code == 404
    assert manager.get("/").status_code == 403


def test_no_page_is_kept_by_a_frame_or_runs_a_script_of_others(client: Client, db: None) -> None:
    response = client.get(LOGIN)
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script>" not in response.content.decode()
    assert response.headers["X-Frame-Options"] == "DENY"


@pytest.fixture
def oidc(settings: Any) -> Any:
    """A provider at which the credit manager can sign in."""
    with provider() as here:
        settings.SOCIALACCOUNT_PROVIDERS = here.settings()
        here.person = {"sub": "42", "email": "credit_manager@delta.example",
                       "email_verified": True, "name": "Mara"}  # fmt: skip
        yield here


def _through(client: Client, oidc: Provider) -> Any:
    """Press the button, go to the provider and come back."""
    assert b"Sign in with Delta&#x27;s provider" in client.get(LOGIN).content
    away = client.post("/account/oidc/oidc/login/").headers["Location"]
    assert away.startswith(f"{oidc.address}/authorize?")
    back = _redirect_of(away)
    assert urlsplit(back).path == "/account/oidc/oidc/login/callback/"
    return client.get(f"{urlsplit(back).path}?{urlsplit(back).query}")


def _redirect_of(address: str) -> str:
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: Any) -> None:
            return None

    try:
        urllib.request.build_opener(Stay).open(address, timeout=60)
    except HTTPError as answer:
        return str(answer.headers["Location"])
    raise AssertionError("the provider sent nobody back")


def test_the_organisations_provider_lets_in_who_was_invited(
    cast: Cast, client: Client, oidc: Provider
) -> None:
    people = User.objects.count()
    assert _through(client, oidc).headers["Location"] == "/"
    assert client.session["_auth_user_id"] == str(cast.manager.user.pk)
    assert "/token" in oidc.asked
    assert User.objects.count() == people
    change_preferences(cast.actor("administrator"), second_factor_required=True)
    assert client.get("/o/delta/settings/").status_code == 200


@pytest.mark.parametrize(
    "other",
    [{"email": "nobody@delta.example"}, {"email_verified": False}, {"email": ""}],
    ids=["unknown", "not verified", "no address"],
)
def test_the_provider_does_not_let_in_anybody_else(
    cast: Cast, client: Client, oidc: Provider, other: dict[str, Any]
) -> None:
    oidc.person = {**oidc.person, **other}
    people = User.objects.count()
    page = _through(client, oidc)
    page = client.get(page.headers["Location"]) if page.status_code == 302 else page
    assert "nobody here has invited you" in page.content.decode()
    assert not is_in(client)
    assert User.objects.count() == people


def test_a_forged_way_back_from_the_provider_lets_nobody_in(
    cast: Cast, client: Client, oidc: Provider
) -> None:
    client.get("/account/oidc/oidc/login/callback/", {"code": "once", "state": "made up"})
    assert not is_in(client)
    assert "/token" not in oidc.asked


def test_without_a_provider_there_is_no_button(client: Client, db: None) -> None:
    assert b"/account/oidc/" not in client.get(LOGIN).content


def test_who_lost_the_second_factor_is_let_in_again_by_an_administrator(
    client: Client, cast: Cast, manager_user: User
) -> None:
    _with_authenticator(client, manager_user)
    administrator = Client()
    administrator.force_login(cast.administrator.user)
    page = administrator.get(f"/o/delta/people/{manager_user.pk}/").content.decode()
    assert "Lost the second factor" in page
    address = f"/o/delta/people/{manager_user.pk}/second-factor/"
    assert administrator.post(address).status_code == 302
    assert not Authenticator.objects.filter(user=manager_user).exists()
    entry = AuditEntry.objects.of(cast.organisation).get(action="person.remove_second_factor")
    assert entry.subject == f"person:{manager_user.pk}"
    sign_in(client, manager_user)
    assert is_in(client)


def test_a_second_factor_that_others_rely_on_is_not_taken_away(
    client: Client, cast: Cast, manager_user: User
) -> None:
    _with_authenticator(client, manager_user)
    for actor, refusal in (
        (cast.actor("agent"), Forbidden),
        (cast.actor("manager"), Forbidden),
    ):
        with pytest.raises(refusal):
            remove_second_factor(actor, user_id=manager_user.pk)
    with pytest.raises(NotFound):
        remove_second_factor(system(cast.other), user_id=manager_user.pk)
    add_person(system(cast.other), email=manager_user.email, role="agent")
    with pytest.raises(Refused, match="another organisation"):
        remove_second_factor(cast.actor("administrator"), user_id=manager_user.pk)
    assert Authenticator.objects.filter(user=manager_user).exists()
