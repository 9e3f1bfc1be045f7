"""What was decided about one customer alone, anew after news or asked for, is made again too."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

import lived
import make
from cast import Cast
from tenor.cli.replay import command
from tenor.engine.frames import Tables
from tenor.platform.core.audit import AuditEntry
from tenor.platform.core.jobs import work_one
from tenor.platform.decisions import facts
from tenor.platform.decisions.actions.asking import ask
from tenor.platform.decisions.models import Basis, Common, Decision, Earlier, Examined, Run
from tenor.platform.decisions.privacy import DECISIONS, FACTS, erase, export, holdings
from tenor.platform.decisions.replay import again, basis, examining, forgetting, kept, material
from tenor.platform.decisions.replay.again import replay
from tenor.platform.decisions.replay.finding import decision_called, made_anew
from tenor.platform.decisions.runs.plan import keep_plan
from tenor.platform.decisions.runs.refresh import decide_again
from tenor.platform.decisions.runs.run import begin
from tenor.platform.events.actions import record
from tenor.platform.governance.models import PolicyVersion, PredictorVersion
from tenor.platform.jobs import examining as work
from tenor.platform.ledger.models import Customer, Invoice

POLICY = """
[channels.email]
cost = 0.02
[channels.letter]
cost = 1.10
[channels.call]
cost = 0.02
capacity_per_day = 3
hours = "09:00-17:00"
days = "Mon-Fri"
[exploration]
share = 0.3
[review]
sample = 0.05
"""


@pytest.fixture
def planned(cast: Cast, tables: Tables, as_of: datetime, model_folder: Path) -> Iterator[Run]:
    """A finished day of the small world, two hours later: a comparison group, people's time."""
    organisation = cast.organisation
    organisation.synthetic = True
    organisation.settings = {"control_share": 0.2}
    organisation.save()
    lived.keep(organisation, tables, as_of)
    lived.put_in_force(organisation, POLICY, model_folder)
    run = begin(organisation)
    Run.objects.of(organisation).filter(pk=run.pk).update(step=Run.Step.DECIDE)
    run.step = Run.Step.DECIDE
    keep_plan(run, facts.tables(organisation, run.as_of))
    Run.objects.of(organisation).filter(pk=run.pk).update(step=Run.Step.DONE)
    make.at(cast, run.as_of + timedelta(hours=2))
    yield Run.objects.of(organisation).get(pk=run.pk)
    again.let_go()
    material.let_go()


def news(cast: Cast, run: Run, **wanted: Any) -> Decision:
    """Something telling is known of a customer of the plan since: their decision, of before."""
    rows = Decision.objects.of(cast.organisation).filter(run=run, **wanted)
    found: Decision = rows.select_related("customer").order_by("pk")[0]
    key = found.customer.key
    record(cast.organisation, "promised", key=f"n{found.pk}", at=run.as_of + timedelta(hours=1),
           customer_key=key, invoice_key=found.invoice_keys[0])  # fmt: skip
    return found


def asked(cast: Cast, run: Run, **wanted: Any) -> Decision:
    return ask(cast.system, customer_key=news(cast, run, **wanted).customer.key)


def change_everything(cast: Cast, decisions: list[Decision]) -> None:
    """Later payments, changed people, other settings, another live policy and predictor."""
    organisation = cast.organisation
    later = organisation.clock_at + timedelta(days=1)
    for decision in decisions:
        make.payment(cast, f"late {decision.key}", amount="3", invoice=decision.invoice_keys[0],
                     paid_at=decision.decided_at - timedelta(hours=5))  # fmt: skip
    Customer.objects.of(organisation).update(language="fr", country="FR", attributes={})
    organisation.settings = {"use_prioritisation": False, "ladder": [[3, "letter", "firm"]]}
    organisation.save()
    PredictorVersion.objects.of(organisation).update(state="retired")
    rows = PolicyVersion.objects.of(organisation)
    rows.update(state="retired", text="[channels.letter]")
    rows.create(number=2, text="[channels.call]", state="live", drafted_at=later)
    facts._usual.clear()
    again.let_go()
    material.let_go()


def called(cast: Cast, key: str) -> Decision:
    return decision_called(cast.actor("compliance"), key)


def test_every_decision_of_a_day_is_the_same_bit_for_bit_after_all_has_changed(
    cast: Cast, planned: Run, settings: Any
) -> None:
    """Of the plan, made anew after news, as it stood before that, and asked for."""
    before = [
        news(cast, planned, arm="treated", channel="email"),
        news(cast, planned, arm="treated", channel="call"),
        news(cast, planned, arm="control"),
    ]
    anew = [decide_again(cast.organisation, one.customer.key) for one in before]
    rest = planned.decisions.exclude(customer__in=[one.customer for one in before])
    others = list(rest.values_list("customer_id", flat=True))
    alone = [
        asked(cast, planned, arm="treated", verdict="wait", customer__in=others),
        asked(cast, planned, arm="control", customer__in=others),
    ]
    assert [one.run for one in alone] == [None, None]
    assert {one.arm for one in alone} == {"treated", "control"}
    change_everything(cast, [*before, *alone])
    for decision in [*before, *anew, *alone]:
        assert decision is not None
        found = replay(called(cast, decision.key))
        assert found.differences == ()
        assert found.same is True
    assert [one.key for one in made_anew(called(cast, anew[0].key))] == [before[0].key]
    assert called(cast, before[0].key).channel == "email"
    # What many have in common is kept once: the ways (calls given out, or not) and what is usual.
    kinds = list(Common.objects.of(cast.organisation).values_list("kind", flat=True))
    assert Basis.objects.of(cast.organisation).count() == 5
    assert sorted(kinds).count("usual") == 1
    (settings.DATA / "tenor.sqlite3").touch()  # to the command, a folder with an installation
    said = CliRunner().invoke(command, [before[0].key])
    assert (said.exit_code, said.output.count("the same, bit for bit")) == (0, 1)
    assert CliRunner().invoke(command, [alone[0].key]).exit_code == 0


def test_without_a_predictor_the_ladder_is_made_again(cast: Cast, planned: Run) -> None:
    cast.organisation.settings = {"use_prioritisation": False}
    cast.organisation.save()
    decision = asked(cast, planned, channel="email")
    assert (decision.model_version, replay(decision).same) == ("ladder", True)


def test_what_a_person_changed_is_made_again_as_it_was_advised(cast: Cast, planned: Run) -> None:
    for decision in (
        decide_again(cast.organisation, news(cast, planned, channel="email").customer.key),
        asked(cast, planned, channel="call"),
    ):
        assert decision is not None
        was = (decision.channel, decision.tone)
        decision.original = {"channel": was[0], "tone": was[1], "verdict": decision.verdict}
        decision.channel, decision.tone, decision.verdict = "letter", "firm", "contact"
        decision.save()
        found = replay(called(cast, decision.key))
        assert (found.same, found.again["channel"], found.again["tone"]) == (True, *was)


def test_erasing_a_person_reaches_what_was_kept_of_decisions_about_them_alone(
    cast: Cast, planned: Run
) -> None:
    organisation = cast.organisation
    decision, other = (asked(cast, planned, channel=name) for name in ("email", "call"))
    before = news(cast, planned, arm="treated", verdict="wait")
    decide_again(organisation, before.customer.key)
    key = decision.customer.key
    assert {one.part: one.count for one in holdings(organisation, key)}[FACTS] == 2
    assert erase(organisation, key, part=FACTS) == 2
    assert FACTS not in {one.part for one in holdings(organisation, key)}
    assert erase(organisation, key, part=FACTS) == 0
    row = Basis.objects.of(organisation).get(key=decision.key)
    assert bytes(row.content) == b""
    # What was usual holds their part in it: from what is left it is worked out anew.
    assert not Common.objects.of(organisation).filter(kind="usual").exists()
    gone = replay(called(cast, decision.key))
    assert (gone.same, gone.causes) == (None, ("person_erased",))
    left = replay(called(cast, other.key))
    assert left.same or "others_erased" in left.causes
    # The next one does not take what is usual from before the erasure.
    asked(cast, planned, channel="letter")
    usual = Common.objects.of(organisation).filter(kind="usual")
    assert usual.count() == 1
    held = export(organisation, before.customer.key)["decisions_made_anew"]
    assert [one["key"] for one in held] == [before.key]
    erase(organisation, before.customer.key, part=DECISIONS)
    assert not Earlier.objects.of(organisation).exists()


def test_what_was_kept_is_let_go_after_its_time_and_altered_it_is_not_believed(
    cast: Cast, planned: Run
) -> None:
    organisation = cast.organisation
    decision = asked(cast, planned, channel="email")
    anew = decide_again(organisation, news(cast, planned, channel="call").customer.key)
    Basis.objects.of(organisation).filter(key=decision.key).update(content=b"other")
    assert replay(called(cast, decision.key)).causes == ("facts_changed",)
    make.at(cast, planned.as_of + timedelta(days=400))
    assert forgetting.expire(organisation) == 0
    make.at(cast, planned.as_of + timedelta(days=402))
    assert forgetting.expire(organisation) == 3  # the day's, and two
    for table in (Basis, Common, Earlier):
        assert not table.objects.of(organisation).exists()
    assert replay(called(cast, decision.key)).causes == ("outside",)
    assert anew is not None
    assert replay(called(cast, anew.key)).causes == ("later",)


def test_where_no_facts_are_kept_none_are(cast: Cast, planned: Run, settings: Any) -> None:
    settings.KEEP_FACTS_DAYS = 0
    decide_again(cast.organisation, news(cast, planned, channel="call").customer.key)
    decision = asked(cast, planned, channel="email")
    for table in (Basis, Common, Earlier):
        assert not table.objects.of(cast.organisation).exists()
    assert replay(called(cast, decision.key)).causes == ("outside",)


def test_a_decision_of_a_large_day_is_made_again_by_a_worker(
    cast: Cast, planned: Run, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert work  # the worker knows the kind of job
    monkeypatch.setattr(examining, "MOST_CUSTOMERS", 10)
    alone = asked(cast, planned, channel="email")
    decision = planned.decisions.filter(arm="treated", channel="call")[0]
    client.force_login(cast.compliance.user)
    page = f"/o/delta/learning/exploration/decisions/{decision.key}/"
    same = "Decided again: the same, bit for bit."
    assert same in text(client, page.replace(decision.key, alone.key))
    said = text(client, page)
    assert same not in said
    assert "Decide again" in said
    for _press in range(2):
        assert client.post(page).status_code == 302
    assert "Waiting for its turn" in text(client, page)
    assert work_one()
    assert not work_one()
    said = text(client, page)
    assert same in said
    assert "ways of contacting were permitted" in said
    # What it was found with has changed: it is asked for anew.
    Decision.objects.of(cast.organisation).filter(pk=decision.pk).update(cost=7)
    assert same not in text(client, page)
    client.post(page)
    assert work_one()
    assert "Decided again, it comes out otherwise." in text(client, page)
    erase(cast.organisation, decision.customer.key, part=DECISIONS)
    assert not Examined.objects.of(cast.organisation).exists()
    assert not AuditEntry.objects.of(cast.organisation).filter(action="job.failed").exists()


def text(client: Client, page: str) -> str:
    return client.get(page).content.decode()


def test_the_files_of_a_day_and_of_one_customer_say_the_same(cast: Cast, planned: Run) -> None:
    decision = asked(cast, planned, channel="email")
    key = decision.customer.key
    alone, _who, _said = basis.read(Basis.objects.of(cast.organisation).get(key=decision.key))
    day = kept.read(planned).tables
    assert alone.customers.filter(customer_id=key).height == 1
    assert alone.invoices.height == Invoice.objects.of(cast.organisation).filter(
        customer__key=key
    ).count()  # fmt: skip
    assert alone.payments.height == day.payments.filter(
        day.payments["invoice_id"].is_in(alone.invoices["invoice_id"].implode())
    ).height  # fmt: skip
    assert alone.external.is_empty()
