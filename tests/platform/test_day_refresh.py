"""Between two plans: what customers do changes what is intended for them."""

from datetime import timedelta
from pathlib import Path

import pytest

import lived
import make
from cast import Cast
from tenor.engine.frames import Tables
from tenor.platform.core.audit import AuditEntry
from tenor.platform.core.models import Job
from tenor.platform.decisions import actions as decisions
from tenor.platform.decisions.models import Decision, Run
from tenor.platform.decisions.runs.refresh import decide_again, seen_since, todays_run
from tenor.platform.events.actions import record
from tenor.platform.jobs.day import run_day
from tenor.platform.jobs.worker import work_through
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Invoice

RULES = """
[channels.email]
cost = 0.02
[channels.call]
cost = 0.02
capacity_per_day = 2
hours = "09:00-17:00"
days = "Mon-Fri"
[review]
sample = 0.0
uncertain_below = 0.0
"""


@pytest.fixture
def today(cast: Cast, tables: Tables, as_of: object, model_folder: Path) -> Run:
    """The finished plan of an organisation that has learned from its history."""
    cast.organisation.synthetic = True
    cast.organisation.save()
    lived.keep(cast.organisation, tables, as_of)
    lived.put_in_force(cast.organisation, RULES, model_folder)
    run = run_day(cast.organisation)
    make.at(cast, run.as_of + timedelta(hours=2))
    return run


def contacts(run: Run) -> list[Decision]:
    """Return the contacts by e-mail that wait for approval, of customers with one open invoice."""
    rows = run.decisions.filter(
        channel="email", state="proposed", verdict="contact", customer__exposures__open_count=1
    )
    return list(rows.select_related("customer").order_by("pk"))


def test_a_dispute_takes_the_contact_back(cast: Cast, today: Run) -> None:
    decision = contacts(today)[0]
    ledger.open_dispute(
        cast.system, invoice_key=decision.invoice_keys[0], reason="quality", note="Wet."
    )
    key = decision.customer.key
    assert [c for c, _ in seen_since(cast.organisation, None).customers] == [key]
    after = decide_again(cast.organisation, key)
    assert (after.pk, after.verdict, after.channel, after.state) == (
        decision.pk, "wait", "", "nothing",
    )  # fmt: skip
    assert after.gate == "disputed"
    entry = AuditEntry.objects.of(cast.organisation).get(action="decision.refresh")
    assert (entry.before["channel"], entry.after["channel"]) == ("email", "")


def test_nothing_else_of_the_plan_moves(cast: Cast, today: Run) -> None:
    decision, other = contacts(today)[:2]
    before = [*run_rows(today, without=decision)]
    ledger.open_dispute(
        cast.system, invoice_key=decision.invoice_keys[0], reason="quality", note="Wet."
    )
    decide_again(cast.organisation, decision.customer.key)
    assert [*run_rows(today, without=decision)] == before
    assert other.pk in {row["id"] for row in before}


def test_without_news_the_same_is_decided(cast: Cast, today: Run) -> None:
    make.at(cast, today.as_of)
    calls = today.decisions.filter(channel="call").select_related("customer").order_by("send_at")
    for decision in [*contacts(today)[:5], calls[0]]:
        after = decide_again(cast.organisation, decision.customer.key)
        names = ("verdict", "channel", "state", "gate", "invoice_keys")
        if decision.channel != "call":
            # A call can be wanted earlier than the plan has room for it.
            names += ("tone", "send_at")
            assert after.value == pytest.approx(decision.value, rel=1e-3)
        for name in names:
            assert getattr(after, name) == getattr(decision, name), name


def test_one_look_at_the_payment_page_says_little_and_three_say_much(
    cast: Cast, today: Run
) -> None:
    key = contacts(today)[0].customer.key
    for number in range(3):
        assert not seen_since(cast.organisation, None).customers
        at = today.as_of + timedelta(minutes=number + 1)
        record(cast.organisation, "page_visited", key=f"V{number}", at=at, customer_key=key)
    assert [c for c, _ in seen_since(cast.organisation, None).customers] == [key]
    after = decide_again(cast.organisation, key)
    assert after.verdict == "review"
    assert "obstacle" in after.gate.split()


def test_what_a_person_has_touched_stays(cast: Cast, today: Run) -> None:
    held, approved = contacts(today)[:2]
    manager = cast.actor("manager")
    decisions.hold(manager, decisions=[held], reason="knows_customer")
    decisions.approve(manager, decisions=[approved])
    for decision in (held, approved):
        ledger.open_dispute(
            cast.system, invoice_key=decision.invoice_keys[0], reason="quality", note="Wet."
        )
        assert decide_again(cast.organisation, decision.customer.key) is None
    held.refresh_from_db()
    approved.refresh_from_db()
    assert (held.state, approved.state, approved.channel) == ("held", "approved", "email")


def test_who_has_paid_has_nothing_more_to_be_asked(cast: Cast, today: Run) -> None:
    decision = contacts(today)[0]
    owed = Invoice.objects.of(cast.organisation).filter(customer=decision.customer, is_open=True)
    for invoice in owed:
        make.payment(
            cast, f"paid {invoice.key}", amount=invoice.balance, invoice=invoice.key,
            paid_at=cast.organisation.clock_at,
        )  # fmt: skip
    decision.refresh_from_db()
    assert (decision.state, decision.gate) == ("lapsed", "paid")
    assert decide_again(cast.organisation, decision.customer.key) is None


def test_peoples_time_is_not_given_out_twice(cast: Cast, today: Run) -> None:
    calls = today.decisions.filter(channel="call", send_at__date=today.day).count()
    assert calls == 2
    for decision in contacts(today)[:8]:
        record(
            cast.organisation, "payment_failed", key=f"E{decision.pk}",
            at=cast.organisation.clock_at, invoice_key=decision.invoice_keys[0],
        )  # fmt: skip
        decide_again(cast.organisation, decision.customer.key)
    assert today.decisions.filter(channel="call", send_at__date=today.day).count() == 2


def test_the_worker_hears_it_once(cast: Cast, today: Run) -> None:
    work_through()
    decision = contacts(today)[0]
    ledger.open_dispute(
        cast.system, invoice_key=decision.invoice_keys[0], reason="quality", note="Wet."
    )
    Job.objects.filter(kind="listen").update(run_at=today.as_of)
    work_through()
    decision.refresh_from_db()
    assert (decision.state, decision.gate) == ("nothing", "disputed")
    assert Job.objects.filter(kind="refresh").count() == 1
    Job.objects.filter(kind="listen").update(run_at=today.as_of)
    work_through()
    assert Job.objects.filter(kind="refresh").count() == 1
    assert not Job.objects.exclude(error="").exists()


def test_before_the_plan_is_made_and_after_its_day_nothing_is_decided_again(
    cast: Cast, today: Run
) -> None:
    key = contacts(today)[0].customer.key
    make.at(cast, today.as_of + timedelta(days=1))
    assert todays_run(cast.organisation) is None
    assert decide_again(cast.organisation, key) is None
    assert decide_again(cast.other, key) is None


def run_rows(run: Run, *, without: Decision) -> object:
    return run.decisions.exclude(pk=without.pk).order_by("pk").values()


def test_what_came_in_with_the_plan_was_known_to_it(cast: Cast, today: Run) -> None:
    """A history that is brought in as the clock stands is no news; what happens then is."""
    keys = [decision.customer.key for decision in contacts(today)[:2]]
    for key, earlier in zip(keys, (timedelta(days=40), timedelta(0)), strict=True):
        record(
            cast.organisation, key=f"told {key}", kind="replied", customer_key=key,
            at=today.as_of - earlier, received_at=today.as_of,
        )  # fmt: skip
    assert [key for key, _ in seen_since(cast.organisation, None).customers] == keys[1:]
