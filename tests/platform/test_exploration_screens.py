"""The screens of exploring: what it cost and taught, with whom never; a decision taken apart."""

import json
import re
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

import lived
import worlds
from cast import Cast
from tenor.engine.frames import Tables
from tenor.engine.predictors.model import Model
from tenor.platform.decisions import facts
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.decisions.queries import exploration as asked
from tenor.platform.decisions.runs.plan import keep_plan
from tenor.platform.decisions.runs.run import begin
from tenor.platform.governance.models import Switch

RULES = worlds.POLICY + "[exploration]\nshare = 0.4\nprice_per_day = 90\n[review]\nsample = 0\n"


@pytest.fixture
def planned(cast: Cast, tables: Tables, as_of: datetime, model_folder: Path) -> Run:
    cast.organisation.synthetic = True
    cast.organisation.save()
    lived.keep(cast.organisation, tables, as_of)
    lived.put_in_force(cast.organisation, RULES, model_folder)
    run = begin(cast.organisation)
    Run.objects.of(cast.organisation).filter(pk=run.pk).update(step=Run.Step.DECIDE)
    run.step = Run.Step.DECIDE
    keep_plan(run, facts.tables(cast.organisation, run.as_of))
    Run.objects.of(cast.organisation).filter(pk=run.pk).update(step=Run.Step.DONE)
    run.refresh_from_db()
    return run


def text_of(page: bytes) -> str:
    body = re.sub(r"(?s)<(script|style).*?</\1>", " ", page.decode())
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def test_it_says_the_margin_what_it_cost_what_it_taught_and_with_whom_never(
    planned: Run, manager: Client
) -> None:
    figures = planned.figures["exploration"]
    made = Decision.objects.of(planned.organisation_id).filter(run=planned)
    assert figures["customers"] == made.count()
    assert figures["uniform"] + figures["draw"] == made.filter(explored=True).count() > 20
    assert figures["possible"] + sum(figures["never"].values()) == figures["customers"]
    losses = sum(d.factors.get("loss", 0.0) for d in made)
    assert figures["loss"] == pytest.approx(losses, abs=0.01)
    assert 0 < figures["loss"] <= 90.01
    page = manager.get("/o/delta/learning/exploration/")
    (drawn,) = re.findall(r'<script id="weeks"[^>]*>(.*?)</script>', page.content.decode())
    assert json.loads(drawn)["series"][0]["values"] == [round(figures["loss"], 2)]
    said = text_of(page.content)
    assert "40.0%" in said
    assert "€90.00" in said
    assert f"{figures['possible']} customers of {figures['customers']}" in said
    assert "The rules leave nothing that may be tried now" in said
    assert "There is no earlier predictor to compare with." in said
    assert "Here all people are made up" in said


def test_turned_off_and_nothing_left_to_chance_are_said(
    planned: Run, manager: Client, cast: Cast
) -> None:
    Switch.objects.of(cast.organisation).create(
        what="exploration", off_since=planned.as_of, because="a look"
    )
    page = manager.get("/o/delta/learning/exploration/")
    assert "Trying things out is turned off at the moment" in text_of(page.content)


def test_before_any_day_the_screen_says_what_will_be_here(manager: Client) -> None:
    page = manager.get("/o/delta/learning/exploration/")
    assert page.status_code == 200
    assert "Nothing has been tried yet" in text_of(page.content)
    assert "From the first plan made with a predictor on" in text_of(page.content)


def test_what_came_of_trying_is_compared_by_lot(planned: Run, cast: Cast) -> None:
    later = planned.as_of + timedelta(days=20)
    found = asked.realised(cast.organisation, later, 14)
    could = Decision.objects.of(cast.organisation).filter(run=planned).exclude(eligible={})
    assert (found.tried, found.usual) == (
        could.filter(explored=True).count(),
        could.filter(explored=False).count(),
    )
    assert found.comparison is not None
    assert found.comparison.daily.low <= found.comparison.difference <= found.comparison.daily.high
    # The outcome of a day that is too recent is not known yet.
    assert asked.realised(cast.organisation, planned.as_of + timedelta(days=3), 14).tried == 0


def test_effects_are_points_with_what_is_thought_possible(model: Model) -> None:
    found = asked.effects(model)
    assert {e.name for e in found if e.of == "channel"} == set(model.effect.design.channels)
    assert all(e.low < e.points < e.high for e in found)
    # In the simulated world every channel helps.
    assert all(e.points > 0 for e in found if e.of == "channel")


def test_a_decision_is_taken_apart_for_whoever_may_read_the_log(
    planned: Run, cast: Cast, client: Client
) -> None:
    decision = Decision.objects.of(cast.organisation).filter(run=planned, explored=True)[0]
    address = f"/o/delta/learning/exploration/decisions/{decision.key}/"
    client.force_login(cast.agent.user)
    assert client.get(address).status_code == 403
    client.force_login(cast.administrator.user)
    said = text_of(client.get(address).content)
    assert "Decided again: the same, bit for bit." in said
    assert "ways of contacting were permitted" in said
    assert "chosen" in said or decision.verdict == "wait"
    changed = {**decision.factors, "channel": 0.125}
    Decision.objects.of(cast.organisation).filter(pk=decision.pk).update(
        candidates=1, factors=changed
    )
    page = client.get(address).content
    said = text_of(page)
    assert "Decided again, it comes out otherwise." in said
    assert "Nothing explains it" in said and b"notice stop" in page
    assert "Number of ways 1" in said
    assert "Channel 0.125; Tone" in said and "{" not in said
    assert client.get("/o/delta/learning/exploration/decisions/none/").status_code == 404
    client.force_login(cast.stranger.user)
    assert client.get(address).status_code == 404


def test_why_is_said_in_the_language_of_the_reader_and_its_bars_keep_their_length(
    planned: Run, cast: Cast
) -> None:
    found = Decision.objects.of(cast.organisation).filter(run=planned, verdict="contact")
    decision = found.exclude(p_paid=None).select_related("customer").order_by("-value")[0]
    client = Client()
    client.force_login(cast.compliance.user)
    cast.compliance.user.language = "nl"
    cast.compliance.user.save()
    case = f"/o/delta/customers/{decision.customer.key}/"
    for page in (case, f"/o/delta/learning/exploration/decisions/{decision.key}/"):
        said = text_of(client.get(page).content)
        assert "verhoogt de verwachte betaling" in said
        assert "raises the expected payment" not in said
    widths = re.findall(r"versus-bar[^>]*width:([^%]*)%", client.get(case).content.decode())
    assert len(widths) == 2
    assert [float(width) / 100 for width in widths] == pytest.approx(
        [decision.p_paid_wait, decision.p_paid], abs=0.001
    )
