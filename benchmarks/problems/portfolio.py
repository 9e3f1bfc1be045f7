"""A large made-up portfolio: as many open invoices and events as asked for, with a history.

Only sizes and shapes are true to life (events a contact, contacts an invoice); nobody here pays
for a reason. For measuring speed, not quality; `tenor simulate` makes worlds with reasons.
"""

from datetime import UTC, datetime

import numpy as np
import polars as pl

from tenor.engine.frames import AMOUNT, Tables, tables_of

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
# Days of history before `AS_OF`.
HISTORY = 540
OPEN_PER_CUSTOMER = 2.5
SETTLED_PER_OPEN = 2
CONTACTS_PER_OPEN = 4
KINDS = ("delivered", "opened", "clicked", "page_visited", "payment_started", "payment_failed")
KIND_SHARES = (0.46, 0.28, 0.1, 0.12, 0.03, 0.01)


def portfolio(*, open_invoices: int, events: int, seed: int = 0) -> Tables:
    """Return tables with so many open invoices at `AS_OF` and so many events until then."""
    rng = np.random.default_rng(seed)
    customers = max(1, int(open_invoices / OPEN_PER_CUSTOMER))
    names = pl.Series([f"C{i:07}" for i in range(customers)])
    settled = open_invoices * SETTLED_PER_OPEN
    owner = rng.integers(customers, size=open_invoices + settled)
    is_open = np.arange(len(owner)) < open_invoices
    age = np.where(is_open, rng.integers(5, 120, len(owner)), rng.integers(60, HISTORY, len(owner)))
    invoices = pl.DataFrame(
        {
            "invoice_id": pl.Series([f"I{i:08}" for i in range(len(owner))]),
            "customer_id": names.gather(owner),
            "amount": pl.Series(rng.integers(1_000, 100_000, len(owner)) / 100).cast(AMOUNT),
            "currency": pl.repeat("EUR", len(owner), eager=True),
            "issued_on": _dates(age),
            "due_on": _dates(age - 14),
        }
    )
    paid = invoices.filter(pl.Series(~is_open))
    after = rng.uniform(1, 55, paid.height)
    payments = paid.select("invoice_id", "amount", paid_at=_instants(age[~is_open] - after))
    contacts = _contacts(rng, invoices, age, open_invoices * CONTACTS_PER_OPEN)
    return tables_of(
        customers=pl.DataFrame(
            {
                "customer_id": names,
                "kind": pl.Series(["consumer", "business"]).gather(rng.integers(2, size=customers)),
                "country": pl.Series(["NL", "BE", "DE"]).gather(rng.integers(3, size=customers)),
            }
        ),
        invoices=invoices,
        payments=payments,
        contacts=contacts,
        events=_events(rng, contacts, events),
    )


def _contacts(
    rng: np.random.Generator, invoices: pl.DataFrame, age: np.ndarray, count: int
) -> pl.DataFrame:
    which = rng.integers(invoices.height, size=count)
    days_ago = rng.uniform(0, np.maximum(age[which] - 1, 1))
    channels, tones = pl.Series(["email", "sms", "letter", "call"]), pl.Series(["friendly", "firm"])
    return pl.DataFrame(
        {
            "contact_id": pl.Series([f"K{i:08}" for i in range(count)]),
            "customer_id": invoices["customer_id"].gather(which),
            "invoice_ids": invoices["invoice_id"].gather(which).reshape((count, 1)).arr.to_list(),
            "sent_at": _instants(days_ago),
            "channel": channels.gather(rng.integers(4, size=count)),
            "tone": tones.gather(rng.integers(2, size=count)),
        }
    )


def _events(rng: np.random.Generator, contacts: pl.DataFrame, count: int) -> pl.DataFrame:
    which = rng.integers(contacts.height, size=count)
    later = pl.Series((rng.exponential(1.5, count) * 86_400e6).astype(np.int64)).cast(
        pl.Duration("us")
    )
    kinds = pl.Series(KINDS).gather(rng.choice(len(KINDS), p=KIND_SHARES, size=count))
    return pl.DataFrame(
        {
            "at": (contacts["sent_at"].gather(which) + later).clip(None, AS_OF),
            "kind": kinds,
            "customer_id": contacts["customer_id"].gather(which),
            "contact_id": contacts["contact_id"].gather(which),
            "invoice_id": contacts["invoice_ids"].list.first().gather(which),
        }
    )


def _dates(days_ago: np.ndarray) -> pl.Series:
    return _instants(days_ago).dt.date()


def _instants(days_ago: np.ndarray) -> pl.Series:
    passed = pl.Series((days_ago * 86_400e6).astype(np.int64)).cast(pl.Duration("us"))
    return pl.Series([AS_OF]).cast(pl.Datetime("us", "UTC")) - passed
