"""From an approved decision to a telephone or a browser and back: what is kept of each message."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

import make
import plans
from cast import NOW, Cast
from provider_api import BREAK, Api, running
from tenor.platform.decisions.gate import open_gate
from tenor.platform.decisions.models import Task
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger.models import ContactPoint
from tenor.platform.outreach import accounts, prices
from tenor.platform.outreach.actions import push, send_due
from tenor.platform.outreach.models import Cost, Message, PushPlace
from tenor.platform.replies.matching import message_numbered

# The key of a browser: the application server's of RFC 8291, appendix A.
POINT = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
LATER = NOW + timedelta(hours=2)
RULES = (
    plans.RULES
    + """
[channels.sms]
cost = 0.07
hours = "08:00-20:00"

[channels.push]
cost = 0
hours = "08:00-20:00"
"""
)


@pytest.fixture
def api(settings: Any) -> Iterator[Api]:
    """A provider on this machine, or a push service."""
    settings.WEBHOOKS_TO_PRIVATE = True
    settings.PUBLIC_URL = "https://tenor.example"
    with running() as made:
        yield made


def lay_out(cast: Cast, channel: str) -> None:
    """Approve a message over `channel` to C1 about a hundred euros."""
    plans.rules(cast, RULES)
    plans.settle(cast, automatic=["all"])
    make.invoice(cast, "F1", amount="100")
    run = plans.run(cast)
    plans.decision(run, channel=channel)
    open_gate(run)


def use_spryng(cast: Cast, api: Api) -> None:
    accounts.set_account(
        cast.actor("administrator"), channel="sms", provider="spryng",
        settings={"sender": "Delta", "api_url": api.address}, secrets={"api_key": "k"},
    )  # fmt: skip
    ledger.add_contact_point(cast.system, customer_key="C1", kind="mobile", value="06 12345678")
    api.usual = (200, {"id": "9dbc5ffb"})


def message(cast: Cast) -> Message:
    return Message.objects.of(cast.organisation).get()


def test_a_text_message_is_kept_as_it_was_read_with_what_its_parts_cost(
    cast: Cast, api: Api
) -> None:
    lay_out(cast, "sms")
    use_spryng(cast, api)
    prices.set_price(
        cast.actor("administrator"), channel="sms", item="segment", price="0.0725",
        valid_from=NOW.date(), country="NL",
    )  # fmt: skip
    assert send_due(cast.organisation, LATER).sent == 1
    assert send_due(cast.organisation, LATER).sent == 0
    (asked,) = api.asked
    sent = message(cast)
    assert (sent.state, sent.provider, sent.provider_key) == ("sent", "spryng", "9dbc5ffb")
    assert sent.body == asked.json["body"]
    assert "100,00" in sent.body
    assert "https://tenor.example/p/" in sent.body
    cost = Cost.objects.of(cast.organisation).get()
    assert (cost.item, cost.price) == ("segment", Decimal("0.072500"))
    assert cost.amount == cost.quantity * cost.price


def test_a_number_that_nobody_has_is_marked_and_somebody_looks(cast: Cast, api: Api) -> None:
    lay_out(cast, "sms")
    use_spryng(cast, api)
    api.usual = (422, {"message": "invalid", "errors": {"recipients.0": ["31612345678 invalid"]}})
    assert send_due(cast.organisation, LATER).failed == 1
    point = ContactPoint.objects.of(cast.organisation).get(kind="mobile")
    assert point.bounced_at is not None
    assert "612345678" not in point.bounced_because
    assert Task.objects.of(cast.organisation).get().kind == "no_address"
    assert "612345678" not in message(cast).refusal


def test_a_line_that_breaks_is_for_a_person_and_never_sent_again(cast: Cast, api: Api) -> None:
    lay_out(cast, "sms")
    use_spryng(cast, api)
    api.usual = BREAK
    assert send_due(cast.organisation, LATER).unclear == 1
    api.usual = (200, {"id": "9dbc5ffb"})
    assert send_due(cast.organisation, LATER + timedelta(hours=1)).sent == 0
    assert len(api.asked) == 1
    assert Task.objects.of(cast.organisation).get().kind == "unclear"


def test_what_became_of_an_unclear_one_is_found_by_our_key(cast: Cast, api: Api) -> None:
    lay_out(cast, "email")
    accounts.set_account(
        cast.actor("administrator"), channel="email", provider="mailjet",
        settings={"sender": "facturen@delta.example", "api_url": api.address},
        secrets={"api_key": "k", "secret_key": "s"},
    )  # fmt: skip
    api.usual = BREAK
    assert send_due(cast.organisation, LATER).unclear == 1
    sent = message(cast)
    assert sent.provider_key == ""
    said = api.asked[0].json
    key = json.loads(said["Globals"]["EventPayload"])["tenor_key"]
    answered = said["Globals"]["Headers"]["References"]
    for number in (key, answered):
        found = message_numbered(cast.organisation, [number])
        assert found is not None
        assert found.pk == sent.pk
    assert message_numbered(cast.other, [key, answered]) is None


def test_a_notification_reaches_the_browser_until_it_is_gone(cast: Cast, api: Api) -> None:
    lay_out(cast, "push")
    place = push.subscribe(
        cast.system, customer_key="C1", endpoint=f"{api.address}wpush/1",
        p256dh=POINT, auth="hJ2cFPKmIO_xsiwRn0AaWg",
    )  # fmt: skip
    api.usual = (410, b"")
    assert send_due(cast.organisation, LATER).failed == 1
    assert not PushPlace.objects.of(cast.organisation).exists()
    point = ContactPoint.objects.of(cast.organisation).get(value=f"push:{place.pk}")
    assert point.bounced_at is not None


def test_what_was_shown_on_a_locked_screen_is_what_is_kept(cast: Cast, api: Api) -> None:
    lay_out(cast, "push")
    push.subscribe(
        cast.system, customer_key="C1", endpoint=f"{api.address}wpush/1",
        p256dh=POINT, auth="hJ2cFPKmIO_xsiwRn0AaWg",
    )  # fmt: skip
    api.usual = (201, b"")
    assert send_due(cast.organisation, LATER).sent == 1
    assert message(cast).body == "Er staat een bericht van Delta Water voor u klaar."
