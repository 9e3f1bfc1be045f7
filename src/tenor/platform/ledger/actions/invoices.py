"""Record invoices."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import Invalid, Refused
from tenor.platform.core.roles import Right
from tenor.platform.ledger import protected
from tenor.platform.ledger.actions.customers import take
from tenor.platform.ledger.balances import renew
from tenor.platform.ledger.locks import locked_invoice, named_customer
from tenor.platform.ledger.models import Customer, Invoice, InvoiceLine
from tenor.platform.ledger.told import News, Told
from tenor.platform.ledger.values import (
    amount_of,
    attributes_of,
    currency_of,
    day_of,
    text_of,
)


def record_invoice(
    actor: Actor,
    *,
    key: str,
    customer_key: str,
    amount: Decimal,
    currency: str,
    issued_on: date,
    due_on: date,
    number: str | None = None,
    lines: Iterable[Mapping[str, Any]] | None = None,
    attributes: dict[str, Any] | None = None,
    source: str = "tenor",
) -> Told[Invoice]:
    """Make an invoice known, or say what is new about one: number, due date, attributes, lines.

    What it asks for is never altered by telling it again: that is refused. A credit note, a fee
    or a correction changes the amount; a mistaken customer or currency needs a new invoice.
    """
    actor.need(Right.MONEY)
    key = text_of(key, field="key", most=200, needed=True)
    money: dict[str, Any] = {
        "amount": amount_of(amount),
        "currency": currency_of(currency),
        "issued_on": day_of(issued_on, field="issued_on"),
    }
    parts: dict[str, Any] = {"due_on": day_of(due_on, field="due_on")}
    if number is not None:
        parts["number"] = text_of(number, field="number", most=100)
    free, traits = protected.apart(attributes_of(attributes))
    if traits:
        _refuse_traits(min(traits))
    rows = None if lines is None else _lines(lines)
    source = text_of(source, field="source", most=40)
    with transaction.atomic():
        customer = named_customer(actor, customer_key)
        if Invoice.objects.of(actor.organisation).filter(key=key).exists():
            return _tell_again(actor, key, customer, money, parts, free, rows, source)
        invoice = Invoice(
            organisation=actor.organisation, customer=customer, key=key,
            total=money["amount"], balance=money["amount"], **money,
        )  # fmt: skip
        _, after = take(invoice, parts, free)
        _trace(actor, invoice, [*money, *after], source)
        invoice.save(force_insert=True)
        _keep_lines(invoice, rows)
        renew([invoice])
        after = {"customer": customer.key, **money, **after}
        audit.record(actor, "invoice.record", f"invoice:{key}", after=after)
    return Told(invoice, News.NEW)


def _tell_again(
    actor: Actor,
    key: str,
    customer: Customer,
    money: dict[str, Any],
    parts: dict[str, Any],
    free: dict[str, Any],
    lines: list[InvoiceLine] | None,
    source: str,
) -> Told[Invoice]:
    invoice = locked_invoice(actor, key=key)
    refuse_other_money(invoice, customer_key=customer.key, **money)
    before, after = take(invoice, parts, free)
    if lines is not None and _plain(lines) != (kept := _plain(invoice.lines.all())):
        before["lines"], after["lines"] = kept, _plain(lines)
        invoice.lines.all().delete()
        _keep_lines(invoice, lines)
    if not after:
        return Told(invoice, News.SAME)
    _trace(actor, invoice, after, source)
    invoice.save()
    renew([invoice])
    audit.record(actor, "invoice.change", f"invoice:{key}", before=before, after=after)
    return Told(invoice, News.CHANGED)


def refuse_other_money(invoice: Invoice, *, customer_key: str, **money: Any) -> None:
    """Refuse to tell an invoice again with another customer, amount, currency or first day."""
    told = {"customer_key": customer_key, **money}
    kept = {"customer_key": invoice.customer.key} | {n: getattr(invoice, n) for n in money}
    for name, value in told.items():
        if value != kept[name]:
            raise Refused(
                _(
                    "Invoice %(key)s is known with another %(field)s (%(kept)s, not %(told)s). "
                    "Correct its total, or credit it and record a new invoice."
                )
                % {"key": invoice.key, "field": name, "kept": kept[name], "told": value}
            )


def _trace(actor: Actor, invoice: Invoice, parts: Iterable[str], source: str) -> None:
    told = {"source": source, "at": clock.now(actor.organisation).isoformat()}
    invoice.lineage |= dict.fromkeys(parts, told)


def _lines(lines: Iterable[Mapping[str, Any]]) -> list[InvoiceLine]:
    """Return the lines as rows: each with `text`, `amount`, and `quantity` where it is not one."""
    rows = []
    for position, line in enumerate(lines, start=1):
        try:
            text, amount = line["text"], line["amount"]
        except KeyError as missing:
            raise Invalid(
                _("A line needs %(field)s.") % {"field": missing.args[0]}, field="lines"
            ) from None
        values: dict[str, Any] = {
            "text": text_of(text, field="lines", most=500),
            "amount": amount_of(amount, field="lines", positive=False),
            "quantity": amount_of(line.get("quantity", 1), field="lines", positive=False),
        }
        rows.append(InvoiceLine(position=position, **values))
    return rows


def _keep_lines(invoice: Invoice, lines: list[InvoiceLine] | None) -> None:
    for line in lines or ():
        line.invoice = invoice
    if lines:
        InvoiceLine.objects.of(invoice.organisation_id).bulk_create(lines)


def _plain(lines: Iterable[InvoiceLine]) -> list[list[str]]:
    return [
        [line.text, f"{Decimal(line.quantity).normalize():f}", f"{line.amount.normalize():f}"]
        for line in lines
    ]


def _refuse_traits(name: str) -> None:
    raise Invalid(
        _("%(name)s says who somebody is: send it with the customer, not with an invoice.")
        % {"name": name},
        field="attributes",
    )
