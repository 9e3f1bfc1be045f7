"""What the facts are enough for: the audit, the payment predictor, the effect predictor.

The thresholds: 12 to 24 months and thousands of accounts are what predictive collection is
commonly said to need; below, habits and seasons cannot be told apart. What a contact changes is
so small beside what people do anyway that 20,000 varied contacts find the best way for all, and
about 200,000 the best way for each (measured on simulated worlds).
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import polars as pl

from tenor.engine.events import Kind
from tenor.engine.frames import Tables
from tenor.engine.quality.findings import credible

_DAYS_A_MONTH = 365.25 / 12
MONTHS_GOOD, MONTHS_LEAST = 12.0, 6.0
CUSTOMERS_GOOD = 1000
SETTLED_GOOD, SETTLED_LEAST = 1000, 200
_AUDIT_MONTHS, _AUDIT_INVOICES = 3.0, 30
CONTACTS_PERSONAL, CONTACTS_GOOD, CONTACTS_LEAST = 200_000, 20_000, 1000
# Below this share of contacts off the beaten path, nothing can be compared with anything.
_VARIED_LEAST = 0.05


class Verdict(StrEnum):
    """How far the facts go for a use."""

    ENOUGH = "enough"
    THIN = "thin"
    TOO_LITTLE = "too little"


@dataclass(frozen=True)
class Use:
    """What the facts are worth for one use, and why, in a sentence."""

    name: str
    verdict: Verdict
    reason: str


@dataclass(frozen=True)
class Sufficiency:
    """How much history there is.

    Attributes
    ----------
    months
        From the first invoice to the last fact, in months.
    settled, escalated
        Invoices with at least one payment, and invoices handed over or written off.
    share_propensity
        Share of contacts whose probability was logged, 0 to 1.
    share_varied
        Share of contacts that were not the most common combination of channel and tone at their
        step (the first contact of an invoice, the second, ...): 0 for a strict ladder.
    uses
        The verdicts.
    """

    months: float
    customers: int
    invoices: int
    settled: int
    escalated: int
    contacts: int
    share_propensity: float
    share_varied: float
    uses: tuple[Use, ...] = ()


def sufficiency(tables: Tables, *, today: date) -> Sufficiency:
    """Count the history in `tables` until `today` and say what it is enough for."""
    tables = credible(tables, today=today)
    invoices, contacts = tables.invoices, tables.contacts
    closed = tables.events.filter(pl.col("kind").is_in([Kind.ESCALATED, Kind.WRITTEN_OFF]))
    counted = Sufficiency(
        months=_months(tables),
        customers=invoices["customer_id"].n_unique(),
        invoices=invoices.height,
        settled=tables.payments["invoice_id"].n_unique(),
        escalated=closed["invoice_id"].drop_nulls().n_unique(),
        contacts=contacts.height,
        share_propensity=_share(contacts["propensity"].drop_nulls().len(), contacts.height),
        share_varied=_share_varied(tables),
    )
    uses = (_for_audit(counted), _for_payment(counted), _for_effect(counted))
    return replace(counted, uses=uses)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _months(tables: Tables) -> float:
    first = tables.invoices["issued_on"].min()
    ends = [
        frame[column].cast(pl.Date).max()
        for frame, column in (
            (tables.invoices, "issued_on"),
            (tables.payments, "paid_at"),
            (tables.contacts, "sent_at"),
            (tables.events, "at"),
        )
    ]
    lasts = [day for day in ends if isinstance(day, date)]
    if not isinstance(first, date) or not lasts:
        return 0.0
    return round((max(lasts) - first).days / _DAYS_A_MONTH, 1)


def _share_varied(tables: Tables) -> float:
    contacts = tables.contacts
    if contacts.is_empty():
        return 0.0
    steps = contacts.sort("sent_at", maintain_order=True).select(
        "channel",
        pl.col("tone").fill_null(""),
        step=pl.int_range(pl.len()).over(pl.col("invoice_ids").list.first()),
    )
    common = (
        steps.group_by("step", "channel", "tone").len().group_by("step").agg(pl.col("len").max())
    )
    return 1 - float(common["len"].sum()) / contacts.height


def _for_audit(history: Sufficiency) -> Use:
    name = "audit"
    if not history.settled or not history.invoices:
        return Use(name, Verdict.TOO_LITTLE, "without payments there is nothing to measure")
    if history.months < _AUDIT_MONTHS or history.invoices < _AUDIT_INVOICES:
        return Use(
            name,
            Verdict.THIN,
            f"{history.months:g} months and {history.invoices:,} invoices: "
            "read every figure with care",
        )
    return Use(name, Verdict.ENOUGH, f"{history.months:g} months of invoices and payments")


def _for_payment(history: Sufficiency) -> Use:
    name = "payment predictor"
    have = (
        f"{history.months:g} months, {history.customers:,} customers and "
        f"{history.settled:,} paid invoices"
    )
    if history.months < MONTHS_LEAST or history.settled < SETTLED_LEAST:
        return Use(
            name,
            Verdict.TOO_LITTLE,
            f"{have}; it takes {MONTHS_LEAST:g} months and {SETTLED_LEAST} paid invoices at "
            "least. Until then expect the average of the portfolio, not of the customer",
        )
    lacks = [
        f"{wanted:,g} {what}"
        for what, there, wanted in (
            ("months", history.months, MONTHS_GOOD),
            ("customers", history.customers, CUSTOMERS_GOOD),
            ("paid invoices", history.settled, SETTLED_GOOD),
        )
        if there < wanted
    ]
    if lacks:
        return Use(
            name,
            Verdict.THIN,
            f"{have}; it works, and better from {' and '.join(lacks)} on. Single customers "
            "lean on the average until they have a history of their own",
        )
    return Use(name, Verdict.ENOUGH, have)


def _for_effect(history: Sufficiency) -> Use:
    name = "effect predictor"
    have = f"{history.contacts:,} contacts, {history.share_varied:.0%} of them off the usual path"
    if history.contacts < CONTACTS_LEAST or history.share_varied < _VARIED_LEAST:
        why = (
            f"{have}: everybody was treated alike, so nothing shows what another way would do"
            if history.contacts >= CONTACTS_LEAST
            else f"{have}; it takes {CONTACTS_LEAST:,} at least"
        )
        return Use(
            name,
            Verdict.TOO_LITTLE,
            f"{why}. Decisions start from what is known elsewhere and learn by trying",
        )
    logged = f"; {history.share_propensity:.0%} with a logged probability"
    if history.contacts < CONTACTS_GOOD:
        return Use(
            name,
            Verdict.THIN,
            f"{have}{logged}; the best way for all shows from {CONTACTS_GOOD:,} on",
        )
    if history.contacts < CONTACTS_PERSONAL:
        return Use(
            name,
            Verdict.ENOUGH,
            f"{have}{logged}: enough for the best way for all; for the best way for each, "
            f"{CONTACTS_PERSONAL:,}",
        )
    return Use(name, Verdict.ENOUGH, f"{have}{logged}: enough for the best way for each")
