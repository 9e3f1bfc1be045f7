"""The screen of fairness: empty, examined, answered; who sees what; what is never shown."""

from datetime import datetime
from html import unescape

import pytest
from django.test import Client

from cast import Cast
from fair_day import a_day
from tenor.engine.fairness.history import history_bias
from tenor.engine.frames import Tables
from tenor.engine.reports.fairness import audit_json, plain_figures
from tenor.platform.core import jobs
from tenor.platform.core.models import Job
from tenor.platform.core.preferences import preferences_of
from tenor.platform.fairness import actions
from tenor.platform.fairness.models import FairnessAudit, Finding
from tenor.platform.jobs import worker
from tenor.platform.workbench.fairness import shown

PAGE = "/o/delta/learning/fairness/"


def text(client: Client, address: str = PAGE) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(unescape(response.content.decode()).split())


@pytest.fixture
def officer(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.compliance.user)
    return client


@pytest.fixture
def analyst(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.analyst.user)
    return client


def test_before_any_group_is_known_it_says_how_to_bring_them_in_and_what_is_never_done(
    officer: Client,
) -> None:
    page = text(officer)
    assert "Tenor does not know who belongs to which group" in page
    assert "protected_age_band" in page and "never learned from" in page


def test_a_finding_is_said_in_words_and_answered_by_compliance(cast: Cast, officer: Client) -> None:
    a_day(cast, pressed="elsewhere")
    actions.examine_now(cast.system, turn="2026-03")
    page = text(officer)
    assert "Some people are treated worse than others who owe alike." in page
    assert "origin elsewhere: 100.0 of 100 are pressed" in page
    assert "waits for an answer" in page
    number = Finding.objects.of(cast.organisation)[0].pk
    address = f"{PAGE}findings/{number}/"
    refused = officer.post(address, {"answer": "mend", "because": ""})
    assert refused.status_code == 422
    found = officer.post(address, {"answer": "mend", "because": "Rules 8 <b>soon</b>"}, follow=True)
    assert "Rules 8 &lt;b&gt;soon&lt;/b&gt;" in found.content.decode()


def test_an_analyst_sees_groups_but_not_where_two_meet_and_may_not_answer(
    cast: Cast, analyst: Client, officer: Client
) -> None:
    a_day(cast, pressed="elsewhere")
    actions.examine_now(cast.system, turn="2026-03")
    page = text(analyst)
    assert "origin: elsewhere" in page
    assert "origin: elsewhere · rare: no" not in page
    assert "origin: elsewhere · rare: no" in text(officer)
    number = Finding.objects.of(cast.organisation)[0].pk
    posted = analyst.post(f"{PAGE}findings/{number}/", {"answer": "mend", "because": "x"})
    assert posted.status_code == 403


def test_a_group_of_nine_shows_no_figure_to_anybody(cast: Cast, officer: Client) -> None:
    a_day(cast)
    actions.examine_now(cast.system, turn="2026-03")
    page = text(officer)
    at = page.index("rare: yes")
    assert "too few people" in page[at : at + 300]
    assert "%" not in page[at : page.index("</tr>", at)]


def test_an_agent_is_refused(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.agent.user)
    assert client.get(PAGE).status_code == 403


def test_somebody_may_have_it_examined_now(cast: Cast, analyst: Client) -> None:
    a_day(cast)
    analyst.post(f"{PAGE}examine/")
    job = Job.objects.get(kind="fairness")
    Job.objects.exclude(pk=job.pk).delete()
    assert "Examining…" in text(analyst)
    work_one_kind("fairness")
    assert "Examined as of" in text(analyst)


def work_one_kind(kind: str) -> None:
    """Do the jobs of a kind that wait."""
    Job.objects.exclude(kind=kind).delete()
    assert worker.WORK and jobs.work_one()


def test_compliance_chooses_what_to_compare_by_and_behaviour_alone(
    cast: Cast, officer: Client
) -> None:
    a_day(cast)
    officer.post(f"{PAGE}choose/", {"groups": ["area"], "behaviour_only": "on"})
    cast.organisation.refresh_from_db()
    kept = preferences_of(cast.organisation)
    assert (kept.fairness_groups, kept.behaviour_only) == (("area",), True)
    assert "On: predictors learn from what people do" in text(officer)
    officer.post(f"{PAGE}choose/", {})
    cast.organisation.refresh_from_db()
    assert preferences_of(cast.organisation).behaviour_only is False


def test_what_behaviour_alone_costs_cannot_be_told_without_a_past(
    cast: Cast, officer: Client
) -> None:
    a_day(cast)
    actions.examine_now(cast.system, turn="2026-03")
    officer.post(f"{PAGE}price/")
    work_one_kind("fairness_price")
    assert "What it costs cannot be told yet:" in text(officer)


def test_an_earlier_audit_stays_to_be_read_and_another_organisations_is_not_there(
    cast: Cast, officer: Client
) -> None:
    a_day(cast)
    row = actions.examine_now(cast.system, turn="2026-03")
    assert row is not None
    assert "Examined as of" in text(officer, f"{PAGE}{row.pk}/")
    stranger = Client()
    stranger.force_login(cast.stranger.user)
    assert stranger.get(f"/o/omega/learning/fairness/{row.pk}/").status_code in (403, 404)


def test_what_was_done_to_prevent_debt_is_drawn_by_group(tables: Tables, as_of: datetime) -> None:
    found = history_bias(tables, as_of=as_of, months=6)
    audit = FairnessAudit(figures={"history": plain_figures(audit_json(found))})
    blocks = {block.key: block for block in shown.prevention(audit)}
    # The small world reminds nobody in time and agrees no plans: of these nothing is drawn.
    assert set(blocks) == {"prevented-helped"}
    helped = blocks["prevented-helped"]
    assert helped.title == "Who is offered help"
    assert [mark.name for mark in helped.marks] == ["age band: 30-44", "age band: 45-59"]
    assert all(0 <= mark.low <= mark.dot <= mark.high <= 100 for mark in helped.marks)
    assert helped.table is not None and len(helped.table.rows) == 5
