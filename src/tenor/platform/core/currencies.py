"""How many decimals amounts of a currency have (ISO 4217)."""

from decimal import Decimal

_DECIMALS = {
    "BHD": 3, "CLP": 0, "ISK": 0, "JPY": 0, "KRW": 0, "KWD": 3, "OMR": 3, "TND": 3, "VND": 0,
}  # fmt: skip


def decimals(currency: str) -> int:
    """Return how many decimals people write and banks pay in a currency."""
    return _DECIMALS.get(currency, 2)


def smallest(currency: str) -> Decimal:
    """Return the smallest amount that can be paid in a currency."""
    return Decimal(1).scaleb(-decimals(currency))


def is_payable(amount: Decimal, currency: str) -> bool:
    """Say whether an amount can be paid as it stands: positive, and no finer than the currency."""
    return amount > 0 and amount % smallest(currency) == 0
