"""A damaged model is refused, and never ends the process that reads it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tenor.engine.errors import ModelError
from tenor.engine.predictors.harm import HarmPredictor
from tenor.engine.predictors.payment import Hazard
from tenor.engine.predictors.store import load, save
from tenor.engine.predictors.trees import grow

READ = """
import sys
from pathlib import Path
from tenor.engine.errors import ModelError
from tenor.engine.predictors.payment import Hazard
from tenor.engine.predictors.store import load
try:
    load(Path(sys.argv[1]), (Hazard,))
except ModelError:
    print("refused")
"""


def test_an_empty_file_of_arrays_is_refused(tmp_path: Path) -> None:
    save(HarmPredictor(-5.0, {}, {}, 0.4), tmp_path)
    (tmp_path / "arrays.npz").write_bytes(b"")
    with pytest.raises(ModelError):
        load(tmp_path, (HarmPredictor,))


@pytest.mark.parametrize("instead", ["empty", "half", "pickle", "changed"])
def test_damaged_trees_are_refused_and_do_not_end_the_process(tmp_path: Path, instead: str) -> None:

    matrix = np.random.default_rng(0).standard_normal((200, 2))
    paid = (matrix[:, 0] > 0).astype(float)
    trees = grow(matrix, paid, objective="binary", rounds=5, seed=0)
    save(Hazard((trees,), np.zeros(2), 1.0), tmp_path)
    path = tmp_path / "trees_0.txt"
    text = path.read_text()
    path.write_text(
        {
            "empty": "",
            "half": text[: len(text) // 2],
            "pickle": "cos\nsystem\n(S'false'\ntR.",
            "changed": text.replace("num_leaves=", "num_leaves=9"),
        }[instead]
    )
    ran = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path)], capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr[-300:]
    assert ran.stdout.strip() == "refused"
