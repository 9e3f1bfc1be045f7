"""Where each customer stands at the moment of deciding: what the rules look at."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from tenor.engine import calendar
from tenor.engine.events import CLOSING, SPANS, Kind
from tenor.engine.frames import AMOUNT, CONSENT_PREFIX, INSTANT, REACH_PREFIX, Tables, received
from tenor.engine.ledger import invoice_states
from tenor.engine.policy.actions import Flags, Grid, Integers, grid_of, local_days, slot_instants
from tenor.engine.policy.law import LawOfPlaces, law_of_places
from tenor.engine.policy.policyfile import Policy

Days = npt.NDArray[np.int32]

# A day beyond every horizon: not in this plan.
NEVER = 100_000
# A promise that names no day is taken for a week (as dunning systems do, e.g. Kolleno's).
DAYS_OF_AN_UNDATED_PROMISE = 7

UNITS_OF_AMOUNT = 10_000  # AMOUNT has four decimals

_WISHED = ("contact_hours", "contact_days")
_ARRIVED = (Kind.DELIVERED, Kind.OPENED, Kind.CLICKED)
# What rules ask for by `customer_events`: everything else is left aside once.
_RULED_BY = (
    *SPANS, *SPANS.values(), *CLOSING, Kind.COMPLAINED, Kind.OPTED_OUT, Kind.OPTED_IN, Kind.BOUNCED,
)  # fmt: skip
_STATEMENT: dict[str, pl.DataType] = {
    "invoice": pl.Int64(),
    "row": pl.Int64(),
    "at": INSTANT,
    "detail": pl.String(),
}


@dataclass(frozen=True, eq=False)
class Situation:
    """The facts known at `as_of` about every customer (N) with an open invoice (M).

    `customers`, in order of `customer_id`: customer_id, zone, country (the policy's default
    where unknown), region, kind, contact_hours, contact_days, and the `consent_<channel>` columns
    there are. `invoices`, in order of customer, due date and id: invoice_id, customer_id, row (of
    its customer), balance, issued_on, due_on, days_overdue. `today[N]` is the customer's local
    date, in days since 1970-01-01; `slots[z]` the UTC microseconds of each day and slot in zone
    number z; `zone[N]` that number. `contacts`: row (of the customer), sent_at and channel of every
    contact, each customer's latest first. `law` is what the law of each customer's place and their
    own wish leave.
    """

    tables: Tables
    as_of: datetime
    policy: Policy
    grid: Grid
    customers: pl.DataFrame
    invoices: pl.DataFrame
    today: Days
    slots: tuple[Integers, ...]
    zone: Integers
    contacts: pl.DataFrame
    law: LawOfPlaces

    @property
    def now(self) -> int:
        """Return the moment of deciding in UTC microseconds."""
        return int(self.as_of.timestamp()) * 1_000_000 + self.as_of.microsecond

    @property
    def row(self) -> Integers:
        """Return the row of the customer of each invoice: [M]."""
        return self.invoices["row"].to_numpy().astype(np.int64)

    @property
    def dates(self) -> Days:
        """Return the local date of each customer and day of the plan: [N, D]."""
        return (self.today[:, None] + np.arange(self.grid.days)[None, :]).astype(np.int32)

    @cached_property
    def said(self) -> pl.DataFrame:
        """All events that rules look at, with the `row` of the customer they are about."""
        events = self.tables.events.lazy().filter(pl.col("kind").is_in(_RULED_BY))
        owners = self.tables.invoices.lazy().select("invoice_id", owner="customer_id")
        rows = self.customers.lazy().select("customer_id", row=pl.int_range(pl.len()))
        return (
            events.join(owners, on="invoice_id", how="left")
            .with_columns(pl.coalesce("customer_id", "owner"))
            .join(rows, on="customer_id")
            .select("row", "at", "kind", "invoice_id", "contact_id", "detail")
            .collect()
        )

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of event that there are among `said`: most rules have nothing to look at."""
        return frozenset(self.said["kind"])

    def first_slots(self, instants: Integers) -> Integers:
        """Return the first slot (day x H + hour) of each customer at or after `instants`: [N].

        `instants` are UTC microseconds. D x H where there is none in the plan.
        """
        first = np.zeros(len(instants), dtype=np.int64)
        for number, slots in enumerate(self.slots):
            here = self.zone == number
            first[here] = np.searchsorted(slots, instants[here], side="left")
        return first

    def owed(self) -> Integers:
        """Return what each customer owes on open invoices, in ten-thousandths: [N]."""
        units = (self.invoices["balance"] * UNITS_OF_AMOUNT).cast(pl.Int64).to_numpy()
        owed = np.zeros(self.customers.height, dtype=np.int64)
        np.add.at(owed, self.row, units)
        return owed


def situation_of(tables: Tables, *, as_of: datetime, policy: Policy) -> Situation:
    """Gather what is known at `as_of` (aware) about everybody who has an open invoice."""
    known = tables.known_at(as_of)
    grid = grid_of(policy)
    states = invoice_states(known, as_of).filter("is_open")
    customers = _customers(known, states, policy.jurisdiction.default)
    invoices = (
        _with_row(states, customers)
        .select(
            "invoice_id",
            "customer_id",
            "row",
            pl.col("balance").cast(AMOUNT),
            "issued_on",
            "due_on",
            "days_overdue",
        )
        .sort("row", "due_on", "invoice_id")
    )
    zones = customers["zone"].unique().sort()
    today = local_days(as_of, customers["zone"])
    return Situation(
        tables=known,
        as_of=as_of,
        policy=policy,
        grid=grid,
        customers=customers,
        invoices=invoices,
        today=today,
        slots=tuple(slot_instants(grid, as_of=as_of, zone=zone) for zone in zones),
        zone=zones.search_sorted(customers["zone"]).to_numpy().astype(np.int64),
        contacts=_with_row(known.contacts, customers)
        .select("row", "sent_at", "channel")
        .sort("row", "sent_at", descending=[False, True]),
        law=law_of_places(customers, today.astype(np.int64), grid=grid, policy=policy),
    )


def _customers(known: Tables, states: pl.DataFrame, default_country: str) -> pl.DataFrame:
    """Return one row a customer with an open invoice, also one that `customers` does not list."""
    said = (CONSENT_PREFIX, REACH_PREFIX)
    ways = [c for c in known.customers.columns if c.startswith(said)]
    has_region = "region" in known.customers.columns
    region = (pl.col("region") if has_region else pl.lit(None)).cast(pl.String).alias("region")
    facts = known.customers.select(
        "customer_id", "country", region, "timezone", "kind", *_WISHED, *ways
    )
    found = states.select("customer_id").unique().join(facts, on="customer_id", how="left")
    found = found.sort("customer_id")
    return found.select(
        "customer_id",
        calendar.zones_of(found),
        pl.col("country").fill_null(default_country),
        "region",
        "kind",
        *_WISHED,
        *ways,
    )


def _with_row(frame: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `frame` about one of `customers`, with the `row` it has there."""
    rows = customers.select("customer_id", pl.int_range(pl.len(), dtype=pl.Int64).alias("row"))
    return frame.join(rows, on="customer_id")


def customer_events(situation: Situation, *kinds: Kind) -> pl.DataFrame:
    """Return the events of these kinds with the `row` of the customer they are about.

    Columns: row, at, kind, invoice_id, contact_id, detail. Events of customers without an open
    invoice are left out.
    """
    assert set(kinds) <= set(_RULED_BY), "name the kind in _RULED_BY first"
    if situation.kinds.isdisjoint(kinds):
        return situation.said.clear()
    return situation.said.filter(pl.col("kind").is_in(kinds))


def statements(situation: Situation, *kinds: Kind) -> pl.DataFrame:
    """Return events of these kinds for each open invoice that they are about.

    Columns: invoice (its row), row (its customer's), at, detail, of_customer (said of the
    customer, not of one invoice). What is said of a customer is about the invoices that were
    issued by then; a hold is about the later ones too.
    """
    events = customer_events(situation, *kinds)
    if events.is_empty():
        return pl.DataFrame(schema={**_STATEMENT, "of_customer": pl.Boolean()})
    invoices = situation.invoices.lazy().select(
        "invoice_id", "row", "issued_on", pl.int_range(pl.len(), dtype=pl.Int64).alias("invoice")
    )
    of_invoice = events.lazy().drop("row").join(invoices, on="invoice_id")
    of_customer = events.lazy().filter(pl.col("invoice_id").is_null()).drop("invoice_id")
    of_customer = of_customer.join(invoices, on="row").filter(
        (pl.col("issued_on") <= pl.col("at").dt.date())
        | pl.col("kind").is_in([Kind.HOLD_STARTED, Kind.HOLD_ENDED])
    )
    columns = ["invoice", "row", "at", "detail"]
    return pl.concat(
        [
            of_invoice.select(*columns, of_customer=pl.lit(False)),
            of_customer.select(*columns, of_customer=pl.lit(True)),
        ]
    ).collect()


def standing(
    situation: Situation, kind: Kind, *, ended_by: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the statements of `kind` that nothing has ended since: invoice, row, at, detail.

    What is said of the customer ends what was said of an invoice, not the reverse: a hold on
    the whole customer outlasts the end of a hold on one invoice. `ended_by` (invoice, at) adds
    ends of another sort.
    """
    begun = statements(situation, kind)
    if begun.is_empty():
        return begun.drop("of_customer")
    ends = statements(situation, SPANS[kind]).select("invoice", "at", "of_customer")
    if ended_by is not None:
        ends = pl.concat([ends, ended_by.select("invoice", "at", of_customer=pl.lit(True))])
    last = ends.group_by("invoice").agg(
        any_end=pl.col("at").max(),
        customer_end=pl.col("at").filter("of_customer").max(),
    )
    end = pl.when("of_customer").then("customer_end").otherwise("any_end")
    return (
        begun.join(last, on="invoice", how="left")
        .filter(end.is_null() | (pl.col("at") > end))
        .select("invoice", "row", "at", "detail")
    )


def asked_from(
    situation: Situation, found: pl.DataFrame, last_quiet: pl.Series | None = None
) -> Days:
    """Return the first day of the plan on which each invoice may be asked for: [M].

    `found` (column invoice) are statements that keep an invoice quiet up to and with the date
    `last_quiet`; for good where that is null or not given. Of several the last day decides.
    """
    if found.is_empty():
        return np.zeros(situation.invoices.height, dtype=np.int32)
    about = found["invoice"].to_numpy()
    first = np.full(len(about), NEVER, dtype=np.int32)
    if last_quiet is not None:
        day = calendar.days_since_epoch(last_quiet) + 1 - situation.today[situation.row[about]]
        first = np.where(last_quiet.is_null().to_numpy(), NEVER, np.clip(day, 0, NEVER))
    answer = np.zeros(situation.invoices.height, dtype=np.int32)
    np.maximum.at(answer, about, first.astype(np.int32))
    return answer


def detail_date(found: pl.DataFrame, name: str) -> pl.Series:
    """Return the date that `detail` carries under `name` (of a timestamp its date), else null."""
    if found.is_empty():
        return pl.Series("detail", [], dtype=pl.Date)
    text = found["detail"].str.json_path_match(f"$.{name}").str.slice(0, 10)
    return text.str.to_date("%Y-%m-%d", strict=False)


def local_dates(situation: Situation, found: pl.DataFrame) -> pl.Series:
    """Return the customer's local date of each event in `found` (columns row, at)."""
    if found.is_empty():
        return pl.Series("at", [], dtype=pl.Date)
    zones = situation.customers["zone"].gather(found["row"])
    return calendar.local_times(found["at"], zones).dt.date()


def payments_of(situation: Situation) -> pl.DataFrame:
    """Return the money that came in on each open invoice: invoice (its row), at."""
    invoices = situation.invoices.select("invoice_id", pl.int_range(pl.len()).alias("invoice"))
    payments = received(situation.tables.payments)
    return payments.join(invoices, on="invoice_id").select("invoice", at="paid_at")


def closed_for_customer(situation: Situation) -> pl.DataFrame:
    """Return the closing statements made of a whole customer; those of an invoice close it."""
    return statements(situation, *CLOSING).filter("of_customer")


def latest_contacts(situation: Situation, rank: int) -> Integers:
    """Return when each customer's `rank`-th latest contact was sent: [N], UTC microseconds.

    Rank 1 is the latest; 0 where there were fewer.
    """
    counts = np.bincount(situation.contacts["row"], minlength=situation.customers.height)
    position = np.cumsum(counts) - counts + rank - 1
    sent = situation.contacts["sent_at"].to_physical().to_numpy()
    answer = np.zeros(len(counts), dtype=np.int64)
    enough = counts >= rank
    answer[enough] = sent[position[enough]]
    return answer


def undelivered(situation: Situation) -> pl.DataFrame:
    """Return the channels whose latest delivery failed: row, channel.

    What was delivered, opened or clicked arrived; a failure at the same instant outweighs it.
    """
    bounced = customer_events(situation, Kind.BOUNCED)
    if bounced.is_empty():
        return pl.DataFrame(schema={"row": pl.Int64, "channel": pl.String})
    contacts = _with_row(situation.tables.contacts, situation.customers)
    contacts = contacts.select("contact_id", "row", "channel")
    named = pl.col("detail").str.json_path_match("$.channel")
    failed = (
        bounced.join(contacts.select("contact_id", "channel"), on="contact_id", how="left")
        .group_by("row", pl.coalesce("channel", named).alias("channel"))
        .agg(failed_at=pl.col("at").max())
    )
    arrived = (
        situation.tables.events.filter(pl.col("kind").is_in(_ARRIVED))
        .join(contacts.join(failed, on=["row", "channel"], how="semi"), on="contact_id")
        .group_by("row", "channel")
        .agg(arrived_at=pl.col("at").max())
    )
    return (
        failed.join(arrived, on=["row", "channel"], how="left")
        .filter(pl.col("arrived_at").is_null() | (pl.col("failed_at") >= pl.col("arrived_at")))
        .select("row", "channel")
    )


def flag_channels(situation: Situation, rows: pl.Series, channels: pl.Series) -> Flags:
    """Return which channel of the grid is named for which customer: [N, C]."""
    grid = situation.grid
    flags = np.zeros((situation.customers.height, len(grid.channels)), dtype=bool)
    if rows.is_empty():
        return flags
    for number, channel in enumerate(grid.channels):
        flags[rows.filter((channels == channel).fill_null(False)).to_numpy(), number] = True
    return flags
