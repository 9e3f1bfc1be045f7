"""Lots and arms are a keyed hash: the same for ever, in the shares that were asked for."""

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest

from tenor.engine.errors import InputError
from tenor.engine.experiments.assign import (
    assign,
    assign_factorial,
    free_lane,
    in_lane,
    lots,
    widened,
)

CASES = json.loads((Path(__file__).parent / "golden" / "lots.json").read_text("utf-8"))
PEOPLE = pl.Series("customer_id", [f"C{number}" for number in range(20_000)])


@pytest.mark.parametrize("case", CASES["lots"], ids=lambda c: f"{c['salt']}-{c['key']}")
def test_a_lot_is_what_it_was_when_this_file_was_written(case: dict[str, str]) -> None:
    lot = lots(pl.Series([case["key"]]), salt=case["salt"])[0]
    assert lot == float.fromhex(case["lot"])


@pytest.mark.parametrize("case", CASES["arms"], ids=lambda c: c["salt"])
def test_arms_are_what_they_were_when_this_file_was_written(case: dict[str, object]) -> None:
    keys, weights = case["keys"], case["weights"]
    assert (
        assign(pl.Series(keys), salt=str(case["salt"]), weights=weights).to_list() == case["arms"]
    )  # type: ignore[arg-type]


def test_a_lot_is_the_head_of_a_hash_that_anybody_can_work_out() -> None:
    digest = hashlib.sha256(b"control|water|K-7").digest()
    by_hand = int.from_bytes(digest[:8]) / 2.0**64
    assert lots(pl.Series(["K-7"]), salt="control|water")[0] == pytest.approx(by_hand, abs=2**-52)


def test_lots_are_spread_evenly_and_salts_have_nothing_to_do_with_one_another() -> None:
    one, other = lots(PEOPLE, salt="one"), lots(PEOPLE, salt="other")
    tenths = (one * 10).cast(pl.Int64).value_counts()["count"]
    # Chi-squared with 9 degrees of freedom: above 27.9 once in a thousand.
    assert ((tenths - 2_000) ** 2 / 2_000).sum() < 27.9
    assert abs(pl.DataFrame([one, other.alias("b")]).corr()["lot"][1]) < 4 / len(PEOPLE) ** 0.5


def test_neither_order_nor_company_changes_an_arm() -> None:
    weights = {"new": 0.3, "old": 0.7}
    together = assign(PEOPLE, salt="s", weights=weights)
    turned = assign(PEOPLE.reverse(), salt="s", weights=dict(reversed(weights.items())))
    assert together.equals(turned.reverse())
    assert assign(PEOPLE[:1], salt="s", weights=weights)[0] == together[0]
    numbers = pl.Series([7, 8, 9])
    texts = numbers.cast(pl.String)
    assert assign(numbers, salt="s", weights=weights).equals(
        assign(texts, salt="s", weights=weights)
    )


def test_arms_get_their_shares_and_the_rest_is_in_none() -> None:
    drawn = assign(PEOPLE, salt="shares", weights={"a": 0.1, "b": 0.25, "never": 0.0})
    counts = dict(drawn.value_counts().iter_rows())
    assert counts["a"] == pytest.approx(2_000, abs=170)
    assert counts["b"] == pytest.approx(5_000, abs=250)
    assert "never" not in counts
    assert counts[None] == 20_000 - counts["a"] - counts["b"]


def test_widening_an_arm_keeps_who_was_in_it() -> None:
    for narrow, wide in ((0.01, 0.05), (0.05, 0.5), (0.5, 1.0)):
        before = assign(PEOPLE, salt="canary", weights={"canary": narrow})
        after = assign(PEOPLE, salt="canary", weights={"canary": wide})
        assert (before == "canary").sum() > 0
        assert (after.filter(before == "canary") == "canary").all()


def test_nobody_moves_between_arms_that_keep_their_proportion() -> None:
    before = assign(PEOPLE, salt="three", weights={"a": 0.2, "b": 0.4, "c": 0.4})
    after = assign(PEOPLE, salt="three", weights={"a": 0.6, "b": 0.2, "c": 0.2})
    moved = pl.DataFrame({"before": before, "after": after}).filter(before != after)
    assert set(moved["after"]) == {"a"}


def test_factors_are_drawn_independently_and_can_be_told_apart() -> None:
    levels = {"friendly": 0.5, "firm": 0.5}
    drawn = assign_factorial(
        PEOPLE, salt="f", factors={"tone": levels, "channel": {"email": 0.5, "sms": 0.5}}
    )
    cells = dict(drawn["arm"].value_counts().iter_rows())
    assert set(cells) == {
        "friendly + email", "friendly + sms", "firm + email", "firm + sms"
    }  # fmt: skip
    assert all(abs(count - 5_000) < 250 for count in cells.values())


def test_experiments_beside_each_other_share_nobody() -> None:
    first = free_lane(0.3)
    second = free_lane(0.5, taken=[first])
    assert first == ((0.0, 0.3),)
    assert second == ((0.3, 0.8),)
    one, other = (in_lane(PEOPLE, salt="lanes", lane=lane) for lane in (first, second))
    assert not (one & other).any()
    assert one.sum() == pytest.approx(6_000, abs=270)
    # The first ends, and its place is taken again; the second keeps its people while it grows.
    grown = widened(second, 0.9, taken=[])
    assert [p for part in grown for p in part] == pytest.approx([0.3, 0.8, 0.0, 0.3, 0.8, 0.9])
    assert in_lane(PEOPLE, salt="lanes", lane=grown).filter(other).all()


def test_what_cannot_be_drawn_is_refused_in_words() -> None:
    with pytest.raises(InputError, match=r"come to 1\.2: make it 1 at most"):
        assign(PEOPLE, salt="s", weights={"a": 0.6, "b": 0.6})
    with pytest.raises(InputError, match=r"-0\.1 is no share"):
        assign(PEOPLE, salt="s", weights={"a": -0.1})
    with pytest.raises(InputError, match="an arm needs a name"):
        assign(PEOPLE, salt="s", weights={"": 0.5})
    with pytest.raises(InputError, match="1 customers without a key"):
        lots(pl.Series(["a", None]), salt="s")
    with pytest.raises(InputError, match="20% of the customers is in no other experiment"):
        free_lane(0.5, taken=[((0.0, 0.8),)])


def test_nobody_and_nothing_give_nothing() -> None:
    assert lots(pl.Series([], dtype=pl.String), salt="s").to_list() == []
    assert assign(pl.Series([], dtype=pl.String), salt="s", weights={"a": 1.0}).to_list() == []
    assert assign(pl.Series(["a", "b"]), salt="s", weights={}).to_list() == [None, None]
