"""When a customer wants to be reached: said on the page, obeyed by the plan and at sending."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

import make
import plans
from cast import NOW, Cast
from tenor.engine.policy.permitted import permitted
from tenor.platform.core.errors import Invalid
from tenor.platform.core.models import AuditEntry
from tenor.platform.decisions.facts import tables
from tenor.platform.decisions.gate import open_gate
from tenor.platform.decisions.live import live_policy
from tenor.platform.decisions.queries.permission import Ask, answers
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import Customer
from tenor.platform.ledger.privacy import DETAILS, erase, export
from tenor.platform.outreach.actions import send_due
from tenor.platform.outreach.models import Message
from tenor.platform.outreach.windows import next_slot
from tenor.platform.wording.links import link_for, text_of
from tenor.platform.wording.models import PageLink

ALL_DAY = '[channels.email]\nhours = "08:00-20:00"\ntones = ["friendly", "firm"]\n'
WORKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri"]


@pytest.fixture
def reader(db: None) -> Client:
    """A browser that nobody is signed in with."""
    cache.clear()
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def link(cast: Cast) -> PageLink:
    plans.rules(cast, ALL_DAY)
    plans.settle(cast, automatic=["all"])
    make.invoice(cast, "F1", customer="C1")
    customer = Customer.objects.of(cast.organisation).get(key="C1")
    return link_for(cast.organisation, customer, at=NOW)


def path(link: PageLink, more: str = "preferences/") -> str:
    return f"/p/{text_of(link)}/{more}?lang=en"


def wished(cast: Cast) -> tuple[str, str]:
    row = Customer.objects.of(cast.organisation).get(key="C1")
    return row.contact_hours, row.contact_days


def test_a_customer_says_when_and_takes_it_back(cast: Cast, reader: Client, link: PageLink) -> None:
    form = {"times": "keep", "from": "10", "until": "18", "day": WORKDAYS}
    answer = reader.post(path(link), form, follow=True)
    assert "We reach you only at these times" in answer.content.decode()
    assert wished(cast) == ("10:00-18:00", "Mon,Tue,Wed,Thu,Fri")
    page = answer.content.decode()
    assert '<option value="10" selected>10:00</option>' in page
    assert page.count('name="day"') == 7
    assert page.count(" checked") == 5
    entry = AuditEntry.objects.of(cast.organisation).filter(action="customer.change").get()
    assert entry.after["contact_hours"] == "10:00-18:00"

    everything = {**form, "from": "", "until": "", "day": [*WORKDAYS, "Sat", "Sun"]}
    reader.post(path(link), everything)
    assert wished(cast) == ("", "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": []}, {"day": ["Someday"]}, {"from": "3"}, {"from": "x"}, {"until": "25"},
        {"from": "12", "until": "9"}, {"from": "22", "until": "14"},
    ],
)  # fmt: skip
def test_what_says_no_time_is_refused_and_nothing_changes(
    cast: Cast, reader: Client, link: PageLink, wrong: dict[str, object]
) -> None:
    form = {"times": "keep", "from": "10", "until": "18", "day": WORKDAYS, **wrong}
    answer = reader.post(path(link), form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert wished(cast) == ("", "")


def test_a_link_that_is_over_shows_no_preference(
    cast: Cast, reader: Client, link: PageLink
) -> None:
    make.at(cast, NOW + timedelta(days=60))
    assert reader.get(path(link)).status_code == 410
    assert reader.post(path(link), {"all": "again"}).status_code == 410
    # To end messages, a link is always good.
    assert reader.get(path(link, "stop/")).status_code == 200


def test_the_plan_and_the_sending_keep_to_it(cast: Cast, link: PageLink) -> None:
    ledger.record_customer(
        cast.system, key="C1", contact_hours="10:00-12:00", contact_days="Thu-Fri"
    )
    policy = live_policy(cast.organisation)
    left = permitted(tables(cast.organisation, NOW), as_of=NOW, policy=policy)
    assert [left.grid.hours[hour] for hour in left.hours([0])[0][0].nonzero()[0]] == [10, 11]
    # NOW is a Tuesday.
    assert {day % 7 for day in left.channel_day[0][0].nonzero()[0]} == {2, 3}

    thursday = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)  # 10:30 in Amsterdam
    for at, refused in (
        (thursday, []),
        (thursday + timedelta(hours=2), ["wished_times"]),
        (thursday - timedelta(days=1), ["wished_times"]),
    ):
        (answer,) = answers(
            cast.organisation, [Ask("C1", "email", at, ["F1"], "friendly")], as_of=NOW,
            policy=policy,
        )  # fmt: skip
        assert answer.refusals == refused
    customer = Customer.objects.of(cast.organisation).get(key="C1")
    assert next_slot(policy, "email", NOW + timedelta(days=1), customer=customer) == datetime(
        2026, 3, 12, 9, 0, tzinfo=UTC
    )


def test_a_message_that_was_approved_before_waits_for_a_wished_hour(
    cast: Cast, link: PageLink
) -> None:
    made = plans.run(cast, NOW)
    plans.decision(made, send_at=NOW + timedelta(minutes=15))
    open_gate(made)
    ledger.record_customer(cast.system, key="C1", contact_hours="14:00-20:00")
    make.at(cast, NOW + timedelta(minutes=30))
    assert send_due(cast.organisation, NOW + timedelta(minutes=30)).sent == 0
    waiting = Message.objects.of(cast.organisation).get()
    afternoon = datetime(2026, 3, 10, 13, 0, tzinfo=UTC)
    assert (waiting.state, waiting.send_at) == (Message.State.PLANNED, afternoon)
    make.at(cast, afternoon)
    assert send_due(cast.organisation, afternoon).sent == 1
    assert len(mail.outbox) == 1


def test_times_are_kept_as_they_are_meant_and_go_with_the_person(cast: Cast) -> None:
    row = make.customer(cast, "C2", contact_hours="9:00-20:00", contact_days="Fri-Mon")
    assert (row.contact_hours, row.contact_days) == ("09:00-20:00", "Mon,Fri,Sat,Sun")
    for wrong in ({"contact_hours": "09:30-20:00"}, {"contact_hours": "20:00-09:00"},
                  {"contact_days": "Maandag"}):  # fmt: skip
        with pytest.raises(Invalid):
            make.customer(cast, "C2", **wrong)
    [told] = export(cast.organisation, "C2")["customer"]
    assert told["contact_hours"] == "09:00-20:00"
    erase(cast.organisation, "C2", part=DETAILS)
    row.refresh_from_db()
    assert (row.contact_hours, row.contact_days) == ("", "")
