"""Allocation: what a payment settles first where it does not cover the whole debt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tenor.engine.errors import LawError
from tenor.engine.law.pack import Pack, Provision
from tenor.engine.law.values import Values

SECTION = "allocation"
PARTS = ("costs", "interest", "principal")
_ZERO = Decimal(0)


@dataclass(frozen=True)
class AllocationRule:
    """The order in which costs, interest and principal are settled."""

    order: tuple[str, ...]


@dataclass(frozen=True)
class Allocated:
    """A payment put on the parts of a debt: `parts` sum to the payment less what is `left` over."""

    parts: Mapping[str, Decimal]
    left: Decimal
    provision: Provision


def read_allocation(values: Values) -> AllocationRule:
    """Read the values of a provision of section `allocation`."""
    order = values.texts("order")
    if sorted(order) != sorted(PARTS):
        raise values.wrong("order", f"must name each of {', '.join(PARTS)} once")
    return AllocationRule(order)


def allocate(pack: Pack, day: date, payment: Decimal, debt: Mapping[str, Decimal]) -> Allocated:
    """Put a payment on the parts of a debt in the law's order.

    `debt` holds what is open of `costs`, `interest` and `principal`; a missing part is zero. What
    the debtor said with the payment goes before this and is not asked here. Raises `LawError`
    where an amount is negative, a part is not known, or the pack names no order.
    """
    unknown = [name for name in debt if name not in PARTS]
    if unknown:
        raise LawError(f"a debt has {', '.join(PARTS)}, no {unknown[0]!r}")
    if payment < 0 or any(amount < 0 for amount in debt.values()):
        raise LawError("allocation: payment and debt cannot be negative")
    provision = pack.find(SECTION, "order")
    rule: AllocationRule | None = pack.says(SECTION, "order", day)
    if provision is None or rule is None:
        raise LawError(f"{pack.jurisdiction}: the pack names no order of allocation for {day}")
    left = payment
    parts = {}
    for name in rule.order:
        parts[name] = min(left, debt.get(name, _ZERO))
        left -= parts[name]
    return Allocated(parts, left, provision)
