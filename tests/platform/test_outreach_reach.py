"""Whom a channel no longer reaches: the next plan takes another one, or a person looks."""

from datetime import timedelta

import pytest
from django.core import mail

import make
import plans
from cast import NOW, Cast
from tenor.platform.decisions.facts import tables
from tenor.platform.decisions.models import Decision, Task
from tenor.platform.jobs.day import run_day
from tenor.platform.jobs.sending import send_all_due
from tenor.platform.ledger import actions as ledger
from tenor.platform.outreach import outcomes
from tenor.platform.outreach.models import Message

RULES = """\
[channels.email]
cost = 0.02
hours = "08:00-20:00"

[channels.letter]
cost = 1.10
hours = "08:00-20:00"

[limits]
min_days_between = 4
"""
STREET = "Ann\nDorpsstraat 1\n1234 AB Ons Dorp"


@pytest.fixture
def asked(cast: Cast) -> Cast:
    """C1 has an e-mail address and a postal one, and got an e-mail on the first day."""
    plans.rules(cast, RULES)
    plans.settle(cast, automatic=["all"], ladder=[[1, "email", "friendly"],
                                                  [14, "email", "neutral"]])  # fmt: skip
    make.invoice(cast, "F1", due_on=NOW.date() - timedelta(days=1))
    ledger.add_contact_point(cast.system, customer_key="C1", kind="postal", value=STREET)
    lived(cast, 0)
    assert [message.to for message in mail.outbox] == [["c1@example.org"]]
    return cast


def lived(cast: Cast, days: int) -> Decision:
    """Live the day so many days on, from the plan to the evening; return what was decided of C1."""
    make.at(cast, NOW + timedelta(days=days))
    run = run_day(cast.organisation)
    make.at(cast, NOW + timedelta(days=days, hours=9))
    send_all_due(cast.organisation)
    found: Decision = run.decisions.get(customer__key="C1")
    return found


def come_back(cast: Cast) -> None:
    """Have the e-mail come back."""
    message = Message.objects.of(cast.organisation).select_related("customer").get()
    outcomes.bounced(cast.system, message, "5.1.1 no such person")


def last_sent(cast: Cast) -> Message:
    """Return what went out last."""
    sent: Message = Message.objects.of(cast.organisation).filter(state="sent").latest("sent_at")
    return sent


def test_after_a_bounce_the_next_plan_takes_another_channel_that_reaches(asked: Cast) -> None:
    come_back(asked)
    assert lived(asked, 13).channel == "letter"
    sent = last_sent(asked)
    assert (sent.channel, sent.address, sent.kind) == ("letter", STREET, "second_reminder")
    assert len(mail.outbox) == 1


def test_after_an_opt_out_the_next_plan_takes_another_channel_that_is_allowed(asked: Cast) -> None:
    ledger.set_consent(asked.system, customer_key="C1", channel="email", granted=False)
    assert lived(asked, 13).channel == "letter"
    assert last_sent(asked).channel == "letter"
    assert len(mail.outbox) == 1


def test_a_new_address_after_a_bounce_opens_the_channel_again(asked: Cast) -> None:
    come_back(asked)
    ledger.add_contact_point(asked.system, customer_key="C1", kind="email", value="ann@example.org")
    assert lived(asked, 13).channel == "email"
    assert mail.outbox[-1].to == ["ann@example.org"]


def test_only_where_nothing_reaches_a_customer_does_a_person_look_for_an_address(
    cast: Cast,
) -> None:
    plans.rules(cast, RULES.partition("[channels.letter]")[0])
    plans.settle(cast, automatic=["all"], ladder=[[1, "email", "friendly"]])
    make.customer(cast, "C1", email="")
    make.customer(cast, "C2")
    make.invoice(cast, "F1", due_on=NOW.date() - timedelta(days=1))
    decision = lived(cast, 0)
    assert (decision.verdict, decision.gate) == ("wait", "no_address")
    assert lived(cast, 1).verdict == "wait"
    task = Task.objects.of(cast.organisation).get()
    assert (task.kind, task.customer.key, task.state) == ("no_address", "C1", "open")
    assert task.facts["invoice_keys"] == ["F1"]


def test_what_is_kept_of_nobody_says_nothing_of_a_channel(cast: Cast) -> None:
    make.customer(cast, "C1")
    make.customer(cast, "C2", email="")
    for key in ("C1", "C2"):
        make.invoice(cast, f"F{key}", customer=key)
    found = tables(cast.organisation, NOW).customers
    # Nobody has a postal address here: it may be kept elsewhere.
    assert "reach_letter" not in found.columns
    assert dict(found.select("customer_id", "reach_email").iter_rows()) == {"C1": None, "C2": False}
    # Of one customer alone it is the same.
    alone = tables(cast.organisation, NOW, {"C2"}).customers
    assert alone["reach_email"].to_list() == [False]
