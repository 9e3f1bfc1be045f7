"""People: let in, changed, taken away; and the link with which a new colleague begins."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from cast import PASSWORD, Cast
from tenor.platform.core import invitations
from tenor.platform.core.actor import system
from tenor.platform.core.errors import Forbidden, NotFound, Refused
from tenor.platform.core.models import AuditEntry, Membership, User
from tenor.platform.core.people import add_person
from tenor.platform.core.roles import Right


@pytest.fixture
def administrator(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.administrator.user)
    return client


def members(cast: Cast) -> dict[str, str]:
    rows = Membership.objects.of(cast.organisation).select_related("user")
    return {row.user.email: row.role for row in rows}


def let_in(client: Client, **given: str) -> Any:
    usual = {"email": "new@delta.example", "name": "Noor", "role": "agent"}
    return client.post("/o/delta/people/add/", usual | given)


def link_in(page: Any) -> str:
    return re.search(r"http://testserver(/welcome/[^<]+/)", page.content.decode())[1]  # type: ignore[index]


def test_somebody_is_let_in_by_a_link_and_signs_in(cast: Cast, administrator: Client) -> None:
    link = link_in(let_in(administrator))
    assert members(cast)["new@delta.example"] == "agent"
    client = Client()
    assert "new@delta.example" in client.get(link).content.decode()
    done = client.post(link, {"password": PASSWORD, "again": PASSWORD})
    assert done.headers["Location"] == reverse("account_login")
    client.post("/account/login/", {"login": "new@delta.example", "password": PASSWORD})
    assert client.get("/o/delta/profile/").status_code == 200
    actions = [e.action for e in AuditEntry.objects.of(cast.organisation).order_by("number")]
    assert actions[-2:] == ["person.add", "person.invite"]


def test_a_link_works_once(cast: Cast, administrator: Client) -> None:
    link = link_in(let_in(administrator))
    Client().post(link, {"password": PASSWORD, "again": PASSWORD})
    again = Client().post(link, {"password": "quite another one 7", "again": "quite another one 7"})
    assert again.status_code == 404
    assert User.objects.get(email="new@delta.example").check_password(PASSWORD)


def test_a_link_ends(cast: Cast, administrator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    link = link_in(let_in(administrator))
    later = signing.time.time() + invitations.VALID.total_seconds() + 60  # type: ignore[attr-defined]
    monkeypatch.setattr(signing.time, "time", lambda: later)  # type: ignore[attr-defined]
    assert Client().get(link).status_code == 404


@pytest.mark.parametrize("given", [("short", "short"), ("password123456", "password12345X")])
def test_a_weak_or_mistyped_first_password_is_not_kept(
    cast: Cast, administrator: Client, given: tuple[str, str]
) -> None:
    link = link_in(let_in(administrator))
    page = Client().post(link, {"password": given[0], "again": given[1]})
    assert page.status_code == 422
    assert not User.objects.get(email="new@delta.example").has_usable_password()
    assert Client().get(link).status_code == 200


def test_a_forged_link_opens_nothing(cast: Cast) -> None:
    text = signing.dumps({"user": cast.agent.user_id, "organisation": cast.organisation.pk,
                          "seal": ""}, salt="tenor.other")  # fmt: skip
    for forged in (text, "abc", text[:-2]):
        assert Client().get(f"/welcome/{forged}/").status_code == 404


def test_a_link_is_no_door_into_another_organisation(cast: Cast, administrator: Client) -> None:
    """Whoever makes a link could follow it, so it is void once somebody works elsewhere too."""
    link = link_in(let_in(administrator))
    add_person(system(cast.other), email="new@delta.example", role="administrator")
    page = Client().post(link, {"password": PASSWORD, "again": PASSWORD})
    assert page.status_code == 404
    user = User.objects.get(email="new@delta.example")
    assert not user.has_usable_password()
    with pytest.raises(Refused):
        invitations.invite(cast.actor("administrator"), user_id=user.pk)


def test_who_has_a_password_gets_no_link(cast: Cast, administrator: Client) -> None:
    user = User.objects.create_user("known@elsewhere.example", PASSWORD)
    page = let_in(administrator, email="Known@Elsewhere.example")
    assert page.status_code == 302
    assert members(cast)["known@elsewhere.example"] == "agent"
    assert administrator.post(f"/o/delta/people/{user.pk}/invite/").status_code == 409


def test_a_person_of_another_organisation_cannot_be_changed(
    cast: Cast, administrator: Client
) -> None:
    number = cast.stranger.user_id
    for address in (f"{number}/", f"{number}/invite/", f"{number}/remove/"):
        answer = administrator.post(f"/o/delta/people/{address}", {"role": "agent", "skills": ""})
        assert answer.status_code == 404
    cast.stranger.refresh_from_db()
    assert cast.stranger.role == "credit_manager"
    with pytest.raises(NotFound):
        invitations.invite(cast.actor("administrator"), user_id=number)


def test_role_and_skills_are_changed_and_written_down(cast: Cast, administrator: Client) -> None:
    given = {"role": "analyst", "skills": "Turkish, insolvency, Turkish"}
    assert administrator.post(f"/o/delta/people/{cast.agent.user_id}/", given).status_code == 302
    cast.agent.refresh_from_db()
    assert (cast.agent.role, cast.agent.skills) == ("analyst", ["Turkish", "insolvency"])
    entries = list(AuditEntry.objects.of(cast.organisation).order_by("-number")[:2])
    assert [(e.action, e.after) for e in reversed(entries)] == [
        ("person.change_role", {"role": "analyst"}),
        ("person.set_skills", ["Turkish", "insolvency"]),
    ]


def test_the_last_administrator_stays(cast: Cast, administrator: Client) -> None:
    number = cast.administrator.user_id
    page = administrator.post(f"/o/delta/people/{number}/", {"role": "agent", "skills": ""})
    assert page.status_code == 409
    assert "last administrator" in page.content.decode()
    assert administrator.post(f"/o/delta/people/{number}/remove/").status_code == 409
    assert members(cast)["administrator@delta.example"] == "administrator"


def test_who_is_taken_away_finds_nothing_any_more(cast: Cast, administrator: Client) -> None:
    agent = Client()
    agent.force_login(cast.agent.user)
    assert agent.get("/o/delta/profile/").status_code == 200
    administrator.post(f"/o/delta/people/{cast.agent.user_id}/remove/")
    assert agent.get("/o/delta/profile/").status_code == 404
    assert User.objects.filter(pk=cast.agent.user_id).exists()


@pytest.mark.parametrize(
    "given", [{"email": "no address"}, {"role": "king"}, {"email": "agent@delta.example"}]
)
def test_what_cannot_be_is_refused_beside_the_field(
    cast: Cast, administrator: Client, given: dict[str, str]
) -> None:
    before = members(cast)
    page = let_in(administrator, **given)
    assert page.status_code in (409, 422)
    assert b"errorlist" in page.content
    assert members(cast) == before


def test_others_cannot_let_anybody_in(cast: Cast, manager: Client) -> None:
    before = members(cast)
    assert let_in(manager).status_code == 403
    with pytest.raises(Forbidden):
        invitations.invite(cast.actor(), user_id=cast.agent.user_id)
    assert members(cast) == before


def test_the_table_of_roles_shows_every_right(cast: Cast, administrator: Client) -> None:
    page = administrator.get("/o/delta/people/").content.decode()
    assert page.count('<th scope="row">') == len(Right)
    assert "Book payments, credit notes and write-offs" in page
    assert timedelta(days=7) == invitations.VALID
