"""A simulated world in an organisation's books, and the predictor that was learned from it."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import polars as pl

from tenor.engine.events import CLOSING
from tenor.engine.frames import CONSENT_PREFIX, Tables
from tenor.engine.ledger import invoice_states
from tenor.engine.predictors.model import load_model
from tenor.platform.core.models import Organisation
from tenor.platform.decisions.runs.bulk import write
from tenor.platform.events.models import Event
from tenor.platform.governance.models import PolicyVersion, PredictorVersion
from tenor.platform.ledger.models import (
    Allocation,
    Consent,
    ContactPoint,
    Customer,
    Entry,
    Exposure,
    Invoice,
    Payment,
)
from tenor.platform.outreach.models import Message


def keep(organisation: Organisation, tables: Tables, as_of: datetime) -> None:
    """Write the facts up to `as_of` into the books of an empty organisation, and set its clock."""
    known = tables.known_at(as_of)
    organisation.clock_at = as_of
    organisation.save(update_fields=["clock_at"])
    customers = _customers(organisation, known, as_of)
    invoices = _invoices(organisation, known, as_of, customers)
    _payments(organisation, known, customers, invoices)
    _messages(organisation, known, customers)
    _events(organisation, known, as_of)


def put_in_force(organisation: Organisation, rules: str, model_folder: Path | None = None) -> None:
    """Let the organisation decide by these rules, and by the model in this folder."""
    now = organisation.clock_at
    PolicyVersion.objects.of(organisation).create(
        number=1, text=rules, state="live", drafted_at=now
    )
    if model_folder is not None:
        model = load_model(model_folder)
        PredictorVersion.objects.of(organisation).create(
            version=model.version, folder=str(model_folder), fitted_at=now,
            facts_until=model.as_of, state="live",
        )  # fmt: skip


def _customers(organisation: Organisation, known: Tables, as_of: datetime) -> dict[str, int]:
    rows = known.customers
    plain = ("kind", "country", "language", "timezone")
    consents = [c for c in rows.columns if c.startswith(CONSENT_PREFIX)]
    free = [c for c in rows.columns if c not in ("customer_id", *plain, *consents)]
    ids = rows["customer_id"].to_list()
    columns = {name: rows[name].fill_null("").to_list() for name in plain}
    attributes = [{k: v for k, v in r.items() if v is not None} for r in rows[free].to_dicts()]
    write(
        Customer, organisation,
        {"key": ids, "name": [f"Customer {i}" for i in ids], "attributes": attributes, **columns},
        alike={"created_at": as_of, "updated_at": as_of},
    )  # fmt: skip
    numbers = dict(Customer.objects.of(organisation).values_list("key", "pk"))
    everybody = [numbers[i] for i in ids]
    for kind, values in (
        ("email", [f"{i.lower()}@example.org" for i in ids]),
        ("mobile", [f"+316{n:08}" for n in range(len(ids))]),
        ("postal", [f"Street {n}\n1000 AA Town" for n in range(len(ids))]),
    ):
        write(
            ContactPoint, organisation, {"customer_id": everybody, "value": values},
            alike={"kind": kind, "is_primary": True, "created_at": as_of},
        )  # fmt: skip
    for name in consents:
        said = [
            (numbers[i], v) for i, v in rows.select("customer_id", name).rows() if v is not None
        ]
        if said:
            who, granted = zip(*said, strict=True)
            write(
                Consent, organisation, {"customer_id": who, "granted": granted},
                alike={"channel": name.removeprefix(CONSENT_PREFIX), "at": as_of},
            )  # fmt: skip
    return numbers


def _invoices(
    organisation: Organisation, known: Tables, as_of: datetime, customers: dict[str, int]
) -> dict[str, int]:
    states = invoice_states(known, as_of).sort("invoice_id")
    last = known.events.filter(pl.col("kind").is_in(CLOSING)).sort("at")
    closed = dict(last.select("invoice_id", "kind").rows())
    write(
        Invoice, organisation,
        {
            "customer_id": [customers[c] for c in states["customer_id"]],
            "key": states["invoice_id"].to_list(),
            **{n: states[n].to_list() for n in
               ("amount", "currency", "issued_on", "due_on", "total", "paid", "balance")},
            "settled_at": states["settled_at"].to_list(),
            "closed_at": states["closed_at"].to_list(),
            "closed_as": [closed.get(i, "") for i in states["invoice_id"]],
            "is_open": states["is_open"].to_list(),
        },
        alike={"created_at": as_of, "updated_at": as_of},
    )  # fmt: skip
    numbers = dict(Invoice.objects.of(organisation).values_list("key", "pk"))
    changed = states.filter(pl.col("total") != pl.col("amount"))
    write(
        Entry, organisation,
        {
            "invoice_id": [numbers[i] for i in changed["invoice_id"]],
            "key": [f"correction {i}" for i in changed["invoice_id"]],
            "amount": (changed["total"] - changed["amount"]).to_list(),
        },
        alike={"kind": "correction", "at": as_of, "created_at": as_of},
    )  # fmt: skip
    owing = (
        states.filter("is_open")
        .group_by("customer_id", "currency")
        .agg(pl.len(), pl.col("balance").sum(), pl.col("due_on").min())
    )
    write(
        Exposure, organisation,
        {
            "customer_id": [customers[c] for c in owing["customer_id"]],
            "currency": owing["currency"].to_list(),
            "open_amount": owing["balance"].to_list(),
            "open_count": owing["len"].to_list(),
            "oldest_due_on": owing["due_on"].to_list(),
        },
    )  # fmt: skip
    return numbers


def _payments(
    organisation: Organisation, known: Tables, customers: dict[str, int], invoices: dict[str, int]
) -> None:
    owners = known.invoices.select("invoice_id", "customer_id", "currency")
    rows = known.payments.join(owners, on="invoice_id").with_row_index("row")
    rows = rows.with_columns(key=pl.coalesce("payment_id", pl.format("P{}", "row")))
    whose = [customers[c] for c in rows["customer_id"]]
    amounts: list[Decimal] = rows["amount"].to_list()
    write(
        Payment, organisation,
        {
            "customer_id": whose, "key": rows["key"].to_list(), "amount": amounts,
            "allocated": amounts, "currency": rows["currency"].to_list(),
            "paid_at": rows["paid_at"].to_list(), "method": rows["method"].fill_null("").to_list(),
            "created_at": rows["paid_at"].to_list(),
        },
    )  # fmt: skip
    numbers = dict(Payment.objects.of(organisation).values_list("key", "pk"))
    write(
        Allocation, organisation,
        {
            "payment_id": [numbers[k] for k in rows["key"]],
            "invoice_id": [invoices[i] for i in rows["invoice_id"]],
            "amount": amounts, "at": rows["paid_at"].to_list(),
            "created_at": rows["paid_at"].to_list(),
        },
    )  # fmt: skip


def _messages(organisation: Organisation, known: Tables, customers: dict[str, int]) -> None:
    rows = known.contacts
    texts = ("channel", "tone", "template", "policy")
    write(
        Message, organisation,
        {
            "customer_id": [customers[c] for c in rows["customer_id"]],
            "key": rows["contact_id"].to_list(),
            "invoice_keys": rows["invoice_ids"].to_list(),
            "send_at": rows["sent_at"].to_list(), "sent_at": rows["sent_at"].to_list(),
            "created_at": rows["sent_at"].to_list(),
            "propensity": rows["propensity"].to_list(),
            "cost": rows["cost"].fill_null(0.0).to_list(),
            **{name: rows[name].fill_null("").to_list() for name in texts},
        },
        alike={"state": "sent", "source": "erp"},
    )  # fmt: skip


def _events(organisation: Organisation, known: Tables, as_of: datetime) -> None:
    rows = known.events
    write(
        Event, organisation,
        {
            "key": [f"E{n}" for n in range(rows.height)],
            "kind": rows["kind"].to_list(), "at": rows["at"].to_list(),
            "received_at": rows["at"].to_list(),
            "customer_key": rows["customer_id"].fill_null("").to_list(),
            "invoice_key": rows["invoice_id"].fill_null("").to_list(),
            "contact_key": rows["contact_id"].fill_null("").to_list(),
            "detail": [json.dumps(json.loads(d)) if d else "" for d in rows["detail"]],
        },
    )  # fmt: skip
