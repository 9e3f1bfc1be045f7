"""Fail-closed tenancy: no table of an organisation can be queried without naming whose."""

from typing import Any, Self

from django.db import models


class WithoutOrganisation(RuntimeError):
    """A query was begun on an organisation's table without saying whose."""


class OwnedQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Rows of one organisation; rows made through it belong to that organisation."""

    _organisation_id: int | None = None

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]
        clone._organisation_id = self._organisation_id
        return clone

    def create(self, **values: Any) -> Any:
        """Make a row in the organisation of this query."""
        return super().create(**self._owned(values))

    def get_or_create(self, defaults: Any = None, **values: Any) -> Any:
        """Find a row or make it, in the organisation of this query."""
        return super().get_or_create(defaults, **self._owned(values))

    def update_or_create(
        self, defaults: Any = None, create_defaults: Any = None, **values: Any
    ) -> Any:
        """Change a row or make it, in the organisation of this query."""
        return super().update_or_create(defaults, create_defaults, **self._owned(values))

    def bulk_create(self, objs: Any, *args: Any, **options: Any) -> Any:
        """Make rows, all of them in the organisation of this query."""
        rows = list(objs)
        for row in rows:
            row.organisation_id = row.organisation_id or self._organisation_id
            if self._organisation_id not in (None, row.organisation_id):
                raise WithoutOrganisation("A row of another organisation.")
        return super().bulk_create(rows, *args, **options)

    def _owned(self, values: dict[str, Any]) -> dict[str, Any]:
        if self._organisation_id is not None:
            values.setdefault("organisation_id", self._organisation_id)
        return values


class OwnedManager(models.Manager.from_queryset(OwnedQuerySet)):  # type: ignore[misc]
    """The manager of every table with an organisation: `Table.objects.of(organisation)`.

    Rows that belong to another row (`customer.invoices`) may be reached through it: that row was
    found within its organisation.
    """

    def of(self, organisation: Any) -> OwnedQuerySet:
        """Return the rows of `organisation` (the row itself, or its number)."""
        number = getattr(organisation, "pk", organisation)
        if not isinstance(number, int):
            raise WithoutOrganisation(f"{self.model.__name__}: {organisation!r} names none.")
        rows: OwnedQuerySet = OwnedQuerySet(self.model, using=self._db)
        rows._organisation_id = number
        return rows.filter(organisation_id=number)

    def get_queryset(self) -> OwnedQuerySet:
        """Refuse, unless this manager hangs on a row."""
        if not hasattr(self, "instance"):
            raise WithoutOrganisation(
                f"{self.model.__name__}: say whose with `.objects.of(organisation)`."
            )
        rows: OwnedQuerySet = super().get_queryset()
        rows._organisation_id = getattr(self.instance, "organisation_id", None)
        return rows


class Owned(models.Model):
    """A row that belongs to one organisation."""

    organisation = models.ForeignKey(
        "core.Organisation", on_delete=models.PROTECT, related_name="+", editable=False
    )

    objects = OwnedManager()
    # For the few jobs of the installation that go through all organisations, each named there.
    across = models.Manager()

    class Meta:
        """No table of its own. The plain manager serves Django itself (foreign keys, deletes)."""

        abstract = True
        base_manager_name = "across"
