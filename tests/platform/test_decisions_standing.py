"""Asked about a customer, today's plan is the answer for as long as nothing new is known."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

import make
import plans
from caller import Caller, caller
from cast import NOW, Cast
from tenor.engine.frames import CONTACTS, conform
from tenor.platform.decisions.models import Decision
from tenor.platform.decisions.runs.refresh import decide_again
from tenor.platform.events.actions import record
from tenor.platform.governance.models import LawExtension
from tenor.platform.jobs.day import run_day
from tenor.platform.ledger import actions as ledger
from tenor.platform.outreach.history import add_contacts


@pytest.fixture
def program(cast: Cast) -> Caller:
    """A program of the first organisation, after the day's plan about C1 and C2."""
    plans.rules(cast)
    make.invoice(cast, "F1", customer="C1")
    make.invoice(cast, "F2", customer="C2")
    run_day(cast.organisation)
    return caller(cast.organisation)


def asked(program: Caller, key: str = "F1") -> dict[str, Any]:
    answer: dict[str, Any] = program.post("decisions/now", {"invoice_key": key}, 201)
    return answer


def planned(cast: Cast, key: str = "C1") -> Decision:
    found: Decision = Decision.objects.of(cast.organisation).get(
        run__isnull=False, customer__key=key
    )
    return found


def test_with_nothing_new_the_plan_is_the_answer(cast: Cast, program: Caller) -> None:
    assert asked(program)["id"] == planned(cast).pk
    assert Decision.objects.of(cast.organisation).filter(run=None).count() == 0


@pytest.mark.parametrize("new", ["event", "payment", "invoice", "credit", "consent", "detail"])
def test_with_anything_new_it_is_decided_anew(cast: Cast, program: Caller, new: str) -> None:
    actor = cast.actor("manager")
    if new == "event":
        long_ago = NOW - timedelta(days=3)
        record(cast.organisation, "opened", key="e1", at=long_ago, invoice_key="F1")
    elif new == "payment":
        make.payment(cast, "P1", invoice="F1", amount="10")
    elif new == "invoice":
        make.invoice(cast, "F3", customer="C1")
    elif new == "credit":
        ledger.credit_invoice(actor, invoice_key="F1", amount=Decimal(5), key="cr1", text="x")
    elif new == "detail":
        ledger.record_customer(actor, key="C1", name="C1", country="BE")
    else:
        ledger.set_consent(actor, customer_key="C1", channel="sms", granted=True, source="x")
        ledger.set_consent(actor, customer_key="C1", channel="sms", granted=False, source="x")
    assert asked(program)["id"] != planned(cast).pk
    assert asked(program, "F2")["id"] == planned(cast, "C2").pk


def test_what_was_decided_anew_stands_until_something_else_is_new(
    cast: Cast, program: Caller
) -> None:
    make.payment(cast, "P1", invoice="F1", amount="10")
    first = asked(program)["id"]
    assert asked(program)["id"] == first != planned(cast).pk
    make.payment(cast, "P2", invoice="F1", amount="10")
    make.at(cast, NOW + timedelta(minutes=1))
    second = asked(program)["id"]
    assert second not in (first, planned(cast).pk)
    assert asked(program)["id"] == second


def test_what_the_worker_decided_anew_after_news_is_the_answer(cast: Cast, program: Caller) -> None:
    record(cast.organisation, "replied", key="e1", at=NOW, customer_key="C1")
    decide_again(cast.organisation, "C1")
    assert asked(program)["id"] == planned(cast).pk


def test_a_contact_that_another_system_tells_of_has_it_decided_anew(
    cast: Cast, program: Caller
) -> None:
    told = CONTACTS.empty().vstack(
        pl.DataFrame(
            {"contact_id": ["erp1"], "customer_id": ["C1"], "sent_at": [NOW - timedelta(days=1)],
             "channel": ["letter"], "invoice_ids": [["F1"]]},
        ).pipe(lambda frame: conform(CONTACTS, frame))
    )  # fmt: skip
    add_contacts(cast.organisation, told, source="erp")
    assert asked(program)["id"] != planned(cast).pk
    assert asked(program, "F2")["id"] == planned(cast, "C2").pk


def test_under_other_rules_or_settings_it_is_decided_anew(cast: Cast, program: Caller) -> None:
    plans.settle(cast, promise_tolerance_days=9)
    assert asked(program)["id"] != planned(cast).pk


def test_under_another_reading_of_the_law_it_is_decided_anew(cast: Cast, program: Caller) -> None:
    text = (
        '[pack]\njurisdiction = "NL+delta"\nname = "Delta"\nversion = "1"\n'
        'reviewed_on = 2026-03-10\nextends = "NL"\n[sources]\nown = "Our word"\n[caps.email]\n'
        'text = "Once a week."\nsource = "own"\nconfidence = "high"\nbinding = "policy"\n'
        'in_force = [{ from = 2020-01-01, channels = ["email"], most = 1, days = 7 }]\n'
    )
    LawExtension.objects.of(cast.organisation).create(
        number=1, jurisdiction="NL", text=text, state="live", drafted_at=NOW
    )
    assert asked(program)["id"] != planned(cast).pk


def test_what_a_person_took_up_is_decided_anew(cast: Cast, program: Caller) -> None:
    Decision.objects.of(cast.organisation).update(changed_at=NOW)
    assert asked(program)["id"] != planned(cast).pk


def test_a_moment_that_has_passed_is_decided_anew(cast: Cast, program: Caller) -> None:
    found = planned(cast)
    assert found.send_at is not None
    cast.organisation.clock_at = found.send_at
    cast.organisation.save(update_fields=["clock_at"])
    assert asked(program)["id"] != found.pk
