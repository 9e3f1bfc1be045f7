"""What stands between Tenor and asking: which rows are disputed, on hold, promised, in a plan."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.models import (
    Dispute,
    Hold,
    Payment,
    Plan,
    PlanInvoice,
    Promise,
    PromiseInvoice,
)

MARKS = ("disputed", "hold", "promised", "plan")


def holds_at(organisation: Organisation, now: datetime) -> "QuerySet[Hold]":
    """Return the holds that stand at an instant: ended ones ended by themselves."""
    rows = Hold.objects.of(organisation).filter(lifted_at=None, starts_at__lte=now)
    return rows.filter(Q(ends_at=None) | Q(ends_at__gt=now))


def customers_marked(organisation: Organisation, mark: str) -> "QuerySet[Any]":
    """Return the numbers of the customers with a mark, as a query for `__in`."""
    rows: QuerySet[Any]
    if mark == "disputed":
        return _disputes(organisation).order_by().values("invoice__customer_id")
    if mark == "hold":
        rows = holds_at(organisation, clock.now(organisation))
    elif mark == "promised":
        rows = Promise.objects.of(organisation).filter(state=Promise.State.OPEN)
    elif mark == "plan":
        rows = Plan.objects.of(organisation).filter(state=Plan.State.ACTIVE)
    else:
        rows = Payment.objects.of(organisation).filter(
            reversed_at=None, allocated__lt=F("amount"), customer__isnull=False
        )
    return rows.order_by().values("customer_id")


def invoices_marked(organisation: Organisation, mark: str) -> Q:
    """Return the condition of the invoices with a mark."""
    if mark == "disputed":
        return Q(pk__in=_disputes(organisation).order_by().values("invoice_id"))
    if mark == "hold":
        holds = holds_at(organisation, clock.now(organisation)).order_by()
        whole = holds.filter(invoice=None).values("customer_id")
        return Q(pk__in=holds.exclude(invoice=None).values("invoice_id")) | Q(customer__in=whole)
    if mark == "promised":
        open_ = PromiseInvoice.objects.of(organisation).filter(promise__state=Promise.State.OPEN)
        return Q(pk__in=open_.values("invoice_id"))
    running = PlanInvoice.objects.of(organisation).filter(plan__state=Plan.State.ACTIVE)
    return Q(pk__in=running.values("invoice_id"))


def marks_of_customers(
    organisation: Organisation, numbers: Collection[int]
) -> dict[int, tuple[str, ...]]:
    """Return the marks of these customers, in the order of `MARKS`."""
    found: dict[int, list[str]] = defaultdict(list)
    for mark in MARKS:
        rows = customers_marked(organisation, mark)
        field = "invoice__customer_id" if mark == "disputed" else "customer_id"
        theirs = rows.filter(**{f"{field}__in": numbers}).values_list(field, flat=True)
        for number in theirs.distinct():
            found[number].append(mark)
    return {number: tuple(marks) for number, marks in found.items()}


def _disputes(organisation: Organisation) -> "QuerySet[Dispute]":
    return Dispute.objects.of(organisation).filter(resolved_at=None)
