"""Whether one rule on collection costs ever allows more than another, whatever the claim."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from tenor.engine.law.money.cost_rules import CostRule
from tenor.engine.law.money.scales import Bands, Slices, Tariff
from tenor.engine.law.review.directions import Kind

_ZERO = Decimal(0)
_CENT = Decimal("0.01")
# Beyond the last edge a scale goes on as it does there: two claims show how.
_FAR = Decimal(1_000_000_000)
_FINE = Decimal("0.000001")


def never_dearer(old: CostRule, new: CostRule) -> Kind:
    """Say whether the scale and bounds of `new` never allow more than those of `old`.

    Exact: between their edges both are straight lines, so what holds on both ends of each piece
    holds between them.
    """
    if old.scale is None or new.scale is None:
        return Kind.STRICTER if new.scale is None else Kind.LOOSER
    if isinstance(old.scale, Tariff) or isinstance(new.scale, Tariff):
        return _tariffs(old, new)
    points = sorted(set(_points(old)) | set(_points(new)))
    pairs = [(_exact(old, base), _exact(new, base)) for base in points]
    return _weighed(pairs)


def _weighed(pairs: list[tuple[Decimal, Decimal]]) -> Kind:
    """Say what it comes to where some claims cost less: for others they must not cost more."""
    if all(after <= before for before, after in pairs):
        return Kind.STRICTER
    return Kind.LOOSER if all(after >= before for before, after in pairs) else Kind.UNCLEAR


def _exact(rule: CostRule, base: Decimal) -> Decimal:
    """Return the cost without what dividing left behind in the last places."""
    return _cost(rule, base).quantize(_FINE)


def _cost(rule: CostRule, base: Decimal) -> Decimal:
    """Return what a claim costs by the scale, within its bounds, unrounded."""
    if rule.scale is None:
        return _ZERO
    amount = max(sum((part for _text, part in rule.scale.parts(base)), _ZERO), rule.least)
    return amount if rule.most is None else min(amount, rule.most)


def _points(rule: CostRule) -> Iterator[Decimal]:
    """Go through the ends of the straight pieces of a rule, with a cent on either side."""
    edges = [_CENT, *_edges(rule.scale), _FAR, 2 * _FAR]
    yield from edges
    bare = replace(rule, least=_ZERO, most=None)
    for start, end in pairwise(edges):
        first, last = start + _CENT, end - _CENT
        yield from (first, last)
        low, high = _cost(bare, first), _cost(bare, last)
        for bound in (rule.least, rule.most):
            # Where the line meets a bound, it bends.
            if bound is not None and low < bound < high:
                yield first + (last - first) * (bound - low) / (high - low)


def _edges(scale: object) -> list[Decimal]:
    if isinstance(scale, Slices):
        return [end for end, _percent in scale.slices if end is not None]
    if isinstance(scale, Bands):
        return [band.end for band in scale.bands if band.end is not None]
    return []


def _tariffs(old: CostRule, new: CostRule) -> Kind:
    """Compare two tariffs with the same edges fee by fee; others cannot be told."""
    one, other = old.scale, new.scale
    if not isinstance(one, Tariff) or not isinstance(other, Tariff):
        return Kind.UNCLEAR
    if (old.least, old.most) != (new.least, new.most):
        return Kind.UNCLEAR
    if _shape(one) != _shape(other):
        return Kind.UNCLEAR
    return _weighed(list(zip(_fees(one), _fees(other), strict=True)))


def _shape(tariff: Tariff) -> tuple[object, ...]:
    return (
        [end for end, _fee in tariff.small],
        [(end, width) for end, width, _fee in tariff.steps],
    )


def _fees(tariff: Tariff) -> list[Decimal]:
    return [
        *(fee for _end, fee in tariff.small),
        *(fee for _end, _width, fee in tariff.steps),
        tariff.first, tariff.normal, tariff.hard, tariff.least,
        tariff.expenses_percent, tariff.expenses_most,
    ]  # fmt: skip
