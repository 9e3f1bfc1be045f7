"""What a day's figures say: the funnel, what stands out, and Tenor beside the fixed ladder."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

import make
from cast import NOW, Cast
from tenor.engine.frames import tables_of
from tenor.platform.decisions import facts
from tenor.platform.decisions.models import Decision, Signal
from tenor.platform.decisions.runs import signals
from tenor.platform.decisions.runs.arms import control_of
from tenor.platform.decisions.runs.comparison import comparison
from tenor.platform.decisions.runs.funnel import funnel
from tenor.platform.decisions.runs.run import begin

AS_OF = NOW
DAY = timedelta(days=1)


def happened(*rows: tuple[str, float], **about: Any) -> pl.DataFrame:
    """Events: kind and how many days ago."""
    return pl.DataFrame(
        {
            "at": [AS_OF - days * DAY for _, days in rows],
            "kind": [kind for kind, _ in rows],
            **{name: [value] * len(rows) for name, value in about.items()},
        }
    )


def test_the_funnel_follows_each_contact_to_its_payment() -> None:
    contacts = pl.DataFrame(
        {
            "contact_id": ["K1", "K2", "K3", "K4"],
            "customer_id": ["C1", "C2", "C3", "C1"],
            "invoice_ids": [["I1"], ["I2"], ["I3"], ["I1"]],
            "sent_at": [AS_OF - n * DAY for n in (20, 20, 20, 40)],
            "channel": ["email", "email", "sms", "email"],
        }
    )
    invoices = pl.DataFrame(
        {
            "invoice_id": ["I1", "I2", "I3"],
            "customer_id": ["C1", "C2", "C3"],
            "amount": [Decimal(10)] * 3,
            "currency": ["EUR"] * 3,
            "issued_on": [(AS_OF - 60 * DAY).date()] * 3,
            "due_on": [(AS_OF - 30 * DAY).date()] * 3,
        }
    )
    events = pl.concat(
        [
            happened(("delivered", 19.9), ("delivered", 19.8), contact_id="K1"),
            happened(("clicked", 19.5), contact_id="K2"),
            happened(("page_visited", 19.4), customer_id="C2"),
            # The invoice says whose visit it was; three weeks after the contact it is too late.
            happened(("payment_started", 5.0), invoice_id="I1"),
            happened(("payment_started", 12.0), invoice_id="I3"),
        ],
        how="diagonal",
    )
    payments = pl.DataFrame(
        {
            "invoice_id": ["I3", "I2"],
            "paid_at": [AS_OF - 12 * DAY, AS_OF - 25 * DAY],
            "amount": [Decimal(10), Decimal(1)],
        }
    )
    known = tables_of(contacts=contacts, invoices=invoices, events=events, payments=payments)
    assert funnel(known, AS_OF) == [
        {
            "channel": "email", "sent": 2, "delivered": 2, "opened": 1, "visited": 1,
            "started": 0, "paid": 0,
        },
        {
            "channel": "sms", "sent": 1, "delivered": 0, "opened": 0, "visited": 1,
            "started": 1, "paid": 1,
        },
    ]  # fmt: skip
    assert funnel(tables_of(), AS_OF) == []


def test_what_stands_out_is_kept_once_a_day(cast: Cast) -> None:
    found = signals.Noticed("unsent", "danger", {"count": 3})
    assert signals.notice_now(cast.organisation, found) == 1
    assert signals.notice_now(cast.organisation, found) == 0
    make.at(cast, NOW + DAY)
    assert signals.notice_now(cast.organisation, found) == 1
    assert Signal.objects.of(cast.organisation).count() == 2


def test_tenor_beside_the_ladder_counts_customers_and_says_how_sure_it_is(cast: Cast) -> None:
    cast.organisation.settings = {"control_share": 0.5}
    cast.organisation.save()
    keys = [f"C{n}" for n in range(40)]
    control = control_of(cast.organisation, keys)
    due = NOW.date() - timedelta(days=45)
    for place, key in enumerate(keys):
        make.invoice(cast, f"F{key}", customer=key, due_on=due)
        # Every treated customer pays five days late, every other of the control group twenty.
        if key not in control or place % 2:
            late = timedelta(days=20 if key in control else 5)
            paid_at = NOW - timedelta(days=45) + late
            make.payment(cast, f"P{key}", invoice=f"F{key}", paid_at=paid_at)
    run = begin(cast.organisation)
    assert comparison(run, facts.tables(cast.organisation, NOW)) is None
    run.day -= timedelta(days=60)
    run.save()
    customer = make.customer(cast, min(control))
    Decision.objects.of(cast.organisation).create(
        run=run, customer=customer, key="D1", decided_at=NOW, invoice_keys=[], verdict="wait",
        currency="EUR", arm="control",
    )  # fmt: skip
    found = comparison(run, facts.tables(cast.organisation, NOW))
    assert found is not None
    unpaid = sum(not place % 2 for place, key in enumerate(keys) if key in control)
    share = 1 - unpaid / len(control)
    assert (found.treated.customers, found.control.customers) == (40 - len(control), len(control))
    assert (found.treated.paid_30d, found.treated.days_late) == (1.0, pytest.approx(5.33, abs=0.01))
    assert found.control.paid_30d == pytest.approx(share, abs=1e-4)
    assert found.treated.collected == {"EUR": Decimal(100 * (40 - len(control)))}
    by_name = {d.name: d for d in found.differences}
    assert by_name["paid_30d"].difference == pytest.approx(1 - share, abs=2e-4)
    assert 0 < by_name["paid_30d"].low < 1 - share < by_name["paid_30d"].high
    assert by_name["days_late"].high < 0
    assert by_name["escalated"].difference == 0 == found.treated.handed_over
    # What tells early, and how people feel treated, stands beside it: nobody reacted or complained.
    assert by_name["paid_by_due"].difference == 0
    assert (found.treated.complained, found.control.opted_out) == (0, 0)
    assert found.treated.rated is None and "rated" not in by_name
