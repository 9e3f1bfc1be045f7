"""A person is erased from the facts of many kept days: found, in steps, and never half unknown."""

from datetime import timedelta

import polars as pl
import pytest
from django.test import Client

import make
from cast import NOW, Cast
from tenor.engine.frames import tables_of
from tenor.engine.policy.policyfile import Policy
from tenor.platform.core.errors import Refused
from tenor.platform.core.jobs import work_one
from tenor.platform.core.models import AuditEntry, Job, Organisation
from tenor.platform.decisions.models import Run, Standing
from tenor.platform.decisions.replay import forgetting, keeping, kept, standing
from tenor.platform.decisions.runs.decide import Way
from tenor.platform.jobs import kinds
from tenor.platform.ledger.models import Customer
from tenor.platform.privacy import actions, expiry, queries
from tenor.platform.privacy.models import RightsRequest

PEOPLE = ("C1", "C2", "C3")


def keep_day(cast: Cast, ago: int, keys: tuple[str, ...] = PEOPLE, *, indexed: bool = True) -> Run:
    """Keep the facts of a day so long ago, about these customers."""
    at = NOW - timedelta(days=ago)
    run: Run = Run.objects.of(cast.organisation).create(
        day=at.date(), as_of=at, started_at=at, seed=1, step=Run.Step.DONE
    )
    run.organisation = cast.organisation
    people = pl.DataFrame({"customer_id": list(keys), "kind": "consumer", "country": "NL"})
    segments = people.select("customer_id", segment=pl.lit("late"))
    noted = keeping.keep(run, tables_of(customers=people), segments,
                         Way(at, 1, None, Policy(), {}, []))  # fmt: skip
    Run.objects.of(cast.organisation).filter(pk=run.pk).update(**noted, facts_indexed=indexed)
    if indexed:
        standing.note(run, keys)
    run.refresh_from_db()
    return run


def everything(organisation: Organisation) -> str:
    """All files of kept facts of an organisation's runs, named or not, as text."""
    home = kept.path_of(kept.home_of(organisation))
    runs = set(Run.objects.of(organisation).values_list("pk", flat=True))
    files = [p for p in sorted(home.glob("*/*.parquet")) if kept.run_of(p.parent.name) in runs]
    return "\n".join(pl.read_parquet(p).write_json() for p in files)


def asked(cast: Cast, key: str = "C1") -> RightsRequest:
    for one in PEOPLE:
        if not Customer.objects.of(cast.organisation).filter(key=one).exists():
            make.customer(cast, one)
    return actions.record_request(cast.actor("compliance"), customer_key=key, kind="erasure")


@pytest.fixture
def many(cast: Cast) -> RightsRequest:
    """A request about somebody who stands in more days than are seen to at once."""
    for ago in range(actions.AT_ONCE + 2, 0, -1):
        keep_day(cast, ago)
    return asked(cast)


def test_the_index_names_the_days_in_which_somebody_stands_and_no_others(cast: Cast) -> None:
    for ago, keys in ((6, ("C2",)), (5, ("C1", "C2")), (4, ("C1", "C2")), (3, ("C2",)),
                      (2, ("C1", "C2")), (1, ("C1",))):  # fmt: skip
        keep_day(cast, ago, keys)
    found = forgetting.runs_with(cast.organisation, "C1")
    assert [(NOW.date() - run.day).days for run in found] == [5, 4, 2, 1]
    # A row a stretch of days, not a row a day.
    assert Standing.objects.of(cast.organisation).filter(customer_key="C1").count() == 2
    assert Standing.objects.of(cast.organisation).filter(customer_key="C2").count() == 1
    assert forgetting.times_with(cast.organisation, "C4") == 0


def test_days_from_before_the_index_are_looked_through(cast: Cast) -> None:
    keep_day(cast, 4, ("C2",), indexed=False)
    keep_day(cast, 3, indexed=False)
    keep_day(cast, 2)
    assert forgetting.times_with(cast.organisation, "C1") == 2
    assert forgetting.forget(cast.organisation, "C1") == 2
    assert forgetting.times_with(cast.organisation, "C1") == 0
    assert forgetting.times_with(cast.organisation, "C2") == 3


def test_with_few_days_all_is_done_while_one_waits(cast: Cast) -> None:
    keep_day(cast, 2)
    keep_day(cast, 1)
    done = actions.erase(cast.actor("compliance"), request_id=asked(cast).pk)
    assert (done.state, done.decided_name) == ("granted", "Compliance")
    counted = {line["record"]: line["count"] for line in done.outcome}
    assert counted["training set"] == 2
    assert not Standing.objects.of(cast.organisation).filter(customer_key="C1").exists()


def test_with_many_the_request_stays_open_until_a_job_has_done_all(
    cast: Cast, many: RightsRequest, client: Client
) -> None:
    assert kinds is not None
    officer = cast.actor("compliance")
    row = actions.erase(officer, request_id=many.pk)
    assert (row.state, row.erasing["of"]) == ("open", actions.AT_ONCE + 2)
    client.force_login(cast.compliance.user)
    page = client.get(f"/o/{cast.organisation.slug}/privacy/requests/{row.pk}/").content.decode()
    assert "Taken out of the kept facts of 0 of 22 days" in page and "Go on" not in page
    with pytest.raises(Refused, match="Erasing has begun"):
        actions.answer(officer, request_id=row.pk, granted=False, words="No.")

    while work_one():
        pass

    row.refresh_from_db()
    assert (row.state, row.decided_name) == ("granted", "Compliance")
    assert {line["record"]: line["count"] for line in row.outcome}["training set"] == 22
    assert Job.objects.get(kind="erase").progress["done"] == 22
    forgetting.sweep(cast.organisation)
    text = everything(cast.organisation)
    assert '"C1"' not in text and '"C2"' in text
    entries = AuditEntry.objects.of(cast.organisation).filter(action__startswith="rights.")
    told = list(entries.order_by("pk").values_list("action", flat=True))
    assert told[-2:] == ["rights.erase", "rights.answer"]


def test_cut_short_it_is_known_stays_open_and_goes_on_from_where_it_was(
    cast: Cast, many: RightsRequest, client: Client
) -> None:
    class Died(Exception):
        pass

    def dies(done: int, of: int) -> None:
        if done == 5:
            raise Died

    actions.erase(cast.actor("compliance"), request_id=many.pk)
    Job.objects.all().delete()
    with pytest.raises(Died):
        actions.go_on(cast.system, request_id=many.pk, report=dies)
    many.refresh_from_db()
    far = queries.erasing_of(many)
    assert far is not None and (far.done, far.of, far.at_work) == (5, 22, False)
    client.force_login(cast.compliance.user)
    page = client.get(f"/o/{cast.organisation.slug}/privacy/requests/{many.pk}/").content.decode()
    assert "Erasing has stopped" in page and "Go on" in page

    # The job of every day takes it up again, without anybody's doing.
    expiry.expire(cast.organisation)
    far = queries.erasing_of(many)
    assert far is not None and far.at_work
    while work_one():
        pass
    many.refresh_from_db()
    assert many.state == "granted"
    forgetting.sweep(cast.organisation)
    assert '"C1"' not in everything(cast.organisation)


def test_a_day_that_was_cut_short_is_whole_with_or_without_them(cast: Cast) -> None:
    run = keep_day(cast, 1)
    whole = kept.path_of(run.facts)
    # What somebody who died had begun to write beside it, and what they no longer removed.
    begun = whole.with_name(f"{whole.name}-1")
    begun.mkdir()
    (begun / "customers-0000.parquet").write_bytes(b"half")
    assert kept.read(run).who.height == 3
    assert forgetting.take_out(run, "C1")
    run.refresh_from_db()
    assert kept.read(run).who["customer_id"].sort().to_list() == ["C2", "C3"]
    assert kept.path_of(run.facts) == begun
    assert forgetting.sweep(cast.organisation) == 1 and not whole.exists()
    # The second one finds nothing to do.
    assert not forgetting.take_out(run, "C1")
    assert kept.read(run).who.height == 2
