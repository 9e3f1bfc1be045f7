"""Columns that Django does not have: exact amounts that add up exactly on every database."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

# Four decimals hold every ISO 4217 currency, as in the engine's tables.
UNITS = 10_000
PLACES = Decimal("0.0001")


class AmountField(models.BigIntegerField):  # type: ignore[type-arg]
    """An amount of money as a whole number of ten-thousandths; a `Decimal` in Python.

    SQLite keeps decimals as floats: sums of them in SQL would not be exact. Whole numbers are.
    """

    description = "exact amount of money"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        """Turn what the database gave (also of SUM, which may be a decimal) into an amount."""
        return None if value is None else (Decimal(int(value)) / UNITS).quantize(PLACES)

    def to_python(self, value: Any) -> Decimal | None:
        """Return `value` as an amount."""
        if value is None or isinstance(value, Decimal):
            return value
        if isinstance(value, float):
            raise TypeError("an amount of money is never a float")
        return Decimal(str(value))

    def get_prep_value(self, value: Any) -> int | None:
        """Return the whole number that stands in the database."""
        amount = self.to_python(value)
        if amount is None:
            return None
        units = amount * UNITS
        if units != units.to_integral_value():
            raise ValidationError(_("An amount has at most four decimals."))
        return int(units)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Return the whole number, whether `value` is an amount or already prepared."""
        return value if prepared and isinstance(value, int) else self.get_prep_value(value)
