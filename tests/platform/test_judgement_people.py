"""People's words on decisions: kept, taught to the next predictor, and never held against them."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

import make
import plans
from cast import NOW, Cast
from tenor.engine.experiments.results import Verdict
from tenor.platform.core.errors import Forbidden, Invalid, NotFound
from tenor.platform.core.models import AuditEntry
from tenor.platform.decisions import actions, facts
from tenor.platform.decisions.judgement.afterwards import FEWEST, afterwards, what_came
from tenor.platform.decisions.judgement.changes import changes, flags
from tenor.platform.decisions.judgement.taught import MOST_OF_A_PRESS, words_frame
from tenor.platform.decisions.models import Decision, Review, Run

PLACE = "/o/delta/learning/judgement/"
LATER = NOW + timedelta(days=1)


@pytest.fixture
def run(cast: Cast) -> Run:
    """A plan with an e-mail for each of six customers."""
    plans.rules(cast)
    plans.settle(cast)
    made = plans.run(cast)
    for number in range(1, 7):
        make.invoice(cast, f"F{number}", customer=f"C{number}", amount="100")
        plans.decision(made, f"C{number}", invoice_keys=[f"F{number}"], channel="email",
                       tone="firm", segment="prompt")  # fmt: skip
    return made


def of(run: Run, customer: str) -> Decision:
    return Decision.objects.of(run.organisation).get(run=run, customer__key=customer)


def words(cast: Cast) -> list[dict[str, Any]]:
    found = words_frame(cast.organisation, LATER)
    return [json.loads(detail) for detail in found["detail"]]


def test_wrong_advice_is_flagged_with_what_would_have_been_right(cast: Cast, run: Run) -> None:
    row = of(run, "C1")
    label = actions.flag(
        cast.actor("agent"), decision=row, reason="wrong_channel", channel="call", note="Is deaf."
    )
    assert (label.verdict, label.change) == ("flagged", {"channel": "call"})
    row.refresh_from_db()
    assert row.state == "proposed"
    entry = AuditEntry.objects.of(cast.organisation).get(action="decision.review")
    assert entry.after["verdict"] == "flagged"
    assert words(cast) == [
        {"verdict": "flagged", "channel": "email", "tone": "firm", "weight": 1.0,
         "to_channel": "call"}
    ]  # fmt: skip


def test_a_flag_has_a_reason_a_right_and_an_organisation(cast: Cast, run: Run) -> None:
    row = of(run, "C1")
    with pytest.raises(Invalid, match="Choose a reason"):
        actions.flag(cast.actor("agent"), decision=row, reason="")
    with pytest.raises(Forbidden):
        actions.flag(cast.actor("analyst"), decision=row, reason="other")
    with pytest.raises(NotFound):
        actions.flag(cast.actor("stranger"), decision=row, reason="other")
    with pytest.raises(Invalid, match="no channel or tone"):
        actions.flag(cast.actor("agent"), decision=row, reason="other", tone="x" * 41)
    assert not Review.objects.of(cast.organisation).exists()


def test_what_was_changed_teaches_what_was_proposed_and_what_came_of_it(
    cast: Cast, run: Run
) -> None:
    actions.change(cast.actor(), decision=of(run, "C1"), tone="friendly", reason="wrong_tone")
    assert words(cast) == [
        {"verdict": "changed", "channel": "email", "tone": "firm", "weight": 1.0,
         "to_tone": "friendly"}
    ]  # fmt: skip


def test_a_press_for_many_weighs_as_one(cast: Cast, run: Run) -> None:
    actions.approve(cast.actor(), run=run)
    assert [word["weight"] for word in words(cast)] == [pytest.approx(1 / 6, abs=1e-6)] * 6
    label = Review.objects.of(cast.organisation).first()
    assert label is not None
    same = {"at": label.at, "by": label.by, "verdict": "agreed", "reason": "agree"}
    Review.objects.of(cast.organisation).bulk_create(
        Review(organisation=cast.organisation, decision=of(run, f"C{1 + n % 6}"), **same)
        for n in range(4 * MOST_OF_A_PRESS)
    )
    found = words(cast)
    assert sum(word["weight"] for word in found) <= 1.2


def test_what_is_not_about_the_way_of_contact_teaches_nothing_of_it(cast: Cast, run: Run) -> None:
    actions.veto(cast.actor(), decisions=[of(run, "C1")], reason="paid_elsewhere")
    actions.hold(cast.actor(), decisions=[of(run, "C2")], reason="other")
    make.customer(cast, "C7")
    alone = plans.decision(run, "C7", verdict="wait", channel="", tone="")
    actions.review(cast.actor(), decision=alone, agrees=False, reason="too_soft")
    assert words(cast) == []


def test_only_learning_hears_the_words_and_nothing_later(cast: Cast, run: Run) -> None:
    actions.veto(cast.actor(), decisions=[of(run, "C1")], reason="too_often")
    said = facts.to_learn_from(cast.organisation, LATER).events
    assert said["kind"].to_list() == ["reviewed"]
    assert said["customer_id"].to_list() == ["C1"]
    assert facts.tables(cast.organisation, LATER).events.is_empty()
    assert facts.to_learn_from(cast.organisation, NOW - timedelta(hours=1)).events.is_empty()
    assert words_frame(cast.other, LATER).is_empty()


def test_words_are_counted_by_role_and_never_where_they_point_at_somebody(
    cast: Cast, run: Run
) -> None:
    for number in range(1, 6):
        actions.flag(cast.actor("agent"), decision=of(run, f"C{number}"), reason="wrong_tone")
    actions.review(cast.actor(), decision=of(run, "C6"), agrees=True)
    found = changes(cast.organisation, NOW - timedelta(days=1))
    assert [(row.name, row.said, row.otherwise) for row in found.roles] == [
        ("Collection agent", 5, 5)
    ]
    assert found.ways["email", "firm"].said == 6
    assert found.ways["email", "firm"].otherwise == 5
    assert [row.name for row in found.segments] == ["prompt"]


def lot(cast: Cast, *, looked: int, left: int, paid: str) -> None:
    """An old plan of which a lot drew some for a person; those of `paid` paid within a week."""
    then = NOW - timedelta(days=20)
    made = plans.run(cast, as_of=then)
    Run.objects.of(cast.organisation).filter(pk=made.pk).update(step="done")
    for number in range(looked + left):
        key, drawn = f"K{number:03}", number < looked
        make.invoice(cast, f"I{key}", customer=key, amount="100")
        plans.decision(
            made, key, invoice_keys=[f"I{key}"], decided_at=then, amount=Decimal(100),
            p_paid=0.5, state="lapsed",
            review_reason="drawn by chance (1% of decisions)" if drawn else "",
        )  # fmt: skip
        if paid == ("looked" if drawn else "left") or number % 5 == 0:
            paid_at = then + timedelta(days=5)
            make.payment(cast, f"P{key}", invoice=f"I{key}", amount="100", paid_at=paid_at)


def test_who_was_right_is_told_by_lot(cast: Cast) -> None:
    plans.rules(cast)
    lot(cast, looked=FEWEST, left=FEWEST + 4, paid="looked")
    # Dear ones are looked at for their amount: they are in neither group.
    run = Run.objects.of(cast.organisation).get()
    make.invoice(cast, "IBIG", customer="BIG", amount="9000")
    plans.decision(run, "BIG", invoice_keys=["IBIG"], p_paid=0.5, review_reason="9000 is above")
    found = afterwards(cast.organisation, NOW, 14)
    assert found.customers == (FEWEST, FEWEST + 4)
    assert found.comparison is not None
    assert found.comparison.difference == pytest.approx(0.8, abs=0.02)
    assert found.comparison.verdict == Verdict.BETTER


def test_too_few_cannot_tell_and_the_screen_says_so(cast: Cast, manager: Client) -> None:
    plans.rules(cast)
    lot(cast, looked=3, left=3, paid="left")
    found = afterwards(cast.organisation, NOW, 14)
    assert found.comparison is None
    row = Decision.objects.of(cast.organisation).order_by("pk").first()
    assert row is not None
    actions.flag(cast.actor("agent"), decision=row, reason="wrong_tone", tone="friendly")
    kept = what_came(cast.organisation, NOW, 14)
    assert [(k.verdict, k.count, k.foretold) for k in kept] == [("flagged", 1, 0.5)]
    text = manager.get(PLACE).content.decode()
    assert "Nobody can say yet who was right: 3 customers were looked at by lot so far." in text
    assert "The tone does not fit" in text
    assert "never held against anybody" in text
    assert str(cast.agent.user) not in text.split("<main", 1)[1]
    assert [flag.customer_key for flag in flags(cast.organisation)] == ["K000"]


def test_without_words_the_screen_says_what_will_stand_there(cast: Cast, manager: Client) -> None:
    assert "Nobody has said anything yet" in manager.get(PLACE).content.decode()
