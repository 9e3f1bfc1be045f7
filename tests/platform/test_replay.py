"""A decision of an earlier day is made again to the last bit, whatever has changed since."""

from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

import lived
import make
import worlds
from cast import Cast
from tenor.cli.replay import command
from tenor.engine.errors import InputError
from tenor.engine.frames import Tables
from tenor.platform.core.models import Organisation
from tenor.platform.decisions import facts
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.decisions.privacy import FACTS, erase, holdings
from tenor.platform.decisions.replay import again, forgetting, kept, material
from tenor.platform.decisions.replay.again import replay
from tenor.platform.decisions.runs.plan import keep_plan
from tenor.platform.decisions.runs.run import begin
from tenor.platform.governance.models import PolicyVersion, PredictorVersion
from tenor.platform.ledger.models import Customer, Invoice

POLICY = worlds.POLICY + "[exploration]\nshare = 0.3\n[review]\nsample = 0.05\n"


@pytest.fixture
def planned(cast: Cast, tables: Tables, as_of: datetime, model_folder: Path) -> Run:
    """A day of the small world: learned decisions, some by chance, and a comparison group."""
    material._read.cache_clear()
    again._days.clear()
    cast.organisation.synthetic = True
    cast.organisation.settings = {"control_share": 0.2}
    cast.organisation.save()
    lived.keep(cast.organisation, tables, as_of)
    lived.put_in_force(cast.organisation, POLICY, model_folder)
    # Scores are another step of the day: what is decided does not ask for them.
    run = begin(cast.organisation)
    Run.objects.of(cast.organisation).filter(pk=run.pk).update(step=Run.Step.DECIDE)
    run.step = Run.Step.DECIDE
    keep_plan(run, facts.tables(cast.organisation, run.as_of))
    run.refresh_from_db()
    return run


def some(run: Run, **wanted: object) -> Decision:
    rows = Decision.objects.of(run.organisation_id).filter(run=run, **wanted)
    found: Decision = rows.select_related("run", "customer").order_by("pk")[0]
    return found


def every_kind(run: Run) -> list[Decision]:
    return [
        some(run, explored=True, channel__gt=""),
        some(run, verdict="contact", arm="treated"),
        some(run, verdict="wait", arm="treated"),
        some(run, arm="control"),
    ]


def test_it_is_the_same_bit_for_bit_after_all_has_changed(
    planned: Run, as_of: datetime, cast: Cast
) -> None:
    """Later payments, changed people, a new live policy and another live predictor."""
    organisation, before = planned.organisation, every_kind(planned)
    for decision in before:
        invoice = Invoice.objects.of(organisation).filter(customer=decision.customer)[0]
        make.payment(cast, f"late {decision.pk}", amount="3", invoice=invoice.key, paid_at=as_of)
    Customer.objects.of(organisation).update(language="fr", country="FR", attributes={})
    organisation.settings = {"use_prioritisation": False, "ladder": [[3, "letter", "firm"]]}
    organisation.save()
    PredictorVersion.objects.of(organisation).update(state="retired")
    rows = PolicyVersion.objects.of(organisation)
    rows.update(state="retired", text="[channels.letter]")
    rows.create(number=2, text="[channels.call]", state="live", drafted_at=as_of)
    material._read.cache_clear()
    again._days.clear()
    for decision in before:
        found = replay(Decision.objects.of(organisation).select_related("run").get(pk=decision.pk))
        assert found.differences == ()
        assert found.same is True


def test_what_a_person_changed_is_compared_as_it_was_before(planned: Run) -> None:
    decision = some(planned, verdict="contact", arm="treated")
    decision.original = {"channel": decision.channel, "tone": decision.tone, "text": ""}
    decision.channel, decision.tone = "call", "firm"
    decision.save()
    assert replay(decision).same is True


def test_what_was_altered_in_the_books_shows_field_by_field(planned: Run) -> None:
    decision = some(planned, verdict="contact", arm="treated")
    Decision.objects.of(planned.organisation_id).filter(pk=decision.pk).update(value=99.0)
    found = replay(some(planned, pk=decision.pk))
    assert found.same is False
    assert [(d.field, d.was, d.now) for d in found.differences] == [("value", 99.0, decision.value)]
    assert found.causes == ()


def test_altered_facts_are_noticed_and_believed_no_more(planned: Run) -> None:
    path = kept.path_of(planned.facts) / "payments-0000.parquet"
    pl.read_parquet(path).head(3).write_parquet(path)
    found = replay(some(planned, arm="treated"))
    assert (found.same, found.causes) == (None, ("facts_changed",))


@pytest.mark.parametrize("gone", ["facts", "model"])
def test_what_is_gone_is_named(planned: Run, gone: str) -> None:
    if gone == "facts":
        rmtree(kept.path_of(planned.facts))
    else:
        PredictorVersion.objects.of(planned.organisation_id).update(version="another")
    found = replay(some(planned, arm="treated"))
    wanted = "facts_gone" if gone == "facts" else "predictor_gone"
    assert (found.same, found.causes) == (None, (wanted,))


def test_the_command_shows_how_a_decision_came_about_and_that_it_is_the_same(
    planned: Run, settings: Any
) -> None:
    (settings.DATA / "tenor.sqlite3").touch()  # to the command, a folder with an installation
    decision = some(planned, explored=True, channel__gt="")
    said = CliRunner().invoke(command, [decision.key])
    assert said.exit_code == 0
    lines = said.output.splitlines()
    assert lines[0] == f"{decision.key}  customer {decision.customer.key}"
    assert "Decided again: the same, bit for bit." in said.output
    assert f"probability {decision.propensity:.4%} (channel {decision.factors['channel']:.4%}" in (
        said.output
    )
    best = [line for line in lines if line.startswith("  * ")]
    assert len(best) == 1
    assert f"{decision.channel} {decision.tone} {decision.send_at:%Y-%m-%d %H:%M}" in best[0]
    Decision.objects.of(planned.organisation_id).filter(pk=decision.pk).update(cost=7)
    altered = CliRunner().invoke(command, [decision.key, "--organisation", "delta"])
    assert altered.exit_code == 1
    assert f"cost: was 7.0, now {decision.cost}" in altered.output
    with pytest.raises(InputError, match="there is no decision 'nobody'"):
        CliRunner().invoke(command, ["nobody"], catch_exceptions=False)


def whole(organisation: Organisation) -> str:
    """All files of kept facts, as text: what of a person is still in them?"""
    run = Run.objects.of(organisation).exclude(facts="").get()
    folder = kept.path_of(run.facts)
    frames = [pl.read_parquet(path).write_json() for path in sorted(folder.glob("*.parquet"))]
    return "\n".join([*frames, (folder / kept.MANIFEST).read_text()])


def test_erasing_a_person_takes_them_out_of_what_is_kept(planned: Run) -> None:
    organisation = planned.organisation
    decision = some(planned, explored=True)
    other = some(planned, verdict="wait", arm="treated", explored=False)
    key = decision.customer.key
    invoices = list(
        Invoice.objects.of(organisation).filter(customer__key=key).values_list("key", flat=True)
    )
    assert f'"{key}"' in whole(organisation)
    held = {one.part: one.count for one in holdings(organisation, key)}
    assert held[FACTS] == 1
    assert erase(organisation, key, part=FACTS) == 1
    text = whole(organisation)
    assert not [word for word in [key, *invoices] if f'"{word}"' in text]
    assert FACTS not in {one.part for one in holdings(organisation, key)}
    assert erase(organisation, key, part=FACTS) == 0
    found = replay(some(planned, pk=decision.pk))
    assert (found.same, found.causes) == (None, ("person_erased",))
    # The others can still be made again; where one differs, the erasure is named as its cause.
    left = replay(some(planned, pk=other.pk))
    assert left.same or "others_erased" in left.causes


def test_facts_are_let_go_when_they_were_kept_long_enough(planned: Run) -> None:
    organisation, decision = planned.organisation, some(planned, arm="treated")
    assert forgetting.expire(organisation) == 0
    Run.objects.of(organisation).filter(pk=planned.pk).update(day=planned.day - timedelta(days=401))
    assert forgetting.expire(organisation) == 1
    assert not kept.path_of(planned.facts).exists()
    found = replay(some(planned, pk=decision.pk))
    assert (found.same, found.causes) == (None, ("not_kept",))


def test_facts_in_many_files_are_the_facts(tables: Tables, as_of: datetime) -> None:
    known = tables.known_at(as_of)
    who = known.customers.select("customer_id", segment=pl.lit(""))
    found: dict[str, list[pl.DataFrame]] = {}
    for name, frame in kept.split(known, who, 7):
        found.setdefault(name.partition("-")[0], []).append(frame)
    assert len(found["customers"]) == 7
    whole = Tables(**{n: pl.concat(f) for n, f in found.items() if n != kept.WHO})
    for (table, frame), (_, was) in zip(whole.in_order(), known.in_order(), strict=True):
        assert frame.equals(was), table.name
