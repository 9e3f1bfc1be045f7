"""The screen of health: empty, quiet, in alarm; what people say and do on it."""

from typing import Any

import pytest
from django.test import Client

from cast import Cast
from tenor.platform.core.preferences import preferences_of
from tenor.platform.governance.switches import turned_off
from tenor.platform.monitoring.models import Reading
from watched import alarm, quiet

HERE = "/o/delta/learning/health/"


def page(client: Client, membership: Any) -> str:
    client.force_login(membership.user)
    answer = client.get(HERE)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_new_organisation_reads_what_will_be_here(cast: Cast, client: Client) -> None:
    assert "Nothing was looked at yet" in page(client, cast.agent)


def test_a_quiet_day_shows_three_panels_over_time_and_says_that_all_is_well(
    cast: Cast, client: Client
) -> None:
    quiet(cast)
    shown = page(client, cast.analyst)
    assert "No alarm: looked at on" in shown
    for title in ("Accuracy: foretold and come true", "Drift: what moved most",
                  "Outcomes, early: unpaid a week after the due day"):  # fmt: skip
        assert title in shown
    assert shown.count('data-chart="lines"') == 6
    assert "Below 3: 20% before, 50% now." in shown
    assert "8 March" in shown
    assert "−3.0 (−4.0 to −2.0)" in shown


def test_an_alarm_says_what_changed_since_when_how_sure_and_what_to_do(
    cast: Cast, client: Client
) -> None:
    quiet(cast)
    row = alarm(cast)
    shown = page(client, cast.manager)
    assert "about a hundred times as much as usual" in shown
    assert "Cents instead of whole units?" in shown
    assert "less than once in a hundred years" in shown
    assert "Look at the import before anything else" in shown
    said = {"note": "The ERP was upgraded."}
    answer = client.post(f"{HERE}alarms/{row.pk}/", said, follow=True)
    assert "The ERP was upgraded." in answer.content.decode()
    row.refresh_from_db()
    assert (row.acknowledged_name, row.closed_at) == ("Credit_Manager", None)


def test_who_may_not_judge_reads_the_alarm_and_cannot_answer_it(cast: Cast, client: Client) -> None:
    quiet(cast)
    row = alarm(cast)
    assert "Say what you found" not in page(client, cast.agent)
    assert client.post(f"{HERE}alarms/{row.pk}/", {"note": "x"}).status_code == 403
    assert client.post(f"{HERE}fall-back/", {"because": "x"}).status_code == 403
    row.refresh_from_db()
    assert row.note == "" and turned_off(cast.organisation) == frozenset()


def test_people_fall_back_with_a_reason_and_come_back(cast: Cast, client: Client) -> None:
    quiet(cast)
    assert "Leave everybody to the fixed ladder now" in page(client, cast.manager)
    client.post(f"{HERE}fall-back/", {"because": "Bank strike"})
    assert turned_off(cast.organisation) == {"predictor"}
    shown = page(client, cast.manager)
    assert "The predictor is off" in shown and "Bank strike" in shown
    client.post(f"{HERE}come-back/")
    assert turned_off(cast.organisation) == frozenset()


def test_an_administrator_wishes_to_fall_back_by_hand_and_nobody_else_does(
    cast: Cast, client: Client
) -> None:
    quiet(cast)
    assert "Fall back by hand only" in page(client, cast.administrator)
    client.post(f"{HERE}wish/", {"by_itself": ""})
    cast.organisation.refresh_from_db()
    assert preferences_of(cast.organisation).fall_back_by_itself is False
    assert "Let Tenor fall back by itself" in page(client, cast.administrator)
    assert "Let Tenor fall back by itself" not in page(client, cast.manager)
    assert client.post(f"{HERE}wish/", {"by_itself": "yes"}).status_code == 403


def test_an_alarm_of_another_organisation_does_not_exist(cast: Cast, client: Client) -> None:
    row = alarm(cast)
    client.force_login(cast.stranger.user)
    assert (
        client.post(f"/o/omega/learning/health/alarms/{row.pk}/", {"note": "x"}).status_code == 404
    )


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ({"code": "silent", "subject": "payments", "unit": "days", "value": 6.0,
          "facts": {"days": 6, "usual": 2}}, "Payments: nothing has come for 6 days"),
        ({"code": "doubles", "subject": "payments", "unit": "share", "value": 0.25,
          "facts": {"before": 0.0}}, "Payments: 25.0% of a week&#x27;s rows are there twice"),
        ({"code": "surge", "subject": "complained", "unit": "count", "value": 9.0,
          "facts": {"before": 0.4}}, "Complaints: 9 in a week, usually 0.4"),
        ({"code": "surge", "subject": "complained", "unit": "count", "value": 9.0,
          "facts": {"before": 0.4}}, "Many more people complain than usual"),
        ({"code": "pace", "subject": "everybody", "unit": "times", "value": 0.4,
          "facts": {"came": 20.0, "expected": 50.0}}, "20 payments came in a week where 50"),
        ({"code": "effect", "subject": "email", "unit": "points", "value": 0.0,
          "facts": {"seen": 0.0, "believed": 0.15}}, "+15.0 points is believed"),
        ({"code": "against_control", "subject": "paid_30d", "unit": "share", "value": -0.1,
          "facts": {"treated": 0.5, "control": 0.6}}, "50.0% with Tenor, 60.0% in the group"),
    ],
)  # fmt: skip
def test_each_kind_of_change_is_said_in_words(
    cast: Cast, client: Client, check: dict[str, Any], words: str
) -> None:
    quiet(cast)
    alarm(cast, checks=[check])
    assert words in page(client, cast.analyst)


def test_what_comes_on_pay_days_is_counted_each_time_and_not_in_a_week(
    cast: Cast, client: Client
) -> None:
    quiet(cast)
    row = Reading.objects.of(cast.organisation).get(code="volume", subject="payments")
    row.facts = {"arrivals": True}
    row.save()
    shown = page(client, cast.agent)
    assert "40 at a time, usually 30 to 50" in shown
    assert "40 in a week, usually 30 to 50" in shown


def test_a_column_of_the_facts_is_named_in_the_language_of_the_reader(
    cast: Cast, client: Client
) -> None:
    quiet(cast)
    alarm(cast)
    client.force_login(cast.manager.user)
    cast.manager.user.language = "nl"
    cast.manager.user.save()
    assert "Facturen, “bedrag”" in client.get(HERE).content.decode()
