"""Nothing is promised, planned or sent at an hour or in a tone that the law keeps free."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

import make
import plans
from cast import NOW, Cast
from tenor.platform.core.actor import Actor
from tenor.platform.decisions.gate import open_gate
from tenor.platform.decisions.live import live_policy
from tenor.platform.decisions.queries.permission import Ask, answers
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Customer
from tenor.platform.outreach.actions import send_due
from tenor.platform.outreach.models import Message
from tenor.platform.outreach.windows import next_slot

DAY_AND_NIGHT = '[channels.email]\nhours = "00:00-24:00"\ntones = ["friendly", "firm"]\n'
SATURDAY_EVENING = datetime(2026, 3, 14, 19, 30, tzinfo=UTC)  # 20:30 in Amsterdam
MONDAY_MORNING = datetime(2026, 3, 16, 6, 0, tzinfo=UTC)  # 07:00 there


@pytest.fixture
def manager(cast: Cast) -> Actor:
    """Somebody who may do the day's work; C1 owes F1, and e-mail is on day and night."""
    plans.rules(cast, DAY_AND_NIGHT)
    plans.settle(cast, automatic=["all"])
    make.invoice(cast, "F1", customer="C1")
    return cast.actor("manager")


def refusals(cast: Cast, at: datetime, tone: str = "friendly") -> list[str]:
    asked = Ask("C1", "email", at, ["F1"], tone)
    (answer,) = answers(
        cast.organisation, [asked], as_of=NOW, policy=live_policy(cast.organisation)
    )
    return answer.refusals


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        ("2026-03-14 18:59", []),
        ("2026-03-14 19:00", ["law_days"]),
        ("2026-03-15 11:00", ["law_days"]),
        ("2026-03-16 05:59", ["law_days"]),
        ("2026-03-16 06:00", []),
    ],
)
def test_people_cannot_choose_a_night_or_a_sunday(
    cast: Cast, manager: Actor, at: str, refused: list[str]
) -> None:
    assert refusals(cast, datetime.fromisoformat(at).replace(tzinfo=UTC)) == refused


def test_the_next_slot_is_one_that_the_law_leaves(cast: Cast, manager: Actor) -> None:
    customer = Customer.objects.of(cast.organisation).get(key="C1")
    policy = live_policy(cast.organisation)
    assert next_slot(policy, "email", SATURDAY_EVENING, customer=customer) == MONDAY_MORNING
    # Good Friday is no public holiday of the usual calendars, and quiet by law; then the week-end.
    before_easter = datetime(2026, 4, 2, 18, 30, tzinfo=UTC)
    assert next_slot(policy, "email", before_easter, customer=customer) == datetime(
        2026, 4, 4, 5, 0, tzinfo=UTC
    )


def test_an_approved_message_waits_for_a_permitted_hour(cast: Cast, manager: Actor) -> None:
    make.at(cast, SATURDAY_EVENING - timedelta(hours=3))
    made = plans.run(cast, SATURDAY_EVENING - timedelta(hours=3))
    plans.decision(made, send_at=SATURDAY_EVENING - timedelta(minutes=45))
    open_gate(made)
    make.at(cast, SATURDAY_EVENING)
    assert send_due(cast.organisation, SATURDAY_EVENING).sent == 0
    assert mail.outbox == []
    waiting = Message.objects.of(cast.organisation).get()
    assert (waiting.state, waiting.send_at) == (Message.State.PLANNED, MONDAY_MORNING)
    make.at(cast, MONDAY_MORNING)
    assert send_due(cast.organisation, MONDAY_MORNING).sent == 1


def test_with_somebody_vulnerable_no_pressing_tone_goes_out(cast: Cast, manager: Actor) -> None:
    monday = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
    assert refusals(cast, monday, "firm") == []
    ledger.start_hold(manager, customer_key="C1", reason="vulnerable", ends_at=None, note="Ill.")
    assert refusals(cast, monday, "firm") == ["hold"]
    assert refusals(cast, monday, "friendly") == []
