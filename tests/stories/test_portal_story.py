"""From a reminder to a plan: one that is kept, and one that is not; on a clock that is moved."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

import make
import plans
from cast import NOW, Cast
from tenor.platform.core.preferences import change_preferences
from tenor.platform.decisions.actions import lay_out
from tenor.platform.decisions.models import Task
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Customer, Instalment, Plan
from tenor.platform.outreach.actions import tell_what_happened
from tenor.platform.outreach.models import Message
from tenor.platform.paying.models import Checkout
from tenor.platform.wording.composing import compose
from tenor.platform.wording.draft import Kind
from tenor.platform.wording.links import link_for, text_of


@pytest.fixture
def page(cast: Cast) -> str:
    """The page that a first reminder of 361.50 euros links to, at a made-up organisation."""
    cache.clear()
    cast.organisation.synthetic = True
    cast.organisation.save(update_fields=["synthetic"])
    customer = make.customer(cast, "C1", name="Ann de Wit", language="en")
    invoice = make.invoice(cast, "F1", number="2026-1", amount="361.50")
    ledger.set_account(
        cast.actor("administrator"), currency="EUR", holder="Delta Water",
        iban="NL91ABNA0417164300",
    )  # fmt: skip
    Message.objects.of(cast.organisation).create(
        customer=customer, key="M1", channel="email", kind="reminder", state="sent", send_at=NOW,
        sent_at=NOW, invoice_keys=["F1"],
    )  # fmt: skip
    draft = compose(
        cast.organisation, customer, [invoice], kind=Kind.REMINDER, tone="friendly",
        channel="email", at=NOW, contact_key="M1",
    )  # fmt: skip
    return draft.links.page[draft.links.page.index("/p/") :]


def agreed(client: Client, page: str, room: str) -> Plan:
    """Agree to the plan that fits best, as a person would on the page."""
    shown = client.get(f"{page}spread/?room={room}").content.decode()
    choice = shown.split(" checked>")[0].rsplit('value="', 1)[1].rstrip('"')
    told = client.post(f"{page}spread/", {"choice": choice, "room": room}, follow=True)
    assert "Your plan is agreed" in told.content.decode()
    plan: Plan = Plan.across.get(customer__key="C1", state="active")
    return plan


def pay(client: Client, page: str, state: str = "paid") -> str:
    """Pay the next instalment at the made-up provider."""
    place = client.post(f"{page}pay/", {"what": "plan", "method": "ideal"})["Location"]
    told = client.post(place[place.index("/p/") :], {"state": state}, follow=True)
    return told.content.decode()


def linked(cast: Cast, contact_key: str) -> str:
    """Return the page that another message links to."""
    customer = Customer.objects.of(cast.organisation).get(key="C1")
    now = cast.organisation.clock_at
    assert now is not None
    link = link_for(cast.organisation, customer, at=now, contact_key=contact_key)
    return f"/p/{text_of(link)}/"


def days_of(plan: Plan) -> list[Any]:
    rows = Instalment.across.filter(plan=plan).order_by("position")
    return list(rows.values_list("due_on", flat=True))


def move(cast: Cast, day: Any) -> None:
    make.at(cast, NOW + timedelta(days=(day - NOW.date()).days))


def test_a_plan_is_agreed_paid_kept_and_thanked_for(cast: Cast, client: Client, page: str) -> None:
    plans.rules(cast)
    change_preferences(cast.actor("administrator"), notifications=("thank_you",))
    plan = agreed(client, page, "125")
    assert plan.instalments.count() == 3
    for number, day in enumerate(days_of(plan)):
        move(cast, day)
        ledger.settle_agreements(cast.system)
        cast.organisation.refresh_from_db()
        # The note on each instalment carries a link of its own: the first one is over by then.
        page = linked(cast, f"I{number}")
        assert "Thank you, it is paid" in pay(client, page)
    plan.refresh_from_db()
    assert plan.state == "completed"
    assert "You owe nothing" in client.get(page).content.decode()
    amounts = Checkout.objects.of(cast.organisation).values_list("amount", flat=True)
    assert sum(amounts) == Decimal("361.50")
    cast.organisation.refresh_from_db()
    assert tell_what_happened(cast.system, cast.organisation.clock_at) == 1
    thanks = Message.objects.of(cast.organisation).get(kind="thank_you")
    assert (thanks.customer.key, thanks.invoice_keys) == ("C1", ["F1"])


def test_a_plan_moves_once_then_breaks_is_told_on_the_page_and_reaches_a_person(
    cast: Cast, client: Client, page: str
) -> None:
    plans.rules(cast)
    plan = agreed(client, page, "125")
    first = days_of(plan)[0]
    move(cast, first + timedelta(days=1))
    assert "An instalment has not arrived yet" in client.get(page).content.decode()
    assert "not enough money" in pay(client, page, "failed")

    move(cast, first + timedelta(days=plan.tolerance_days + 1))
    before = days_of(plan)
    plans.settle(cast, notifications=["plan_agreed"])
    for _twice in range(2):
        ledger.settle_agreements(cast.system)
    plan.refresh_from_db()
    assert plan.state == "active"
    assert days_of(plan)[:2] == before[1:]
    assert days_of(plan)[2] == before[2] + (before[2] - before[1])
    assert "We moved the days once" in client.get(page).content.decode()
    assert Message.objects.of(cast.organisation).get(key=f"plan:{plan.pk}:moved").kind == (
        "plan_agreed"
    )

    move(cast, days_of(plan)[0] + timedelta(days=plan.tolerance_days + 1))
    ledger.settle_agreements(cast.system)
    plan.refresh_from_db()
    assert plan.state == "broken"
    shown = client.get(page).content.decode()
    assert "Your earlier plan has ended" in shown
    assert "€361.50" in shown

    cast.organisation.refresh_from_db()
    run = plans.run(cast, cast.organisation.clock_at)
    assert lay_out(run).get("plan_broken") == 1
    task = Task.objects.of(cast.organisation).get(kind="plan_broken")
    assert task.customer.key == "C1"
    # One more plan can be made on the page; after that a person looks with them.
    again = agreed(client, page, "100")
    ledger.cancel_plan(cast.system, plan_id=again.pk)
    assert "Somebody looks together with you" in client.get(f"{page}spread/").content.decode()
