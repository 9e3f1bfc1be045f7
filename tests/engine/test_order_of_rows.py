"""The order in which rows come is of no consequence, to the last digit.

Sums of floats follow the order of the rows, so every entrance puts the facts in one order first.
"""

import pytest

from tenor.engine.features.build import build
from tenor.engine.predictors.model import fit
from worlds import shuffled, tiny


@pytest.mark.parametrize("seed", [1, 2])
def test_features_are_the_same_to_the_last_digit_in_any_order_of_the_rows(seed: int) -> None:
    as_of, tables = tiny()
    mixed = shuffled(tables, seed)
    found, other = (build(t.in_order(), as_of).rows for t in (tables, mixed))
    assert [c for c in found.columns if not found[c].equals(other[c])] == []


def test_the_same_facts_in_any_order_give_the_same_model() -> None:
    as_of, tables = tiny()
    assert fit(shuffled(tables, 1), as_of=as_of).version == fit(tables, as_of=as_of).version
