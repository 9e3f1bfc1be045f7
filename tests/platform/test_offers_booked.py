"""What is offered is within the rules, approved by somebody else, and booked exactly once."""

from datetime import timedelta
from decimal import Decimal

import pytest

import make
import plans
from cast import NOW, Cast
from tenor.platform.core.errors import Forbidden, Refused
from tenor.platform.decisions.models import Score
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Customer, Entry, Invoice, Plan, Promise
from tenor.platform.offers import actions, queries
from tenor.platform.offers.models import Offer

TODAY = NOW.date()
RULES = (
    plans.RULES
    + """
[plans]
most_instalments = 4
smallest = 20
amount_above = 300

[offers]
settlement_most = 0.4
settlement_after = 90
early_most = 0.03
early_days = 10
"""
)
ABOUT = {"customer_key": "C1", "invoice_keys": ["F1"]}


@pytest.fixture
def old(cast: Cast) -> Cast:
    """C1 owes F1, 200 days overdue; hardly anything is expected of it."""
    plans.rules(cast, RULES)
    make.invoice(cast, "F1", amount="200", due_on=TODAY - timedelta(days=200))
    score(cast, "F1", p_paid=0.04)
    return cast


def score(cast: Cast, key: str, *, p_paid: float, expected_in: int = 50) -> None:
    """Let the predictor give an invoice the same chance of payment for every span."""
    Score.objects.of(cast.organisation).create(
        invoice=invoice(cast, key), as_of=NOW, model_version="test", p_paid_7d=p_paid,
        p_paid_30d=p_paid, p_paid_60d=p_paid, p_escalated=1 - p_paid, risk="D",
        expected_paid_on=TODAY + timedelta(days=expected_in),
    )  # fmt: skip


def invoice(cast: Cast, key: str = "F1") -> Invoice:
    found: Invoice = Invoice.objects.of(cast.organisation).get(key=key)
    return found


def customer(cast: Cast) -> Customer:
    found: Customer = Customer.objects.of(cast.organisation).get(key="C1")
    found.organisation = cast.organisation
    return found


def settlement(cast: Cast, *, accepted: bool = True) -> Offer:
    """Make a settlement that was proposed by the manager, approved, told, and taken."""
    made = actions.propose_less(cast.actor(), kind="settlement", **ABOUT)
    actions.approve(cast.system, offer_id=made.pk)
    actions.send(cast.actor(), offer_id=made.pk)
    if accepted:
        actions.accept(cast.actor(), offer_id=made.pk)
    return again(made)


def again(offer: Offer) -> Offer:
    found: Offer = Offer.objects.of(offer.organisation_id).get(pk=offer.pk)
    return found


def credited(cast: Cast) -> Decimal:
    rows = Entry.objects.of(cast.organisation).values_list("amount", flat=True)
    return sum(rows, Decimal(0))


def test_a_settlement_is_proposed_where_hardly_anything_is_expected(old: Cast) -> None:
    less = queries.settlement_for(customer(old), [invoice(old)])
    assert less is not None
    assert 0 < less.discount <= Decimal("80.00") and less.asked + less.discount == 200
    assert less.gain > 0 and less.anyway == 4


def test_nothing_is_given_to_who_pays_anyway(cast: Cast) -> None:
    plans.rules(cast, RULES)
    make.invoice(cast, "F1", amount="200", due_on=TODAY - timedelta(days=200))
    score(cast, "F1", p_paid=0.95, expected_in=5)
    assert queries.settlement_for(customer(cast), [invoice(cast)]) is None


def test_no_settlement_without_a_rule_that_allows_it(old: Cast) -> None:
    plans.rules(old)
    assert queries.settlement_for(customer(old), [invoice(old)]) is None


@pytest.mark.parametrize("reason", ["hardship", "breathing_space", "agreed", "complaint"])
def test_nothing_is_offered_to_who_is_held_or_in_hardship(old: Cast, reason: str) -> None:
    ledger.start_hold(old.system, customer_key="C1", reason=reason)
    assert queries.settlement_for(customer(old), [invoice(old)]) is None
    with pytest.raises(Refused):
        actions.propose_plan(old.actor(), **ABOUT)


def test_nothing_is_offered_for_what_is_disputed(old: Cast) -> None:
    ledger.open_dispute(old.system, invoice_key="F1", reason="quality")
    assert queries.settlement_for(customer(old), [invoice(old)]) is None
    with pytest.raises(Refused):
        actions.propose_less(old.actor(), kind="settlement", **ABOUT)


def test_who_proposes_does_not_approve_and_an_agent_never_does(old: Cast) -> None:
    made = actions.propose_less(old.actor(), kind="settlement", **ABOUT)
    assert made.state == "proposed"
    with pytest.raises(Refused):
        actions.approve(old.actor(), offer_id=made.pk)
    with pytest.raises(Forbidden):
        actions.approve(old.actor("agent"), offer_id=made.pk)
    with pytest.raises(Refused):
        actions.accept(old.actor(), offer_id=made.pk)
    assert queries.waiting(old.actor()) == []
    assert [one.pk for one in queries.waiting(old.system)] == [made.pk]


def test_money_in_time_credits_exactly_the_rest_and_only_once(old: Cast) -> None:
    offer = settlement(old)
    assert offer.state == "accepted" and Promise.objects.of(old.organisation).get().amount == (
        offer.asked
    )
    assert invoice(old).balance == 200
    for _twice in range(2):
        make.payment(old, "P1", amount=offer.asked, invoice="F1")
        actions.accept(old.actor(), offer_id=offer.pk)
    assert again(offer).state == "kept"
    assert credited(old) == -offer.discount
    assert invoice(old).balance == 0 and not invoice(old).is_open


def test_too_little_books_nothing(old: Cast) -> None:
    offer = settlement(old)
    make.payment(old, "P1", amount=offer.asked - Decimal("0.01"), invoice="F1")
    assert again(offer).state == "accepted" and credited(old) == 0


def test_money_that_came_too_late_books_nothing_and_the_whole_is_owed(old: Cast) -> None:
    offer = settlement(old)
    late = NOW + timedelta(days=16)
    make.at(old, late + timedelta(days=3))
    assert actions.end_offers(old.system) == 1
    make.payment(old, "P1", amount=offer.asked, invoice="F1", paid_at=late)
    assert again(offer).state == "broken"
    assert invoice(old).balance == offer.discount and credited(old) == 0


def test_money_of_in_time_that_the_bank_told_late_still_counts(old: Cast) -> None:
    offer = settlement(old)
    make.at(old, NOW + timedelta(days=30))
    actions.end_offers(old.system)
    assert again(offer).state == "broken"
    make.payment(old, "P1", amount=offer.asked, invoice="F1", paid_at=NOW + timedelta(days=3))
    assert again(offer).state == "kept" and invoice(old).balance == 0


def test_a_payment_that_is_taken_back_takes_the_credit_back(old: Cast) -> None:
    offer = settlement(old)
    make.payment(old, "P1", amount=offer.asked, invoice="F1")
    ledger.reverse_payment(old.system, payment_key="P1", reason="returned")
    assert invoice(old).balance == 200 and credited(old) == 0
    assert again(offer).state == "accepted"
    make.payment(old, "P2", amount=offer.asked, invoice="F1")
    assert invoice(old).balance == 0 and credited(old) == -offer.discount


def test_who_pays_all_though_less_was_offered_is_credited_nothing(old: Cast) -> None:
    offer = settlement(old, accepted=False)
    make.payment(old, "P1", amount="200", invoice="F1")
    assert again(offer).state == "declined" and credited(old) == 0


def test_an_offer_is_not_taken_after_what_is_owed_changed(old: Cast) -> None:
    offer = settlement(old, accepted=False)
    make.payment(old, "P1", amount="1", invoice="F1")
    with pytest.raises(Refused):
        actions.accept(old.actor(), offer_id=offer.pk)


def test_less_for_paying_early_is_booked_with_a_payment_in_time(cast: Cast) -> None:
    plans.rules(cast, RULES + "\n[objective]\n"
                "value_per_day_earlier = 0.01\n")  # fmt: skip
    make.invoice(cast, "F1", amount="200", due_on=TODAY + timedelta(days=20))
    score(cast, "F1", p_paid=0.01, expected_in=60)
    offer = actions.propose_less(cast.actor(), kind="early", **ABOUT)
    assert 0 < offer.discount <= 6 and offer.until == TODAY + timedelta(days=10)
    actions.approve(cast.system, offer_id=offer.pk)
    actions.send(cast.actor(), offer_id=offer.pk)
    make.payment(cast, "P1", amount=offer.asked, invoice="F1")
    assert again(offer).state == "kept" and invoice(cast).balance == 0


def test_a_plan_within_the_limits_needs_no_approval_and_is_agreed_once(old: Cast) -> None:
    offer = actions.propose_plan(old.actor("agent"), count=4, **ABOUT)
    assert offer.state == "approved" and len(offer.instalments) == 4
    for _twice in range(2):
        actions.accept(old.actor("agent"), offer_id=offer.pk)
    plan = Plan.objects.of(old.organisation).get()
    assert plan.amount == 200 and again(offer).plan_id == plan.pk
    make.payment(old, "P1", amount="200", invoice="F1")
    assert again(offer).state == "kept"


def test_a_plan_for_more_than_the_limit_waits_for_somebody_else(cast: Cast) -> None:
    plans.rules(cast, RULES)
    make.invoice(cast, "F1", amount="300.01")
    found = queries.plan_proposals(customer(cast), [invoice(cast)])
    assert found.needs_person and max(plan.count for plan in found.plans) == 4
    assert actions.propose_plan(cast.actor("agent"), **ABOUT).state == "proposed"


def test_no_plan_asks_for_more_than_somebody_says_they_can_miss(old: Cast) -> None:
    found = queries.plan_proposals(customer(old), [invoice(old)], room=Decimal(55))
    assert [plan.count for plan in found.plans] == [4]
    assert queries.plan_proposals(customer(old), [invoice(old)], room=Decimal(40)).plans == ()


def test_offers_are_counted_by_what_became_of_them(old: Cast) -> None:
    offer = settlement(old)
    make.payment(old, "P1", amount=offer.asked, invoice="F1")
    row = queries.made_since(old.organisation, NOW - timedelta(days=1))[0]
    assert (row.kind, row.made, row.told, row.taken, row.kept, row.broken) == (
        "settlement", 1, 1, 1, 1, 0,
    )  # fmt: skip
    assert row.given == offer.discount
