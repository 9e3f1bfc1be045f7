"""Bring in invoices."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from tenor.engine.frames import INVOICES, PROTECTED_PREFIX
from tenor.platform.core import clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Refused
from tenor.platform.core.roles import Right
from tenor.platform.ledger.actions.customers import take
from tenor.platform.ledger.actions.invoices import refuse_other_money
from tenor.platform.ledger.balances import renew_exposures
from tenor.platform.ledger.bulk.customers import plain
from tenor.platform.ledger.bulk.writing import (
    MANY,
    Counts,
    by_key,
    insert,
    lock_customers,
    update,
)
from tenor.platform.ledger.models import Customer, Invoice
from tenor.platform.ledger.values import amount_of, attributes_of, currency_of, day_of, text_of

_OWN = [column.name for column in INVOICES.columns]


@dataclass(frozen=True)
class _Row:
    place: int
    customer_key: str
    money: dict[str, Any]
    parts: dict[str, Any]
    attributes: dict[str, Any]


def upsert_invoices(actor: Actor, frame: pl.DataFrame, *, source: str = "import") -> Counts:
    """Bring in invoices: new ones, and other terms of known ones; never other money.

    Parameters
    ----------
    frame : the contract's `invoices`, and `number` where it is there. An empty cell says nothing.
    """
    actor.need(Right.IMPORT)
    counts = Counts()
    organisation = actor.organisation
    told = {"source": source, "at": clock.now(organisation).isoformat()}
    rows = dict(_rows(frame, counts))
    unread = len(counts.refused)
    customers = {
        row.key: row
        for row in by_key(
            Customer.objects.of(organisation).only("key"), {r.customer_key for r in rows.values()}
        )
    }
    lock_customers(organisation, [customer.pk for customer in customers.values()])
    known = {row.key: row for row in by_key(Invoice.objects.of(organisation), rows.keys())}
    owners = {customer.pk: customer for customer in customers.values()}
    for invoice in known.values():
        # So that none is asked for one by one; another owner than the rows name is refused below.
        if invoice.customer_id in owners:
            invoice.customer = owners[invoice.customer_id]
    new, changed = [], []
    for key, row in rows.items():
        is_new = key not in known
        try:
            invoice = known[key] if not is_new else _new(actor, key, row, customers)
            refuse_other_money(invoice, customer_key=row.customer_key, **row.money)
        except Refused as refused:
            counts.refused.append((row.place, refused.message))
            continue
        _before, after = take(invoice, row.parts, row.attributes)
        invoice.lineage |= dict.fromkeys([*row.money, *after] if is_new else after, told)
        if is_new:
            new.append(invoice)
        elif after:
            changed.append(invoice)
    insert(new)
    update(changed, ["due_on", "number", "attributes", "lineage"])
    counts.new, counts.changed = len(new), len(changed)
    counts.same = len(rows) - len(new) - len(changed) - len(counts.refused) + unread
    met = {invoice.customer_id for invoice in (*new, *changed)}
    if met:
        renew_exposures(organisation.pk, None if len(met) > MANY else met)
    counts.refused.sort()
    return counts


def _new(actor: Actor, key: str, row: _Row, customers: dict[str, Customer]) -> Invoice:
    if row.customer_key not in customers:
        raise Refused(_("There is no customer %(key)s.") % {"key": row.customer_key})
    asked = row.money["amount"]
    return Invoice(
        organisation=actor.organisation, customer=customers[row.customer_key], key=key,
        total=asked, balance=asked, **row.money,
    )  # fmt: skip


def _rows(frame: pl.DataFrame, counts: Counts) -> Iterator[tuple[str, _Row]]:
    """Yield key and row of each that may be kept."""
    has_number = "number" in frame.columns
    # Who somebody is stands with the customer; an invoice keeps nothing of it.
    free = [
        c
        for c in frame.columns
        if c not in (*_OWN, "number") and not c.startswith(PROTECTED_PREFIX)
    ]
    numbers = frame["number"].cast(pl.String).to_list() if has_number else [None] * frame.height
    others = frame.select(free).rows() if free else [()] * frame.height
    currencies: dict[str, str] = {}
    given = zip(frame.select(_OWN).rows(), numbers, others, strict=True)
    for place, (own, number, content) in enumerate(given):
        key, customer_key, amount, currency, issued_on, due_on = own
        try:
            key = text_of(key, field="key", most=200, needed=True)
            if currency not in currencies:
                currencies[currency] = currency_of(currency)
            money = {
                "amount": amount_of(amount),
                "currency": currency,
                "issued_on": day_of(issued_on, field="issued_on"),
            }
            parts: dict[str, Any] = {"due_on": day_of(due_on, field="due_on")}
            if number is not None:
                parts["number"] = text_of(number, field="number", most=100)
            attributes = attributes_of(
                {n: plain(v) for n, v in zip(free, content, strict=True) if v is not None}
            )
        except Refused as refused:
            counts.refused.append((place, refused.message))
            continue
        yield key, _Row(place, customer_key, money, parts, attributes)
