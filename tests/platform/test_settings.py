"""Settings: changed by who may, refused in words, written down; the switch that stops all; keys."""

import re
from typing import Any

import pytest
from django.test import Client

from cast import NOW, Cast
from tenor.platform.core import keys
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.core.models import ApiKey, AuditEntry, Organisation
from tenor.platform.core.organisations import change_organisation, pause, resume
from tenor.platform.core.preferences import Preferences, change_preferences, preferences_of


@pytest.fixture
def administrator(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.administrator.user)
    return client


def now_is(cast: Cast) -> Organisation:
    return Organisation.objects.get(pk=cast.organisation.pk)


WORK = {
    "automatic": "all", "automatic_amount_below": "250", "control_percent": "12.5",
    "use_prioritisation": "on", "use_execution": "on", "day_starts_at": "05:30",
    "promise_tolerance_days": "4", "minutes_per_call": "8", "cost_per_minute": "0.90",
}  # fmt: skip


def test_how_tenor_works_is_changed_and_written_down(cast: Cast, administrator: Client) -> None:
    assert administrator.post("/o/delta/settings/work/", WORK).status_code == 302
    assert preferences_of(now_is(cast)) == Preferences(
        automatic=("all",), automatic_amount_below="250", control_share=0.125,
        use_prevention=False, day_starts_at="05:30", promise_tolerance_days=4, minutes_per_call=8,
        cost_per_minute="0.90",
    )  # fmt: skip
    entry = AuditEntry.objects.of(cast.organisation).order_by("-number")[0]
    assert entry.action == "organisation.change_preferences"
    assert entry.before["control_share"] == 0
    assert entry.after["control_share"] == 0.125
    assert "use_execution" not in entry.after


def test_sending_begins_once_the_other_system_is_said_to_be_silent(
    cast: Cast, administrator: Client
) -> None:
    assert b"Looks only" in administrator.get("/o/delta/settings/").content
    refused = administrator.post("/o/delta/settings/sending/begin/")
    assert refused.status_code == 409
    assert b"reminded twice" in refused.content
    assert preferences_of(now_is(cast)).read_only is True
    page = administrator.post(
        "/o/delta/settings/sending/begin/", {"other_is_off": "yes"}, follow=True
    ).content.decode()
    assert "Looks only" not in page
    assert "off since" in page
    kept = preferences_of(now_is(cast))
    assert (kept.read_only, kept.erp_reminders_off) == (False, True)
    assert kept.erp_reminders_off_on == "2026-03-10"
    administrator.post("/o/delta/settings/sending/other/")
    page = administrator.post("/o/delta/settings/sending/end/", follow=True).content.decode()
    assert "Looks only" in page
    kept = preferences_of(now_is(cast))
    assert (kept.read_only, kept.erp_reminders_off) == (True, False)


def test_who_does_not_administer_opens_no_sending(cast: Cast, manager: Client) -> None:
    for end in ("begin", "end", "other", "by-themselves"):
        answer = manager.post(f"/o/delta/settings/sending/{end}/", {"other_is_off": "yes"})
        assert answer.status_code == 403
    assert now_is(cast).settings == {}


def test_what_goes_out_by_itself_is_chosen(cast: Cast, administrator: Client) -> None:
    given = {"notifications": ["thank_you", "promise_noted"], "automatic_notices": "on"}
    administrator.post("/o/delta/settings/sending/by-themselves/", given)
    kept = preferences_of(now_is(cast))
    assert kept.notifications == ("thank_you", "promise_noted")
    assert kept.automatic_notices is True
    administrator.post("/o/delta/settings/sending/by-themselves/", {"notifications": ["reminder"]})
    assert preferences_of(now_is(cast)).notifications == ("thank_you", "promise_noted")


def test_saving_what_stands_already_writes_nothing(cast: Cast, administrator: Client) -> None:
    administrator.post("/o/delta/settings/work/", WORK)
    before = AuditEntry.objects.of(cast.organisation).count()
    administrator.post("/o/delta/settings/work/", WORK)
    assert AuditEntry.objects.of(cast.organisation).count() == before


@pytest.mark.parametrize(
    ("name", "value"),
    [("day_starts_at", "25:00"), ("control_percent", "80"), ("minutes_per_call", "0"),
     ("cost_per_minute", "much"), ("automatic_amount_below", "-1")],
)  # fmt: skip
def test_a_value_that_cannot_be_used_is_refused_beside_its_field(
    cast: Cast, administrator: Client, name: str, value: str
) -> None:
    page = administrator.post("/o/delta/settings/work/", WORK | {name: value})
    assert page.status_code == 422
    assert page.context["work_form"].errors.keys() == {name}
    assert now_is(cast).settings == {}


@pytest.mark.parametrize(
    "changes",
    [{"wishes": 3}, {"read_only": "yes"}, {"control_share": 0.6}, {"ladder": []},
     {"ladder": [(14, "email", "firm"), (1, "email", "firm")]}, {"ladder": [(1, "e mail", "firm")]},
     {"ladder": [(1, "email")]}, {"day_starts_at": 6}, {"automatic": [""]},
     {"cost_per_minute": "NaN"}, {"promise_tolerance_days": "two"}],
    ids=str,
)  # fmt: skip
def test_the_action_refuses_what_no_form_would_send(cast: Cast, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        change_preferences(cast.actor("administrator"), **changes)
    assert refused.value.field == next(iter(changes))
    assert now_is(cast).settings == {}


def test_the_ladder_is_changed_step_by_step(cast: Cast, administrator: Client) -> None:
    steps = {
        "ladder_days": ["3", "10", "", ""],
        "ladder_channel": ["email", "letter", "sms", "email"],
        "ladder_tone": ["friendly", "firm", "firm", "firm"],
    }
    assert administrator.post("/o/delta/settings/ladder/", steps).status_code == 302
    assert preferences_of(now_is(cast)).ladder == ((3, "email", "friendly"), (10, "letter", "firm"))
    wrong = administrator.post("/o/delta/settings/ladder/", steps | {"ladder_days": ["9", "1"]})
    assert wrong.status_code == 422
    assert preferences_of(now_is(cast)).ladder[0][0] == 3


def test_the_organisation_is_renamed_and_moved(cast: Cast, administrator: Client) -> None:
    given = {"name": "Delta Wasser", "country": "DE", "language": "nl",
             "timezone": "Europe/Berlin", "currency": "EUR"}  # fmt: skip
    page = administrator.post("/o/delta/settings/organisation/", given, follow=True)
    assert "Delta Wasser" in page.content.decode()
    assert now_is(cast).timezone == "Europe/Berlin"
    for name, value in {"timezone": "Mars/North", "country": "Germany", "currency": "eur",
                        "language": "xx", "name": " "}.items():  # fmt: skip
        page = administrator.post("/o/delta/settings/organisation/", given | {name: value})
        assert page.status_code == 422
        assert name in page.context["organisation_form"].errors
    assert now_is(cast).name == "Delta Wasser"
    with pytest.raises(Invalid):
        change_organisation(cast.actor("administrator"), slug="omega")


def test_others_read_settings_and_change_none(cast: Cast, manager: Client) -> None:
    page = manager.get("/o/delta/settings/")
    assert page.status_code == 200
    assert b"settings/work/" in page.content
    assert page.content.count(b"disabled") > 5
    assert manager.post("/o/delta/settings/work/", WORK).status_code == 403
    with pytest.raises(Forbidden):
        change_preferences(cast.actor(), read_only=False)
    assert now_is(cast).settings == {}


def test_everything_is_paused_and_goes_on_again(cast: Cast, manager: Client) -> None:
    assert manager.post("/o/delta/settings/pause/", {"because": ""}).status_code == 422
    assert now_is(cast).paused_at is None
    manager.post("/o/delta/settings/pause/", {"because": "Wrong amounts in the import"})
    assert (now_is(cast).paused_at, now_is(cast).paused_because) == (
        NOW, "Wrong amounts in the import",
    )  # fmt: skip
    page = manager.get("/o/delta/customers/").content.decode()
    assert "Everything is paused" in page
    assert "Wrong amounts in the import" in page
    with pytest.raises(Refused):
        pause(cast.actor(), because="again")
    manager.post("/o/delta/settings/resume/")
    assert now_is(cast).paused_at is None
    with pytest.raises(Refused):
        resume(cast.actor())
    actions = AuditEntry.objects.of(cast.organisation).order_by("number")
    assert [e.action for e in actions][-2:] == ["organisation.pause", "organisation.resume"]


def test_an_agent_cannot_stop_everything(cast: Cast, client: Client) -> None:
    client.force_login(cast.agent.user)
    assert client.post("/o/delta/settings/pause/", {"because": "tired"}).status_code == 403
    assert now_is(cast).paused_at is None


def test_a_key_is_shown_once_and_revoked(cast: Cast, administrator: Client) -> None:
    given = {"name": "Bookkeeping", "scopes": ["invoices:read"], "expires_at": ""}
    page = administrator.post("/o/delta/settings/keys/make/", given).content.decode()
    text = re.search(r"tenor_[0-9a-f]{8}_[\w-]{40,}", page)[0]  # type: ignore[index]
    found = keys.find_key(text)
    assert found is not None
    assert (found.name, found.scopes) == ("Bookkeeping", ["invoices:read"])
    later = administrator.get("/o/delta/settings/keys/").content.decode()
    assert text not in later
    assert f"tenor_{found.prefix}_…" in later
    assert text not in str(list(AuditEntry.objects.of(cast.organisation).values()))
    administrator.post(f"/o/delta/settings/keys/{found.prefix}/revoke/")
    assert keys.find_key(text) is None


def test_a_key_without_name_or_scope_is_not_made(cast: Cast, administrator: Client) -> None:
    for given in ({"name": "", "scopes": ["invoices:read"]}, {"name": "x"},
                  {"name": "x", "scopes": ["everything"]}):  # fmt: skip
        page = administrator.post("/o/delta/settings/keys/make/", given)
        assert page.status_code == 422
    assert not ApiKey.objects.of(cast.organisation).exists()


def test_a_key_of_another_organisation_cannot_be_revoked(cast: Cast, administrator: Client) -> None:
    key = ApiKey.objects.of(cast.other).create(name="x", prefix="abcd1234", digest="0", scopes=[])
    assert administrator.post("/o/delta/settings/keys/abcd1234/revoke/").status_code == 404
    key.refresh_from_db()
    assert key.revoked_at is None


def test_everybody_sets_their_own_name_and_language(cast: Cast, manager: Client) -> None:
    done = manager.post("/o/delta/profile/", {"name": "Mara", "language": "nl"})
    assert done.status_code == 302
    cast.manager.user.refresh_from_db()
    assert (cast.manager.user.name, cast.manager.user.language) == ("Mara", "nl")
    assert '<html lang="nl"' in manager.get("/o/delta/profile/").content.decode()
    assert manager.post("/o/delta/profile/", {"language": "xx"}).status_code == 422


def test_light_dark_and_language_are_kept_in_the_browser(client: Client, db: None) -> None:
    client.post("/appearance/", {"theme": "dark", "language": "nl"})
    page = client.get("/account/login/").content.decode()
    assert '<html lang="nl" data-theme="dark" data-bs-theme="dark">' in page
    away = client.post(
        "/appearance/", {"theme": "purple"}, headers={"referer": "https://bad.example/"}
    )
    assert away.headers["Location"] == "/"
    assert client.get("/appearance/").status_code == 405
    assert 'data-theme="dark"' in client.get("/account/login/").content.decode()
