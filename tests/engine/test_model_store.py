"""A model in its folder: the same after reading, the same bytes twice, and refused when damaged."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tenor.engine.decision import decide
from tenor.engine.errors import ModelError
from tenor.engine.predictors.encoding import Encoding
from tenor.engine.predictors.harm import HarmPredictor
from tenor.engine.predictors.model import Model, fit, load_model
from tenor.engine.predictors.score import score
from tenor.engine.predictors.store import load, save, version
from worlds import DAYS_TO_ARRIVE, policy_of, tiny


@pytest.fixture(scope="module")
def learned() -> Model:
    """A model as it is before it was ever written."""
    as_of, tables = tiny()
    return fit(tables, as_of=as_of, days_to_arrive=DAYS_TO_ARRIVE)


@pytest.fixture(scope="module")
def whole(learned: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "whole"
    learned.save(folder)
    return folder


def test_a_model_read_back_says_and_decides_the_same(learned: Model, whole: Path) -> None:
    as_of, tables = tiny()
    kept = load_model(whole)
    assert kept.version == learned.version
    assert kept.facts == learned.facts
    assert kept.as_of == learned.as_of == as_of
    assert score(tables, as_of=as_of, model=kept).equals(score(tables, as_of=as_of, model=learned))
    ways = [decide(tables, as_of=as_of, model=m, policy=policy_of()) for m in (kept, learned)]
    assert ways[0].equals(ways[1])


def test_writing_what_was_read_gives_the_same_bytes(whole: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    assert load_model(whole).save(again) == load_model(whole).version
    assert contents(again) == contents(whole)


def test_the_folder_holds_plain_files_only(whole: Path) -> None:
    names = sorted(contents(whole))
    assert names[:2] == ["arrays.npz", "model.json"]
    assert all(n.startswith("trees_") and n.endswith(".txt") for n in names[2:])
    with np.load(whole / "arrays.npz", allow_pickle=False) as arrays:
        kinds = {arrays[name].dtype.kind for name in arrays.files}
    assert kinds <= set("fiub")


def test_a_smaller_model_leaves_no_trees_of_the_one_before(whole: Path, tmp_path: Path) -> None:
    for name, content in contents(whole).items():
        (tmp_path / name).write_bytes(content)
    save(HarmPredictor(-5.0, {}, {}, 0.4), tmp_path)
    assert sorted(contents(tmp_path)) == ["arrays.npz", "model.json"]
    assert load(tmp_path, (HarmPredictor,)) == HarmPredictor(-5.0, {}, {}, 0.4)


def test_the_version_changes_with_any_learned_number(learned: Model) -> None:
    found = {
        version(learned),
        version(replace(learned, complaint=replace(learned.complaint, usual=-5.0))),
        version(replace(learned, effect=replace(learned.effect, mean=learned.effect.mean + 1e-9))),
        version(replace(learned, as_of=learned.as_of.replace(microsecond=1))),
    }
    assert len(found) == 4
    assert all(len(v) == 12 and int(v, 16) >= 0 for v in found)


@dataclass(frozen=True)
class Holding:
    """One value of any kind."""

    value: Any


@pytest.mark.parametrize(
    "value",
    [
        1,
        0.1,
        True,
        None,
        "é;\n",
        (1, ("a", None)),
        {"b": 1, "a": (2,)},
        datetime(2026, 5, 11, 9, 30, tzinfo=UTC),
        Encoding(("n",), {"kind": ("z", "a"), "country": ("NL",)}),
    ],
)
def test_a_value_is_read_as_it_was_written(value: object, tmp_path: Path) -> None:
    save(Holding(value), tmp_path)
    kept = load(tmp_path, (Holding, Encoding)).value
    assert kept == value
    assert type(kept) is type(value)
    if isinstance(value, dict):
        assert list(kept) == list(value)
    if isinstance(value, Encoding):
        # The order of the columns is the order of the trees' features.
        assert kept.columns == value.columns == ("n", "kind", "country")


@pytest.mark.parametrize(
    "array", [np.array([[1.5, -np.inf]]), np.arange(3), np.zeros((0, 4)), np.array([True])]
)
def test_an_array_is_read_as_it_was_written(array: NDArray[Any], tmp_path: Path) -> None:
    save(Holding(array), tmp_path)
    kept = load(tmp_path, (Holding,)).value
    assert np.array_equal(kept, array)
    assert kept.dtype == array.dtype
    assert kept.shape == array.shape


def test_a_value_of_another_kind_is_a_mistake_of_ours(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="a set cannot be kept"):
        save(Holding({1, 2}), tmp_path)


# Refusals


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def refused(folder: Path, classes: tuple[type, ...] = ()) -> str:
    with pytest.raises(ModelError) as refusal:
        load(folder, classes) if classes else load_model(folder)
    return str(refusal.value)


def test_a_folder_without_a_model_names_the_command_that_makes_one(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        assert refused(folder) == (
            f"{folder} holds no model: make one with `tenor fit DIR --model ...`"
        )


def test_a_model_of_another_format_is_to_be_fitted_anew(whole: Path, tmp_path: Path) -> None:
    for name, content in contents(whole).items():
        (tmp_path / name).write_bytes(content)
    structure = json.loads((tmp_path / "model.json").read_text())
    structure["format"] = 999
    (tmp_path / "model.json").write_text(json.dumps(structure))
    assert "has format 999" in refused(tmp_path)
    assert refused(tmp_path).endswith("fit it anew")


PICKLE = b"cos\nsystem\n(S'false'\ntR."


def damages(whole: Path) -> Iterator[tuple[str, bytes | None]]:
    """Name files with what is put in their place; None: the file is gone."""
    for name, content in contents(whole).items():
        yield name, None
        if not name.startswith("trees"):
            yield from ((name, c) for c in (content[: len(content) // 2], PICKLE, b"{}"))
    yield "model.json", b""


def test_a_damaged_model_is_refused_and_never_run(whole: Path, tmp_path: Path) -> None:
    for name, instead in damages(whole):
        for other, content in contents(whole).items():
            (tmp_path / other).write_bytes(content)
        if instead is None:
            (tmp_path / name).unlink()
        else:
            (tmp_path / name).write_bytes(instead)
        assert str(tmp_path) in refused(tmp_path), name


def test_objects_inside_arrays_are_never_opened(tmp_path: Path) -> None:
    save(Holding(np.zeros(2)), tmp_path)
    with (tmp_path / "arrays.npz").open("wb") as file:
        np.savez(file, a0=np.array([print], dtype=object))
    assert "damaged" in refused(tmp_path, (Holding,))


def test_only_the_classes_of_a_model_are_built(tmp_path: Path) -> None:
    save(Holding(1), tmp_path)
    assert "damaged" in refused(tmp_path, (HarmPredictor,))
    assert "damaged" in refused(tmp_path)


@pytest.mark.parametrize(
    "fields", [{"usual": 1.0}, {"usual": 1.0, "channels": {}, "tones": {}, "repeat": 0, "more": 1}]
)
def test_a_class_with_other_fields_is_refused(fields: dict[str, Any], tmp_path: Path) -> None:
    save(HarmPredictor(-5.0, {}, {}, 0.4), tmp_path)
    structure = json.loads((tmp_path / "model.json").read_text())
    structure["model"]["fields"] = fields
    (tmp_path / "model.json").write_text(json.dumps(structure))
    assert "damaged" in refused(tmp_path, (HarmPredictor,))
