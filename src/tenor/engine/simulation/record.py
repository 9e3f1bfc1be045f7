"""The facts that a world leaves behind, as the contract's tables and nothing besides.

Facts are noted as arrays of numbers and turned into frames when asked for. A fact noted with a
later time (a letter that will arrive) stays out of the tables until that time has come.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tenor.engine.events import Kind
from tenor.engine.frames import AMOUNT, INSTANT, TABLES, Tables, conform, tables_of
from tenor.engine.simulation.chance import Floats, Ints
from tenor.engine.simulation.customers import customer_ids, numbered

DAY = 86_400  # seconds
NONE = -1  # stands for "no contact" and "no invoice" in arrays of indices
_EPOCH = date(1970, 1, 1)
_TIME = {"invoices": "issued_on", "payments": "paid_at", "contacts": "sent_at", "events": "at"}

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Sent:
    """Contacts as they go out, one element each.

    `at` is in seconds since the start, `propensity` NaN where unknown, `cost` in currency units;
    `link_row` and `link_invoice` pair each contact's row with the invoices it covers.
    """

    customer: Ints
    at: Ints
    channel: Ints
    tone: Ints
    propensity: Floats
    cost: Floats
    policy: NDArray[np.object_]
    link_row: Ints
    link_invoice: Ints


@dataclass
class Record:
    """What has happened so far; times are seconds since midnight (UTC) of the first day."""

    start: date
    channels: Sequence[str]
    tones: Sequence[str]
    currency: str
    payments: int = 0
    contacts: int = 0
    _noted: dict[str, list[Columns]] = field(default_factory=dict)
    _later: dict[str, pl.DataFrame] = field(default_factory=dict)
    _told: dict[str, pl.DataFrame] = field(default_factory=dict)

    def copy(self) -> "Record":
        """Return a record that goes its own way from here; what is noted is shared, not changed."""
        noted = {name: list(chunks) for name, chunks in self._noted.items()}
        return replace(self, _noted=noted, _later=dict(self._later), _told=dict(self._told))

    def note_invoices(
        self, invoice: Ints, customer: Ints, cents: Ints, *, issued: int, due: Ints, monthly: Any
    ) -> None:
        """Note invoices issued on day `issued`, due on the days `due`."""
        days = np.full(len(invoice), issued)
        self._note(
            "invoices",
            {"invoice": invoice, "customer": customer, "cents": cents}
            | {"issued": days, "due": due, "monthly": monthly},
        )

    def note_payments(self, at: Ints, invoice: Ints, cents: Ints, method: NDArray[Any]) -> None:
        """Note payments of `cents` on each invoice."""
        number = np.arange(self.payments, self.payments + len(invoice))
        self.payments += len(invoice)
        columns = {"number": number, "at": at, "invoice": invoice, "cents": cents}
        self._note("payments", columns | {"method": method.astype(object)})

    def note_contacts(self, sent: Sent) -> Ints:
        """Note contacts with the invoices they cover; return their numbers."""
        number = np.arange(self.contacts, self.contacts + len(sent.customer))
        self.contacts += len(number)
        columns: Columns = {"number": number, "at": sent.at, "customer": sent.customer}
        columns |= {"channel": sent.channel, "tone": sent.tone, "cost": sent.cost}
        self._note("contacts", columns | {"propensity": sent.propensity, "policy": sent.policy})
        links = {"number": number[sent.link_row], "invoice": sent.link_invoice}
        self._note("links", links)
        return number

    def note_events(
        self,
        kind: Kind,
        at: Ints,
        customer: Ints,
        *,
        invoice: Ints | None = None,
        contact: Ints | None = None,
        detail: Sequence[str] | None = None,
    ) -> None:
        """Note one event of `kind` for each customer, about an invoice or a contact if given."""
        nothing = np.full(len(customer), NONE)
        no_detail = np.full(len(customer), None, dtype=object)
        columns = {
            "kind": np.full(len(customer), str(kind), dtype=object),
            "at": at,
            "customer": customer,
            "invoice": nothing if invoice is None else invoice,
            "contact": nothing if contact is None else contact,
            "detail": no_detail if detail is None else np.array(detail, dtype=object),
        }
        self._note("events", columns)

    def tables(self, today: datetime, customers: pl.DataFrame, external: pl.DataFrame) -> Tables:
        """Return every fact up to `today`; in order of time, then of being noted."""
        self._tell(today)
        frames = self._told | {"customers": customers}
        return tables_of(**(frames | {"external": external} if external.width else frames))

    def kept(self) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
        """Return what was told so far and what waits for its time, table by table."""
        self._tell(None)
        return dict(self._told), dict(self._later)

    def continue_from(self, told: dict[str, pl.DataFrame], later: dict[str, pl.DataFrame]) -> None:
        """Take up what `kept` gave: facts from here on are noted behind it."""
        self._told, self._later = told, later

    def _tell(self, today: datetime | None) -> None:
        """Turn what was noted into rows; tell what has come about by `today` (None: nothing)."""
        make: dict[str, Callable[[], pl.DataFrame]] = {
            "invoices": self._invoices,
            "payments": self._payments,
            "contacts": self._contacts,
            "events": self._events,
        }
        for name, time in _TIME.items():
            if name not in self._noted and name not in self._later:
                continue
            parts = [self._later.pop(name)] if name in self._later else []
            if name in self._noted:
                parts.append(conform(TABLES[name], make[name]()))
            fresh = pl.concat(parts).sort(time, maintain_order=True)
            if today is None:
                self._later[name] = fresh
                continue
            known = pl.col(time) <= (today.date() if name == "invoices" else today)
            self._later[name] = fresh.filter(~known)
            told = [self._told[name]] if name in self._told else []
            self._told[name] = pl.concat([*told, fresh.filter(known)])
        self._noted = {}

    def _note(self, name: str, columns: Columns) -> None:
        if len(next(iter(columns.values()))):
            self._noted.setdefault(name, []).append(columns)

    def _joined(self, name: str) -> Columns:
        chunks = self._noted[name]
        return {column: np.concatenate([c[column] for c in chunks]) for column in chunks[0]}

    def _invoices(self) -> pl.DataFrame:
        c = self._joined("invoices")
        return pl.DataFrame(
            {
                "invoice_id": invoice_ids(c["invoice"]),
                "customer_id": customer_ids(c["customer"]),
                "amount": amounts(c["cents"]),
                "currency": pl.Series([self.currency]).new_from_index(0, len(c["cents"])),
                "issued_on": self._dates(c["issued"]),
                "due_on": self._dates(c["due"]),
                "subscription": c["monthly"],
                "ref_order": numbered("R", (c["invoice"] * 7919) % 10_000_000, 7),
            }
        )

    def _payments(self) -> pl.DataFrame:
        c = self._joined("payments")
        return pl.DataFrame(
            {
                "invoice_id": invoice_ids(c["invoice"]),
                "paid_at": self._instants(c["at"]),
                "amount": amounts(c["cents"]),
                "payment_id": numbered("P", c["number"], 8),
                "method": pl.Series(c["method"].tolist(), dtype=pl.String),
            }
        )

    def _contacts(self) -> pl.DataFrame:
        c, links = self._joined("contacts"), self._joined("links")
        covered = (
            pl.DataFrame({"number": links["number"], "invoice_ids": invoice_ids(links["invoice"])})
            .group_by("number")
            .agg("invoice_ids")
            .sort("number")
        )
        return pl.DataFrame(
            {
                "contact_id": numbered("K", c["number"], 7),
                "customer_id": customer_ids(c["customer"]),
                "invoice_ids": covered["invoice_ids"],
                "sent_at": self._instants(c["at"]),
                "channel": np.array(self.channels)[c["channel"]],
                "tone": np.array(self.tones)[c["tone"]],
                "propensity": pl.Series(c["propensity"]).fill_nan(None),
                "cost": c["cost"],
                "policy": pl.Series(c["policy"].tolist(), dtype=pl.String),
            }
        )

    def _events(self) -> pl.DataFrame:
        c = self._joined("events")
        return pl.DataFrame(
            {
                "at": self._instants(c["at"]),
                "kind": pl.Series(c["kind"].tolist(), dtype=pl.String),
                "invoice_id": _or_nothing(c["invoice"], invoice_ids(c["invoice"])),
                "customer_id": customer_ids(c["customer"]),
                "contact_id": _or_nothing(c["contact"], numbered("K", c["contact"], 7)),
                "detail": pl.Series(c["detail"].tolist(), dtype=pl.String),
            }
        )

    def _instants(self, at: Ints) -> pl.Series:
        first = (self.start - _EPOCH).days * DAY
        return ((pl.Series(at, dtype=pl.Int64) + first) * 1_000_000).cast(INSTANT)

    def _dates(self, day: Ints) -> pl.Series:
        first = (self.start - _EPOCH).days
        return (pl.Series(day, dtype=pl.Int64) + first).cast(pl.Int32).cast(pl.Date)


def invoice_ids(index: Ints) -> pl.Series:
    """Return the ids of invoices by their number."""
    return numbered("I", index, 7)


def amounts(cents: Ints) -> pl.Series:
    """Return exact amounts from whole cents."""
    whole = pl.Series(cents, dtype=pl.Int64).cast(AMOUNT)
    return pl.select((whole * pl.lit("0.01").cast(AMOUNT)).cast(AMOUNT)).to_series()


def _or_nothing(index: Ints, ids: pl.Series) -> pl.Series:
    there = pl.Series(index != NONE)
    return pl.select(pl.when(there).then(ids)).to_series()
