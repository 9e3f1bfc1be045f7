"""Requests of people about their own data: terms, objection, erasure, a second look by a person."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db.models import ForeignKey

import make
from cast import NOW, Cast
from tenor.engine.events import Kind as EventKind
from tenor.platform.core import audit
from tenor.platform.core.errors import Forbidden, Invalid, NotFound, Refused
from tenor.platform.core.models import AuditEntry
from tenor.platform.decisions.models import Decision, HandOver, Review, Run, Score, Task
from tenor.platform.events.actions import record
from tenor.platform.events.models import Event
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import (
    ContactPoint,
    Customer,
    Hold,
    Invoice,
    LegalNotice,
    Note,
    Payment,
)
from tenor.platform.outreach.models import Message
from tenor.platform.privacy import actions, expiry, queries
from tenor.platform.privacy.export import tables_of
from tenor.platform.privacy.models import Kept, RightsRequest


def paid_customer(cast: Cast, key: str = "C1", *, issued: date = date(2023, 5, 2)) -> Customer:
    """Make a customer with a paid invoice of that day, a message, a visit and a note."""
    customer = make.customer(cast, key, name="Ann Example", attributes={"ref_person_iban": "NL91"})
    make.invoice(
        cast, f"F-{key}", customer=key, due_on=issued + timedelta(days=30), issued_on=issued
    )
    at = datetime(issued.year, 7, 1, 12, tzinfo=UTC)
    make.payment(cast, f"P-{key}", invoice=f"F-{key}", paid_at=at)
    ledger.write_note(cast.system, customer_key=key, text="Rang Ann: she is moving to Delft.")
    Message.objects.of(cast.organisation).create(
        customer=customer, key=f"M-{key}", channel="email", address="ann@example.org",
        subject="Ann, an invoice is open", body="Dear Ann", state="sent", send_at=at, sent_at=at,
    )  # fmt: skip
    for kind in (EventKind.PAGE_VISITED, EventKind.REPLIED):
        record(
            cast.organisation, kind, key=f"{key}:{kind}", at=NOW - timedelta(days=3),
            customer_key=key, detail={"text": "Ann here"},
        )  # fmt: skip
    return customer


def decision_of(cast: Cast, customer: Customer, **values: Any) -> Decision:
    """Make a decision of today's run that waits for a person."""
    run, _made = Run.objects.of(cast.organisation).get_or_create(
        day=NOW.date(), defaults={"as_of": NOW, "seed": 1, "started_at": NOW, "step": "done"}
    )
    row: Decision = Decision.objects.of(cast.organisation).create(
        run=run, customer=customer, key=f"D-{customer.key}", decided_at=NOW, invoice_keys=[],
        verdict="contact", channel="email", **values,
    )  # fmt: skip
    return row


def ask(cast: Cast, kind: str, key: str = "C1", **values: Any) -> RightsRequest:
    """Take a request in, as the compliance officer."""
    return actions.record_request(cast.actor("compliance"), customer_key=key, kind=kind, **values)


def test_a_request_is_due_a_month_after_it_was_received_by_the_law_of_the_place(
    cast: Cast,
) -> None:
    make.customer(cast, "C1")

    row = ask(cast, "access", received_at=datetime(2026, 1, 31, 23, 30, tzinfo=UTC))

    # Half past midnight on 1 February at the organisation's place.
    assert (row.answer_by, row.at_most) == (date(2026, 3, 1), date(2026, 5, 1))
    assert (row.rule, row.source) == ("EU:rights.answer", "Regulation (EU) 2016/679 art. 12(3)")


def test_the_list_says_what_is_overdue_and_what_is_due_soon(cast: Cast) -> None:
    for key, days in (("C1", 29), ("C2", 20), ("C3", 1)):
        make.customer(cast, key)
        ask(cast, "access", key, received_at=NOW - timedelta(days=days))

    listed = queries.requests(cast.organisation)

    # From 9 February a month is 28 days.
    assert [(str(due.request.customer), due.days_left, due.term) for due in listed] == [
        ("Customer C1", -1, "overdue"), ("Customer C2", 8, "open"), ("Customer C3", 30, "open"),
    ]  # fmt: skip
    make.at(cast, NOW + timedelta(days=1))
    assert [due.term for due in queries.requests(cast.organisation)] == ["overdue", "soon", "open"]
    assert queries.overdue_count(cast.organisation) == 1


def test_a_term_is_extended_once_and_only_before_it_is_over(cast: Cast) -> None:
    make.customer(cast, "C1")
    row = ask(cast, "access")
    officer = cast.actor("compliance")

    longer = actions.extend(officer, request_id=row.pk, because="Ten years of letters on paper.")

    assert longer.answer_by == date(2026, 6, 10)
    with pytest.raises(Refused, match="no more time"):
        actions.extend(officer, request_id=row.pk, because="Still more.")
    late = ask(cast, "access", received_at=NOW - timedelta(days=40))
    with pytest.raises(Refused, match="first term is over"):
        actions.extend(officer, request_id=late.pk, because="We forgot.")


def test_an_agent_may_note_a_request_and_not_answer_it(cast: Cast) -> None:
    make.customer(cast, "C1")
    row = actions.record_request(cast.actor("agent"), customer_key="C1", kind="access")

    with pytest.raises(Forbidden):
        actions.answer(cast.actor("agent"), request_id=row.pk, granted=True, words="Here it is.")
    with pytest.raises(Forbidden):
        actions.record_request(cast.actor("analyst"), customer_key="C1", kind="access")
    answered = actions.answer(
        cast.actor("compliance"), request_id=row.pk, granted=True, words="Here it is."
    )
    assert (answered.state, answered.decided_name) == ("granted", "Compliance")
    with pytest.raises(Refused, match="answered already"):
        actions.answer(cast.actor("compliance"), request_id=row.pk, granted=False, words="No.")


def test_nobody_of_another_organisation_reaches_a_request(cast: Cast) -> None:
    make.customer(cast, "C1")
    row = ask(cast, "access")
    from tenor.platform.core.actor import system

    stranger = system(cast.other)
    with pytest.raises(NotFound):
        actions.answer(stranger, request_id=row.pk, granted=True, words="x")
    with pytest.raises(NotFound):
        queries.request_for(stranger, row.pk)
    with pytest.raises(NotFound):
        actions.record_request(stranger, customer_key="C1", kind="access")
    assert queries.requests(cast.other) == []


def test_a_request_is_not_received_tomorrow_and_is_of_a_known_kind(cast: Cast) -> None:
    make.customer(cast, "C1")
    with pytest.raises(Invalid):
        ask(cast, "access", received_at=NOW + timedelta(days=1))
    with pytest.raises(Invalid):
        ask(cast, "amnesty")
    assert not RightsRequest.objects.of(cast.organisation).exists()


def test_an_objection_lets_profiling_rest_until_it_is_weighed(cast: Cast) -> None:
    make.customer(cast, "C1")
    row = ask(cast, "objection", words="Stop guessing when I am at home.")

    hold = Hold.objects.of(cast.organisation).get()
    assert (hold.reason, hold.lifted_at, row.hold) == ("objection_21", None, hold)
    actions.answer(
        cast.actor("compliance"), request_id=row.pk, granted=False, words="Our grounds weigh more."
    )
    hold.refresh_from_db()
    assert hold.lifted_at == NOW


def test_an_objection_that_is_granted_keeps_profiling_stopped(cast: Cast) -> None:
    make.customer(cast, "C1")
    row = ask(cast, "objection")
    actions.answer(cast.actor("compliance"), request_id=row.pk, granted=True, words="We stopped.")
    assert Hold.objects.of(cast.organisation).get().lifted_at is None


def test_erasure_removes_what_is_free_and_keeps_the_books_until_their_end(cast: Cast) -> None:
    customer = paid_customer(cast)
    decision_of(cast, customer)
    row = ask(cast, "erasure", words="Ann wants to be forgotten")

    done = actions.erase(cast.actor("compliance"), request_id=row.pk)

    customer.refresh_from_db()
    assert (customer.name, customer.attributes, customer.timezone) == ("", {}, "")
    for table in (ContactPoint, Note, Decision, Task, Score):
        assert not table.objects.of(cast.organisation).exists(), table
    assert not Event.objects.of(cast.organisation).filter(customer_key="C1").exists()
    # Seven years by Dutch tax law, after the year: the books, and the letters with them.
    assert Invoice.objects.of(cast.organisation).get().key == "F-C1"
    assert Payment.objects.of(cast.organisation).get().key == "P-C1"
    kept = {k.record: (k.until, k.rule) for k in Kept.objects.of(cast.organisation)}
    assert kept == {
        "invoice": (date(2030, 12, 31), "NL:retention.books"),
        "message": (date(2030, 12, 31), "NL:retention.letters"),
    }
    assert (done.state, done.words) == ("partly", "")
    told = {line["record"]: (line["erased"], line["until"]) for line in done.outcome}
    assert told["invoice"] == (False, "2030-12-31")
    assert told["customer details"] == told["behaviour event"] == (True, None)


def test_an_open_claim_keeps_what_is_needed_to_collect_it_and_no_behaviour(cast: Cast) -> None:
    customer = paid_customer(cast)
    make.invoice(cast, "F2", customer="C1")
    row = ask(cast, "erasure")

    actions.erase(cast.actor("compliance"), request_id=row.pk)

    customer.refresh_from_db()
    assert customer.name == "Ann Example"
    assert ContactPoint.objects.of(cast.organisation).exists()
    events = Event.objects.of(cast.organisation).filter(customer_key="C1")
    assert EventKind.PAGE_VISITED not in set(events.values_list("kind", flat=True))
    details = Kept.objects.of(cast.organisation).get(record="customer details")
    assert (details.until, details.rule) == (None, "EU:rights.erasure_claims")
    # What is kept is used for the claim alone.
    assert Hold.objects.of(cast.organisation).get().reason == "objection_21"


def test_what_had_to_stay_goes_by_itself_when_the_claim_and_then_the_term_are_over(
    cast: Cast,
) -> None:
    customer = paid_customer(cast)
    make.invoice(cast, "F2", customer="C1", amount="80")
    row = ask(cast, "erasure")
    actions.erase(cast.actor("compliance"), request_id=row.pk)
    assert expiry.expire(cast.organisation) == {}

    make.payment(cast, "P2", invoice="F2", amount="80")
    expiry.expire(cast.organisation)

    customer.refresh_from_db()
    assert customer.name == ""
    left = Kept.objects.of(cast.organisation).filter(ended_at=None)
    assert {(k.record, k.year, k.until) for k in left} == {
        ("invoice", 2023, date(2030, 12, 31)),
        ("message", 2023, date(2030, 12, 31)),
        ("invoice", 2026, date(2033, 12, 31)),
    }
    make.at(cast, datetime(2030, 12, 31, 12, tzinfo=UTC))
    expiry.expire(cast.organisation)
    assert Invoice.objects.of(cast.organisation).count() == 2
    make.at(cast, datetime(2031, 1, 1, 12, tzinfo=UTC))
    expiry.expire(cast.organisation)
    assert [i.key for i in Invoice.objects.of(cast.organisation)] == ["F2"]
    make.at(cast, datetime(2034, 1, 1, 12, tzinfo=UTC))
    expiry.expire(cast.organisation)
    assert not Customer.objects.of(cast.organisation).exists()
    assert not Kept.objects.of(cast.organisation).filter(ended_at=None).exists()
    assert expiry.expire(cast.organisation) == {}


def test_books_hang_together_a_payment_of_the_next_year_keeps_its_invoice(cast: Cast) -> None:
    make.invoice(cast, "F1", customer="C1", issued_on=date(2020, 12, 1), due_on=date(2020, 12, 31))
    make.payment(cast, "P1", invoice="F1", paid_at=datetime(2021, 1, 5, 12, tzinfo=UTC))
    row = ask(cast, "erasure")

    done = actions.erase(cast.actor("compliance"), request_id=row.pk)

    books = [line for line in done.outcome if line["record"] == "invoice"]
    assert [(b["year"], b["count"], b["until"]) for b in books] == [(2021, 2, "2028-12-31")]


def test_the_audit_log_holds_no_erased_person_and_still_holds(cast: Cast) -> None:
    paid_customer(cast)
    paid_customer(cast, "C2")
    row = ask(cast, "erasure", words="forget Ann")
    before = AuditEntry.objects.of(cast.organisation).count()

    actions.erase(cast.actor("compliance"), request_id=row.pk)

    own = AuditEntry.objects.of(cast.organisation).filter(subject="customer:C1")
    said = " ".join(f"{e.before} {e.after}" for e in own)
    assert "Ann" not in said and "c1@example.org" not in said and "Delft" not in said
    assert {e.action for e in own} >= {"customer.record", "note.write", "rights.answer"}
    others = AuditEntry.objects.of(cast.organisation).filter(subject="customer:C2")
    assert any("Ann Example" in str(e.after) for e in others)
    assert AuditEntry.objects.of(cast.organisation).count() > before
    assert list(audit.verify(cast.organisation)) == []


def test_behaviour_goes_after_thirteen_months_for_everybody_and_nothing_else(cast: Cast) -> None:
    make.customer(cast, "C1")
    for name, kind, at in (
        ("old", EventKind.OPENED, datetime(2025, 2, 9, 23, 59, tzinfo=UTC)),
        ("edge", EventKind.OPENED, datetime(2025, 2, 10, 0, 0, tzinfo=UTC)),
        ("reply", EventKind.REPLIED, datetime(2020, 1, 1, tzinfo=UTC)),
    ):
        record(cast.organisation, kind, key=name, at=at, customer_key="C1")

    assert expiry.expire(cast.organisation) == {"behaviour": 1}

    left = Event.objects.of(cast.organisation).values_list("key", flat=True)
    assert set(left) == {"edge", "reply"}
    assert expiry.expire(cast.organisation) == {}


def test_an_answered_request_is_proof_for_three_years(cast: Cast) -> None:
    make.customer(cast, "C1")
    row = ask(cast, "access")
    actions.answer(cast.actor("compliance"), request_id=row.pk, granted=True, words="Here.")
    make.at(cast, datetime(2029, 3, 10, 7, tzinfo=UTC))
    expiry.expire(cast.organisation)
    assert RightsRequest.objects.of(cast.organisation).exists()
    make.at(cast, datetime(2029, 3, 11, 12, tzinfo=UTC))
    expiry.expire(cast.organisation)
    assert not RightsRequest.objects.of(cast.organisation).exists()


def test_a_second_look_waits_for_a_person_and_keeps_the_decision_back(cast: Cast) -> None:
    customer = make.customer(cast, "C1")
    decision = decision_of(cast, customer)

    row = ask(cast, "human_review", words="Why no plan?", decision_key="D-C1")

    decision.refresh_from_db()
    assert decision.state == Decision.State.HELD
    task = Task.objects.of(cast.organisation).get()
    assert (task.kind, task.state, task.decision) == ("human_review", "open", decision)
    assert task.facts["answer_by"] == "2026-04-10"
    assert row.task == task


def test_nobody_looks_again_at_a_decision_of_their_own(cast: Cast) -> None:
    customer = make.customer(cast, "C1")
    decision = decision_of(cast, customer, decided_by=cast.manager.user)
    Review.objects.of(cast.organisation).create(
        decision=decision, verdict="agreed", at=NOW, by=cast.agent.user
    )
    row = ask(cast, "human_review")

    for role in ("manager", "agent"):
        with pytest.raises(Refused, match="somebody else"):
            actions.look_again(
                cast.actor(role), request_id=row.pk, otherwise=True, words="A plan is fine."
            )
    assert queries.may_look_again(cast.actor("compliance"), row)
    done = actions.look_again(
        cast.actor("compliance"), request_id=row.pk, otherwise=True, words="A plan is fine."
    )

    decision.refresh_from_db()
    assert (done.state, done.answer) == ("granted", "A plan is fine.")
    assert decision.state == Decision.State.VETOED
    assert Task.objects.of(cast.organisation).get().state == "done"


def test_a_decision_that_was_right_waits_for_its_approval_again(cast: Cast) -> None:
    customer = make.customer(cast, "C1")
    decision = decision_of(cast, customer)
    row = ask(cast, "human_review")

    actions.look_again(
        cast.actor("agent"), request_id=row.pk, otherwise=False, words="The reminder is due."
    )

    decision.refresh_from_db()
    row.refresh_from_db()
    assert (row.state, decision.state) == ("refused", Decision.State.PROPOSED)


def test_letters_and_hand_overs_are_kept_with_the_letters_and_exported(cast: Cast) -> None:
    customer = make.customer(cast, "C1")
    make.invoice(cast, "F1", customer="C1", issued_on=date(2024, 1, 2), due_on=date(2024, 2, 1))
    make.payment(cast, "P1", invoice="F1", paid_at=datetime(2024, 5, 1, tzinfo=UTC))
    LegalNotice.objects.of(cast.organisation).create(
        customer=customer, key="L1", kind="fourteen_day", sent_on=date(2024, 3, 1), channel="letter"
    )
    HandOver.objects.of(cast.organisation).create(
        customer=customer, invoice_keys=["F1"], amount=100, currency="EUR", route="agency",
        to="An agency", checklist=[], reason="x", signed_name="M", file=b"zip", digest="0",
        signed_at=datetime(2024, 4, 1, tzinfo=UTC),
    )  # fmt: skip
    tables = tables_of(cast.organisation, customer)
    assert [row["kind"] for row in tables["notices"]] == ["fourteen_day"]
    assert [row["to"] for row in tables["hand_overs"]] == ["An agency"]
    row = ask(cast, "erasure")
    actions.erase(cast.actor("compliance"), request_id=row.pk)

    left = Kept.objects.of(cast.organisation).filter(record="letter")
    assert {(k.part, k.until) for k in left} == {
        ("notices", date(2031, 12, 31)), ("hand_overs", date(2031, 12, 31)),
    }  # fmt: skip
    make.at(cast, datetime(2032, 1, 1, 12, tzinfo=UTC))
    expiry.expire(cast.organisation)
    assert not LegalNotice.objects.of(cast.organisation).exists()
    assert not HandOver.objects.of(cast.organisation).exists()


def test_what_was_handed_over_is_still_a_claim_and_what_was_written_off_is_none(
    cast: Cast,
) -> None:
    make.invoice(cast, "F1", customer="C1")
    make.invoice(cast, "F2", customer="C2")
    ledger.escalate(cast.system, invoice_keys=["F1"])
    ledger.write_off(cast.system, invoice_key="F2", reason="small")
    for key in ("C1", "C2"):
        actions.erase(cast.actor("compliance"), request_id=ask(cast, "erasure", key).pk)
    names = dict(Customer.objects.of(cast.organisation).values_list("key", "name"))
    assert names == {"C1": "Customer C1", "C2": ""}


def test_every_table_about_a_customer_is_known_to_the_law_of_erasure() -> None:
    """A new table with people in it is exported and erased as well, or goes with one that is."""
    known = {
        "ledger": {"ContactPoint", "Consent", "Invoice", "Hold", "Promise", "Plan", "Note",
                   "Payment", "PaymentReference", "LegalNotice", "ProtectedTraits"},
        "decisions": {"Basis", "Decision", "Earlier", "Examined", "HandOver", "Task"},
        "experiments": {"Assignment"},
        "offers": {"Offer"},
        "paying": {"Checkout"},
        "pooling": {"Part"},
        "banking": {"Posting", "PayerAccount", "Waiting"},
        "wording": {"PageLink"},
        "outreach": {"Message", "PushPlace"},
        "replies": {"Reply"},
        "privacy": {"RightsRequest"},
    }  # fmt: skip
    # Sums of what is owed: no more than the invoices that they are made of.
    sums = {"Exposure"}
    found: dict[str, set[str]] = {}
    for table in apps.get_models():
        fields = [f for f in table._meta.get_fields() if isinstance(f, ForeignKey)]
        if any(f.related_model is Customer for f in fields) and table.__name__ not in sums:
            found.setdefault(table._meta.app_label, set()).add(table.__name__)
    assert found == known
