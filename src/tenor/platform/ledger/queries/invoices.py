"""The list of invoices: found by number, key or customer; by balance, by age, by day of issue."""

from typing import Any

from django.db.models import Q

from tenor.engine.kpis.ageing import BUCKETS
from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.models import Customer, Invoice
from tenor.platform.ledger.queries.ageing import aged
from tenor.platform.ledger.queries.beginnings import numbers_beginning
from tenor.platform.ledger.queries.marks import MARKS, invoices_marked
from tenor.platform.ledger.queries.pages import Order, Page, chosen, page_of

ONLY = ("open", "overdue", "paid", "closed", *MARKS)
SORTS = {
    "newest": Order("issued_on", descending=True),
    "amount": Order("balance", descending=True),
    "overdue": Order("due_on"),
}
# So many customers are looked up by a name; more is no search but a list.
MOST_FOUND = 500


def invoices(
    organisation: Organisation,
    *,
    search: str = "",
    only: str = "",
    age: str = "",
    sort: str = "",
    currency: str = "",
    customer_key: str = "",
    after: str | None = None,
    limit: int = 50,
) -> Page[Invoice]:
    """Return invoices a page at a time, with their customers.

    Parameters
    ----------
    search : a number or key, else the beginning of one, or a part of a customer's name or its key.
    only : one of `ONLY`.
    age : a bucket of the engine's ageing ("1-30"): of the open invoices, those so late.
    sort : one of `SORTS`; else the oldest due first of those that are open, the newest of others.
        By amount the list has those of one currency (`currency`, else the organisation's own),
        and the open ones where nothing else is asked for.

    Each row has `days_overdue` (negative before its day) and `marks` (of `MARKS`).
    """
    chosen(only, ONLY, field="only")
    if chosen(age, BUCKETS, field="age"):
        only = only or "open"
    usual = "newest" if only in ("", "paid", "closed") else "overdue"
    order = SORTS[chosen(sort, SORTS, field="sort") or usual]
    if order is SORTS["amount"]:
        currency, only = currency or organisation.currency, only or "open"
    rows = Invoice.objects.of(organisation).filter(_wanted(organisation, only))
    if age:
        rows = rows.filter(aged(age, clock.today(organisation)))
    if currency:
        rows = rows.filter(currency=currency)
    if customer_key:
        rows = rows.filter(customer__key=customer_key)
    if search := search.strip():
        rows = rows.filter(_named(organisation, search))
    found, following = page_of(rows.select_related("customer"), order, after=after, limit=limit)
    total = None if search or after else rows.order_by().count()
    return Page(_with_more(organisation, found), following, total)


def _wanted(organisation: Organisation, only: str) -> Q:
    if only == "open":
        return Q(is_open=True)
    if only == "overdue":
        return Q(is_open=True, due_on__lt=clock.today(organisation))
    if only == "paid":
        return Q(settled_at__isnull=False)
    if only == "closed":
        return Q(is_open=False, settled_at=None)
    return Q(is_open=True) & invoices_marked(organisation, only) if only else Q()


def _named(organisation: Organisation, search: str) -> Q:
    exact = Q(number=search) | Q(key=search)
    if Invoice.objects.of(organisation).filter(exact).exists():
        return exact
    theirs = Customer.objects.of(organisation).filter(Q(key=search) | Q(name__icontains=search))
    numbers = list(theirs.order_by().values_list("pk", flat=True)[:MOST_FOUND])
    rows = Invoice.objects.of(organisation)
    begun = numbers_beginning(rows, "number", "key", text=search, most=MOST_FOUND)
    return Q(pk__in=begun) | Q(customer_id__in=numbers)


def _with_more(organisation: Organisation, rows: list[Invoice]) -> list[Invoice]:
    numbers = [row.pk for row in rows]
    some = Invoice.objects.of(organisation).filter(pk__in=numbers).order_by()
    marked = {
        mark: set(some.filter(invoices_marked(organisation, mark)).values_list("pk", flat=True))
        for mark in MARKS
    }
    today = clock.today(organisation)
    for row in rows:
        more: Any = row
        more.days_overdue = (today - row.due_on).days
        more.marks = tuple(mark for mark in MARKS if row.pk in marked[mark])
    return rows
