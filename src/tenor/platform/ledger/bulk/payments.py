"""Bring in payments as the contract tells them: what went to which invoice, a minus taken back."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Refused
from tenor.platform.core.roles import Right
from tenor.platform.ledger.balances import NOTHING
from tenor.platform.ledger.bulk.portfolio import Portfolio
from tenor.platform.ledger.bulk.returns import take_back
from tenor.platform.ledger.bulk.writing import Counts, by_key, insert
from tenor.platform.ledger.models import Allocation, Payment
from tenor.platform.ledger.values import amount_of, instant_of, text_of

_TEXTS = {"method": 40, "reference": 300}


@dataclass(frozen=True)
class _Row:
    place: int
    invoice_key: str
    at: datetime
    amount: Decimal
    texts: dict[str, str]


@dataclass
class _Told:
    """One payment: its rows say how much of it went to which invoice, and when."""

    key: str
    came: list[_Row] = field(default_factory=list)
    went: list[_Row] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        return sum((row.amount for row in self.came), NOTHING)

    @property
    def paid_at(self) -> datetime:
        return min(row.at for row in self.came)


def add_payments(actor: Actor, frame: pl.DataFrame, *, source: str = "import") -> Counts:
    """Bring in payments, in the order of time; each counts once.

    Parameters
    ----------
    frame : the contract's `payments`, and `reference` where it is there. Rows of one `payment_id`
        are one payment; without one, a row is a payment of its own, known again by what it says.
        A row below nothing takes back: all of the payment, or what is told of one invoice.
    """
    actor.need(Right.IMPORT)
    counts = Counts()
    told = _gathered(_rows(frame, counts))
    portfolio = Portfolio(
        actor, {row.invoice_key for each in told.values() for row in (*each.came, *each.went)}
    )
    known = {row.key: row for row in by_key(Payment.objects.of(actor.organisation), told.keys())}
    new: list[tuple[_Told, Payment]] = []
    returns: list[_Told] = []
    for each in told.values():
        try:
            if each.came:
                payment = _payment(actor, each, portfolio, source)
                if each.key in known:
                    _refuse_other_money(known[each.key], payment)
                    counts.same += len(each.came)
                else:
                    new.append((each, payment))
                    counts.new += len(each.came)
        except Refused as refused:
            _refuse(counts, [*each.came, *each.went], refused)
            continue
        if each.went:
            returns.append(each)
    _count_in(actor, portfolio, new)
    for each in returns:
        _return(actor, each, counts)
    counts.refused.sort()
    return counts


def _rows(frame: pl.DataFrame, counts: Counts) -> Iterator[tuple[str, _Row]]:
    """Yield payment and row of each that may be kept."""
    names = [name for name in ("payment_id", *_TEXTS) if name in frame.columns]
    given = frame.select("invoice_id", "paid_at", "amount", *names).iter_rows()
    seen: Counter[str] = Counter()
    for place, (invoice_key, at, amount, *others) in enumerate(given):
        more = dict(zip(names, others, strict=True))
        try:
            row = _Row(
                place,
                text_of(invoice_key, field="invoice_id", most=200, needed=True),
                instant_of(at, field="paid_at"),
                amount_of(amount, positive=False),
                {
                    name: text_of(more[name], field=name, most=most)
                    for name, most in _TEXTS.items()
                    if more.get(name)
                },
            )
            if row.amount == 0:
                raise Refused(_("The amount is nothing."))
            key = text_of(more.get("payment_id"), field="payment_id", most=200)
        except Refused as refused:
            counts.refused.append((place, refused.message))
            continue
        if not key:
            said = f"{row.invoice_key}|{row.at.isoformat()}|{row.amount}"
            seen[said] += 1
            key = "row:" + hashlib.sha256(f"{said}|{seen[said]}".encode()).hexdigest()[:32]
        yield key, row


def _gathered(rows: Iterator[tuple[str, _Row]]) -> dict[str, _Told]:
    found: dict[str, _Told] = {}
    for key, row in rows:
        each = found.setdefault(key, _Told(key))
        (each.came if row.amount > 0 else each.went).append(row)
    return found


def _payment(actor: Actor, each: _Told, portfolio: Portfolio, source: str) -> Payment:
    """Return the payment that rows tell of, or refuse: of one customer, in one currency."""
    for row in each.came:
        if row.invoice_key not in portfolio.invoices:
            raise Refused(_("There is no invoice %(key)s.") % {"key": row.invoice_key})
    invoices = [portfolio.invoices[row.invoice_key] for row in each.came]
    if len({invoice.customer_id for invoice in invoices}) > 1:
        raise Refused(_("The invoices of this payment are of different customers."))
    if len({invoice.currency for invoice in invoices}) > 1:
        raise Refused(_("The invoices of this payment are in different currencies."))
    money: dict[str, Any] = {"amount": each.amount, "currency": invoices[0].currency}
    return Payment(
        organisation=actor.organisation, customer_id=invoices[0].customer_id, key=each.key,
        paid_at=each.paid_at, source=source[:40], **money, **each.came[0].texts,
    )  # fmt: skip


def _refuse_other_money(kept: Payment, told: Payment) -> None:
    same = ("amount", "currency", "paid_at", "customer_id")
    if any(getattr(kept, name) != getattr(told, name) for name in same):
        raise Refused(
            _("Payment %(key)s is known with another amount, currency, time or customer.")
            % {"key": kept.key}
        )


def _count_in(actor: Actor, portfolio: Portfolio, new: list[tuple[_Told, Payment]]) -> None:
    """Let new payments count, the earliest first, and write them."""
    shares: list[Allocation] = []
    for each, payment in sorted(new, key=lambda pair: (pair[1].paid_at, pair[1].key)):
        parts = [(portfolio.invoices[row.invoice_key], row.amount) for row in each.came]
        shares += portfolio.pay(payment, parts)
    insert([payment for _each, payment in new])
    rows = Payment.objects.of(actor.organisation).values_list("key", "pk")
    numbers = dict(by_key(rows, {each.key for each, _payment in new}))
    for _each, payment in new:
        payment.pk = numbers[payment.key]
    for share in shares:
        share.payment_id = share.payment.pk
    insert(shares)
    portfolio.keep()


def _return(actor: Actor, each: _Told, counts: Counts) -> None:
    """Take back what the rows below nothing say."""
    rows = [*each.came, *each.went]
    try:
        is_news = take_back(
            actor,
            payment_key=each.key if each.came or not each.key.startswith("row:") else "",
            parts=[(row.invoice_key, row.amount) for row in rows],
            at=max(row.at for row in each.went),
        )
    except Refused as refused:
        _refuse(counts, each.went, refused)
        return
    if is_news:
        counts.new += len(each.went)
    else:
        counts.same += len(each.went)


def _refuse(counts: Counts, rows: list[_Row], refused: Refused) -> None:
    counts.refused += [(row.place, refused.message) for row in rows]
