"""The worklist: the list, a case in hand, and how it ended in two clicks."""

import pytest
from django.test import Client

import make
import plans
from cast import NOW, Cast
from tenor.platform.decisions.models import Task
from tenor.platform.ledger.models import Dispute, Promise
from tenor.platform.outreach.models import Message

LIST = "/o/delta/worklist/"


@pytest.fixture
def tasks(cast: Cast) -> list[Task]:
    """Two calls, the second worth more."""
    plans.rules(cast)
    run = plans.run(cast)
    made = []
    for number, value in ((1, 3.0), (2, 9.0)):
        key = f"C{number}"
        make.customer(cast, key, name=f"Person {number}")
        make.invoice(cast, f"F{number}", customer=key)
        decision = plans.decision(run, key, channel="call", invoice_keys=[f"F{number}"])
        made.append(
            Task.objects.of(cast.organisation).create(
                customer=decision.customer, decision=decision, key=f"call {number}", kind="call",
                value=value, due_at=NOW, created_at=NOW,
            )
        )  # fmt: skip
    return made


@pytest.fixture
def agent(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.agent.user)
    return client


def test_the_most_useful_case_comes_first(tasks: list[Task], agent: Client) -> None:
    text = agent.get(LIST).content.decode()
    assert 0 < text.index("Person 2") < text.index("Person 1")


def test_an_empty_list_says_what_will_come(cast: Cast, agent: Client) -> None:
    assert "Nothing waits for a person" in agent.get(LIST).content.decode()
    answer = agent.post(LIST + "next/", follow=True)
    assert answer.redirect_chain == [(LIST, 302)]


def test_taking_the_next_claims_it_for_one_person(
    cast: Cast, tasks: list[Task], agent: Client, manager: Client
) -> None:
    place = agent.post(LIST + "next/")["Location"]
    assert place == f"{LIST}{tasks[1].pk}/"
    text = agent.get(place).content.decode()
    assert "How did it end?" in text and "What to say" in text
    # A colleague sees whose it is, and cannot finish it.
    assert "Agent has this case" in manager.get(place).content.decode()
    manager.post(place + "finish/", {"outcome": "no_answer"})
    tasks[1].refresh_from_db()
    assert tasks[1].state == "open"
    assert manager.post(LIST + "next/")["Location"] == f"{LIST}{tasks[0].pk}/"


def test_an_outcome_is_recorded_and_the_next_case_taken(
    cast: Cast, tasks: list[Task], agent: Client
) -> None:
    agent.post(LIST + "next/")
    form = {
        "outcome": "reached_promised", "promised_on": "2026-03-20", "minutes": "4,5",
        "note": "after the 15th", "then": "next",
    }  # fmt: skip
    answer = agent.post(f"{LIST}{tasks[1].pk}/finish/", form)
    assert answer["Location"] == f"{LIST}{tasks[0].pk}/"
    done = Task.objects.of(cast.organisation).get(pk=tasks[1].pk)
    assert (done.state, done.outcome, str(done.minutes)) == ("done", "reached_promised", "4.5")
    assert Promise.objects.of(cast.organisation).get().promised_on.isoformat() == "2026-03-20"
    call = Message.objects.of(cast.organisation).get()
    assert (call.channel, call.state, call.customer.key) == ("call", "sent", "C2")


def test_a_dispute_on_the_phone_is_about_one_invoice(
    cast: Cast, tasks: list[Task], agent: Client
) -> None:
    make.invoice(cast, "F3", customer="C2")
    agent.post(f"{LIST}{tasks[1].pk}/claim/")
    form = {"outcome": "dispute", "invoice_key": "F3", "dispute_reason": "quality", "then": "list"}
    assert agent.post(f"{LIST}{tasks[1].pk}/finish/", form)["Location"] == LIST
    dispute = Dispute.objects.of(cast.organisation).get()
    assert (dispute.invoice.key, dispute.reason) == ("F3", "quality")


@pytest.mark.parametrize(
    "form",
    [
        {"outcome": "reached_promised"},
        {"outcome": "reached_promised", "promised_on": "tomorrow"},
        {"outcome": "magic"},
        {},
        {"outcome": "no_answer", "minutes": "ages"},
        {"outcome": "no_answer", "minutes": "-3"},
        {"outcome": "callback", "call_at": "later"},
    ],
)
def test_what_makes_no_sense_keeps_the_case_open(
    cast: Cast, tasks: list[Task], agent: Client, form: dict[str, str]
) -> None:
    agent.post(f"{LIST}{tasks[1].pk}/claim/")
    answer = agent.post(f"{LIST}{tasks[1].pk}/finish/", form, follow=True)
    assert "notice stop" in answer.content.decode()
    tasks[1].refresh_from_db()
    assert tasks[1].state == "open"
    assert not Message.objects.of(cast.organisation).exists()


def test_a_case_can_be_given_back(tasks: list[Task], agent: Client) -> None:
    agent.post(f"{LIST}{tasks[0].pk}/claim/")
    agent.post(f"{LIST}{tasks[0].pk}/give-back/")
    tasks[0].refresh_from_db()
    assert tasks[0].claimed_by_id is None


def test_who_does_not_work_on_cases_finds_no_list(cast: Cast, tasks: list[Task]) -> None:
    analyst = Client()
    analyst.force_login(cast.analyst.user)
    assert analyst.get(LIST).status_code == 403
    assert analyst.post(f"{LIST}{tasks[0].pk}/claim/").status_code == 403
    tasks[0].refresh_from_db()
    assert tasks[0].claimed_by_id is None
