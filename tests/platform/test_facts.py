"""The facts of an organisation as the engine takes them: what was known, and nothing later."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
from polars.testing import assert_frame_equal

import make
from cast import NOW, Cast
from tenor.engine.frames import Tables
from tenor.engine.ledger import invoice_states
from tenor.platform.decisions import facts
from tenor.platform.events.actions import record
from tenor.platform.ledger import actions
from tenor.platform.outreach.models import Message

LATER = NOW + timedelta(days=20)


def test_the_books_come_to_the_engine_as_they_stand(cast: Cast) -> None:
    make.invoice(cast, "F1", amount="250.50", due_on=date(2026, 3, 1))
    make.payment(cast, "P1", amount="100.25", invoice="F1")
    actions.set_consent(
        cast.system, customer_key="C1", channel="sms", granted=False, source="letter"
    )
    _message(cast, "K1", NOW)
    known = facts.tables(cast.organisation, NOW)
    (state,) = invoice_states(known, NOW).to_dicts()
    assert (state["balance"], state["days_overdue"]) == (Decimal("150.2500"), 9)
    assert known.customers.select("customer_id", "kind", "consent_sms").rows() == [
        ("C1", "consumer", False)
    ]
    assert known.contacts.select("contact_id", "invoice_ids", "sent_at").rows() == [
        ("K1", ["F1"], NOW)
    ]


def test_nothing_later_is_seen(cast: Cast) -> None:
    make.invoice(cast, "F1")
    make.invoice(cast, "F2", customer="C2", amount="80")
    make.payment(cast, "P1", amount="10", invoice="F1")
    _message(cast, "K1", NOW)
    record(cast.organisation, "page_visited", key="E1", at=NOW, customer_key="C1")
    before = facts.tables(cast.organisation, NOW)
    make.at(cast, LATER)
    make.invoice(cast, "F3", due_on=LATER.date(), issued_on=LATER.date())
    make.payment(cast, "P2", amount="90", invoice="F1", paid_at=LATER)
    actions.open_dispute(cast.system, invoice_key="F2", reason="quality", note="Wet.")
    actions.start_hold(cast.system, customer_key="C2", reason="agreed")
    actions.credit_invoice(cast.system, invoice_key="F2", amount=Decimal(5), key="CN1")
    actions.reverse_payment(cast.system, payment_key="P1", reason="returned")
    actions.set_consent(cast.system, customer_key="C1", channel="email", granted=False, source="x")
    record(cast.organisation, "opted_out", key="E2", at=LATER, customer_key="C1")
    _message(cast, "K2", LATER)
    _same(facts.tables(cast.organisation, NOW), before)
    after = facts.tables(cast.organisation, LATER)
    states = {r["invoice_id"]: r["balance"] for r in invoice_states(after, LATER).to_dicts()}
    assert states == {"F1": Decimal(10), "F2": Decimal(75), "F3": Decimal(100)}
    assert after.contacts.height == 2


def test_of_some_customers_the_facts_are_those_among_all(cast: Cast) -> None:
    for number in range(4):
        make.invoice(cast, f"F{number}", customer=f"C{number}")
        make.payment(cast, f"P{number}", amount="10", invoice=f"F{number}")
        record(
            cast.organisation, "payment_failed", key=f"E{number}", at=NOW,
            invoice_key=f"F{number}",
        )  # fmt: skip
    keys = ["C1", "C3"]
    everything = facts.tables(cast.organisation, NOW)
    some = facts.tables(cast.organisation, NOW, keys)
    _same(some, everything.of_customers(pl.Series(keys)))
    assert some.events["invoice_id"].sort().to_list() == ["F1", "F3"]


def test_another_organisation_sees_nothing_of_it(cast: Cast) -> None:
    make.invoice(cast, "F1")
    assert all(frame.is_empty() for _, frame in facts.tables(cast.other, NOW))


def test_a_day_is_seen_from_its_own_instant(cast: Cast) -> None:
    make.invoice(cast, "F1")
    long_ago = datetime(2025, 1, 1, tzinfo=UTC)
    assert all(frame.is_empty() for _, frame in facts.tables(cast.organisation, long_ago))


def _message(cast: Cast, key: str, at: datetime) -> None:
    """A message that another system sent."""
    customer = make.customer(cast, "C1")
    Message.objects.of(cast.organisation).create(
        customer=customer, key=key, channel="email", tone="friendly", invoice_keys=["F1"],
        state=Message.State.SENT, send_at=at, sent_at=at, source="erp",
    )  # fmt: skip


def _same(one: Tables, other: Tables) -> None:
    for (table, left), (_, right) in zip(one.in_order(), other.in_order(), strict=True):
        columns = sorted(set(left.columns) & set(right.columns))
        assert_frame_equal(left.select(columns), right.select(columns))
        assert not [c for c in set(left.columns) ^ set(right.columns) if table.column(c)]
