"""A made-up organisation is begun with its past, and lives on day by day as its people let it."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.test import Client, override_settings

from cast import Cast
from demonstration import CUSTOMERS, SEED, take_over
from tenor.engine.ledger import invoice_states
from tenor.platform.config.settings import PASSWORD_HASHERS
from tenor.platform.core import audit
from tenor.platform.core.actor import Actor, person, system
from tenor.platform.core.errors import Forbidden, Invalid, NotFound, Refused
from tenor.platform.core.jobs import work_one
from tenor.platform.core.models import Membership, Organisation, User
from tenor.platform.decisions import facts
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.demo import actions, queries, world
from tenor.platform.demo.people import with_names
from tenor.platform.governance import actions as governance
from tenor.platform.governance import fitting
from tenor.platform.governance import queries as rules
from tenor.platform.jobs import beginning
from tenor.platform.jobs import rules as trying
from tenor.platform.jobs.demo import live_a_day
from tenor.platform.ledger.models import Invoice, Payment, Promise
from tenor.platform.outreach.models import Message


@pytest.fixture(scope="module")
def begun(
    django_db_setup: None, django_db_blocker: object, demo_folder: Path
) -> Iterator[Organisation]:
    """A demonstration as it was made, for all tests of this file; each undoes what it does."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        take_over(demo_folder)
        yield Organisation.objects.get(slug="demo")
        transaction.set_rollback(True)


@pytest.fixture
def demo(begun: Organisation, db: None) -> Organisation:
    return Organisation.objects.get(pk=begun.pk)


def actor(organisation: Organisation, role: str = "credit_manager") -> Actor:
    return person(Membership.objects.of(organisation).get(role=role))


def known_there(organisation: Organisation) -> tuple[set[str], int]:
    """Return which invoices the made-up world has open, and how many payments it has made."""
    row = world.world_of(organisation)
    assert row is not None
    made_up = world.load(row)
    tables = made_up.tables()
    states = invoice_states(tables, made_up.today).filter("is_open")
    return set(states["invoice_id"]), tables.payments.height


def test_it_is_marked_as_made_up_and_lives_on_a_tuesday(demo: Organisation) -> None:
    assert demo.synthetic
    assert demo.clock_at is not None
    assert demo.clock_at.strftime("%A %H:%M") == "Tuesday 06:00"
    assert demo.clock_at <= datetime.now(demo.clock_at.tzinfo)


def test_the_books_say_what_the_world_knows(demo: Organisation) -> None:
    theirs, payments = known_there(demo)
    ours = set(Invoice.objects.of(demo).filter(is_open=True).values_list("key", flat=True))
    assert ours == theirs
    assert Payment.objects.of(demo).count() == payments


def test_its_past_has_kept_and_broken_promises_on_their_own_days(demo: Organisation) -> None:
    promises = Promise.objects.of(demo)
    states = Counter(promises.values_list("state", flat=True))
    assert states["kept"] > 0
    assert states["broken"] > 0
    assert demo.clock_at is not None
    recent = promises.filter(decided_at__gte=demo.clock_at - timedelta(days=60)).count()
    assert recent < states["kept"] + states["broken"]


def test_it_is_compared_with_the_ladder_from_the_first_day(demo: Organisation) -> None:
    run = Run.objects.of(demo).order_by("-day")[0]
    assert run.step == "done"
    assert run.missed_days == 0
    arms = run.figures["arms"]
    assert arms["control"]["invoices"] > 0
    assert arms["treated"]["invoices"] > arms["control"]["invoices"]
    before = Run.objects.of(demo).order_by("-day")[1]
    assert run.day - before.day == timedelta(days=1)
    joined = Message.objects.of(demo).exclude(decision=None)
    assert joined.count() > 50
    assert set(joined.values_list("decision__state", flat=True)) == {"handed_over"}


@override_settings(PASSWORD_HASHERS=PASSWORD_HASHERS)
def test_everybody_has_a_role_and_a_password(demo: Organisation) -> None:
    sign_ins = beginning.sign_ins_of(demo)
    assert len({s.password for s in sign_ins}) == 5
    for sign_in in sign_ins:
        membership = Membership.objects.of(demo).get(role=sign_in.role)
        assert membership.user.email == sign_in.email
        assert membership.user.check_password(sign_in.password)


def test_a_password_is_made_up_that_is_accepted_for_whoever_it_is() -> None:
    # Of this address one password in some is refused, for its letters are much the same.
    email = "administrator@birch-river-lemon-tulip.test"
    person = User(email=email, name="Alex")
    for _ in range(200):
        validate_password(beginning.password_for(email, "Alex"), person)


def test_a_second_beginning_is_the_first(demo: Organisation) -> None:
    before = Decision.objects.of(demo).count()
    assert beginning.begin_demo(customers=CUSTOMERS, seed=SEED).pk == demo.pk
    assert Decision.objects.of(demo).count() == before
    with pytest.raises(Refused, match="another demonstration"):
        beginning.begin_demo(customers=CUSTOMERS, seed=SEED + 1)


def test_five_days_go_by(demo: Organisation) -> None:
    start = demo.clock_at
    assert start is not None
    for number in range(1, 6):
        live_a_day(demo, approve=True)
        demo.refresh_from_db()
        assert demo.clock_at == start + timedelta(days=number)
        run = Run.objects.of(demo).order_by("-day")[0]
        assert (run.day, run.step) == (demo.clock_at.date(), "done")
    theirs, payments = known_there(demo)
    assert Payment.objects.of(demo).count() == payments
    # What people handed over is ours alone to know; what the world has open is a part of ours.
    ours = Invoice.objects.of(demo)
    assert theirs <= set(ours.values_list("key", flat=True))
    open_here = set(ours.filter(is_open=True).values_list("key", flat=True))
    assert open_here <= theirs
    sent = Message.objects.of(demo).filter(source="tenor", state="sent")
    assert sent.count() > 0
    assert all(start <= m.sent_at < demo.clock_at for m in sent)  # type: ignore[operator]
    assert list(audit.verify(demo)) == []


def test_what_nobody_approved_does_not_go_out(demo: Organisation) -> None:
    proposed = Decision.objects.of(demo).filter(state="proposed")
    keys = set(proposed.values_list("key", flat=True))
    assert keys
    live_a_day(demo)
    assert not Message.objects.of(demo).filter(key__in=keys, state="sent").exists()


def test_what_befalls_a_message_is_told_of_our_message(demo: Organisation) -> None:
    for _ in range(3):
        live_a_day(demo, approve=True)
    demo.refresh_from_db()
    assert demo.clock_at is not None
    events = facts.tables(demo, demo.clock_at).events
    sent = set(
        Message.objects.of(demo).filter(source="tenor", state="sent").values_list("key", flat=True)
    )
    told = events.filter(pl.col("kind") == "delivered", pl.col("contact_id").is_in(list(sent)))
    assert told.height > 0


def test_a_day_that_is_cut_short_is_played_again_alike(
    demo: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="full"):
        patch.setattr(world, "keep", broken)
        live_a_day(demo, approve=True)
    paid = Payment.objects.of(demo).count()
    live_a_day(demo, approve=True)
    _theirs, payments = known_there(demo)
    assert Payment.objects.of(demo).count() == payments > paid


def test_the_clock_is_moved_in_the_background_once_at_a_time(demo: Organisation) -> None:
    manager = actor(demo)
    job = actions.next_day(manager, days=2)
    with pytest.raises(Refused, match="moving already"):
        actions.next_day(manager)
    while work_one():
        pass
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    before = demo.clock_at
    demo.refresh_from_db()
    assert before is not None
    assert demo.clock_at == before + timedelta(days=2)
    assert queries.under_way(demo) is None


def test_who_may_not_approve_does_not_approve_through_the_clock(demo: Organisation) -> None:
    with pytest.raises(Forbidden):
        actions.next_day(actor(demo, "agent"), approve=True)
    with pytest.raises(Invalid):
        actions.next_day(actor(demo), days=8)
    assert queries.last_try(demo) is None


def test_only_a_made_up_organisation_has_a_clock_to_move(cast: Cast, manager: Client) -> None:
    with pytest.raises(NotFound):
        actions.next_day(cast.actor("manager"))
    assert manager.get("/o/delta/clock/").status_code == 404
    assert manager.post("/o/delta/clock/next/").status_code == 404


def test_the_clock_is_moved_on_its_screen(demo: Organisation, client: Client) -> None:
    client.force_login(Membership.objects.of(demo).get(role="credit_manager").user)
    assert "Move on a day" in client.get("/o/demo/clock/").content.decode()
    assert client.post("/o/demo/clock/next/", {"days": "x"}).status_code == 422
    assert client.post("/o/demo/clock/next/", {"days": "1"}).status_code == 302
    assert "The clock is moving" in client.get("/o/demo/clock/").content.decode()
    assert client.get("/o/demo/clock/progress/").headers.get("HX-Refresh") is None


def test_a_draft_is_tried_on_todays_portfolio(demo: Organisation, client: Client) -> None:
    manager = actor(demo)
    live = rules.live_policy_version(demo)
    assert live is not None
    calm = live.text.replace("min_days_between = 4", "min_days_between = 14")
    draft = governance.draft_policy(manager, text=calm)
    governance.request_dry_run(manager, number=draft.number)
    assert trying.try_rules is not None
    while work_one():
        pass
    found = rules.version_numbered(manager, draft.number).dry_run
    run = Run.objects.of(demo).order_by("-day")[0]
    decided = run.decisions.exclude(verdict="wait")
    assert found["before"]["customers"] == run.decisions.count()
    assert found["before"]["contacts"] == decided.exclude(channel="").count()
    assert found["after"]["contacts"] < found["before"]["contacts"]
    assert found["changed"] == sum(found["changes"].values()) > 0
    client.force_login(Membership.objects.of(demo).get(role="compliance").user)
    page = client.get(f"/o/demo/rules/{draft.number}/?as=changes").content.decode()
    assert "customers would be treated otherwise today" in page


def test_the_predictor_is_shown_as_learned_from_made_up_facts(
    demo: Organisation, client: Client
) -> None:
    client.force_login(Membership.objects.of(demo).get(role="analyst").user)
    page = client.get("/o/demo/rules/predictor/").content.decode()
    assert "learned from made-up facts" in page
    assert "Own history alone" in page


def test_its_predictor_came_with_a_release_and_has_its_papers(
    demo: Organisation, client: Client
) -> None:
    live = rules.live_predictor(demo)
    assert live is not None
    client.force_login(Membership.objects.of(demo).get(role="analyst").user)
    page = client.get("/o/demo/learning/releases/2/").content.decode()
    assert "A made-up organisation begins with it." in page
    assert "better than naive answers" in page
    at = f"/o/demo/learning/predictors/{live.pk}/"
    assert live.version in client.get(f"{at}card/").content.decode()
    page = client.get(f"{at}sheet/?as=file")
    assert "Waterlinie" in page.content.decode()
    assert page["Content-Disposition"].endswith('-sheet.html"')
    assert client.get(f"{at}text/").status_code == 404
    client.force_login(Membership.objects.of(demo).get(role="agent").user)
    assert client.get(f"{at}card/").status_code == 403


def test_a_history_that_is_too_short_is_an_answer(cast: Cast) -> None:
    now = cast.organisation.clock_at
    assert now is not None
    with pytest.raises(Refused):
        fitting.fit_predictor(
            system(cast.organisation), tables=facts.tables(cast.organisation, now), as_of=now
        )
    assert rules.predictors(cast.organisation) == []


def test_the_same_customer_has_the_same_name_in_any_company() -> None:
    people = pl.DataFrame(
        {
            "customer_id": ["C1", "C2", "C3"],
            "kind": ["consumer", "business", "consumer"],
            "country": ["NL", "DE", "FR"],
            "sector": [None, "retail", None],
        }
    )
    together = with_names(people, seed=1)
    alone = with_names(people.tail(1), seed=1)
    assert together.tail(1).equals(alone)
    assert together["name"].n_unique() == 3
    assert all(email.endswith("@example.org") for email in together["email"])
    assert not with_names(people, seed=2).equals(together)
