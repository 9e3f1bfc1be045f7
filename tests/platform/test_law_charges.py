"""Costs and interest on top of an invoice: what the law allows now, explained, and never more."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client

import make
from cast import NOW, Cast
from tenor.engine.law.charges import costs_now
from tenor.platform.core.errors import Forbidden, Invalid, Refused
from tenor.platform.decisions.actions.charges import charge, offers_of
from tenor.platform.decisions.law import case_of
from tenor.platform.events.actions import record
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Customer, Entry, LegalNotice
from tenor.platform.outreach.models import Message

ACT = "/o/delta/case/C1/"
CONTENTS = (
    "creditor", "ground", "principal", "fee_amount", "term", "consequence", "how_to_pay",
    "contact", "due_date", "specification",
)  # fmt: skip


@pytest.fixture
def ann(cast: Cast) -> Customer:
    """Ann, a consumer, owes 500 euros since 20 January; today is 10 March."""
    make.invoice(cast, "F1", amount="500", due_on=date(2026, 1, 20))
    return Customer.objects.of(cast.organisation).select_related("organisation").get()


def letter(
    cast: Cast, received: date | None, *, costs: str = "75", **values: object
) -> LegalNotice:
    """Send Ann the fourteen-day letter on 2 February."""
    usual = {
        "customer_key": "C1", "invoice_keys": ["F1"], "kind": "fourteen_day",
        "sent_on": date(2026, 2, 2), "channel": "letter", "received_on": received,
        "evidence": "Signed for, 3SABC" if received else "", "contains": CONTENTS,
        "costs": Decimal(costs),
    }  # fmt: skip
    return ledger.record_notice(cast.actor("agent"), **{**usual, **values}).row


def fees(cast: Cast) -> list[tuple[str, Decimal]]:
    rows = Entry.objects.of(cast.organisation).order_by("pk")
    return list(rows.values_list("kind", "amount"))


def test_a_customer_is_a_case_with_its_claim_notices_and_holds(cast: Cast, ann: Customer) -> None:
    make.payment(cast, "P0", invoice="F1", amount="20", paid_at=NOW - timedelta(days=60))
    make.payment(cast, "P1", invoice="F1", amount="30", paid_at=NOW - timedelta(days=5))
    letter(cast, date(2026, 2, 4))
    ledger.open_dispute(cast.actor("agent"), invoice_key="F1", reason="quality")
    ledger.set_consent(cast.system, customer_key="C1", channel="sms", granted=False)
    case = case_of(ann)
    [claim], [notice], [hold] = case.claims, case.notices, case.holds
    assert (case.pack.jurisdiction, case.debtor, case.zones) == (
        "NL", "consumer", ("Europe/Amsterdam",),
    )  # fmt: skip
    # What came before its day is part of the sum; what came later was paid in default.
    assert (claim.principal, claim.paid) == (480, ((date(2026, 3, 5), 30),))
    assert (notice.kind, notice.received_on, notice.invoices) == (
        "fourteen_day", date(2026, 2, 4), {"F1"},
    )  # fmt: skip
    assert (hold.code, hold.invoice, case.opt_outs) == ("DISPUTE", "F1", {"sms"})


def test_fees_of_ours_are_no_part_of_the_sum_that_costs_are_worked_out_on(
    cast: Cast, ann: Customer
) -> None:
    ledger.add_fee(cast.actor(), invoice_key="F1", amount=Decimal(12))
    ledger.credit_invoice(cast.actor(), invoice_key="F1", amount=Decimal(100), key="K1")
    assert [claim.principal for claim in case_of(ann).claims] == [400]


def test_without_the_letter_no_costs_are_charged_and_the_refusal_says_why(
    cast: Cast, ann: Customer
) -> None:
    with pytest.raises(Refused, match="6:96"):
        charge(cast.actor(), customer_key="C1", kind="costs")
    assert fees(cast) == []


def test_while_the_term_runs_the_refusal_names_the_first_day(cast: Cast, ann: Customer) -> None:
    # Received on 25 February: the last day is 11 March.
    letter(cast, date(2026, 2, 25))
    with pytest.raises(Refused, match="2026-03-12"):
        charge(cast.actor(), customer_key="C1", kind="costs")
    assert fees(cast) == []
    make.at(cast, NOW + timedelta(days=2))
    assert [e.amount for e in charge(cast.actor(), customer_key="C1", kind="costs")] == [75]


def test_after_the_term_exactly_the_scale_is_charged_once(cast: Cast, ann: Customer) -> None:
    letter(cast, date(2026, 2, 4))
    [offer] = offers_of(ann, "costs")
    assert (offer.amount, offer.charged, offer.currency) == (75, 0, "EUR")
    assert sum(line.amount for line in offer.ruling.lines) == 75
    [entry] = charge(cast.actor(), customer_key="C1", kind="costs")
    assert (entry.kind, entry.amount, entry.invoice.key) == ("fee", 75, "F1")
    assert "NL:costs.consumer" in entry.text
    with pytest.raises(Refused, match="charged already"):
        charge(cast.actor(), customer_key="C1", kind="costs")
    assert fees(cast) == [("fee", 75)]


def test_more_than_the_law_allows_is_refused_and_less_is_not(cast: Cast, ann: Customer) -> None:
    letter(cast, date(2026, 2, 4))
    with pytest.raises(Refused, match=r"allows 75\.00 EUR"):
        charge(cast.actor(), customer_key="C1", kind="costs", amount=Decimal("75.01"))
    assert fees(cast) == []
    charge(cast.actor(), customer_key="C1", kind="costs", amount=Decimal(40))
    charge(cast.actor(), customer_key="C1", kind="costs")
    assert fees(cast) == [("fee", 40), ("fee", 35)]


def test_what_was_taken_back_may_be_charged_again(cast: Cast, ann: Customer) -> None:
    letter(cast, date(2026, 2, 4))
    [entry] = charge(cast.actor(), customer_key="C1", kind="costs")
    ledger.reverse_entry(cast.actor(), entry_key=entry.key)
    assert [e.amount for e in charge(cast.actor(), customer_key="C1", kind="costs")] == [75]


def test_interest_is_charged_to_the_day_and_only_what_came_since(cast: Cast, ann: Customer) -> None:
    # 4% of 500 from 21 January up to 10 March: 48 days of 365.
    assert sum(e.amount for e in charge(cast.actor(), customer_key="C1", kind="interest")) == (
        Decimal("2.63")
    )
    make.at(cast, NOW + timedelta(days=30))
    [more] = charge(cast.actor(), customer_key="C1", kind="interest")
    # 78 days are 4.27 in all.
    assert (more.kind, more.amount) == ("interest", Decimal("1.64"))


@pytest.mark.parametrize(
    ("reason", "kind"),
    [("vulnerable", "costs"), ("hardship", "costs"), ("breathing_space", "interest"),
     ("deceased", "interest")],
)  # fmt: skip
def test_a_hold_stops_the_charge(cast: Cast, ann: Customer, reason: str, kind: str) -> None:
    letter(cast, date(2026, 2, 4))
    ledger.start_hold(cast.system, customer_key="C1", reason=reason)
    with pytest.raises(Refused):
        charge(cast.actor(), customer_key="C1", kind=kind)
    assert fees(cast) == []


def test_two_invoices_under_one_letter_are_one_sum(cast: Cast, ann: Customer) -> None:
    make.invoice(cast, "F2", amount="60", due_on=date(2026, 1, 25))
    letter(cast, date(2026, 2, 4), invoice_keys=["F1", "F2"], costs="84")
    entries = charge(cast.actor(), customer_key="C1", kind="costs")
    # 15% of 560 together; each alone would be 75 and 40.
    assert sum(entry.amount for entry in entries) == 84
    assert {entry.invoice.key for entry in entries} == {"F1", "F2"}


def test_nobody_charges_who_may_not_book(cast: Cast, ann: Customer) -> None:
    letter(cast, date(2026, 2, 4))
    with pytest.raises(Forbidden):
        charge(cast.actor("agent"), customer_key="C1", kind="costs")
    with pytest.raises(Invalid):
        charge(cast.actor(), customer_key="C1", kind="whatever")
    assert fees(cast) == []


def test_a_notice_is_kept_once_and_needs_evidence_for_its_receipt(
    cast: Cast, ann: Customer
) -> None:
    for wrong in (
        {"evidence": ""},
        {"received_on": date(2026, 2, 1)},
        {"received_on": NOW.date() + timedelta(days=1)},
        {"sent_on": NOW.date() + timedelta(days=1), "received_on": None},
        {"invoice_keys": []},
    ):
        with pytest.raises(Invalid):
            letter(cast, date(2026, 2, 4), **wrong)
    first = letter(cast, date(2026, 2, 4))
    assert letter(cast, date(2026, 2, 4)).pk == first.pk
    assert LegalNotice.objects.of(cast.organisation).count() == 1


def test_a_letter_that_came_back_opens_nothing(cast: Cast, ann: Customer) -> None:
    made = letter(cast, None)
    assert costs_now(case_of(ann), case_of(ann).claims[0]).allowed
    ledger.record_receipt(cast.actor("agent"), notice_id=made.pk, bounced=True)
    assert not costs_now(case_of(ann), case_of(ann).claims[0]).allowed


def test_costs_are_charged_from_the_case(cast: Cast, ann: Customer, manager: Client) -> None:
    sent = {
        "invoices": ["F1"], "kind": "fourteen_day", "complete": "yes", "sent_on": "2026-02-02",
        "channel": "letter", "costs": "75,00", "received_on": "2026-02-04", "evidence": "Track 1",
    }  # fmt: skip
    manager.post(ACT + "notice/", sent)
    page = manager.get("/o/delta/customers/C1/").content.decode()
    assert "Charge €75.00 of costs now" in page
    manager.post(ACT + "charge/", {"kind": "costs", "amount": "75.00", "currency": "EUR"})
    assert fees(cast) == [("fee", 75)]
    said = manager.post(ACT + "charge/", {"kind": "costs"}, follow=True).content.decode()
    assert "charged already" in said


def test_another_organisation_charges_nothing(cast: Cast, ann: Customer, stranger: Client) -> None:
    letter(cast, date(2026, 2, 4))
    assert stranger.post(ACT + "charge/", {"kind": "costs"}).status_code == 404
    assert fees(cast) == []


def test_a_payment_after_the_charge_makes_no_room_for_another(cast: Cast, ann: Customer) -> None:
    make.invoice(cast, "F2", amount="60", due_on=date(2026, 1, 25))
    letter(cast, date(2026, 2, 4), invoice_keys=["F1", "F2"], costs="84")
    charge(cast.actor(), customer_key="C1", kind="costs")
    make.payment(cast, "P1", invoice="F1", amount="300")
    with pytest.raises(Refused, match="charged already"):
        charge(cast.actor(), customer_key="C1", kind="costs")
    make.payment(cast, "P2", invoice="F2", amount="69")
    with pytest.raises(Refused, match="charged already"):
        charge(cast.actor(), customer_key="C1", kind="costs")
    assert sum(amount for _kind, amount in fees(cast)) == 84


def test_a_message_is_a_reminder_unless_it_came_back(cast: Cast, ann: Customer) -> None:
    for number in (1, 2):
        Message.objects.of(cast.organisation).create(
            customer=ann, key=f"m{number}", channel="email", tone="friendly", state="sent",
            invoice_keys=["F1"], send_at=NOW - timedelta(days=number),
            sent_at=NOW - timedelta(days=number),
        )  # fmt: skip
    record(
        cast.organisation, "bounced", key="b1", at=NOW, customer_key="C1", contact_key="m1",
    )  # fmt: skip
    case = case_of(ann)
    assert [(n.kind, n.sent_on.day, n.bounced) for n in case.notices] == [
        ("reminder", 8, False), ("reminder", 9, True),
    ]  # fmt: skip
    assert [contact.channel for contact in case.contacts] == ["email", "email"]
