"""A small portfolio for the tests of the policy: one customer, one overdue invoice, and changes."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from tenor.engine.frames import INSTANT, Tables, tables_of
from tenor.engine.law.pack import Pack
from tenor.engine.policy.permitted import Permitted, permitted
from tenor.engine.policy.policyfile import Policy, parse_policy

# A Monday, 02:00 in Amsterdam.
AS_OF = datetime(2026, 5, 11, tzinfo=UTC)
POLICY = '[channels.call]\nhours = "09:00-17:00"\ndays = "Mon-Fri"\n[channels.email]\n'


def at(text: str) -> datetime:
    """Read "2026-05-01" or "2026-05-01 10:00" as a UTC instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# A place whose law forbids nothing: for tests of what the organisation itself forbids.
NO_LAW = Pack("NL", "No law", "1", date(2026, 1, 1), "EUR", "", None, {})


def without_law(policy: Policy) -> Policy:
    """Return a policy under which nothing is law in the countries of these tests."""
    return replace(policy, packs=dict.fromkeys(("NL", "FR", "none"), NO_LAW))


def policy_of(text: str = "", channels: str = POLICY) -> Policy:
    return without_law(parse_policy(channels + text))


def event(
    kind: str,
    when: str,
    *,
    invoice: str | None = None,
    customer: str | None = None,
    contact: str | None = None,
    **detail: Any,
) -> dict[str, Any]:
    """Make an event; without invoice and customer it is about customer C1."""
    return {
        "at": at(when),
        "kind": kind,
        "invoice_id": invoice,
        "customer_id": customer or (None if invoice else "C1"),
        "contact_id": contact,
        "detail": json.dumps(detail) if detail else None,
    }


def contact(
    when: str, channel: str = "email", customer: str = "C1", id: str = ""
) -> dict[str, Any]:
    return {
        "contact_id": id or f"{customer} {when}",
        "customer_id": customer,
        "invoice_ids": ["I1"],
        "sent_at": at(when),
        "channel": channel,
    }


def payment(when: str, amount: str, invoice: str = "I1") -> dict[str, Any]:
    return {"invoice_id": invoice, "paid_at": at(when), "amount": Decimal(amount)}


def invoice(
    id: str = "I1",
    customer: str = "C1",
    due: str = "2026-05-01",
    amount: str = "100",
    issued: str = "2026-04-01",
) -> dict[str, Any]:
    return {
        "invoice_id": id,
        "customer_id": customer,
        "amount": Decimal(amount),
        "currency": "EUR",
        "issued_on": date.fromisoformat(issued),
        "due_on": date.fromisoformat(due),
    }


def customer(id: str = "C1", country: str | None = "NL", **more: Any) -> dict[str, Any]:
    return {"customer_id": id, "country": country, "timezone": None, **more}


def world(
    *events: dict[str, Any],
    customers: list[dict[str, Any]] | None = None,
    invoices: list[dict[str, Any]] | None = None,
    contacts: list[dict[str, Any]] | None = None,
    payments: list[dict[str, Any]] | None = None,
) -> Tables:
    """Build the tables; C1 owes the overdue I1 unless told otherwise."""
    rows = {
        "customers": [customer()] if customers is None else customers,
        "invoices": [invoice()] if invoices is None else invoices,
        "contacts": contacts or [],
        "payments": payments or [],
        "events": list(events),
    }
    schemas = {
        "contacts": {"invoice_ids": pl.List(pl.String), "sent_at": INSTANT},
        "events": {
            "at": INSTANT,
            "detail": pl.String,
            "contact_id": pl.String,
            "invoice_id": pl.String,
            "customer_id": pl.String,
        },
        "customers": {"timezone": pl.String, "country": pl.String},
    }
    frames = {
        name: pl.DataFrame(found, schema_overrides=schemas.get(name), infer_schema_length=None)
        for name, found in rows.items()
        if found
    }
    return tables_of(**frames)


def left(tables: Tables, policy: Policy | None = None, as_of: datetime = AS_OF) -> Permitted:
    return permitted(tables, as_of=as_of, policy=policy or policy_of())


def days(found: Permitted, channel: str = "email", row: int = 0) -> list[int]:
    """List the days of the plan on which a customer may be contacted on a channel."""
    number = found.grid.channels.index(channel)
    return [int(d) for d in found.channel_day[row, number].nonzero()[0]]


def waiting(found: Permitted, row: int = 0) -> list[str]:
    return found.customers["waiting"][row].to_list()


def named(found: Permitted, row: int = 0) -> list[str]:
    return found.customers["rules"][row].to_list()
