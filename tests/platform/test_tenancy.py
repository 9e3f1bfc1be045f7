"""No query without an organisation, and no row in another one's."""

from decimal import Decimal

import pytest
from django.apps import apps

from cast import Cast
from tenor.platform.core.access import row_for
from tenor.platform.core.errors import NotFound
from tenor.platform.core.models import Membership
from tenor.platform.core.tenancy import Owned, WithoutOrganisation
from tenor.platform.ledger.models import Customer, Invoice

OWNED = [table for table in apps.get_models() if issubclass(table, Owned)]


@pytest.mark.parametrize("table", OWNED, ids=lambda t: t.__name__)
def test_a_query_without_an_organisation_is_refused(table: type) -> None:
    for begin in ("all", "first", "count", "exists"):
        with pytest.raises(WithoutOrganisation):
            getattr(table.objects, begin)()
    with pytest.raises(WithoutOrganisation):
        table.objects.filter(pk=1)
    for nobody in (None, "delta", 1.0):
        with pytest.raises((WithoutOrganisation, TypeError)):
            table.objects.of(nobody)


def test_nearly_every_table_belongs_to_an_organisation() -> None:
    shared = {
        t.__name__ for t in apps.get_models() if t.__module__.startswith("tenor.")
    } - {t.__name__ for t in OWNED}  # fmt: skip
    assert shared == {"Organisation", "User", "AuditHead", "Job", "DemoWorld"}


def test_rows_are_made_in_the_organisation_of_the_query(cast: Cast) -> None:
    made = Customer.objects.of(cast.organisation).create(key="C1")
    assert made.organisation == cast.organisation
    assert not Customer.objects.of(cast.other).exists()


def test_rows_of_another_organisation_cannot_be_slipped_in(cast: Cast) -> None:
    foreign = Customer(organisation=cast.other, key="C1")
    with pytest.raises(WithoutOrganisation):
        Customer.objects.of(cast.organisation).bulk_create([foreign])
    assert not Customer.objects.of(cast.other).exists()


def test_a_row_of_another_organisation_is_not_found(cast: Cast) -> None:
    row = Customer.objects.of(cast.other).create(key="C1")
    with pytest.raises(NotFound):
        row_for(cast.actor(), Customer, pk=row.pk)
    with pytest.raises(NotFound):
        row_for(cast.actor(), Membership, pk=cast.stranger.pk)


def test_amounts_come_back_exactly_and_add_up_exactly(cast: Cast) -> None:
    from django.db.models import Sum

    customer = Customer.objects.of(cast.organisation).create(key="C1")
    for number, amount in enumerate(("0.1", "0.2", "90071992547409.9101")):
        exact = Decimal(amount)
        Invoice.objects.of(cast.organisation).create(
            customer=customer, key=f"F{number}", amount=exact, total=exact, balance=exact,
            currency="EUR", issued_on="2026-01-01", due_on="2026-01-31",
        )  # fmt: skip
    total = Invoice.objects.of(cast.organisation).aggregate(total=Sum("balance"))["total"]
    assert total == Decimal("90071992547410.2101")
