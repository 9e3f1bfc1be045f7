"""The list of customers: found by name, key, address or invoice; by what they owe."""

from collections import defaultdict
from typing import Any

from django.db.models import Count, Q, QuerySet

from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.ledger.models import ContactPoint, Customer, Exposure, Invoice
from tenor.platform.ledger.queries.beginnings import numbers_beginning
from tenor.platform.ledger.queries.marks import MARKS, customers_marked, marks_of_customers
from tenor.platform.ledger.queries.pages import Order, Page, chosen, page_of

ONLY = ("open", "overdue", *MARKS, "credit")
SORTS = {
    "name": Order("name"),
    "amount": Order("open_amount", descending=True),
    "overdue": Order("oldest_due_on"),
}
_STANDING = (*MARKS, "credit")
# So many customers are looked up by an address or an invoice; more is no search but a list.
MOST_FOUND = 200


def customers_by_country(organisation: Organisation) -> dict[str, int]:
    """Return how many customers live in each country; those of whom it is not said, under ""."""
    rows = Customer.objects.of(organisation).order_by().values_list("country")
    return dict(rows.annotate(number=Count("pk")))


def customers(
    organisation: Organisation,
    *,
    search: str = "",
    only: str = "",
    sort: str = "",
    currency: str = "",
    after: str | None = None,
    limit: int = 50,
) -> Page[Customer]:
    """Return customers a page at a time.

    Parameters
    ----------
    search : a part of the name, the beginning of the key or of an address, or an invoice's
        number or key.
    only : one of `ONLY`.
    sort : one of `SORTS`; else by name. By amount or by age the list has those who owe something
        in `currency` (else the organisation's own): amounts of several are never compared.

    Each row has `owed` (its exposures), `marks` (of `MARKS`) and `days_overdue` (of the oldest
    open invoice; None where nothing is open).
    """
    chosen(only, ONLY, field="only")
    order = SORTS[chosen(sort, SORTS, field="sort") or "name"]
    by_name = order is SORTS["name"]
    # The list of what is owed says by itself who owes.
    wanted = _wanted(organisation, search.strip(), only if by_name or only in _STANDING else "")
    if by_name:
        rows = Customer.objects.of(organisation).filter(wanted)
        found, following = page_of(rows, order, after=after, limit=limit)
    else:
        rows = Exposure.objects.of(organisation).filter(
            currency=currency or organisation.currency, open_count__gt=0
        )
        if only == "overdue":
            rows = rows.filter(oldest_due_on__lt=clock.today(organisation))
        if wanted:
            some = Customer.objects.of(organisation).filter(wanted).order_by().values("pk")
            rows = rows.filter(customer__in=some)
        exposures, following = page_of(
            rows.select_related("customer"), order, after=after, limit=limit
        )
        found = [exposure.customer for exposure in exposures]
    total = None if search or after else rows.order_by().count()
    return Page(_with_more(organisation, found), following, total)


def _wanted(organisation: Organisation, search: str, only: str) -> Q:
    wanted = Q()
    if only == "open":
        wanted &= Q(pk__in=_owing(organisation).values("customer_id"))
    elif only == "overdue":
        late = _owing(organisation).filter(oldest_due_on__lt=clock.today(organisation))
        wanted &= Q(pk__in=late.values("customer_id"))
    elif only:
        wanted &= Q(pk__in=customers_marked(organisation, only))
    if search:
        rows = ContactPoint.objects.of(organisation)
        begun = numbers_beginning(rows, "value", text=search, most=MOST_FOUND)
        points = rows.filter(pk__in=begun)
        invoices = Invoice.objects.of(organisation).filter(Q(key=search) | Q(number=search))
        numbers = {
            number
            for rows in (points, invoices)
            for number in rows.order_by().values_list("customer_id", flat=True)[:MOST_FOUND]
        }
        wanted &= Q(name__icontains=search) | Q(key__istartswith=search) | Q(pk__in=numbers)
    return wanted


def _owing(organisation: Organisation) -> "QuerySet[Exposure]":
    return Exposure.objects.of(organisation).filter(open_count__gt=0).order_by()


def _with_more(organisation: Organisation, rows: list[Customer]) -> list[Customer]:
    """Give each row what a list shows of it, in a few queries for all."""
    numbers = [row.pk for row in rows]
    owed: dict[int, list[Exposure]] = defaultdict(list)
    exposures = _owing(organisation).filter(customer_id__in=numbers).order_by("currency")
    for exposure in exposures:
        owed[exposure.customer_id].append(exposure)
    marks = marks_of_customers(organisation, numbers)
    today = clock.today(organisation)
    for row in rows:
        more: Any = row
        more.owed = owed[row.pk]
        more.marks = marks.get(row.pk, ())
        days = [e.oldest_due_on for e in more.owed if e.oldest_due_on is not None]
        more.days_overdue = (today - min(days)).days if days else None
    return rows
